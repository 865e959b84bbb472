"""The article and its ledger in a real browser: contents, selected words, keys, reports, very long pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import playwright.sync_api as playwright
import pytest
from browsing import NARROW, WIDE, Open, cited_text, mark_in_view, serving

from index.build.build import rebuild
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.reading import Reading
from index.references import reference_of
from ingest.overrules import overrule_place

pytestmark = pytest.mark.browser
TITLE = "灵活就业人员参保须知"
NASTY = "<b onclick=alert(1)>😀**粗**</b>"
FILE = "长 <i>.txt"
CUT = "时先看颜色再闻气味,成熟的果实表皮光亮,用手轻按略有弹性,还要留意果蒂是否新鲜,如果已经"


@pytest.fixture(scope="module")
def long_kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """A page of more than two parts: long sections with signs of markup, and 700 recommendations."""
    folder = tmp_path_factory.mktemp("long")
    (folder / "pages").mkdir()
    lines = [TITLE]
    for number in range(1, 9):
        lines += [f"{number}、第{number}类人员怎么参保", NASTY]
        lines += [f"第{number}类第{n}款:{'参加职工基本医疗保险的费用由本人承担。' * 6}" for n in range(40)]
    lines.append("相关推荐")
    for number in range(700):
        lines += [f"第{number}种水果怎么挑选才新鲜", f"挑选第{number}种水果{CUT}", "生活百科 2025-05-06"]
    (folder / "pages" / FILE).write_text("\n\n".join(lines), encoding="utf-8")
    rebuild([folder / "pages"], folder / "kb", embedder=load_embedder("bundled"))
    return open_kb(folder / "kb")


@pytest.fixture(scope="module")
def long_address(long_kb: KnowledgeBase) -> Iterator[str]:
    with serving(long_kb.folder) as listening:
        yield listening


def reading(kb: KnowledgeBase, path: str = FILE) -> Reading:
    found = kb.article(kb.records.query("SELECT id FROM pages WHERE path = ?", (path,))[0]["id"])
    assert found is not None
    return found


def settle(opened: object) -> None:
    opened.wait_for_selector(".stApp[data-test-script-state=notRunning]")  # type: ignore[attr-defined]


def test_contents_lead_through_the_parts_of_a_long_article(
    long_address: str, open_page: Open, long_kb: KnowledgeBase
) -> None:
    page = reading(long_kb)
    opened = open_page(f"{long_address}?view=article&article={page.id}")
    aside = opened.locator(".pk-aside")
    assert aside.bounding_box()["x"] + aside.bounding_box()["width"] < opened.locator("h1").bounding_box()["x"]
    assert "第 1 段，共 2 段" in opened.inner_text(".pk-parts >> nth=0")
    assert opened.locator(".pk-article h2").count() < 8, "the last sections stand in another part"
    aside.get_by_role("link", name="8、第8类人员怎么参保").click()
    assert cited_text(opened) == "8、第8类人员怎么参保"
    opened.wait_for_function("document.activeElement.id === 'pk-cited'")
    assert mark_in_view(opened)
    assert "第 2 段，共 2 段" in opened.inner_text(".pk-parts >> nth=0")
    assert opened.inner_text("h1") == TITLE, "a later part tells whose part it is"
    settle(opened)
    opened.get_by_role("link", name="上一段").first.click()
    opened.wait_for_selector("text=第 1 段，共 2 段")
    narrow = open_page(f"{long_address}?view=article&article={page.id}&part=2", viewport=NARROW)
    assert not narrow.locator(".pk-aside").is_visible()
    narrow.locator(".pk-above summary").click()
    assert narrow.locator(".pk-above a").count() == 8
    assert narrow.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= NARROW["width"]


def test_selected_words_become_a_place_and_a_line_for_the_overrules(
    long_address: str, open_page: Open, long_kb: KnowledgeBase
) -> None:
    page = reading(long_kb)
    opened = open_page(f"{long_address}?view=article&article={page.id}&part=2&q=a%26b", viewport=NARROW)
    second = page.text.index("第8类第1款")
    opened.evaluate(
        """() => {
          const lines = [...document.querySelectorAll(".pk-article p, .pk-article li")];
          const node = lines.find((line) => line.textContent.startsWith("第8类第1款")).firstChild;
          const range = document.createRange();
          range.setStart(node, 0); range.setEnd(node, 6);
          getSelection().removeAllRanges(); getSelection().addRange(range);
        }"""
    )
    picked = opened.locator(".pk-picked")
    picked.wait_for(state="visible")
    box = picked.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW["width"]
    picked.get_by_role("link", name="报告清洗错误").click()
    opened.wait_for_selector(".pk-report")
    assert f"start={second}&end={second + 6}" in opened.url
    assert "q=a%26b" in opened.url
    assert cited_text(opened) == "第8类第1款"
    (line,) = overrule_place(page.text, FILE, second, second + 6, "remove", "不属于正文")
    assert opened.locator("#pk-report-line").evaluate("(element) => element.textContent") == line
    assert opened.locator(".pk i[onclick], .pk b[onclick]").count() == 0
    assert opened.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= NARROW["width"]


def test_the_ledger_of_a_long_page_reaches_every_removal(
    long_address: str, open_page: Open, long_kb: KnowledgeBase
) -> None:
    page = reading(long_kb)
    opened = open_page(f"{long_address}?view=article&article={page.id}&ledger=1", locale="en-GB")
    assert f"0 removals before, {len(page.removals)} after" in opened.inner_text(".pk-parts >> nth=0")
    assert opened.locator(".pk-removed").count() == 0
    opened.locator(".pk-totals").get_by_role("link", name="recommendation snippet").click()
    opened.wait_for_selector("#pk-cited")
    assert cited_text(opened).startswith("第0种水果怎么挑选才新鲜")
    shown = opened.locator(".pk-removed").count()
    assert 100 < shown < 350, "as many as a browser holds with ease"
    assert f"0 removals before, {len(page.removals) - shown} after" in opened.inner_text(".pk-parts >> nth=0")
    assert opened.locator(".pk-composition").get_attribute("aria-label").startswith("The page has")
    settle(opened)
    reason = opened.locator(".pk-reason[open]")
    assert "第0种水果怎么挑选才新鲜" in reason.inner_text()
    assert "生活百科" in reason.inner_text()
    last = page.removals[-1]
    end = open_page(f"{long_address}?view=article&article={page.id}&ledger=1&start={last['start']}&end={last['end']}")
    assert cited_text(end).startswith("第699种水果怎么挑选才新鲜")
    assert mark_in_view(end)


@pytest.mark.parametrize(("viewport", "dark"), [(NARROW, True), (WIDE, False)], ids=["360-dark", "1600-light"])
def test_removals_are_walked_unfolded_and_reported_from_the_keyboard(
    address: str, open_page: Open, sample_kb: KnowledgeBase, viewport: dict[str, int], dark: bool
) -> None:
    page = reading(sample_kb, "resident-insurance-gap.txt")
    opened = open_page(f"{address}?view=article&article={page.id}&ledger=1", viewport=viewport, dark=dark)
    settle(opened)
    focused = "document.activeElement.innerText.split('\\n')[0]"
    names = opened.locator(".pk-removed > .pk-reason > summary b").all_inner_texts()
    assert len(names) == len(page.removals)
    opened.locator(".pk-removed summary").first.focus()
    opened.keyboard.press("n")
    assert opened.evaluate(focused).startswith(names[1])
    opened.keyboard.press("p")
    opened.keyboard.press("p")
    assert opened.evaluate(focused).startswith(names[0]), "before the first there is none"
    reason = opened.evaluate("document.activeElement.innerText")
    assert "把握 0.9" in reason, "the reason stands at the removal, for the eye and for a screen reader"
    opened.keyboard.press("Enter")
    assert opened.locator(".pk-reason[open] dl").is_visible()
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.innerText") == "这里不该删"
    opened.keyboard.press("Enter")
    opened.wait_for_selector("#pk-report-line")
    first = page.removals[0]
    expected = overrule_place(page.text, page.path, first["start"], first["end"], "keep", "属于正文")
    assert opened.locator("#pk-report-line").evaluate("(element) => element.textContent") == "\n".join(expected)
    assert opened.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= viewport["width"]
    boxes = [box.bounding_box() for box in opened.locator(".pk-report, .pk-reason[open] dl").all()]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= viewport["width"] for box in boxes)


def test_an_article_shows_its_evidence_is_cited_exactly_and_leads_on(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    page = reading(sample_kb, "chronic-cross-province.html")
    opened = open_page(f"{address}?view=article&article={page.id}&q=x")
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.locator(".pk-facts summary").click()
    facts = opened.locator(".pk-facts tr")
    published = facts.filter(has_text="发布日期")
    assert published.locator("td").all_inner_texts() == ["2025-01-16", "依据：2025-01-16"]
    published.get_by_role("link", name="2025-01-16").click()
    assert cited_text(opened) == "2025-01-16"
    opened.wait_for_function("document.activeElement.id === 'pk-cited'")
    assert mark_in_view(opened)
    settle(opened)

    (fact,) = (fact for fact in page.facts if fact["kind"] == "published")
    start, end = fact["start"], fact["end"]
    cite = opened.locator(".pk-cite-as")
    cite.locator("summary").click()
    link = f"{address}?view=article&build={sample_kb.build}&article={page.id}"
    assert copied(opened, "复制本文链接") == link
    assert copied(opened, "复制标出之处的链接") == f"{link}&start={start}&end={end}"
    assert copied(opened, "复制标出的原文") == "2025-01-16"
    reference = reference_of(page, sample_kb.build)
    line = copied(opened, "复制GB/T 7714 著录")
    assert line == reference.gbt7714() == cite.locator("code").last.inner_text()
    url = re.escape(str(page.url))
    assert re.fullmatch(rf".+\. {re.escape(page.title)}\[EB/OL\]\. \(2025-01-16\)\[2025-06-30\]\. {url}\.", line)
    bibtex = copied(opened, "BibTeX")
    assert bibtex.startswith("@online{")
    assert bibtex.splitlines() == reference.bibtex().splitlines()
    assert copied(opened, "RIS").splitlines() == reference.ris().splitlines()
    assert json.loads(copied(opened, "CSL-JSON")) == reference.csl()

    beside = page.see_also[0]
    opened.locator(".pk-beside").get_by_role("link", name=beside.title, exact=True).first.click()
    opened.wait_for_selector(f"h1:has-text({json.dumps(beside.title, ensure_ascii=False)})")
    assert f"article={beside.article_id}" in opened.url
    assert "start=" not in opened.url
    assert "q=x" in opened.url, "the way back to the question is kept"


def copied(opened: playwright.Page, name: str) -> str:
    """Press a button that copies and return what is in the clipboard then."""
    opened.evaluate("navigator.clipboard.writeText('')")
    opened.get_by_role("button", name=name, exact=True).click()
    opened.wait_for_function("navigator.clipboard.readText().then((text) => text !== '')")
    text: str = opened.evaluate("navigator.clipboard.readText()")
    return text
