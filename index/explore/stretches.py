"""The stretches of Han characters that a text repeats and that may be words, with what tells a word from a chance.

Stretches grow by a character at a time, and only those grow that are frequent (apriori, Agrawal and Srikant 1994). Each
turn sorts one number a place (which stretch, which character follows, where), so 58 million characters take a minute
and no table of all stretches is ever made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIN_CHARS, MAX_CHARS = 2, 8
# A stretch stands at least so often; in a long text in one of two million places, so that its number fits its bits.
MIN_COUNT = 4
_PLACE_BITS, _NEXT_BITS, _STRETCH_BITS = 28, 15, 21
# 268 million characters; what is only in the text behind them is no frequent word.
_MOST_CHARS = (1 << _PLACE_BITS) - 1
_NEXT = (1 << _NEXT_BITS) - 1
# The multiplier of the hashes: odd, its bits spread (2^64 over the golden ratio, Knuth 6.4).
_STEP = np.uint64(0x9E3779B97F4A7C15)

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
_Codes = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Repeated stretches, all arrays of shape (stretches,): `firsts` is where each first stands, `sizes` its length.

    `cohesion`: pointwise mutual information in bits of the two parts at the joint where it is least. `freedom`: the
    lower of the entropies in bits of the characters before and behind. Ordered by length, then by characters.
    """

    firsts: _Ints
    sizes: _Ints
    counts: _Ints
    cohesion: _Floats
    freedom: _Floats


@dataclass(frozen=True, slots=True)
class _Turn:
    """All frequent stretches of one length; `freedom` and `going_on` as in `_around`."""

    size: int
    firsts: _Ints
    counts: _Ints
    freedom: _Floats
    going_on: _Floats


def free_stretches(codes: _Codes, *, min_freedom: float, piece: float, min_count: int = MIN_COUNT) -> Stretches:
    """Return the frequent stretches that go on freely on both sides: `min_freedom` bits at least.

    One whose places go on with the same character in a share of `piece` or more is a piece of a longer stretch and left
    out. `codes` are characters of the basic plane, shape (characters,).
    """
    codes = codes[:_MOST_CHARS]
    least = max(min_count, -(-len(codes) >> _STRETCH_BITS))
    turns = list(_grown(codes, least))
    han = float(turns[0].counts.sum()) if turns else 0.0  # all frequent characters
    known = {turn.size: _Known.of(codes, turn) for turn in turns}
    found = []
    for turn in turns[MIN_CHARS - 1 :]:
        free = np.flatnonzero((turn.freedom >= min_freedom) & (turn.going_on < piece))
        firsts, counts = turn.firsts[free], turn.counts[free]
        cohesion = np.full(len(free), np.inf)
        for left in range(1, turn.size):
            before = known[left].counts_of(hashes_at(codes, firsts, left))
            behind = known[turn.size - left].counts_of(hashes_at(codes, firsts + left, turn.size - left))
            cohesion = np.minimum(cohesion, np.log2(counts * han / (before * behind.astype(np.float64))))
        found.append((firsts, np.full(len(free), turn.size), counts, cohesion, turn.freedom[free]))
    if not found:
        empty, none = np.empty(0, np.int64), np.empty(0)
        return Stretches(empty, empty, empty, none, none)
    return Stretches(*(np.concatenate(column) for column in zip(*found, strict=True)))


def hashes_at(codes: _Codes, places: _Ints, size: int) -> NDArray[np.uint64]:
    """Return a hash of the `size` characters at each place, shape (places,)."""
    found = np.zeros(len(places), dtype=np.uint64)
    for at in range(size):
        found = (found + codes[places + at]) * _STEP
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """How often each stretch of one length stands, to be found by its hash."""

    hashes: NDArray[np.uint64]
    counts: _Ints

    @classmethod
    def of(cls, codes: _Codes, turn: _Turn) -> _Known:
        hashes = hashes_at(codes, turn.firsts, turn.size)
        order = np.argsort(hashes)
        return cls(hashes[order], turn.counts[order])

    def counts_of(self, hashes: NDArray[np.uint64]) -> _Ints:
        """Return the counts of stretches that are all known, as every part of a frequent stretch is."""
        return self.counts[np.searchsorted(self.hashes, hashes)]


def _grown(codes: _Codes, least: int) -> Iterator[_Turn]:
    """Yield the stretches that stand at least `least` times, of one character first."""
    near, is_han = _neighbours(codes)
    places = np.flatnonzero(is_han[near])
    owner = np.zeros(len(places), dtype=np.int64)  # of the stretch at each place: which one; at first the empty one
    for size in range(MAX_CHARS + 1):
        packed = (((owner << _NEXT_BITS) | near[places + size]) << _PLACE_BITS | places).view(np.uint64)
        packed.sort()
        keys = (packed >> np.uint64(_PLACE_BITS)).view(np.int64)
        begins = _begins(keys)
        runs, counts = keys[begins], np.diff(np.append(begins, len(keys)))
        if size:
            number = np.bincount(owner)
            firsts = places[np.cumsum(number) - number]
            behind = _around(runs, counts, is_han)
            backwards = np.sort((owner << _NEXT_BITS) | near[places - 1])
            starts = _begins(backwards)
            before = _around(backwards[starts], np.diff(np.append(starts, len(backwards))), is_han)
            yield _Turn(size, firsts, number, np.minimum(before[0], behind[0]), np.maximum(before[1], behind[1]))
        grows = (counts >= least) & is_han[runs & _NEXT]
        if not grows.any():
            return
        places = (packed[np.repeat(grows, counts)] & np.uint64((1 << _PLACE_BITS) - 1)).view(np.int64)
        owner = np.repeat(np.arange(np.count_nonzero(grows)), counts[grows])


def _neighbours(codes: _Codes) -> tuple[_Codes, NDArray[np.bool_]]:
    """Return the number of each character, 0 for what parts words and for the end, and which numbers are Han."""
    present = np.flatnonzero(np.bincount(codes, minlength=1 << 16))
    joins = np.array([code for code in present.tolist() if chr(code).isalnum()], dtype=np.int64)
    numbers = np.zeros(1 << 16, dtype=np.uint16)
    numbers[joins] = np.arange(1, len(joins) + 1)
    is_han = np.zeros(_NEXT + 1, dtype=np.bool_)
    is_han[1 : len(joins) + 1] = (joins >= 0x3400) & (joins < 0xA000)
    # So that there is something behind the last character, and, at -1, before the first.
    return np.concatenate([numbers[codes], np.zeros(MAX_CHARS + 1, dtype=np.uint16)]), is_han


def _around(runs: _Ints, counts: _Ints, is_han: NDArray[np.bool_]) -> tuple[_Floats, _Floats]:
    """Return, of each stretch, the entropy of its neighbours on one side and the share of the commonest Han character.

    What parts words (a mark, a line end) counts as another character each time: nothing is freer than an end.
    """
    owner, neighbour = runs >> _NEXT_BITS, runs & _NEXT
    total = np.bincount(owner, counts)[owner]
    bits = counts / total * np.log2(np.where(neighbour == 0, total, total / counts))
    share = np.where(is_han[neighbour], counts, 0) / total
    most: _Floats = np.maximum.reduceat(share, _begins(owner))
    return np.bincount(owner, bits).astype(np.float64), most


def _begins(keys: _Ints) -> _Ints:
    """Return where a run of equal keys begins; `keys` are sorted."""
    return np.flatnonzero(np.concatenate([np.ones(min(1, len(keys)), np.bool_), keys[1:] != keys[:-1]]))
