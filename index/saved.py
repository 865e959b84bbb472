"""Saved searches: questions that somebody wants to hear of when what they find changes.

`searches.jsonl` lies beside the corpus (beside the folder of pages or beside the one around it, as gold and lexicon
do), and another one may lie in the base, which adds to it. One JSON object a line: `query`, and where wanted `name` and
`filters` with `region`, `scheme`, `year`, `site`, `confidence` (a word or a list of words), `since` and `until` (a
date). A name stands for one question, so one that is there twice, in whichever files, is an error. The answers are kept
by index/explore/saved_answers.py; comparing what two builds find is left to index/build/diff.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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


def read_searches(*files: Path) -> tuple[SavedSearch, ...]:
    """Return the saved searches in `files`, in order.

    Raises SearchesError for a missing file, a broken line, and a name that two lines have.
    """
    found: dict[str, SavedSearch] = {}
    places: dict[str, str] = {}
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SearchesError(f"{file}: cannot be read ({error}); {_FORMAT}") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            where = f"{file}, line {number}"
            search = _search(where, line)
            if search.name in found:
                raise SearchesError(
                    f"{where}: found the name {search.name[:40]!r} again, which {places[search.name]} has already;"
                    ' expected one line a name; delete one of them or give it another "name"'
                )
            found[search.name], places[search.name] = search, where
    return tuple(found.values())


def find_searches(kb: Path, roots: Sequence[Path] = ()) -> tuple[SavedSearch, ...]:
    """Return the saved searches beside the folders of pages `roots`, then those of a base. Raises SearchesError."""
    return read_searches(*search_files(kb, roots))


def search_files(kb: Path, roots: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return the files of saved searches that are there, in the order in which they are read."""
    found: dict[Path, None] = {}
    for root in roots:
        place = root.absolute() if root.is_dir() else root.absolute().parent
        near = (place.parent / FILE, place.parent.parent / FILE)
        found |= dict.fromkeys([file for file in near if file.is_file()][:1])
    own = kb.absolute() / FILE  # a base may lie beside its corpus, and then one file is both
    if own.is_file():
        found[own] = None
    return tuple(found)


def page_roots(manifest: Mapping[str, Any]) -> tuple[Path, ...]:
    """Return the folders of pages that a build was made from, as they lay then, also where they lie there no more."""
    roots: dict[Path, None] = {}
    files = manifest["made"].get("files", {}).items()
    known = {(path.partition("/")[:2], file[: -len(path)]): None for path, file in files if file.endswith(path)}
    for (first, has_folder), above in known:
        root = Path(above)
        # Of several folders of pages each gives its name to the paths of its pages.
        roots |= dict.fromkeys([root, root / first] if has_folder else [root])
    return tuple(root for root in roots if root.is_absolute())


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
