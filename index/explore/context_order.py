"""Orders the places of a concordance by what stands left or right of them, and counts what stands there most often.

The character next to the match decides first, then the one after it, as the levels 1L 2L 3L and 1R 2R 3R of AntConc do
with words. Han characters stand in the order of their sounds (pinyin without tones, of several the first in the
alphabet), which a table of the basic plane gives as quickly as code points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from index.question.sounds import readings

# Characters that an order looks at; two places that agree in more stand in the order of the corpus.
DEPTH = 20
_BLOCK = 4  # characters of 16 bits in a key of 64
# A neighbour has two characters, and more while this share of its places go on alike: 断缴 + 三个月, not + 三个. One
# that stands there once is no news.
_GOES_ON = 0.8
_LONGEST = 4

_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What stands right beside `count` of the matches, in search form: letters and digits of one line."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Side:
    """One side of all matches: the character next to each, which way it goes on (1 or -1), how much its passage has."""

    codes: NDArray[np.uint16]
    next: _Places
    step: int
    room: _Places

    def at(self, distance: int, table: NDArray[np.uint16], among: NDArray[np.integer] | slice) -> NDArray[np.uint16]:
        """Return `table` of the character at a distance (0 is next to the match), 0 where the passage has ended."""
        places = self.next[among] + self.step * distance
        found = table.take(self.codes.take(places, mode="clip"))
        found *= self.room[among] > distance
        return found

    def key(self, first: int, among: NDArray[np.integer] | slice) -> NDArray[np.uint64]:
        """Return the ranks of the four characters from the distance `first` in one number."""
        key = self.at(first, _ranks(), among).astype(np.uint64)
        for distance in range(first + 1, first + _BLOCK):
            key = key << np.uint64(16) | self.at(distance, _ranks(), among)
        return key


def ordered(side: Side, offset: int, limit: int | None) -> _Places:
    """Return which matches stand at the places `[offset, offset + limit)` of the order by a side.

    Only those that may belong there are compared beyond their first four characters.
    """
    count = len(side.next)
    last = min(count, offset + limit) if limit is not None else count
    if offset >= last:
        return np.empty(0, dtype=np.int64)
    first_key = side.key(0, slice(None))
    lowest, highest = np.partition(first_key, [offset, last - 1])[[offset, last - 1]]
    near = np.flatnonzero((first_key >= lowest) & (first_key <= highest))
    before = int(np.count_nonzero(first_key < lowest))
    # lexsort is stable, and its last key decides first.
    keys = [side.key(first, near) for first in range(DEPTH - _BLOCK, 0, -_BLOCK)]
    order = np.lexsort([*keys, first_key[near]])
    return near[order[offset - before : last - before]]


def neighbours(side: Side, most: int) -> tuple[Neighbour, ...]:
    """Return what stands on a side most often, the most frequent first, at most `most`.

    One of one character often ends there (断缴后，); its count is of all places that begin with it, as all counts are.
    """
    everywhere = slice(None)
    first, second = side.at(0, _letters(), everywhere), side.at(1, _letters(), everywhere)
    second[first == 0] = 0
    pairs = first.astype(np.uint32) << np.uint32(16) | second
    in_order = np.sort(pairs)
    begins = np.flatnonzero(np.concatenate([in_order[:1] > 0, in_order[1:] != in_order[:-1]]))
    counts = np.diff(np.append(begins, len(pairs)))
    told_often = (in_order[begins] > 0) & (counts > 1)
    begins, counts = begins[told_often], counts[told_often]
    usual = np.sort(in_order[begins[np.argsort(-counts, kind="stable")[:most]]])
    if not len(usual):
        return ()
    which = np.minimum(np.searchsorted(usual, pairs), len(usual) - 1)
    among = np.flatnonzero(usual[which] == pairs)
    told = [
        _told(side, among[which[among] == at], int(pair))
        if pair & 0xFFFF
        else Neighbour(chr(int(pair) >> 16), int(np.count_nonzero(first == pair >> 16)))
        for at, pair in enumerate(usual)
    ]
    return tuple(sorted(told, key=lambda neighbour: (-neighbour.count, neighbour.text)))


def _told(side: Side, among: _Places, pair: int) -> Neighbour:
    """Return the neighbour that begins with a pair, as far as most of its places go on alike."""
    characters = [chr(pair >> 16), chr(pair & 0xFFFF)]
    while len(characters) < _LONGEST:
        following = side.at(len(characters), _letters(), among)
        counts = np.bincount(following)
        usual = int(counts.argmax())
        if not usual or counts[usual] < _GOES_ON * len(among):
            break
        among = among[following == usual]
        characters.append(chr(usual))
    return Neighbour("".join(characters[:: side.step]), len(among))


@cache
def _ranks() -> NDArray[np.uint16]:
    """Return the rank of each code unit, from 1: signs, digits and Latin, Han by sound, then all others."""
    units = range(1 << 16)

    def key(code: int) -> tuple[int, str, int]:
        sounds = readings(chr(code))
        return (1, sounds[0], code) if sounds else (0 if code < 0x3400 or code >= 0xFE30 else 2, "", code)

    ranks = np.zeros(1 << 16, dtype=np.uint16)
    ranks[sorted(units, key=key)] = np.minimum(np.arange(1, (1 << 16) + 1), 0xFFFF)
    return ranks


@cache
def _letters() -> NDArray[np.uint16]:
    """Return each code unit that is a letter or a digit, 0 for the others."""
    units: Sequence[int] = range(1 << 16)
    return np.array([code if chr(code).isalnum() else 0 for code in units], dtype=np.uint16)
