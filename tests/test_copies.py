"""Near-identical passages of hits, and the words in which two of them differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.copies import MAX_COMPARED_WORDS, copies_of, differences
from index.kb import KnowledgeBase
from index.ngrams import fold

ROOT = Path(__file__).resolve().parents[1]
RULE = "没赶上集中缴费期的,缴费之后先有3个月的固定等待期,这段时间的医疗费用不予支付。"


def told(shown: str, other: str) -> list[tuple[str, str]]:
    return [(change.sign, change.text) for change in differences(shown, other)]


def form(text: str) -> str:
    return "".join(fold(text).split())


def test_a_changed_figure_is_one_change_of_whole_figures() -> None:
    assert told(RULE, RULE.replace("3个月", "13个月")) == [
        ("=", "没赶上集中缴费期的,缴费之后先有"),
        ("-", "3"),
        ("+", "13"),
        ("=", "个月的固定等待期,这段时间的医疗费用不予支付。"),
    ]


@pytest.mark.parametrize("other", [RULE.replace(",", "，"), f"  {RULE}\n", RULE.replace("医疗费用", "醫療費用"), RULE])
def test_width_blanks_and_script_are_no_difference(other: str) -> None:
    assert told(RULE, other) == []


def test_what_one_says_besides_is_said_once() -> None:
    assert told(RULE, f"{RULE}具体以当地规定为准。") == [("=", RULE), ("+", "具体以当地规定为准。")]
    assert told(f"先看这里。{RULE}", RULE) == [("-", "先看这里。"), ("=", RULE)]


def test_a_clause_with_nothing_in_common_is_told_as_a_whole() -> None:
    changes = told("先交钱。三个月后报销。", "先交钱。找窗口问一问。")
    assert changes == [("=", "先交钱。"), ("-", "三个月后报销。"), ("+", "找窗口问一问。")]


def test_one_equal_word_does_not_make_a_patchwork() -> None:
    # The 月 that both have stands alone between two changes.
    assert told("等待期满6个月才报销医疗费用。", "等待期满半年月初就报销医疗费用。") == [
        ("=", "等待期满"),
        ("-", "6个月才"),
        ("+", "半年月初就"),
        ("=", "报销医疗费用。"),
    ]


def test_long_clauses_are_told_without_looking_for_words() -> None:
    long = "参保人员" * (MAX_COMPARED_WORDS // 4) + "某"
    assert [sign for sign, _ in told(long, f"{long[:-1]}另")] == ["-", "+"]


@given(
    *[st.text(st.sampled_from("医保断缴 3个月12,。；\n，Aa"), max_size=60)] * 2,
)
def test_both_texts_can_be_read_off_the_changes(shown: str, other: str) -> None:
    changes = differences(shown, other)
    if not changes:
        assert form(shown) == form(other)
        return
    assert "".join(one.text for one in changes if one.sign in "=-") == shown
    assert form("".join(one.text for one in changes if one.sign in "=+")) == form(other)


def test_copies_come_with_their_place_the_preferred_first(make_kb: Callable[..., KnowledgeBase]) -> None:
    article = (ROOT / "corpus" / "pages" / "resident-insurance-gap.txt").read_text("utf-8").partition("相关推荐")[0]
    kb = make_kb(article, article.replace("医保不予支付", "医保基金不支付", 1))
    hit = next(hit for hit in kb.search("没赶上集中缴费期，等待期多久", k=5) if "先有" in hit.text)
    ((passage, (twin,)),) = copies_of(kb.records, [hit], 10).items()
    assert passage == hit.passage_id
    assert (twin.passage_id,) == hit.duplicates
    assert {hit.path, twin.path} == {"page0.txt", "page1.txt"}
    page = kb.article(twin.article_id)
    assert page is not None
    assert page.text[twin.start : twin.end] == twin.text
    assert [(one.sign, one.text) for one in differences(hit.text, twin.text) if one.sign != "="] == [
        ("-", "不予" if "不予" in hit.text else "基金不"),
        ("+", "基金不" if "不予" in hit.text else "不予"),
    ]
    assert copies_of(kb.records, [hit], 0) == {passage: ()}
