"""A sum over texts that counts each term once wherever it stands: to choose by, in half the time of the exact one.

Terms in lists are added up for all texts in one pass, those of several kinds of words together; those that are written
as bits, and what a text's length makes of the sum, are left for where it is asked: for a stretch of texts that stays in
the cache, or for a few texts alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.products import sum_lists

_Floats = NDArray[np.float32]
_Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where some terms stand in n texts: texts and weights of those in `lists`, each with its factor, and `bits`.

    `weights` (n,) are those of a term that stands in a text once.
    """

    lists: tuple[tuple[NDArray[np.int32], _Floats], ...]
    factors: _Floats
    bits: tuple[tuple[_Bits, np.float32], ...]
    weights: _Floats


@dataclass(frozen=True, slots=True)
class Once:
    """The sum of some terms' factors, times their weights, in each of n texts.

    `listed` (n,) is that of the terms in lists; `bits` are packed bits, factor and weights of each other term.
    """

    listed: _Floats
    bits: tuple[tuple[_Bits, np.float32, _Floats], ...]

    @classmethod
    def add_up(cls, kinds: Sequence[Standing]) -> Once:
        """Return the sum of the terms of several kinds of words in the same texts."""
        lists = [one for kind in kinds for one in kind.lists]
        factors = np.concatenate([kind.factors for kind in kinds])
        listed = sum_lists(lists, factors, size=len(kinds[0].weights))
        return cls(listed, tuple((bits, factor, kind.weights) for kind in kinds for bits, factor in kind.bits))

    def stretch(self, start: int, stop: int) -> _Floats:
        """Return the sums of texts `start`, a multiple of eight, to `stop - 1`."""
        rows = slice(start, stop)
        total = self.listed[rows].copy()
        for bits, factor, weights in self.bits:
            packed = bits[start // 8 : (stop + 7) // 8]
            total += np.unpackbits(packed, count=stop - start, bitorder="little") * (weights[rows] * factor)
        return total

    def of(self, rows: NDArray[np.int64]) -> _Floats:
        """Return the sums of these texts."""
        total = self.listed[rows]
        for bits, factor, weights in self.bits:
            total += ((bits[rows >> 3] >> (rows & 7).astype(np.uint8)) & 1) * (weights[rows] * factor)
        return total
