"""Measures retrieval on a collection of passages, questions and relevance judgements: nDCG, Recall and MRR.

Passages are ranked as they stand in the file: no splitting, no folding of near-duplicates, no boosts. Reading is left
to index/collection.py, ranking to index/ranking.py, the measures to index/measures.py; answers are measured by
index/outcomes.py.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.collection import Collection, EvaluationError, read_collection
from index.embedded import Embedded
from index.measures import MEASURES, means, measure, measure_each
from index.ranking import Mode, Weights, rank
from index.significance import Difference, compare
from index.store.terms import build_terms

if TYPE_CHECKING:
    from index.model.embedder import Embedder
    from index.store.vectors import Vectors

__all__ = [
    "Collection",
    "EvaluationError",
    "Ranking",
    "compare_rankings",
    "engine_of",
    "evaluate",
    "measure",
    "rank_collection",
    "read_collection",
    "write_run",
]


def engine_of(collection: Collection, embedder: Embedder | None) -> Embedded:
    """Return a collection made searchable in memory; without an embedder it has no vectors."""
    has_articles = collection.has_articles
    vectors = _embed(collection, embedder) if embedder is not None else None
    return Embedded(
        passage_terms=build_terms(collection.texts),
        article_terms=build_terms(collection.article_texts()) if has_articles else None,
        context_terms=build_terms(collection.titles) if any(collection.titles) else None,
        article_of=np.array(collection.article_of, dtype=np.int64) if has_articles else None,
        read_vectors=None if vectors is None else lambda: vectors,
    )


@dataclass(frozen=True, slots=True)
class Ranking:
    """The passages found for each question, best first with their scores, and the mean time a question took."""

    hits: Mapping[str, Sequence[tuple[str, float]]]
    ms_per_query: float

    def each(self, collection: Collection) -> dict[str, dict[str, float]]:
        """Return the measures of each judged question."""
        ids = {query: [passage for passage, _ in hits] for query, hits in self.hits.items()}
        return measure_each(ids, collection.qrels)

    def figures(self, collection: Collection) -> dict[str, float]:
        """Return the figures of the command contract; see `evaluate`."""
        return means(self.each(collection)) | {"ms_per_query": self.ms_per_query}


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

    `run_file` receives the ranking of every question as a TREC run; the rest is told at `rank_collection`. `k` below
    100 also caps Recall@100.
    """
    ranking = rank_collection(collection, embedder, mode=mode, k=k, progress=progress, weights=weights)
    if run_file is not None:
        write_run(ranking.hits, run_file, tag=f"policykb-{mode}")
    return ranking.figures(collection)


def rank_collection(
    collection: Collection,
    embedder: Embedder | None,
    *,
    mode: Mode = "hybrid",
    k: int = 100,
    progress: Callable[[int], None] | None = None,
    weights: Weights | None = None,
) -> Ranking:
    """Return the `k` best passages of every question; the time is from question to ranking, building not counted.

    `progress` is told the number of questions newly done. Raises EvaluationError where `mode` needs an embedder and
    there is none.
    """
    if mode != "lexical" and embedder is None:
        raise EvaluationError(f"mode {mode} needs an embedding model, found none: give one, or use the mode lexical")
    if mode == "lexical":
        embedder = None
    engine = engine_of(collection, embedder)
    found: dict[str, list[tuple[str, float]]] = {}
    seconds = 0.0
    for query_id, text in zip(collection.query_ids, collection.queries, strict=True):
        start = time.perf_counter()
        vector = embedder.encode_query([text])[0] if embedder is not None else None
        hits = rank(text, vector, engine, mode=mode, k=k, weights=weights)
        seconds += time.perf_counter() - start
        found[query_id] = [(collection.passage_ids[hit.row], hit.score) for hit in hits]
        if progress is not None:
            progress(1)
    return Ranking(found, round(1000 * seconds / max(1, len(found)), 3))


def compare_rankings(collection: Collection, this: Ranking, other: Ranking) -> dict[str, Difference]:
    """Return the difference of every measure over the judged questions, `this` less `other`."""
    left, right = ([*ranking.each(collection).values()] for ranking in (this, other))
    return compare(
        {name: [(row[name], 1.0) for row in left] for name in MEASURES},
        {name: [(row[name], 1.0) for row in right] for name in MEASURES},
    )


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
