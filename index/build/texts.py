"""The texts of a build in the order of their rows, read back from its records: what is embedded and what is counted.

They are read a row at a time, so memory holds none of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from index.context import context_of, embedded_text
from index.store.records import Records

# Rows come in the order of the table, so SQLite sorts nothing.
_PASSAGES = (
    "SELECT articles.row, title, heading_path, text FROM passages JOIN articles ON articles.id = article_id"
    " ORDER BY passages.row"
)


def passage_texts(records: Records) -> Iterator[str]:
    """Yield the text of each passage."""
    for row in records.stream("SELECT text FROM passages ORDER BY row"):
        yield row["text"]


def context_texts(records: Records) -> Iterator[str]:
    """Yield what stands above each passage."""
    for row in records.stream(_PASSAGES):
        yield context_of(row["title"], json.loads(row["heading_path"]))


def embedded_texts(records: Records) -> Iterator[str]:
    """Yield what is embedded for each passage."""
    for row in records.stream(_PASSAGES):
        yield embedded_text(row["title"], json.loads(row["heading_path"]), row["text"])


def article_lines(records: Records) -> Iterator[tuple[int, str, list[str]]]:
    """Yield of each article how many passages it has, its title and its headings."""
    rows = records.stream(
        "SELECT title, sections, (SELECT COUNT(*) FROM passages WHERE article_id = articles.id) AS passages"
        " FROM articles ORDER BY row"
    )
    for row in rows:
        yield row["passages"], row["title"], [section["heading"] for section in json.loads(row["sections"])]


def article_texts(records: Records) -> Iterator[str]:
    """Yield title and body of each article: its passages together cover the body."""
    for _, group in groupby(records.stream(_PASSAGES), key=itemgetter(0)):
        rows = list(group)
        yield "\n".join((rows[0]["title"], *(row["text"] for row in rows)))
