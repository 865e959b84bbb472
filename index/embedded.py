"""The engine in this process: words and vectors of a build, mapped from its files.

The rough sum is taken of every passage in one pass over the postings of the question's grams. Where vectors are too
many to compare with every question (index/store/plan.py), cosines are taken of the rows that are nearest by their codes
and of those with the best words (index/meaning.py). A passage that is neither is not looked at: there are more rows
with better words than the pool holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from index.engine import Asked, Floats, Rows
from index.evidence import LENT_POSTINGS, Articles, Counted, Rough, RoughSums, rough_scores
from index.meaning import Meaning
from index.store.best import best_places, in_order
from index.store.freed import keep_freed

if TYPE_CHECKING:
    from index.filters import Filters
    from index.store.terms import Terms
    from index.store.vectors import Vectors

# Of the rows that a filter keeps so many are looked at first for words of the question: mostly they have enough.
_FIRST_ALLOWED = 2_000


@dataclass(frozen=True, slots=True)
class Embedded:
    """Words and vectors in this process. `read_vectors` opens the vectors when meaning is asked for, not before."""

    passage_terms: Terms
    article_terms: Terms | None = None
    context_terms: Terms | None = None
    article_of: Rows | None = None
    read_vectors: Callable[[], Vectors] | None = None
    articles: Articles | None = field(init=False)

    def __post_init__(self) -> None:
        keep_freed()
        object.__setattr__(self, "articles", None if self.article_of is None else Articles(self.article_of))
        if self.article_terms is not None and self.article_of is None:
            raise ValueError("article_terms came without article_of, which says to which article each passage belongs")

    @property
    def has_vectors(self) -> bool:
        """Whether meaning can be asked for."""
        return self.read_vectors is not None and len(self.read_vectors()) > 0

    @property
    def has_lists(self) -> bool:
        """Whether vectors are so many that those of near passages are sought in lists."""
        return self.read_vectors is not None and not self.read_vectors().is_exact

    def look(self, asked: Asked) -> EmbeddedLook:
        """Put a question."""
        return EmbeddedLook(self, asked)

    def nearest(
        self,
        vector: Floats,
        k: int,
        allowed: Rows | None,
        filters: Filters | None,  # noqa: ARG002 - `allowed` says it all
    ) -> tuple[Floats, Rows]:
        """Return cosines and rows of the `k` nearest passages, ties in the order of rows."""
        assert self.read_vectors is not None  # whoever asks has looked at has_vectors
        scores, rows = self.read_vectors().search(vector[None], k, allowed=allowed)
        return scores[0], rows[0]

    def vectors_of(self, rows: Sequence[int] | Rows) -> Floats:
        """Return the vectors of `rows`, shape (rows, dim)."""
        assert self.read_vectors is not None
        return self.read_vectors().rows(rows)

    def counted(self) -> list[Counted]:
        """Return the words of each kind there is, as the rough sum reads them."""
        kinds = (("passage", self.passage_terms), ("article", self.article_terms), ("context", self.context_terms))
        return [(leg, terms) for leg, terms in kinds if terms is not None]


class EmbeddedLook:
    """One question put to the embedded engine."""

    def __init__(self, engine: Embedded, asked: Asked) -> None:
        self._engine, self._asked = engine, asked
        words = engine.counted()
        self._own = rough_scores(words, asked.grams, engine.articles, common=asked.common)
        self._lent: Rough | RoughSums | None = None
        if asked.lent is not None and asked.borrowed:
            # Where vectors have lists, a passage that shares neither meaning nor words with the question is not chosen
            # for words that were lent: this cost no collection more than 0.0004 of nDCG@10 (bench/shortcuts.py).
            if asked.vector is not None and engine.has_lists:
                self._lent = RoughSums.read(words, asked.lent, engine.articles, LENT_POSTINGS)
            else:
                self._lent = rough_scores(words, asked.lent, engine.articles)
        self._meaning: Meaning | None = None
        if asked.vector is not None and engine.read_vectors is not None:
            choosing = [rough.scores for rough in (self._own, self._lent) if isinstance(rough, Rough)]
            self._meaning = Meaning(engine.read_vectors(), asked.vector, choosing)

    def pick(self, k: int, allowed: Rows | None) -> Rows:
        """Return the best `k` rows by the rough sum, those above zero, best first."""
        rows = None if allowed is None else in_order(np.asarray(allowed, dtype=np.int64))
        if self._meaning is not None and (among := self._meaning.may_count(rows, k)) is not None:
            rows = among
        own, lent = self._own.of(rows), None if self._lent is None else self._lent.of(rows)
        cosines: Floats | None = None
        if self._meaning is not None:
            if rows is not None and not self._meaning.is_known and len(rows) > k:
                hopeful = self._hopeful(own, lent, k)
                rows, own, lent = rows[hopeful], own[hopeful], None if lent is None else lent[hopeful]
            cosines = self._meaning.cosines(rows)
        scores = self._mixed(own, cosines, lent)
        places = best_places(scores, k)
        places = places[scores[places] > 0]
        return places if rows is None else rows[places]

    def has_fewer(self, k: int, allowed: Rows) -> bool:
        """Say whether fewer than `k` of the `allowed` rows have a word of the question that the rough sum counts."""
        found, size = 0, _FIRST_ALLOWED
        while len(allowed) and found < k:
            some, allowed, size = allowed[:size], allowed[size:], 8 * size
            found += int(np.count_nonzero(self._own.scores[some]))
        return found < k

    def cosines(self, rows: Rows) -> tuple[Floats, Floats | None]:
        """Return the cosine of each of `rows` and the best in its article."""
        assert self._meaning is not None  # asked for only where the question has a vector
        articles = self._engine.articles
        if articles is None:
            return self._meaning.cosines(rows), None
        return articles.cosines(rows, self._meaning.cosines)

    def _hopeful(self, own: Floats, lent: Floats | None, k: int) -> Rows:
        """Return the places of those that may be among the best `k`, by what words say of them and any cosine.

        Most rows that are near in meaning share no word with the question: reading their vectors takes longest.
        """
        assert self._meaning is not None
        least, most = (self._mixed(own, np.full_like(own, cosine), lent) for cosine in (0, self._meaning.highest))
        return np.flatnonzero(most >= np.partition(least, len(least) - k)[len(least) - k])

    def _mixed(self, own: Floats, cosines: Floats | None, lent: Floats | None) -> Floats:
        """Return the rough sum: of the question's own words, of meaning and of the words that were lent."""
        mixed = own
        if cosines is not None:
            mixed = own * np.float32(1 - self._asked.dense)
            mixed += np.float32(self._asked.dense) * np.maximum(cosines, 0)
        if lent is not None:
            mixed = mixed * np.float32(1 - self._asked.borrowed)
            mixed += np.float32(self._asked.borrowed) * lent
        return mixed
