"""Packs postings into little space: which texts hold a term, and how often where it is more than once.

The texts of a term are written in the shortest of four ways (`pack`), all of them steps or bits as compressed bitmaps
and inverted files have them (Zobel and Moffat, Inverted Files for Text Search Engines, 2006; Chambi et al., Better
bitmap performance with Roaring bitmaps, 2016), and chosen so that NumPy reads them without a loop:

    1, 2 or 4 bytes  the distance from the text before; the highest number there is stands for a step of that width
                     to no posting, behind which the distance goes on
    bits             one a text, 1 where it holds the term: for terms in more than about an eighth of all texts

Four postings in five stand for one occurrence. So one bit a posting says whether there are more, and only those have a
byte with their number; more than 255 count as 255, which is a hundredth of a weight away from any higher number.
What is measured of it stands in docs/formats.md.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

# Bytes of one step in a list; 0 stands for bits.
WIDTHS = (1, 2, 4)
BITS = 0
# Steps of that width which lead to no posting.
_FAR = {width: (1 << 8 * width) - 1 for width in WIDTHS}
_STEPS = {width: np.dtype(f"<u{width}") for width in WIDTHS}
_MOST_TIMES = 255
# Unpacked rows kept for the next question, which often asks for the same words: at most so many bytes.
_KEPT = 32 << 20

_Bytes = NDArray[np.uint8]
_Rows = NDArray[np.int32]
_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Packed postings of a few terms: of each its kind (a width or BITS), the bytes of its rows, and its `repeats`.

    `is_more` says of each posting whether it is more than one occurrence, `more` how many those are: `repeats` of them.
    """

    kinds: _Bytes
    sizes: _Places
    repeats: _Places
    rows: bytes
    is_more: NDArray[np.bool_]
    more: _Bytes


def pack(rows: _Rows, times: NDArray[np.int32], starts: _Places, texts: int) -> Stretch:
    """Return the postings of terms packed; those of term i are `rows[starts[i]:starts[i + 1]]`, ascending.

    `rows` are below `texts`, `times` at least one.
    """
    is_more = times > 1
    more = np.minimum(times[is_more], _MOST_TIMES).astype(np.uint8)
    terms = len(starts) - 1
    if not terms:
        return Stretch(np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64), b"", is_more, more)
    begins = starts[:-1]
    steps = np.diff(rows, prepend=np.int32(0)).astype(np.int64)
    steps[begins] = rows[begins]
    whole = [width * np.add.reduceat(1 + steps // _FAR[width], begins) for width in WIDTHS]
    choice = np.stack([*whole, np.full(terms, _bits_size(texts))])
    chosen = np.argmin(choice, axis=0)  # the first of equals
    kinds = np.array([*WIDTHS, BITS], dtype=np.uint8)[chosen]
    lists = {width: _list(steps, np.repeat(kinds == width, np.diff(starts)), width) for width in WIDTHS}
    parts: list[bytes] = []
    taken = dict.fromkeys(WIDTHS, 0)
    sizes = choice[chosen, np.arange(terms)]
    bounds = zip(kinds.tolist(), sizes.tolist(), starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    for kind, size, begin, end in bounds:
        if kind == BITS:
            bits = np.zeros(8 * size, dtype=bool)
            bits[rows[begin:end]] = True
            parts.append(np.packbits(bits, bitorder="little").tobytes())
        else:
            parts.append(lists[kind][taken[kind] : taken[kind] + size])
            taken[kind] += size
    repeats = np.add.reduceat(is_more, begins, dtype=np.int64)
    return Stretch(kinds, sizes, repeats, b"".join(parts), is_more, more)


def _bits_size(texts: int) -> int:
    """Return the bytes of one bit a text, in whole words of eight."""
    return (texts + 63) // 64 * 8


def _list(steps: _Places, wanted: NDArray[np.bool_], width: int) -> bytes:
    """Return the wanted ones of the steps as numbers of `width` bytes."""
    steps = steps[wanted]
    far = _FAR[width]
    whole = steps // far
    numbers = np.full(len(steps) + int(whole.sum()), far, dtype=_STEPS[width])
    numbers[np.cumsum(1 + whole) - 1] = steps - far * whole
    return numbers.tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Packed postings of all terms over so many `texts`; arrays as index/store/postings.py writes them.

    `starts`, `places` and `repeats` (terms + 1,) say how many postings, bytes of `rows` and numbers in `more` stand
    before each term; `kinds` (terms,) how its rows are written. `is_more` has a bit a posting, in whole words. Safe to
    share between threads.
    """

    texts: int
    starts: _Places
    kinds: _Bytes
    places: _Places
    repeats: _Places
    rows: _Bytes
    is_more: _Bytes
    more: _Bytes
    _kept: _Kept = field(default_factory=lambda: _Kept(_KEPT))

    @classmethod
    def of(cls, rows: _Rows, times: NDArray[np.int32], starts: _Places, texts: int) -> Packed:
        """Return postings packed in memory; the arguments are those of `pack`."""
        stretch = pack(rows, times, starts, texts)
        return cls(
            texts,
            starts,
            stretch.kinds,
            np.concatenate([[0], np.cumsum(stretch.sizes)]).astype(np.int64),
            np.concatenate([[0], np.cumsum(stretch.repeats)]).astype(np.int64),
            np.frombuffer(stretch.rows, np.uint8),
            whole_words(np.packbits(stretch.is_more, bitorder="little")),
            stretch.more,
        )

    def rows_of(self, term: int, *, keep: bool = True) -> _Rows:
        """Return the texts that hold a term, ascending. `keep` them for the next question, which may ask again."""
        found = self._kept.get(term)
        if found is None:
            found = self._unpacked(term)
            if keep:
                self._kept.put(term, found)
        return found

    def _unpacked(self, term: int) -> _Rows:
        packed = self._packed(term)
        if self.kinds[term] == BITS:
            return np.flatnonzero(np.unpackbits(packed, bitorder="little").view(np.bool_)).astype(np.int32)
        steps = packed.view(_STEPS[int(self.kinds[term])])
        rows: _Rows = np.cumsum(steps, dtype=np.int32)
        if len(steps) > self.starts[term + 1] - self.starts[term]:
            rows = rows[steps != _FAR[int(self.kinds[term])]]
        return rows

    def _packed(self, term: int) -> _Bytes:
        return self.rows[self.places[term] : self.places[term + 1]]

    def repeated(self, term: int) -> tuple[_Places, _Bytes]:
        """Return which postings of a term are more than one occurrence, as places among them, and how many each is."""
        start, end = int(self.starts[term]), int(self.starts[term + 1])
        bits = np.unpackbits(self.is_more[start >> 3 : (end + 7) >> 3], bitorder="little")
        places = np.flatnonzero(bits[start & 7 : (start & 7) + end - start].view(np.bool_))
        return places, self.more[self.repeats[term] : self.repeats[term + 1]]

    def times(self, term: int, wanted: _Rows) -> NDArray[np.uint8]:
        """Return how often a term stands in each of the texts `wanted`, ascending and each once, shape (wanted,)."""
        found = np.zeros(len(wanted), dtype=np.uint8)
        if self.kinds[term] == BITS:
            packed = self._packed(term)
            places = np.flatnonzero(packed[wanted >> 3] >> (wanted & 7).astype(np.uint8) & 1)
            among = _ones_before(packed, 0, wanted[places].astype(np.int64))
        else:
            rows = self.rows_of(term)
            among = rows.searchsorted(wanted)
            np.minimum(among, len(rows) - 1, out=among)
            places = np.flatnonzero(rows[among] == wanted)
            among = among[places]
        if not len(places):
            return found
        found[places] = 1
        start = int(self.starts[term])
        bits = start + among
        is_more = np.flatnonzero(self.is_more[bits >> 3] >> (bits & 7).astype(np.uint8) & 1)
        if len(is_more):
            at = self.repeats[term] + _ones_before(self.is_more, start, bits[is_more])
            found[places[is_more]] = self.more[at]
        return found


def _ones_before(packed: _Bytes, first: int, places: _Places) -> _Places:
    """Return how many bits from bit `first` on are set before each of `places`, ascending and none before it."""
    if not len(places):
        return places
    begin = first >> 6
    words = packed[8 * begin : 8 * ((int(places[-1]) >> 6) + 1)].view(np.dtype("<u8"))
    before = np.concatenate([[0], np.cumsum(np.bitwise_count(words), dtype=np.int64)])
    at = (places >> 6) - begin

    def below(word: NDArray[np.uint64], bits: NDArray[np.uint64]) -> NDArray[np.uint8]:
        return np.bitwise_count(word & ((np.uint64(1) << bits) - np.uint64(1)))

    skipped = int(below(words[:1], np.array([first & 63], np.uint64))[0])
    ones: _Places = before[at] + below(words[at], (places & 63).astype(np.uint64)) - skipped
    return ones


def whole_words(bits: _Bytes, *, before: int = 0) -> _Bytes:
    """Return packed bits with zeros behind: with so many bytes `before` them they are whole words of eight bytes."""
    return np.concatenate([bits, np.zeros(-(before + len(bits)) % 8, dtype=np.uint8)])


class _Kept:
    """The rows that were unpacked last, up to so many bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._rows: OrderedDict[int, _Rows] = OrderedDict()
        self._lock = Lock()

    def get(self, term: int) -> _Rows | None:
        with self._lock:
            rows = self._rows.get(term)
            if rows is not None:
                self._rows.move_to_end(term)
            return rows

    def put(self, term: int, rows: _Rows) -> None:
        with self._lock:
            if term not in self._rows:
                self._rows[term] = rows
                self._bytes += rows.nbytes
            while self._bytes > self._most:
                _, oldest = self._rows.popitem(last=False)
                self._bytes -= oldest.nbytes
