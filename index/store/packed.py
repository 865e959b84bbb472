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

from collections.abc import Iterator
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
# Longer lists are read each alone, without an index for each posting; so are those of kinds with more offsets than so
# many, which short lists are where a block is small beside the texts.
_SHORT, _FEW_BLOCKS = 4_096, 64

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


@dataclass(frozen=True, slots=True)
class Lists:
    """Postings of some terms behind one another: `rows` of all, and how many each term has, `sizes` (terms,).

    Those at `places` among them are more than one occurrence, each so many `times`; each term has `more` of them.
    """

    rows: _Rows
    sizes: _Places
    places: _Places
    times: _Bytes
    more: _Places


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
        offsets, data = (begin + part for part in _parts(kind, texts))
        bounds = np.minimum(np.arange(blocks + 1, dtype=np.int64) << _SHIFTS[kind], texts).astype(np.int32)
        packed[offsets : offsets + _OFFSET.itemsize * (blocks + 1)].view(_OFFSET)[:] = own.searchsorted(bounds)
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


def _parts(kind: int, texts: int) -> tuple[int, int]:
    """Return where in its bytes the offsets and the postings of a term begin; bits begin with a whole word."""
    blocks = _blocks(kind, texts)
    return (8 * _WORDS * blocks, 0) if kind == BITS else (0, _OFFSET.itemsize * (blocks + 1))


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
        offsets, data = (int(self.places[term]) + part for part in _parts(kind, self.texts))
        if kind == BITS:
            return np.flatnonzero(self.bits_of(term)).astype(np.int32)
        low = self.rows[data : data + kind * int(self.starts[term + 1] - self.starts[term])].view(_LOW[kind])
        if blocks == 1:
            alone: _Rows = low.astype(np.int32)
            return alone
        sizes = np.diff(self.rows[offsets:data].view(_OFFSET)).astype(np.int64)
        rows: _Rows = np.repeat(np.arange(blocks, dtype=np.int32) << _SHIFTS[kind], sizes)
        rows |= low
        return rows

    def bits_of(self, term: int) -> NDArray[np.bool_]:
        """Return of each text whether it holds a term that is written as bits, shape (texts,)."""
        begin = int(self.places[term])
        bits = self.rows[begin : begin + 8 * _WORDS * _blocks(BITS, self.texts)]
        return np.unpackbits(bits, count=self.texts, bitorder="little").view(np.bool_)

    def lists(self, terms: _Places) -> Iterator[tuple[_Places, Lists]]:
        """Yield which of `terms` come next, as places among them, and their postings: those of short lists together.

        A question has hundreds of lists, most of them short, and each NumPy call costs as much as many postings.
        """
        kinds, sizes = self.kinds[terms], self.starts[terms + 1] - self.starts[terms]
        is_short = sizes <= _SHORT
        for kind in _SHIFTS:
            asked = np.flatnonzero(is_short & (kinds == kind))
            if len(asked) and _blocks(kind, self.texts) <= _FEW_BLOCKS:
                yield asked, self._together(kind, terms[asked], sizes[asked])
            else:
                is_short[asked] = False
        for place in np.flatnonzero(~is_short).tolist():
            yield np.array([place]), self._alone(int(terms[place]))

    def _together(self, kind: int, terms: _Places, sizes: _Places) -> Lists:
        blocks, begins = _blocks(kind, self.texts), self.places[terms]
        offsets, data = (begins + part for part in _parts(kind, self.texts))
        if kind == BITS:
            bits = self.rows[data[:, None] + np.arange(8 * _WORDS * blocks)]
            rows = np.nonzero(np.unpackbits(bits, axis=1, bitorder="little"))[1].astype(np.int32)
        else:
            rows = self.rows.view(_LOW[kind])[_ranges(data // kind, sizes)].astype(np.int32)
            if blocks > 1:
                ends = self.rows.view(_OFFSET)[(offsets // _OFFSET.itemsize)[:, None] + np.arange(blocks + 1)]
                high = np.tile(np.arange(blocks, dtype=np.int32) << _SHIFTS[kind], len(terms))
                rows |= np.repeat(high, np.diff(ends.astype(np.int64), axis=1).ravel())
        postings = _ranges(self.starts[terms], sizes)
        places = np.flatnonzero((self.is_more[postings >> 3] >> (postings & 7).astype(np.uint8)) & 1)
        more = np.diff(places.searchsorted(np.cumsum(sizes)), prepend=0)
        return Lists(rows, sizes, places, self.more[_ranges(self._ones_before(self.starts[terms]), more)], more)

    def _alone(self, term: int) -> Lists:
        start, end = self.starts[term : term + 2].tolist()
        bits = np.unpackbits(self.is_more[start >> 3 : (end + 7) >> 3], bitorder="little").view(np.bool_)
        places = np.flatnonzero(bits[start & 7 : (start & 7) + end - start])
        first = int(self._ones_before(self.starts[term : term + 1])[0])
        times = self.more[first : first + len(places)]
        return Lists(self.rows_of(term), np.array([end - start]), places, times, np.array([len(places)]))

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
            first, data = (begins + part for part in _parts(kind, self.texts))
            at, offsets = first // _OFFSET.itemsize + (rows >> shift), self.rows.view(_OFFSET)
            if kind == BITS:
                line, column, rank = self._among_bits(data, rows, offsets, at)
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
        sought = wanted.astype(_LOW[kind])  # the low bytes
        first, last = data // kind + low, data // kind + high
        at = first
        for exponent in reversed(range(int(np.max(high - low, initial=0)).bit_length())):
            further = at + (1 << exponent)
            is_less = (further <= last) & (places[np.minimum(further, last) - 1] < sought)
            at = np.where(is_less, further, at)
        is_there = (at < last) & (places[np.minimum(at, len(places) - 1)] == sought)
        line, column = np.nonzero(is_there)
        return line, column, (at - first + low)[line, column]

    def _among_bits(
        self, data: _Places, wanted: _Places, offsets: NDArray[np.uint32], at: _Places
    ) -> tuple[_Places, _Places, _Places]:
        """Return line and column of each posting there is among bits, and its place in its list."""
        is_there = (self.rows[data + (wanted >> 3)] >> (wanted & 7).astype(np.uint8)) & 1
        line, column = np.nonzero(is_there)
        row = wanted[column]
        before = offsets[at[line, column]].astype(np.int64)
        first = data[line, 0] // 8 + (row >> 9 << 3)  # the first word of its block
        bits = self.rows.view(_WORD)[first[:, None] + np.arange(_WORDS)]
        return line, column, before + _ones(bits, row & 511)

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
        ones: _Places = self.ranks[postings >> 9] + _ones(blocks[postings >> 9], postings & 511)
        return ones


def _ranges(begins: _Places, sizes: _Places) -> _Places:
    """Return the numbers of ranges behind one another, each of so many from where it begins."""
    ranges: _Places = np.repeat(begins - np.cumsum(sizes) + sizes, sizes) + np.arange(int(sizes.sum()))
    return ranges


def _ones(blocks: NDArray[np.uint64], ends: _Places) -> _Places:
    """Return how many bits before bit `ends` (n,), 0 to 511, are set in each block (n, words)."""
    counts = np.bitwise_count(blocks)
    counts *= np.arange(_WORDS) < (ends >> 6)[:, None]
    last = blocks[np.arange(len(blocks)), ends >> 6] & ((np.uint64(1) << (ends & 63).astype(np.uint64)) - np.uint64(1))
    ones: _Places = counts.sum(axis=1, dtype=np.int64) + np.bitwise_count(last)
    return ones


def whole_blocks(bits: _Bytes, *, before: int = 0) -> _Bytes:
    """Return packed bits with zeros behind: with so many bytes `before` them they are whole blocks, one not full."""
    size = ((before + len(bits)) // (8 * _WORDS) + 1) * 8 * _WORDS
    return np.concatenate([bits, np.zeros(size - before - len(bits), dtype=np.uint8)])


def ranks_of(bits: _Bytes) -> _Places:
    """Return how many bits are 1 before each block of whole blocks."""
    ones = np.bitwise_count(bits.view(_WORD)).reshape(-1, _WORDS).sum(axis=1, dtype=np.int64)
    ranks: _Places = np.cumsum(ones) - ones
    return ranks
