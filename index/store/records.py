"""The readable half of a build: articles, passages, the ledger of removals and the facts in one SQLite file.

Open it with any SQLite tool or with pandas. Reading never writes: the file is opened immutable. Writing is left to
`recording`; the tables are in `tables`, and docs/formats.md describes them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from index.store import StoreError
from index.store.tables import ENCODING, VIEWS, find_foreign

# The text of a page as bytes of the file: decoded in one go, where SQLite would write it as UTF-8 for Python first.
TEXT = "CASE typeof(text) WHEN 'text' THEN CAST(text AS BLOB) END"
# Pages whose texts are kept while rows are read: copies of passages alternate between a few.
_PAGES = 8


def _storable(value: Any) -> Any:
    """Return `value` with U+FFFD for halves of surrogate pairs, which no file holds and SQLite does not take."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def _listed(ids: Iterable[str]) -> str:
    """Return ids as JSON for `json_each`, which ends a text at a NUL: no id has one."""
    return json.dumps([_storable(id_) for id_ in ids if "\0" not in id_])


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
            (encoding,) = self._connection.execute("PRAGMA encoding").fetchone()
            if foreign is None:
                self._connection.execute("SELECT count(*) FROM slices").fetchone()
                for view in VIEWS:
                    self._connection.execute(f"SELECT * FROM {view} LIMIT 0")
        except sqlite3.DatabaseError as error:
            why = _brief(error)
            raise StoreError(f"{file}: not a readable records file ({why}); run `policykb rebuild --full`") from error
        if foreign:
            raise StoreError(f"{file}: holds {foreign!r}, expected our tables alone; run `policykb rebuild --full`")
        if encoding != ENCODING:  # a dump that was read in again: texts are decoded here
            raise StoreError(f"{file}: holds {encoding}, expected {ENCODING}; run `policykb rebuild --full`")

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
        self, sql: str, values: Iterable[Any] = (), *, page: str = "article_id", schema: str = "main"
    ) -> Iterator[tuple[sqlite3.Row, str]]:
        """Yield the rows of a SELECT one at a time, each with the text from `start` to `end` of the page it names.

        The text of a page is read once for rows near one another, where SQL would read it for every row.
        """
        texts: dict[str, str] = {}
        for row in self.stream(sql, values):
            known = row[page]
            if known not in texts:
                if len(texts) == _PAGES:
                    texts.pop(next(iter(texts)))
                found = next(self.stream(f"SELECT {TEXT} FROM {schema}.pages WHERE id = ?", (known,)), None)
                texts[known] = self._text(found and found[0], f"the page {known}")
            try:
                piece = texts[known][row["start"] : row["end"]]
            except TypeError as error:
                why = f"a slice of the page {known} has no bounds"
                raise StoreError(f"{self.file}: {why}; run `policykb rebuild --full`") from error
            yield row, piece

    def _text(self, found: object, of: str) -> str:
        try:
            return str(found, "utf-16-be")  # type: ignore[call-overload, no-any-return]
        except (TypeError, UnicodeDecodeError) as error:
            why = f"{of} is missing or no text"
            raise StoreError(f"{self.file}: {why}; run `policykb rebuild --full`") from error

    def with_texts(
        self, sql: str, values: Iterable[Any] = (), *, page: str = "article_id", schema: str = "main"
    ) -> list[dict[str, Any]]:
        """Return what `sliced` yields as dicts, the text under `text`."""
        return [dict(row) | {"text": text} for row, text in self.sliced(sql, values, page=page, schema=schema)]

    def by_article(self) -> Iterator[tuple[str, str, list[tuple[int, str, int, int]]]]:
        """Yield of each article its title, the text of its page and its passages, in the order of rows.

        A passage is (row of its article, heading path as JSON, start, end). Both tables are read once from end to
        end, for articles stand in the order of their passages. Raises StoreError where they do not.
        """
        articles = self.stream(
            f"SELECT articles.row, title, {TEXT} FROM articles JOIN pages ON pages.id = articles.id"
            " ORDER BY articles.row"
        )
        rows = self.stream('SELECT article, heading_path, start, "end" FROM slices ORDER BY row')
        for article, slices in groupby(map(tuple, rows), key=itemgetter(0)):
            found = next((each for each in articles if each[0] == article), None)
            if found is None:
                why = f"no article {article}, or not in the order of its passages"
                raise StoreError(f"{self.file}: {why}; run `policykb rebuild --full`")
            yield found[1], self._text(found[2], f"the article {article}"), list(slices)

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
                'SELECT slices.row, articles.id || tail AS id, articles.id AS article_id, heading_path, start, "end",'
                " articles.title, article AS article_row, as_of, as_of_kind, articles.confidence, path, url, site,"
                " publisher, group_id, place FROM slices JOIN articles ON articles.row = article"
                " LEFT JOIN passage_duplicates ON passage_id = articles.id || tail"
                f" JOIN pages ON pages.id = articles.id WHERE slices.row IN ({marks}) ORDER BY slices.row",
                part,
            ):
                row["heading_path"] = tuple(json.loads(row["heading_path"]))
                found[row["row"]] = row
        return found

    def rows_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the row of each of these passages; unknown ids are left out.

        An id begins with that of its article, which is the last that does not come after it: ids of passages have no
        index, and the view reads all of them for one.
        """
        found = self.stream(
            "SELECT value, slices.row FROM json_each(?) JOIN articles"
            " ON articles.id = (SELECT max(id) FROM articles WHERE id <= value)"
            " JOIN slices ON slices.row BETWEEN first_passage AND last_passage AND article = articles.row"
            " WHERE articles.id || tail = value",
            (_listed(ids),),
        )
        return dict(map(tuple, found))

    def rows_of_articles(self, ids: Iterable[str]) -> list[int]:
        """Return the rows of all passages of these articles; unknown ids are left out."""
        found = self.stream(
            "SELECT slices.row FROM articles CROSS JOIN slices ON slices.row BETWEEN first_passage AND last_passage"
            " AND article = articles.row WHERE id IN (SELECT value FROM json_each(?)) ORDER BY slices.row",
            (_listed(ids),),
        )
        return [row for (row,) in found]

    def folds(self, rows: Sequence[int]) -> dict[int, tuple[str, int]]:
        """Return the group of each of these passages that has one, by row, and its place there."""
        found: dict[int, tuple[str, int]] = {}
        for first in range(0, len(rows), 500):  # SQLite bounds the variables of a statement
            part = rows[first : first + 500]
            for row, group, place in self.stream(
                "SELECT passages.row, group_id, place FROM passages JOIN passage_duplicates ON passage_id = id"
                f" WHERE passages.row IN ({','.join('?' * len(part))})",
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
