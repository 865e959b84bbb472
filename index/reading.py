"""Reads one article of a build whole: its text, what was kept and removed and why, and what is known of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.store.records import Records


@dataclass(frozen=True, slots=True)
class Reading:
    """An article with its page. All offsets are offsets into `text`; `spans` and `removals` tile it.

    `headings` maps the start of a heading to its level (1 is the highest); `body` are the spans of its passages, which
    leave out title and byline.
    """

    id: str
    title: str
    short_answer: str | None
    text: str
    path: str
    url: str | None
    site: str | None
    publisher: str | None
    as_of: str | None
    as_of_kind: str | None
    confidence: float
    doubts: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    headings: Mapping[int, int]
    body: tuple[tuple[int, int], ...]
    removals: tuple[Mapping[str, Any], ...]
    facts: tuple[Mapping[str, Any], ...]

    def keeps(self, start: int, end: int) -> bool:
        """Say whether the article holds all of `[start, end)`."""
        return any(left <= start and end <= right for left, right in self.spans)


def read_article(records: Records, article: str) -> Reading | None:
    """Return an article by its id, or None where the build has none of that id."""
    found = records.query(
        "SELECT articles.*, path, url, site, publisher, text FROM articles JOIN pages ON pages.id = articles.id"
        " WHERE articles.id = ?",
        (article,),
    )
    if not found:
        return None
    row = found[0]
    passages = records.query('SELECT start, "end" FROM passages WHERE article_id = ? ORDER BY start', (article,))
    return Reading(
        id=row["id"],
        title=row["title"],
        short_answer=row["short_answer"],
        text=row["text"],
        path=row["path"],
        url=row["url"],
        site=row["site"],
        publisher=row["publisher"],
        as_of=row["as_of"],
        as_of_kind=row["as_of_kind"],
        confidence=row["confidence"],
        doubts=tuple(json.loads(row["doubts"])),
        spans=tuple((start, end) for start, end in json.loads(row["spans"])),
        headings={section["start"]: section["level"] for section in json.loads(row["sections"])},
        body=tuple((passage["start"], passage["end"]) for passage in passages),
        removals=tuple(records.query("SELECT * FROM removals WHERE page_id = ? ORDER BY start", (article,))),
        facts=tuple(records.query("SELECT * FROM facts WHERE article_id = ? ORDER BY kind, start", (article,))),
    )
