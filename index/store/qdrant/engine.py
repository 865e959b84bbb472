"""The engine on a server (`index.engine.Engine`): the same search, with words and vectors where Qdrant holds them.

The rough sum mixes scores that Qdrant ranks by one at a time: words of passage and headings (one sparse product), words
of articles (another collection), meaning. Which passages have the highest sums is proved (`threshold`). The second
stage reads the stored weights of those few and ranks them in `index/ranking.py`, as it does in this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.evidence import ROUGH, best_of_article, terms_read
from index.store.best import in_order
from index.store.qdrant.fields import ARTICLE, conditions
from index.store.qdrant.points import ROW, AnyOf, Ask, Floats, Found, Nearest, Points, Rows, Sparse, Where
from index.store.qdrant.threshold import FIRST, Leg, highest, looked_up

if TYPE_CHECKING:
    from index.engine import Asked
    from index.filters import Filters
    from index.store.qdrant.words import ServedWords
    from index.store.terms import Grams

# Rows that a search may be restricted to by naming them all, without filters that say the same: more are searched
# without a restriction, and longer lists are read until enough of them are found.
_NAMED = 10_000
_LONGER = 4
# How long the first lists are that only prove which passage is the best by words: of 12 questions to 9,816 passages the
# points read went from 4,202 to 2,858 each; 32 need more round trips, 128 more points.
_FOR_ONE = 64


@dataclass(frozen=True, slots=True)
class Served:
    """Words and vectors of one build on a server.

    `article_of` (passages,) ascends, as in every build. `compares` says whether a search by meaning compares every
    vector (`exact`) or walks a graph.
    """

    passages: Points
    articles: Points
    passage_terms: ServedWords
    article_terms: ServedWords
    context_terms: ServedWords
    article_of: Rows
    compares: Nearest = "exact"
    has_vectors: bool = True

    def look(self, asked: Asked) -> ServedLook:
        """Put a question."""
        return ServedLook(self, asked)

    def nearest(self, vector: Floats, k: int, allowed: Rows | None, filters: Filters | None) -> tuple[Floats, Rows]:
        """Return cosines and rows of the `k` nearest passages, ties in the order of rows."""
        source = _Source.of(self, allowed, filters)
        # A graph is walked with as many candidates as are asked for: of 9,816 passages 100 found 0.931 of the nearest
        # 100 (12 questions), 400 found 0.998.
        leg, count = Leg(vector, 1.0), k + 1 if self.compares == "exact" else max(FIRST, k + 1)
        while True:
            rows, scores = source.best([leg], count)[0]
            is_all = len(rows) < count
            may = source.may_be_found(rows)
            rows, scores = rows[may], scores[may]
            order = np.lexsort((rows, -scores))[:k]
            # One with the last score may lie beyond the list, and stand before those of it by its row.
            if is_all or (len(rows) > k and scores[order[-1]] > scores.min()):
                return scores[order], rows[order]
            count *= _LONGER

    def vectors_of(self, rows: Sequence[int] | Rows) -> Floats:
        """Return the vectors of `rows`, shape (rows, dim)."""
        wanted = [int(row) for row in rows]
        found = self.passages.meaning_of(wanted)
        return np.stack([found[row] for row in wanted])

    def members(self, articles: Rows) -> Rows:
        """Return the passages of articles."""
        starts, ends = (np.searchsorted(self.article_of, articles, side) for side in ("left", "right"))
        sizes = ends - starts
        return np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))

    def words_asked(self, grams: Grams, *, common: bool = False) -> list[Leg]:
        """Return the legs whose scores add up to the rough BM25 sum of each passage; none for words nobody has.

        `common` as in `Asked`.
        """
        kinds = {"passage": self.passage_terms, "article": self.article_terms, "context": self.context_terms}
        read = terms_read(list(kinds.items()), grams, sum(ROUGH.values()), common=common)
        own, whole, above = (words.asked(*found) for words, found in zip(kinds.values(), read, strict=True))
        return [Leg(words, 1.0, is_of) for words, is_of in ((own.then(above), False), (whole, True)) if len(words.ids)]


class ServedLook:
    """One question put to a server."""

    def __init__(self, engine: Served, asked: Asked) -> None:
        self._engine, self._asked = engine, asked
        self._everywhere = _Source.of(engine, None, None)
        self._own = engine.words_asked(asked.grams, common=asked.common)
        words = [(self._own, 1 - asked.borrowed)]
        if asked.lent is not None and asked.borrowed:
            words.append((engine.words_asked(asked.lent), asked.borrowed))
        self._legs: list[Leg] = []
        if asked.vector is not None:
            self._legs.append(Leg(asked.vector, asked.dense * (1 - asked.borrowed)))
            words[0] = words[0][0], words[0][1] * (1 - asked.dense)
        # Every list that is needed now, in one round trip to each collection. Words that will be summed with others
        # are asked for their highest score alone.
        every = [leg for legs, _ in words for leg in legs]
        first = FIRST if len(words) == 1 else _FOR_ONE
        self._everywhere.best(every if len(words) > 1 else [*self._legs, *every], first)
        for legs, share in words:
            sums = highest(self._everywhere, legs, 1, first)[1]
            for leg in legs if len(sums) else ():  # the best passage by words has a score of one
                self._add(replace(leg, share=share / float(sums[0])))

    def _add(self, leg: Leg) -> None:
        """Take a leg up: words that are asked of the same points are one sum, and so one leg."""
        for place, other in enumerate(self._legs):
            if leg.of_articles == other.of_articles and isinstance(other.vector, Sparse):
                assert isinstance(leg.vector, Sparse)
                self._legs[place] = Leg(other.vector.plus(leg.vector, other.share, leg.share), 1.0, leg.of_articles)
                return
        self._legs.append(leg)

    def pick(self, k: int, allowed: Rows | None) -> Rows:
        """Return the best `k` rows by the rough sum, those above zero, best first."""
        source = self._everywhere if allowed is None else _Source.of(self._engine, allowed, self._asked.filters)
        return highest(source, self._legs, k)[0]

    def has_fewer(self, k: int, allowed: Rows) -> bool:
        """Say whether fewer than `k` of the `allowed` rows have a word of the question that the rough sum counts."""
        return len(highest(_Source.of(self._engine, allowed, self._asked.filters), self._own, k)[0]) < k

    def cosines(self, rows: Rows) -> tuple[Floats, Floats | None]:
        """Return the cosine of each of `rows` and the best in its article."""
        assert self._asked.vector is not None  # asked for only where the question has a vector
        article_of = self._engine.article_of
        articles = np.unique(article_of[rows])
        members = self._engine.members(articles)
        cosines = np.full(len(article_of), -1, dtype=np.float32)
        if len(members):
            where = (AnyOf(ARTICLE, tuple(articles.tolist())),)
            found = self._engine.passages.ask([Ask(self._asked.vector, len(members), where)])[0]
            cosines[found[0]] = found[1]
        return cosines[rows], best_of_article(cosines, article_of, rows)


class _Source:
    """The lists of one question's legs, each asked for once, under one restriction (`threshold.Source`)."""

    def __init__(
        self, engine: Served, where: Where, allowed: NDArray[np.bool_] | None, *, is_of_articles: bool
    ) -> None:
        """`where` restricts passages and, where it `is_of_articles`, articles alike; `allowed` (passages,) the rest."""
        self._engine, self._where, self._allowed = engine, where, allowed
        self._of_articles: Where = where if is_of_articles else ()
        # A graph that is walked under a restriction may end before all is found that is there (docs/qdrant.md).
        self._is_exact = engine.compares == "exact" or bool(where) or allowed is not None
        self._lists: dict[tuple[int, int], tuple[Leg, Found]] = {}

    @classmethod
    def of(cls, engine: Served, allowed: Rows | None, filters: Filters | None) -> _Source:
        """Return the source of the passages that are `allowed`, which is what `filters` say where there are any."""
        if allowed is None:
            return cls(engine, (), None, is_of_articles=True)
        if filters:
            return cls(engine, conditions(filters), None, is_of_articles=True)
        mask = np.zeros(len(engine.article_of), dtype=np.bool_)
        mask[allowed] = True
        named: Where = (AnyOf(ROW, tuple(in_order(allowed).tolist())),) if len(allowed) <= _NAMED else ()
        return cls(engine, named, mask, is_of_articles=False)

    def best(self, legs: Sequence[Leg], count: int) -> list[Found]:
        """Return the `count` best rows of each leg that may be found."""
        for of_articles, points in ((False, self._engine.passages), (True, self._engine.articles)):
            new = [leg for leg in legs if leg.of_articles == of_articles and (id(leg.vector), count) not in self._lists]
            where = self._of_articles if of_articles else self._where
            asks = [Ask(leg.vector, count, where, exact=self._is_exact) for leg in new]
            for leg, found in zip(new, points.ask(asks) if asks else (), strict=True):
                self._lists[id(leg.vector), count] = leg, found  # the leg too, for its vector must not go
        return [self._lists[id(leg.vector), count][1] for leg in legs]

    def scores(self, legs: Sequence[tuple[Leg, Rows]]) -> list[Floats]:
        """Return each leg's scores of these rows; zero where nothing is shared."""
        found: list[Floats] = [np.zeros(len(rows), dtype=np.float32) for _, rows in legs]
        for of_articles, points in ((False, self._engine.passages), (True, self._engine.articles)):
            wanted = [
                (n, leg, rows) for n, (leg, rows) in enumerate(legs) if len(rows) and leg.of_articles == of_articles
            ]
            asks = [Ask(leg.vector, len(rows), (AnyOf(ROW, tuple(rows.tolist())),)) for _, leg, rows in wanted]
            for (number, _, rows), (there, scores) in zip(wanted, points.ask(asks) if asks else (), strict=True):
                found[number] = np.nan_to_num(looked_up(rows, there, scores)).astype(np.float32)
        return found

    def rows_of(self, leg: Leg, passages: Rows) -> Rows:
        """Return the leg's rows of these passages."""
        return self._engine.article_of[passages] if leg.of_articles else passages

    def passages_of(self, leg: Leg, rows: Rows) -> Rows:
        """Return all passages with these rows of a leg."""
        return self._engine.members(rows) if leg.of_articles else rows

    def may_be_found(self, passages: Rows) -> NDArray[np.bool_]:
        """Say of each passage whether it is allowed."""
        return np.ones(len(passages), dtype=np.bool_) if self._allowed is None else self._allowed[passages]
