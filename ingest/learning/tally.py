"""Counts 64-bit keys exactly, in memory that does not grow with what is counted.

Keys are gathered in a buffer; a full buffer is parted by the first bits of its keys into files that the system removes
by itself. At the end each file is counted alone and what is rare is dropped. Adding is commutative, so the order of
additions cannot show in the counts, as it would in a sketch that drops rare keys on the way.
"""

from __future__ import annotations

import tempfile
from typing import IO

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

BUFFERED = 1 << 20  # keys in memory, 8 MB: about 3,000 pages, so that small collections never touch the disk
_FILES = 64  # each then holds a sixty-fourth: 4 MB for 100,000 pages with 300 keys each


class Tally:
    """Keys being counted; `frequent` ends the counting."""

    def __init__(self, *, buffered: int = BUFFERED) -> None:
        self._buffered = buffered
        self._parts: list[Keys] = []
        self._size = 0
        self._files: list[IO[bytes]] = []

    def add(self, keys: Keys) -> None:
        """Count each of `keys` once more."""
        self._parts.append(keys)
        self._size += len(keys)
        if self._size >= self._buffered:
            self._spill()

    def frequent(self, at_least: int) -> tuple[Keys, NDArray[np.int32]]:
        """Return the keys counted `at_least` times, ascending, with their counts, and forget everything."""
        if self._files:
            self._spill()
        found = [_count(self._take_buffer(), at_least)]
        for file in self._files:
            file.seek(0)
            found.append(_count(np.frombuffer(file.read(), dtype=np.uint64), at_least))
            file.close()
        self._files = []
        return np.concatenate([keys for keys, _ in found]), np.concatenate([counts for _, counts in found])

    def _take_buffer(self) -> Keys:
        keys = np.concatenate(self._parts) if self._parts else np.zeros(0, dtype=np.uint64)
        self._parts, self._size = [], 0
        return keys

    def _spill(self) -> None:
        if not self._files:
            self._files = [tempfile.TemporaryFile(prefix="policykb-tally-") for _ in range(_FILES)]  # noqa: SIM115 - closed in `frequent`
        keys = self._take_buffer()
        file_of = (keys >> np.uint64(58)).astype(np.int64)  # the first six bits: files follow one another in key order
        order = np.argsort(file_of, kind="stable")
        borders = np.searchsorted(file_of[order], np.arange(_FILES + 1))
        keys = keys[order]
        for file, first, last in zip(self._files, borders[:-1], borders[1:], strict=True):
            file.write(keys[first:last].tobytes())


def _count(keys: Keys, at_least: int) -> tuple[Keys, NDArray[np.int32]]:
    values, counts = np.unique(keys, return_counts=True)
    enough = counts >= at_least
    return values[enough], counts[enough].astype(np.int32)
