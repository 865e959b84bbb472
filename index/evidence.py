"""What the words of a question find: a rough sum over the whole collection, and BM25F over a few passages.

The two stages, their formulas and why there are two stand in `ranking`, which mixes them with the meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from index.engine import Words
    from index.store.terms import Grams, Terms

# Shares of the rough sum; chosen on the five collections of bench/retrieval.py when it was all there was.
ROUGH = {"passage": 0.4, "article": 0.4, "context": 0.2}
# A word may be rarer in a field than in the passages (in titles), but one field never counts for more than two.
_MAX_IDF_RATIO = 2.0
# In a large collection the rough sum leaves out grams that stand in more than this share of the texts: they are more
# than half of the postings, and leaving them out moves no figure of the two medical collections, which are large.
_COMMON = 0.25
_LARGE = 5_000
# Postings that one rough sum reads.
POSTINGS = 600_000

_Floats = NDArray[np.float32]
_Rows = NDArray[np.int64]
# Words in this process: their leg, their postings, and the row in them of each passage (None: the same).
Counted = tuple[str, "Terms", _Rows | None]


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


def rough_scores(words: Sequence[Counted], grams: Grams) -> _Floats:
    """Return the weighted sum of the fields' BM25 for every passage, scaled so that the best has one."""
    # What evidence there is shares the whole in the same proportions.
    whole = sum(ROUGH[leg] for leg, _, _ in words)
    score = np.zeros(len(words[0][1]), dtype=np.float32)
    for (_, terms, of), (numbers, factors) in zip(words, _chosen(words, grams, whole), strict=True):
        found = terms.sum_of(numbers, factors)
        score += found if of is None else found[of]
    highest = float(np.max(score, initial=0))
    if highest > 0:
        score *= np.float32(1 / highest)
    return score


def share_read(texts: int) -> float:
    """Return in how large a share of so many texts a gram may stand that the rough sum reads; others where none is."""
    return _COMMON if texts >= _LARGE else 1.0


def _chosen(words: Sequence[Counted], grams: Grams, whole: float) -> list[tuple[_Rows, _Floats]]:
    """Return for each field the terms that its part of the rough sum reads, and what a weight of theirs counts."""
    found = []
    for leg, terms, _ in words:
        numbers, factors = terms.weigh(grams)
        rare = terms.vocabulary.frequency(numbers) <= share_read(len(terms)) * len(terms)
        if np.any(rare):
            numbers, factors = numbers[rare], factors[rare]
        found.append((numbers, factors * np.float32(ROUGH[leg] / whole)))
    sizes = [terms.vocabulary.frequency(numbers) for (_, terms, _), (numbers, _) in zip(words, found, strict=True)]
    if sum(int(part.sum()) for part in sizes) <= POSTINGS:
        return found
    # A posting of a rare term says more than one of a common term, and costs the same.
    order = np.argsort(-np.concatenate([factors for _, factors in found]), kind="stable")
    is_read = np.zeros(len(order), dtype=bool)
    is_read[order] = np.cumsum(np.concatenate(sizes)[order]) <= POSTINGS
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


def best_of_article(cosines: _Floats, article_of: _Rows, rows: _Rows) -> _Floats:
    """Return for each of `rows` the best cosine in its article."""
    articles, place = np.unique(article_of[rows], return_inverse=True)
    best = np.full(len(articles), -1, dtype=np.float32)
    if np.all(article_of[1:] >= article_of[:-1]):  # in the order of articles, as every build is
        starts, ends = (np.searchsorted(article_of, articles, side) for side in ("left", "right"))
        for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            best[number] = cosines[start:end].max()
    else:
        members = np.flatnonzero(np.isin(article_of, articles))
        np.maximum.at(best, np.searchsorted(articles, article_of[members]), cosines[members])
    found: _Floats = best[place]
    return found
