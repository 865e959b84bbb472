"""One search for all cells of a comparison: the best passages of the whole, handed to the cells they belong to.

A search of its own for each cell would read the postings of a large base a dozen times over. Scores are those of
`ranking.pool`, which do not change with what is allowed, so a cell reads what `kb.search` with the filter of that value
would have found, but for two things: of a value that the question names, where the cells are of that facet, nothing is
raised or lowered, for every cell has its own; and "newest" is said of all cells together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.answering.candidates import PASSAGES, is_elsewhere
from index.bank.bank import lend
from index.boosts import Named, boost, known_of, read_named
from index.catalogue import About, facts_of
from index.hits import Hit
from index.ranking import Pool, Ranked, pool
from index.reasons import Leg, Reasons
from index.search import hit_of, other_wordings

if TYPE_CHECKING:
    from index.explore.cells import Place
    from index.kb import KnowledgeBase
    from index.question.question import Question

# Passages that the one search looks at closely; a quarter of a second where there are 246,592, half of it for 100.
WIDE = 1_000
# Passages that a cell looks at: enough for PASSAGES of them that are no copies and not about another value.
IN_CELL = 20
_Rows = NDArray[np.int64]
_Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """The passages of a cell, best first, near-identical ones once.

    `hits` may hold a sentence about the value of the cell, `asked` are those that `ask` would answer from, whatever
    they are about. `unfolded` are all that may hold one, copies among them.
    """

    hits: tuple[Hit, ...]
    asked: tuple[Hit, ...]
    unfolded: tuple[Hit, ...]


class WideSearch:
    """Searches once for a question, and again only among the articles of cells that the first time left short."""

    def __init__(self, kb: KnowledgeBase, question: Question, facets: Sequence[str], articles: _Mask) -> None:
        """`facets` are those that rows and columns are of; `articles` (articles,) those that may be read."""
        self._kb, self._question = kb, question
        text = question.text
        expansions = kb.expansions(question)
        corrections = tuple((word.terms[0], word.factor) for word in question.corrections)
        self._also = (*other_wordings(expansions), *corrections)
        meant = question.mended or text
        self._vector = kb.query_vector(meant)
        self._lent = lend(kb.bank.near(meant))
        named = read_named(text, (place.region for place in kb.lexicon.places(text)))
        self._named = Named(
            frozenset() if "region" in facets else named.regions,
            frozenset() if "year" in facets else named.years,
            frozenset() if "scheme" in facets else named.schemes,
        )
        every = bool(articles.all())
        self.pool = self._search(None if every else np.flatnonzero(articles[kb.article_of]))

    @property
    def scores(self) -> NDArray[np.float64]:
        """The scores of the passages of `pool`."""
        return self.pool.scores()

    def fill(self, masks: Sequence[_Mask]) -> None:
        """Search on for the cells whose articles (`masks`, of shape (articles,)) have passages that were not found."""
        article_of = self._kb.article_of
        while True:
            short = np.zeros(len(masks[0]), dtype=np.bool_)
            for mask in masks:
                if np.count_nonzero(mask[article_of[self.pool.rows]]) < IN_CELL:
                    short |= mask
            left = short[article_of]
            left[self.pool.rows] = False
            more = self._search(np.flatnonzero(left)) if left.any() else None
            if more is None or not len(more.rows):
                return
            self.pool = _joined(self.pool, more)

    def found(self, places: Sequence[Place], masks: Sequence[_Mask]) -> list[Found]:
        """Return the passages of each cell, whose articles are in its mask."""
        kb, rows = self._kb, self.pool.rows
        order = np.lexsort((rows, -self.scores))
        articles = kb.article_of[rows[order]]
        chosen = [order[np.flatnonzero(mask[articles])[:IN_CELL]] for mask in masks]
        head = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *chosen]))
        hits = self._hits(head)
        return [
            _of_cell(kb, place, [hits[row] for row in rows[few].tolist() if row in hits])
            for place, few in zip(places, chosen, strict=True)
        ]

    def _search(self, allowed: _Rows | None) -> Pool:
        kb = self._kb
        return pool(
            self._question.text,
            self._vector,
            kb.engine,
            weights=kb.weights,
            k=WIDE,
            allowed=allowed,
            also=self._also,
            lent=self._lent,
        )

    def _hits(self, head: _Rows) -> dict[int, Hit]:
        """Return the passages at these places of the pool by their rows, without those that lack a phrase asked for."""
        kb = self._kb
        if not len(head):
            return {}
        few = Pool(self.pool.rows[head], tuple((n, w, raw[head], scaled[head]) for n, w, raw, scaled in self.pool.legs))
        few = boost(few, self._named, range(len(few.rows)), known_of(kb, few.rows, self._named))
        ranked = few.best(len(few.rows))
        passages = kb.records.passages([item.row for item in ranked])
        about = facts_of(kb.records, (passage["article_id"] for passage in passages.values()))
        return {
            item.row: _hit(number, item, passage, about[passage["article_id"]])
            for number, item in enumerate(ranked, start=1)
            if self._question.matches(
                "\n".join(((passage := passages[item.row])["title"], *passage["heading_path"], passage["text"]))
            )
        }


def _joined(one: Pool, more: Pool) -> Pool:
    legs = tuple(
        (name, weight, np.concatenate([raw, raws]), np.concatenate([scaled, scaleds]))
        for (name, weight, raw, scaled), (_, _, raws, scaleds) in zip(one.legs, more.legs, strict=True)
    )
    return Pool(np.concatenate([one.rows, more.rows]), legs)


def _of_cell(kb: KnowledgeBase, place: Place, hits: Sequence[Hit]) -> Found:
    """Return the passages of a cell in order; of copies the first."""
    ranked = [hit for hit in sorted(hits, key=lambda hit: hit.rank) if not is_elsewhere(hit)]
    own = [hit for hit in ranked if place.may_speak(hit)]
    return Found(_folded(kb, own), _folded(kb, ranked), tuple(own))


def _folded(kb: KnowledgeBase, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    first = {int(kb.text_of[hit.row]): hit for hit in reversed(hits)}
    return tuple(sorted(first.values(), key=lambda hit: hit.rank)[:PASSAGES])


def _hit(number: int, item: Ranked, passage: dict[str, Any], about: About) -> Hit:
    legs = {part.leg: Leg(part.raw, part.normalised, part.share) for part in item.parts}
    return hit_of(number, item, passage, (1, ()), Reasons(legs, (), ()), about)
