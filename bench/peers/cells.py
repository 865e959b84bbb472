"""Prints single figures for the tables: each beside policykb's at the same size, the best of them bold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from peers.verdicts import OURS, best_of, measures

Kept = Mapping[str, Any]


def seats_of(kept: Kept, part: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield store, passages and row of a part, the most passages first and policykb first among them."""
    found = [(*key.rsplit("-", 1), row) for key, row in kept.get(part, {}).items()]
    for store, size, row in sorted(found, key=lambda each: (-int(each[1]), not each[0].startswith("policykb"))):
        yield store, int(size), row


def ratio(value: float | None, ours: float | None) -> str:
    """Return a figure over policykb's."""
    return "-" if value is None or not ours else f"{value / ours:.2g}" if value / ours < 10 else f"{value / ours:.0f}"


class Cells:
    """Prints the figures of one measure after the other, the best of each size bold."""

    def __init__(self, kept: Kept) -> None:
        self._measures = dict(measures(kept))
        self._best = best_of(kept)

    def cell(self, measure: str, store: str, size: int, shape: str = "{:,.1f}", unit: float = 1) -> str:
        """Return the figure of a store, `-` where it has none."""
        value = self._measures[measure].get((store, size))
        if value is None:
            return "-"
        shown = shape.format(value / unit)
        return f"**{shown}**" if value == self._best[measure, size] else shown

    def ratio(self, measure: str, store: str, size: int) -> str:
        """Return the figure of a store over policykb's."""
        values = self._measures[measure]
        return ratio(values.get((store, size)), values.get((OURS, size)))
