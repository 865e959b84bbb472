"""One cell of a comparison: what the articles of one value say to a question, with its citation, or that none says it.

A cell is answered as a question is (index/answer.py): the same evidence for each sentence, the same verdict, the same
probability from which something is said. Who a sentence is about is decided in `about.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from index.answer import Citation
from index.answering.candidates import FEATURES, Asked, Candidate
from index.answering.compose import _repeats as repeats
from index.answering.compose import compose
from index.answering.verdict import SPEAKS, Verdict, VerdictName, decide, question_features, result_features
from index.calibration import Band
from index.coverage import squeeze
from index.explore.about import Facet, Fit, fit_of
from index.explore.independent import NO_SOURCES, Sources, sources_of
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.explore.wide import Found
    from index.hits import Hit
    from index.kb import KnowledgeBase

State = Literal["stated", "not_stated", "no_articles"]
_RARE, _SCORE = FEATURES.index("rare_together"), FEATURES.index("hit_score")


@dataclass(frozen=True, slots=True)
class Cell:
    """What the articles of `value` (and of `column`, where there are columns) say.

    `citations` are the statement: its best sentence and what that cannot be said without, in reading order, each a
    slice of its page; empty where nothing is said. `others` are sentences of other articles of the cell that answer
    with another figure. `confidence` is the estimated probability that an answer stands here, 0 to 1: of a cell that
    says nothing how near it came. `nearest` is the passage that came nearest. `sources` count the passages of the cell
    that say the statement, among the nearest ones. `is_shared` marks a statement whose article names several values
    and that itself names none.
    """

    value: str
    column: str | None
    articles: int
    verdict: VerdictName
    confidence: float
    band: Band | None = None
    citations: tuple[Citation, ...] = ()
    others: tuple[Citation, ...] = ()
    sources: Sources = NO_SOURCES
    nearest: Hit | None = None
    is_shared: bool = False

    @property
    def state(self) -> State:
        """Whether something is said, nothing is, or nobody could say it."""
        if self.citations:
            return "stated"
        return "not_stated" if self.articles else "no_articles"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        near = self.nearest
        return {
            "value": self.value,
            "column": self.column,
            "articles": self.articles,
            "state": self.state,
            "verdict": self.verdict,
            "confidence": self.confidence,
            "is_shared": self.is_shared,
            "sources": self.sources.as_dict(),
            "citations": [_plain(citation) for citation in self.citations],
            "others": [_plain(citation) for citation in self.others],
            "nearest": {
                name: getattr(near, name) for name in ("passage_id", "article_id", "title", "path", "start", "end")
            }
            if near
            else None,
        }


def _plain(citation: Citation) -> dict[str, Any]:
    return {name: getattr(citation, name) for name in Citation.__slots__ if name != "build"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell stands, its facets with the values they have there, and how many articles it has."""

    facets: tuple[Facet, ...]
    articles: int

    @property
    def value(self) -> str:
        """The value of the row."""
        return self.facets[0].value

    @property
    def column(self) -> str | None:
        """The value of the column, None where there are none."""
        return self.facets[1].value if len(self.facets) > 1 else None


class Weighed:
    """The sentences of all passages that cells read, weighed once; what depends on a cell's other sentences is not."""

    def __init__(self, asked: Asked, candidates: Sequence[Candidate]) -> None:
        self.asked = asked
        self._of_row: dict[int, list[int]] = {}
        self._candidates = candidates
        above = ["\n".join((c.hit.title, *c.path)) for c in candidates]
        headings = {text: asked.coverage.covered(text) for text in dict.fromkeys(above)}
        self._covered = [
            np.maximum(asked.coverage.covered_in(squeeze(c.text)), headings[text])
            for c, text in zip(candidates, above, strict=True)
        ]
        for place, candidate in enumerate(candidates):
            self._of_row.setdefault(candidate.hit.row, []).append(place)

    def among(self, kb: KnowledgeBase, hits: Sequence[Hit], facets: Sequence[Facet]) -> dict[Fit, list[Candidate]]:
        """Return the sentences of `hits` by whom they are about, weighed against each other; foreign ones left out."""
        fits = {}
        for hit in hits:
            for place in self._of_row.get(hit.row, ()):
                candidate = self._candidates[place]
                fit = min(fit_of(facet, hit, candidate.start, candidate.end, candidate.path) for facet in facets)
                if fit != Fit.FOREIGN:
                    fits[place] = fit
        found: dict[Fit, list[Candidate]] = {Fit.OWN: [], Fit.SHARED: []}
        if not fits:
            return found
        rare = self.asked.coverage.rare_shares(np.stack([self._covered[place] for place in fits]))
        for (place, fit), share in zip(fits.items(), rare.tolist(), strict=True):
            candidate = self._candidates[place]
            features = list(candidate.features)
            features[_RARE], features[_SCORE] = share, candidate.hit.score / hits[0].score
            evidence = kb.calibration.sentence.log_odds(dict(zip(FEATURES, features, strict=True)))
            found[fit].append(replace(candidate, features=tuple(features), evidence=round(evidence, 4)))
        return found


def answer_cell(kb: KnowledgeBase, place: Place, found: Found, weighed: Weighed) -> Cell:
    """Return what the articles of a cell say; `found` are the passages of the cell.

    A sentence that names the value itself, or whose article names no other, goes before one of an article that names
    several; a sentence about another value is never taken (`about.py`).
    """
    cell = Cell(place.value, place.column, place.articles, "not_stated", 0.0)
    if not found.hits:
        return cell
    by_fit = weighed.among(kb, found.hits, place.facets)
    own, every = by_fit[Fit.OWN], [*by_fit[Fit.OWN], *by_fit[Fit.SHARED]]
    candidates, verdict = own, _verdict(kb, weighed.asked, found.hits, own)
    if verdict.name not in SPEAKS and len(every) > len(own):
        candidates, verdict = every, _verdict(kb, weighed.asked, found.hits, every)
    cell = replace(cell, confidence=round(verdict.probability, 3), nearest=found.hits[0])
    if verdict.name not in SPEAKS or not candidates:
        return replace(cell, verdict="not_stated" if verdict.name in SPEAKS else verdict.name)
    best = min(candidates, key=lambda c: (-c.evidence, c.hit.rank, c.number))
    # A row says nothing without others of its table; beside any other sentence a matrix has no room for the next best.
    within = kb.calibration.within if best.kind == "row" else 0.0
    said = compose([c for c in candidates if c.hit is best.hit], weighed.asked.kinds, within=within).sentences
    return replace(
        cell,
        verdict=verdict.name,
        band=kb.calibration.band_of(verdict.probability),
        citations=tuple(_cite(kb, candidate) for candidate in said),
        others=tuple(_cite(kb, candidate) for candidate in _otherwise(kb, candidates, best, weighed.asked.kinds)),
        sources=sources_of(kb, _sayers(found, place.facets, best)),
        is_shared=best not in own,
    )


def _verdict(kb: KnowledgeBase, asked: Asked, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> Verdict:
    read = {candidate.hit.row for candidate in candidates}
    told = [hit for hit in hits if hit.row in read] or hits
    return decide(question_features(result_features(kb, asked, told), candidates), kb.calibration)


def _otherwise(
    kb: KnowledgeBase, candidates: Sequence[Candidate], best: Candidate, kinds: Sequence[str]
) -> list[Candidate]:
    """Return the sentences of other articles whose figures differ from those of the best one, as `ask` finds them."""
    chosen = compose(candidates, kinds, within=kb.calibration.within)
    if best not in chosen.sentences:
        return []
    at = chosen.sentences.index(best)
    return [chosen.sentences[sum(pair) - at] for pair in chosen.differing if at in pair]


def _sayers(found: Found, facets: Sequence[Facet], best: Candidate) -> list[int]:
    """Return the rows of the passages of a cell, copies among them, that say the sentence, with the same figures."""
    rows = {best.hit.row}
    for hit in found.unfolded:
        for start, end in sentence_spans(hit.text):
            if repeats(hit.text[start:end], best.text) and all(
                fit_of(facet, hit, hit.start + start, hit.start + end, hit.heading_path) != Fit.FOREIGN
                for facet in facets
            ):
                rows.add(hit.row)
                break
    return sorted(rows)


def _cite(kb: KnowledgeBase, candidate: Candidate) -> Citation:
    hit = candidate.hit
    return Citation(
        number=0,
        passage_id=hit.passage_id,
        article_id=hit.article_id,
        title=hit.title,
        heading_path=candidate.path,
        path=hit.path,
        start=candidate.start,
        end=candidate.end,
        quote=candidate.text,
        as_of=hit.as_of,
        as_of_kind=hit.as_of_kind,
        build=kb.build,
    )


def numbered(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return the cells with their citations numbered from 1 in reading order, each place of a page once."""
    numbers: dict[tuple[str, int, int], int] = {}

    def number(citation: Citation) -> Citation:
        place = (citation.path, citation.start, citation.end)
        return replace(citation, number=numbers.setdefault(place, len(numbers) + 1))

    return tuple(
        replace(
            cell,
            citations=tuple(number(citation) for citation in cell.citations),
            others=tuple(number(citation) for citation in cell.others),
        )
        for cell in cells
    )


def by_place(cells: Sequence[Cell]) -> Mapping[tuple[str, str | None], Cell]:
    """Return the cells by the values of their row and column."""
    return {(cell.value, cell.column): cell for cell in cells}
