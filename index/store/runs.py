"""Puts the postings of many portions of texts in the order of their grams, in bounded memory.

An external sort (Witten, Moffat and Bell, Managing Gigabytes, 1999, 5.2): each portion's postings are set aside on disk
in the order of their grams, and then merged one range of grams after another. Rows come in ascending order, so merging
is copying every portion's postings behind those of the portion before. Memory holds the vocabulary and one portion or
one range, however many texts there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.products import take_stretches
from index.store.counting import Postings

# Half as many save 36 MB and take 8 % longer for 800,000 passages, as every run is read for every range.
_RANGE_POSTINGS = 1 << 21
_WAITING_GRAMS = 1 << 18  # 4 MB; so a small collection's vocabulary is put together once
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Range:
    """Postings of some grams: those of `keys[i]` are `rows[starts[i]:starts[i + 1]]`, ascending, each `times` so often.

    `keys` are ascending, and all above those of the range before; more than 255 times count as 255.
    """

    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    times: NDArray[np.uint8]


class Runs:
    """The postings of portions, set aside in a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._runs, self._vocabulary = file, list[_Run](), _Vocabulary()

    def add(self, postings: Postings, first_row: int) -> None:
        """Set a portion aside whose rows begin at `first_row`, above those of the portions before."""
        self._vocabulary.add(postings.keys, np.diff(postings.starts))
        self._runs.append(_Run.set_aside(self._file, postings, first_row))

    def merged(self) -> Iterator[Range]:
        """Yield the postings of all portions, a range of grams at a time."""
        keys, starts = self._vocabulary.take()
        cuts = np.unique(np.append(np.searchsorted(starts, np.arange(0, starts[-1], _RANGE_POSTINGS)), len(keys)))
        # Where each range begins in each run; the last one ends with the run.
        places = [
            np.append(np.searchsorted(run.keys.read(0, run.terms), keys[cuts[:-1]]), run.terms) for run in self._runs
        ]
        for number, (low, high) in enumerate(pairwise(cuts.tolist())):
            bounds = starts[low : high + 1] - starts[low]
            rows, times = np.empty(bounds[-1], dtype=np.int32), np.empty(bounds[-1], dtype=np.uint8)
            found, sizes, end = [], [np.zeros(1, dtype=np.int64)], 0
            for run, place in zip(self._runs, places, strict=True):
                first, last = place[number : number + 2].tolist()
                if first == last:
                    continue
                own = run.starts.read(first, last + 1)
                start, end = end, end + int(own[-1] - own[0])
                rows[start:end] = run.rows.read(own[0], own[-1])
                times[start:end] = run.times.read(own[0], own[-1])
                found.append(run.keys.read(first, last))
                sizes.append(np.diff(own))
            # A gram's stretches in the order of their runs are its postings in the order of the rows.
            order = np.argsort(np.concatenate(found), kind="stable").astype(np.int32)
            stretches = np.cumsum(np.concatenate(sizes)).astype(np.int32)
            yield Range(keys[low:high], bounds, *take_stretches(order, stretches, rows, times))


class _Vocabulary:
    """The grams found so far and in how many texts each of them stands.

    What portions find waits until it is as much as what is known: each gram is sorted a few times, however many
    portions there are.
    """

    def __init__(self) -> None:
        self._keys = [np.empty(0, dtype=np.uint64)]
        self._frequency = [np.empty(0, dtype=np.int64)]
        self._waiting = 0

    def add(self, keys: NDArray[np.uint64], frequency: NDArray[np.int64]) -> None:
        self._keys.append(keys)
        self._frequency.append(frequency)
        self._waiting += len(keys)
        if self._waiting > max(len(self._keys[0]), _WAITING_GRAMS):
            self._put_in()

    def _put_in(self) -> None:
        keys, frequency = np.concatenate(self._keys), np.concatenate(self._frequency)
        order = np.argsort(keys, kind="stable")  # fast where ascending stretches follow one another
        keys = keys[order]
        is_new = np.ones(len(keys), dtype=bool)
        np.not_equal(keys[1:], keys[:-1], out=is_new[1:])
        begins = np.flatnonzero(is_new)
        self._keys, self._waiting = [keys[begins]], 0
        self._frequency = [np.add.reduceat(frequency[order], begins) if len(begins) else frequency]

    def take(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return the grams, ascending, and how many postings stand before each and behind the last."""
        self._put_in()
        starts = np.zeros(len(self._keys[0]) + 1, dtype=np.int64)
        np.cumsum(self._frequency[0], out=starts[1:])
        return self._keys[0], starts


@dataclass(frozen=True, slots=True)
class _Aside(Generic[_Scalar]):
    """An array that waits on disk and is read back slice by slice."""

    file: IO[bytes]
    at: int
    kind: np.dtype[_Scalar]

    @classmethod
    def put(cls, file: IO[bytes], array: NDArray[_Scalar]) -> _Aside[_Scalar]:
        at = file.tell()
        file.write(array.data)
        return cls(file, at, array.dtype)

    def read(self, start: int, stop: int) -> NDArray[_Scalar]:
        self.file.seek(self.at + start * self.kind.itemsize)
        return np.frombuffer(self.file.read((stop - start) * self.kind.itemsize), self.kind)


@dataclass(frozen=True, slots=True)
class _Run:
    """The postings of one portion, set aside: `terms` of its own, numbered in the order of their keys."""

    terms: int
    keys: _Aside[np.uint64]
    starts: _Aside[np.int64]
    rows: _Aside[np.int32]
    times: _Aside[np.uint8]

    @classmethod
    def set_aside(cls, file: IO[bytes], postings: Postings, first_row: int) -> _Run:
        return cls(
            len(postings.keys),
            _Aside.put(file, postings.keys),
            _Aside.put(file, postings.starts),
            _Aside.put(file, postings.rows + np.int32(first_row)),
            _Aside.put(file, postings.times),
        )
