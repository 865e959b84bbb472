"""The readable half of a build: articles, passages, the ledger of removals and the facts in one SQLite file.

Open it with any SQLite tool or with pandas. Rows are written in page order, so the same input gives the same file.
Reading never writes: the file is opened immutable. The tables are in `tables`; docs/formats.md describes them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, groupby
from json.encoder import encode_basestring
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.store import StoreError
from index.store.tables import INDEXES, PAGE_BYTES, PASSAGES, TABLES, find_foreign

if TYPE_CHECKING:  # reading needs none of them, and a search starts a tenth of a second earlier
    from ingest.clean import Article
    from ingest.learning.duplicates import Group
    from ingest.page import Page
    from ingest.passages import Passage

# One for all rows: json.dumps makes a new one for each, which takes longer than the encoding.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _json(values: Sequence[object]) -> str:
    return _ENCODER.encode(values) if values else "[]"


def _json_of_texts(texts: Sequence[str]) -> str:
    """Return what `_json` does, in a fifth of the time: of passages there are many."""
    return f"[{','.join(map(encode_basestring, texts))}]"


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
_OF_A_PAGE = ("pages", "removals", "articles", "facts", "traces", "slices", "see_also")
_NUMBERED = ("articles", "slices")
_AT_ONCE = 1000  # rows written together: those of a hundred pages, or of one book
RULE, EVIDENCE = 3, 4  # their columns in removals


def rows_of(entry: Cleaned) -> dict[str, list[list[Any]]]:
    """Return the rows that a page gives; one without passages gives none of an article."""
    page, article = entry.page, entry.article
    rows: dict[str, list[list[Any]]] = {"pages": [_page_row(page)], "removals": list(_removal_rows(article))}
    if entry.passages:
        rows["articles"] = [_article_row(article)]
        rows["facts"] = [[article.id, f.kind, f.value, f.start, f.end, f.quote] for f in article.facts]
        rows["traces"] = [[article.id, t.kind, t.start, t.end, t.quote] for t in article.traces]
        rows["slices"] = [[p.id, p.article_id, _json_of_texts(p.heading_path), p.start, p.end] for p in entry.passages]
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
        connection.executescript(f"PRAGMA page_size = {PAGE_BYTES}; {TABLES}")
        connection.execute(PASSAGES)
        waiting: dict[str, list[Sequence[Any]]] = {table: [] for table in _OF_A_PAGE}
        numbers = {table: count() for table in _NUMBERED}
        for page in pages:
            for table, rows in page.items():
                waiting[table] += [(next(numbers[table]), *row) for row in rows] if table in numbers else rows
            if sum(map(len, waiting.values())) >= _AT_ONCE:
                _insert_all(connection, waiting)
        _insert_all(connection, waiting)
        # What was learned of a page in the first pass may have left no article in the second.
        connection.execute("DELETE FROM see_also WHERE to_article NOT IN (SELECT id FROM articles)")
        connection.executescript(INDEXES)


def _insert_all(connection: sqlite3.Connection, waiting: Mapping[str, list[Sequence[Any]]]) -> None:
    for table, rows in waiting.items():
        _insert(connection, table, rows)
        rows.clear()


def write_repeats(file: Path, sites: Mapping[str, int], repeats: Iterable[tuple[str, str, int, int, str]]) -> None:
    """Write what was learned of sites: pages a site; repeats as (site, line, pages, times removed, example path)."""
    with _writing(file) as connection:
        _insert(connection, "sites", sorted(sites.items()))
        _insert(connection, "repeats", sorted(repeats))


def write_duplicates(file: Path, kind: str, groups: Iterable[Group], ids: Sequence[str]) -> None:
    """Write the groups of `kind` (`article` or `passage`); a group has the id of its representative, at place 0.

    `ids` are the ids of all texts by the numbers the groups use.
    """
    # The table lies in the order of its key, so rows that come in it are packed full.
    rows = sorted(
        (ids[group.members[0].text], place, ids[member.text], member.similarity)
        for group in groups
        for place, member in enumerate(group.members)
    )
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
    if "\0" in page.text:  # SQLite's substr, and so the view `passages`, takes it for the end of the text
        raise ValueError(f"{page.path}: found a NUL in its text, expected none: decoding replaces them")
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
            foreign = find_foreign(self._connection)
            if foreign is None:
                self._connection.execute("SELECT count(*) FROM passages").fetchone()
        except sqlite3.DatabaseError as error:
            why = _brief(error)
            raise StoreError(f"{file}: not a readable records file ({why}); run `policykb rebuild --full`") from error
        if foreign:
            raise StoreError(f"{file}: holds {foreign!r}, expected our tables alone; run `policykb rebuild --full`")

    def query(self, sql: str, values: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of a SELECT as dicts."""
        return [dict(row) for row in self.stream(sql, values)]

    def stream(self, sql: str, values: Iterable[Any] = ()) -> Iterator[sqlite3.Row]:
        """Yield the rows of a SELECT one at a time."""
        try:
            yield from self._connection.execute(sql, tuple(map(_storable, values)))
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.file}: cannot be read ({_brief(error)}); run `policykb rebuild --full`") from error

    def sliced(
        self, sql: str, values: Iterable[Any] = (), *, schema: str = "main"
    ) -> Iterator[tuple[sqlite3.Row, str]]:
        """Yield the rows of a SELECT one at a time, each with the text of its passage: `article_id`, `start`, `end`.

        The text of a page is read once for neighbouring rows of one article, where the view reads it for every row.
        """
        article, text = None, ""
        for row in self.stream(sql, values):
            if row["article_id"] != article:
                article = row["article_id"]
                page = next(self.stream(f"SELECT text FROM {schema}.pages WHERE id = ?", (article,)), None)
                if page is None:
                    raise StoreError(f"{self.file}: the page of {article} is missing; run `policykb rebuild --full`")
                text = page["text"]
            try:
                piece = text[row["start"] : row["end"]]
            except TypeError as error:
                why = f"a passage of {article} has no bounds"
                raise StoreError(f"{self.file}: {why}; run `policykb rebuild --full`") from error
            yield row, piece

    def with_texts(self, sql: str, values: Iterable[Any] = (), *, schema: str = "main") -> list[dict[str, Any]]:
        """Return what `sliced` yields as dicts, the text under `text`."""
        return [dict(row) | {"text": text} for row, text in self.sliced(sql, values, schema=schema)]

    def by_article(self) -> Iterator[tuple[str, str, list[tuple[str, str, int, int]]]]:
        """Yield of each article its title, the text of its page and its passages, in the order of rows.

        A passage is (article id, heading path as JSON, start, end). Both tables are read once from end to end, for
        articles stand in the order of their passages. Raises StoreError where they do not.
        """
        articles = self.stream(
            "SELECT articles.id, title, text FROM articles JOIN pages ON pages.id = articles.id ORDER BY articles.row"
        )
        rows = self.stream('SELECT article_id, heading_path, start, "end" FROM slices ORDER BY row')
        for article, slices in groupby(map(tuple, rows), key=itemgetter(0)):
            found = next((each for each in articles if each[0] == article), None)
            if found is None:
                why = f"no article {article}, or not in the order of its passages"
                raise StoreError(f"{self.file}: {why}; run `policykb rebuild --full`")
            yield found[1], found[2], list(slices)

    def texts(self) -> Iterator[str]:
        """Yield the text of each passage in the order of their rows."""
        for _, text, slices in self.by_article():
            for _, _, start, end in slices:
                yield text[start:end]

    def passages(self, rows: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Return the passages of these rows, with what their article and page say about them, by row."""
        wanted = list(rows)
        found: dict[int, dict[str, Any]] = {}
        for first in range(0, len(wanted), 500):  # SQLite bounds the variables of a statement
            part = wanted[first : first + 500]
            marks = ",".join("?" * len(part))
            for row in self.with_texts(
                "SELECT slices.*, articles.title, articles.row AS article_row, as_of, as_of_kind,"
                " articles.confidence, path, url, site, publisher, group_id, place FROM slices"
                " JOIN articles ON articles.id = article_id"
                " LEFT JOIN passage_duplicates ON passage_id = slices.id"
                f" JOIN pages ON pages.id = article_id WHERE slices.row IN ({marks}) ORDER BY slices.row",
                part,
            ):
                row["heading_path"] = tuple(json.loads(row["heading_path"]))
                found[row["row"]] = row
        return found

    def folds(self, rows: Sequence[int]) -> dict[int, tuple[str, int]]:
        """Return the group of each of these passages that has one, by row, and its place there."""
        found: dict[int, tuple[str, int]] = {}
        for first in range(0, len(rows), 500):  # SQLite bounds the variables of a statement
            part = rows[first : first + 500]
            for row, group, place in self.stream(
                "SELECT slices.row, group_id, place FROM slices JOIN passage_duplicates ON passage_id = slices.id"
                f" WHERE slices.row IN ({','.join('?' * len(part))})",
                part,
            ):
                found[row] = group, place
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
