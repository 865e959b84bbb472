"""The readable half of a build: articles, passages, the ledger of removals and the facts in one SQLite file.

Open it with any SQLite tool or with pandas. Rows are written in page order, so the same input gives the same file.
Reading never writes: the file is opened immutable. docs/formats.md describes the tables.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.store import StoreError

if TYPE_CHECKING:  # reading needs none of them, and a search starts a tenth of a second earlier
    from ingest.clean import Article
    from ingest.learning.duplicates import Group
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
  sections TEXT NOT NULL, chars INTEGER NOT NULL, source_kind TEXT NOT NULL, source_evidence TEXT NOT NULL
);
CREATE TABLE passages (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL REFERENCES articles (id),
  heading_path TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL
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
CREATE TABLE see_also (
  from_article TEXT NOT NULL REFERENCES articles (id), to_article TEXT NOT NULL REFERENCES articles (id),
  start INTEGER NOT NULL, end INTEGER NOT NULL, title TEXT NOT NULL, chars INTEGER NOT NULL, others INTEGER NOT NULL
);
CREATE TABLE article_duplicates (
  group_id TEXT NOT NULL REFERENCES articles (id), place INTEGER NOT NULL,
  article_id TEXT NOT NULL UNIQUE REFERENCES articles (id), similarity REAL NOT NULL, PRIMARY KEY (group_id, place)
);
CREATE TABLE passage_duplicates (
  group_id TEXT NOT NULL REFERENCES passages (id), place INTEGER NOT NULL,
  passage_id TEXT NOT NULL UNIQUE REFERENCES passages (id), similarity REAL NOT NULL, PRIMARY KEY (group_id, place)
);
CREATE TABLE sites (site TEXT PRIMARY KEY, pages INTEGER NOT NULL);
CREATE TABLE repeats (
  site TEXT NOT NULL REFERENCES sites (site), line TEXT NOT NULL, pages INTEGER NOT NULL, removed INTEGER NOT NULL,
  example TEXT NOT NULL, PRIMARY KEY (site, line)
);
CREATE TABLE traces (
  article_id TEXT NOT NULL REFERENCES articles (id), kind TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
  quote TEXT NOT NULL
);
CREATE INDEX see_also_of_article ON see_also (from_article, start);
CREATE INDEX passages_of_article ON passages (article_id);
CREATE INDEX removals_of_page ON removals (page_id, start);
CREATE INDEX facts_of_article ON facts (article_id, kind, value);
"""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class SeeAlso:
    """A recommendation item `[start, end)` of one article that leads to another article of the collection.

    `chars` letters and digits of its summary begin that article, and `others` more articles begin like it.
    """

    to_article: str
    start: int
    end: int
    title: str
    chars: int
    others: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a page became."""

    page: Page
    article: Article
    passages: Sequence[Passage]
    see_also: Sequence[SeeAlso] = ()


@contextmanager
def _writing(file: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection that writes the records of a build nobody reads yet; commit at the end."""
    connection = sqlite3.connect(file)
    try:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        yield connection
        connection.commit()
    finally:
        connection.close()


# The rows that one page gives to each table, without the row numbers of articles and passages: JSON can hold it.
Rows = Mapping[str, Sequence[Sequence[Any]]]
_OF_A_PAGE = ("pages", "removals", "articles", "facts", "traces", "passages", "see_also")
_NUMBERED = ("articles", "passages")
RULE, EVIDENCE = 3, 4  # their columns in removals


def rows_of(entry: Cleaned) -> dict[str, list[list[Any]]]:
    """Return the rows that a page gives; one without passages gives none of an article."""
    page, article = entry.page, entry.article
    rows: dict[str, list[list[Any]]] = {"pages": [_page_row(page)], "removals": list(_removal_rows(article))}
    if entry.passages:
        rows["articles"] = [_article_row(article)]
        rows["facts"] = [[article.id, f.kind, f.value, f.start, f.end, f.quote] for f in article.facts]
        rows["traces"] = [[article.id, t.kind, t.start, t.end, t.quote] for t in article.traces]
        rows["passages"] = [[p.id, p.article_id, _json(p.heading_path), p.start, p.end, p.text] for p in entry.passages]
        edges = entry.see_also
        rows["see_also"] = [[article.id, e.to_article, e.start, e.end, e.title, e.chars, e.others] for e in edges]
    return rows


def write_records(file: Path, cleaned: Iterable[Cleaned]) -> None:
    """Write one file of records from pages in page order. Passage and article rows count from 0 in that order."""
    write_rows(file, map(rows_of, cleaned))


def write_rows(file: Path, pages: Iterable[Rows]) -> None:
    """Write one file of records like `write_records` from the rows that each page gives."""
    file.unlink(missing_ok=True)
    with _writing(file) as connection:
        connection.executescript(_SCHEMA)
        numbers = dict.fromkeys(_NUMBERED, 0)
        for page in pages:
            for table in _OF_A_PAGE:
                rows = page.get(table, ())
                if table in numbers:
                    rows = [[number, *row] for number, row in enumerate(rows, start=numbers[table])]
                    numbers[table] += len(rows)
                _insert(connection, table, rows)
        # What was learned of a page in the first pass may have left no article in the second.
        connection.execute("DELETE FROM see_also WHERE to_article NOT IN (SELECT id FROM articles)")


def write_repeats(file: Path, sites: Mapping[str, int], repeats: Iterable[tuple[str, str, int, int, str]]) -> None:
    """Write what was learned of sites: pages a site; repeats as (site, line, pages, times removed, example path)."""
    with _writing(file) as connection:
        _insert(connection, "sites", sorted(sites.items()))
        _insert(connection, "repeats", sorted(repeats))


def write_duplicates(file: Path, kind: str, groups: Iterable[Group], ids: Sequence[str]) -> None:
    """Write the groups of `kind` (`article` or `passage`); a group has the id of its representative, at place 0.

    `ids` are the ids of all texts by the numbers the groups use.
    """
    rows = [
        (ids[group.members[0].text], place, ids[member.text], member.similarity)
        for group in groups
        for place, member in enumerate(group.members)
    ]
    with _writing(file) as connection:
        _insert(connection, f"{kind}_duplicates", rows)


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        connection.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)


def _article_row(article: Article) -> list[Any]:
    sections = [
        {"heading": s.heading, "level": s.level, "path": s.path, "start": s.start, "end": s.end}
        for s in article.sections
    ]
    return [
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
        article.source.kind,
        article.source.evidence,
    ]


def _page_row(page: Page) -> list[Any]:
    return [
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
    ]


def _removal_rows(article: Article) -> Iterator[list[Any]]:
    for removal in article.removals:
        fields, related = removal.fields, removal.related
        yield [
            removal.page_id,
            removal.start,
            removal.end,
            removal.rule,
            removal.evidence,
            removal.confidence,
            *(fields.get(name) for name in ("title", "summary", "category", "date")),
            related.label if related else None,
            related.score if related else None,
        ]


def _storable(value: Any) -> Any:
    """Return `value` with U+FFFD for halves of surrogate pairs, which no file holds and SQLite does not take."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def _brief(error: sqlite3.DatabaseError) -> str:
    """Return what SQLite says, without the damaged text that it may quote."""
    return str(error).partition(" with text ")[0].partition("\n")[0]


class Records:
    """Reads one records file. Safe to share between threads; every row comes back as a dict by column name."""

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise StoreError(f"{file}: the records are missing; run `policykb rebuild --full`")
        self.file = file
        # immutable: several readers, no lock files beside a published build
        place = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            self._connection = sqlite3.connect(place, uri=True, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            self._connection.executescript("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;")
            # A base that someone else made: what would run when it is read is no table of ours.
            foreign = self._connection.execute(
                "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
            ).fetchone()
            self._connection.execute("SELECT count(*) FROM passages").fetchone()
        except sqlite3.DatabaseError as error:
            why = _brief(error)
            raise StoreError(f"{file}: not a readable records file ({why}); run `policykb rebuild --full`") from error
        if foreign:
            raise StoreError(f"{file}: holds {foreign[0]!r}, expected tables alone; run `policykb rebuild --full`")

    def query(self, sql: str, values: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of a SELECT as dicts."""
        try:
            return [dict(row) for row in self._connection.execute(sql, tuple(map(_storable, values)))]
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.file}: cannot be read ({_brief(error)}); run `policykb rebuild --full`") from error

    def stream(self, sql: str) -> Iterator[sqlite3.Row]:
        """Yield the rows of a SELECT one at a time."""
        try:
            yield from self._connection.execute(sql)
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.file}: cannot be read ({_brief(error)}); run `policykb rebuild --full`") from error

    def passages(self, rows: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Return the passages of these rows, with what their article and page say about them, by row."""
        wanted = list(rows)
        found: dict[int, dict[str, Any]] = {}
        for first in range(0, len(wanted), 500):  # SQLite bounds the variables of a statement
            part = wanted[first : first + 500]
            marks = ",".join("?" * len(part))
            for row in self.query(
                "SELECT passages.*, articles.title, articles.row AS article_row, as_of, as_of_kind,"
                " articles.confidence, path, url, site, publisher, group_id, place FROM passages"
                " JOIN articles ON articles.id = article_id"
                " LEFT JOIN passage_duplicates ON passage_id = passages.id"
                f" JOIN pages ON pages.id = article_id WHERE passages.row IN ({marks})",
                part,
            ):
                row["heading_path"] = tuple(json.loads(row["heading_path"]))
                found[row["row"]] = row
        return found

    def copies(self, groups: Iterable[str], *, limit: int) -> dict[str, tuple[int, list[str]]]:
        """Return for each group of passages how many it has and the ids of the first `limit`, the preferred first."""
        found: dict[str, tuple[int, list[str]]] = {}
        for group in dict.fromkeys(groups):
            count = self.query("SELECT count(*) AS n FROM passage_duplicates WHERE group_id = ?", (group,))[0]["n"]
            rows = self.query(
                "SELECT passage_id FROM passage_duplicates WHERE group_id = ? ORDER BY place LIMIT ?", (group, limit)
            )
            found[group] = count, [row["passage_id"] for row in rows]
        return found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
