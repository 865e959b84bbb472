"""Ranks passages by all evidence there is and says of each hit what it owes to which evidence.

Five legs. Words: the passage, the whole article it stands in, its title and headings. Meaning: the cosine of the
passage and the best cosine in its article. Knows nothing of files, filters' meanings, synonyms or places.

Two stages. A sum over the whole collection picks the passages worth a closer look, in one pass over the postings:

    rough = (1 - dense) * BM25 / highest BM25 + dense * cosine
    BM25  = 0.4 BM25(passage) + 0.4 BM25(article) + 0.2 BM25(title and headings)

Those are ranked by BM25F (Robertson, Zaragoza and Taylor, Simple BM25 Extension to Multiple Weighted Fields, 2004):
what passage, article and title have of a word is added before it saturates. In the sum above a passage that repeats the
title is paid twice for the same words and beats the one that says what was asked; so 69 of 339 questions on policy
notices found the right article and its opening lines. Each field's share in a word falls with how common the word is
in that field: where all articles speak of insurance, an article that does says nothing.

    x(word)      = sum over fields:  factor * tf / K * idf in the field / idf in the passages     (K: k1 and length)
    lexical      = sum over words:   times asked * idf * (k1 + 1) * x / (1 + x)
    score        = (1 - dense) * lexical / highest lexical + dense * mean of the two cosines

Where a question bank lends words (index/bank), their own lexical score, scaled alike, takes a share of the whole.

tf / K need not be stored: it is w / (k1 + 1 - w) of the stored weight w. Reciprocal rank fusion loses ten points while
the dense leg is the weaker one, cosines divided by their maximum lose half a point (docs/retrieval.md).

All scores come from the whole collection before `allowed` is applied, so a filter removes hits and never rescores
those that stay.

Where vectors are too many to compare with every question (index/store/plan.py), cosines are taken of the rows that are
nearest by their codes and of those with the best words (index/meaning.py). A passage that is neither enters the rough
sum by its words alone, and cannot be picked: there are more rows with better words than the pool holds. The scores of
what is picked come from exact cosines all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.evidence import Field, best_of_article, bm25f, rough_scores
from index.meaning import Meaning
from index.store.best import best_places, in_order
from index.store.terms import query_grams

if TYPE_CHECKING:
    from index.store.terms import Also, Grams, Terms
    from index.store.vectors import Vectors

Mode = Literal["hybrid", "dense", "lexical"]

# How many passages the second stage looks at, or as many as are wanted. On the five collections of bench/retrieval.py
# 100 and 200 put the same ten first for all but a few questions, and each hundred costs a millisecond.
POOL = 100
_Floats = NDArray[np.float32]
_Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts; the one place for it, and stored with the model it was measured with.

    `article` and `context` are what a word in the article and in title and headings counts beside one in the passage.
    `dense` is the share of the vectors in the score (a stronger model deserves more); of it `dense_article` goes to the
    best vector of the article. `bank` is the share of what the question bank lends where it lends with full strength,
    and `dense_near` the share of the vectors there: the model was trained on such questions and deserves more trust.
    Chosen on policy notices, an encyclopedia with articles, the sample corpus and the seeds together; `dense` on the
    five collections of bench/retrieval.py with the bundled model.
    """

    article: float = 0.5
    context: float = 1.0
    dense: float = 0.25
    dense_near: float = 0.55
    dense_article: float = 0.5
    bank: float = 0.2

    def __post_init__(self) -> None:
        for field in fields(self):
            value, most = getattr(self, field.name), 4 if field.name in ("article", "context") else 1
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
                raise ValueError(f"the weight {field.name} is a number from 0 to {most}; found {value!r}")

    def as_dict(self) -> dict[str, float]:
        """Return the weights by name, as `from_dict` reads them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Weights:
        """Return the weights in `values`; one that is not named has its default. Raises ValueError for other names."""
        known = [field.name for field in fields(cls)]
        if unknown := sorted(set(values) - set(known)):
            raise ValueError(f"the weights are {', '.join(known)}; found {', '.join(unknown)}")
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Lent:
    """Words lent to a question (index/bank): their grams, and how strongly they count, 0 to 1."""

    grams: Grams
    strength: float


@dataclass(frozen=True, slots=True)
class Part:
    """What one leg gave a hit: `share` = `weight` * `normalised`; the shares of a hit add up to its score.

    `raw` is the leg's part of the lexical score, or its cosine. `normalised` is that on the scale of the fusion: a
    lexical part over the highest lexical score of the query, a cosine as it is but never below zero.
    """

    leg: str
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
class Pool:
    """The passages looked at closely, in no order, with what each leg gave them.

    `rows` (n,) are passages; `legs` are (name, weight, raw values, scaled values), the values of shape (n,). More legs
    may be added before the best are read off: every score stays the sum of its legs.
    """

    rows: NDArray[np.int64]
    legs: tuple[tuple[str, float, NDArray[Any], NDArray[Any]], ...]

    def scores(self) -> NDArray[np.float64]:
        """Return the sum of weight times scaled value over the legs, shape (n,)."""
        total = np.zeros(len(self.rows))
        for _, weight, _, scaled in self.legs:
            total += weight * scaled.astype(np.float64)
        return total

    def with_leg(self, name: str, weight: float, raw: NDArray[Any], scaled: NDArray[Any]) -> Pool:
        """Return the pool with one leg more."""
        return Pool(self.rows, (*self.legs, (name, weight, raw, scaled)))

    def best(self, k: int) -> list[Ranked]:
        """Return the best `k` passages with their parts, best first, ties in the order of rows."""
        scores = self.scores()
        order = np.lexsort((self.rows, -scores))[:k]
        # Python's floats from here: a score is the sum of its parts to the last bit.
        table = [(name, weight, raw[order].tolist(), scaled[order].tolist()) for name, weight, raw, scaled in self.legs]
        return [
            Ranked(
                row,
                score,
                tuple(
                    Part(leg, raw[at], scaled[at], weight, weight * scaled[at]) for leg, weight, raw, scaled in table
                ),
            )
            for at, (row, score) in enumerate(zip(self.rows[order].tolist(), scores[order].tolist(), strict=True))
        ]


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
    lent: Lent | None = None,
) -> list[Ranked]:
    """Return the best `k` passages, best first, ties in the order of rows; only passages with a score above zero.

    The arguments are those of `pool`.
    """
    return pool(
        query_text,
        query_vector,
        passage_terms=passage_terms,
        article_terms=article_terms,
        context_terms=context_terms,
        article_of=article_of,
        vectors=vectors,
        weights=weights,
        mode=mode,
        k=k,
        allowed=allowed,
        also=also,
        lent=lent,
    ).best(k)


def pool(
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
    lent: Lent | None = None,
) -> Pool:
    """Return the passages worth a closer look, `POOL` or `k` where that is more; only those with a score above zero.

    `article_of` (passages,) gives the row in `article_terms` of each passage's article. `context_terms` has a row a
    passage: title and heading path. `allowed` are the rows that may be returned. `hybrid` without a query vector, or
    with one that is all zero because the model knows nothing of the question, is `lexical`; `lexical` keeps the
    evidence of article and context; `dense` is the passage's own cosine alone. `also` are other wordings for words of
    the query with their factors, for the lexical legs. `lent` are words that a question bank lends to a hybrid search.
    """
    if k < 1:
        raise ValueError(f"k is the number of hits wanted, at least 1; found {k}")
    if article_terms is not None and article_of is None:
        raise ValueError("article_terms came without article_of, which says to which article each passage belongs")
    weights = weights or Weights()
    asked: _Floats | None = None
    if mode != "lexical" and vectors is not None and len(vectors) and query_vector is not None and np.any(query_vector):
        asked = query_vector
    if mode == "dense":
        return _dense(vectors, asked, max(POOL, k), allowed)
    grams = query_grams(query_text, also)
    words = [Field("passage", passage_terms, None, 1.0)]
    if article_terms is not None:
        words.append(Field("article", article_terms, article_of, weights.article))
    if context_terms is not None:
        words.append(Field("context", context_terms, None, weights.context))
    strength = lent.strength if lent is not None and mode == "hybrid" else 0.0
    dense = 0.0 if asked is None else weights.dense + (weights.dense_near - weights.dense) * strength
    borrowed = weights.bank * strength
    rough = [rough_scores(words, grams)]
    if lent is not None and borrowed:
        rough.append(rough_scores(words, lent.grams))
    meaning = Meaning(vectors, asked, rough) if vectors is not None and asked is not None else None
    best = _picked(_mixed(rough, meaning, dense, borrowed), POOL, None)
    rows = best
    if allowed is not None or k > POOL:
        if meaning is not None:
            meaning.look_among(allowed, k)
        rows = _picked(_mixed(rough, meaning, dense, borrowed), max(POOL, k), allowed)
    own = 1 - borrowed
    parts = [(leg, own * (1 - dense), raw, scaled) for leg, raw, scaled in _lexical(words, grams, rows, best)]
    if meaning is not None:
        meaning.complete(rows, article_of)
        cosines = meaning.cosines
        share = weights.dense_article if article_of is not None else 0.0
        parts.append(("dense", own * dense * (1 - share), cosines[rows], np.maximum(cosines[rows], 0)))
        if article_of is not None:
            nearest = best_of_article(cosines, article_of, rows)
            parts.append(("dense_article", own * dense * share, nearest, np.maximum(nearest, 0)))
    if lent is not None and borrowed:
        of_fields = _lexical(words, lent.grams, rows, best)
        raw = np.sum(np.stack([raw for _, raw, _ in of_fields]), axis=0)
        scaled = np.sum(np.stack([scaled for _, _, scaled in of_fields]), axis=0)
        parts.append(("bank", borrowed, raw, scaled))
    return Pool(rows, tuple(parts))


def _dense(vectors: Vectors | None, asked: _Floats | None, k: int, allowed: _Rows | None) -> Pool:
    """Return the best `k` of the allowed passages by their own cosine, of those with one above zero."""
    rows, scores = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    if vectors is not None and asked is not None:
        found_scores, found_rows = vectors.search(asked[None], k, allowed=allowed)
        is_near = found_scores[0] > 0
        rows, scores = found_rows[0][is_near], found_scores[0][is_near]
    return Pool(rows, (("dense", 1.0, scores, scores),))


def _mixed(rough: Sequence[_Floats], meaning: Meaning | None, dense: float, borrowed: float) -> _Floats:
    """Return the rough sum of every passage: of its words, its meaning, and the words that were lent, if any."""
    own, *lent = rough
    mixed = own
    if meaning is not None:
        mixed = own * np.float32(1 - dense)
        mixed += np.float32(dense) * np.maximum(meaning.cosines, 0)
    for scores in lent:
        mixed = mixed * np.float32(1 - borrowed)
        mixed += np.float32(borrowed) * scores
    return mixed


def _lexical(words: Sequence[Field], grams: Grams, rows: _Rows, best: _Rows) -> list[tuple[str, _Floats, _Floats]]:
    """Return for each field its name, its part of the lexical score of each of `rows`, and that on the common scale.

    The scale is the highest lexical score of `best`, whatever is allowed and however many are wanted.
    """
    legs = bm25f(words, grams, rows)
    top = legs if rows is best else bm25f(words, grams, best)
    highest = float(np.max(sum(top), initial=0))
    scale = np.float32(1 / highest if highest > 0 else 0)
    return [(field.leg, leg, leg * scale) for field, leg in zip(words, legs, strict=True)]


def _picked(scores: _Floats, k: int, allowed: _Rows | None) -> _Rows:
    """Return the rows of the best `k` scores above zero, best first."""
    if allowed is None:
        rows = best_places(scores, k)
    else:
        candidates = in_order(np.asarray(allowed, dtype=np.int64))
        rows = candidates[best_places(scores[candidates], k)]
    return rows[scores[rows] > 0]
