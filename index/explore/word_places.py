"""Every place of every one of many words in a text, overlapping and nested ones as well, by a rolling hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

# The multiplier of the rolling hash: odd, its bits spread (2^64 over the golden ratio, Knuth 6.4).
_STEP = 0x9E3779B97F4A7C15
# Characters that are looked through at a time: the arrays of one turn stay near 100 MB.
_TURN = 1 << 22
# A table of so many bits lets one character in two hundred through that begins none of 20,000 words.
_SIEVE_BITS = 22

_Ints = NDArray[np.int64]
_Codes = NDArray[np.uint16]


def codes_of(text: str) -> _Codes:
    """Return the characters of a text of the basic plane as numbers, shape (characters,)."""
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2")


def word_places(codes: _Codes, words: Sequence[str]) -> Iterator[tuple[_Ints, _Ints]]:
    """Yield, for one length of word after the other, which word stands where: rows of `words`, offsets in `codes`.

    Every place counts, overlapping ones as well; each yield is ordered by offset.
    """
    sizes = np.array([len(word) for word in words])
    for size in np.unique(sizes).tolist():
        rows = np.flatnonzero(sizes == size)
        spelled = np.array([codes_of(words[row]) for row in rows.tolist()])
        hashes = _hashes(spelled.reshape(-1), size)[::size]
        order = np.argsort(hashes)
        rows, spelled, hashes = rows[order], spelled[order], hashes[order]
        sieve = np.zeros(1 << _SIEVE_BITS, dtype=np.bool_)
        sieve[_short(hashes)] = True
        found, places = [], []
        for turn in range(0, max(0, len(codes) - size + 1), _TURN):
            part = codes[turn : turn + _TURN + size - 1]
            seen = _hashes(part, size)
            at = np.flatnonzero(sieve[_short(seen)])
            row = np.minimum(np.searchsorted(hashes, seen[at]), len(hashes) - 1)
            same = (spelled[row] == part[at[:, None] + np.arange(size)]).all(axis=1)
            found.append(rows[row[same]])
            places.append(at[same] + turn)
        yield np.concatenate([*found, rows[:0]]), np.concatenate([*places, rows[:0]])


def _hashes(codes: _Codes, size: int) -> NDArray[np.uint64]:
    """Return a hash of the `size` characters at each offset, shape (characters - size + 1,)."""
    last = len(codes) - size + 1
    found = np.zeros(last, dtype=np.uint64)
    for at in range(size):
        found *= np.uint64(_STEP)
        found += codes[at : at + last]
    found *= np.uint64(_STEP)
    return found


def _short(hashes: NDArray[np.uint64]) -> _Ints:
    return (hashes >> np.uint64(64 - _SIEVE_BITS)).astype(np.int64)
