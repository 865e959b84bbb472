"""Saved searches: questions that somebody wants to hear of when what they find changes; `searches.jsonl` in a base.

One JSON object a line: `query`, and where wanted `name` and `filters` with `region`, `scheme` (a word or a list of
words) and `since` (a date). Comparing what two builds find is left to index/build/diff.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
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
    if unknown := sorted(set(filters) - {"region", "scheme", "since"}):
        raise SearchesError(f"{where}: found the filters {', '.join(unknown)}; {_FORMAT}")
    words = (_words(where, filters, "region"), _words(where, filters, "scheme"))
    return SavedSearch(name, query, Filters(*words, since=_since(where, filters.get("since"))))


def _words(where: str, filters: dict[str, Any], name: str) -> tuple[str, ...]:
    found = filters.get(name, [])
    words = [found] if isinstance(found, str) else found
    if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
        raise SearchesError(f"{where}: {name} is {found!r}, expected a word or a list of words")
    return tuple(words)


def _since(where: str, found: object) -> str | None:
    """Return a day; a year or a month is its first one, as `policykb search --since` reads it."""
    if found is None:
        return None
    try:
        return date.fromisoformat(f"{found}-01-01"[:10]).isoformat()
    except ValueError as error:
        raise SearchesError(
            f"{where}: since is {found!r}, expected a date such as 2025, 2025-04 or 2025-04-13"
        ) from error
