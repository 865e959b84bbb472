"""What a person filters by: places, schemes and dates. A filter removes hits and never changes how the rest rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.facts.regions import region_paths

if TYPE_CHECKING:
    from index.kb import KnowledgeBase


@dataclass(frozen=True, slots=True)
class Filters:
    """What a passage's article must be: places and schemes it names (any of them), and its date, ISO, or later."""

    regions: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    since: str | None = None

    def __bool__(self) -> bool:
        return bool(self.regions or self.schemes or self.since)


def allowed_rows(kb: KnowledgeBase, filters: Filters) -> NDArray[np.int64]:
    """Return the passage rows that meet all filters, ascending."""
    conditions: list[str] = []
    values: list[str] = []
    if filters.regions:
        named, paths = _named_in(filters.regions)
        conditions.append(
            f"(article_id IN (SELECT article_id FROM facts WHERE kind = 'region' AND ({named})) OR article_id IN"
            f" (SELECT article_id FROM facts WHERE kind = 'region_hint' AND ({named})) AND article_id NOT IN"
            " (SELECT article_id FROM facts WHERE kind = 'region'))"
        )
        values += paths * 2
    if filters.schemes:
        marks = ",".join("?" * len(filters.schemes))
        conditions.append(f"article_id IN (SELECT article_id FROM facts WHERE kind = 'scheme' AND value IN ({marks}))")
        values += filters.schemes
    if filters.since:
        conditions.append("article_id IN (SELECT id FROM articles WHERE as_of >= ?)")
        values.append(filters.since)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = kb.records.query(f"SELECT row FROM passages{where} ORDER BY row", values)
    return np.array([row["row"] for row in rows], dtype=np.int64)


def _named_in(regions: Sequence[str]) -> tuple[str, list[str]]:
    """Return the condition that a fact names one of `regions` or a place in it, and its values."""
    paths = [path for region in regions for path in region_paths(region) or (region,)]
    # A path and what lies below it; GLOB, unlike LIKE, uses the index on values.
    return " OR ".join(["value = ? OR value GLOB ?"] * len(paths)), [
        part for path in paths for part in (path, f"{_literal(path)}/*")
    ]


def _literal(path: str) -> str:
    """Return a GLOB pattern that only fits `path` itself, whatever signs a person typed."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)
