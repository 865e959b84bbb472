"""Reads a collection to measure retrieval on: passages, questions and relevance judgements in the layout of BEIR.

What is measured on it stands in index/evaluate.py. Every line that cannot be used is an error with its number: a
judgement that is lost in silence would change a figure.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.problem import Problem

_FORMAT = (
    "a collection is a folder with corpus.jsonl[.gz] (id, text, perhaps title and article_id), queries.jsonl[.gz] "
    "(id, text) and qrels.tsv (query, passage, relevance, parted by tabs); BEIR's own _id for id and qrels/test.tsv "
    "for qrels.tsv will do"
)
# What BEIR writes above its judgements.
_HEAD = ["query-id", "corpus-id", "score"]


class EvaluationError(Problem):
    """A collection that cannot be measured: says which file and line, what was expected and what to do."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Passages and questions in the order of their files, and `qrels`: query id -> passage id -> relevance.

    A passage without a title has an empty one; one without an article id is an article of its own (`article_of`).
    """

    passage_ids: tuple[str, ...]
    texts: tuple[str, ...]
    titles: tuple[str, ...]
    article_of: tuple[int, ...]
    query_ids: tuple[str, ...]
    queries: tuple[str, ...]
    qrels: Mapping[str, Mapping[str, int]]

    @property
    def has_articles(self) -> bool:
        """Whether an article says more than a passage alone: a title, or a second passage."""
        return any(self.titles) or len(set(self.article_of)) < len(self.article_of)

    def article_texts(self) -> list[str]:
        """Return each article as its title followed by all its passages."""
        parts: dict[int, list[str]] = {}
        for article, title, text in zip(self.article_of, self.titles, self.texts, strict=True):
            lines = parts.setdefault(article, [])
            if title and title not in lines[:1]:
                lines.append(title)
            lines.append(text)
        return ["\n".join(parts[article]) for article in sorted(parts)]


def read_collection(folder: Path) -> Collection:
    """Return the collection in `folder`. Raises EvaluationError for a missing file, a broken line or an unknown id."""
    corpus = list(_read_records(folder, "corpus"))
    queries = list(_read_records(folder, "queries"))
    articles: dict[tuple[str, str], int] = {}
    article_of = []
    for record in corpus:
        key = ("article", str(record["article_id"])) if record.get("article_id") else ("passage", record["id"])
        article_of.append(articles.setdefault(key, len(articles)))
    passage_ids = tuple(record["id"] for record in corpus)
    query_ids = tuple(record["id"] for record in queries)
    return Collection(
        passage_ids=passage_ids,
        texts=tuple(record["text"] for record in corpus),
        titles=tuple(record.get("title") or "" for record in corpus),
        article_of=tuple(article_of),
        query_ids=query_ids,
        queries=tuple(record["text"] for record in queries),
        qrels=_read_qrels(folder, set(query_ids), set(passage_ids)),
    )


def _read_records(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the records of a JSON Lines file, plain or gzipped, each with an id of its own and a text."""
    candidates = [folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"]
    file = next((candidate for candidate in candidates if candidate.is_file()), None)
    if file is None:
        raise EvaluationError(f"found neither {name}.jsonl nor {name}.jsonl.gz in {folder}: {_FORMAT}")
    seen: set[str] = set()
    for number, line in _read_lines(file):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise EvaluationError(f"{file}, line {number}: not JSON ({error}); expected one object a line") from error
        if isinstance(record, dict) and "id" not in record and "_id" in record:
            record["id"] = record["_id"]
        if not (isinstance(record, dict) and all(isinstance(record.get(key), str) for key in ("id", "text"))):
            raise EvaluationError(f"{file}, line {number}: expected an object with strings id and text; {_FORMAT}")
        if not isinstance(record.get("title") or "", str):
            raise EvaluationError(f"{file}, line {number}: title is {record['title']!r}, expected a string")
        if record["id"] in seen:
            raise EvaluationError(f"{file}, line {number}: id {record['id']!r} occurs twice; give each its own")
        seen.add(record["id"])
        yield record


def _read_qrels(folder: Path, queries: set[str], passages: set[str]) -> dict[str, dict[str, int]]:
    candidates = [folder / "qrels.tsv", folder / "qrels" / "test.tsv"]
    file = next((candidate for candidate in candidates if candidate.is_file()), None)
    if file is None:
        raise EvaluationError(f"found no qrels.tsv in {folder}: {_FORMAT}")
    qrels: dict[str, dict[str, int]] = {}
    for number, line in _read_lines(file):
        fields = line.split("\t")
        if number == 1 and fields == _HEAD:
            continue
        try:
            query, passage, relevance = fields[0], fields[1], int(fields[2])
        except (IndexError, ValueError):
            raise EvaluationError(
                f"{file}, line {number}: found {line!r}, expected query, passage and a whole number, parted by tabs"
            ) from None
        for kind, known, name in (("query", queries, query), ("passage", passages, passage)):
            if name not in known:
                raise EvaluationError(
                    f"{file}, line {number}: {kind} {name!r} is not in the collection; remove the line"
                )
        qrels.setdefault(query, {})[passage] = relevance
    if not qrels:
        raise EvaluationError(f"{file} holds no judgement: {_FORMAT}")
    return qrels


def _read_lines(file: Path) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line that is not blank."""
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise EvaluationError(
            f"{file} cannot be read ({error}); expected UTF-8 text, gzipped where it ends in .gz"
        ) from error
