"""Checks that a build holds together: counts, slices and the tiling of every page; before publishing and in verify.

Works on what the build wrote; that it agrees with the raw pages is proved in `index/verify.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from index.build.manifest import read_manifest
from index.store.records import Records
from index.store.terms import Terms
from index.store.vectors import Vectors
from ingest.passages import passage_ids


def structure_problems(folder: Path) -> list[str]:
    """Return one line for everything in a build that does not fit together; none if it does. Raises StoreError."""
    manifest = read_manifest(folder)
    records = Records(folder / "records.sqlite")
    try:
        return [
            *_count_problems(folder, manifest["counts"]["passages"], records),
            *_row_problems(records),
            *_page_problems(records),
            *_group_problems(records),
        ]
    finally:
        records.close()


def _count_problems(folder: Path, expected: int, records: Records) -> Iterator[str]:
    counts = {
        "records.sqlite": records.query("SELECT count(*) AS n FROM slices")[0]["n"],
        "vectors.faiss": len(Vectors.open(folder / "vectors.faiss")),
        "terms/passages": len(Terms.open(folder / "terms" / "passages")),
        "terms/context": len(Terms.open(folder / "terms" / "context")),
    }
    for name, count in counts.items():
        if count != expected:
            yield f"{folder / name}: holds {count} passages, the manifest says {expected}"


def _row_problems(records: Records) -> Iterator[str]:
    """Yield what is wrong with rows and ids: vectors and terms know a passage by its row alone."""
    for name, table in (("articles", "articles"), ("passages", "slices")):
        (found,) = records.query(f"SELECT count(*) AS n, min(row) AS low, max(row) AS high FROM {table}")
        if found["n"] and (found["low"], found["high"]) != (0, found["n"] - 1):
            yield f"{records.file}: {name} have rows {found['low']} to {found['high']}, expected 0 to {found['n'] - 1}"
    for row in records.query(
        "SELECT slices.row AS row FROM slices LEFT JOIN articles ON articles.row = article"
        " AND slices.row BETWEEN first_passage AND last_passage WHERE articles.id IS NULL OR tail NOT LIKE '.%'"
    ):
        yield f"{records.file}: passage {row['row']} belongs to no article, or not to the one it names"
    for row in records.query(
        "SELECT id, last_passage - first_passage + 1 AS said, (SELECT count(*) FROM slices"
        " WHERE slices.row BETWEEN first_passage AND last_passage AND article = articles.row) AS n FROM articles"
        " WHERE said <> n"
    ):
        yield f"{records.file}: article {row['id']} has {row['n']} passages, expected {row['said']}"
    for row in records.query("SELECT id FROM articles WHERE id NOT IN (SELECT id FROM pages)"):
        yield f"{records.file}: article {row['id']} has no page"


def _page_problems(records: Records) -> Iterator[str]:
    """Yield what is wrong with a page: passages that are no slices of it, a character kept twice or not at all."""
    for page in records.query("SELECT id, path FROM pages ORDER BY path"):
        text = records.query("SELECT text FROM pages WHERE id = ?", (page["id"],))[0]["text"]
        slices = records.query(
            'SELECT id, heading_path, start, "end" FROM passages WHERE article_id = ? ORDER BY row', (page["id"],)
        )
        for passage, why in slice_problems(page["id"], text, slices):
            yield f"{page['path']}: passage {passage['id']} {why}"
        kept = records.query("SELECT spans FROM articles WHERE id = ?", (page["id"],))
        removed = records.query('SELECT start, "end" FROM removals WHERE page_id = ?', (page["id"],))
        pieces = [(row["start"], row["end"]) for row in removed]
        pieces += [(start, end) for row in kept for start, end in json.loads(row["spans"])]
        position = 0
        for start, end in sorted(pieces):
            if start != position:
                yield f"{page['path']}: character {min(start, position)} is not in exactly one span or removal"
                break
            position = end
        else:
            if position != len(text):
                yield f"{page['path']}: character {position} is in no span and no removal"


def slice_problems(
    article: str, text: str, slices: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the passages of an article that are not what they are said to be, and why; `text` is that of its page.

    A passage has no text but that of its page, so what can be wrong are its bounds, its headings and the text of the
    page; its id, a hash of headings and text, tells all three.
    """
    said = ((json.loads(each["heading_path"]), text[each["start"] : each["end"]]) for each in slices)
    position = 0
    for passage, id_ in zip(slices, passage_ids(article, said), strict=True):
        start, end = passage["start"], passage["end"]
        if not 0 <= start < end <= len(text):
            yield passage, f"is no slice of its page: [{start}, {end}) of {len(text)} characters"
        elif start < position:
            yield passage, f"does not stand behind the one before it: it begins at {start}, that one ends at {position}"
        elif passage["id"] != id_:
            yield passage, f"[{start}, {end}) is not the text, or not under the headings, that its id was made of"
        position = end


def _group_problems(records: Records) -> Iterator[str]:
    """Yield what is wrong with groups and see-also edges: a member that is none, an edge without its removal."""
    known = {
        "article": "article_id NOT IN (SELECT id FROM articles)",
        "passage": "passage_id IS NOT (SELECT id FROM passages WHERE row = passage_row)",
    }
    for kind in ("article", "passage"):
        table = f"{kind}_duplicates"
        for row in records.query(
            f"SELECT {kind}_id AS id FROM {table} WHERE {known[kind]}"
            f" OR group_id NOT IN (SELECT {kind}_id FROM {table} WHERE place = 0)"
        ):
            yield f"{records.file}: {table} names {row['id']}, which is no {kind} or in no whole group"
    for row in records.query(
        "SELECT from_article, see_also.start FROM see_also"
        " LEFT JOIN pages ON pages.id = from_article"
        " LEFT JOIN removed ON page = number AND removed.start = see_also.start"
        ' AND removed."end" = see_also."end"'
        " WHERE page IS NULL OR to_article NOT IN (SELECT id FROM articles)"
    ):
        yield f"{records.file}: see_also of {row['from_article']} at {row['start']} is no removal or leads nowhere"
