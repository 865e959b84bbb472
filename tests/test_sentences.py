"""Sentences are cut where a reader would cut them, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_ends_at_full_stops_and_line_ends() -> None:
    assert sentences("先停保。再参保！\n第三步") == ["先停保。", "再参保！", "第三步"]


def test_a_semicolon_keeps_conditions_together() -> None:
    assert sentences("满2年的,次日享受;未满2年的,180日后享受。") == ["满2年的,次日享受;未满2年的,180日后享受。"]


def test_a_number_is_never_split() -> None:
    assert sentences("报销比例为87.5%。起付线1,300元") == ["报销比例为87.5%。", "起付线1,300元"]


def test_closing_marks_stay_with_their_sentence() -> None:
    assert sentences("他说“可以。”然后走了。") == ["他说“可以。”", "然后走了。"]


def test_offsets_count_from_the_whole_text() -> None:
    text = "前文。后文。尾"
    assert sentence_spans(text, 3, 6) == [(3, 6)]


@pytest.mark.parametrize(
    "whole",
    [
        "办事指南见https://www.example.gov.cn/list?id=3!top与公告栏",
        "参见《医保断了怎么办？》第三页",
        "他问“能补吗？能退吗”后离开",
        "凭材料（原件。复印件无效）办理",
        "共有三类(在职!退休!居民)人员",
        "身份证、户口簿……材料齐全即可",
        "标准为No. 3类，每月1,300.50元",
        "由U.S. Bank Ltd. 代发",
        "2025年1月1日起按87.5%执行，见3.2.1节",
    ],
)
def test_is_never_cut_inside(whole: str) -> None:
    assert sentences(f"先停保。{whole}。再参保。") == ["先停保。", f"{whole}。", "再参保。"]


def test_an_ellipsis_ends_a_sentence_where_nothing_follows() -> None:
    assert sentences("材料齐全即可……\n另行通知……”") == ["材料齐全即可……", "另行通知……”"]


def test_english_sentences_end_at_a_full_stop() -> None:
    assert sentences("Stop paying first. Then join again.") == ["Stop paying first.", "Then join again."]


def test_a_pair_that_closes_too_late_holds_sentences() -> None:
    text = f"（{'甲' * 60}。{'乙' * 60}。）"
    assert sentences(text) == [f"（{'甲' * 60}。", f"{'乙' * 60}。）"]


def test_many_open_brackets_are_read_in_a_moment() -> None:
    assert sentences("（。" * 20_000)[:2] == ["（。", "（。"]


@given(st.text(alphabet="医保。！?;\n .a9”", max_size=60))
def test_every_visible_character_is_in_one_sentence(text: str) -> None:
    covered = [position for start, end in sentence_spans(text) for position in range(start, end)]
    assert len(covered) == len(set(covered))
    assert {p for p, c in enumerate(text) if not c.isspace()} <= set(covered)
