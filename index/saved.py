"""Saved searches: questions that somebody wants to hear of when what they find changes; `searches.jsonl` in a base.

One JSON object a line: `query`, and where wanted `name` and `filters` with `region`, `scheme`, `year`, `site`,
`confidence` (a word or a list of words), `since` and `until` (a date). Comparing what two builds find is left to
index/build/diff.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.filters import Filters
from ingest.problem import Problem

FILE = "searches.jsonl"
_FORMAT = (
    'expected one object a line: {"query": "…", "name": "…", "filters": {"region": "湖南", "scheme": ["职工医保"],'
    ' "since": "2025-01"}}, of which only query must be there'
)


class SearchesError(Problem):
    """Saved searches that cannot be read; names the file and the line."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A saved search; `name` is the query where it was given none."""

    name: str
    query: str
    filters: Filters


def read_searches(file: Path) -> tuple[SavedSearch, ...]:
    """Return the saved searches in `file`, in order. Raises SearchesError for a missing file and for a broken line."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SearchesError(f"{file}: cannot be read ({error}); {_FORMAT}") from error
    return tuple(_search(f"{file}, line {n}", line) for n, line in enumerate(lines, start=1) if line.strip())


def find_searches(kb: Path) -> tuple[SavedSearch, ...]:
    """Return the saved searches of a knowledge base, none where it has no such file. Raises SearchesError."""
    return read_searches(kb / FILE) if (kb / FILE).exists() else ()


def _search(where: str, line: str) -> SavedSearch:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SearchesError(f"{where}: not JSON ({error}); {_FORMAT}") from error
    if not isinstance(record, dict):
        raise SearchesError(f"{where}: found {line.strip()[:40]!r}; {_FORMAT}")
    if unknown := sorted(set(record) - {"query", "name", "filters"}):
        raise SearchesError(f"{where}: found {', '.join(unknown)}; {_FORMAT}")
    query, filters = record.get("query"), record.get("filters", {})
    if not isinstance(query, str) or not query.strip():
        raise SearchesError(f"{where}: found no query; {_FORMAT}")
    name = record.get("name", query)
    if not isinstance(name, str) or not isinstance(filters, dict):
        raise SearchesError(f"{where}: a name is text and filters are an object; {_FORMAT}")
    try:
        return SavedSearch(name, query, Filters.from_dict(filters))
    except ValueError as error:
        raise SearchesError(f"{where}: {error}") from error
