"""Checks that a build holds together: counts, slices and the tiling of every page; before publishing and in verify.

Works on what the build wrote; that it agrees with the raw pages is proved in `index/verify.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from index.build.manifest import read_manifest
from index.store.records import Records
from index.store.terms import Terms
from index.store.vectors import Vectors


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
        "records.sqlite": records.query("SELECT count(*) AS n FROM passages")[0]["n"],
        "vectors.faiss": len(Vectors.open(folder / "vectors.faiss")),
        "terms/passages": len(Terms.open(folder / "terms" / "passages")),
        "terms/context": len(Terms.open(folder / "terms" / "context")),
    }
    for name, count in counts.items():
        if count != expected:
            yield f"{folder / name}: holds {count} passages, the manifest says {expected}"


def _row_problems(records: Records) -> Iterator[str]:
    """Yield what is wrong with rows and ids: vectors and terms know a passage by its row alone."""
    for table in ("articles", "passages"):
        (found,) = records.query(f"SELECT count(*) AS n, min(row) AS low, max(row) AS high FROM {table}")
        if found["n"] and (found["low"], found["high"]) != (0, found["n"] - 1):
            yield f"{records.file}: {table} have rows {found['low']} to {found['high']}, expected 0 to {found['n'] - 1}"
    for row in records.query(
        "SELECT id FROM passages WHERE id NOT LIKE article_id || '.%' OR article_id NOT IN (SELECT id FROM articles)"
    ):
        yield f"{records.file}: passage {row['id']} belongs to no article, or not to the one it names"
    for row in records.query("SELECT id FROM articles WHERE id NOT IN (SELECT id FROM pages)"):
        yield f"{records.file}: article {row['id']} has no page"


def _page_problems(records: Records) -> Iterator[str]:
    """Yield what is wrong with a page: a passage that is no slice of it, a character kept twice or not at all."""
    for page in records.query("SELECT id, path FROM pages ORDER BY path"):
        text = records.query("SELECT text FROM pages WHERE id = ?", (page["id"],))[0]["text"]
        for passage in records.query("SELECT * FROM passages WHERE article_id = ? ORDER BY row", (page["id"],)):
            if text[passage["start"] : passage["end"]] != passage["text"]:
                yield f"{page['path']}: passage {passage['id']} is no slice of its page"
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


def _group_problems(records: Records) -> Iterator[str]:
    """Yield what is wrong with groups and see-also edges: a member that is none, an edge without its removal."""
    for kind in ("article", "passage"):
        table = f"{kind}_duplicates"
        for row in records.query(
            f"SELECT {kind}_id AS id FROM {table} WHERE {kind}_id NOT IN (SELECT id FROM {kind}s)"
            f" OR group_id NOT IN (SELECT {kind}_id FROM {table} WHERE place = 0)"
        ):
            yield f"{records.file}: {table} names {row['id']}, which is no {kind} or in no whole group"
    for row in records.query(
        "SELECT from_article, see_also.start FROM see_also"
        " LEFT JOIN removals ON page_id = from_article AND removals.start = see_also.start"
        ' AND removals."end" = see_also."end"'
        " WHERE page_id IS NULL OR to_article NOT IN (SELECT id FROM articles)"
    ):
        yield f"{records.file}: see_also of {row['from_article']} at {row['start']} is no removal or leads nowhere"
