"""Reads one article of a build whole: its text, what was kept and removed and why, and what is known of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.store.records import Records


@dataclass(frozen=True, slots=True)
class SeeAlsoLink:
    """A recommendation `[start, end)` on a page whose summary is proved to be the beginning of another article.

    `chars` letters and digits were compared; `others` more articles begin with the same words. `related` is how the
    item relates to the article it stands beside (`same_question`, `same_field`, `unrelated`), None where unknown.
    """

    article_id: str
    title: str
    path: str
    start: int
    end: int
    chars: int
    others: int
    related: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """An article with its page. All offsets are offsets into `text`; `spans` and `removals` tile it.

    `headings` maps the start of a heading to its level (1 is the highest); `body` are the spans of its passages, which
    leave out title and byline. `source` is the kind of source (government, official_account, news, content_site,
    unknown); `traces` are what text generators left in the kept text.
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
    see_also: tuple[SeeAlsoLink, ...] = ()
    source: str = "unknown"
    source_evidence: str = ""
    traces: tuple[Mapping[str, Any], ...] = ()

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
        facts=tuple(records.query("SELECT * FROM facts WHERE article_id = ? ORDER BY kind, start, value", (article,))),
        see_also=read_see_also(records, article),
        source=row["source_kind"],
        source_evidence=row["source_evidence"],
        traces=tuple(records.query("SELECT * FROM traces WHERE article_id = ? ORDER BY start", (article,))),
    )


def read_see_also(records: Records, article: str) -> tuple[SeeAlsoLink, ...]:
    """Return where the recommendations of an article lead, in page order; each article once, at its first item."""
    rows = records.query(
        "SELECT to_article, articles.title, pages.path, see_also.start, see_also.end, see_also.chars, others, related"
        " FROM see_also"
        " JOIN articles ON articles.id = to_article JOIN pages ON pages.id = to_article"
        " LEFT JOIN pages AS origin ON origin.id = from_article"
        " LEFT JOIN removed ON page = origin.number AND removed.start = see_also.start"
        " WHERE from_article = ? ORDER BY see_also.start",
        (article,),
    )
    first: dict[str, SeeAlsoLink] = {}
    for row in rows:
        first.setdefault(row["to_article"], SeeAlsoLink(*row.values()))
    return tuple(first.values())
