"""What the words of a question find: a rough sum over the whole collection, and BM25F over a few passages.

The two stages, their formulas and why there are two stand in `ranking`, which mixes them with the meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.store.best import sorted_once
from index.store.once import Once, PackedTerms, UnpackedTerms

if TYPE_CHECKING:
    from index.engine import Words
    from index.store.terms import Grams, Terms
    from index.store.vocabulary import Vocabulary

# Shares of the rough sum; chosen on the five collections of bench/retrieval.py when it was all there was.
ROUGH = {"passage": 0.4, "article": 0.4, "context": 0.2}
# A word may be rarer in a field than in the passages (in titles), but one field never counts for more than two.
_MAX_IDF_RATIO = 2.0
# In a large collection the rough sum leaves out grams that stand in more than this share of the texts: they are more
# than half of the postings, and leaving them out moves no figure of the two medical collections, which are large.
_COMMON = 0.25
_LARGE = 5_000
# Postings that one rough sum reads at most; 500,000 take some 10 ms. With 0.6 of them for each text, as these are for
# 830,000 texts, no collection of bench/retrieval.py lost more than 0.0002 of nDCG@10, with 0.4 up to 0.0018.
POSTINGS = 500_000
# In more passages than this the rough sum counts a word once wherever it stands, and of the two hundred grams that a
# bank lends to a question the 96 that say most are counted. Forced on the collections with half a posting for each
# text, together with the lists of vectors, this took at most 0.0014 of nDCG@10 (policy notices, 0.7932 to 0.7918;
# bench/shortcuts.py).
ONCE = 100_000
LENT_GRAMS = 96
# Postings that the rough sum of lent words reads where vectors have lists.
LENT_POSTINGS = 250_000

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


@dataclass(frozen=True, slots=True)
class Rough:
    """What words say of every passage: `scores` (passages,), and the `scale` at which the best has one."""

    scores: _Floats
    scale: np.float32

    def of(self, rows: _Rows | None) -> _Floats:
        """Return the scaled scores of `rows` (None: of all)."""
        return (self.scores if rows is None else self.scores[rows]) * self.scale


@dataclass(frozen=True, slots=True)
class RoughSums:
    """A rough sum that is added up where it is asked for; each word counts once wherever it stands.

    `own` is the sum over the passages, `whole` (articles,) that over the articles.
    """

    own: Once
    whole: _Floats
    of_passage: NDArray[np.intp]

    @classmethod
    def read(cls, words: Sequence[Counted], grams: Grams, articles: Articles | None, postings: int) -> RoughSums:
        """Read the postings; the arguments are those of `rough_scores`."""
        kinds, whole = _standing(words, grams, postings)
        own = Once.add_up(kinds)
        if whole is None or articles is None:
            return cls(own, np.zeros(1, dtype=np.float32), np.zeros(len(own.listed), dtype=np.intp))
        return cls(own, whole, articles.of)

    def of(self, rows: _Rows | None) -> _Floats:
        """Return the sums of a few passages (None: of all), scaled so that the best of them has one."""
        total = self.own.everywhere() if rows is None else self.own.of(rows)
        total = total + self.whole[self.of_passage if rows is None else self.of_passage[rows]]
        return total * _scale(total)


def _standing(
    words: Sequence[Counted], grams: Grams, postings: int, *, common: bool = False
) -> tuple[list[UnpackedTerms | PackedTerms], _Floats | None]:
    """Return where the grams stand in the passages, by kind, and their sum over the articles where these are known."""
    shares = sum(ROUGH[leg] for leg, _ in words)
    read = zip(words, terms_read(words, grams, shares, postings, common=common), strict=True)
    standing = {leg: terms.standing(*weighed) for (leg, terms), weighed in read}
    above = standing.pop("article", None)
    return list(standing.values()), None if above is None else Once.add_up([above]).everywhere()


def _scale(scores: _Floats) -> np.float32:
    highest = float(np.max(scores, initial=0))
    return np.float32(1 / highest if highest > 0 else 1)


def rough_scores(
    words: Sequence[Counted],
    grams: Grams,
    articles: Articles | None,
    postings: int = POSTINGS,
    *,
    common: bool = False,
) -> Rough:
    """Return the weighted sum of the fields' BM25 for every passage.

    The first field is that of the passages. At most so many `postings` are read; `common` as in `terms_read`.
    """
    if is_large(words):
        kinds, above = _standing(words, grams, postings, common=common)
        spread = None if above is None or articles is None else articles.spread(above)
        sums = Once.add_up(kinds, onto=spread).everywhere()
        return Rough(sums, _scale(sums))
    whole = sum(ROUGH[leg] for leg, _ in words)
    parts: list[_Floats] = []
    for (leg, terms), (numbers, factors) in zip(
        words, terms_read(words, grams, whole, postings, common=common), strict=True
    ):
        if not len(numbers) and parts:
            continue
        found = terms.sum_of(numbers, factors)
        if leg == "article":
            assert articles is not None  # whoever has their words knows whose they are
            found = articles.spread(found)
        parts.append(found)
    score, *others = parts
    for part in others:
        score += part
    return Rough(score, _scale(score))


def is_large(words: Sequence[Counted]) -> bool:
    """Say whether there are so many passages that the rough sum counts each word once wherever it stands."""
    return len(words[0][1]) > ONCE


def share_read(texts: int) -> float:
    """Return in how large a share of so many texts a gram may stand that the rough sum reads; others where none is."""
    return _COMMON if texts >= _LARGE else 1.0


def terms_read(
    words: Sequence[tuple[str, Known]],
    grams: Grams,
    whole: float,
    postings: int = POSTINGS,
    *,
    common: bool = False,
) -> list[tuple[_Rows, _Floats]]:
    """Return for each field the terms that its part of the rough sum reads, ascending, and what their weights count.

    `whole` is the sum of the fields' shares: what evidence there is shares in the same proportions. A term that every
    other text has says little and has the most postings; it is read where `common` says so or there is no other. Where
    all would be more than `postings`, those that say most are read, each posting costing the same; the second stage
    counts all of them (Moffat and Zobel, Self-indexing inverted files for fast text retrieval, 1996, stop likewise when
    they have read enough).
    """
    found = []
    for leg, terms in words:
        numbers, factors = terms.weigh(grams)
        most = len(terms) if common else share_read(len(terms)) * len(terms)
        rare = terms.vocabulary.frequency(numbers) <= most
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


def heaviest(own: Words, grams: Grams, most: int = LENT_GRAMS) -> Grams:
    """Return the grams that are counted of those a question bank lends: of a large collection those that say most."""
    if len(own) <= ONCE or len(grams.keys) <= most:
        return grams
    weights = own.idf_of(grams.keys) * grams.times
    kept = np.sort(np.argsort(-weights, kind="stable")[:most])
    return replace(grams, keys=grams.keys[kept], times=grams.times[kept])


def bm25f(words: Sequence[Field], grams: Grams, rows: _Rows) -> list[_Floats]:
    """Return for each field its part of the lexical score of each of `rows`; the parts add up to that score.

    The first field is that of the passages.
    """
    return bm25f_of_each(words, [grams], rows)[0]


def bm25f_of_each(words: Sequence[Field], asked: Sequence[Grams], rows: _Rows) -> list[list[_Floats]]:
    """Return `bm25f` for each of several sets of grams, whose postings are looked up together."""
    keys = asked[0].keys if len(asked) == 1 else sorted_once(np.concatenate([grams.keys for grams in asked]))
    stored = [field.terms.stored(keys, field.rows(rows)) for field in words] if len(keys) else []
    if len(asked) == 1:
        return [_parts(words, asked[0], stored, len(rows))]
    found = []
    for grams in asked:
        lines = np.searchsorted(keys, grams.keys)
        found.append(_parts(words, grams, [weights[lines] for weights in stored], len(rows)))
    return found


def _parts(words: Sequence[Field], grams: Grams, stored: Sequence[_Floats], rows: int) -> list[_Floats]:
    """Return `bm25f` of so many rows from their `stored` weights, (grams, rows) for each field."""
    own = words[0].terms
    if not len(grams.keys):
        return [np.zeros(rows, dtype=np.float32) for _ in words]
    # A gram that no passage has, or only titles have, is as rare as can be.
    idf = own.idf_of(grams.keys)
    evidence = []
    for field, weights in zip(words, stored, strict=True):
        amount = weights / (np.float32(field.terms.k1 + 1) - weights)  # tf / K
        rarity = idf if field.terms is own else field.terms.idf_of(grams.keys)
        factor = np.minimum(rarity / idf, _MAX_IDF_RATIO) * np.float32(field.factor)
        evidence.append(amount * factor[:, None])
    whole = sum(evidence, start=np.float32(1))
    gain = (grams.times * idf * np.float32(own.k1 + 1))[:, None] / whole
    return [_added_up(gain * part) for part in evidence]


def _added_up(parts: _Floats) -> _Floats:
    """Return the sum over the grams, gram by gram, of `parts` (grams, rows).

    To the last bit, a score does not depend on which others are looked at. NumPy adds rows of a matrix so, in a tenth
    of the time that a running total takes; but not a lone column.
    """
    total: _Floats = np.cumsum(parts, axis=0)[-1] if parts.shape[1] == 1 else np.add.reduce(parts, axis=0)
    return total


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
        # All articles are there: told not to look, NumPy takes half the time.
        return values.take(self.of, mode="clip")

    def members(self, articles: _Rows) -> tuple[_Rows, _Rows]:
        """Return the passages of `articles` (each once, ascending), ordered by article, and where each's begin."""
        if self._starts is None:
            rows = np.flatnonzero(np.isin(self.of, articles))
            rows = rows[np.argsort(self.of[rows], kind="stable")]
            return rows, np.searchsorted(self.of[rows], articles)
        begins, sizes = self._starts[articles], self._starts[articles + 1] - self._starts[articles]
        starts = np.cumsum(sizes) - sizes
        return np.repeat(begins - starts, sizes) + np.arange(int(sizes.sum())), starts

    def cosines(self, rows: _Rows, cosines_of: Callable[[_Rows], _Floats]) -> tuple[_Floats, _Floats]:
        """Return the cosine of each of `rows` and the best in its article; `cosines_of` is asked once for all."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.float32)
        articles, place = np.unique(np.asarray(self.of[rows], dtype=np.int64), return_inverse=True)
        members, starts = self.members(articles)
        of_members = cosines_of(members)
        best: _Floats = np.maximum.reduceat(of_members, starts)
        order = np.argsort(members, kind="stable")
        return of_members[order[members.searchsorted(rows, sorter=order)]], best[place]


def best_of_article(cosines: _Floats, article_of: _Rows, rows: _Rows) -> _Floats:
    """Return for each of `rows` the best in its article of the `cosines` (passages,)."""
    return Articles(article_of).cosines(rows, lambda members: cosines[members])[1]
