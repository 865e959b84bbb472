"""Keeps the postings of the terms asked last as they are added up: unpacking them takes most of a question's time.

Questions to one base share most of their words, so most lists that a question needs are there after the first few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar

from cachetools import LRUCache
from numpy.typing import NDArray

# Bytes kept of one kind of words. A question to a million passages reads up to 4 MB of them; with 24 MB forty questions
# of the bank, asked again, took a fifth more time there than with 48.
KEPT_BYTES = 32_000_000
_OVERHEAD = 400  # bytes of an entry beside its numbers: two arrays, their tuple, a place in the order
_SHARE = 8  # a list that would take more than this part is unpacked again each time

Arrays = TypeVar("Arrays", bound=tuple[NDArray[Any], ...])


class Unpacked(Generic[Arrays]):
    """Arrays of terms, those asked last. Safe to share between threads."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._most = kept_bytes // _SHARE
        self._kept: LRUCache[int, Arrays] = LRUCache(kept_bytes, _size_of)
        self._lock = Lock()

    def of(self, terms: Sequence[int], unpack: Callable[[list[int]], list[Arrays]]) -> list[Arrays]:
        """Return the arrays of each of `terms`; `unpack` makes those that are not kept."""
        with self._lock:
            found = {term: arrays for term in terms if (arrays := self._kept.get(term)) is not None}
        if missing := [term for term in terms if term not in found]:
            fresh = dict(zip(missing, unpack(missing), strict=True))
            found |= fresh
            with self._lock:
                self._kept.update((term, arrays) for term, arrays in fresh.items() if _size_of(arrays) <= self._most)
        return [found[term] for term in terms]


def _size_of(arrays: tuple[NDArray[Any], ...]) -> int:
    return _OVERHEAD + sum(array.nbytes for array in arrays)
