"""Every place of every one of many words in a text, overlapping and nested ones as well, by a rolling hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The multiplier of the rolling hash: odd, its bits spread (2^64 over the golden ratio, Knuth 6.4).
_STEP = np.uint64(0x9E3779B97F4A7C15)
# Characters that are looked through at a time: the arrays of one turn stay below 100 MB.
TURN = 1 << 22
# A megabyte for each length stays in the processor's cache and lets few characters through that begin no word.
_SIEVE_BITS = 20

_Ints = NDArray[np.int64]
_Codes = NDArray[np.uint16]
_Hashes = NDArray[np.uint64]


def codes_of(text: str) -> _Codes:
    """Return the characters of a text of the basic plane as numbers, shape (characters,)."""
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2")


def word_places(codes: _Codes, words: Sequence[str], *, turn: int = TURN) -> Iterator[tuple[_Ints, _Ints]]:
    """Yield, for one length of word after the other, which word stands where: rows of `words`, offsets in `codes`.

    Every place counts, overlapping ones as well; each yield is ordered by offset. `turn` characters at a time are
    looked through.
    """
    tables = _tables(words)
    longest = max(tables, default=0)
    found: dict[int, list[tuple[_Ints, _Ints]]] = {size: [] for size in sorted(tables)}
    for begin in range(0, len(codes), turn):
        part = codes[begin : begin + turn + longest - 1]
        hashes = np.zeros(len(part), dtype=np.uint64)
        for size in range(1, min(longest, len(part)) + 1):
            hashes = hashes[: len(part) - size + 1]  # of the `size` characters at each offset
            hashes += part[size - 1 :]
            hashes *= _STEP
            if size in tables:
                rows, at = tables[size].look_up(part, hashes[:turn])
                found[size].append((rows, at + begin))
    none = np.empty(0, dtype=np.int64)
    for places in found.values():
        yield np.concatenate([none, *(rows for rows, _ in places)]), np.concatenate([none, *(at for _, at in places)])


@dataclass(frozen=True, slots=True)
class _Table:
    """The words of one length by their hashes, ascending; `sieve` is true for the first bits of each."""

    rows: _Ints
    spelled: _Codes
    hashes: _Hashes
    sieve: NDArray[np.bool_]

    def look_up(self, codes: _Codes, hashes: _Hashes) -> tuple[_Ints, _Ints]:
        """Return which words stand where in `codes`, of which `hashes` are those at each offset."""
        at = np.flatnonzero(self.sieve[_first_bits(hashes)])
        row = np.minimum(np.searchsorted(self.hashes, hashes[at]), len(self.hashes) - 1)
        at, row = at[self.hashes[row] == hashes[at]], row[self.hashes[row] == hashes[at]]
        same = (self.spelled[row] == codes[at[:, None] + np.arange(self.spelled.shape[1])]).all(axis=1)
        return self.rows[row[same]], at[same]


def _tables(words: Sequence[str]) -> dict[int, _Table]:
    by_size: dict[int, list[int]] = {}
    for row, word in enumerate(words):
        by_size.setdefault(len(word), []).append(row)
    found = {}
    for size, rows in by_size.items():
        spelled = codes_of("".join(words[row] for row in rows)).reshape(-1, size)
        hashes = np.zeros(len(rows), dtype=np.uint64)
        for column in spelled.T:
            hashes = (hashes + column) * _STEP
        order = np.argsort(hashes)
        sieve = np.zeros(1 << _SIEVE_BITS, dtype=np.bool_)
        sieve[_first_bits(hashes)] = True
        found[size] = _Table(np.array(rows, dtype=np.int64)[order], spelled[order], hashes[order], sieve)
    return found


def _first_bits(hashes: _Hashes) -> _Ints:
    return (hashes >> np.uint64(64 - _SIEVE_BITS)).view(np.int64)
