"""Which official wordings a reader is told for the words of her question."""

from __future__ import annotations

import pytest

from index.kb import KnowledgeBase
from index.lexicon.lexicon import Entry, Lexicon
from index.question.official import OfficialWording, official_wordings

LEXICON = Lexicon(
    (
        Entry("words", ("停止缴费", "中断缴费"), ("断缴", "断交")),
        Entry("words", ("用人单位",), ("公司",)),
        Entry("words", ("中断缴费",), ("断了",), context=("医保",)),
        Entry("words", ("缴费年限",), ("缴多少年",)),
        Entry("words", ("报销比例",), ("报销",)),
        Entry("broader", ("灵活就业人员",), ("灵活的",)),
        Entry("short", ("居保",), ("居民养老保险",)),
    )
)


def told(
    question: str, used: str = "停止缴费 中断缴费 用人单位 缴费年限 报销比例 灵活就业人员 居保"
) -> list[tuple[str, str]]:
    return [(one.typed, one.official) for one in official_wordings(question, LEXICON, lambda word: word in used)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("断缴三个月", [("断缴", "中断缴费")]),  # the most alike, though another stands first in the table
        ("公司不管", []),  # shares no character
        ("医保断了", []),  # means that only in its context
        ("缴多少年", []),  # asks
        ("报销多少", []),  # the wording only adds to the word
        ("灵活的人", []),  # a wider term
        ("断缴算不算中断缴费", []),  # said already
        ("“断缴”三个月", []),  # wanted as it is
        ("三个月 -断缴", []),  # not wanted at all
        ("断缴和断交", [("断缴", "中断缴费"), ("断交", "中断缴费")]),
    ],
)
def test_a_wording_is_told_where_it_can_stand_for_the_word(question: str, expected: list[tuple[str, str]]) -> None:
    assert told(question) == expected


def test_a_wording_that_no_text_uses_is_not_told() -> None:
    assert told("断缴三个月", used="停止缴费") == [("断缴", "停止缴费")]
    assert told("断缴三个月", used="用人单位") == []


def test_the_question_keeps_its_marks_and_its_white_space() -> None:
    only = official_wordings("医 保 断 缴  怎么办 -居民", LEXICON, lambda word: True)
    assert only == (OfficialWording("断 缴", "中断缴费", "医 保 中断缴费  怎么办 -居民"),)


def test_each_word_is_told_once_and_at_most_three_are() -> None:
    four = Lexicon(tuple(Entry("words", (f"中{word}保险",), (f"{word}险",)) for word in "甲乙丙丁"))
    told = official_wordings("甲险 甲险 乙险 丙险 丁险", four, lambda word: True)
    assert [one.typed for one in told] == ["甲险", "乙险", "丙险"]
    assert told[0].question == "中甲保险 甲险 乙险 丙险 丁险"


def test_on_the_sample_corpus_the_wording_comes_from_its_own_texts(sample_kb: KnowledgeBase) -> None:
    assert sample_kb.official_wordings("断缴三个月，还能报销吗？") == (
        OfficialWording("断缴", "中断缴费", "中断缴费三个月，还能报销吗？"),
    )
    assert sample_kb.official_wordings("居民医保中断缴费怎么办") == ()


def test_what_is_official_in_one_line_is_no_everyday_word_of_another() -> None:
    two = Lexicon((Entry("words", ("中断缴费", "停缴"), ("断缴",)), Entry("words", ("停止缴费",), ("停缴", "断缴"))))
    assert two.official == {"断缴": ("中断缴费", "停缴", "停止缴费")}
