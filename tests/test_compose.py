"""What is said is whole: conditions, lead-ins, rows with their columns; no repetition; differing figures together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.answering.candidates import Candidate, Kind
from index.answering.compose import MAX_CHARS, MAX_SENTENCES, compose
from index.answering.features import SENTENCE
from index.search import Hit, Reasons

HIT = Hit(
    rank=1, score=1.0, row=0, passage_id="p1", article_id="a1", title="题", heading_path=(), text="", path="p.txt",
    start=0, end=0, as_of=None, as_of_kind=None, url=None, site=None, duplicates=(), reasons=Reasons({}, (), ()),
)  # fmt: skip
OTHER = replace(HIT, rank=2, row=1, passage_id="p2", article_id="a2", path="q.txt")


def sentence(number: int, text: str, evidence: float, *, kind: Kind = "sentence", hit: Hit = HIT) -> Candidate:
    start = number * 1000
    return Candidate(
        hit, number, start, start + len(text), text, (), kind, (0.0,) * len(SENTENCE), evidence
    )  # fmt: skip


def said(*candidates: Candidate, kinds: tuple[str, ...] = (), within: float = 0.0) -> list[str]:
    return [c.text for c in compose(candidates, kinds, within=within).sentences]


def test_the_best_sentence_is_said_alone_where_others_are_behind() -> None:
    assert said(sentence(0, "不相干的一句。", -3), sentence(1, "要等3个月。", 1)) == ["要等3个月。"]


def test_others_within_the_margin_follow_in_reading_order() -> None:
    first, second = sentence(0, "先在线上提交申请。", 0.8), sentence(1, "再等窗口审核。", 1.0)
    assert said(first, second, within=0.3) == ["先在线上提交申请。", "再等窗口审核。"]
    assert said(first, second, within=0.1) == ["再等窗口审核。"]


def test_an_item_brings_its_lead_in_and_a_list_question_the_whole_list() -> None:
    lead = sentence(0, "下列人员不受限制：", -5, kind="lead")
    items = [
        sentence(n + 1, f"• {name}；", e, kind="item") for n, (name, e) in enumerate((("新生儿", 1), ("退役军人", -2)))
    ]
    assert said(lead, *items) == ["下列人员不受限制：", "• 新生儿；"]
    assert said(lead, *items, kinds=("who",)) == ["下列人员不受限制：", "• 新生儿；", "• 退役军人；"]


def test_a_lead_in_brings_its_items() -> None:
    lead = sentence(0, "按以下步骤办理：", 2, kind="lead")
    items = [sentence(n, f"{n}. 第{n}步；", -1, kind="item") for n in (1, 2, 3)]
    after = sentence(4, "办理时间为工作日。", -1)
    assert said(lead, *items, after) == ["按以下步骤办理：", "1. 第1步；", "2. 第2步；", "3. 第3步；"]


def test_a_row_brings_the_names_of_its_columns() -> None:
    rows = [
        sentence(n, text, evidence, kind="row")
        for n, (text, evidence) in enumerate((("级别\t起付线", -4), ("一级\t200元", -1), ("三级\t600元", 2)))
    ]
    assert said(*rows) == ["级别\t起付线", "三级\t600元"]


def test_a_sentence_that_refers_brings_the_one_before_and_a_but_is_never_cut_off() -> None:
    before, refers = sentence(0, "缴费满15年的可以领取。", -1), sentence(1, "其中视同缴费年限合并计算。", 1)
    assert said(before, refers) == [before.text, refers.text]
    rule, but = sentence(0, "停缴次月起不能报销。", 1), sentence(1, "但3个月内补缴的可以追溯。", -2)
    assert said(rule, but, sentence(2, "窗口全年开放。", -2)) == [rule.text, but.text]


def test_what_is_said_already_is_not_said_again_from_another_article() -> None:
    one = sentence(0, "临时备案的有效期不少于6个月。", 1)
    same = sentence(0, "临时备案有效期不少于6个月。", 0.9, hit=OTHER)
    assert said(one, same, within=1) == [one.text]


def test_differing_figures_of_two_articles_stand_side_by_side() -> None:
    one = sentence(0, "2024年居民医保个人缴费标准为每人每年400元。", 1)
    other = sentence(0, "2023年居民医保个人缴费标准为每人每年380元。", 0.2, hit=OTHER)
    chosen = compose([one, other], (), within=0.0)
    assert [c.text for c in chosen.sentences] == [one.text, other.text]
    assert chosen.differing == ((0, 1),)
    far = replace(other, evidence=-5.0)
    assert compose([one, far], (), within=0.0).differing == ()
    here = replace(other, hit=HIT, number=1)
    assert compose([one, here], (), within=0.0).differing == ()


def test_where_a_figure_is_asked_for_every_article_that_answers_with_another_stands_beside() -> None:
    third = replace(HIT, rank=3, row=2, passage_id="p3", article_id="a3", path="r.txt")
    here = sentence(0, "断缴3个月以内的，补缴当月就能报销。", 5)
    there = sentence(0, "转入的人自缴费之日起过90日才有待遇。", 3.5, hit=OTHER)
    case = sentence(1, "从未参保的自缴费之日起过180日才有待遇。", -1, hit=OTHER)
    farthest = sentence(0, "跨区就业要等6个月。", 2.6, hit=third)
    chosen = compose([here, there, case, farthest], ("duration",), within=0.4)
    assert [c.text for c in chosen.sentences] == [here.text, there.text, case.text, farthest.text]
    assert chosen.differing == ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    assert said(here, there, case, farthest, within=0.4) == [here.text], "no figure is asked for"


def test_a_figure_beside_must_answer_be_another_one_and_be_near_enough() -> None:
    best = sentence(0, "断缴满3个月的，要等6个月。", 5)
    beside = {
        "says the same": "隔3个月再交的，得先等上6个月。",
        "only says who is meant": "断缴超过90日的，先到窗口问清楚。",
        "names a date": "新规定从2025年1月1日起执行。",
    }
    for why, text in beside.items():
        assert said(best, sentence(0, text, 4.9, hit=OTHER), kinds=("duration",)) == [best.text], why
    other = "重新参保以后过90日才能报销。"
    assert said(best, sentence(0, other, 2.6, hit=OTHER), kinds=("duration",)) == [best.text, other]
    assert said(best, sentence(0, other, 2.4, hit=OTHER), kinds=("duration",)) == [best.text]


def test_every_sentence_beside_another_has_a_figure_of_its_own() -> None:
    best = sentence(0, "断缴满3个月的，要等6个月。", 5)
    other = sentence(0, "重新参保以后过90日才能报销。", 4, hit=OTHER)
    third = replace(HIT, rank=3, row=2, passage_id="p3", article_id="a3", path="r.txt")
    for text in ("停缴当月失效，次月恢复。", "等6个月，12个月以上的也一样。"):
        chosen = compose([best, other, sentence(0, text, 4.5, hit=third)], ("duration",), within=0.0)
        assert [c.text for c in chosen.sentences] == [best.text, other.text], text
        assert chosen.differing == ((0, 1),)


def test_figures_are_near_to_the_best_figure_and_sought_in_farther_passages() -> None:
    best = sentence(0, "停缴后不能报销，恢复缴费后重新启用。", 6)
    here = sentence(0, "重新参保以后过90日才能报销。", 4, hit=OTHER)
    third = replace(HIT, rank=9, row=8, passage_id="p9", article_id="a9", path="r.txt")
    far = sentence(0, "跨区就业要等6个月。", 1.6, hit=third)
    chosen = compose([best, here], ("duration",), within=0.0, farther=[far])
    assert [c.text for c in chosen.sentences] == [best.text, here.text, far.text]
    assert chosen.differing == ((1, 2),)
    assert compose([best, here], (), within=0.0, farther=[far]).sentences == (best,)
    farther = replace(far, evidence=1.4)
    assert compose([best, here], ("duration",), within=0.0, farther=[farther]).differing == ()


def test_an_answer_is_read_in_twenty_seconds_but_the_best_sentence_is_said_whole() -> None:
    many = [sentence(n, f"第{n}条内容是{chr(0x4E00 + n * 37) * 40}。", 1.0) for n in range(20)]
    chosen = compose(many, (), within=1).sentences
    assert len(chosen) <= MAX_SENTENCES
    assert sum(c.end - c.start for c in chosen) <= MAX_CHARS
    long = sentence(0, "长" * (MAX_CHARS + 50) + "。", 1)
    assert said(long) == [long.text]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_of_candidates_does_not_matter(order: tuple[int, ...]) -> None:
    found = [sentence(0, "甲规定。", 0.5), sentence(1, "乙规定。", 0.9), sentence(2, "丙规定。", 0.7)]
    assert said(*(found[place] for place in order), within=0.3) == ["乙规定。", "丙规定。"]
