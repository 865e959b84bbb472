"""Writes the records of a build: the rows that each page gives to each table, then repeats and groups of copies.

Rows are written in page order, so the same input gives the same file, byte for byte. Reading is left to `records`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from json.encoder import encode_basestring
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.store.tables import ENCODING, INDEXES, PAGE_BYTES, TABLES, VIEWS

if TYPE_CHECKING:
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


# The rows that one page gives, without the numbers that they get in a build: JSON can hold it.
Rows = Mapping[str, Sequence[Sequence[Any]]]
_OF_A_PAGE = ("pages", "reasons", "removed", "articles", "facts", "traces", "slices", "see_also")
_AT_ONCE = 1000  # rows written together: those of a hundred pages, or of one book
# Rows of one statement, for Python goes into SQLite and back for each. Of 100,000 passages 8 take 0.97 of the time of
# one, 32 and 128 take 0.95; the widest table has 15 columns, and some builds of SQLite take only 999 values at once.
_A_STATEMENT = 32
_SHA256 = 2  # its column in pages
RULE, EVIDENCE = 3, 4  # their columns in removals
_REASONS = 100_000  # so many are known again; a build of any size holds no more of them in memory


def rows_of(entry: Cleaned) -> dict[str, list[list[Any]]]:
    """Return the rows that a page gives; one without passages gives none of an article."""
    page, article = entry.page, entry.article
    rows: dict[str, list[list[Any]]] = {"pages": [_page_row(page)], "removals": list(_removal_rows(article))}
    if entry.passages:
        rows["articles"] = [_article_row(article)]
        rows["facts"] = [[article.id, f.kind, f.value, f.start, f.end, f.quote] for f in article.facts]
        rows["traces"] = [[article.id, t.kind, t.start, t.end, t.quote] for t in article.traces]
        behind = len(article.id)  # an id begins with that of its article, which `index/build/check.py` proves
        rows["slices"] = [[p.id[behind:], _json_of_texts(p.heading_path), p.start, p.end] for p in entry.passages]
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
        connection.executescript(f"PRAGMA encoding = '{ENCODING}'; PRAGMA page_size = {PAGE_BYTES}; {TABLES}")
        for view in VIEWS.values():
            connection.execute(view)
        waiting: dict[str, list[Sequence[Any]]] = {table: [] for table in _OF_A_PAGE}
        for page in _numbered(pages):
            for table, rows in page.items():
                waiting[table] += rows
            if sum(map(len, waiting.values())) >= _AT_ONCE:
                _insert_all(connection, waiting)
        _insert_all(connection, waiting)
        # What was learned of a page in the first pass may have left no article in the second.
        connection.execute("DELETE FROM see_also WHERE to_article NOT IN (SELECT id FROM articles)")
        connection.executescript(INDEXES)


def _numbered(pages: Iterable[Rows]) -> Iterator[Rows]:
    """Yield the rows of each page as the tables hold them: numbered, and with numbers for what other tables say."""
    articles = passages = 0
    numbers = count()  # of reasons
    known: dict[tuple[Any, ...], int] = {}
    for number, page in enumerate(pages):
        rows = dict(page)
        rows["pages"] = [
            (number, *row[:_SHA256], bytes.fromhex(row[_SHA256]), *row[_SHA256 + 1 :]) for row in page["pages"]
        ]
        rows["reasons"] = reasons = []
        rows["removed"] = removed = []
        for _, start, end, *reason, title, summary, category, date, related, score in rows.pop("removals"):
            if (one := tuple(reason)) not in known:
                if len(known) == _REASONS:
                    known.clear()
                known[one] = next(numbers)
                reasons.append((known[one], *one))
            removed.append((number, start, end, known[one], title, summary, category, date, related, score))
        if slices := page.get("slices"):
            first, passages = passages, passages + len(slices)
            rows["articles"] = [(articles, *row, first, passages - 1) for row in page["articles"]]
            rows["slices"] = [
                (row, articles, tail, path, start, end) for row, (tail, path, start, end) in enumerate(slices, first)
            ]
            articles += 1
        yield rows


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

    `ids` are the ids of all texts by the numbers the groups use, which are their rows.
    """
    has_row = kind == "passage"  # its ids stand in no index
    # The table lies in the order of its key, so rows that come in it are packed full.
    rows = sorted(
        (ids[group.members[0].text], place, ids[member.text], member.similarity, *((member.text,) if has_row else ()))
        for group in groups
        for place, member in enumerate(group.members)
    )
    with _writing(file) as connection:
        _insert(connection, f"{kind}_duplicates", rows)


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    row = f"({','.join('?' * len(rows[0]))})"
    at_once = 1 if table == "pages" else _A_STATEMENT  # a statement holds its values twice, and a page may be a book
    alone = len(rows) - len(rows) % at_once
    several = (tuple(chain.from_iterable(rows[first : first + at_once])) for first in range(0, alone, at_once))
    connection.executemany(f"INSERT INTO {table} VALUES {','.join([row] * at_once)}", several)
    connection.executemany(f"INSERT INTO {table} VALUES {row}", rows[alone:])


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
    # SQLite's substr, and so the view `passages`, takes a NUL for the end of the text, and UTF-16 of SQLite has U+FFFD
    # for both others.
    for name, character in (("NUL", "\0"), ("U+FFFE", "\ufffe"), ("U+FFFF", "\uffff")):
        if character in page.text:
            raise ValueError(f"{page.path}: found a {name} in its text, expected none: decoding replaces them")
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
