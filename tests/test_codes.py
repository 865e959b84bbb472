"""Codes of two bits a number against the nearest of sixteen centres by numpy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from index.store.codes import centres, encode, learn_levels

_Floats = NDArray[np.float32]


def rows_of(dim: int, count: int = 2_000) -> _Floats:
    """Rows whose numbers are spread differently at each place."""
    source = np.random.default_rng(dim)
    spread, middle = source.uniform(0.1, 3, dim), source.uniform(-1, 1, dim)
    return (middle + spread * source.standard_normal((count, dim))).astype(np.float32)


@pytest.mark.parametrize("dim", [2, 6, 8, 254])
def test_a_code_names_the_nearest_of_sixteen_centres(dim: int) -> None:
    rows = rows_of(dim)
    levels = learn_levels(rows)
    codes = encode(rows, levels)
    assert codes.shape == (len(rows), -(-dim // 4))
    own = np.stack([codes & 15, codes >> 4], axis=-1).reshape(len(rows), -1)
    assert not own[:, dim // 2 :].any()  # nothing stands where there is no number
    pairs = rows.reshape(len(rows), -1, 1, 2)
    far = ((pairs - centres(levels)[None]) ** 2).sum(axis=3)
    assert own[:, : dim // 2].tolist() == far.argmin(axis=2).tolist()


def test_the_values_are_those_that_lose_least() -> None:
    spread = np.random.default_rng(1).standard_normal((20_000, 4)).astype(np.float32) * [1, 2, 0.5, 1]
    levels = learn_levels(spread.astype(np.float32))
    # Of what chance spreads these are known (Max, 1960, table I).
    np.testing.assert_allclose(
        levels / [1, 2, 0.5, 1], np.repeat([[-1.510], [-0.4528], [0.4528], [1.510]], 4, 1), atol=0.05
    )
    assert (np.diff(levels, axis=0) > 0).all()


def test_values_that_few_numbers_take_are_learned_without_error() -> None:
    source = np.random.default_rng(2)
    few = np.array([[-3.0, 0, 7], [-1.0, 0, 7], [0.5, 0, 9], [2.0, 1, 9]], dtype=np.float32)
    rows = np.stack([few[source.integers(0, 4, 500), place] for place in (0, 1, 2, 0)], axis=1)
    levels = learn_levels(rows)
    codes = encode(rows, levels)
    for place in range(4):
        own = codes[:, 0] >> 2 * place & 3
        assert levels[own, place].tolist() == rows[:, place].tolist()
    assert learn_levels(rows[:1]).tolist() == [rows[0].tolist()] * 4
