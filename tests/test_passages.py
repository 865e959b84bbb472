"""Passages are verbatim, cover the article, keep sentences whole and stay within their bounds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import clean
from ingest.page import Page, page_from_bytes
from ingest.passages import HARD_MAX_CHARS, MAX_CHARS, MIN_CHARS, Passage, split_passages

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
