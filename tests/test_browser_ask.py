"""Asking and narrowing in a real browser: paste, examples, other wordings, the reader's own searches, filters, sort."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qs, quote, urlsplit

import playwright.sync_api as playwright
import pytest
from browsing import NARROW, WIDE, Open, asked, cited_text

from index.filters import Filters
from index.hits import Hit
from index.kb import KnowledgeBase
from search_app.words import EXAMPLES

pytestmark = pytest.mark.browser
QUESTION = "断缴三个月，还能报销吗？"
IMAGE = "<img src=x onerror=alert(1)> 20~25…20~25 **断缴**"


def params(opened: playwright.Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(opened.url).query)


def settled(opened: playwright.Page, question: str) -> None:
    """Wait until the page shows what was asked, and nothing of what was asked before."""
    opened.wait_for_selector(f'[data-pk-asked^="{question}"]', state="attached")
    opened.wait_for_function("!document.querySelector('.st-key-pk_results [data-stale=true]')")


def box(opened: playwright.Page) -> playwright.Locator:
    return opened.get_by_role("textbox", name=re.compile("你的问题|Your question"))


def test_a_pasted_text_an_example_and_the_key_to_the_box(address: str, open_page: Open) -> None:
    opened = open_page(address)
    opened.get_by_role("link", name=EXAMPLES[3][0]).click()
    settled(opened, QUESTION)
    assert box(opened).input_value() == QUESTION
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.evaluate("text => navigator.clipboard.writeText(text)", "断缴了\n三个月，\n" + "还能报销吗" * 110)
    opened.mouse.click(5, 5)
    opened.keyboard.press("Control+k")
    assert opened.evaluate("document.activeElement.tagName") == "INPUT"
    opened.keyboard.press("Control+v")
    opened.keyboard.press("Enter")
    opened.wait_for_selector("text=只用了前 500 个来查找")
    settled(opened, "断缴了 三个月")
    typed = box(opened).input_value()
    assert len(typed) == 500
    assert typed.startswith("断缴了 三个月， 还能报销吗"), "line breaks part words as they did"


def test_a_slip_by_sound_and_an_official_wording_are_one_click_away(address: str, open_page: Open) -> None:
    opened = open_page(asked(address, "断焦三个月还能报吗"))
    opened.get_by_role("link", name="断缴三个月还能报吗", exact=True).click()
    settled(opened, "断缴三个月还能报吗")
    opened.get_by_role("link", name=re.compile("改用官方说法再问： ?断缴 → 中断缴费")).click()
    settled(opened, "中断缴费三个月还能报吗")
    assert box(opened).input_value() == "中断缴费三个月还能报吗"
    assert "断缴" not in "".join(opened.locator(".pk-wordings").all_inner_texts()), "what is said is not told again"


def test_the_readers_own_searches_stay_in_her_browser_and_stay_text(address: str, open_page: Open) -> None:
    sent: list[str] = []
    opened = open_page(asked(address, IMAGE))
    opened.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(str(data))))
    settled(opened, "<img")
    playwright.expect(box(opened)).to_have_value(IMAGE)
    assert opened.locator("img[src=x], del, .pk strong").count() == 0
    save = opened.locator("[data-pk-keep]")
    assert save.get_attribute("aria-pressed") == "false"
    save.focus()
    opened.keyboard.press("Enter")
    opened.wait_for_selector('[data-pk-keep][aria-pressed="true"]')
    opened.get_by_text("最近与收藏").click()
    saved, recent = opened.locator('[data-pk-list="saved"]'), opened.locator('[data-pk-list="recent"]')
    assert saved.locator("li a").all_inner_texts() == [IMAGE]
    opened.keyboard.press("Escape")
    assert not saved.is_visible()
    opened.goto(asked(address, QUESTION, region="北京市"))
    settled(opened, QUESTION)
    opened.locator(".pk-brand").click()
    opened.wait_for_selector(".pk-hero")
    recent.wait_for()
    assert recent.locator("li a").all_inner_texts() == [f"{QUESTION} · 北京市", IMAGE]
    saved.get_by_role("button", name=f"移除：{IMAGE}").click()
    saved.wait_for(state="hidden")
    recent.get_by_role("link", name=f"{QUESTION} · 北京市").click()
    settled(opened, QUESTION)
    assert params(opened)["region"] == ["北京市"]
    opened.go_back()
    opened.wait_for_selector(".pk-hero")
    recent.get_by_role("button", name="清空").click()
    recent.wait_for(state="hidden")
    assert opened.evaluate("document.activeElement.tagName") == "INPUT", "what had the focus is gone"
    assert not [frame for frame in sent if "policykb" in frame]


def test_a_storage_that_is_foreign_full_or_forbidden_breaks_nothing(address: str, open_page: Open) -> None:
    opened = open_page(address, locale="en-GB")
    foreign = [
        {"text": "<img src=x onerror=alert(1)><b>x</b>", "to": "?q=x"},
        {"text": "evil", "to": "javascript:alert(2)"},
        {"text": 3, "to": "?"},
        "?q=y",
        None,
    ]
    opened.evaluate("list => localStorage.setItem('policykbSaved', JSON.stringify(list))", foreign)
    opened.evaluate("sessionStorage.setItem('policykbRecent', 'no json')")
    opened.reload()
    opened.wait_for_selector('[data-pk-list="saved"] li')
    assert opened.locator('[data-pk-list="saved"] li a').all_inner_texts() == ["<img src=x onerror=alert(1)><b>x</b>"]
    assert opened.locator('[data-pk-list="recent"]').is_hidden()
    opened.goto(asked(address, QUESTION))
    settled(opened, QUESTION)
    opened.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }; }"
    )
    opened.locator("[data-pk-keep]").click()
    opened.wait_for_selector('[data-pk-keep]:has-text("nothing was saved")')
    assert opened.locator("[data-pk-keep]").get_attribute("aria-pressed") == "false"


def test_the_link_pinned_to_the_build_brings_back_the_build_and_both_values_of_a_filter(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    opened = open_page(asked(address, QUESTION))
    rail = opened.get_by_role("navigation", name="筛选")
    rail.get_by_role("link", name=re.compile("加上筛选 北京市")).click()
    opened.wait_for_selector(".pk-pick")
    settled(opened, QUESTION)
    opened.wait_for_function("document.activeElement.dataset.pkKey === 'r-region-北京市'")
    rail.get_by_role("link", name=re.compile("加上筛选 上海市")).focus()
    opened.keyboard.press("Enter")
    opened.wait_for_function("document.querySelectorAll('.pk-pick').length === 2")
    assert params(opened)["region"] == ["北京市", "上海市"]
    settled(opened, QUESTION)
    opened.get_by_role("link", name="固定到此构建的链接").click()
    opened.wait_for_function("!document.querySelector('.pk-foot a')")
    pinned = {"q": [QUESTION], "region": ["北京市", "上海市"], "build": [sample_kb.build]}
    assert params(opened) == pinned

    fresh = open_page(opened.url)
    settled(fresh, QUESTION)
    assert params(fresh) == pinned
    assert f"构建 {sample_kb.build}" in fresh.inner_text(".pk-foot")
    both = Filters(regions=("北京市", "上海市"))
    assert {*fresh.locator(".pk-rail .pk-on .pk-name").all_inner_texts()} == {"北京市", "上海市"}
    assert shown(fresh) == places(sample_kb.search(QUESTION, filters=both))
    assert f"{sample_kb.facets(both).articles} 篇文章" in fresh.locator(".pk-picks").inner_text()
    sentences = {sentence.text for sentence in sample_kb.ask(QUESTION, filters=both).sentences}
    assert {*fresh.locator(".pk-quote .pk-sentence").all_text_contents()} == sentences

    fresh.locator(".pk-picks").get_by_role("link", name=re.compile("去掉筛选 北京市")).focus()
    fresh.keyboard.press("Enter")
    fresh.wait_for_function("document.querySelectorAll('.pk-pick').length === 1")
    fresh.wait_for_function("document.activeElement.classList.contains('pk-pick')")
    assert params(fresh)["region"] == ["上海市"]
    fresh.keyboard.press("Enter")
    fresh.wait_for_function("!document.querySelector('.pk-pick')")
    assert "region" not in params(fresh)


def test_sort_mode_and_what_nothing_meets(address: str, open_page: Open, sample_kb: KnowledgeBase) -> None:
    opened = open_page(asked(address, QUESTION))
    opened.get_by_role("link", name="最新").click()
    opened.wait_for_selector('.pk-sort a[aria-current]:has-text("最新")')
    settled(opened, QUESTION)
    assert params(opened)["sort"] == ["date"]
    assert shown(opened) == places(sample_kb.search(QUESTION, sort="date"))
    opened.get_by_text("检索方式").click()
    opened.get_by_role("link", name="只看字词").click()
    opened.wait_for_selector('.pk-choice a[aria-current]:has-text("只看字词")', state="attached")
    settled(opened, QUESTION)
    assert params(opened)["mode"] == ["lexical"]
    opened.goto(asked(address, QUESTION, region="青海省", scheme="职工医保"))
    opened.wait_for_selector(".pk-dropped")
    assert opened.locator(".pk-answer").count() == 0
    opened.locator(".pk-dropped").get_by_role("link", name=re.compile("去掉筛选 青海省")).click()
    opened.wait_for_selector(".pk-hit")
    assert params(opened)["scheme"] == ["职工医保"]
    assert "region" not in params(opened)


def test_a_year_a_site_and_how_sure_the_cleaning_is_narrow_together(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    opened = open_page(asked(address, QUESTION, confidence="sure"))
    settled(opened, QUESTION)
    rail = opened.get_by_role("navigation", name="筛选")
    assert rail.locator(".pk-on .pk-name").all_inner_texts() == ["清洗可靠"]
    rail.get_by_role("link", name="加上筛选 2024").click()
    opened.wait_for_function("document.querySelectorAll('.pk-pick').length === 2")
    settled(opened, QUESTION)
    rail.locator("[data-pk-fold=r-site-more] > summary").click()
    rail.get_by_role("link", name=re.compile("加上筛选 京城安居通")).click()
    opened.wait_for_function("document.querySelectorAll('.pk-pick').length === 3")
    settled(opened, QUESTION)
    assert params(opened) == {"q": [QUESTION], "year": ["2024"], "site": ["京城安居通"], "confidence": ["sure"]}
    filters = Filters(years=("2024",), sites=("京城安居通",), confidence=("sure",))
    hits = sample_kb.search(QUESTION, filters=filters)
    assert {hit.path for hit in hits} == {"gap-consequences-beijing-2024.html"}
    assert shown(opened) == places(hits)


def test_quotes_and_minus_typed_into_the_box_hold_and_can_be_dropped(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    opened = open_page(address)
    marked = '"等待期" -职工'
    ask(opened, marked)
    hits = sample_kb.search(marked)
    assert shown(opened) == places(hits)
    texts = opened.locator(".pk-hit > .pk-text").all_inner_texts()
    assert len(texts) > 1
    assert all("等待期" in text and "职工" not in text for text in texts)
    ask(opened, "“没有一页写着这句话” 等待期")
    assert "没有一段原样写有 “没有一页写着这句话”。" in opened.inner_text(".pk-state")
    assert shown(opened) == []
    opened.get_by_role("link", name="不限定这些词再问").click()
    opened.wait_for_selector(".pk-hit")
    assert box(opened).input_value() == params(opened)["q"][0] == "没有一页写着这句话 等待期"


def test_both_kinds_of_no_say_so_and_lead_to_what_is_nearest(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    question = "北京2031年居民医保缴费标准是多少"
    opened = open_page(asked(address, question))
    assert opened.inner_text(".pk-not_stated .pk-verdict") == "有相关内容，但没有写明答案"
    assert opened.locator(".pk-sentence").count() == 0
    nearest = {hit.article_id: hit for hit in reversed(sample_kb.ask(question).hits)}
    first = sorted(nearest.values(), key=lambda hit: hit.rank)[:3]
    links = opened.locator(".pk-not_stated .pk-nearest + ul a")
    assert places_of(hrefs(opened, ".pk-not_stated .pk-nearest + ul a")) == places(first)
    links.first.click()
    assert squeezed(cited_text(opened)) == squeezed(first[0].text)

    question = "红烧肉怎么做才不腻？"
    opened.get_by_role("link", name="返回问题").click()
    opened.wait_for_selector(".pk-not_stated")
    ask(opened, question)
    assert opened.inner_text(".pk-outside .pk-verdict") == "这个问题不在收录范围内"
    hits = sample_kb.search(question)
    hit = opened.locator(".pk-hit h3 a").first
    assert not hit.is_visible()
    opened.get_by_text(f"展开最接近的 {len(hits)} 个段落").click()
    assert shown(opened) == places(hits)
    hit.click()
    assert squeezed(cited_text(opened)) == squeezed(hits[0].text)


def ask(opened: playwright.Page, question: str) -> None:
    box(opened).fill(question)
    opened.keyboard.press("Enter")
    opened.wait_for_function("(q) => document.querySelector('[data-pk-asked]')?.dataset.pkAsked === q", arg=question)
    opened.wait_for_selector(".stApp[data-test-script-state=notRunning]")


def squeezed(text: str) -> str:
    return "".join(text.split())


def places(hits: Iterable[Hit]) -> list[tuple[str, int, int]]:
    return [(hit.article_id, hit.start, hit.end) for hit in hits]


def shown(opened: playwright.Page) -> list[tuple[str, int, int]]:
    """Return the places that the passages on the page lead to, in their order."""
    return places_of(hrefs(opened, ".pk-hit h3 a"))


def places_of(links: Iterable[str]) -> list[tuple[str, int, int]]:
    said = [parse_qs(link.lstrip("?")) for link in links]
    return [(one["article"][0], int(one["start"][0]), int(one["end"][0])) for one in said]


def hrefs(opened: playwright.Page, selector: str) -> list[str]:
    found: list[str] = opened.eval_on_selector_all(selector, "links => links.map(link => link.getAttribute('href'))")
    return found


@pytest.mark.parametrize(
    ("viewport", "locale", "dark"), [(NARROW, "en-GB", True), (WIDE, "zh-CN", False)], ids=["360-en", "1600-zh"]
)
def test_filters_and_menus_fit_the_screen(
    address: str, open_page: Open, viewport: dict[str, int], locale: str, dark: bool
) -> None:
    opened = open_page(
        f"{asked(address, QUESTION)}&region={quote('北京市')}", viewport=viewport, locale=locale, dark=dark
    )
    settled(opened, QUESTION)
    is_narrow = viewport is NARROW
    fold = opened.locator("details.pk-fold-facets")
    assert fold.is_visible() == is_narrow
    assert opened.locator(".pk-rail").is_visible() != is_narrow
    if is_narrow:
        fold.locator("summary").first.click()
        fold.get_by_role("link", name=re.compile("Add filter 上海市")).click()
        opened.wait_for_function("document.querySelectorAll('.pk-pick').length === 2")
        opened.wait_for_function("document.querySelector('details.pk-fold-facets').open", timeout=5000)
    else:
        rail = opened.locator(".pk-rail").bounding_box()
        assert rail["x"] >= 0
        assert rail["x"] + rail["width"] < opened.locator(".pk-answer").bounding_box()["x"]
    for menu in opened.locator(".pk-menu > summary").all():
        menu.click()
        panel = opened.locator(".pk-menu[open] > div").bounding_box()
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= viewport["width"]
        widths = opened.evaluate(
            "[document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
        )
        assert max(widths) <= viewport["width"]
