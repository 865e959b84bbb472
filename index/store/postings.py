"""Counts the grams of texts and writes them as the postings that index/store/terms.py searches, in bounded memory.

An external sort (Witten, Moffat and Bell, Managing Gigabytes, 1999, 5.2): texts are counted a portion at a time, each
portion's postings are set aside on disk in the order of their grams, and then merged one range of grams after another.
Rows come in ascending order, so merging is copying every portion's postings behind those of the portion before. Memory
holds the vocabulary, the length of each text and one portion or one range, however many texts there are (60 MB for
100,000 passages); the disk holds the postings twice while they are written. What the numbers mean is said in
index/store/terms.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.products import take_stretches
from index.store.counting import Postings, count_postings
from index.store.packing import MOST_TIMES, Stretch, pack, ranks_of, whole_blocks

# Measured on the five collections together, for passages and articles alike (docs/retrieval.md): k1 from 0.6 to 1.5
# and b from 0.5 to 0.75 lie within a point of nDCG@10 of one another; b below 0.5 favours long articles.
K1 = 1.2
B = 0.7

META = "terms.json"
VERSION = 2  # 2: packed (index/store/packed.py); before, 8 bytes a posting
# A portion's arrays are about a megabyte, which the memory near the processor holds and malloc does not give back to
# the system: twice as long portions count no faster, half as long ones 15 % slower.
_PORTION_CHARS = 1 << 18
_RANGE_POSTINGS = 1 << 21
_WAITING_GRAMS = 1 << 18  # 4 MB; so a small collection's vocabulary is put together once
_Scalar = TypeVar("_Scalar", bound=np.generic)


def norms_of(lengths: NDArray[np.int64], *, k1: float, b: float) -> NDArray[np.float32]:
    """Return for texts of these `lengths` what their terms' frequencies are weighed against, k1 at the mean length."""
    mean = lengths.mean() if np.any(lengths) else 1.0
    return (k1 * (1 - b + b * lengths / mean)).astype(np.float32)


def check_knobs(k1: float, b: float) -> None:
    """Raise ValueError unless `k1` is above 0 and `b` from 0 to 1 (no to full length normalisation)."""
    if not (k1 > 0 and 0 <= b <= 1):
        raise ValueError(f"expected k1 above 0 and b from 0 to 1, found k1={k1}, b={b}")


def write_terms(
    folder: Path,
    texts: Iterable[str],
    *,
    k1: float = K1,
    b: float = B,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write the terms of `texts`, text i as row i, into `folder` for `Terms.open`; their description comes last.

    `texts` are read once, so they may be a generator. `progress` is told how many texts are counted. Raises ValueError
    unless `k1` is above 0 and `b` from 0 to 1.
    """
    check_knobs(k1, b)
    folder.mkdir(parents=True, exist_ok=True)
    from tempfile import TemporaryFile  # a search writes no postings

    with TemporaryFile(dir=folder) as aside:
        vocabulary = _Vocabulary()
        lengths = [np.empty(0, dtype=np.int64)]
        runs: list[_Run] = []
        done = 0
        for portion in _portions(texts):
            postings = count_postings(portion)
            vocabulary.add(postings.keys, np.diff(postings.starts))
            lengths.append(postings.lengths)
            runs.append(_Run.set_aside(aside, postings, done))
            done += len(portion)
            progress(done)
        keys, starts = vocabulary.take()
        np.save(folder / "keys.npy", keys, allow_pickle=False)
        np.save(folder / "starts.npy", starts, allow_pickle=False)
        np.save(folder / "norms.npy", norms_of(np.concatenate(lengths), k1=k1, b=b), allow_pickle=False)
        packed = (
            pack(rows, times, starts[low : high + 1] - starts[low], done)
            for low, high, rows, times in _merged(runs, keys, starts)
        )
        _write_packed(folder, packed)
    meta = {
        "version": VERSION,
        "texts": done,
        "terms": len(keys),
        "postings": int(starts[-1]),
        "k1": float(k1),
        "b": float(b),
    }
    (folder / META).write_text(json.dumps(meta, indent=1) + "\n", "utf-8")


def _portions(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts in lists of so many characters; a longer text stands alone."""
    portion: list[str] = []
    chars = 0
    for text in texts:
        if portion and chars + len(text) >= _PORTION_CHARS:
            yield portion
            portion, chars = [], 0
        portion.append(text)
        chars += len(text) + 1  # the end of a text costs memory too, so empty texts fill a portion as well
    if portion:
        yield portion


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
            _Aside.put(file, np.minimum(postings.times, MOST_TIMES).astype(np.uint8)),
        )


def _merged(
    runs: Sequence[_Run], keys: NDArray[np.uint64], starts: NDArray[np.int64]
) -> Iterator[tuple[int, int, NDArray[np.int32], NDArray[np.uint8]]]:
    """Yield a range of keys at a time, as its bounds, with rows and times of its postings by key, then row."""
    cuts = np.unique(np.append(np.searchsorted(starts, np.arange(0, starts[-1], _RANGE_POSTINGS)), len(keys)))
    # Where each range begins in each run; the last one ends with the run.
    places = [np.append(np.searchsorted(run.keys.read(0, run.terms), keys[cuts[:-1]]), run.terms) for run in runs]
    for number, (low, high) in enumerate(pairwise(cuts.tolist())):
        rows = np.empty(starts[high] - starts[low], dtype=np.int32)
        times = np.empty(len(rows), dtype=np.uint8)
        found, sizes, end = [], [np.zeros(1, dtype=np.int64)], 0
        for run, place in zip(runs, places, strict=True):
            first, last = place[number : number + 2].tolist()
            if first == last:
                continue
            bounds = run.starts.read(first, last + 1)
            start, end = end, end + int(bounds[-1] - bounds[0])
            rows[start:end] = run.rows.read(bounds[0], bounds[-1])
            times[start:end] = run.times.read(bounds[0], bounds[-1])
            found.append(run.keys.read(first, last))
            sizes.append(np.diff(bounds))
        # A gram's stretches in the order of their runs are its postings in the order of the rows.
        order = np.argsort(np.concatenate(found), kind="stable").astype(np.int32)
        stretches = np.cumsum(np.concatenate(sizes)).astype(np.int32)
        yield low, high, *take_stretches(order, stretches, rows, times)


def _write_packed(folder: Path, stretches: Iterable[Stretch]) -> None:
    """Write the arrays of `index.store.packed.Packed` but for its `starts`, a few terms after the other."""
    kinds, sizes = [np.empty(0, np.uint8)], [np.zeros(1, np.int64)]
    with (
        (folder / "rows.npy").open("wb") as rows,
        (folder / "is_more.npy").open("wb") as is_more,
        (folder / "more.npy").open("wb") as more,
    ):
        for file in (rows, is_more, more):
            _write_header(file, 0)
        written = dict.fromkeys(("rows", "is_more", "more"), 0)
        rest = np.empty(0, dtype=bool)  # bits that do not fill a byte yet
        for stretch in stretches:
            kinds.append(stretch.kinds)
            sizes.append(stretch.sizes)
            bits = np.concatenate([rest, stretch.is_more])
            whole = len(bits) // 8 * 8
            rest = bits[whole:]
            rows.write(stretch.rows.data)
            more.write(stretch.more.data)
            is_more.write(np.packbits(bits[:whole], bitorder="little").data)
            written["rows"] += len(stretch.rows)
            written["more"] += len(stretch.more)
            written["is_more"] += whole // 8
        last = whole_blocks(np.packbits(rest, bitorder="little"), before=written["is_more"])
        is_more.write(last.data)
        written["is_more"] += len(last)
        for file, name in ((rows, "rows"), (is_more, "is_more"), (more, "more")):
            file.seek(0)
            _write_header(file, written[name])
    np.save(folder / "kinds.npy", np.concatenate(kinds), allow_pickle=False)
    np.save(folder / "places.npy", np.cumsum(np.concatenate(sizes)), allow_pickle=False)
    bits = np.load(folder / "is_more.npy", mmap_mode="r")
    np.save(folder / "ranks.npy", ranks_of(bits), allow_pickle=False)


def _write_header(file: IO[bytes], size: int) -> None:
    """Write what numpy.save writes before `size` bytes; NumPy leaves room in it for any size."""
    header: dict[str, Any] = {"descr": np.dtype(np.uint8).str, "fortran_order": False, "shape": (size,)}
    np.lib.format.write_array_header_1_0(file, header)
