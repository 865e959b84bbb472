"""What stands in a page, a question or an address is shown as text and never becomes markup."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answer import Answer, Citation, Sentence
from index.calibration import Band
from index.duplicates import Copy, CopyGroup, Part
from index.mistakes import Mistake
from index.reading import Reading, SeeAlsoLink
from index.search import Hit, Hits, Leg, Reasons
from ingest.clean import clean
from ingest.find import find_pages
from ingest.page import Page, page_from_bytes, read_page
from search_app.differing import differing_figures, side_by_side
from search_app.page_file import document, page_section
from search_app.phrases import phrase
from search_app.render import Stretch, escape, lines, marked, text_html, web_address
from search_app.rules import kind_of, rule_name
from search_app.views.address import Address, read_address
from search_app.views.answer_html import answer_html
from search_app.views.article_html import article_html, byline_html, doubts_html, facts_html
from search_app.views.cite_html import cite_html
from search_app.views.compare_html import compare_html
from search_app.views.contents_html import contents_html
from search_app.views.ledger_html import ledger_html
from search_app.views.neighbours_html import copies_html, see_also_html
from search_app.views.noise_html import legend_html, noise_html, totals_html
from search_app.views.passages_html import passages_html
from search_app.views.question_html import nothing_html, suggestion_html
from search_app.views.report_html import picker_html
from search_app.words import LANGS, TABLE, Words

PHRASES = Path(__file__).resolve().parents[1] / "search_app" / "static" / "phrases.tsv"
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "20~25元…20~25元 **粗** _x_ [a](javascript:alert(1)) `code`",
    "    四个空格开头\n\t制表符\r\n</mark></p>&lt;b&gt;&amp;&#60;",
    "javascript:alert(1)",
    "]]><!-- --></style><style>*{display:none}</style>",
)
# What HTML and UTF-8 can hold, white space of every kind and signs of markup among it.
texts = st.text(
    st.one_of(
        st.sampled_from("<>&\"'\n\r\t \u3000\u2028;/=-*~`#_"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=80,
)


class Reader(HTMLParser):
    """Reads HTML as a browser does: its text, its elements, and the attributes of these."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def stripped(html: str) -> str:
    """Return the text of the page in HTML, without what a view says about it."""
    return unescape(re.sub(r"<[^>]*>", "", re.sub(r"<(aside|a|details) [^>]*data-pk-aside.*?</\1>", "", html)))


@given(texts)
def test_escaped_text_has_no_markup_and_comes_back(text: str) -> None:
    html = escape(text)
    assert not set(html) & set("<>\"'\n\r\t")
    assert unescape(html) == text


def test_what_no_browser_holds_is_replaced() -> None:
    assert escape("a\0b\ud800c") == "a\ufffdb\ufffdc"


@given(texts, st.lists(st.tuples(st.integers(-3, 90), st.integers(-3, 90)), max_size=6))
def test_a_marked_passage_is_the_source_character_for_character(text: str, marks: list[tuple[int, int]]) -> None:
    html = text_html(text, marks)
    assert stripped(html) == text
    assert {tag for tag, _ in Reader(html).elements} <= {"p", "mark", "span"}


@given(texts)
def test_lines_tile_the_text(text: str) -> None:
    position = 0
    for line in lines(text):
        assert text[position : line.start].strip() == ""
        assert line.start <= line.end <= line.following
        assert text[line.start : line.end] == text[line.start : line.end].strip()
        position = line.following
    assert text[position:].strip() == ""


def test_marks_set_off_exactly_their_characters() -> None:
    assert marked("医保断缴", 0, 4, [Stretch(2, 4)]) == '医保<mark class="pk-word">断缴</mark>'


def test_overlapping_marks_do_not_nest() -> None:
    html = marked("abcdef", 0, 6, [Stretch(0, 3), Stretch(2, 5)])
    assert html == '<mark class="pk-word">abc</mark><mark class="pk-word">de</mark>f'


def test_a_mark_over_two_lines_is_closed_at_the_line_end() -> None:
    html = text_html("一二\n\n三四", [(1, 5)])
    assert html.count("<mark") == 2
    assert stripped(html) == "一二\n\n三四"


def test_indents_are_kept_as_steps_of_two_columns() -> None:
    html = text_html("一\n  1. 二\n\u3000\u3000三\n\t四")
    assert re.findall(r'<p(?: class="(.*?)")?>', html) == ["", "pk-in1", "pk-in2", "pk-in2"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x?y=1", "https://a.example/x?y=1"),
        (" http://a.example ", "http://a.example"),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        ("data:text/html,<script>", None),
        ("//a.example", None),
        ("https:", None),
        ("http://[", None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(url: str | None, expected: str | None) -> None:
    assert web_address(url) == expected


def hit(text: str = "缴费之后先有3个月的等待期。", **changes: object) -> Hit:
    legs = {"passage": Leg(2.0, 0.5, 0.3), "dense": Leg(0.4, 0.4, 0.1)}
    found = Hit(
        rank=1, score=0.4, row=0, passage_id="p1", article_id="a1", title="断缴", heading_path=("一、等待期",), text=text,
        path="a.txt", start=0, end=len(text), as_of="2025-05-22", as_of_kind="captured", url=None, site=None,
        duplicates=(), reasons=Reasons(legs, (("等待期", 1.0),), ((10, 13),)),
    )  # fmt: skip
    return replace(found, **changes)


def answer(verdict: str = "answered", quote: str = "先有3个月的等待期。", **changes: object) -> Answer:
    citation = Citation(
        1, "p1", "a1", "断缴", ("一、等待期",), "a.txt", 7, 7 + len(quote), quote, "2025-05-22", "captured", "b1"
    )
    citation = replace(citation, **changes)
    has_answer = verdict in ("answered", "partly")
    return Answer(
        build="b1",
        question="等多久",
        verdict=verdict,  # type: ignore[arg-type]
        confidence=0.64,
        sentences=(Sentence(quote, (1,)),) if has_answer else (),
        citations=(citation,) if has_answer else (),
        hits=Hits("b1", "等多久", ()),
    )


def reading(text: str = "标题\n\n  一、怎么办\n\n    • 先登记\n推荐一\n推荐二\n", **changes: object) -> Reading:
    cut = text.find("推荐一")
    cut = len(text) if cut < 0 else cut
    removal = {
        "start": cut,
        "end": len(text),
        "rule": "snippet",
        "evidence": "shape",
        "confidence": 0.9,
        "related": "unrelated",
    }
    made = Reading(
        id="a1", title=" ".join(text.split("\n")[0].split()), short_answer=None, text=text, path="a.txt",
        url="https://a.example/1", site="某站", publisher=None, as_of="2025-05-22", as_of_kind="captured", confidence=1.0,
        doubts=(), spans=((0, cut),), headings={text.find("一、"): 1}, body=((3, cut),),
        removals=(removal,) if cut < len(text) else (),
        facts=({"kind": "captured", "value": "2025-05-22", "start": cut, "end": cut + 3, "quote": "推荐一"},),
    )  # fmt: skip
    return replace(made, **changes)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_in_any_view_becomes_markup(nasty: str, lang: str) -> None:
    say = Words(lang)  # type: ignore[arg-type]
    here = Address(q=nasty, article="a1", start=0, end=4, view="article")
    reasons = Reasons({"passage": Leg(1, 1, 1), nasty: Leg(1, 1, 1)}, ((nasty, 1.0),), ((0, 3),), ((nasty, nasty),))
    one = hit(
        nasty, title=nasty, heading_path=(nasty,), path=nasty, site=nasty, url=nasty, as_of=nasty, reasons=reasons
    )
    page = reading(
        nasty, path=nasty, site=nasty, publisher=nasty, url=nasty, short_answer=nasty, doubts=(nasty,), confidence=0.1,
        facts=({"kind": "captured", "value": nasty, "start": 0, "end": 2, "quote": nasty},),
        removals=({"start": 3, "end": 5, "rule": nasty, "evidence": nasty, "confidence": 0.5, "related": "same_field",
            "title": nasty},),
        see_also=(SeeAlsoLink("a3", nasty, nasty, 0, 2, 20, 0, nasty),),
        spans=((0, 3), (5, len(nasty))),
    )  # fmt: skip
    html = "".join(
        [
            answer_html(answer(quote=nasty, title=nasty, path=nasty, heading_path=(nasty,), as_of=nasty), here, say),
            answer_html(answer_of_two(nasty, f"{nasty}9"), here, say, places={"a1": nasty}),
            suggestion_html(nasty, here, say),
            nothing_html(here, say),
            passages_html([one], "b1", here, say, nearest=False, folded=True),
            article_html(page, here),
            byline_html(page, say),
            facts_html(page, here, say),
            ledger_html(page, here, say),
            ledger_html(page, here, say, mistake=Mistake("remove", 0, 3, (nasty,))),
            ledger_html(page, here.to(start=3, end=5), say, mistake=Mistake("keep", 3, 5, (nasty,))),
            cite_html(replace(page, facts=()), "b1", here, say),
            contents_html(replace(page, headings={0: 1}), here, say),
            legend_html(page, here, say),
            picker_html(here, say),
            noise_html(page, say),
            totals_html(page, here, say),
            doubts_html(page, say),
            see_also_html(page, here, say),
            copies_html([CopyGroup("article", "a2", (copy("a2", nasty), copy("a1", nasty)))], here, say),
            compare_html(page, page, [Part("both", nasty), Part("left", nasty), Part("right", f"{nasty}x")], here, say),
        ]
    )
    read = Reader(html)
    known = "bdi header thead tbody br section h1 h2 h3 blockquote p span a ul ol li div details summary small mark article strong code table tr td th b i dl dt dd aside nav button pre ins del tfoot"
    assert {tag for tag, _ in read.elements} <= set(known.split())
    for tag, attributes in read.elements:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        href = attributes.get("href")
        assert href is None or href.startswith(("?", "http://", "https://")), href
    assert nasty.split("\n")[0].strip() in read.text


def test_the_article_is_the_kept_text_and_the_ledger_is_the_page() -> None:
    page = reading()
    here = Address(view="article", article="a1", start=page.text.index("• 先"), end=page.text.index("推荐一") - 1)
    kept = "".join(page.text[start:end] for start, end in page.spans)
    assert stripped(article_html(page, here)) == kept
    assert stripped(ledger_html(page, here, Words("zh"))) == page.text


@given(texts, st.integers(0, 80), st.integers(0, 80))
def test_no_article_loses_or_gains_a_character(text: str, start: int, end: int) -> None:
    page = reading(text, spans=((0, len(text)),), headings={0: 3}, removals=())
    here = Address(view="article", article="a1", start=start, end=end)
    assert stripped(article_html(page, here)) == text
    assert stripped(ledger_html(page, here, Words("en"))) == text


def test_an_article_has_its_structure_and_its_mark() -> None:
    page = reading()
    here = Address(view="article", article="a1", start=page.text.index("• 先"), end=page.text.index("• 先") + 5)
    read = Reader(article_html(page, here))
    assert [tag for tag, _ in read.elements if tag in ("h1", "h2", "ul", "li", "mark")] == [
        "h1", "h2", "ul", "li", "mark",
    ]  # fmt: skip
    cited = next(attributes for tag, attributes in read.elements if tag == "mark")
    assert cited["id"] == "pk-cited"
    assert cited["tabindex"] == "-1"
    assert cited["data-pk-focus"] == f"{here.start}-{here.end}"
    assert re.search(r"<mark[^>]*>• 先登记</mark>", article_html(page, here))


def test_rows_of_cells_become_a_table() -> None:
    html = article_html(reading("标题\n级别\t比例\n一级\t85%\n"), Address())
    assert html.count("<tr>") == 2
    assert html.count("<td>") == 4
    assert stripped(html) == "标题\n级别\t比例\n一级\t85%\n"


def test_a_removal_carries_its_rule_and_its_reason() -> None:
    html = ledger_html(reading(), Address(), Words("en"))
    removed = next(a for tag, a in Reader(html).elements if (a.get("class") or "").startswith("pk-removed"))
    assert removed["class"] == "pk-removed pk-tint-snippet"
    assert removed["aria-label"] == "Removed: recommendation snippet"
    summary = re.search("<summary>.*?</summary>", html)
    assert summary is not None
    assert Reader(summary.group()).text == "recommendation snippet · unrelated shape (confidence 0.90)"


def test_the_noise_line_counts_characters_and_pieces() -> None:
    page = reading("正文正文正文推荐一推荐")
    assert "45 % of this page was removed, in 1 pieces" in stripped(noise_html(page, Words("en")))
    assert "本页 45 % 的字符被移除，共 1 处" in stripped(noise_html(page, Words("zh")))


def copy(name: str, path: str = "b.txt") -> Copy:
    return Copy(name, name, f"题{name}", path, "2025-05-22", 0.9)


def recommended(title: str, related: str | None, start: int) -> dict[str, object]:
    return {
        "start": start, "end": start + 1, "rule": "snippet", "evidence": "shape", "confidence": 0.9, "title": title,
        "related": related,
    }  # fmt: skip


def test_see_also_names_proved_articles_first_and_related_titles_once() -> None:
    page = reading(
        removals=(
            recommended("断缴怎么补", "same_question", 1),
            recommended("水果怎么挑", "unrelated", 2),
            recommended("异地备案", "same_field", 3),
            recommended("异地备案", "same_field", 4),
            recommended("已证实的一篇", "same_field", 5),
        ),
        see_also=(SeeAlsoLink("a9", "另一篇的题目", "x.txt", 5, 6, 149, 0, "same_field"),),
    )
    html = see_also_html(page, Address(view="article", article="a1", build="b1"), Words("zh"))
    assert re.findall(r"<h3>(.*?)</h3>", html) == ["本库收录的文章", "同一问题", "同一领域"]
    assert re.findall(r">([^<]+)</a>", html) == ["另一篇的题目", "断缴怎么补", "异地备案"]
    assert "同一领域 · 摘要的 149 字与该文开头一致" in stripped(html)
    links = [unescape(href) for href in re.findall(r'href="([^"]*)"', html)]
    assert links[0] == "?view=article&build=b1&article=a9"
    assert links[2] == "?view=article&build=b1&article=a1&start=3&end=4&ledger=1"
    unrelated = reading(removals=(recommended("水果怎么挑", "unrelated", 2),))
    assert see_also_html(unrelated, Address(), Words("zh")) == ""


def test_many_titles_are_folded_behind_their_number() -> None:
    page = reading(removals=tuple(recommended(f"第{n}个问题", "same_field", n) for n in range(10)))
    html = see_also_html(page, Address(), Words("en"))
    assert html.partition("<details>")[0].count("<li>") == 6
    assert "4 more titles" in html.partition("<details>")[2]


def test_copies_are_folded_behind_their_number_and_can_be_compared() -> None:
    group = CopyGroup("article", "a2", (copy("a2", "first.txt"), copy("a1"), copy("a3")))
    html = copies_html([group], Address(view="article", article="a1"), Words("en"))
    assert "2 more articles that say nearly the same" in html
    assert "Search shows first.txt for all of them." in stripped(html)
    assert [unescape(href) for href in re.findall(r'pk-small" href="([^"]*)"', html)] == [
        "?view=article&article=a1&other=a2", "?view=article&article=a1&other=a3",
    ]  # fmt: skip
    assert "Search shows" not in copies_html([group], Address(view="article", article="a2"), Words("en"))
    assert copies_html([], Address(article="a1"), Words("en")) == ""


def test_a_comparison_holds_every_sentence_and_marks_what_differs() -> None:
    parts = [
        *(Part("both", f"第{n}句相同。") for n in range(6)),
        Part("left", "等待期是3个月。"), Part("right", "等待期是4个月。"),
        Part("both", "最后一句。"), Part("right", "多出来的一句。"),
    ]  # fmt: skip
    html = compare_html(
        reading(), reading(id="a2", path="b.txt"), parts, Address(article="a1", other="a2"), Words("en")
    )
    for part in parts:
        assert part.text in stripped(html)
    assert re.findall(r'<mark class="pk-differs">(.*?)</mark>', html) == ["3", "4"]
    assert "5 equal sentences" in html
    assert html.index("<details>") < html.index("第4句相同。") < html.index("</details>") < html.index("第5句相同。")
    assert stripped(html).count("only in the second:") == 2
    equal = compare_html(reading(), reading(), [Part("both", "一句。")], Address(), Words("en"))
    assert "Every sentence is the same in both." in equal


def test_totals_by_rule_count_pieces_characters_and_the_least_sure() -> None:
    removals = (recommended("甲", None, 3), {**recommended("乙", None, 5), "end": 9, "confidence": 0.7})
    page = reading(removals=removals)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", totals_html(page, Address(article="a1"), Words("en")))
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    rest = len(page.text) - 5
    whole = len(page.text)
    assert cells[1:] == [
        ["2", "5", f"{500 / whole:.0f} %", "0.70"],
        ["", str(rest), f"{100 * rest / whole:.0f} %", ""],
    ]
    assert 'start=3&amp;end=4&amp;ledger=1"' in rows[1], "a rule leads to its first removal"
    assert totals_html(reading(removals=()), Address(), Words("en")) == ""


def test_doubts_are_listed_and_a_look_is_asked_for_only_under_half() -> None:
    assert "核对清洗记录" in doubts_html(reading(doubts=("no line is the title",), confidence=0.4), Words("zh"))
    assert "核对清洗记录" not in doubts_html(reading(doubts=("no line is the title",), confidence=0.8), Words("zh"))
    assert doubts_html(reading(), Words("zh")) == ""
    assert "pk-warning" not in byline_html(reading(doubts=("x",), confidence=0.8), Words("zh"))


@pytest.mark.parametrize("nasty", NASTY)
def test_a_page_as_a_file_is_text_and_loads_nothing(nasty: str) -> None:
    page = page_from_bytes(f"标题{nasty}\n\n正文{nasty}登记。\n\n展开阅读全文".encode(), path="a<b>.txt")
    article = clean(page)
    html = document("题" + nasty, page_section(page, article, Words("zh")), Words("zh"))
    read = Reader(html)
    known = (
        "html head meta title style body main section header h1 p code strong ul li b small article div details summary"
    )
    assert {tag for tag, _ in read.elements} <= {*known.split(), "span", "dl", "dt", "dd", "a"}
    assert [a["href"] for tag, a in read.elements if tag == "a"] == []
    assert "default-src 'none'" in html
    shown = re.findall(r'<div class="text">(.*?)</div>', html)
    assert "".join(map(stripped, shown)) == page.text


def test_a_page_as_a_file_explains_each_removal(dump: Callable[..., Page]) -> None:
    page = dump(snippets=3)
    article = clean(page)
    html = page_section(page, article, Words("en"))
    folded = re.findall(r'<details class="(\w+)">(.*?)</details>', html)
    assert [kind for kind, _ in folded] == [kind_of(removal.rule) for removal in article.removals]
    for (_, inner), removal in zip(folded, article.removals, strict=True):
        told = dict(zip(re.findall("<dt>(.*?)</dt>", inner), re.findall("<dd>(.*?)</dd>", inner), strict=True))
        assert unescape(told["evidence"]) == removal.evidence
        assert told["place"] == f"[{removal.start}, {removal.end})"
        assert told["rule"] == removal.rule
        for key, value in removal.fields.items():
            assert unescape(told.get(key, "")) == value
    legend = re.findall(r'<li class="snippet">(.*?)</li>', html)
    assert any(stripped(one).startswith("recommendation snippet 3 ") for one in legend)


def test_a_citation_leads_to_its_place_in_its_build_and_says_so() -> None:
    html = answer_html(answer(), Address(q="等多久", lang="zh"), Words("zh"))
    cite = next(a for tag, a in Reader(html).elements if tag == "a" and "pk-cite" in (a["class"] or ""))
    assert cite["href"] == "?q=%E7%AD%89%E5%A4%9A%E4%B9%85&view=article&lang=zh&build=b1&article=a1&start=7&end=17"
    assert cite["aria-label"] == "出处 1：断缴，查看原文位置"


def test_a_capture_date_is_never_called_publication() -> None:
    assert "抓取于 2025-05-22" in stripped(answer_html(answer(), Address(), Words("zh")))
    assert "发布于 2025-05-22" in stripped(answer_html(answer(as_of_kind="published"), Address(), Words("zh")))
    unknown = stripped(answer_html(answer(as_of_kind=None), Address(), Words("zh")))
    assert "日期不明" in unknown
    assert "2025" not in unknown


@pytest.mark.parametrize("lang", LANGS)
def test_the_four_verdicts_look_and_read_differently(lang: str) -> None:
    say = Words(lang)  # type: ignore[arg-type]
    cards = [
        answer_html(answer(verdict), Address(), say) for verdict in ("answered", "partly", "not_stated", "outside")
    ]
    assert len({re.search(r'class="(pk pk-answer [^"]*)"', card).group(1) for card in cards}) == 4  # type: ignore[union-attr]
    assert len({re.search(r"</span>([^<]*)</h2>", card).group(1) for card in cards}) == 4  # type: ignore[union-attr]
    # Nothing measured is nothing promised; an answer says so, a no has no confidence to speak of.
    assert [say("uncalibrated") in card for card in cards] == [True, True, False, False]
    assert not any(re.search(r"%|0\.64", stripped(card)) for card in cards)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "把握：中。标准题里这一档有 39 道，摘对 34 道。"),
        ("en", "Confidence: middle; right on 34 of 39 gold questions at this level."),
    ],
)
def test_confidence_is_what_was_counted(lang: str, said: str) -> None:
    band = Band("middle", 0.6, 0.872, 39)
    html = stripped(answer_html(replace(answer(), band=band), Address(), Words(lang)))  # type: ignore[arg-type]
    assert said in html
    assert "%" not in html
    assert said not in stripped(answer_html(replace(answer("not_stated"), band=band), Address(), Words(lang)))  # type: ignore[arg-type]


def answer_of_two(left: str, right: str) -> Answer:
    """An answer of two sentences whose figures differ and of one that differs from nothing, from three articles."""
    made = answer(quote=left)
    second = replace(
        made.citations[0], number=2, passage_id="p2", article_id="a2", title="外省", quote=right, as_of="2022-01-01"
    )
    third = replace(second, number=3, passage_id="p3", article_id="a3", quote="再说。")
    sentences = (Sentence(left, (1,), (1,)), Sentence(right, (2,), (0,)), Sentence("再说。", (3,)))
    return replace(made, sentences=sentences, citations=(*made.citations, second, third))


def test_differing_figures_stand_side_by_side_under_place_and_date() -> None:
    made = answer_of_two("男满25年、女满20年。", "男满30年、女满25年。")
    html = answer_html(made, Address(), Words("zh"), places={"a1": "北京市"})
    beside = re.search(r'<div class="pk-versus">.*?</div>', html)
    assert beside is not None
    items = [stripped(item) for item in re.findall("<li>(.*?)</li>", beside.group())]
    assert items == [
        "北京市 抓取于 2025-05-22男满25年、女满20年。[1]",
        "未写明地区 抓取于 2022-01-01男满30年、女满25年。[2]",
    ]
    assert re.findall('<mark class="pk-number">(.*?)</mark>', beside.group()) == ["25", "20", "30", "25"]
    assert "各来源的数字不同" in stripped(beside.group())
    assert "再说。" not in beside.group()
    assert '<p><span class="pk-sentence">再说。</span>' in html
    assert "pk-versus" not in answer_html(answer(), Address(), Words("zh"))


def test_sentences_that_differ_by_way_of_a_third_are_one_group() -> None:
    made = [Sentence("", (n,), differs) for n, differs in enumerate([(2,), (), (0, 3), (2,), (5,), (4,)], 1)]
    assert side_by_side(made) == {0: (0, 2, 3), 4: (4, 5)}


@pytest.mark.parametrize(
    ("texts", "marked_figures"),
    [
        (("每人400元，补助670元", "每人400元，补助700元"), [["670"], ["700"]]),
        (("满25年、满20年", "满30年、满25年"), [["25", "20"], ["30", "25"]]),
        (("2024年补助670元", "补助700元"), [["2024", "670"], ["700"]]),
        (("报60%，起付300元", "报60%"), [["300"], []]),
        (("3个月内补缴，当月能报", "过180日才能报"), [["3", "当月"], ["180"]]),
    ],
)
def test_figures_are_marked_where_they_differ(texts: tuple[str, ...], marked_figures: list[list[str]]) -> None:
    spans = differing_figures(texts)
    assert [[t[s:e] for s, e in found] for t, found in zip(texts, spans, strict=True)] == marked_figures


def test_the_passages_of_the_answer_are_one_click_away_with_what_is_said_marked() -> None:
    made = answer()
    text = "一、等待期\n先有3个月的等待期。\n例外另说。"
    around = hit(text, start=1, end=1 + len(text))
    other = hit("别处的话。", passage_id="p9")
    html = answer_html(replace(made, hits=Hits("b1", "等多久", (around, other))), Address(), Words("zh"))
    context = re.search(r'<details class="pk-context">.*?</details>', html)
    assert context is not None
    assert re.findall('<mark class="pk-said">(.*?)</mark>', context.group()) == ["先有3个月的等待期。"]
    assert "例外另说。" in context.group()
    assert "别处的话" not in html


def test_items_of_a_list_hang() -> None:
    html = answer_html(answer(quote="1. 先登记。"), Address(), Words("zh"))
    assert '<p class="pk-listed"><span class="pk-sentence">1. 先登记。</span>' in html
    assert "pk-listed" not in answer_html(answer(), Address(), Words("zh"))


def test_what_was_meant_is_a_link_that_asks_it() -> None:
    html = suggestion_html("断缴 三个月", Address(q="断焦 三个月", k=5), Words("zh"))
    assert stripped(html) == "你要问的是不是： 断缴 三个月"
    assert 'href="?q=%E6%96%AD%E7%BC%B4+%E4%B8%89%E4%B8%AA%E6%9C%88&amp;k=5"' in html
    assert suggestion_html(None, Address(q="断缴"), Words("zh")) == ""


@pytest.mark.parametrize(
    ("typed", "said", "plain"),
    [
        ("-医保", "问题里只有不要的词 “医保”，没有要找的内容。", None),
        ("“等待期” -医保", "没有一段写有 “等待期” 而不含 “医保”。", "等待期"),
        ("“等待期” 断缴", "没有一段原样写有 “等待期”。", "等待期 断缴"),
        ("断缴 -缴", "去掉含有 “缴” 的段落以后，什么也不剩。", "断缴"),
        ("怎么办", "问题里没有可查的内容", None),
        ("断缴", "换个说法", None),
    ],
)
def test_an_empty_list_says_why(typed: str, said: str, plain: str | None) -> None:
    html = nothing_html(Address(q=typed), Words("zh"))
    assert said in stripped(html)
    link = re.search('href="([^"]*)"', html)
    assert (link and unescape(link.group(1))) == (plain and Address(q=plain).href)


def test_sentences_that_follow_each_other_stand_in_one_paragraph() -> None:
    made = answer()
    second = replace(made.citations[0], number=2, start=17, end=20, quote="再说。")
    far = replace(second, number=3, start=40, end=43)
    several = replace(
        made,
        sentences=(*made.sentences, Sentence("再说。", (2,)), Sentence("再说。", (3,))),
        citations=(*made.citations, second, far),
    )
    html = answer_html(several, Address(), Words("zh"))
    assert html.count("<blockquote") == 1
    assert html.partition("</blockquote>")[0].count("<p>") == 2


def test_sources_name_an_article_once_with_the_headings_of_its_numbers() -> None:
    made = answer()
    second = replace(made.citations[0], number=2, start=30, end=40)
    third = replace(second, number=3, heading_path=("二、例外",))
    several = replace(made, citations=(*made.citations, second, third))
    sources = answer_html(several, Address(), Words("zh")).partition('<ul class="pk-sources"')[2]
    assert sources.count("<li>") == 1
    assert "断缴 a.txt · 抓取于 2025-05-22[1][2] 一、等待期[3] 二、例外" in stripped(sources)


@pytest.mark.parametrize("lang", LANGS)
def test_every_leg_has_words(lang: str) -> None:
    say = Words(lang)  # type: ignore[arg-type]
    legs = ["passage", "article", "context", "dense", "dense_article", "bank", "reranker"]
    legs += ["region", "year", "scheme", "source", "recency"]
    told = [say.leg(leg) for leg in legs] + [say.leg(leg, takes_off=True) for leg in ("region", "year", "scheme")]
    assert len(set(told)) == len(told)
    assert not set(told) & set(legs)
    assert say.leg("unheard of", takes_off=True) == "unheard of"


def test_every_text_has_both_languages_with_the_same_values() -> None:
    for key, entry in TABLE.items():
        fields = [sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in entry]
        assert all(entry), key
        assert fields[0] == fields[1], key


def test_every_sentence_of_the_cleaner_has_its_values_in_both_languages() -> None:
    rows = [line.split("\t") for line in PHRASES.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    assert len(rows) > 100
    assert len({row[0] for row in rows}) == len(rows)
    for row in rows:
        english, chinese = row
        fields = [
            sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in (english, chinese)
        ]
        assert fields[0] == fields[1], english
        assert not re.search("[\u4e00-\u9fff]", english), "the English comes first"


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("12 items of one shape; at least 3 items; at least 8 items", "12 个条目形状相同；至少 3 条；至少 8 条"),
        (
            "3 items of one shape; against it: titles of documents, text follows",
            "3 个条目形状相同；不利的迹象：标题像文件名、后面还有文字",
        ),
        ("stands in the page's foot: div.foot", "在页脚里：div.foot"),
        (
            "this line stands on 30 of 41 pages of a.example, in a row of 4 such lines, where the page begins or ends",
            "a.example 的 41 页里有 30 页有这一行，连续 4 行如此，位于页首或页尾",
        ),
        ("this line stands on 30 of 41 pages of a.example", "a.example 的 41 页里有 30 页有这一行"),
        ("overrules.tsv line 3: {why} 正文", "overrules.tsv 第 3 行：{why} 正文"),
        ("something new; no line is the title", "something new；没有找到标题行"),
    ],
)
def test_the_cleaner_speaks_chinese_sentence_by_sentence(said: str, chinese: str) -> None:
    assert phrase(said, "zh") == chinese
    assert phrase(said, "en") == said


def test_what_is_said_of_the_sample_pages_can_be_said_in_chinese() -> None:
    """A new reason in `ingest` belongs into search_app/static/phrases.tsv, a new rule into search_app/rules.py."""
    found = find_pages([Path(__file__).resolve().parents[1] / "corpus" / "pages"])
    english = set()
    for file in found.pages:
        page = read_page(file.file, path=file.path, sidecar=found.sidecar)
        article = clean(page)
        reasons = [*article.doubts, *page.warnings, *(removal.evidence for removal in article.removals)]
        english |= {part for said in reasons for part in said.split("; ") if phrase(part, "zh") == part}
        english |= {
            removal.rule for removal in article.removals if rule_name(removal.rule, Words("zh")) == removal.rule
        }
    assert english == set()


addresses = st.builds(
    Address,
    q=st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(str.strip),
    view=st.just("article"),
    mode=st.sampled_from(["hybrid", "dense", "lexical"]),
    k=st.sampled_from([5, 10, 20, 50]),
    lang=st.sampled_from([None, "zh", "en"]),
    build=st.one_of(st.none(), st.text(string.hexdigits, min_size=1, max_size=12)),
    article=st.text(string.hexdigits, min_size=1, max_size=12),
    other=st.one_of(st.none(), st.text(string.hexdigits, min_size=1, max_size=12)),
    start=st.integers(0, 10**6),
    end=st.integers(10**6 + 1, 10**8),
    ledger=st.booleans(),
)


@given(addresses)
def test_an_address_comes_back_from_its_parameters(address: Address) -> None:
    assert read_address(address.params()) == address


@given(st.dictionaries(st.sampled_from(["q", "view", "mode", "k", "lang", "build", "article", "start", "end"]), texts))
def test_any_address_is_read(params: dict[str, str]) -> None:
    here = read_address(params)
    assert here.build is None or here.build.isalnum()
    assert here.start is None or here.end is None or 0 <= here.start < here.end


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("build", "../../etc"),
        ("build", "a" * 65),
        ("article", "x/y"),
        ("k", "7"),
        ("k", "１０"),
        ("mode", "x"),
        ("lang", "de"),
    ],
)
def test_what_makes_no_sense_in_an_address_is_its_default(name: str, value: str) -> None:
    assert read_address({name: value}) == Address()
