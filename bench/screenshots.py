#!/usr/bin/env python3
"""Takes a picture of every view of the web page: both languages, narrow and wide, light and dark.

    python bench/screenshots.py --out FOLDER [--only NAME] [--readme]

The real server shows the sample corpus; a headless Chromium looks at it. `--readme` takes the pictures of the
README into docs/images/ instead. Pictures are for people to look at: nothing is compared here.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from server import Server

from index.build.build import rebuild
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("POLICYKB_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
SIZES = {"narrow": {"width": 360, "height": 740}, "wide": {"width": 1600, "height": 1000}}
ANSWERED = "没赶上居民医保集中缴费期，等待期是多久？"
STEPS = "异地就医备案怎么办理？"
DIFFERING = "居民医保财政补助标准是多少？"
NOT_STATED = "社保卡丢了，补办要交多少钱？"
OUTSIDE = "红烧肉怎么做才不腻？"
NOTHING = "“这句话哪里都没有”"


def views(kb: KnowledgeBase) -> dict[str, str]:
    """Return the query of every view by its name."""
    cited = kb.ask(ANSWERED).citations[0]
    place = {"view": "article", "article": cited.article_id, "start": cited.start, "end": cited.end}
    removed = kb.article(cited.article_id).removals[0]
    there = {"build": kb.build, "q": ANSWERED, **place}
    # The sample corpus has no near-duplicate articles; two on one subject are shown side by side as well.
    one, other = list(dict.fromkeys(hit.article_id for hit in kb.search(DIFFERING)))[:2]
    pair = {"view": "article", "build": kb.build, "article": one, "other": other}
    asked: dict[str, Mapping[str, object]] = {
        "start": {},
        "answered": {"q": ANSWERED},
        "steps": {"q": STEPS},
        "differing": {"q": DIFFERING},
        "not_stated": {"q": NOT_STATED},
        "outside": {"q": OUTSIDE},
        "nothing": {"q": NOTHING},
        "filtered": {"q": DIFFERING, "scheme": "居民医保", "sort": "date"},
        "article": there,
        "ledger": {**there, "ledger": "1", "start": removed["start"], "end": removed["end"]},
        "compare": pair,
        "operation": {"view": "operation"},
        "coverage": {"view": "operation", "part": "coverage"},
        "explore": {"view": "explore", "part": "map"},
        "explore_words": {"view": "explore", "part": "words", "scheme": "失业保险"},
        "explore_word": {"view": "explore", "part": "words", "q": "断缴"},
        "explore_kwic": {"view": "explore", "part": "kwic", "q": "断缴", "order": "right"},
        "explore_compare": {"view": "explore", "part": "compare", "q": "医保断缴后等待期是多久"},
        "explore_conflicts": {"view": "explore", "part": "conflicts"},
        "explore_saved": {"view": "explore", "part": "saved"},
        "explore_card": {"view": "explore", "part": "card"},
        "no_build": {"build": "000000000000"},
        "no_article": {"view": "article", "article": "0" * 16},
    }
    return {name: f"?{urlencode(query)}" for name, query in asked.items()}


def take(
    browser: Browser, url: str, file: Path, *, lang: str, size: str, theme: str, whole: bool = True, show: str = ""
) -> None:
    """Open a page as a reader would and take its picture, `whole` or what fits the screen.

    `show` is what stands in a fold that is opened first.
    """
    locale = "zh-CN" if lang == "zh" else "en-GB"
    context = browser.new_context(viewport=SIZES[size], locale=locale, color_scheme=theme)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.goto(url)
    opened.wait_for_selector(".pk-foot, .pk-state")
    opened.wait_for_timeout(2500)  # the map draws itself after the page
    if whole:
        _grow(opened, SIZES[size]["width"])
    elif show:
        opened.evaluate(
            "(place) => { const found = document.querySelector(place); found.closest('details').open = true;"
            " found.closest('section').scrollIntoView(); }",
            show,
        )
        opened.wait_for_timeout(400)
    opened.screenshot(path=file)
    context.close()


def _grow(opened: Page, width: int) -> None:
    """Make the window as high as what it shows: the page scrolls inside an element of its own."""
    height = opened.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    opened.set_viewport_size({"width": width, "height": min(int(height), 6000)})
    opened.wait_for_timeout(400)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("screenshots"), help="Folder for the pictures.")
    parser.add_argument("--only", help="Take the views whose name begins so.")
    parser.add_argument("--readme", action="store_true", help="Take the pictures of the README.")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as started:
        rebuild([ROOT / "corpus" / "pages"], Path(scratch) / "kb", embedder=load_embedder("bundled"))
        kb = open_kb(Path(scratch) / "kb")
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        server = Server(kb.folder)
        try:
            server.wait()
            address, shown = server.address, views(kb)
            if told.readme:
                IMAGES.mkdir(exist_ok=True)
                for name, size, theme in README_PICTURES:
                    file, show = IMAGES / f"{name}.png", ".pk-card summary" if name == "steps" else ""
                    take(
                        browser, address + shown[name], file, lang="zh", size=size, theme=theme, whole=False, show=show
                    )
                    # A third of the size, and no eye sees it.
                    Image.open(file).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
                    print(file.relative_to(ROOT), file.stat().st_size)
                return
            told.out.mkdir(parents=True, exist_ok=True)
            chosen = {name: query for name, query in shown.items() if name.startswith(told.only or "")}
            for name, lang, size, theme in product(chosen, ("zh", "en"), SIZES, ("light", "dark")):
                file = told.out / f"{name}-{lang}-{size}-{theme}.png"
                take(browser, address + chosen[name], file, lang=lang, size=size, theme=theme)
                print(file)
        finally:
            server.stop()
        browser.close()


README_PICTURES = (
    ("answered", "wide", "light"),
    ("steps", "narrow", "light"),
    ("ledger", "wide", "light"),
    ("operation", "wide", "dark"),
    ("explore", "wide", "light"),
)

if __name__ == "__main__":
    main()
