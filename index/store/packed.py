"""Reads packed postings (index/store/packing.py): whole lists, and how often terms stand in a few texts.

Compiled loops add lists up and look texts up where there are such loops (index/store/loops.pyx). Else NumPy reads whole
lists, and finds a few texts in the lists of many terms at once without reading the lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.store import StoreError
from index.store.compiled import compiled_loops
from index.store.packing import (
    BITS,
    LOW,
    MOST_MORE,
    OFFSET,
    SHIFTS,
    SHORT_TIMES,
    WORD,
    WORDS,
    blocks_of,
    bytes_of,
    halve,
    pack,
    parts_of,
    ranks_of,
    whole_blocks,
)
from index.store.vocabulary import REBUILD

if TYPE_CHECKING:
    from index.store.loops import Loops

# Longer lists are read each alone, without an index for each posting; so are those of kinds with more offsets than so
# many, which short lists are where a block is small beside the texts.
_SHORT, _FEW_BLOCKS = 4_096, 64

# What the two halves of a byte say: how often postings stand that are more than one occurrence.
_PAIRS = np.stack([np.arange(256) & 15, np.arange(256) >> 4], axis=1).astype(np.uint8) + np.uint8(2)
_PAIRS = _PAIRS.view(np.uint16).ravel()  # both at once: half the time of taking rows of two

_Bytes = NDArray[np.uint8]
_Floats = NDArray[np.float32]
_Rows = NDArray[np.int32]
_Places = NDArray[np.int64]


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


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Packed postings of all terms over so many `texts`; arrays as index/store/postings.py writes them.

    `starts` and `places` (terms + 1,) say how many postings and bytes of `rows` stand before each term; `kinds`
    (terms,) how its rows are written. `is_more` has a bit a posting, in whole blocks, and `ranks` says how many of them
    are 1 before each block. `more` has half a byte for each of those, and those among them at `often_at`, ascending,
    are above 16, as `often` says. `loops` adds lists up where they lie, where it was compiled. Immutable, and safe to
    share between threads.
    """

    texts: int
    starts: _Places
    kinds: _Bytes
    places: _Places
    rows: _Bytes
    is_more: _Bytes
    ranks: NDArray[np.uint32]
    more: _Bytes
    often_at: NDArray[np.uint32]
    often: _Bytes
    loops: Loops | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        arrays = (self.starts, self.kinds, self.places, self.rows, self.is_more, self.ranks)
        more = (self.more, self.often_at, self.often)
        compiled = compiled_loops()
        object.__setattr__(self, "loops", None if compiled is None else compiled.Loops(self.texts, *arrays, *more))

    @classmethod
    def of(cls, rows: _Rows, times: _Bytes | NDArray[np.int32], starts: _Places, texts: int) -> Packed:
        """Return postings packed in memory; the arguments are those of `pack`."""
        stretch = pack(rows, times, starts, texts)
        bits = whole_blocks(np.packbits(stretch.is_more, bitorder="little"))
        places = np.concatenate([[0], np.cumsum(stretch.sizes)]).astype(np.int64)
        often_at = np.flatnonzero(stretch.more > SHORT_TIMES)
        more = (halve(stretch.more), often_at.astype(np.uint32), stretch.more[often_at])
        return cls(texts, starts, stretch.kinds, places, stretch.rows, bits, ranks_of(bits), *more)

    def rows_of(self, term: int) -> _Rows:
        """Return the texts that hold a term, ascending; its list is one that `expect_lists` has seen."""
        kind = int(self.kinds[term])
        blocks = blocks_of(kind, self.texts)
        offsets, data = (int(self.places[term]) + part for part in parts_of(kind, self.texts))
        if kind == BITS:
            bits = np.unpackbits(self.packed_bits(term), count=self.texts, bitorder="little")
            return np.flatnonzero(bits.view(np.bool_)).astype(np.int32)
        low = self.rows[data : data + kind * int(self.starts[term + 1] - self.starts[term])].view(LOW[kind])
        if blocks == 1:
            alone: _Rows = low.astype(np.int32)
            return alone
        numbers = self.rows[offsets:data]
        sizes: NDArray[np.unsignedinteger[Any]] = numbers
        if kind != 1:
            ends = numbers.view(OFFSET)
            sizes = ends[1:] - ends[:-1]
        return _joined(np.arange(blocks, dtype=np.int32) << SHIFTS[kind], sizes, low)

    def packed_bits(self, term: int) -> _Bytes:
        """Return of each text whether it holds a term that is written as bits, eight texts a byte."""
        begin = int(self.places[term])
        return self.rows[begin : begin + 8 * WORDS * blocks_of(BITS, self.texts)]

    def lists(self, terms: _Places) -> Iterator[tuple[_Places, Lists]]:
        """Yield which of `terms` come next, as places among them, and their postings: those of short lists together.

        A question has hundreds of lists, most of them short, and each NumPy call costs as much as many postings.
        """
        self.expect_lists(terms)
        kinds, sizes = self.kinds[terms], self.starts[terms + 1] - self.starts[terms]
        is_short = sizes <= _SHORT
        for kind in SHIFTS:
            asked = np.flatnonzero(is_short & (kinds == kind))
            if len(asked) and blocks_of(kind, self.texts) <= _FEW_BLOCKS:
                yield asked, self._together(kind, terms[asked], sizes[asked])
            else:
                is_short[asked] = False
        for place in np.flatnonzero(~is_short).tolist():
            yield np.array([place]), self._alone(int(terms[place]))

    def _together(self, kind: int, terms: _Places, sizes: _Places) -> Lists:
        blocks, begins = blocks_of(kind, self.texts), self.places[terms]
        offsets, data = (begins + part for part in parts_of(kind, self.texts))
        if kind == BITS:
            bits = self.rows[data[:, None] + np.arange(8 * WORDS * blocks)]
            rows = np.nonzero(np.unpackbits(bits, axis=1, bitorder="little"))[1].astype(np.int32)
            _expect(len(rows) == sizes.sum())
        else:
            low = self.rows.view(LOW[kind])[_ranges(data // kind, sizes)]
            if blocks == 1:
                rows = low.astype(np.int32)
            else:
                high = np.tile(np.arange(blocks, dtype=np.int32) << SHIFTS[kind], len(terms))
                rows = _joined(high, self._in_blocks(kind, offsets).ravel(), low)
        postings = _ranges(self.starts[terms], sizes)
        places = np.flatnonzero((self.is_more[postings >> 3] >> (postings & 7).astype(np.uint8)) & 1)
        more = np.diff(places.searchsorted(np.cumsum(sizes)), prepend=0)
        return Lists(rows, sizes, places, self._more_at(_ranges(self._ones_before(self.starts[terms]), more)), more)

    def _in_blocks(self, kind: int, offsets: _Places) -> NDArray[np.unsignedinteger[Any]]:
        """Return how many postings the lists of a kind whose offsets begin there have in each block."""
        blocks = blocks_of(kind, self.texts)
        sizes: NDArray[np.unsignedinteger[Any]]
        if kind == 1:
            sizes = self.rows[offsets[:, None] + np.arange(blocks)]
            return sizes
        ends = self.rows.view(OFFSET)[(offsets // OFFSET.itemsize)[:, None] + np.arange(blocks + 1)]
        sizes = np.diff(ends, axis=1)
        return sizes

    def _alone(self, term: int) -> Lists:
        start, end = self.starts[term : term + 2].tolist()
        bits = np.unpackbits(self.is_more[start >> 3 : (end + 7) >> 3], bitorder="little").view(np.bool_)
        places = np.flatnonzero(bits[start & 7 : (start & 7) + end - start])
        first = int(self._ones_before(self.starts[term : term + 1])[0])
        times = self._more_from(first, len(places))
        rows = self.rows_of(term)
        _expect(len(rows) == end - start)
        return Lists(rows, np.array([end - start]), places, times, np.array([len(places)]))

    def count_more(self) -> int:
        """Return how many postings are more than one occurrence."""
        return int(self._ones_before(self.starts[-1:])[0]) if len(self.ranks) else 0

    def add(self, terms: _Places, factors: _Floats, once: _Floats, norms: _Floats, k1: float, sums: _Floats) -> None:
        """Add to `sums` (texts,) the weight of each of `terms` in each text, times its factor; only with `loops`.

        `once` is the weight of a term that stands in a text once, `norms` what its frequency is weighed against.
        Raises StoreError for damaged postings.
        """
        assert self.loops is not None
        with _damaged():
            self.loops.add(terms, factors, once, norms, k1, sums)

    def add_once(self, terms: _Places, factors: _Floats, once: _Floats, sums: _Floats) -> None:
        """Do what `add` does, but count a term once wherever it stands."""
        assert self.loops is not None
        with _damaged():
            self.loops.add_once(terms, factors, once, sums)

    def times(self, terms: _Places, wanted: _Rows) -> _Bytes:
        """Return how often each of `terms` stands in each of the texts `wanted`, shape (terms, wanted).

        Raises IndexError for a text that does not exist.
        """
        if len(wanted) and not 0 <= int(wanted.min()) <= int(wanted.max()) < self.texts:
            wrong = wanted[(wanted < 0) | (wanted >= self.texts)][0]
            raise IndexError(f"text {wrong} does not exist: texts are 0 to {self.texts - 1}")
        if self.loops is not None:
            with _damaged():
                return self.loops.times(terms, wanted)
        self.expect_lists(terms)
        found = np.zeros((len(terms), len(wanted)), dtype=np.uint8)
        rows = wanted.astype(np.int64)
        for kind, shift in SHIFTS.items():
            lines = np.flatnonzero(self.kinds[terms] == kind)
            if not len(lines) or not len(rows):
                continue
            starts, begins = self.starts[terms[lines]], self.places[terms[lines]][:, None]
            size = (self.starts[terms[lines] + 1] - starts)[:, None]
            first, data = (begins + part for part in parts_of(kind, self.texts))
            at, offsets = first // OFFSET.itemsize + (rows >> shift), self.rows.view(OFFSET)
            if kind == BITS:
                line, column, rank = self._among_bits(data, rows, offsets, at)
                _expect(bool(np.all(rank < size[line, 0])))
            else:
                if kind == 1:
                    sizes = self._in_blocks(kind, first[:, 0])
                    high = np.cumsum(sizes, axis=1, dtype=np.int64)[:, rows >> shift]
                    low = high - sizes[:, rows >> shift]
                else:
                    low, high = offsets[at].astype(np.int64), offsets[at + 1].astype(np.int64)
                _expect(bool(np.all((low <= high) & (high <= size))))
                line, column, rank = self._in_lists(kind, data, rows, low, high)
            found[lines[line], column] = self._times_at(starts[line] + rank)
        return found

    def expect_lists(self, terms: _Places) -> None:
        """Raise StoreError unless lists of these terms can lie where it is said; compiled loops look by themselves."""
        kinds, first, begins, ends = self.kinds[terms], self.starts[terms], self.places[terms], self.places[terms + 1]
        sizes, room = self.starts[terms + 1] - first, ends - begins
        lie = (begins >= 0) & (begins % 8 == 0) & (ends <= len(self.rows))
        lie &= (first >= 0) & (sizes > 0) & (sizes <= self.texts) & (first <= 8 * len(self.is_more) - sizes)
        known = [(kinds == kind) & (room == bytes_of(kind, sizes, self.texts)) for kind in SHIFTS]
        _expect(bool(np.all(lie & np.any(known, axis=0))))

    def _in_lists(
        self, kind: int, data: _Places, wanted: _Places, low: _Places, high: _Places
    ) -> tuple[_Places, _Places, _Places]:
        """Return line and column of each posting there is, and its place in its list: all are halved together."""
        # The data of a list of two or four bytes begins at a multiple of them: offsets are of four.
        places = self.rows.view(LOW[kind])
        sought = wanted.astype(LOW[kind])  # the low bytes
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
        bits = self.rows.view(WORD)[first[:, None] + np.arange(WORDS)]
        return line, column, before + _ones(bits, row & 511)

    def _times_at(self, postings: _Places) -> _Bytes:
        """Return how many occurrences each posting is."""
        found = np.ones(len(postings), dtype=np.uint8)
        repeated = np.flatnonzero((self.is_more[postings >> 3] >> (postings & 7).astype(np.uint8)) & 1)
        if len(repeated):
            found[repeated] = self._more_at(self._ones_before(postings[repeated]))
        return found

    def _more_at(self, places: _Places) -> _Bytes:
        """Return how many occurrences those are that are more than one, by their places among them."""
        _expect(int(places.max(initial=-1)) < 2 * len(self.more))
        halves = self.more[places >> 1] >> ((places & 1) << 2).astype(np.uint8)
        found: _Bytes = (halves & 15) + np.uint8(2)
        often = np.flatnonzero(found > SHORT_TIMES)
        if len(often):
            at = self.often_at.searchsorted(places[often].astype(np.uint32))
            _expect(int(at.max()) < len(self.often))
            found[often] = self.often[at]
        return found

    def _more_from(self, first: int, size: int) -> _Bytes:
        """Return how many occurrences so many of those are that are more than one, from a place among them on."""
        _expect(first + size < MOST_MORE)
        pairs = _PAIRS[self.more[first >> 1 : (first + size + 1) >> 1]].view(np.uint8)
        found: _Bytes = pairs[first & 1 : (first & 1) + size]
        _expect(len(found) == size)
        low, high = self.often_at.searchsorted(np.array([first, first + size], dtype=np.uint32)).tolist()
        found.put(self.often_at[low:high].astype(np.int64) - first, self.often[low:high], mode="clip")
        return found

    def _ones_before(self, postings: _Places) -> _Places:
        """Return how many postings before each of these are more than one occurrence."""
        blocks = self.is_more.view(WORD).reshape(-1, WORDS)
        ones: _Places = self.ranks[postings >> 9].astype(np.int64) + _ones(blocks[postings >> 9], postings & 511)
        return ones


@contextmanager
def _damaged() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise StoreError(
            f"words are damaged: the postings of {error} are not as they were written; {REBUILD}"
        ) from error


def _joined(high: _Rows, sizes: NDArray[np.unsignedinteger[Any]], low: NDArray[Any]) -> _Rows:
    """Return the rows whose low bytes these are, so many of each of `high`."""
    # Damaged offsets may ask for terabytes; bytes cannot, so they are summed up only once, by what they make.
    _expect(sizes.itemsize == 1 or int(sizes.sum()) == len(low))
    rows: _Rows = np.repeat(high, sizes)
    _expect(len(rows) == len(low))
    rows |= low
    return rows


def _expect(holds: bool) -> None:
    """Raise StoreError unless what packed postings say of themselves holds."""
    if not holds:
        raise StoreError(f"words are damaged: packed postings do not fit together; {REBUILD}")


def _ranges(begins: _Places, sizes: _Places) -> _Places:
    """Return the numbers of ranges behind one another, each of so many from where it begins."""
    ranges: _Places = np.repeat(begins - np.cumsum(sizes) + sizes, sizes) + np.arange(int(sizes.sum()))
    return ranges


def _ones(blocks: NDArray[np.uint64], ends: _Places) -> _Places:
    """Return how many bits before bit `ends` (n,), 0 to 511, are set in each block (n, words)."""
    counts = np.bitwise_count(blocks)
    counts *= np.arange(WORDS) < (ends >> 6)[:, None]
    last = blocks[np.arange(len(blocks)), ends >> 6] & ((np.uint64(1) << (ends & 63).astype(np.uint64)) - np.uint64(1))
    ones: _Places = counts.sum(axis=1, dtype=np.int64) + np.bitwise_count(last)
    return ones
