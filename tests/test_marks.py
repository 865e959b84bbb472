"""What counts as the answer: its place, its words on a copy of the page, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from index.gold import GoldError, GoldQuestion, Place, Quote
from index.kb import KnowledgeBase
from index.marks import Mark, copied_pages, read_marks

HEAD = "职工医保断缴须知\n\n"
BODY = (
    "灵活就业人员可以自愿参加职工基本医疗保险,缴费由本人承担,每月扣款一次。",
    "中断缴费三十天以内补缴的,补缴以后待遇不受影响,医疗费用照常结算。",
    "个人账户里的余额归本人所有,停保以后仍然可以在定点药店买药,也可以看门诊。",
    "办理停保要带本人身份证原件,到参保地经办机构窗口填写停保申请表。",
    "换了工作单位的,由新单位在下一个月办理增员手续,个人不用另跑一趟。",
    "欠费超过90天的,恢复缴费以后要等待一段时间才能重新享受住院待遇。",
    "经办机构收到材料以后会在10个工作日内办结,并用短信通知申请的人。",
)
QUOTE = BODY[5]
# The copy exchanges one word, folds the punctuation and names another number of days.
COPY = tuple(line.replace("手续", "登记").replace(",", "，").replace("10个工作日", "15个工作日") for line in BODY)
OTHER = ("生育津贴办理须知\n\n", "生育津贴由用人单位垫付,经办机构按月拨付到单位账户,单位不得克扣。", QUOTE)


@pytest.fixture
def base(make_kb: Callable[..., KnowledgeBase]) -> KnowledgeBase:
    """page0 and page1 are copies, page2 shares one sentence and is about something else."""
    return make_kb(HEAD + "\n\n".join(BODY), HEAD + "\n\n".join(COPY), OTHER[0] + "\n\n".join(OTHER[1:]))


def gold(*answers: tuple[str, str]) -> GoldQuestion:
    return GoldQuestion("q", "?", "official", "answered", tuple(Quote(path, quote) for path, quote in answers))


def only(base: KnowledgeBase, *answers: tuple[str, str]) -> Mark:
    (mark,) = read_marks(base.records, [gold(*answers)])["q"]
    return mark


def place_of(base: KnowledgeBase, path: str, quote: str) -> tuple[int, int]:
    text = next(row["text"] for row in base.records.query("SELECT text FROM pages WHERE path = ?", (path,)))
    start = text.index(quote)
    return start, start + len(quote)


def test_the_base_knows_the_copies(base: KnowledgeBase) -> None:
    assert copied_pages(base.records) == {"page0.txt": {"page1.txt"}, "page1.txt": {"page0.txt"}}


def test_a_place_counts_from_six_tenths_of_the_shorter() -> None:
    mark = Mark((Place("page0.txt", 100, 200),), ("甲乙丙丁",), frozenset({"page0.txt"}))
    assert mark.stands_in("page0.txt", 100, 200, "x")
    assert mark.stands_in("page0.txt", 0, 900, "x")  # a passage that holds the quote
    assert mark.stands_in("page0.txt", 120, 140, "x")  # a sentence that lies in it
    assert mark.stands_in("page0.txt", 190, 206, "x")  # 10 of 16 characters
    assert not mark.stands_in("page0.txt", 190, 207, "x")  # 10 of 17
    assert not mark.stands_in("page1.txt", 100, 200, "x")


def test_the_sentence_of_a_copy_counts_and_that_of_another_page_does_not(base: KnowledgeBase) -> None:
    mark = only(base, ("page0.txt", QUOTE))
    said = QUOTE.replace(",", "，")
    assert mark.stands_in("page1.txt", *place_of(base, "page1.txt", said), said)
    assert mark.stands_in("page1.txt", 0, 9999, f"其他的话。{said}还有别的话。")
    assert not mark.stands_in("page2.txt", *place_of(base, "page2.txt", QUOTE), QUOTE)


def test_a_copy_may_differ_in_a_word_but_in_no_figure(base: KnowledgeBase) -> None:
    word = only(base, ("page0.txt", BODY[4]))
    assert COPY[4] != BODY[4].replace(",", "，")
    assert word.stands_in("page1.txt", *place_of(base, "page1.txt", COPY[4]), COPY[4])
    figure = only(base, ("page0.txt", BODY[6]))
    assert not figure.stands_in("page1.txt", *place_of(base, "page1.txt", COPY[6]), COPY[6])


def test_a_few_characters_of_a_quote_are_not_the_quote(base: KnowledgeBase) -> None:
    mark = only(base, ("page0.txt", QUOTE))
    assert not mark.stands_in("page1.txt", 0, 6, "重新享受")
    assert mark.stands_in("page1.txt", 0, 12, "才能重新享受住院待遇")


def test_equal_quotes_on_copies_are_one_answer(base: KnowledgeBase) -> None:
    mark = only(base, ("page0.txt", QUOTE), ("page1.txt", QUOTE.replace(",", "，")))
    assert [place.path for place in mark.places] == ["page0.txt", "page1.txt"]
    apart = read_marks(base.records, [gold(("page0.txt", BODY[6]), ("page1.txt", COPY[6]))])["q"]
    assert [mark.quotes for mark in apart] == [(BODY[6],), (COPY[6],)]  # the figures differ
    elsewhere = read_marks(base.records, [gold(("page0.txt", QUOTE), ("page2.txt", QUOTE))])["q"]
    assert len(elsewhere) == 2  # no copy


def test_quotes_of_one_part_are_one_answer_whatever_page_they_stand_on(base: KnowledgeBase) -> None:
    quotes = (Quote("page0.txt", BODY[1], 2), Quote("page0.txt", QUOTE, 1), Quote("page2.txt", OTHER[1], 1))
    question = GoldQuestion("q", "?", "several", "answered", (*quotes, Quote("page2.txt", QUOTE)))
    first, second, alone = read_marks(base.records, [question])["q"]
    assert (first.quotes, second.quotes, alone.quotes) == ((BODY[1],), (QUOTE, OTHER[1]), (QUOTE,))
    assert second.stands_in("page2.txt", *place_of(base, "page2.txt", OTHER[1]), OTHER[1])
    assert not first.stands_in("page2.txt", *place_of(base, "page2.txt", OTHER[1]), OTHER[1])
    apart = (Quote("page0.txt", QUOTE, 1), Quote("page1.txt", QUOTE.replace(",", "，"), 2))
    question = GoldQuestion("q", "?", "several", "answered", apart)
    assert len(read_marks(base.records, [question])["q"]) == 2  # numbered apart, copies or not


def test_pieces_count_wherever_they_stand() -> None:
    mark = Mark(pieces=("90 日后享受", "三个月后"))
    assert mark.stands_in("any.txt", 0, 1, "缴费 90日后\n享受待遇")
    assert not mark.stands_in("any.txt", 0, 1, "90日内享受待遇")


def test_a_quote_that_the_base_does_not_hold_is_an_error(base: KnowledgeBase) -> None:
    with pytest.raises(GoldError, match=r"page0\.txt does not say '没有这句话'"):
        only(base, ("page0.txt", "没有这句话"))
