"""What the words of a question find: a rough sum over the whole collection, and BM25F over a few passages.

The two stages, their formulas and why there are two stand in `ranking`, which mixes them with the meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from index.engine import Words
    from index.store.terms import Grams, Terms, Vocabulary

# Shares of the rough sum; chosen on the five collections of bench/retrieval.py when it was all there was.
ROUGH = {"passage": 0.4, "article": 0.4, "context": 0.2}
# A word may be rarer in a field than in the passages (in titles), but one field never counts for more than two.
_MAX_IDF_RATIO = 2.0
# In a large collection the rough sum leaves out grams that stand in more than this share of the texts: they are more
# than half of the postings, and leaving them out moves no figure of the two medical collections, which are large.
_COMMON = 0.25
_LARGE = 5_000
# Postings that one rough sum reads at most; 500,000 take some 10 ms. With 0.6 of them for each text, as these are for
# 830,000 texts, no collection of bench/retrieval.py lost more than 0.0002 of nDCG@10, with 0.4 up to 0.0018. Fewer for
# the words a bank lends, 100,000 for 246,592 texts, changed the first ten of every second question.
POSTINGS = 500_000

_Floats = NDArray[np.float32]
_Rows = NDArray[np.int64]
# Words in this process: their leg and their postings.
Counted = tuple[str, "Terms"]


class Known(Protocol):
    """Words whose frequencies are known, wherever their postings lie."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The terms and in how many texts each stands."""

    def __len__(self) -> int:
        """Return the number of texts."""

    def weigh(self, grams: Grams) -> tuple[_Rows, _Floats]:
        """Return the terms of a question that occur, ascending, and their idf times occurrences."""


@dataclass(frozen=True, slots=True)
class Field:
    """Words of one kind: passage, article or context.

    `of` gives each passage's row in `terms`, None where they are the same. `factor` is what a word counts here beside
    one in the passage.
    """

    leg: str
    terms: Words
    of: NDArray[np.int64] | None
    factor: float

    def rows(self, passages: _Rows) -> _Rows:
        """Return the rows in `terms` of these passages."""
        return passages if self.of is None else self.of[passages]


def rough_scores(
    words: Sequence[Counted], grams: Grams, articles: Articles | None, postings: int = POSTINGS
) -> _Floats:
    """Return the weighted sum of the fields' BM25 for every passage, scaled so that the best has one.

    The first field is that of the passages. At most so many `postings` are read.
    """
    whole = sum(ROUGH[leg] for leg, _ in words)
    parts: list[_Floats] = []
    for (leg, terms), (numbers, factors) in zip(words, terms_read(words, grams, whole, postings), strict=True):
        if not len(numbers) and parts:
            continue
        is_large = len(terms) > postings
        found = terms.sum_once(numbers, factors) if is_large else terms.sum_of(numbers, factors)
        if leg == "article":
            assert articles is not None  # whoever has their words knows whose they are
            found = articles.spread(found)
        parts.append(found)
    score, *others = parts
    for part in others:
        score += part
    highest = float(np.max(score, initial=0))
    if highest > 0:
        score *= np.float32(1 / highest)
    return score


def share_read(texts: int) -> float:
    """Return in how large a share of so many texts a gram may stand that the rough sum reads; others where none is."""
    return _COMMON if texts >= _LARGE else 1.0


def terms_read(
    words: Sequence[tuple[str, Known]], grams: Grams, whole: float, postings: int = POSTINGS
) -> list[tuple[_Rows, _Floats]]:
    """Return for each field the terms that its part of the rough sum reads, ascending, and what their weights count.

    `whole` is the sum of the fields' shares: what evidence there is shares in the same proportions. A term that every
    other text has says little and has the most postings. Where all would be more than `postings`, those that say most
    are read, each posting costing the same; the second stage counts all of them (Moffat and Zobel, Self-indexing
    inverted files for fast text retrieval, 1996, stop likewise when they have read enough).
    """
    found = []
    for leg, terms in words:
        numbers, factors = terms.weigh(grams)
        rare = terms.vocabulary.frequency(numbers) <= share_read(len(terms)) * len(terms)
        if np.any(rare):
            numbers, factors = numbers[rare], factors[rare]
        found.append((numbers, factors * np.float32(ROUGH[leg] / whole)))
    sizes = [terms.vocabulary.frequency(numbers) for (_, terms), (numbers, _) in zip(words, found, strict=True)]
    if sum(int(part.sum()) for part in sizes) <= postings:
        return found
    order = np.argsort(-np.concatenate([factors for _, factors in found]), kind="stable")
    is_read = np.zeros(len(order), dtype=bool)
    is_read[order] = np.cumsum(np.concatenate(sizes)[order]) <= postings
    is_read[order[0]] = True
    parts = np.split(is_read, np.cumsum([len(numbers) for numbers, _ in found])[:-1])
    return [(numbers[part], factors[part]) for (numbers, factors), part in zip(found, parts, strict=True)]


def bm25f(words: Sequence[Field], grams: Grams, rows: _Rows) -> list[_Floats]:
    """Return for each field its part of the lexical score of each of `rows`; the parts add up to that score.

    The first field is that of the passages.
    """
    own = words[0].terms
    if not len(grams.keys):
        return [np.zeros(len(rows), dtype=np.float32) for _ in words]
    # A gram that no passage has, or only titles have, is as rare as can be.
    idf = own.idf_of(grams.keys)
    evidence = []
    for field in words:
        stored = field.terms.stored(grams.keys, field.rows(rows))
        amount = stored / (np.float32(field.terms.k1 + 1) - stored)  # tf / K
        factor = np.minimum(field.terms.idf_of(grams.keys) / idf, _MAX_IDF_RATIO) * np.float32(field.factor)
        evidence.append(amount * factor[:, None])
    whole = sum(evidence, start=np.float32(1))
    gain = (grams.times * idf * np.float32(own.k1 + 1))[:, None] / whole
    # A running total adds gram by gram: to the last bit, a score does not depend on which others are looked at.
    return [np.cumsum(gain * part, axis=0)[-1] for part in evidence]


class Articles:
    """Which passages belong to which article, asked from both sides."""

    def __init__(self, of: NDArray[Any]) -> None:
        """`of` (passages,) is the article row of each passage row."""
        self.of = np.asarray(of, dtype=np.intp)  # NumPy gathers by these half as fast again as by others
        # In the order of articles, as every build is, the passages of each follow one another.
        self._starts: _Rows | None = None
        if len(of) and np.all(of[1:] >= of[:-1]):
            self._starts = np.searchsorted(self.of, np.arange(int(of[-1]) + 2)).astype(np.int64)

    def spread(self, values: _Floats) -> _Floats:
        """Return for every passage the value of its article; `values` (articles,)."""
        return values.take(self.of)

    def members(self, articles: _Rows) -> tuple[_Rows, _Rows]:
        """Return the passages of `articles` (each once, ascending), ordered by article, and where each's begin."""
        if self._starts is None:
            rows = np.flatnonzero(np.isin(self.of, articles))
            rows = rows[np.argsort(self.of[rows], kind="stable")]
            return rows, np.searchsorted(self.of[rows], articles)
        begins, sizes = self._starts[articles], self._starts[articles + 1] - self._starts[articles]
        starts = np.cumsum(sizes) - sizes
        return np.repeat(begins - starts, sizes) + np.arange(int(sizes.sum())), starts

    def best(self, rows: _Rows, cosines_of: Callable[[_Rows], _Floats]) -> _Floats:
        """Return for each of `rows` the best cosine in its article."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        articles, place = np.unique(np.asarray(self.of[rows], dtype=np.int64), return_inverse=True)
        members, starts = self.members(articles)
        best: _Floats = np.maximum.reduceat(cosines_of(members), starts)
        found: _Floats = best[place]
        return found


def best_of_article(cosines: _Floats, article_of: _Rows, rows: _Rows) -> _Floats:
    """Return for each of `rows` the best in its article of the `cosines` (passages,)."""
    return Articles(article_of).best(rows, lambda members: cosines[members])
