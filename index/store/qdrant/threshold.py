"""Which passages have the highest sums of several scores, proved, from engines that rank by one score at a time.

The threshold algorithm (Fagin, Lotem and Naor, Optimal Aggregation Algorithms for Middleware, 2003). Each leg names its
best n; what is in no list has at most the sum of the last scores of all lists. Once the k-th best sum of those seen is
above that, no other passage can be among the best k. Else the lists are asked for at four times the length.

Of what was seen, only what can still be among the best is filled in: a value that is missing lies between zero and the
last score of its list, so a passage whose highest possible sum is below the k-th lowest possible one is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.store.qdrant.points import Floats, Found, Rows, Sparse

# The first lists are this long, or twice what is wanted: of 12 questions to 10,000 passages none needed longer ones for
# its best 100, of the same to 101,072 passages four.
FIRST = 400
_LONGER = 4

_Sums = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Leg:
    """One score and what it counts: `vector` is compared with passages or, where it is `of_articles`, with articles.

    The score of an article is that of each of its passages. Scores below zero count as zero.
    """

    vector: Sparse | Floats
    share: float
    of_articles: bool = False


class Source(Protocol):
    """Where the scores of legs come from. Rows are of passages, for a leg of articles those of articles."""

    def best(self, legs: Sequence[Leg], count: int) -> list[Found]:
        """Return the `count` best rows of each leg that may be found, and their scores; fewer where no more score."""

    def scores(self, legs: Sequence[tuple[Leg, Rows]]) -> list[Floats]:
        """Return each leg's scores of these rows; zero where nothing is shared."""

    def rows_of(self, leg: Leg, passages: Rows) -> Rows:
        """Return the leg's rows of these passages."""

    def passages_of(self, leg: Leg, rows: Rows) -> Rows:
        """Return all passages with these rows of a leg."""

    def may_be_found(self, passages: Rows) -> NDArray[np.bool_]:
        """Say of each passage whether it is allowed."""


def highest(source: Source, legs: Sequence[Leg], k: int, first: int | None = None) -> tuple[Rows, _Sums]:
    """Return the `k` passages with the highest sums of share times score, those above zero, best first; ties by row.

    `first` is how long the first lists are, FIRST or twice `k` unless it is said.
    """
    count = first or max(FIRST, 2 * k)
    while legs:
        lists = source.best(legs, count)
        last = np.array([max(float(scores[-1]), 0.0) if len(rows) >= count else 0.0 for rows, scores in lists])
        shares = np.array([leg.share for leg in legs])
        rows, sums = _sums(source, legs, lists, shares, last, k)
        order = np.lexsort((rows, -sums))[:k]
        beyond = float(shares @ last)
        if beyond == 0 or (len(order) == k and sums[order[-1]] > beyond):
            order = order[sums[order] > 0]
            return rows[order], sums[order]
        count *= _LONGER
    return np.zeros(0, dtype=np.int64), np.zeros(0)


def _sums(
    source: Source, legs: Sequence[Leg], lists: Sequence[Found], shares: _Sums, last: _Sums, k: int
) -> tuple[Rows, _Sums]:
    """Return the passages of the lists that may be among the best `k`, ascending, and their sums."""
    seen = np.unique(
        np.concatenate([source.passages_of(leg, rows) for leg, (rows, _) in zip(legs, lists, strict=True)])
    )
    seen = seen[source.may_be_found(seen)]
    values = np.full((len(legs), len(seen)), np.nan)
    for line, (leg, (rows, scores)) in enumerate(zip(legs, lists, strict=True)):
        values[line] = looked_up(source.rows_of(leg, seen), rows, scores)
    # Articles first: they are few, and what is known of them leaves fewer passages open.
    for of_articles in (True, False):
        is_missing = np.isnan(values)
        least = shares @ np.where(is_missing, 0, np.maximum(values, 0))
        most = least + shares @ np.where(is_missing, last[:, None], 0)
        floor = np.partition(least, len(least) - k)[len(least) - k] if len(least) > k else 0.0
        is_open = most >= floor
        seen, values, is_missing = seen[is_open], values[:, is_open], is_missing[:, is_open]
        lines = [line for line, leg in enumerate(legs) if leg.of_articles == of_articles]
        wanted = [(legs[line], np.unique(source.rows_of(legs[line], seen[is_missing[line]]))) for line in lines]
        for line, (leg, rows), scores in zip(lines, wanted, source.scores(wanted), strict=True):
            missing = is_missing[line]
            values[line, missing] = looked_up(source.rows_of(leg, seen[missing]), rows, scores)
    return seen, shares @ np.maximum(values, 0)


def looked_up(wanted: Rows, rows: Rows, scores: Floats) -> _Sums:
    """Return the scores of the rows `wanted`, not a number for one that is not among `rows`."""
    found = np.full(len(wanted), np.nan)
    if len(rows):
        order = np.argsort(rows)
        at = np.minimum(np.searchsorted(rows, wanted, sorter=order), len(rows) - 1)
        is_there = rows[order[at]] == wanted
        found[is_there] = scores[order[at[is_there]]]
    return found
