"""Nearness: words of a text that are near to the question's in the bundled table count for what they are near to."""

from __future__ import annotations

import numpy as np
import pytest

from index.answering.nearness import Nearness
from index.coverage import Coverage
from index.model import load_embedder
from index.model.embedder import TableEmbedder


@pytest.fixture(scope="module")
def table() -> TableEmbedder:
    table = load_embedder()
    assert isinstance(table, TableEmbedder)
    return table


def test_the_same_words_are_as_near_as_can_be_and_far_ones_are_not(table: TableEmbedder) -> None:
    nearness = Nearness("医保报销比例", table)
    assert nearness.of("职工医保报销比例如下") == pytest.approx(1.0, abs=1e-5)
    assert nearness.of("红烧肉要炖一个小时") < 0.5
    assert nearness.of("") == 0.0


def test_near_words_count_where_coverage_sees_nothing(table: TableEmbedder) -> None:
    near, far = "妊娠分娩", "汽车轮胎"
    coverage, nearness = Coverage("怀孕", table), Nearness("怀孕", table)
    assert coverage.of(near) == coverage.of(far) == 0.0
    assert nearness.of(near) > nearness.of(far) + 0.1


def test_texts_are_joined_by_the_maximum(table: TableEmbedder) -> None:
    nearness = Nearness("失业金怎么领取", table)
    joined = np.maximum(nearness.near("失业保险"), nearness.near("按月领取"))
    assert nearness.share(joined) == pytest.approx(nearness.of("失业保险\n按月领取"), abs=1e-5)
    assert nearness.share(joined) > max(nearness.of("失业保险"), nearness.of("按月领取"))


@pytest.mark.parametrize("question", ["", "？？", "钱", "怎么"])
def test_a_question_of_next_to_nothing_is_near_to_nothing(table: TableEmbedder, question: str) -> None:
    nearness = Nearness(question, table)
    assert nearness.of("医保") in (0.0, pytest.approx(nearness.of("医保")))


def test_questions_read_together_weigh_as_they_do_alone(table: TableEmbedder) -> None:
    questions = ["断缴三个月怎么办", "", "怎么", "異地 就醫\n备案", "𠮷医保A1"]
    text = "中断缴费三个月以上的，异地就医须备案；医保A1"
    for question, coverage in zip(questions, Coverage.of_each(questions, table), strict=True):
        alone = Coverage(question, table)
        assert coverage.covered(text).tolist() == alone.covered(text).tolist()
        assert (coverage.of(text), coverage.gap(coverage.covered(text))) == (
            alone.of(text),
            alone.gap(alone.covered(text)),
        )
    assert Coverage.of_each(questions, table)[0].of(text) > 0.2
    assert Coverage.of_each([], table) == []
