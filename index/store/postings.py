"""Writes the grams of texts as the terms that index/store/terms.py searches, in bounded memory.

Texts are counted a portion at a time (index/store/counting.py), put in the order of their grams (index/store/runs.py)
and packed (index/store/packing.py) one range of grams after another. Memory holds the vocabulary, the length of each
text and one portion or one range, however many texts there are; the disk holds the postings twice while they are
written. An article's grams are those of its title and of its passages, as no bigram crosses from one to the next, so
both are counted at once. What the numbers mean is said in index/store/terms.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.products import sum_repeats
from index.store.counting import count_postings
from index.store.packing import MOST_MORE, MOST_TIMES, SHORT_TIMES, halve, pack, ranks_of, whole_blocks
from index.store.runs import Range, Runs

# Measured on the five collections together, for passages and articles alike (docs/retrieval.md): k1 from 0.6 to 1.5
# and b from 0.5 to 0.75 lie within a point of nDCG@10 of one another; b below 0.5 favours long articles.
K1 = 1.2
B = 0.7

META = "terms.json"
VERSION = (
    3  # 3: half a byte for how often, a byte a block; 2: packed (index/store/packed.py); before, 8 bytes a posting
)
# A portion's arrays are about a megabyte, which the memory near the processor holds and malloc does not give back to
# the system: twice as long portions count no faster, half as long ones 15 % slower.
_PORTION_CHARS = 1 << 18


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
        runs = Runs(aside)
        lengths = _count(texts, runs, progress)
        with _writing(folder, lengths, k1, b) as write:
            for found in runs.merged():
                write(found)


def write_terms_of_both(
    passages: Path, articles: Path, texts: Iterable[tuple[str, Sequence[str]]], *, k1: float = K1, b: float = B
) -> None:
    """Write the terms of passages and of articles into two folders, out of title and passages of each article.

    The bytes are those of `write_terms` of all passages, and of the lines of title and passages of each article, in
    a third of the time. `texts` are read once. Raises ValueError as `write_terms` does.
    """
    check_knobs(k1, b)
    for folder in (passages, articles):
        folder.mkdir(parents=True, exist_ok=True)
    sizes: list[int] = []

    def pieces() -> Iterator[str]:
        for title, own in texts:
            yield title
            yield from own
            sizes.append(1 + len(own))

    from tempfile import TemporaryFile  # a search writes no postings

    with TemporaryFile(dir=passages) as aside:
        runs = Runs(aside)
        lengths = _count(pieces(), runs, lambda done: None)
        titles = np.cumsum([0, *sizes])[:-1]
        is_passage = np.ones(len(lengths), dtype=bool)
        is_passage[titles] = False
        passage_of = np.where(is_passage, np.cumsum(is_passage) - 1, -1).astype(np.int32)
        article_of = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        whole = np.add.reduceat(lengths, titles) if sizes else lengths
        with (
            _writing(passages, lengths[is_passage], k1, b) as write_passages,
            _writing(articles, whole, k1, b) as write_articles,
        ):
            for found in runs.merged():
                write_passages(_passages_in(found, passage_of))
                write_articles(_articles_in(found, article_of))


def _count(texts: Iterable[str], runs: Runs, progress: Callable[[int], None]) -> NDArray[np.int64]:
    """Put the postings of all texts into `runs`, and return how many grams each text has."""
    lengths = [np.empty(0, dtype=np.int64)]
    done = 0
    for portion in _portions(texts):
        postings = count_postings(portion)
        lengths.append(postings.lengths)
        runs.add(postings, done)
        done += len(portion)
        progress(done)
    return np.concatenate(lengths)


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


def _passages_in(found: Range, passage_of: NDArray[np.int32]) -> Range:
    """Return postings without those of titles, which are no passage: -1 in `passage_of`."""
    rows = passage_of[found.rows]
    places = np.flatnonzero(rows >= 0)
    starts = places.searchsorted(found.starts)
    is_kept = starts[1:] > starts[:-1]
    return Range(found.keys[is_kept], np.append(starts[:-1][is_kept], len(places)), rows[places], found.times[places])


def _articles_in(found: Range, article_of: NDArray[np.int32]) -> Range:
    """Return the postings of articles out of those of their title and passages."""
    starts, rows, times = sum_repeats(
        found.starts.astype(np.int32), article_of[found.rows], found.times.astype(np.int32)
    )
    return Range(found.keys, starts.astype(np.int64), rows, np.minimum(times, MOST_TIMES).astype(np.uint8))


@contextmanager
def _writing(folder: Path, lengths: NDArray[np.int64], k1: float, b: float) -> Iterator[Callable[[Range], None]]:
    """Give what writes a range of postings behind the last one; at the end all else that `Terms.open` reads."""
    keys, sizes = [np.empty(0, np.uint64)], [np.zeros(1, np.int64)]
    kinds, bytes_of = [np.empty(0, np.uint8)], [np.zeros(1, np.int64)]
    rest = np.empty(0, dtype=bool)  # bits that do not fill a byte yet
    odd = np.empty(0, dtype=np.uint8)  # what waits for the other half of its byte
    with (
        _Growing(folder / "rows.npy", np.uint8) as rows,
        _Growing(folder / "is_more.npy", np.uint8) as is_more,
        _Growing(folder / "more.npy", np.uint8) as more,
        _Growing(folder / "often_at.npy", np.uint32) as often_at,
        _Growing(folder / "often.npy", np.uint8) as often,
    ):

        def write(found: Range) -> None:
            nonlocal rest, odd
            stretch = pack(found.rows, found.times, found.starts, len(lengths))
            keys.append(found.keys)
            sizes.append(np.diff(found.starts))
            kinds.append(stretch.kinds)
            bytes_of.append(stretch.sizes)
            bits = np.concatenate([rest, stretch.is_more])
            whole = len(bits) // 8 * 8
            rest = bits[whole:]
            rows.write(stretch.rows)
            is_more.write(np.packbits(bits[:whole], bitorder="little"))
            times = np.concatenate([odd, stretch.more])
            high = np.flatnonzero(times > SHORT_TIMES)
            high = high[high >= len(odd)]  # that one is written
            often_at.write((high + 2 * more.size).astype(np.uint32))
            often.write(times[high])
            whole = len(times) // 2 * 2
            odd = times[whole:]
            more.write(halve(times[:whole]))

        yield write
        is_more.write(whole_blocks(np.packbits(rest, bitorder="little"), before=is_more.size))
        more.write(halve(odd))
        if 2 * more.size >= MOST_MORE:
            raise ValueError(
                f"found {2 * more.size} words more than once in their texts, expected fewer than {MOST_MORE}"
            )
    bits = np.load(folder / "is_more.npy", mmap_mode="r")
    starts = np.cumsum(np.concatenate(sizes))
    arrays: dict[str, NDArray[Any]] = {
        "keys": np.concatenate(keys),
        "starts": starts,
        "norms": norms_of(lengths, k1=k1, b=b),
        "kinds": np.concatenate(kinds),
        "places": np.cumsum(np.concatenate(bytes_of)),
        "ranks": ranks_of(bits),
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    meta = {
        "version": VERSION,
        "texts": len(lengths),
        "terms": len(arrays["keys"]),
        "postings": int(starts[-1]),
        "k1": float(k1),
        "b": float(b),
    }
    (folder / META).write_text(json.dumps(meta, indent=1) + "\n", "utf-8")


class _Growing:
    """An array that grows in a file: the bytes of numpy.save, whose size is known when all is written."""

    def __init__(self, file: Path, kind: type[np.generic]) -> None:
        self._file, self._kind, self.size = file.open("wb"), np.dtype(kind), 0

    def __enter__(self) -> _Growing:
        self._write_header()
        return self

    def write(self, part: NDArray[Any]) -> None:
        """Write numbers of the array's kind behind those before."""
        self._file.write(part.data)
        self.size += len(part)

    def __exit__(self, *_: object) -> None:
        with self._file:
            self._file.seek(0)
            self._write_header()

    def _write_header(self) -> None:
        header: dict[str, Any] = {"descr": self._kind.str, "fortran_order": False, "shape": (self.size,)}
        np.lib.format.write_array_header_1_0(self._file, header)  # leaves room for any size
