"""Measures retrieval on a folder of passages, questions and relevance judgements: nDCG, Recall and MRR.

Passages are ranked as they stand in the file: no splitting, no folding of near-duplicates, no boosts. Ranking is left
to index/ranking.py. The measures are those of trec_eval: nDCG with linear gain (Järvelin and Kekäläinen 2002), averaged
over the questions that have at least one relevant passage.
"""

from __future__ import annotations

import gzip
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.ranking import Mode, Ranked, Weights, rank
from index.store.terms import Terms, build_terms
from ingest.problem import Problem

if TYPE_CHECKING:
    from index.model.embedder import Embedder
    from index.store.vectors import Vectors

_FORMAT = (
    "a collection is a folder with corpus.jsonl[.gz] (id, text, perhaps title and article_id), queries.jsonl[.gz] "
    "(id, text) and qrels.tsv (query, passage, relevance, parted by tabs)"
)


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
        qrels=_read_qrels(folder / "qrels.tsv", set(query_ids), set(passage_ids)),
    )


@dataclass(frozen=True, slots=True)
class Searcher:
    """A collection made searchable in memory, ranked by the code that ranks a build."""

    passage_terms: Terms
    article_terms: Terms | None
    context_terms: Terms | None
    article_of: NDArray[np.int64] | None
    vectors: Vectors | None

    @classmethod
    def build(cls, collection: Collection, embedder: Embedder | None) -> Searcher:
        """Return the searcher of `collection`; without an embedder it has no vectors."""
        has_articles = collection.has_articles
        return cls(
            passage_terms=build_terms(collection.texts),
            article_terms=build_terms(collection.article_texts()) if has_articles else None,
            context_terms=build_terms(collection.titles) if any(collection.titles) else None,
            article_of=np.array(collection.article_of, dtype=np.int64) if has_articles else None,
            vectors=_embed(collection, embedder) if embedder is not None else None,
        )

    def rank(
        self, text: str, vector: NDArray[np.float32] | None, *, mode: Mode, k: int, weights: Weights | None = None
    ) -> list[Ranked]:
        """Return the hits of one question."""
        return rank(
            text,
            vector,
            passage_terms=self.passage_terms,
            article_terms=self.article_terms,
            context_terms=self.context_terms,
            article_of=self.article_of,
            vectors=self.vectors,
            weights=weights,
            mode=mode,
            k=k,
        )


def evaluate(
    collection: Collection,
    embedder: Embedder | None,
    *,
    mode: Mode = "hybrid",
    k: int = 100,
    run_file: Path | None = None,
    progress: Callable[[int], None] | None = None,
    weights: Weights | None = None,
) -> dict[str, float]:
    """Return `queries` (those judged), `ndcg@10`, `recall@10`, `recall@100`, `mrr@10` and `ms_per_query`.

    `ms_per_query` is the mean time from question to ranking, building not counted. `run_file` receives the ranking of
    every question as a TREC run. `progress` is told the number of questions newly done. `k` below 100 also caps
    Recall@100. Raises EvaluationError where `mode` needs an embedder and there is none.
    """
    if mode != "lexical" and embedder is None:
        raise EvaluationError(f"mode {mode} needs an embedding model, found none: give one, or use the mode lexical")
    if mode == "lexical":
        embedder = None
    searcher = Searcher.build(collection, embedder)
    ranking: dict[str, list[tuple[str, float]]] = {}
    seconds = 0.0
    for query_id, text in zip(collection.query_ids, collection.queries, strict=True):
        start = time.perf_counter()
        vector = embedder.encode_query([text])[0] if embedder is not None else None
        hits = searcher.rank(text, vector, mode=mode, k=k, weights=weights)
        seconds += time.perf_counter() - start
        ranking[query_id] = [(collection.passage_ids[hit.row], hit.score) for hit in hits]
        if progress is not None:
            progress(1)
    if run_file is not None:
        write_run(ranking, run_file, tag=f"policykb-{mode}")
    figures = measure({query: [passage for passage, _ in hits] for query, hits in ranking.items()}, collection.qrels)
    return figures | {"ms_per_query": round(1000 * seconds / max(1, len(ranking)), 3)}


def measure(ranking: Mapping[str, Sequence[str]], qrels: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """Return the figures of `ranking` (query id -> passage ids, best first), means over the judged questions.

    A question with relevant passages and no ranking counts as zero; without any question all figures are zero.
    """
    totals = {"ndcg@10": 0.0, "recall@10": 0.0, "recall@100": 0.0, "mrr@10": 0.0}
    judged = 0
    for query, judgements in qrels.items():
        relevant = {passage: gain for passage, gain in judgements.items() if gain > 0}
        if not relevant:
            continue
        judged += 1
        gains = [relevant.get(passage, 0) for passage in ranking.get(query, ())]
        ideal = sorted(relevant.values(), reverse=True)
        totals["ndcg@10"] += _dcg(gains[:10]) / _dcg(ideal[:10])
        totals["recall@10"] += sum(gain > 0 for gain in gains[:10]) / len(relevant)
        totals["recall@100"] += sum(gain > 0 for gain in gains[:100]) / len(relevant)
        totals["mrr@10"] += next((1 / place for place, gain in enumerate(gains[:10], start=1) if gain > 0), 0.0)
    return {"queries": judged} | {name: round(total / max(1, judged), 5) for name, total in totals.items()}


def write_run(ranking: Mapping[str, Sequence[tuple[str, float]]], file: Path, *, tag: str) -> None:
    """Write `ranking` as a TREC run: query, Q0, passage, rank from 1, score, tag. Ids without white space only."""
    for name in [*ranking, *(passage for hits in ranking.values() for passage, _ in hits)]:
        if len(name.split()) != 1 or name.split()[0] != name:
            raise EvaluationError(f"the id {name!r} cannot stand in a TREC run: use ids without white space")
    lines = [
        f"{query} Q0 {passage} {place} {score:.9g} {tag}\n"
        for query, hits in ranking.items()
        for place, (passage, score) in enumerate(hits, start=1)
    ]
    try:
        file.write_text("".join(lines), "utf-8")
    except OSError as error:
        raise EvaluationError(f"cannot write the run to {file}: {error.strerror}; name a file in a folder") from error


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))


def _embed(collection: Collection, embedder: Embedder) -> Vectors:
    """Return the vectors of the passages, each with its title in front; only vectors.py knows how they lie on disk."""
    from index.store.vectors import Vectors, write_vectors  # imports faiss, which `lexical` does not need

    texts = [
        f"{title}\n{text}" if title else text for title, text in zip(collection.titles, collection.texts, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vectors.faiss"
        write_vectors(embedder.encode_document(texts), file)
        return Vectors.open(file)


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
        if not (isinstance(record, dict) and all(isinstance(record.get(key), str) for key in ("id", "text"))):
            raise EvaluationError(f"{file}, line {number}: expected an object with strings id and text; {_FORMAT}")
        if not isinstance(record.get("title") or "", str):
            raise EvaluationError(f"{file}, line {number}: title is {record['title']!r}, expected a string")
        if record["id"] in seen:
            raise EvaluationError(f"{file}, line {number}: id {record['id']!r} occurs twice; give each its own")
        seen.add(record["id"])
        yield record


def _read_qrels(file: Path, queries: set[str], passages: set[str]) -> dict[str, dict[str, int]]:
    if not file.is_file():
        raise EvaluationError(f"found no qrels.tsv in {file.parent}: {_FORMAT}")
    qrels: dict[str, dict[str, int]] = {}
    for number, line in _read_lines(file):
        fields = line.split("\t")
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
