"""One question, asked of each place, year, scheme or site: a matrix whose cells are verbatim statements or nothing.

Rows are the values of one facet, columns those of a second one where it is wanted. One wide search finds the passages
of all cells (`wide.py`), each cell is answered as `ask` answers (`cells.py`), and no sentence about one value stands in
the cell of another (`about.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.answer import Citation
from index.answering.candidates import Asked, find_candidates
from index.catalogue import NONE
from index.explore.about import Facet, Named, insurances
from index.explore.cells import Cell, Place, Weighed, answer_cell, by_place, numbered
from index.explore.differing import with_figures
from index.explore.independent import Sources
from index.explore.wide import WideSearch
from index.filters import Filters, allowed_articles
from ingest.facts.named import read_schemes
from ingest.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

# What may be compared by; how sure the cleaning is says nothing of the matter.
BY = ("region", "year", "scheme", "site")
# Rows shown unless others are chosen, alone and beside columns, and columns: what a person reads at once, and less than
# a second where there are 246,592 passages (some 10 ms of a processor a cell).
MOST, MOST_IN_GRID, MOST_COLUMNS = 12, 8, 6
# Rows that may be chosen; each costs some thirty milliseconds.
MOST_CHOSEN = 40
# An article speaks of the matter where a passage of it scores this share of the best one. Of the passages that share
# no more than a word with the question hardly any does (sample corpus).
SPEAKS_OF = 0.5
_Mask = NDArray[np.bool_]


class ComparisonError(Problem):
    """A comparison that cannot be made: what was asked for, and what can be."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What each value says to `question`. `cells` go row by row: one a row, or one a row and column.

    `values` are the rows, `columns` the columns, empty where there is no second facet (`across`). `more` values have
    articles on the matter and are not shown. Citations are numbered from 1 through the whole. `speak_from` is the
    probability below which a cell states nothing, as `ask` states nothing below it.
    """

    build: str
    question: str
    by: str
    across: str | None
    where: Filters
    values: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]
    more: int = 0
    suggestion: str | None = None
    speak_from: float = 0.0

    def cell(self, value: str, column: str | None = None) -> Cell:
        """Return the cell of a row and, where there are columns, a column."""
        return by_place(self.cells)[value, column]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations in the order of their numbers, each once."""
        found = {one.number: one for cell in self.cells for one in (*cell.citations, *cell.others)}
        return tuple(found[number] for number in sorted(found))

    def by_figures(self) -> Mapping[tuple[str, ...], tuple[Cell, ...]]:
        """Return the cells that state figures by these figures, those of most cells first; two keys differ."""
        found: dict[tuple[str, ...], list[Cell]] = {}
        for cell in self.cells:
            if cell.figures:
                found.setdefault(cell.figures, []).append(cell)
        return {figures: tuple(found[figures]) for figures in sorted(found, key=lambda one: -len(found[one]))}

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "build": self.build,
            "question": self.question,
            "suggestion": self.suggestion,
            "by": self.by,
            "across": self.across,
            "where": self.where.as_dict(),
            "values": list(self.values),
            "columns": list(self.columns),
            "more": self.more,
            "speak_from": self.speak_from,
            "cells": [cell.as_dict() for cell in self.cells],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a statement, and one for each cell that states nothing, with build and question in each."""
        import pandas as pd

        of = {"build": self.build, "question": self.question}
        facets = [self.by, self.across] if self.across else [self.by]
        frame = pd.DataFrame([{**of, **row} for row in self.rows()], columns=[*of, *facets, *_OF_CELL])
        return frame.astype(dict.fromkeys(_NUMBERS, "Int64"))

    def rows(self) -> list[dict[str, Any]]:
        """Return what `to_frame` has: `quote` is the slice `[start, end)` of the page `path`; `role` says statement,
        other (another figure in the same cell) or none."""
        found = []
        for cell in self.cells:
            found += [self._row(cell, "statement", citation) for citation in cell.citations]
            found += [self._row(cell, "other", citation) for citation in cell.others]
            found += [] if cell.citations else [self._row(cell, "none", None)]
        return found

    def _row(self, cell: Cell, role: str, citation: Citation | None) -> dict[str, Any]:
        place = {self.by: cell.value} | ({self.across: cell.column} if self.across else {})
        said = {name: getattr(citation, name, None) for name in _COLUMNS}
        sources = cell.sources.as_dict() if role == "statement" else dict.fromkeys(cell.sources.as_dict())
        return {
            **place,
            "state": cell.state,
            "role": role,
            "verdict": cell.verdict,
            "confidence": cell.confidence,
            **said,
            "articles_of_value": cell.articles,
            "is_shared": cell.is_shared,
            **sources,
        }


_NUMBERS = ("start", "end", "passages", "texts", "articles", "sites", "siteless")  # a cell without words has none
_COLUMNS = ("quote", "passage_id", "article_id", "title", "path", "start", "end", "as_of", "as_of_kind")
# What a row says beside its build, question and values.
_OF_CELL = (
    *("state", "role", "verdict", "confidence", *_COLUMNS, "articles_of_value", "is_shared"),
    *Sources.__slots__,
)


def compare(
    kb: KnowledgeBase,
    question: str,
    by: str = "region",
    *,
    where: Filters | None = None,
    values: Sequence[str] | None = None,
    across: str | None = None,
) -> Comparison:
    """Return what the articles of each value of the facet `by` say to `question`; `across` is a second facet.

    Rows are `values`, or MOST of all (beside columns MOST_IN_GRID): those with most articles that speak of the matter
    first, then those with most articles; years from the newest; the articles that name none are a row of their own, the
    last. Under one chosen place the rows are the places in it; where `where` chooses several values of the facet, these
    are the rows. Raises ComparisonError for another facet and too many values.
    """
    where = where or Filters()
    _check(by, across, values)
    read = kb.read_question(question)
    articles = allowed_articles(kb.catalogue, where)
    if read.is_empty or not articles.any():
        return Comparison(kb.build, question, by, across, where, (), (), (), 0, read.suggestion)
    facets = (by, across) if across else (by,)
    search = WideSearch(kb, read, facets, articles)
    speaking = _speaking(kb, search)
    rows, more = _values(kb, by, where, articles, speaking, values, MOST_IN_GRID if across else MOST)
    columns, _ = _values(kb, across, where, articles, speaking, None, MOST_COLUMNS) if across else ((), 0)
    places, masks = _grid(kb, facets, rows, columns, articles, _matter(read.text, facets))
    search.fill(masks) if masks else None
    found = search.found(places, masks)
    asked = Asked(kb, read)
    hits = list({hit.row: hit for one in found for hit in (*one.asked, *one.hits)}.values())
    weighed = Weighed(asked, find_candidates(kb, hits, asked, passages=len(hits)) if hits else ())
    answered = [answer_cell(kb, place, one, weighed) for place, one in zip(places, found, strict=True)]
    cells = with_figures(numbered(answered), asked.kinds)
    speak_from = kb.calibration.speak_from
    return Comparison(kb.build, question, by, across, where, rows, columns, cells, more, read.suggestion, speak_from)


def _check(by: str, across: str | None, values: Sequence[str] | None) -> None:
    for facet in (by, across) if across is not None else (by,):
        if facet not in BY:
            raise ComparisonError(f"found {facet!r} to compare by, expected {', '.join(BY)}")
    if by == across:
        raise ComparisonError(f"found {by} for rows and columns, expected two different ones of {', '.join(BY)}")
    if values is not None and len(values) > MOST_CHOSEN:
        raise ComparisonError(f"found {len(values)} values to compare, expected at most {MOST_CHOSEN}")


def _speaking(kb: KnowledgeBase, search: WideSearch) -> _Mask:
    """Return which articles speak of the matter, shape (articles,)."""
    mask = np.zeros(kb.catalogue.articles, dtype=np.bool_)
    scores = search.scores
    if len(scores):
        mask[kb.article_of[search.pool.rows[scores >= SPEAKS_OF * scores.max()]]] = True
    return mask


def _values(
    kb: KnowledgeBase,
    facet: str,
    where: Filters,
    articles: _Mask,
    speaking: _Mask,
    values: Sequence[str] | None,
    most: int,
) -> tuple[tuple[str, ...], int]:
    """Return the values of a facet to show, and how many more have articles that speak of the matter."""
    if values is None and len(chosen := where.chosen(facet)) > (1 if facet == "region" else 0):
        values = chosen
    if values is not None:
        return Filters.from_dict({facet: list(values)}).chosen(facet) if values else (), 0
    column = kb.catalogue.columns[facet]
    counts, told = column.counts(articles), column.counts(speaking)
    if facet == "region":
        around = next(iter(where.chosen("region")), "")
        inside = {value: count for value, count in counts.items() if value.rpartition("/")[0] == around}
        counts = inside if not around or any(value != NONE for value in inside) else {around: counts.get(around, 0)}
    ordered = sorted(counts, key=lambda value: (-told.get(value, 0), -counts[value], value))
    named = [value for value in ordered if value != NONE]
    shown = named[:most]
    if facet == "year":
        shown.sort(reverse=True)
    return (*shown, *(NONE for _ in range(NONE in counts))), sum(value in told for value in named[most:])


def _matter(question: str, facets: Sequence[str]) -> tuple[Facet, ...]:
    """Return the one insurance that a question names, where the cells are not of schemes."""
    named = insurances(scheme for scheme, _, _ in read_schemes(question))
    return (Facet(named[0], Named("scheme")),) if len(named) == 1 and "scheme" not in facets else ()


def _grid(
    kb: KnowledgeBase,
    facets: Sequence[str],
    rows: Sequence[str],
    columns: Sequence[str],
    articles: _Mask,
    matter: tuple[Facet, ...],
) -> tuple[list[Place], list[_Mask]]:
    """Return the cells row by row, and which articles each has."""
    named = [Named(facet) for facet in facets]
    having = [
        {value: kb.catalogue.columns[facet].having([value]) for value in values}
        for facet, values in zip(facets, (rows, columns), strict=False)
    ]
    places, masks = [], []
    for value in rows:
        for column in columns if len(facets) > 1 else (None,):
            mask = articles & having[0][value]
            cell = [Facet(value, named[0])]
            if column is not None:
                mask &= having[1][column]
                cell.append(Facet(column, named[1]))
            places.append(Place(value, column, tuple(cell), matter, int(np.count_nonzero(mask))))
            masks.append(mask)
    return places, masks
