"""How the start view lets a reader ask and narrow: filters, examples, other wordings, her own searches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from index.facets import Facet, Facets, FacetValue
from index.filters import Filters
from index.kb import KnowledgeBase
from index.question.official import OfficialWording
from search_app.views.address import MAX_QUESTION_CHARS, Address, permalink, read_address
from search_app.views.facets_html import SHOWN, chips_html, dropped_html, facets_html
from search_app.views.question_html import examples_html, official_html, pending_html, too_long_html
from search_app.views.tools_html import own_html, tools_html
from search_app.words import EXAMPLES, Words

APP = Path(__file__).resolve().parents[1] / "search_app" / "app.py"
QUESTION = "断缴三个月，还能报销吗？"
KNOWN = {"nav", "section", "details", "summary", "div", "a", "ul", "li", "p", "h2", "span", "button"}
NASTY = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>&lt; **粗** [x](javascript:alert(3)) `c`"


class Links(HTMLParser):
    """Collects the links of HTML, each with what is read aloud of it, and the tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[tuple[str, dict[str, list[str]]]] = []
        self.tags: set[str] = set()
        self._href: str | None = None
        self._words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag == "a":
            self._href, self._words = dict(attrs)["href"], ""

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href is not None:
            assert self._href.startswith(("?", "#", "https://"))
            self.links.append((self._words, parse_qs(self._href[1:])))

    def __getitem__(self, words: str) -> dict[str, list[str]]:
        return next(params for said, params in self.links if said == words)


def page(monkeypatch: pytest.MonkeyPatch, folder: Path, **params: str | list[str]) -> AppTest:
    monkeypatch.setenv("POLICYKB_KB", str(folder))
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def body(app: AppTest) -> str:
    return "".join(element.value for element in app.html if not element.value.startswith(("<style", "<script")))


def said(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def facets_of(*values: FacetValue, filters: Filters | None = None, name: str = "region", more: int = 0) -> Facets:
    return Facets("b1", filters or Filters(), 5, 20, (Facet(name, values, more),))


# Addresses


def test_several_values_of_a_filter_are_repeated_parameters_and_come_back() -> None:
    here = Address(q="断缴", region=("湖南省", "北京市"), year=("2024", "2025"), since="2024-01", sort="date")
    assert here.href.count("region=") == 2
    assert read_address(parse_qs(here.href[1:])) == here
    assert here.filters == Filters(regions=("湖南省", "北京市"), years=("2024", "2025"), since="2024-01")
    assert here.filtered() == Address(q="断缴", sort="date")
    assert here.filtered(Filters(sites=["问保网"], until="2025")) == Address(
        q="断缴", site=("问保网",), until="2025", sort="date"
    )


def test_a_permalink_names_the_place_and_nothing_of_the_reader() -> None:
    assert permalink("b1", "a1", 3, 9).params() == {
        "view": "article",
        "build": "b1",
        "article": "a1",
        "start": "3",
        "end": "9",
    }
    here = Address(q="断缴", region=("湖南省",), build="b0")
    cited = here.cite("b0", "a1", 3, 9)
    assert cited.ask(current="b1") == here, "the way back keeps the filters"
    assert cited.operation() == here.to(view="operation")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"region": [" 湖南省 ", "湖南省", "", "长" * 300, "a\u202eb", "a\nb", "\ud800"]}, Address(region=("湖南省",))),
        ({"scheme": [str(n) for n in range(99)]}, Address(scheme=tuple(str(n) for n in range(30)))),
        ({"confidence": ["doubtful", "x", "sure"]}, Address(confidence=("sure", "doubtful"))),
        ({"since": "2025-02-30", "until": "2025-02"}, Address(until="2025-02")),
        ({"sort": "up", "part": "../x"}, Address()),
        ({"view": "article"}, Address()),
        ({"view": "operation", "part": "log"}, Address(view="operation", part="log")),
        ({"q": ["a", "b"]}, Address(q="b")),
        ({"q": "长" * 600}, Address(q="长" * MAX_QUESTION_CHARS)),
    ],
)
def test_what_makes_no_sense_in_an_address_is_left_out(params: dict[str, str | list[str]], expected: Address) -> None:
    assert read_address(params) == expected


NAMES = ("q", "region", "scheme", "year", "site", "confidence", "since", "until", "sort", "view", "part", "article")


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.text(max_size=12), max_size=4)))
def test_any_address_is_read_and_comes_back_from_its_own_link(params: dict[str, list[str]]) -> None:
    here = read_address(params)
    again = read_address(parse_qs(here.href[1:]))
    assert again.filters == here.filters
    assert again == here.to(q=again.q), "a lone surrogate in the question is all that a link cannot hold"


# Filters


def test_a_value_is_a_link_that_says_what_it_does() -> None:
    filters = Filters(regions=("湖南省",))
    here = Address(q="断缴", region=("湖南省",), k=20)
    values = (
        FacetValue("湖南省", 25, True, 3),
        FacetValue("湖南省/长沙市", 4, False, 1, depth=1),
        FacetValue("北京市", 7, False, 0),
        FacetValue("-", 2, False, 0),
    )
    html = facets_html(facets_of(*values, filters=filters), here, Words("zh"))
    rail, _, fold = html.partition('<details class="pk pk-fold')
    for part in (rail, fold):
        links = Links(part)
        assert links["去掉筛选 湖南省 25 篇"] == {"q": ["断缴"], "k": ["20"]}
        assert links["加上筛选 长沙市 4 篇"]["region"] == ["湖南省/长沙市"], "a place takes that of what lies around it"
        assert links["加上筛选 北京市 7 篇"]["region"] == ["湖南省", "北京市"]
        assert links["加上筛选 未提地区 2 篇"]["region"] == ["湖南省", "-"]
        assert links["清除全部筛选"] == {"q": ["断缴"], "k": ["20"]}
    assert "筛选（已选 1 项）" in said(fold)
    english = Links(facets_html(facets_of(*values, filters=filters), here, Words("en")))
    assert "Remove filter 湖南省 25 articles" in [words for words, _ in english.links]


def test_eight_values_are_shown_the_rest_unfolds_and_what_is_chosen_never_hides() -> None:
    values = [FacetValue(f"站{n}", 30 - n, False, 0) for n in range(12)]
    first, _, rest = facets_html(facets_of(*values, name="site", more=3), Address(), Words("zh")).partition("更多 7 项")
    assert len(Links(first).links) == SHOWN
    assert "另有 3 项没有列出" in said(rest)
    values[10] = FacetValue("站10", 20, True, 0)
    first, _, rest = facets_html(facets_of(*values, name="site"), Address(), Words("zh")).partition("更多 1 项")
    assert "站10" in said(first)
    assert facets_html(facets_of(values[0]), Address(), Words("zh")) == "", "one value narrows nothing"


def test_chips_take_one_filter_away_each() -> None:
    filters = Filters(regions=("湖南省/长沙市",), confidence=("doubtful",), sites=("-",), since="2024", until="2025-04")
    here = Address(q="断缴").filtered(filters)
    html = chips_html(facets_of(filters=filters), here, Words("zh"))
    links = Links(html)
    assert [words for words, _ in links.links] == [
        "去掉筛选 湖南省 长沙市×",
        "去掉筛选 来源不明×",
        "去掉筛选 清洗存疑×",
        "去掉筛选 2024 起×",
        "去掉筛选 到 2025-04×",
        "清除全部筛选",
    ]
    assert "since" not in links["去掉筛选 2024 起×"]
    assert links["去掉筛选 2024 起×"]["region"] == ["湖南省/长沙市"]
    assert "5 篇文章" in said(html)
    assert chips_html(facets_of(), Address(q="断缴"), Words("zh")) == ""


def test_where_nothing_meets_the_filters_each_can_be_dropped_with_what_is_left() -> None:
    filters = Filters(regions=("西藏自治区",), schemes=("职工医保",))
    here = Address(q="断缴").filtered(filters)
    left: Callable[[Filters], int] = lambda kept: 24 if kept.schemes else 1  # noqa: E731 - two counts, told apart
    html = dropped_html(left, here, Words("zh"))
    assert "西藏自治区× 剩 24 篇" in said(html)
    assert "职工医保× 剩 1 篇" in said(html)
    assert Links(html)["去掉筛选 西藏自治区×"] == {"q": ["断缴"], "scheme": ["职工医保"]}


def test_filters_hold_for_answer_and_passages_and_say_so(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(monkeypatch, sample_kb.folder, q=QUESTION, region=["湖北", "江苏省"])
    filters = Filters(regions=("湖北", "江苏省"))
    answer = sample_kb.ask(QUESTION, filters=filters)
    html = body(app)
    assert all(citation.quote in said(html) for citation in answer.citations)
    shown = re.findall(r'<li class="pk-hit".*?<h3[^>]*><a[^>]*>([^<]*)', html)
    assert shown == [hit.title for hit in sample_kb.search(QUESTION, filters=filters)]
    assert f"{sample_kb.facets(filters).articles} 篇文章" in said(html)
    code = "".join(element.value for element in app.code)
    assert "--region '湖北' --region '江苏省'" in code
    assert f"filters={filters!r}" in code


def test_filters_that_nothing_meets_are_no_verdict_on_the_collection(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(monkeypatch, sample_kb.folder, q=QUESTION, region="青海省", scheme="职工医保")
    html = body(app)
    assert "pk-answer" not in html
    assert "不在收录范围" not in said(html)
    left = sample_kb.facets(Filters(schemes=("职工医保",))).articles
    assert f"青海省× 剩 {left} 篇" in said(html)


def test_markup_in_filters_stays_text(monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase) -> None:
    names = ("region", "scheme", "year", "site", "confidence", "since", "until", "sort", "mode", "k", "part", "view")
    for question in (QUESTION, NASTY, f"“{NASTY}” -{NASTY}"):
        app = page(monkeypatch, sample_kb.folder, q=question, **{name: [NASTY, "2024"] for name in names})
        seen = Links(body(app))
        assert not seen.tags & {"img", "script", "iframe", "style", "form", "input"}
        assert "javascript:alert" in said(body(app)), "shown as text"
        assert not [element for element in app.markdown if "alert" in element.value]


# What is told about the question


def test_an_official_wording_is_a_link_that_asks_with_it() -> None:
    here = Address(q="断缴怎么办", region=("湖南省",))
    html = official_html([OfficialWording("断缴", "中断缴费", "中断缴费怎么办")], here, Words("zh"))
    assert said(html).startswith("也按官方说法找：")
    assert Links(html)["改用官方说法再问：断缴 → 中断缴费"] == {"q": ["中断缴费怎么办"], "region": ["湖南省"]}
    assert official_html([], here, Words("zh")) == ""


def test_official_wordings_stand_over_the_answer(monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase) -> None:
    html = body(page(monkeypatch, sample_kb.folder, q=QUESTION, lang="en"))
    assert html.index("断缴 → 中断缴费") < html.index("pk-answer")


def test_a_text_that_is_too_long_is_cut_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(monkeypatch, sample_kb.folder)
    app.text_input[0].set_value("断缴\n三个月\t" + "以后" * 400)
    app.button[0].click().run()
    assert "这段文字有 807 个字，只用了前 500 个" in said(body(app))
    assert app.text_input[0].value == f"断缴 三个月 {'以后' * 400}"[:MAX_QUESTION_CHARS]
    assert "pk-answer" in body(app)
    short = page(monkeypatch, sample_kb.folder, q="断" * MAX_QUESTION_CHARS)
    assert "只用了前" not in said(body(short))


def test_words_that_come_from_pages_or_readers_become_no_markup() -> None:
    say, here = Words("en"), Address(q=NASTY, site=(NASTY,))
    facets = facets_of(FacetValue(NASTY, 2, True, 1), FacetValue("b", 1, False, 0), filters=here.filters, name="site")
    wording = OfficialWording(NASTY, NASTY, NASTY)
    for html in (
        facets_html(facets, here, say),
        chips_html(facets, here, say),
        dropped_html(lambda filters: 0, here, say),
        tools_html(here, say),
        official_html([wording], here, say),
        examples_html([(NASTY, NASTY)], here, say),
        own_html(say) + pending_html(say) + too_long_html(9, 5, say),
    ):
        assert Links(html).tags <= KNOWN
    assert NASTY in said(chips_html(facets, here, say))


# Her own searches and examples


def test_what_a_reader_keeps_is_the_question_with_its_filters_and_not_its_build() -> None:
    here = Address(q="断缴", region=("湖南省",), sort="date", build="b1", lang="en", part="card")
    html = tools_html(here, Words("en"))
    kept = re.search(r'data-pk-asked="([^"]*)" data-pk-to="([^"]*)"', html)
    assert kept is not None
    assert unescape(kept[1]) == "断缴 · 湖南省"
    assert read_address(parse_qs(unescape(kept[2])[1:])) == Address(q="断缴", region=("湖南省",), sort="date")


def test_another_base_offers_questions_of_its_own(
    monkeypatch: pytest.MonkeyPatch, make_kb: Callable[..., KnowledgeBase]
) -> None:
    titles = ("生育津贴怎么算？", "<b>养老金</b>什么时候发？", "工伤认定需要哪些材料？")
    kb = make_kb(*(f"{title}\n\n{title}说明如下，按当地规定办理，具体以经办机构为准。\n" for title in titles))
    app = page(monkeypatch, kb.folder)
    links = examples_in(body(app))
    assert set(links) == set(titles)
    assert not [question for question, _, _ in EXAMPLES if question in said(body(app))]


def examples_in(html: str) -> Iterable[str]:
    return [unescape(words) for words in re.findall(r'pk-example"[^>]*>([^<]*)</a>', html)]


def test_an_article_leads_back_to_the_part_of_exploring_it_was_opened_from() -> None:
    lines = Address(
        view="explore", part="kwic", q="断缴", order="right", at=3, region=("北京市",), regex=True, lang="zh"
    )
    read = read_address(parse_qs(lines.cite("b1", "a1", 5, 9).to(ledger=True).href[1:]))
    assert (read.view, read.article, read.start, read.back) == ("article", "a1", 5, "kwic")
    assert read.way_back(current="b1") == lines
    assert read.cite("b1", "a2").way_back(current="b2") == lines.to(build="b1"), "an older build stays"
    asked = Address(q="断缴", region=("北京市",))
    assert asked.cite("b1", "a1", 5, 9).way_back(current="b1") == asked
