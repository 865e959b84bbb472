"""A sum over texts that counts each term once wherever it stands: to choose by, in half the time of the exact one.

Compiled loops add up all terms for all texts. Without them, terms in lists are added up for all texts in one pass,
those of several kinds of words together; those that are written as bits are left for where the sum is asked: for all
texts, stretch by stretch, or for a few texts alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.products import sum_lists

if TYPE_CHECKING:
    from index.store.packed import Packed

_Floats = NDArray[np.float32]
_Bits = NDArray[np.uint8]
# Texts whose sums are added up at a time: 128 kB an array, a whole number of bytes of bits.
_STRETCH = 1 << 15


@dataclass(frozen=True, slots=True)
class UnpackedTerms:
    """Where some terms stand in n texts, unpacked: the texts of those in `lists`, each with its factor, and `bits`.

    `weights` (n,) are those of a term that stands in a text once.
    """

    lists: tuple[NDArray[np.int32], ...]
    factors: _Floats
    bits: tuple[tuple[_Bits, np.float32], ...]
    weights: _Floats


@dataclass(frozen=True, slots=True)
class PackedTerms:
    """Such terms as they lie in `postings`, where compiled loops add them up; `is_bits` says how each is written."""

    postings: Packed
    terms: NDArray[np.int64]
    factors: _Floats
    is_bits: NDArray[np.bool_]
    weights: _Floats


@dataclass(frozen=True, slots=True)
class Once:
    """The sum of some terms' factors, times their weights, in each of n texts.

    `listed` (n,) is that of the terms in lists, or of all where compiled loops added them up; `bits` are packed bits,
    factor and weights of each other term.
    """

    listed: _Floats
    bits: tuple[tuple[_Bits, np.float32, _Floats], ...]

    @classmethod
    def add_up(cls, kinds: Sequence[UnpackedTerms | PackedTerms], onto: _Floats | None = None) -> Once:
        """Return the sum of the terms of several kinds of words in the same texts, all of them packed or none.

        Where given they are added in place `onto` what the texts have already.
        """
        lying = [kind for kind in kinds if isinstance(kind, PackedTerms)]
        if lying:
            sums = np.zeros(len(lying[0].weights), dtype=np.float32) if onto is None else onto
            for is_bits in (False, True):  # the order of the other way: so the last bits are the same
                for kind in lying:
                    part = kind.is_bits == is_bits
                    kind.postings.add_once(kind.terms[part], kind.factors[part], kind.weights, sums)
            return cls(sums, ())
        # Weights are gathered again for each question: kept beside the texts, half as many lists could be kept.
        standing = [kind for kind in kinds if isinstance(kind, UnpackedTerms)]
        lists = [(rows, kind.weights.take(rows)) for kind in standing for rows in kind.lists]
        factors = np.concatenate([kind.factors for kind in standing])
        listed = sum_lists(lists, factors, size=len(standing[0].weights), onto=onto)
        return cls(listed, tuple((bits, factor, kind.weights) for kind in standing for bits, factor in kind.bits))

    def everywhere(self) -> _Floats:
        """Return the sums of all texts, stretch by stretch: what lies in the cache is added twice as fast."""
        if not self.bits:
            return self.listed
        total = self.listed.copy()
        for start in range(0, len(total), _STRETCH):
            sums = total[start : start + _STRETCH]
            rows = slice(start, start + len(sums))
            for bits, factor, weights in self.bits:
                packed = bits[start // 8 : (rows.stop + 7) // 8]
                sums += np.unpackbits(packed, count=len(sums), bitorder="little") * (weights[rows] * factor)
        return total

    def of(self, rows: NDArray[np.int64]) -> _Floats:
        """Return the sums of these texts."""
        total = self.listed[rows]
        for bits, factor, weights in self.bits:
            total += ((bits[rows >> 3] >> (rows & 7).astype(np.uint8)) & 1) * (weights[rows] * factor)
        return total
