"""Which signed texts share a bucket, in the order of preference: the candidates for near-duplicates (`duplicates`).

A text is known here by its rank, 0 for the one preferred before all others. Whoever asks goes through the texts in that
order, so all before the one asked about are settled, and only what stands behind it in its buckets is looked at: as far
as the bound, so that a bucket of a hundred thousand costs each of its texts no more than one of a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ranks = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """The buckets that hold two texts or more, one after the other.

    `members` are ranks, ascending in each bucket; `ends` says for each place among them where its bucket ends; `places`
    are the places of each rank, those of rank r from `firsts[r]` to `firsts[r + 1]`.
    """

    members: Ranks
    ends: Ranks
    places: Ranks
    firsts: NDArray[np.int64]

    @classmethod
    def of(cls, ranks: Ranks, bands: Iterator[NDArray[np.uint64]], texts: int) -> Buckets:
        """Return the buckets of `ranks` (ascending), by one key each for every band, out of `texts` texts in all."""
        members, ends, total = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], 0
        for keys in bands:
            order, borders = _equal(keys)
            sizes = np.diff(borders)
            members.append(ranks[order[np.repeat(sizes > 1, sizes)]])
            sizes = sizes[sizes > 1]
            ends.append(np.repeat(total + np.cumsum(sizes), sizes).astype(np.int32))
            total += len(members[-1])
        joined = np.concatenate(members)
        places = np.argsort(joined, kind="stable").astype(np.int32)
        firsts = np.searchsorted(joined[places], np.arange(texts + 1))
        return cls(joined, np.concatenate(ends), places, firsts)

    def shared(self) -> Ranks:
        """Return the ranks that share a bucket with another, ascending."""
        return np.flatnonzero(np.diff(self.firsts)).astype(np.int32)

    def behind(self, rank: int, taken: NDArray[np.bool_], most: int) -> Ranks:
        """Return what shares a bucket with `rank`, stands behind it and is not `taken`: the first `most`, ascending."""
        places = self.places[self.firsts[rank] : self.firsts[rank + 1]]
        spans = zip((places + 1).tolist(), self.ends[places].tolist(), strict=True)
        parts = [self._free(start, end, taken, most) for start, end in spans if start < end]
        if len(parts) < 2:  # most often; what is one bucket is in order
            return parts[0][:most] if parts else self.members[:0]
        return np.unique(np.concatenate(parts))[:most]

    def _free(self, start: int, end: int, taken: NDArray[np.bool_], most: int) -> Ranks:
        """Return the first `most` members from `start` that are not taken, or some more."""
        width = 2 * most
        while True:
            some = self.members[start : min(start + width, end)]
            free = some[~taken[some]]
            if len(free) >= most or start + width >= end:
                return free
            width *= 4


def copies_of(keys: NDArray[np.uint64], ranked: NDArray[np.int64]) -> dict[int, list[int]]:
    """Return for each first of texts with equal keys its copies, by their ranks, ascending; `ranked` are all texts."""
    order, borders = _equal(keys[ranked])
    copies: dict[int, list[int]] = {}
    for number in np.flatnonzero(np.diff(borders) > 1).tolist():
        first, *others = order[borders[number] : borders[number + 1]].tolist()
        copies[first] = others
    return copies


def _equal(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the order that puts equal keys side by side, each as it came, and the borders between different ones."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    return order, np.concatenate([[0], np.flatnonzero(keys[1:] != keys[:-1]) + 1, [len(keys)]])
