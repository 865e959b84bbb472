"""Passages are verbatim, cover the article, keep sentences whole and stay within their bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import clean
from ingest.lines import read_lines
from ingest.page import Page, page_from_bytes
from ingest.passages import HARD_MAX_CHARS, MAX_CHARS, MIN_CHARS, Passage, split_passages
from ingest.rows import Row, find_rows
from ingest.sentences import sentence_spans

_FIGURES = re.compile(r"\d[\d,.%年月日-]*\d[%年月日]?|《[^》\n]*》")
SENTENCE = "参保人员应当在规定期限内足额缴纳医疗保险费用,逾期未缴的按照中断缴费处理。"


def passages(page: Page) -> tuple[Passage, ...]:
    return split_passages(page.text, clean(page))


def test_a_section_that_fits_is_one_passage_with_its_heading(dump: Callable[..., Page]) -> None:
    body = ("停保办法", "一、单位", SENTENCE * 3, "二、个人", SENTENCE * 4)
    found = passages(dump(body, snippets=0))
    assert [p.heading_path for p in found] == [("一、单位",), ("二、个人",)]
    assert found[0].text == f"一、单位\n\n{SENTENCE * 3}"


def test_a_heading_never_stands_alone(dump: Callable[..., Page]) -> None:
    body = ("停保办法", "一、单位", "1. 材料", SENTENCE * 6, "2. 流程", SENTENCE * 6)
    found = passages(dump(body, snippets=0))
    assert [p.text.split("\n\n")[:2] for p in found] == [["一、单位", "1. 材料"], ["2. 流程", SENTENCE * 6]]
    assert [p.heading_path for p in found] == [("一、单位", "1. 材料"), ("一、单位", "2. 流程")]


def test_a_heading_stays_with_a_sentence_longer_than_all_bounds(dump: Callable[..., Page]) -> None:
    found = passages(dump(("停保办法", "一、单位", "甲" * 900 + "。", "二、个人", SENTENCE * 4), snippets=0))
    assert [p.text[:4] for p in found] == ["一、单位", "二、个人"]


def test_short_neighbours_share_a_passage(dump: Callable[..., Page]) -> None:
    body = (
        "停保办法",
        "一、单位",
        "由单位办理停保手续。",
        "二、个人",
        "由本人携带身份证到窗口办理。",
        "三、其他",
        SENTENCE * 5,
    )
    found = passages(dump(body, snippets=0))
    assert found[0].text.startswith("一、单位")
    assert "二、个人" in found[0].text


def test_a_long_paragraph_is_cut_between_sentences(dump: Callable[..., Page]) -> None:
    found = passages(dump(("停保办法", SENTENCE * 40), snippets=0))
    assert "".join(p.text for p in found) == SENTENCE * 40
    assert all(p.text.endswith("。") and MIN_CHARS <= len(p.text) <= HARD_MAX_CHARS for p in found)
    assert max(len(p.text) for p in found) <= MAX_CHARS + len(SENTENCE) * 2


def test_one_sentence_longer_than_all_bounds_stays_whole(dump: Callable[..., Page]) -> None:
    long = "符合条件的人员,".ljust(900, "甲") + "。"
    assert [p.text for p in passages(dump(("停保办法", long), snippets=0))] == [long]


def test_a_lead_in_stays_with_its_first_item(dump: Callable[..., Page]) -> None:
    body = ("停保办法", SENTENCE * 9, "所需材料如下:", *(f"• 第{n}份材料:{SENTENCE}" for n in range(6)))
    for passage in passages(dump(body, snippets=0)):
        assert not passage.text.endswith(":")


def test_a_passage_never_spans_a_removal(dump: Callable[..., Page]) -> None:
    page = dump(("停保办法", "停保由单位办理。"), after=["停保以后请保存凭证。"])
    article = clean(page)
    found = split_passages(page.text, article)
    assert [p.text for p in found] == ["停保由单位办理。", "停保以后请保存凭证。"]


def test_a_model_that_reads_little_gets_shorter_passages(dump: Callable[..., Page]) -> None:
    page = dump(("停保办法", SENTENCE * 6), snippets=0)
    found = split_passages(page.text, clean(page), fits=lambda text: len(text) <= 90)
    assert [p.text for p in found] == [SENTENCE * 2] * 3


def test_a_page_of_headings_is_split_in_a_moment(dump: Callable[..., Page]) -> None:
    lines = [line for n in range(4000) for line in (f"（{'一二三四五六七八九十'[n % 10]}）第{n}项", "按规定办理。")]
    found = passages(dump(("办法", *lines), snippets=0))
    assert found[-1].text.endswith("按规定办理。")


def test_ids_survive_edits_elsewhere_and_tell_equal_texts_apart(dump: Callable[..., Page]) -> None:
    before = passages(dump(("停保办法", "一、单位", SENTENCE * 3, "二、个人", SENTENCE * 4), snippets=0))
    after = passages(dump(("停保办法", "一、单位", SENTENCE * 3, "新增。", "二、个人", SENTENCE * 4), snippets=0))
    assert before[1].id == after[1].id
    assert before[0].id != after[0].id
    twice = passages(dump(("停保办法", SENTENCE * 9, SENTENCE * 9), snippets=0))
    assert len({p.id for p in twice}) == len(twice)


def test_a_short_last_section_joins_the_one_before_it_up_to_the_hard_limit(dump: Callable[..., Page]) -> None:
    found = passages(dump(("停保办法", "一、单位", SENTENCE * 11, "二、个人", "到窗口办理。"), snippets=0))
    assert [len(p.text) for p in found] == [4 + 2 + len(SENTENCE) * 11 + 2 + 4 + 2 + 6]
    assert MAX_CHARS < len(found[0].text) <= HARD_MAX_CHARS


def test_a_heading_is_never_the_end_of_a_passage(dump: Callable[..., Page]) -> None:
    body = ("停保办法", "一、单位", SENTENCE * 15, "1. 材料", SENTENCE * 9, "2. 流程", SENTENCE * 9)
    for passage in passages(dump(body, snippets=0)):
        assert not passage.text.endswith(("材料", "流程", "单位"))


TABLE = "".join(
    f"<tr><td>第{n}档</td><td>{n * 100}元</td><td>{'按月缴纳' * 12}。次月生效。</td></tr>" for n in range(1, 25)
)
TABLE_PAGE = f"<html><body><h1>缴费标准</h1><p>{SENTENCE * 2}</p><table><tr><th>档次</th><th>标准</th><th>说明</th></tr>{TABLE}</table></body></html>"


def test_rows_stay_whole_and_know_their_columns() -> None:
    page = page_from_bytes(TABLE_PAGE.encode(), path="table.html")
    found = passages(page)
    rows = [line for p in found for line in p.text.split("\n") if "\t" in line]
    assert rows[0] == "档次\t标准\t说明"
    assert rows[1:] == [f"第{n}档\t{n * 100}元\t{'按月缴纳' * 12}。次月生效。" for n in range(1, 25)]
    assert len(found) >= 4
    assert [p.heading_path for p in found] == [(), *[("档次 · 标准 · 说明",)] * (len(found) - 1)]
    assert all(len(p.text) <= HARD_MAX_CHARS for p in found)


def test_a_row_longer_than_all_bounds_stays_whole() -> None:
    row = f"<tr><td>第一档</td><td>{SENTENCE * 20}</td></tr>"
    markup = f"<html><body><h1>标准</h1><table><tr><th>档次</th><th>说明</th></tr>{row}{row}</table></body></html>"
    found = passages(page_from_bytes(markup.encode(), path="table.html"))
    assert [p.text for p in found] == [f"档次\t说明\n第一档\t{SENTENCE * 20}", f"第一档\t{SENTENCE * 20}"]


def test_rows_of_a_dump_know_their_columns_too(dump: Callable[..., Page]) -> None:
    rows = [f"第{n}档\t{n * 100}元\t{'按月缴纳' * 10}" for n in range(1, 13)]
    found = passages(dump(("缴费标准", "档次\t标准\t说明", *rows), snippets=0))
    assert [p.heading_path for p in found] == [(), *[("档次 · 标准 · 说明",)] * (len(found) - 1)]
    assert len(found) >= 2


def test_a_first_row_of_figures_names_no_columns() -> None:
    text = "第1档\t100元\t3月\n第2档\t200元\t6月\n正文\n单独\t一行"
    blocks = read_lines(text)
    assert find_rows(text, blocks) == {0: Row(0, ()), 1: Row(0, ())}


def test_bars_make_rows_and_one_line_makes_no_table() -> None:
    text = "| 档次 | 标准 |\n| --- | --- |\n| 一档 | 100元 |\n\n甲 | 乙 | 丙"
    assert set(find_rows(text, read_lines(text))) == {0, 1, 2}
    assert find_rows(text, read_lines(text))[2].header == ("档次", "标准")


def test_a_short_tail_behind_a_removal_stays_apart(dump: Callable[..., Page]) -> None:
    page = dump(("停保办法", SENTENCE * 3, "点击查看完整版", "停保以后请保存凭证。"), snippets=0)
    assert [p.text for p in passages(page)] == [SENTENCE * 3, "停保以后请保存凭证。"]


def test_a_line_broken_for_its_width_stays_with_the_next() -> None:
    sentence = (
        "参保人员应当在规定期限内足额缴纳医疗保险费用,自2025年",
        "1月1日起逾期未缴满三个月的应当由本人或者用人单位",
        "按照中断缴费处理。",
    )
    page = page_from_bytes("\n".join(["停保办法", *sentence * 14]).encode(), path="wrapped.txt")
    found = passages(page)
    assert len(found) >= 2
    assert all(p.text.endswith("处理。") for p in found)


def test_too_much_is_cut_where_a_passage_may_end() -> None:
    first = "甲" * 349 + "。"
    page = page_from_bytes("\n".join(["停保办法", first, *["乙" * 45] * 9]).encode(), path="wrapped.txt")
    assert [p.text for p in passages(page)] == [first, "\n".join(["乙" * 45] * 9)]


_PIECES = st.sampled_from(
    [
        "一、单位",
        "二、个人",
        "1. 材料",
        "（一）对象",
        "材料如下:",
        "• 身份证原件。",
        SENTENCE,
        SENTENCE * 5,
        SENTENCE * 12,
        "短句。",
        "档次\t标准",
        "一档\t每月1,300.50元,占87.5%",
        "自2025年1月1日起,缴费比例为8.25%,详见《办法(2025年版)》第3.2条?是的!",
        "比例为12.5%,自2024-05-06起执行。" * 40,
    ]
)


@given(st.lists(_PIECES, min_size=1, max_size=25))
def test_passages_are_slices_and_cover_the_article(pieces: list[str]) -> None:
    page = page_from_bytes("\n\n".join(["停保办法", *pieces]).encode(), path="page.txt")
    article = clean(page)
    found = split_passages(page.text, article)
    assert all(p.text == page.text[p.start : p.end] for p in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    covered = {position for p in found for position in range(p.start, p.end)}
    assert {position for block in article.body for position in range(block.start, block.end)} <= covered
    assert len({p.id for p in found}) == len(found)
    assert all(article.keeps(p.start, p.end) for p in found)
    borders = {border for p in found for border in (p.start, p.end)}
    assert not any(m.start() < border < m.end() for m in _FIGURES.finditer(page.text) for border in borders)
    for passage in found:
        longest = max(end - start for start, end in sentence_spans(passage.text))
        assert len(passage.text) <= HARD_MAX_CHARS or longest > HARD_MAX_CHARS


@given(st.lists(_PIECES, min_size=1, max_size=25), st.integers(60, 300))
def test_a_passage_is_read_whole_or_is_one_sentence_or_row(pieces: list[str], chars: int) -> None:
    page = page_from_bytes("\n\n".join(["停保办法", *pieces]).encode(), path="page.txt")
    article = clean(page)
    found = split_passages(page.text, article, fits=lambda text: len(text) <= chars)
    covered = {position for p in found for position in range(p.start, p.end)}
    assert {position for block in article.body for position in range(block.start, block.end)} <= covered | {
        position for position, character in enumerate(page.text) if character.isspace()
    }
    assert all(len(p.text) <= chars or len(sentence_spans(p.text)) == 1 for p in found)
