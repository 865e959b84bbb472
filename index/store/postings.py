"""Counts the grams of texts and writes them as the postings that index/store/terms.py searches, in bounded memory.

An external sort (Witten, Moffat and Bell, Managing Gigabytes, 1999, 5.2): texts are counted a portion at a time, each
portion's postings are set aside on disk in the order of their grams, and then merged one range of grams after another.
Rows come in ascending order, so merging is copying every portion's postings behind those of the portion before. Memory
holds the vocabulary, the length of each text and one portion or one range, however many texts there are; the disk
holds the postings twice while they are written. What the numbers mean is said in index/store/terms.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.ngrams import gram_keys
from index.store.packing import Stretch, pack, ranks_of, whole_blocks

# Measured on the five collections together, for passages and articles alike (docs/retrieval.md): k1 from 0.6 to 1.5
# and b from 0.5 to 0.75 lie within a point of nDCG@10 of one another; b below 0.5 favours long articles.
K1 = 1.2
B = 0.7

META = "terms.json"
VERSION = 2  # 2: packed (index/store/packed.py); before, 8 bytes a posting
# Together under 100 MB: 250,000 texts of 300 characters take 94 MB above the start in the time of counting them all in
# one go, which takes 5.9 GB. Half as much saves little, as tables over all code points are 20 MB of it.
_PORTION_CHARS = 1 << 19
_RANGE_POSTINGS = 1 << 21
_SHIFT, _MASK = np.uint64(21), np.uint64(0x1FFFFF)  # how index/ngrams.py joins two code points into a key
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Postings:
    """The texts that hold gram `keys[i]` are `rows[starts[i]:starts[i + 1]]`, ascending, each `times` so often.

    `keys` are ascending; `lengths` counts the grams of each text.
    """

    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    times: NDArray[np.int32]
    lengths: NDArray[np.int64]


def count_postings(texts: Sequence[str]) -> Postings:
    """Return the postings of `texts`; text i is row i."""
    keys, owners = gram_keys(texts)
    lengths = np.bincount(owners, minlength=len(texts))
    keys, owners = sort_grams(keys, owners)
    # A posting begins where the gram or the text changes, a gram's postings where the gram changes.
    new_gram = np.ones(len(keys), dtype=bool)
    new_gram[1:] = keys[1:] != keys[:-1]
    new_posting = new_gram.copy()
    new_posting[1:] |= owners[1:] != owners[:-1]
    begins = np.flatnonzero(new_posting)
    return Postings(
        keys[new_gram],
        np.append(np.flatnonzero(new_gram[begins]), len(begins)).astype(np.int64),
        owners[begins].astype(np.int32),
        np.diff(begins, append=len(keys)).astype(np.int32),
        lengths,
    )


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
    with TemporaryFile(dir=folder) as aside:
        keys, frequency = np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
        lengths = [np.empty(0, dtype=np.int64)]
        runs: list[_Run] = []
        done = 0
        for portion in _portions(texts):
            postings = count_postings(portion)
            keys, frequency = _more(keys, frequency, postings.keys, np.diff(postings.starts))
            lengths.append(postings.lengths)
            runs.append(_Run.set_aside(aside, postings, done))
            done += len(portion)
            progress(done)
        starts = np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64)
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


def sort_grams(keys: NDArray[np.uint64], owners: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return both arrays in the order of keys, then owners.

    Key and owner are packed into one integer, a code point as its rank among those that occur: sorting plain integers
    takes a third of the time of sorting two arrays by their order (15 million grams: 0.9 s against 2.8 s).
    """
    first, second = (keys >> _SHIFT).astype(np.int32), (keys & _MASK).astype(np.int32)
    occurs = np.zeros(1 << 21, dtype=bool)
    occurs[first] = occurs[second] = True
    codes = np.flatnonzero(occurs).astype(np.uint64)
    if len(codes) > 1 << 16 or len(owners) == 0 or owners.max() >= 1 << 32:
        order = np.lexsort((owners, keys))
        return keys[order], owners[order]
    rank = np.empty(1 << 21, dtype=np.uint64)
    rank[codes] = np.arange(len(codes), dtype=np.uint64)
    packed = ((rank[first] << np.uint64(16) | rank[second]) << np.uint64(32)) | owners.astype(np.uint64)
    packed.sort()
    owners = (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)
    keys = (codes[packed >> np.uint64(48)] << _SHIFT) | codes[(packed >> np.uint64(32)) & np.uint64(0xFFFF)]
    return keys, owners


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


def _more(
    keys: NDArray[np.uint64], frequency: NDArray[np.int64], found: NDArray[np.uint64], texts: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the vocabulary `keys` with the keys `found` in it, and in how many texts each of them occurs."""
    places = np.searchsorted(keys, found)
    known = places < len(keys)
    known[known] = keys[places[known]] == found[known]
    frequency[places[known]] += texts[known]
    new = places[~known]
    return np.insert(keys, new, found[~known]), np.insert(frequency, new, texts[~known])


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
    times: _Aside[np.int32]

    @classmethod
    def set_aside(cls, file: IO[bytes], postings: Postings, first_row: int) -> _Run:
        return cls(
            len(postings.keys),
            _Aside.put(file, postings.keys),
            _Aside.put(file, postings.starts),
            _Aside.put(file, postings.rows + np.int32(first_row)),
            _Aside.put(file, postings.times),
        )


def _merged(
    runs: Sequence[_Run], keys: NDArray[np.uint64], starts: NDArray[np.int64]
) -> Iterator[tuple[int, int, NDArray[np.int32], NDArray[np.int32]]]:
    """Yield a range of keys at a time, as its bounds, with rows and times of its postings by key, then row."""
    cuts = np.unique(np.append(np.searchsorted(starts, np.arange(0, starts[-1], _RANGE_POSTINGS)), len(keys)))
    # Where each range begins in each run; the last one ends with the run.
    places = [np.append(np.searchsorted(run.keys.read(0, run.terms), keys[cuts[:-1]]), run.terms) for run in runs]
    for number, (low, high) in enumerate(pairwise(cuts.tolist())):
        free = starts[low:high] - starts[low]  # the next free place of each term
        rows = np.empty(starts[high] - starts[low], dtype=np.int32)
        times = np.empty_like(rows)
        for run, place in zip(runs, places, strict=True):
            begin, end = place[number : number + 2].tolist()
            if begin == end:
                continue
            terms = np.searchsorted(keys[low:high], run.keys.read(begin, end))
            bounds = run.starts.read(begin, end + 1)
            counts = np.diff(bounds)
            to = np.repeat(free[terms] - bounds[:-1], counts) + np.arange(bounds[0], bounds[-1])
            rows[to] = run.rows.read(bounds[0], bounds[-1])
            times[to] = run.times.read(bounds[0], bounds[-1])
            free[terms] += counts
        yield low, high, rows, times


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
