"""Finds the passages that stand before and after a passage in its article, for one passage or for all hits at once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.store.records import Records

# The passages of an article have neighbouring rows in page order (index/store/recording.py).
_NEAR = """
SELECT articles.id || found.tail AS found_id, near.row - found.row AS step, articles.id || near.tail AS id,
  near.heading_path, articles.id AS article_id, near.start, near."end", found.row - first_passage + 1 AS place,
  last_passage - first_passage + 1 AS total
FROM slices AS found JOIN articles ON articles.row = found.article
JOIN slices AS near ON near.row BETWEEN found.row - ? AND found.row + ? AND near.article = found.article
WHERE found.row IN (SELECT value FROM json_each(?)) ORDER BY near.row
"""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A passage of the same article; `start` and `end` are offsets into the text of its page."""

    passage_id: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Around:
    """The passages before and after one, in page order; it is number `place` (from 1) of the article's `total`."""

    before: tuple[Neighbour, ...]
    after: tuple[Neighbour, ...]
    place: int
    total: int


def around(records: Records, passage_id: str, before: int = 1, after: int = 1) -> Around | None:
    """Return what stands around a passage, None for an unknown id; fewer at the ends of the article."""
    return around_all(records, [passage_id], before, after).get(passage_id)


def around_all(records: Records, passage_ids: Iterable[str], before: int = 1, after: int = 1) -> dict[str, Around]:
    """Return what stands around each of the passages, by id, in one query; unknown ids are left out."""
    if before < 0 or after < 0:
        raise ValueError(f"before and after count passages, 0 or more; found {before} and {after}")
    found: dict[str, Around] = {}
    rows = json.dumps([*records.rows_of(passage_ids).values()])
    for row in records.with_texts(_NEAR, (before, after, rows)):
        one = found.setdefault(row["found_id"], Around((), (), row["place"], row["total"]))
        if row["step"] == 0:
            continue
        path = tuple(json.loads(row["heading_path"]))
        near = Neighbour(row["id"], path, row["start"], row["end"], row["text"])
        is_before = row["step"] < 0
        found[row["found_id"]] = Around(
            (*one.before, near) if is_before else one.before,
            one.after if is_before else (*one.after, near),
            one.place,
            one.total,
        )
    return found
