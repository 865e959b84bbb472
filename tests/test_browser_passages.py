"""The passages in a real browser: badges, what unfolds beside them, the link and the citation, and text that stays text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import playwright.sync_api as playwright
import pytest
from browsing import NARROW, WIDE, Open, asked, cited_text, serving

from index.build.build import rebuild
from index.kb import open_kb
from index.model import load_embedder
from index.references import read_references
from search_app.views.badges_html import age_words
from search_app.words import Words

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[1]
SCRIPT = "<script>document.title='taken'</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
QUESTION = "没赶上集中缴费期，等待期三个月吗"
CAPTURED = "2025-05-22"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server on an article, its near-identical copy, and a page full of markup; and the folder of the base."""
    folder = tmp_path_factory.mktemp("copied")
    pages = folder / "pages"
    pages.mkdir()
    article = (ROOT / "corpus" / "pages" / "resident-insurance-gap.txt").read_text("utf-8").partition("相关推荐")[0]
    (pages / "first.txt").write_text(article, "utf-8")
    (pages / "second.txt").write_text(article.replace("医保不予支付", "医保基金不支付", 1), "utf-8")
    (pages / f"{IMAGE[:8]}.txt".replace("/", "")).write_text(
        f"{SCRIPT}登记证怎么补办\n\n一、{IMAGE}补办\n\n登记证丢了，到原来的登记窗口补办，{SCRIPT}当场可取，不收工本费。"
        f"\n\n二、{IMAGE}代办\n\n登记证可以由家属代办，家属要带本人的委托书和两个人的身份证件，{IMAGE}窗口当场核对。\n",
        "utf-8",
    )
    rows = [
        {"path": "first.txt", "url": "https://www.wenbao.example/1", "site": "问保网", "fetched": CAPTURED},
        {
            "path": "second.txt",
            "url": "https://www.wenbao.example/2",
            "site": "转载网",
            "fetched": date.today().isoformat(),
        },
        {"path": f"{IMAGE[:8]}.txt", "url": "javascript:alert(1)", "site": IMAGE, "fetched": CAPTURED},
    ]
    (pages / "pages.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
    with serving(folder / "kb") as listening:
        yield listening, folder / "kb"


def unfold(opened: playwright.Page, line: playwright.Locator) -> None:
    """Press Enter on a line to unfold."""
    line.focus()
    opened.keyboard.press("Enter")


def fits(opened: playwright.Page) -> bool:
    wide: bool = opened.evaluate(
        "Math.max(document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth)"
        " <= innerWidth"
    )
    return wide


def hit_with(opened: playwright.Page, text: str) -> playwright.Locator:
    return opened.locator(".pk-hit").filter(has=opened.locator("h3 + ul + .pk-text", has_text=text)).first


@pytest.mark.parametrize(
    ("viewport", "lang", "dark"), [(NARROW, "zh", True), (WIDE, "en", False)], ids=["360-zh-dark", "1600-en-light"]
)
def test_everything_beside_a_passage_unfolds_from_the_keyboard(
    copied: tuple[str, Path], open_page: Open, viewport: dict[str, int], lang: str, dark: bool
) -> None:
    say = Words(lang)  # type: ignore[arg-type]
    address, _ = copied
    opened = open_page(asked(address, QUESTION, lang=lang), viewport=viewport, dark=dark)
    opened.wait_for_selector(".pk-hit")
    hit = hit_with(opened, "先有3个月")
    # Of the two copies either may stand here; its date says how old it is, and warns in words where that is much.
    badge = hit.locator(".pk-badges .pk-date").inner_text()
    day = CAPTURED if CAPTURED in badge else date.today().isoformat()
    assert (
        badge.replace("!", "").strip().startswith(f"{say('captured', date=day)} · {age_words(day, date.today(), say)}")
    )
    assert hit.locator(".pk-badges .pk-old").count() == (day == CAPTURED)
    assert hit.locator(".pk-scheme").inner_text().startswith(say("badge_scheme").strip())

    why = hit.locator(".pk-why > summary")
    assert why.inner_text() == say("why")
    unfold(opened, why)
    because = hit.locator(".pk-because").inner_text()
    assert "“等待期”" in because
    assert because.endswith(say("why_end"))
    percents = hit.locator(".pk-legs .pk-figure").all_inner_texts()
    assert sum(int(one.rstrip("%").replace("<1", "0").replace("−", "-")) for one in percents) == 100
    numbers = hit.locator(".pk-numbers table")
    assert not numbers.is_visible()
    unfold(opened, hit.locator(".pk-numbers > summary"))
    assert numbers.is_visible()
    shares = [float(one.replace("−", "-")) for one in numbers.locator("tbody td:last-child").all_inner_texts()]
    score = float(numbers.locator("tfoot td").inner_text())
    assert sum(shares) == pytest.approx(score, abs=0.0005 * (len(shares) + 1))

    unfold(opened, hit.locator(".pk-around > summary"))
    texts = hit.locator(".pk-around li").all_inner_texts()
    here = hit.locator(".pk-around li[aria-current]").inner_text()
    assert 0 < texts.index(here) < len(texts) - 1
    assert "一、什么时候缴费不用等" in texts[0]

    unfold(opened, hit.locator(".pk-twins > summary"))
    ours, theirs = (
        ("不予", "基金不") if "不予支付" in hit.locator(".pk-text").first.inner_text() else ("基金不", "不予")
    )
    assert hit.locator(".pk-diff del").inner_text() == f"−{ours}"
    assert hit.locator(".pk-diff ins").inner_text() == f"+{theirs}"
    tree = hit.locator(".pk-diff").aria_snapshot()
    assert "deletion" in tree
    assert "insertion" in tree
    assert say("only_above").strip() in tree
    assert fits(opened)


def test_a_copied_link_opens_this_build_at_the_passage_and_the_citation_is_the_line(
    copied: tuple[str, Path], open_page: Open
) -> None:
    address, folder = copied
    opened = open_page(asked(address, QUESTION))
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.wait_for_selector(".pk-hit .pk-copy")
    kb = open_kb(folder)
    first = kb.search(QUESTION, k=1)[0]
    buttons = opened.locator(".pk-hit").first.locator(".pk-copy")
    assert buttons.all_inner_texts() == ["复制链接", "复制引文"]
    taken = []
    for number in range(2):
        buttons.nth(number).click()
        buttons.nth(number).and_(opened.locator("[data-pk-state=done]")).wait_for()
        taken.append(opened.evaluate("navigator.clipboard.readText()"))
    link, citation = taken
    assert citation == read_references(kb, [first])[0].gbt7714()
    assert (
        link
        == f"{address}?view=article&build={kb.build}&article={first.article_id}&start={first.start}&end={first.end}"
    )
    fresh = open_page(link)
    assert "".join(cited_text(fresh).split()) == "".join(first.text.split())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_markup_of_a_page_stays_text_beside_a_passage(copied: tuple[str, Path], open_page: Open, lang: str) -> None:
    address, _ = copied
    opened = open_page(asked(address, f"登记证怎么补办 {SCRIPT}", lang=lang), viewport=NARROW)
    opened.wait_for_selector(".pk-hit")
    opened.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    hits = opened.locator(".pk-passages")
    told = hits.inner_text()
    assert f"{SCRIPT}登记证怎么补办 › 一、{IMAGE}补办" in told
    assert f"{SCRIPT}当场可取" in told
    assert f"{IMAGE}窗口当场核对" in told
    assert f"{IMAGE} · {IMAGE[:8]}.txt" in told
    assert hits.locator("img, script, a[href^=javascript]").count() == 0
    assert opened.title() != "taken"
    assert fits(opened)
