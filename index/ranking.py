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

What holds words and vectors, and picks the passages for the second stage by the rough sum, is an engine (`engine`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.engine import Asked, Engine, Look
from index.evidence import Field, bm25f_of_each, heaviest, share_read
from index.store.terms import query_grams

if TYPE_CHECKING:
    from index.filters import Filters
    from index.store.terms import Also, Grams

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


class Part(NamedTuple):
    """What one leg gave a hit: `share` = `weight` * `normalised`; the shares of a hit add up to its score.

    `raw` is the leg's part of the lexical score, or its cosine. `normalised` is that on the scale of the fusion: a
    lexical part over the highest lexical score of the query, a cosine as it is but never below zero.
    """

    leg: str
    raw: float
    normalised: float
    weight: float
    share: float


class Ranked(NamedTuple):
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

    def above_zero(self) -> Pool:
        """Return the pool without the passages that nothing speaks for."""
        kept = self.scores() > 0
        return Pool(
            self.rows[kept], tuple((name, weight, raw[kept], scaled[kept]) for name, weight, raw, scaled in self.legs)
        )

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
    engine: Engine,
    *,
    weights: Weights | None = None,
    mode: Mode = "hybrid",
    k: int = 10,
    allowed: NDArray[np.int64] | None = None,
    filters: Filters | None = None,
    also: Also = (),
    lent: Lent | None = None,
) -> list[Ranked]:
    """Return the best `k` passages, best first, ties in the order of rows; only passages with a score above zero.

    The arguments are those of `pool`.
    """
    return pool(
        query_text,
        query_vector,
        engine,
        weights=weights,
        mode=mode,
        k=k,
        allowed=allowed,
        filters=filters,
        also=also,
        lent=lent,
    ).best(k)


def pool(
    query_text: str,
    query_vector: NDArray[np.float32] | None,
    engine: Engine,
    *,
    weights: Weights | None = None,
    mode: Mode = "hybrid",
    k: int = 10,
    allowed: NDArray[np.int64] | None = None,
    filters: Filters | None = None,
    also: Also = (),
    grams: Grams | None = None,
    lent: Lent | None = None,
) -> Pool:
    """Return the passages worth a closer look, `POOL` or `k` where that is more; only those with a score above zero.

    `allowed` are the rows that may be returned, `filters` what they come from. `hybrid` without a query vector, or with
    one that is all zero because the model knows nothing of the question, is `lexical`; `lexical` keeps the evidence of
    article and context; `dense` is the passage's own cosine alone. `also` are other wordings for words of the query
    with their factors, for the lexical legs; `grams` is what `query_grams` makes of both, where that is known already.
    `lent` are words that a question bank lends to a hybrid search.
    """
    if k < 1:
        raise ValueError(f"k is the number of hits wanted, at least 1; found {k}")
    weights = weights or Weights()
    vector: _Floats | None = None
    if mode != "lexical" and query_vector is not None and np.any(query_vector) and engine.has_vectors:
        vector = query_vector
    if mode == "dense":
        return _dense(engine, vector, max(POOL, k), allowed, filters)
    grams = query_grams(query_text, also) if grams is None else grams
    words = fields_of(engine, weights)
    strength = lent.strength if lent is not None and mode == "hybrid" else 0.0
    dense = 0.0 if vector is None else weights.dense + (weights.dense_near - weights.dense) * strength
    borrowed = weights.bank * strength
    borrows = heaviest(engine.passage_terms, lent.grams) if lent is not None and borrowed else None
    asked = Asked(grams, vector, dense, borrows, borrowed, filters)
    look = engine.look(asked)
    best = look.pick(POOL, None)
    if len(best) < POOL and share_read(len(engine.passage_terms)) < 1:
        # Too few passages have a rare word of the question: those with its common words are looked for too.
        asked = replace(asked, common=True)
        look = engine.look(asked)
        best = look.pick(POOL, None)
    best = np.sort(best)  # ascending, as postings are: they are found in those half as fast again
    rows = best if allowed is None and k <= POOL else np.sort(_within(engine, look, asked, max(POOL, k), allowed))
    picked = len(rows)
    if allowed is not None:
        rows = _filled(rows, allowed, max(POOL, k))
    own = 1 - borrowed
    of_words, *of_lent = _lexical(words, [grams] if borrows is None else [grams, borrows], rows, best)
    parts = [(leg, own * (1 - dense), raw, scaled) for leg, raw, scaled in of_words]
    if vector is not None:
        cosines, nearest = look.cosines(rows)
        share = weights.dense_article if nearest is not None else 0.0
        parts.append(("dense", own * dense * (1 - share), cosines, np.maximum(cosines, 0)))
        if nearest is not None:
            parts.append(("dense_article", own * dense * share, nearest, np.maximum(nearest, 0)))
    for of_fields in of_lent:
        raw = np.sum(np.stack([raw for _, raw, _ in of_fields]), axis=0)
        scaled = np.sum(np.stack([scaled for _, _, scaled in of_fields]), axis=0)
        parts.append(("bank", borrowed, raw, scaled))
    found = Pool(rows, tuple(parts))
    return found if len(rows) == picked else found.above_zero()


def _within(engine: Engine, look: Look, asked: Asked, wanted: int, allowed: _Rows | None) -> _Rows:
    """Return the rows to look at closely of those that are `allowed` (None: of all), at most so many.

    Where a filter keeps many and few of them have a rare word of the question, common words choose among them too: by
    meaning alone, or in order, those that say most might not be looked at. The scale stays that of `look`.
    """
    leaves_out = not asked.common and share_read(len(engine.passage_terms)) < 1
    if allowed is not None and len(allowed) > wanted and leaves_out and look.has_fewer(wanted, allowed):
        look = engine.look(replace(asked, common=True))
    return look.pick(wanted, allowed)


def _filled(rows: _Rows, allowed: _Rows, wanted: int) -> _Rows:
    """Return `rows` with others that are allowed, in order, up to so many.

    The rough sum of a large collection leaves out common words, so it may be zero for passages that have nothing else
    of the question. A filter must not lose them.
    """
    if len(rows) >= min(wanted, len(allowed)):
        return rows
    return np.concatenate([rows, np.setdiff1d(allowed, rows)[: wanted - len(rows)]])


def fields_of(engine: Engine, weights: Weights) -> list[Field]:
    """Return the kinds of words there are, each with what a word counts there."""
    words = [Field("passage", engine.passage_terms, None, 1.0)]
    if engine.article_terms is not None:
        words.append(Field("article", engine.article_terms, engine.article_of, weights.article))
    if engine.context_terms is not None:
        words.append(Field("context", engine.context_terms, None, weights.context))
    return words


def _dense(engine: Engine, vector: _Floats | None, k: int, allowed: _Rows | None, filters: Filters | None) -> Pool:
    """Return the best `k` of the allowed passages by their own cosine, of those with one above zero."""
    rows, scores = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    if vector is not None:
        found_scores, found_rows = engine.nearest(vector, k, allowed, filters)
        is_near = found_scores > 0
        rows, scores = found_rows[is_near], found_scores[is_near]
    return Pool(rows, (("dense", 1.0, scores, scores),))


def _lexical(
    words: Sequence[Field], asked: Sequence[Grams], rows: _Rows, best: _Rows
) -> list[list[tuple[str, _Floats, _Floats]]]:
    """Return for each of `asked` by field its name, its part of the lexical score of each row, and that scaled.

    The scale is the highest lexical score of `best`, whatever is allowed and however many are wanted.
    """
    found = []
    for parts in bm25f_of_each(words, asked, rows if rows is best else np.concatenate([rows, best])):
        highest = float(np.max(sum(part[len(part) - len(best) :] for part in parts), initial=0))
        scale = np.float32(1 / highest if highest > 0 else 0)
        legs = [part[: len(rows)] for part in parts]
        found.append([(field.leg, leg, leg * scale) for field, leg in zip(words, legs, strict=True)])
    return found
