"""Ranks passages by all evidence there is and says of each hit what it owes to which evidence.

Five legs. Words: BM25 of the passage, of the whole article it stands in, and of its title and headings. Meaning: the
cosine of the passage and the best cosine in its article. Knows nothing of files, filters' meanings or synonyms.

    lexical = (1 - article - context) * BM25(passage) + article * BM25(article) + context * BM25(title and headings)
    score   = (1 - dense) * lexical / highest lexical of the query + dense * mean of the two cosines

The three BM25 scores are added as they are, because they share one scale. Each divided by its own maximum, as is often
done, makes a title that shares one character with the question worth as much as one that repeats it, and costs half a
point to six points of nDCG@10 on web pages with titles. Cosines are taken as they are for the same reason. Reciprocal
rank fusion loses ten points while the dense leg is the weaker one (docs/retrieval.md).

All scores come from the whole collection before `allowed` is applied, so a filter removes hits and never reorders those
that stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from index.store.best import best_places

if TYPE_CHECKING:
    from index.store.terms import Also, Terms
    from index.store.vectors import Vectors

Mode = Literal["hybrid", "dense", "lexical"]
Leg = Literal["passage", "article", "context", "dense", "dense_article"]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts; chosen on all collections of bench/retrieval.py together.

    `article` and `context` are shares of the lexical evidence; the passage has the rest. Where a collection has no
    articles or titles, what there is shares the whole in the same proportions. `dense` is the share of the dense
    evidence in the whole, measured with the bundled model (a stronger model deserves more); of it `dense_article` goes
    to the best vector of the article.
    """

    article: float = 0.4
    context: float = 0.2
    dense: float = 0.2
    dense_article: float = 0.5

    def __post_init__(self) -> None:
        shares = (self.article, self.context, self.dense, self.dense_article)
        if not (all(0 <= share <= 1 for share in shares) and self.article + self.context < 1):
            raise ValueError(f"weights are from 0 to 1, article and context together below 1; found {self}")


@dataclass(frozen=True, slots=True)
class Part:
    """What one leg gave a hit: `share` = `weight` * `normalised`; the shares of a hit add up to its score.

    `raw` is the BM25 score or cosine. `normalised` is that on the scale of the fusion: BM25 over the highest lexical
    score of the query, a cosine as it is but never below zero.
    """

    leg: Leg
    raw: float
    normalised: float
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """One hit: the row of the passage, its score (above 0, at most about 1) and what each leg gave to it."""

    row: int
    score: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Evidence:
    leg: Leg
    weight: float
    raw: NDArray[np.float32]  # of every passage


def rank(
    query_text: str,
    query_vector: NDArray[np.float32] | None,
    *,
    passage_terms: Terms,
    article_terms: Terms | None = None,
    context_terms: Terms | None = None,
    article_of: NDArray[np.int64] | None = None,
    vectors: Vectors | None = None,
    weights: Weights | None = None,
    mode: Mode = "hybrid",
    k: int = 10,
    allowed: NDArray[np.int64] | None = None,
    also: Also = (),
) -> list[Ranked]:
    """Return the best `k` passages, best first, ties in the order of rows; only passages with a score above zero.

    `article_of` (passages,) gives the row in `article_terms` of each passage's article. `context_terms` has a row a
    passage: title and heading path. `allowed` are the rows that may be returned. `hybrid` without a query vector, or
    with one that is all zero because the model knows nothing of the question, is `lexical`; `lexical` keeps the
    evidence of article and context; `dense` is the passage's own cosine alone. `also` are other wordings for words of
    the query with their factors, for the lexical legs.
    """
    if k < 1:
        raise ValueError(f"k is the number of hits wanted, at least 1; found {k}")
    if article_terms is not None and article_of is None:
        raise ValueError("article_terms came without article_of, which says to which article each passage belongs")
    weights = weights or Weights()
    dense: list[_Evidence] = []
    if mode != "lexical":
        dense = _dense_evidence(query_vector, vectors, article_of if mode == "hybrid" else None, weights)
    if mode == "dense":
        return _best(dense, [], 1.0, k, allowed) if dense else []
    words = _lexical_evidence(query_text, also, passage_terms, article_terms, context_terms, article_of, weights)
    return _best(dense, words, weights.dense if dense else 0.0, k, allowed)


def _dense_evidence(
    query_vector: NDArray[np.float32] | None,
    vectors: Vectors | None,
    article_of: NDArray[np.int64] | None,
    weights: Weights,
) -> list[_Evidence]:
    if query_vector is None or vectors is None or not len(vectors) or not np.any(query_vector):
        return []
    cosines = vectors.scores(query_vector)
    if article_of is None:
        return [_Evidence("dense", 1.0, cosines)]
    best = np.full(int(article_of.max()) + 1, -1, dtype=np.float32)
    np.maximum.at(best, article_of, cosines)
    return [
        _Evidence("dense", 1 - weights.dense_article, cosines),
        _Evidence("dense_article", weights.dense_article, best[article_of]),
    ]


def _lexical_evidence(
    query_text: str,
    also: Also,
    passage_terms: Terms,
    article_terms: Terms | None,
    context_terms: Terms | None,
    article_of: NDArray[np.int64] | None,
    weights: Weights,
) -> list[_Evidence]:
    others: list[_Evidence] = []
    if article_terms is not None and article_of is not None:
        others.append(_Evidence("article", weights.article, article_terms.scores(query_text, also)[article_of]))
    if context_terms is not None:
        others.append(_Evidence("context", weights.context, context_terms.scores(query_text, also)))
    own = 1 - weights.article - weights.context
    legs = [_Evidence("passage", own, passage_terms.scores(query_text, also)), *others]
    whole = sum(evidence.weight for evidence in legs)
    return [_Evidence(evidence.leg, evidence.weight / whole, evidence.raw) for evidence in legs]


def _best(
    dense: list[_Evidence],
    words: list[_Evidence],
    dense_weight: float,
    k: int,
    allowed: NDArray[np.int64] | None,
) -> list[Ranked]:
    """Return the best hits of the weighted sum, each with its parts."""
    lexical = sum((e.weight * e.raw for e in words), start=np.float32(0))
    highest = float(np.max(lexical, initial=0))
    scale = 1 / highest if highest > 0 else 0.0
    # (leg, its weight in the whole, its raw scores, its scores on the common scale)
    legs = [(e, (1 - dense_weight) * e.weight, e.raw * np.float32(scale)) for e in words]
    legs += [(e, dense_weight * e.weight, np.maximum(e.raw, 0)) for e in dense]
    score = sum((np.float32(weight) * normalised for _, weight, normalised in legs), start=np.float32(0))
    assert isinstance(score, np.ndarray)  # there is always a leg; tells mypy
    if allowed is None:
        rows = best_places(score, k)
    else:
        candidates = np.unique(np.asarray(allowed, dtype=np.int64))
        rows = candidates[best_places(score[candidates], k)]
    hits = []
    for row in rows[score[rows] > 0].tolist():
        parts = tuple(
            Part(e.leg, float(e.raw[row]), float(normalised[row]), weight, weight * float(normalised[row]))
            for e, weight, normalised in legs
        )
        hits.append(Ranked(row, sum(part.share for part in parts), parts))
    return hits
