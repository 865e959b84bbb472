"""The texts of a build in the order of their rows, read back from its records: what is embedded and what is counted.

They are read an article at a time, so memory holds no more of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from index.context import context_of, embedded_text
from index.store.records import Records


def context_texts(records: Records) -> Iterator[str]:
    """Yield what stands above each passage."""
    # Not `by_article`, which reads the texts of all pages: these stand in two short columns.
    rows = records.stream(
        "SELECT title, heading_path FROM slices JOIN articles ON articles.row = slices.article ORDER BY slices.row"
    )
    for title, own in groupby(rows, key=itemgetter("title")):
        for path in _paths(path for _, path in own):
            yield context_of(title, path)


def embedded_texts(records: Records) -> Iterator[str]:
    """Yield what is embedded for each passage."""
    for title, text, slices in records.by_article():
        for path, (_, _, start, end) in zip(_paths(path for _, path, _, _ in slices), slices, strict=True):
            yield embedded_text(title, path, text[start:end])


def article_lines(records: Records) -> Iterator[tuple[int, str, list[str]]]:
    """Yield of each article how many passages it has, its title and its headings."""
    rows = records.stream(
        "SELECT title, sections, last_passage - first_passage + 1 AS passages FROM articles ORDER BY row"
    )
    for row in rows:
        yield row["passages"], row["title"], [section["heading"] for section in json.loads(row["sections"])]


def titled_passages(records: Records) -> Iterator[tuple[str, list[str]]]:
    """Yield title and passages of each article: its passages together cover the body."""
    for title, text, slices in records.by_article():
        yield title, [text[start:end] for _, _, start, end in slices]


def _paths(written: Iterable[str]) -> list[list[str]]:
    """Return heading paths as they are `written`, read at once: calls take longer than what they read."""
    paths: list[list[str]] = json.loads(f"[{','.join(written)}]")
    return paths
