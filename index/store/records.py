"""The readable half of a build: articles, passages, the ledger of removals and the facts in one SQLite file.

Open it with any SQLite tool or with pandas. Rows are written in page order, so the same input gives the same file.
Reading never writes: the file is opened immutable. docs/formats.md describes the tables.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.ngrams import fold
from index.store import StoreError

if TYPE_CHECKING:  # reading needs none of them, and a search starts a tenth of a second earlier
    from ingest.clean import Article
    from ingest.page import Page
    from ingest.passages import Passage

_SCHEMA = """
CREATE TABLE pages (
  id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, encoding TEXT NOT NULL, kind TEXT NOT NULL,
  url TEXT, site TEXT, publisher TEXT, fetched TEXT, published TEXT, warnings TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE articles (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE REFERENCES pages (id), title TEXT NOT NULL, short_answer TEXT,
  as_of TEXT, as_of_kind TEXT, confidence REAL NOT NULL, doubts TEXT NOT NULL, spans TEXT NOT NULL,
  sections TEXT NOT NULL, chars INTEGER NOT NULL
);
CREATE TABLE passages (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL REFERENCES articles (id),
  heading_path TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, same TEXT NOT NULL
);
CREATE TABLE removals (
  page_id TEXT NOT NULL REFERENCES pages (id), start INTEGER NOT NULL, end INTEGER NOT NULL, rule TEXT NOT NULL,
  evidence TEXT NOT NULL, confidence REAL NOT NULL, title TEXT, summary TEXT, category TEXT, date TEXT,
  related TEXT, related_score REAL
);
CREATE TABLE facts (
  article_id TEXT NOT NULL REFERENCES articles (id), kind TEXT NOT NULL, value TEXT NOT NULL,
  start INTEGER NOT NULL, end INTEGER NOT NULL, quote TEXT NOT NULL
);
CREATE INDEX passages_of_article ON passages (article_id);
CREATE INDEX passages_that_are_the_same ON passages (same);
CREATE INDEX removals_of_page ON removals (page_id, start);
CREATE INDEX facts_of_article ON facts (article_id, kind, value);
"""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def same_words(text: str) -> str:
    """Return a short hash that texts share if they differ in nothing but width, case and white space."""
    return hashlib.sha256("".join(fold(text).split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def write_records(file: Path, cleaned: Iterable[tuple[Page, Article, tuple[Passage, ...]]]) -> None:
    """Write one file of records from pages in page order. Passage and article rows count from 0 in that order."""
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file)
    try:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        article_row = passage_row = 0
        for page, article, passages in cleaned:
            _write_page(connection, page)
            connection.executemany("INSERT INTO removals VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", _removal_rows(article))
            if not passages:
                continue
            sections = [
                {"heading": s.heading, "level": s.level, "path": s.path, "start": s.start, "end": s.end}
                for s in article.sections
            ]
            connection.execute(
                "INSERT INTO articles VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (
                    article_row,
                    article.id,
                    article.title,
                    article.short_answer,
                    article.as_of,
                    article.as_of_kind,
                    article.confidence,
                    _json(article.doubts),
                    _json(article.spans),
                    _json(sections),
                    sum(end - start for start, end in article.spans),
                ),
            )
            article_row += 1
            connection.executemany(
                "INSERT INTO facts VALUES (?,?,?,?,?,?)",
                [(article.id, f.kind, f.value, f.start, f.end, f.quote) for f in article.facts],
            )
            connection.executemany(
                "INSERT INTO passages VALUES (?,?,?,?,?,?,?,?)",
                [
                    (
                        passage_row + n,
                        p.id,
                        p.article_id,
                        _json(p.heading_path),
                        p.start,
                        p.end,
                        p.text,
                        same_words(p.text),
                    )
                    for n, p in enumerate(passages)
                ],
            )
            passage_row += len(passages)
        connection.commit()
    finally:
        connection.close()


def _write_page(connection: sqlite3.Connection, page: Page) -> None:
    connection.execute(
        "INSERT INTO pages VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            page.id,
            page.path,
            page.sha256,
            page.encoding,
            page.kind,
            page.url,
            page.site,
            page.publisher,
            page.fetched,
            page.published,
            _json(page.warnings),
            page.text,
        ),
    )


def _removal_rows(article: Article) -> Iterator[tuple[object, ...]]:
    for removal in article.removals:
        fields, related = removal.fields, removal.related
        yield (
            removal.page_id,
            removal.start,
            removal.end,
            removal.rule,
            removal.evidence,
            removal.confidence,
            *(fields.get(name) for name in ("title", "summary", "category", "date")),
            related.label if related else None,
            related.score if related else None,
        )


class Records:
    """Reads one records file. Safe to share between threads; every row comes back as a dict by column name."""

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise StoreError(f"{file}: the records are missing; run `policykb rebuild --full`")
        self.file = file
        # immutable: several readers, no lock files beside a published build
        self._connection = sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        try:
            self._connection.execute("SELECT count(*) FROM passages").fetchone()
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{file}: not a readable records file ({error}); run `policykb rebuild --full`") from error

    def query(self, sql: str, values: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of a SELECT as dicts."""
        try:
            return [dict(row) for row in self._connection.execute(sql, tuple(values))]
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.file}: cannot be read ({error}); run `policykb rebuild --full`") from error

    def passages(self, rows: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Return the passages of these rows, with what their article and page say about them, by row."""
        wanted = list(rows)
        found: dict[int, dict[str, Any]] = {}
        for first in range(0, len(wanted), 500):  # SQLite bounds the variables of a statement
            part = wanted[first : first + 500]
            marks = ",".join("?" * len(part))
            for row in self.query(
                "SELECT passages.*, articles.title, articles.row AS article_row, as_of, as_of_kind,"
                " articles.confidence, path, url, site, publisher FROM passages"
                " JOIN articles ON articles.id = article_id"
                f" JOIN pages ON pages.id = article_id WHERE passages.row IN ({marks})",
                part,
            ):
                row["heading_path"] = tuple(json.loads(row["heading_path"]))
                found[row["row"]] = row
        return found

    def same(self, hashes: Iterable[str]) -> dict[str, list[str]]:
        """Return the ids of all passages with each of these word hashes, in page order."""
        wanted = sorted(set(hashes))
        found: dict[str, list[str]] = {}
        for first in range(0, len(wanted), 500):
            part = wanted[first : first + 500]
            marks = ",".join("?" * len(part))
            for row in self.query(f"SELECT id, same FROM passages WHERE same IN ({marks}) ORDER BY row", part):
                found.setdefault(row["same"], []).append(row["id"])
        return found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
