"""How often each word stands in each passage or article: a sparse matrix that is mapped into memory, not read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_ARRAYS = ("bounds", "places", "data")
_Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """How often each word stands in each of `columns` places (passages or articles): rows of a sparse matrix (CSR).

    Word `w` stands `data[i]` times in `places[i]` for `i` in `[bounds[w], bounds[w + 1])`, `places` ascending there.
    """

    bounds: _Ints
    places: NDArray[np.int32]
    data: NDArray[np.unsignedinteger]
    columns: int

    def of(self, word: int) -> tuple[NDArray[np.int32], NDArray[np.unsignedinteger]]:
        """Return where a word stands, ascending, and how often."""
        inside = slice(int(self.bounds[word]), int(self.bounds[word + 1]))
        return self.places[inside], self.data[inside]

    def totals(self, among: NDArray[np.bool_] | None = None) -> _Ints:
        """Return how often each word stands in the places `among`, shape (words,)."""
        data = self.data if among is None else self.data * among[self.places]
        return self._sums(data)

    def spread(self, among: NDArray[np.bool_]) -> _Ints:
        """Return in how many of the places `among` each word stands, shape (words,)."""
        return self._sums(among[self.places])

    def _sums(self, values: NDArray[np.generic]) -> _Ints:
        # No row is empty: a word that stands nowhere is none.
        if not len(values):
            return np.zeros(len(self.bounds) - 1, dtype=np.int64)
        sums: _Ints = np.add.reduceat(values, self.bounds[:-1], dtype=np.int64)
        return sums

    def save(self, folder: Path, name: str) -> None:
        """Write the arrays, to be mapped into memory."""
        for part in _ARRAYS:
            np.save(folder / f"{name}-{part}.npy", getattr(self, part))

    @classmethod
    def load(cls, folder: Path, name: str, columns: int) -> Counts:
        """Map the arrays of `save` into memory."""
        bounds, places, data = (np.load(folder / f"{name}-{part}.npy", mmap_mode="r") for part in _ARRAYS)
        return cls(np.array(bounds), places, data, columns)


Counted = tuple[_Ints, _Ints]


def counted(rows: _Ints, places: _Ints) -> Counted:
    """Return the different pairs of word and place as `row << 32 | place`, ascending, and how often each is."""
    keys = np.sort((rows << 32) | places)
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else keys
    return keys[first], np.diff(np.append(first, len(keys)))


def joined(parts: Iterable[Counted], columns: int) -> Counts:
    """Return the counts of all lengths as one matrix; its rows are the words that stand somewhere."""
    pairs = list(parts)
    keys = np.concatenate([*(keys for keys, _ in pairs), np.empty(0, np.int64)])
    data = np.concatenate([*(data for _, data in pairs), np.empty(0, np.int64)])
    rows = keys >> 32
    begins = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]])) if len(rows) else rows
    kind = np.uint8 if data.max(initial=0) < 256 else np.uint32
    return Counts(np.append(begins, len(keys)), (keys & 0xFFFFFFFF).astype(np.int32), data.astype(kind), columns)
