"""Keeps the postings of the terms asked last as they are added up: unpacking them takes most of a question's time.

Questions to one base share most of their words, so most lists that a question needs are there after the first few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar

from numpy.typing import NDArray

# Bytes kept of one kind of words. A question to a million passages reads up to 4 MB of them; with 24 MB forty questions
# of the bank, asked again, took a fifth more time there than with 48.
KEPT_BYTES = 32_000_000
_OVERHEAD = 400  # bytes of an entry beside its numbers: two arrays, their tuple, a place in the dictionary
_SHARE = 8  # a list that would take more than this part is unpacked again each time

Arrays = TypeVar("Arrays", bound=tuple[NDArray[Any], ...])


class Unpacked(Generic[Arrays]):
    """Arrays of terms, those asked last. Safe to share between threads."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._left, self._most = kept_bytes, kept_bytes // _SHARE
        # Those asked last stand last. A cache of `cachetools` took a twentieth of a question to find a hundred terms.
        self._kept: dict[int, Arrays] = {}
        self._lock = Lock()

    def of(self, terms: Sequence[int], unpack: Callable[[list[int]], list[Arrays]]) -> list[Arrays]:
        """Return the arrays of each of `terms`; `unpack` makes those that are not kept."""
        kept = self._kept
        with self._lock:
            found = {term: kept.pop(term) for term in terms if term in kept}
            kept |= found
        if len(found) < len(terms) and (missing := [term for term in terms if term not in found]):
            fresh = dict(zip(missing, unpack(missing), strict=True))
            found |= fresh
            with self._lock:
                for term, arrays in fresh.items():
                    self._keep(term, arrays)
        return [found[term] for term in terms]

    def kept(self, terms: Sequence[int]) -> list[Arrays | None]:
        """Return the arrays of each of `terms` that is kept; None for others, which stay packed."""
        with self._lock:
            return [self._kept.get(term) for term in terms]

    def _keep(self, term: int, arrays: Arrays) -> None:
        size = _size_of(arrays)
        if size > self._most or term in self._kept:  # another thread may have unpacked it too
            return
        self._left -= size
        self._kept[term] = arrays
        while self._left < 0:
            self._left += _size_of(self._kept.pop(next(iter(self._kept))))


def _size_of(arrays: tuple[NDArray[Any], ...]) -> int:
    return _OVERHEAD + sum(array.nbytes for array in arrays)
