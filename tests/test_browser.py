"""The page in a real browser, on the real server: `policykb serve` and headless Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import playwright.sync_api as playwright
import pytest
from browsing import NARROW, QUESTION, QUOTE, WIDE, Open, asked, cited_text, mark_in_view, serving
from click.testing import CliRunner

from index.build.build import rebuild
from index.build.publish import read_current
from index.kb import KnowledgeBase
from index.model import load_embedder
from search_app.cli import main

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[1]


def test_from_a_question_to_the_marked_sentence_and_back(address: str, open_page: Open) -> None:
    opened = open_page(address)
    opened.get_by_label("你的问题").fill(QUESTION)
    opened.keyboard.press("Enter")
    opened.wait_for_selector(".pk-answer")
    answer = opened.locator(".pk-sentence", has_text=QUOTE)
    assert answer.bounding_box()["y"] < WIDE["height"] / 2, "the answer stands above the fold"
    number = opened.locator(".pk-quote p", has_text=QUOTE).locator(".pk-cite").first
    number.click()
    assert cited_text(opened) == QUOTE
    opened.wait_for_function("document.activeElement.id === 'pk-cited'")
    assert mark_in_view(opened)
    assert "view=article" in opened.url
    opened.go_back()
    opened.wait_for_selector(".pk-answer")
    assert opened.get_by_label("你的问题").input_value() == QUESTION


def test_a_citation_opens_in_a_new_tab_too(address: str, open_page: Open) -> None:
    opened = open_page(asked(address))
    cite = opened.locator(".pk-quote p", has_text=QUOTE).locator(".pk-cite").first
    href = cite.get_attribute("href")
    fresh = open_page(address + href, viewport=NARROW)
    assert cited_text(fresh) == QUOTE
    fresh.wait_for_timeout(1000)
    assert mark_in_view(fresh)
    assert fresh.evaluate("document.activeElement.id") == "pk-cited"
    fresh.get_by_text("返回问题").click()
    fresh.wait_for_selector(".pk-answer")
    assert QUOTE in fresh.inner_text(".pk-quote")


def test_enter_while_an_input_method_composes_does_not_submit(address: str, open_page: Open) -> None:
    opened = open_page(address)
    opened.get_by_label("你的问题").click()
    cdp = opened.context.new_cdp_session(opened)
    for text in ("y", "yi", "yib", "yibao"):
        cdp.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    # What a browser sends for Enter while a word is composed: key code 229, still composing.
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 229}
    cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    opened.wait_for_timeout(800)
    assert opened.locator(".pk-answer").count() == 0
    assert "q=" not in opened.url
    cdp.send("Input.imeSetComposition", {"text": "", "selectionStart": 0, "selectionEnd": 0})
    cdp.send("Input.insertText", {"text": QUESTION})
    opened.wait_for_timeout(300)
    assert opened.locator(".pk-answer").count() == 0
    assert opened.get_by_label("你的问题").input_value() == QUESTION
    opened.keyboard.press("Enter")
    opened.wait_for_selector(".pk-answer")
    assert quote(QUESTION, safe="") in opened.url


def test_english_by_locale_and_by_switch(address: str, open_page: Open) -> None:
    opened = open_page(asked(address), locale="en-GB")
    assert opened.locator(".pk-verdict").inner_text() == "The sources say"
    assert opened.evaluate("document.documentElement.lang") == "en"
    assert opened.get_by_role("button", name="Ask").is_visible()
    opened.get_by_role("link", name="切换到中文").or_(opened.locator(".pk-switch")).first.click()
    opened.wait_for_selector("text=有来源写明")
    assert "lang=zh" in opened.url
    assert opened.evaluate("document.documentElement.lang") == "zh-CN"


# Each view: what to click to reach it, what is there then, and what must be legible in it.
VIEWS = (
    ("", ".pk-hit", [".pk-word", ".pk-verdict", ".pk-meta", ".pk-cite", ".pk-about", ".pk-foot p", "[kind^=primary]"]),
    (".pk-why summary", ".pk-why[open]", [".pk-leg", ".pk-figure", ".pk-term"]),
    (".pk-cite", "#pk-cited", [".pk-cited", ".pk-from", ".pk-source", ".pk-tabs a", ".pk-chips a", ".pk-beside h3"]),
    (
        ".pk-tabs a:nth-child(2)",
        ".pk-removed",
        [".pk-removed p", ".pk-cited", ".pk-totals th", ".pk-totals td", ".pk-hint"],
    ),
)


@pytest.mark.parametrize(("viewport", "dark"), [(NARROW, True), (WIDE, False)], ids=["360-dark", "1600-light"])
def test_every_view_fits_the_screen_and_is_legible(
    address: str, open_page: Open, viewport: dict[str, int], dark: bool
) -> None:
    opened = open_page(asked(address), viewport=viewport, dark=dark)
    scheme = opened.evaluate("getComputedStyle(document.querySelector('.stApp')).colorScheme")
    assert scheme == ("dark" if dark else "light")
    for click, awaited, legible in VIEWS:
        if click:
            opened.locator(click).first.click()
        opened.wait_for_selector(awaited)
        opened.wait_for_timeout(200)
        widths = opened.evaluate(
            "[document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
        )
        assert max(widths) <= viewport["width"], awaited
        assert low_contrast(opened, legible) == []


@pytest.fixture(scope="module")
def reposted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on two articles that differ in one number."""
    folder = tmp_path_factory.mktemp("reposted")
    page = ROOT / "corpus" / "pages" / "resident-insurance-gap.txt"
    article = page.read_text(encoding="utf-8").partition("相关推荐")[0]
    (folder / "pages").mkdir()
    (folder / "pages" / "first.txt").write_text(article, encoding="utf-8")
    (folder / "pages" / "second.txt").write_text(article.replace("先有3个月", "先有4个月", 1), encoding="utf-8")
    rebuild([folder / "pages"], folder / "kb", embedder=load_embedder("bundled"))
    with serving(folder / "kb") as listening:
        yield listening


@pytest.mark.parametrize(("viewport", "dark"), [(NARROW, True), (WIDE, False)], ids=["360-dark", "1600-light"])
def test_two_copies_are_compared_from_the_keyboard(
    reposted: str, open_page: Open, viewport: dict[str, int], dark: bool
) -> None:
    opened = open_page(asked(reposted), viewport=viewport, dark=dark)
    opened.locator(".pk-hit h3 a").first.click()
    opened.wait_for_selector(".pk-copies")
    # A link followed while Streamlit still draws may be overtaken by that run on a slow machine.
    opened.wait_for_selector(".stApp[data-test-script-state=notRunning]")
    opened.locator(".pk-copies summary").focus()
    opened.keyboard.press("Enter")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.innerText") == "对比"
    opened.keyboard.press("Enter")
    opened.wait_for_selector(".pk-compare")
    assert sorted(opened.locator("mark.pk-differs").all_inner_texts()) == ["3", "4"]
    assert opened.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert low_contrast(opened, ["p.pk-ours", "p.pk-theirs", "mark.pk-differs", ".pk-compare summary"]) == []
    opened.go_back()
    opened.wait_for_selector(".pk-article")


def test_a_page_as_a_file_unfolds_its_removals_from_the_keyboard(browser: playwright.Browser, tmp_path: Path) -> None:
    page = ROOT / "corpus" / "pages" / "family-account.txt"
    cleaned = CliRunner().invoke(main, ["clean", str(page), "--html", str(tmp_path / "page.html")])
    assert cleaned.exit_code == 0
    context = browser.new_context(viewport=NARROW, color_scheme="dark")
    try:
        opened = context.new_page()
        faults: list[str] = []
        opened.on("console", lambda message: faults.append(message.text))
        opened.goto((tmp_path / "page.html").as_uri())
        evidence = opened.locator("details dl").first
        assert not evidence.is_visible()
        opened.locator("details summary").first.focus()
        opened.keyboard.press("Enter")
        assert evidence.is_visible()
        assert opened.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        assert (
            low_contrast(opened, [".rule", "dt", "dd", ".meta", ".legend li", ".legend small", "details .text p"]) == []
        )
        assert faults == []
    finally:
        context.close()


def low_contrast(opened: playwright.Page, selectors: list[str]) -> list[str]:
    """Return the selectors whose first element has a contrast under 4.5 between its text and what lies behind it."""
    found: list[str] = opened.evaluate(
        """(selectors) => {
          const rgba = (color) => {
            const canvas = new OffscreenCanvas(1, 1).getContext("2d");
            canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
          };
          const light = ([r, g, b]) => {
            const [x, y, z] = [r, g, b].map((v) => v / 255)
              .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * x + 0.7152 * y + 0.0722 * z;
          };
          const behind = (element) => {
            for (let place = element; place; place = place.parentElement) {
              const color = rgba(getComputedStyle(place).backgroundColor);
              if (color[3] === 255) return color;
            }
            return [255, 255, 255, 255];
          };
          return selectors.filter((selector) => {
            const element = document.querySelector(selector);
            if (!element) return true;
            const [low, high] = [light(rgba(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05) < 4.5;
          });
        }""",
        selectors,
    )
    return found


@pytest.mark.parametrize(("viewport", "dark"), [(NARROW, True), (WIDE, False)], ids=["360-dark", "1600-light"])
def test_differing_figures_stand_beside_each_other_where_there_is_room(
    address: str, open_page: Open, viewport: dict[str, int], dark: bool
) -> None:
    opened = open_page(asked(address, "居民医保财政补助标准是多少？"), viewport=viewport, dark=dark)
    boxes = [box.bounding_box() for box in opened.locator(".pk-versus li").all()]
    assert len(boxes) > 1
    rows = len({box["y"] for box in boxes})
    assert rows < len(boxes) if viewport is WIDE else rows == len(boxes)
    opened.locator(".pk-context summary").click()
    opened.locator(".pk-context .pk-said").first.wait_for()
    assert opened.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= viewport["width"]
    seen = [".pk-differs", ".pk-of b", ".pk-of span", ".pk-number", ".pk-said", ".pk-context summary"]
    assert low_contrast(opened, seen) == []


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """A folder with some of the sample pages and a base made from them."""
    (tmp_path / "pages").mkdir()
    for page in (ROOT / "corpus" / "pages").glob("resident-*"):
        shutil.copy(page, tmp_path / "pages")
    rebuild([tmp_path / "pages"], tmp_path / "kb", embedder=load_embedder("bundled"))
    return tmp_path


def test_a_reader_keeps_searching_while_a_rebuild_publishes_and_her_link_opens_the_old_passage(
    watched: Path, open_page: Open
) -> None:
    older = read_current(watched / "kb")
    with serving(watched / "kb") as address:
        idle = open_page(asked(address), viewport=NARROW)
        idle.wait_for_selector(".pk-answer")
        link = idle.locator(".pk-quote p", has_text=QUOTE).locator(".pk-cite").first.get_attribute("href")
        assert f"build={older}" in link
        opened = open_page(address, locale="en-GB")
        cited = watched / "pages" / "resident-insurance-gap.txt"
        cited.write_text(cited.read_text(encoding="utf-8").replace(QUOTE, "等待期改为六个月。"), encoding="utf-8")
        with rebuilding(watched) as running:
            seen = []
            while running.poll() is None or len(seen) < 3:
                question = f"{QUESTION}{'？' * (len(seen) % 3)}"
                opened.get_by_label("Your question").fill(question)
                opened.keyboard.press("Enter")
                opened.wait_for_function("(q) => new URLSearchParams(location.search).get('q') === q", arg=question)
                opened.wait_for_selector(".stApp[data-test-script-state=notRunning]")
                seen.append((build_of(opened), QUOTE in opened.inner_text(".pk-answer")))
            assert running.wait() == 0
        newer = read_current(watched / "kb")
        assert newer != older
        assert set(seen) <= {(older, True), (newer, False)}, "each answer is whole, of the one build or of the other"
        assert seen[0] == (older, True)

        idle.wait_for_selector(".pk-notice")
        assert re.search(r"有更新的构建发布：[-0-9: ]+，1 个页面有变化。", idle.inner_text(".pk-notice"))
        assert QUOTE in idle.inner_text(".pk-answer"), "what she reads is not changed under her eyes"
        assert build_of(idle) == older
        box = idle.locator(".pk-notice").bounding_box()
        assert 0 < box["y"] < NARROW["height"] - box["height"]
        assert idle.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        assert low_contrast(idle, [".pk-notice", ".pk-notice a"]) == []
        idle.locator(".pk-notice a").click()
        idle.wait_for_function("(id) => document.querySelector('.pk-foot')?.innerText.includes(id)", arg=newer)
        idle.wait_for_selector(".pk-notice", state="detached")

        fresh = open_page(f"{address}{link}", locale="en-GB", viewport=NARROW, dark=True)
        assert cited_text(fresh) == QUOTE
        assert re.match(
            f"You read build {older} of [-0-9: ]+; a newer one, {newer} of [-0-9: ]+, is published. "
            "These words were changed or removed there.",
            fresh.inner_text(".pk-older"),
        )
        fresh.wait_for_timeout(1000)
        assert mark_in_view(fresh)
        assert fresh.locator(".pk-older").bounding_box()["y"] >= 0, "the bar stays in sight"
        assert low_contrast(fresh, [".pk-older", ".pk-older a"]) == []
        fresh.get_by_text("Back to the question").click()
        fresh.wait_for_selector(".pk-answer")
        assert QUOTE in fresh.inner_text(".pk-answer"), "the way back leads to the answer she came from"
        fresh.get_by_role("link", name="Ask again there").click()
        fresh.wait_for_selector(".pk-older", state="detached")
        fresh.wait_for_selector(".stApp[data-test-script-state=notRunning]")
        assert QUOTE not in fresh.inner_text(".pk-answer")


@contextmanager
def rebuilding(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `policykb rebuild` beside us."""
    command = "from search_app.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "rebuild", str(folder / "pages"), "--kb", str(folder / "kb")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def build_of(opened: playwright.Page) -> str:
    """Return the build that the foot of the page names."""
    found = re.search("(?:build|构建) ([0-9a-f]{12})", opened.inner_text(".pk-foot"))
    assert found is not None
    return found.group(1)


def test_a_first_start_asks_for_nothing_and_opens_the_page(sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    viewer = tmp_path / "viewer"
    viewer.write_text(f'#!/bin/sh\necho "$1" > {opened}\n', encoding="utf-8")
    viewer.chmod(0o755)
    # A home without Streamlit's files is where its e-mail prompt would wait for an answer.
    with serving(sample_kb.folder, "--open", HOME=str(tmp_path), BROWSER=f"{viewer} %s") as address:
        for _ in range(80):
            if opened.exists() and opened.read_text(encoding="utf-8").strip():
                break
            time.sleep(0.25)
        assert opened.read_text(encoding="utf-8").strip().rstrip("/") == address.rstrip("/")
