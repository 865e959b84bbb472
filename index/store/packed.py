"""Packs postings into little space: which texts hold a term, and how often where it is more than once.

The rows of all texts are cut into blocks, and of a posting only the place in its block is written, so that few bytes
do; an offset for each block says where its postings begin. The texts of a term are written in the shortest of four ways
(compare Chambi et al., Better bitmap performance with Roaring bitmaps, 2016):

    1, 2 or 4 bytes a posting   blocks of 256 texts, of 65,536, and one of all
    bits                        one a text, 1 where it holds the term, in blocks of 512 texts

NumPy reads them without a loop, and finds a few texts in the lists of many terms at once without reading the lists.
Four postings in five stand for one occurrence. So one bit a posting says whether there are more, and only those have a
byte with their number; more than 255 count as 255, which is a hundredth of a weight away from any higher number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BITS = 0
"""The kind of a term that is written as bits; other kinds are the bytes of a posting."""
# How far the number of a text is shifted for that of its block.
_SHIFTS = {1: 8, 2: 16, 4: 32, BITS: 9}
_KINDS = np.array(list(_SHIFTS), dtype=np.uint8)
_LOW: dict[int, np.dtype[Any]] = {1: np.dtype("u1"), 2: np.dtype("<u2"), 4: np.dtype("<u4")}
_OFFSET, _WORD = np.dtype("<u4"), np.dtype("<u8")
_WORDS = 8  # of 64 bits, in a block of bits
_MOST_TIMES = 255

_Bytes = NDArray[np.uint8]
_Rows = NDArray[np.int32]
_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Packed postings of a few terms: the kind of each, the bytes it takes, and all bytes.

    `is_more` says of each posting whether it is more than one occurrence, `more` how many those are.
    """

    kinds: _Bytes
    sizes: _Places
    rows: _Bytes
    is_more: NDArray[np.bool_]
    more: _Bytes


def pack(rows: _Rows, times: NDArray[np.int32], starts: _Places, texts: int) -> Stretch:
    """Return the postings of terms packed; those of term i are `rows[starts[i]:starts[i + 1]]`, ascending.

    `rows` are below `texts`, `times` at least one; no term is without postings.
    """
    is_more = times > 1
    more = np.minimum(times[is_more], _MOST_TIMES).astype(np.uint8)
    frequency = np.diff(starts)
    choice = np.stack([_size(kind, frequency, texts) for kind in _SHIFTS])
    chosen = np.argmin(choice, axis=0)  # the first of equals
    kinds, sizes = _KINDS[chosen], choice[chosen, np.arange(len(chosen))]
    begins = np.cumsum(sizes) - sizes
    packed = np.zeros(int(sizes.sum()), dtype=np.uint8)
    single = [kind for kind in _LOW if _blocks(kind, texts) == 1]
    is_short = np.isin(kinds, single)
    _write_short(packed, kinds, begins, rows, starts, is_short)
    for term in np.flatnonzero(~is_short).tolist():
        kind, begin = int(kinds[term]), int(begins[term])
        own, blocks = rows[starts[term] : starts[term + 1]], _blocks(kind, texts)
        data = begin + _OFFSET.itemsize * (blocks + 1)
        bounds = np.arange(blocks + 1, dtype=np.int64) << _SHIFTS[kind]
        packed[begin:data].view(_OFFSET)[:] = own.searchsorted(np.minimum(bounds, texts).astype(np.int32))
        if kind == BITS:
            bits = np.zeros(64 * _WORDS * blocks, dtype=bool)
            bits[own] = True
            packed[data : data + len(bits) // 8] = np.packbits(bits, bitorder="little")
        else:
            packed[data : data + kind * len(own)].view(_LOW[kind])[:] = own.astype(_LOW[kind])  # the low bytes
    return Stretch(kinds, sizes, packed, is_more, more)


def _write_short(
    packed: _Bytes, kinds: _Bytes, begins: _Places, rows: _Rows, starts: _Places, wanted: NDArray[np.bool_]
) -> None:
    """Write the wanted terms, whose texts are one block: most terms are rare, so all are written at once."""
    frequency = np.diff(starts)
    for kind, low in _LOW.items():
        terms = np.flatnonzero(wanted & (kinds == kind))
        offsets, counts = packed.view(_OFFSET), frequency[terms]
        offsets[begins[terms] // _OFFSET.itemsize + 1] = counts
        before = np.cumsum(counts) - counts
        among = np.arange(int(counts.sum())) - np.repeat(before, counts)
        to = np.repeat((begins[terms] + 2 * _OFFSET.itemsize) // kind, counts) + among
        packed.view(low)[to] = rows[np.repeat(starts[terms], counts) + among].astype(low)


def _blocks(kind: int, texts: int) -> int:
    return max(1, -(-texts >> _SHIFTS[kind]))


def _size(kind: int, frequency: _Places, texts: int) -> _Places:
    """Return the bytes that terms in so many texts take, in whole words of eight."""
    blocks = _blocks(kind, texts)
    postings = kind * frequency if kind != BITS else np.full(len(frequency), 8 * _WORDS * blocks)
    size: _Places = -(-(_OFFSET.itemsize * (blocks + 1) + postings) // 8) * 8
    return size


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Packed postings of all terms over so many `texts`; arrays as index/store/postings.py writes them.

    `starts` and `places` (terms + 1,) say how many postings and bytes of `rows` stand before each term; `kinds`
    (terms,) how its rows are written. `is_more` has a bit a posting, in whole blocks, and `ranks` says how many of them
    are 1 before each block. Immutable, and safe to share between threads.
    """

    texts: int
    starts: _Places
    kinds: _Bytes
    places: _Places
    rows: _Bytes
    is_more: _Bytes
    ranks: _Places
    more: _Bytes

    @classmethod
    def of(cls, rows: _Rows, times: NDArray[np.int32], starts: _Places, texts: int) -> Packed:
        """Return postings packed in memory; the arguments are those of `pack`."""
        stretch = pack(rows, times, starts, texts)
        bits = whole_blocks(np.packbits(stretch.is_more, bitorder="little"))
        places = np.concatenate([[0], np.cumsum(stretch.sizes)]).astype(np.int64)
        return cls(texts, starts, stretch.kinds, places, stretch.rows, bits, ranks_of(bits), stretch.more)

    def rows_of(self, term: int) -> _Rows:
        """Return the texts that hold a term, ascending."""
        kind = int(self.kinds[term])
        blocks = _blocks(kind, self.texts)
        begin = int(self.places[term])
        data = begin + _OFFSET.itemsize * (blocks + 1)
        if kind == BITS:
            bits = np.unpackbits(self.rows[data : data + 8 * _WORDS * blocks], bitorder="little")
            return np.flatnonzero(bits.view(np.bool_)).astype(np.int32)
        low = self.rows[data : data + kind * int(self.starts[term + 1] - self.starts[term])].view(_LOW[kind])
        if blocks == 1:
            alone: _Rows = low.astype(np.int32)
            return alone
        sizes = np.diff(self.rows[begin:data].view(_OFFSET)).astype(np.int64)
        rows: _Rows = np.repeat(np.arange(blocks, dtype=np.int32) << _SHIFTS[kind], sizes)
        rows |= low
        return rows

    def repeated(self, terms: _Places) -> list[tuple[_Places, _Bytes]]:
        """Return for each term which of its postings are more than one occurrence, as places, and how many each is."""
        found = []
        begins, ends = self.starts[terms].tolist(), self.starts[terms + 1].tolist()
        for start, end, first in zip(begins, ends, self._ones_before(self.starts[terms]).tolist(), strict=True):
            bits = np.unpackbits(self.is_more[start >> 3 : (end + 7) >> 3], bitorder="little").view(np.bool_)
            places = np.flatnonzero(bits[start & 7 : (start & 7) + end - start])
            found.append((places, self.more[first : first + len(places)]))
        return found

    def count_more(self) -> int:
        """Return how many postings are more than one occurrence."""
        return int(self._ones_before(self.starts[-1:])[0]) if len(self.ranks) else 0

    def times(self, terms: _Places, wanted: _Rows) -> _Bytes:
        """Return how often each of `terms` stands in each of the texts `wanted`, shape (terms, wanted)."""
        found = np.zeros((len(terms), len(wanted)), dtype=np.uint8)
        rows = wanted.astype(np.int64)
        for kind, shift in _SHIFTS.items():
            lines = np.flatnonzero(self.kinds[terms] == kind)
            if not len(lines) or not len(rows):
                continue
            begins = self.places[terms[lines]][:, None]
            at = begins // _OFFSET.itemsize + (rows >> shift)
            offsets = self.rows.view(_OFFSET)
            data = begins + _OFFSET.itemsize * (_blocks(kind, self.texts) + 1)
            if kind == BITS:
                line, column, rank = self._among_bits(data, rows, offsets[at].astype(np.int64))
            else:
                low, high = offsets[at].astype(np.int64), offsets[at + 1].astype(np.int64)
                line, column, rank = self._in_lists(kind, data, rows, low, high)
            found[lines[line], column] = self._times_at(self.starts[terms[lines[line]]] + rank)
        return found

    def _in_lists(
        self, kind: int, data: _Places, wanted: _Places, low: _Places, high: _Places
    ) -> tuple[_Places, _Places, _Places]:
        """Return line and column of each posting there is, and its place in its list: all are halved together."""
        # The data of a list of two or four bytes begins at a multiple of them: offsets are of four.
        places = self.rows.view(_LOW[kind])
        first = data // kind
        sought = wanted.astype(_LOW[kind])  # the low bytes
        end = high.copy()
        for _ in range(int(np.max(high - low, initial=0)).bit_length()):
            middle = (low + high) >> 1
            is_open = low < high
            is_less = is_open & (places[np.minimum(first + middle, len(places) - 1)] < sought)
            low = np.where(is_less, middle + 1, low)
            high = np.where(is_open & ~is_less, middle, high)
        is_there = (low < end) & (places[np.minimum(first + low, len(places) - 1)] == sought)
        line, column = np.nonzero(is_there)
        return line, column, low[line, column]

    def _among_bits(self, data: _Places, wanted: _Places, before: _Places) -> tuple[_Places, _Places, _Places]:
        """Return line and column of each posting there is among bits, and its place in its list.

        `data` may begin in the middle of a word, so bits are read byte by byte.
        """
        byte = data + (wanted >> 3)
        is_there = (self.rows[byte] >> (wanted & 7).astype(np.uint8)) & 1
        line, column = np.nonzero(is_there)
        row = wanted[column]
        block = data[line, 0] + (row >> 9 << 6)  # 64 bytes a block
        bits = self.rows[block[:, None] + np.arange(8 * _WORDS)].view(_WORD)
        return line, column, before[line, column] + _ones(bits, row & 511)

    def _times_at(self, postings: _Places) -> _Bytes:
        """Return how many occurrences each posting is."""
        found = np.ones(len(postings), dtype=np.uint8)
        repeated = np.flatnonzero((self.is_more[postings >> 3] >> (postings & 7).astype(np.uint8)) & 1)
        if len(repeated):
            found[repeated] = self.more[self._ones_before(postings[repeated])]
        return found

    def _ones_before(self, postings: _Places) -> _Places:
        """Return how many postings before each of these are more than one occurrence."""
        blocks = self.is_more.view(_WORD).reshape(-1, _WORDS)
        at = np.minimum(postings >> 9, len(blocks) - 1)  # behind the last posting nothing is left to count
        ones: _Places = self.ranks[at] + _ones(blocks[at], postings - (at << 9))
        return ones


def _ones(blocks: NDArray[np.uint64], ends: _Places) -> _Places:
    """Return how many bits before bit `ends` (n,), 0 to 512, are set in each block (n, words)."""
    bits = np.clip(ends[:, None] - 64 * np.arange(_WORDS), 0, 64).astype(np.uint64)
    # A word cannot be shifted by all its bits.
    masks = np.where(bits == 64, ~np.uint64(0), (np.uint64(1) << (bits & np.uint64(63))) - np.uint64(1))
    ones: _Places = np.bitwise_count(blocks & masks).sum(axis=1, dtype=np.int64)
    return ones


def whole_blocks(bits: _Bytes, *, before: int = 0) -> _Bytes:
    """Return packed bits with zeros behind: with so many bytes `before` them they are whole blocks, at least one."""
    size = max(1, -(-(before + len(bits)) // (8 * _WORDS))) * 8 * _WORDS
    return np.concatenate([bits, np.zeros(size - before - len(bits), dtype=np.uint8)])


def ranks_of(bits: _Bytes) -> _Places:
    """Return how many bits are 1 before each block of whole blocks."""
    ones = np.bitwise_count(bits.view(_WORD)).reshape(-1, _WORDS).sum(axis=1, dtype=np.int64)
    ranks: _Places = np.cumsum(ones) - ones
    return ranks
