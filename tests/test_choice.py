"""Weights by which the right member of each group comes first, whatever the groups' own levels."""

from __future__ import annotations

import numpy as np
import pytest

from index.choice import fit_choice, mean_and_spread

# In each group the right one has the higher first value; the groups' levels run against it. The second says nothing.
ROWS = np.array([[10.0, 1], [11, 1], [5, 1], [6, 1], [0, 1], [1, 1], [20, 1], [21, 1]])
RIGHT = np.array([False, True] * 4)
GROUP = np.repeat(np.arange(4), 2)


def test_members_compete_within_their_group_alone() -> None:
    rows = np.vstack([ROWS, [[100.0, 1]] * 3 + [[101.0, 1]]])
    right, group = np.append(RIGHT, [False] * 3 + [True]), np.append(GROUP, [4] * 4)
    weights, mean = fit_choice(rows, right, group, pull=0.1)
    assert weights[0] > 0
    assert weights[1] == 0
    assert mean == pytest.approx(rows.mean(axis=0))
    scores = rows @ weights
    for number in range(5):
        inside = group == number
        assert right[inside][np.argmax(scores[inside])]


def test_the_slope_is_that_of_the_loss() -> None:
    weights, _ = fit_choice(ROWS, RIGHT, GROUP, pull=1.0)
    _, spread = mean_and_spread(ROWS)

    def loss(weight: float) -> float:
        step = weight / spread[0]  # right and wrong are one apart in every group
        return float(4 * np.log1p(np.exp(-step)) + weight**2 / 2)

    best = weights[0] * spread[0]
    assert loss(best) < min(loss(best - 0.01), loss(best + 0.01))


def test_a_stronger_pull_gives_smaller_weights() -> None:
    assert 0 < fit_choice(ROWS, RIGHT, GROUP, pull=100.0)[0][0] < fit_choice(ROWS, RIGHT, GROUP, pull=1.0)[0][0]


def test_several_may_be_right() -> None:
    rows = np.array([[1.0], [2.0], [3.0], [0.0]])
    weights, _ = fit_choice(rows, np.array([False, True, True, False]), np.zeros(4, dtype=np.int64), pull=0.1)
    assert weights[0] > 0
