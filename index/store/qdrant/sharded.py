"""A collection in several parts: each point lies in the part that its id says, questions go to all and are merged.

A cluster does this by itself; several shards in one process do it here. Scores do not depend on the part a point lies
in, for rarity comes with the question, so the merged order is that of one collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from index.store.qdrant.points import Ask, Floats, Found, Point, Points, Sparse, Where, best_first


class Sharded:
    """One collection over several."""

    def __init__(self, parts: Sequence[Points]) -> None:
        self._parts = tuple(parts)

    def ask(self, asks: Sequence[Ask]) -> list[Found]:
        """Answer several questions: the best of the best of all parts."""
        answers = [part.ask(asks) for part in self._parts]
        return [
            best_first(
                np.concatenate([found[0] for found in told]), np.concatenate([found[1] for found in told]), limit
            )
            for *told, limit in zip(*answers, (ask.limit for ask in asks), strict=True)
        ]

    def words_of(self, rows: Sequence[int]) -> dict[int, Sparse]:
        """Return the sparse vectors of `rows`."""
        return {row: words for part in self._parts for row, words in part.words_of(rows).items()}

    def meaning_of(self, rows: Sequence[int]) -> dict[int, Floats]:
        """Return the dense vectors of `rows`."""
        return {row: meaning for part in self._parts for row, meaning in part.meaning_of(rows).items()}

    def put(self, points: Sequence[Point]) -> None:
        """Store each point in its part."""
        for number, part in enumerate(self._parts):
            if own := [point for point in points if UUID(point.id).int % len(self._parts) == number]:
                part.put(own)

    def count(self, where: Where = ()) -> int:
        """Count the points of all parts."""
        return sum(part.count(where) for part in self._parts)

    def settle(self) -> None:
        """Make durable and searchable what was put."""
        for part in self._parts:
            part.settle()
