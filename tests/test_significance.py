"""The paired bootstrap against scipy's, against known differences, and where a figure has nothing to count."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap

from index.significance import Tally, compare, figure


def means(values: list[float]) -> list[Tally]:
    return [(value, 1.0) for value in values]


def test_a_figure_is_a_ratio_of_sums() -> None:
    assert figure([(1, 1), (0, 3), (0, 0)]) == 0.25
    assert figure([(0, 0)]) is None
    assert figure([]) is None


@pytest.mark.parametrize("questions", [7, 60])
def test_the_interval_is_that_of_scipy_digit_by_digit(questions: int) -> None:
    random = np.random.default_rng(3)
    tops = random.integers(0, 4, (2, questions)).astype(float)
    bottoms = tops + random.integers(1, 4, (2, questions))
    this, other = (list(zip(top, bottom, strict=True)) for top, bottom in zip(tops, bottoms, strict=True))

    def difference(top, bottom, other_top, other_bottom, axis):  # type: ignore[no-untyped-def]
        return top.sum(axis) / bottom.sum(axis) - other_top.sum(axis) / other_bottom.sum(axis)

    theirs = bootstrap(
        (tops[0], bottoms[0], tops[1], bottoms[1]),
        difference,
        paired=True,
        n_resamples=2000,
        method="percentile",
        rng=np.random.default_rng(11),
    )
    # A second figure beside it must not shift the draws of the first.
    ours = compare({"a": this, "b": other}, {"a": other, "b": this}, resamples=2000, seed=11)
    assert (ours["a"].low, ours["a"].high) == pytest.approx(tuple(theirs.confidence_interval), abs=1e-11)
    assert (ours["b"].low, ours["b"].high) == pytest.approx((-ours["a"].high, -ours["a"].low), abs=1e-11)
    assert ours["a"].difference == pytest.approx(difference(tops[0], bottoms[0], tops[1], bottoms[1], 0), abs=1e-12)
    zeros = theirs.bootstrap_distribution
    tail = min((zeros <= 1e-12).sum(), (zeros >= -1e-12).sum())
    assert ours["a"].p == pytest.approx(min(1, 2 * (tail + 1) / 2001))


def test_wins_ties_and_losses_are_counted_by_question() -> None:
    found = compare({"x": means([1, 0.5, 0.5, 0.2])}, {"x": means([0, 0.5, 0.6, 0.1])})["x"]
    assert (found.wins, found.ties, found.losses) == (2, 1, 1)
    assert (found.this, found.other, found.difference) == pytest.approx((0.55, 0.3, 0.25))


def test_a_clear_gain_is_no_luck_and_equal_systems_are() -> None:
    clear = compare({"x": means([0.9, 1.0] * 30)}, {"x": means([0.5, 0.4] * 30)})["x"]
    assert clear.low > 0.4
    assert clear.p == pytest.approx(2 / 10_001)
    equal = compare({"x": means([0.9, 0.1] * 30)}, {"x": means([0.9, 0.1] * 30)})["x"]
    assert (equal.difference, equal.low, equal.high, equal.p) == (0, 0, 0, 1)
    luck = compare({"x": means([1, 0, 0] * 10)}, {"x": means([0, 1, 0] * 10)})["x"]
    assert luck.low < 0 < luck.high
    assert luck.p > 0.5


def test_the_pairs_count_not_the_two_samples() -> None:
    """Scores that vary much by question and differ little from each other: only the pairs see the gain."""
    base = np.linspace(0, 0.9, 40)
    found = compare({"x": means(list(base + 0.05))}, {"x": means(list(base))})["x"]
    assert (found.low, found.high) == pytest.approx((0.05, 0.05))
    assert found.p < 0.001


def test_the_same_seed_gives_the_same_figures_in_any_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    this, other = ({"x": means(list(random.random(30)))} for _ in range(2))
    whole = compare(this, other)
    monkeypatch.setattr("index.significance._BATCH_CELLS", 1000)
    assert compare(this, other) == whole
    assert compare(this, other, seed=1) != whole


def test_questions_that_say_nothing_to_a_figure_are_left_out() -> None:
    this: list[Tally] = [(1, 1), (0, 0), (3, 3), (0, 0)]
    other: list[Tally] = [(0, 1), (0, 0), (0, 0), (0, 2)]
    found = compare({"x": this, "only here": this}, {"x": other})
    assert list(found) == ["x"]
    assert (found["x"].wins, found["x"].ties, found["x"].losses) == (1, 0, 0)
    assert (found["x"].this, found["x"].other) == (1, 0)
    assert (found["x"].low, found["x"].high) == (1, 1)  # resamples with nothing below are not counted as zero
    assert compare({"x": [(0, 0)]}, {"x": [(1, 1)]}) == {}


def test_other_questions_are_refused() -> None:
    with pytest.raises(ValueError, match=r"the same questions on both sides, found \[2, 3\]"):
        compare({"x": means([1, 1])}, {"x": means([1, 1, 1])})
