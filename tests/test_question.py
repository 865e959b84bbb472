"""What was typed becomes a question: phrases, minus words, white space, corrections with places, odd input."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.kb import KnowledgeBase
from index.lexicon.lexicon import Expansion
from index.ngrams import fold, gram_keys
from index.question.question import CORRECTION, Question, read_question
from index.question.vocabulary import Vocabulary

VOCABULARY = Vocabulary(terms=["医保", "报销", "生育津贴", "异地就医", "医保卡", "备案", "app", "养老金"])
PAIRS = {"备案", "怎么", "么领", "就医", "育津", "断了", "需要", "要什", "什么"}


def knows(pair: str) -> bool:
    return pair in PAIRS


def read(typed: str) -> Question:
    return read_question(typed, VOCABULARY, knows)


@pytest.mark.parametrize(
    ("typed", "text", "phrases", "excluded"),
    [
        ("“异地就医” 备案", "异地就医 备案", ("异地就医",), ()),
        ('医保 "家庭 共济" 怎么用', "医保 家庭 共济 怎么用", ("家庭 共济",), ()),
        ("「长护险」申请", "长护险申请", ("长护险",), ()),
        ("”两病”保障", "两病保障", ("两病",), ()),  # an input method that is out of step
        ("医保 -居民", "医保", (), ("居民",)),
        ("－学生 居民医保", "居民医保", (), ("学生",)),
        ("医保\n-居民 -学生，怎么交", "医保 ，怎么交", (), ("居民", "学生")),
        ("3-6个月", "3-6个月", (), ()),
        ("职工-居民 转换", "职工-居民 转换", (), ()),
        ("医保 - 社保", "医保 - 社保", (), ()),
        ("医保 --kb", "医保 --kb", (), ()),
        ("医保 -“异地 就医”", "医保", (), ("异地 就医",)),
        ("“医保 -居民”", "医保 -居民", ("医保 -居民",), ()),
        ('5"屏幕', '5"屏幕', (), ()),  # a mark without its partner
        ("“”医保 “，”", "医保 ，", (), ()),  # nothing is no phrase
        ("-居民", "", (), ("居民",)),
    ],
)
def test_marks_are_taken_out(typed: str, text: str, phrases: tuple[str, ...], excluded: tuple[str, ...]) -> None:
    question = read_question(typed)
    assert (question.text, question.phrases, question.excluded) == (text, phrases, excluded)
    assert question.typed == typed


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("  医保　断缴\t影响 ", "医保 断缴 影响"),
        ("医 保 断 缴", "医保断缴"),
        ("职工 医 保", "职工医保"),
        ("医保\u200b卡\ufeff", "医保卡"),
        ("DRG 付费", "DRG 付费"),
        ("yi bao", "yi bao"),
    ],
)
def test_white_space_inside(typed: str, text: str) -> None:
    assert read_question(typed).text == text


@pytest.mark.parametrize(
    ("typed", "hit", "is_match"),
    [
        ("“异地就医”", "跨省异地\n就医备案", True),
        ("“异地就医”", "異地就醫", True),
        ("“异地就医”", "异地办理就医", False),
        ("“异地 就医”", "异地就医", True),
        ("“DRG”", "按ｄｒｇ付费", True),
        ("“app”", "apple 手机", False),
        ("“3个月”", "满 3 个月", True),
        ("“3个月”", "满13个月", False),
        ("“3个月”", "满1.3个月", False),
        ("“医保” “共济”", "医保账户", False),
        ("“医保” “共济”", "医保共济账户", True),
        ("医保 -居民", "职工医保", True),
        ("医保 -居民", "城乡居民医保", False),
        ("医保 -2023", "12023号", True),
        ("医保", "什么都行", True),
    ],
)
def test_hits_hold_the_phrases_and_no_minus_word(typed: str, hit: str, is_match: bool) -> None:
    assert read_question(typed).matches(hit) is is_match


def test_a_slip_is_offered_and_never_replaced() -> None:
    question = read("医宝断了")
    assert question.text == "医宝断了"
    assert question.suggestion == question.mended == "医保断了"
    assert question.corrections == (Expansion("医宝", 0, 2, ("医保",), CORRECTION),)
    assert CORRECTION < 1


def test_the_suggestion_keeps_marks_and_minus_words() -> None:
    question = read("“生玉津贴”  怎么领 -男")
    assert question.suggestion == "“生育津贴” 怎么领 -男"
    assert (question.text, question.mended) == ("生玉津贴 怎么领", "生育津贴 怎么领")
    assert question.phrases == ("生玉津贴",)


def test_expansions_of_the_mended_text_find_their_place() -> None:
    question = read("yibaoka断了 生玉津贴")
    assert question.mended == "医保卡断了 生育津贴"
    at = question.mended.index
    assert question.on_text(Expansion("断了", at("断"), at("了") + 1, ("中断",))).word == "断了"
    moved = question.on_text(Expansion("生育津贴", at("生"), at("贴") + 1, ("津贴",), 0.5))
    assert moved == Expansion("生玉津贴", 10, 14, ("津贴",), 0.5)
    # a word that ends in a mended one reaches over all that was typed for it
    assert question.on_text(Expansion("医保", 0, 2, ("医疗保险",))).word == "yibaoka"


def test_a_word_before_a_mended_one_ends_where_that_begins() -> None:
    question = read("断了医宝")
    assert question.mended == "断了医保"
    assert question.on_text(Expansion("断了", 0, 2, ("中断",))) == Expansion("断了", 0, 2, ("中断",))
    assert question.on_text(Expansion("了医保", 1, 4, ("x",))).word == "了医宝"


def test_numbers_and_corrections_come_in_order() -> None:
    question = read("断了三个月 医宝")
    assert [(e.word, e.terms) for e in question.expansions] == [("三个月", ("3个月",)), ("医宝", ("医保",))]


def test_without_a_vocabulary_nothing_is_suggested() -> None:
    question = read_question("医宝断了")
    assert (question.suggestion, question.mended, question.corrections) == (None, None, ())


def test_without_knowledge_of_pairs_only_sure_words_are_mended() -> None:
    assert read_question("医宝断了", VOCABULARY).suggestion is None
    assert read_question("一地就医怎么办", VOCABULARY).suggestion == "异地就医怎么办"


@pytest.mark.parametrize(
    ("typed", "is_empty", "only_asks"),
    [
        ("", True, False),
        (" \n\u200b", True, False),
        ("？！", True, False),
        ("😀👍🏽", True, False),
        ("-居民", True, False),
        ("“”", True, False),
        ("怎么", False, True),
        ("请问需要什么？", False, True),
        ("請問怎麼辦", False, True),
        ("医保怎么交", False, False),
        ("12393", False, False),
    ],
)
def test_questions_without_a_subject(typed: str, is_empty: bool, only_asks: bool) -> None:
    question = read(typed)
    assert (question.is_empty, question.only_asks) == (is_empty, only_asks)
    assert question.suggestion is None


def test_a_pasted_text_is_searched_and_not_mended() -> None:
    question = read("医宝" * 1000)
    assert (len(question.text), question.suggestion) == (2000, None)


@pytest.mark.parametrize(
    "typed", ["9" * 2000, "亿" * 2000, "一万" * 1000, "a " * 100, "yi" * 100, "\ud800医保", "1.1" * 600]
)
def test_odd_input_is_read(typed: str) -> None:
    question = read(typed + "元")
    assert question.matches("") is True
    assert question.numbers == ()


@given(st.text(alphabet='医宝保报消销生玉津贴一二三万个月年半百分之%3 1.,-－“”"「」yibaojt的吗\n\u200b😀', max_size=40))
def test_any_text_is_read_with_places_that_hold(typed: str) -> None:
    question = read(typed)
    folded = fold(question.text)
    for expansion in question.expansions:
        assert folded[expansion.start : expansion.end] == expansion.word
        assert expansion.terms
        assert expansion.word not in expansion.terms
    assert (question.suggestion is None) == (question.corrections == ()) == (question.mended is None)
    if question.mended is not None:
        whole = question.on_text(Expansion("", 0, len(question.mended), ("x",)))
        assert (whole.start, whole.end) == (0, len(question.text))
        assert question.mended != question.text
    # what is left to search is read as it is; only marks that had no partner may pair up now
    assert read_question(question.text).text.replace(" ", "") in (
        question.text.replace(" ", ""),
        read_question(question.text.replace(" ", "")).text,
    ) or any(mark in question.text for mark in '-－“”"「」')


@pytest.mark.parametrize(
    ("typed", "same"),
    [("drg付费", "DRG 付费"), ("医保app", "医保 ＡＰＰ"), ("醫療保險", "医疗保险"), ("ＤＩＰ付费", "dip付费")],
)
def test_case_width_and_script_make_no_difference(typed: str, same: str) -> None:
    keys = [sorted(gram_keys([read_question(text).text])[0].tolist()) for text in (typed, same)]
    assert keys[0] == keys[1]


def test_questions_in_any_script_find_the_same_passage(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(
        "DRG付费是什么\n\nDRG 付费是按疾病诊断相关分组付费,由医保基金打包支付给医院。",
        "养老金怎么领\n\n达到法定退休年龄后,可以按月领取基本养老金,由社保机构发放。",
        "生育津贴怎么算\n\n生育津贴按用人单位上年度职工月平均工资计发,由医保经办机构支付。",
    )
    for typed in ("drg付费", "ｄｒｇ 付費", "按疾 病诊断付费"):
        assert kb.search(read_question(typed).text, k=1)[0].title == "DRG付费是什么"
    assert kb.search(read_question("養老金怎麼領 -工资").text, k=1)[0].title == "养老金怎么领"
