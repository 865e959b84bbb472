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
from index.answering.candidates import Asked, Candidate
from index.answering.compose import MAX_CHARS, compose, repeats
from index.answering.features import SENTENCE
from index.answering.verdict import SPEAKS, Verdict, VerdictName, decide, question_features, result_features
from index.calibration import Band
from index.coverage import squeeze
from index.explore.about import Facet, Fit, fit_of, may_speak
from index.explore.independent import NO_SOURCES, Sources, sources_of
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.explore.wide import Found
    from index.hits import Hit
    from index.kb import KnowledgeBase

State = Literal["stated", "not_stated", "no_articles"]
_RARE, _SCORE = SENTENCE.index("rare_together"), SENTENCE.index("hit_score")


@dataclass(frozen=True, slots=True)
class Cell:
    """What the articles of `value` (and of `column`, where there are columns) say.

    `citations` are the statement: its best sentence and what that cannot be said without, in reading order, each a
    slice of its page; empty where nothing is said. `others` are sentences of other articles of the cell that answer
    with another figure. `confidence` is the estimated probability that an answer stands here, 0 to 1: of a cell that
    says nothing how near it came. `nearest` is the passage that came nearest. `sources` count the passages of the cell
    that say the statement, among the nearest ones. `is_shared` marks a statement whose article names several values
    and that itself names none. `figures` are those of the statement (6 月), `marks` for each citation the stretches of
    its quote that are figures another cell does not give (`differing.py`).
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
    figures: tuple[str, ...] = ()
    marks: tuple[tuple[tuple[int, int], ...], ...] = ()

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
            "figures": list(self.figures),
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
    """Where a cell stands, whom its sentences must be about, and how many articles it has.

    `facets` are those of row and column with their values there, `matter` the scheme that the question asks about: a
    sentence on another one answers nothing.
    """

    value: str
    column: str | None
    facets: tuple[Facet, ...]
    matter: tuple[Facet, ...]
    articles: int

    def fit(self, hit: Hit, start: int, end: int, path: Sequence[str]) -> Fit:
        """Say whose the sentence `[start, end)` of the page of `hit` is."""
        if any(fit_of(facet, hit, start, end, path) == Fit.FOREIGN for facet in self.matter):
            return Fit.FOREIGN
        return min(fit_of(facet, hit, start, end, path) for facet in self.facets)

    def may_speak(self, hit: Hit) -> bool:
        """Say whether a passage may hold a sentence for this cell."""
        return all(may_speak(facet, hit) for facet in (*self.facets, *self.matter))


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
        for number, candidate in enumerate(candidates):
            self._of_row.setdefault(candidate.hit.row, []).append(number)

    def sentences(self, kb: KnowledgeBase, hits: Sequence[Hit], beside: Sequence[Hit] = ()) -> list[Candidate]:
        """Return the sentences of `hits`, best first, weighed as `ask` does against all of theirs and of `beside`."""
        rows = dict.fromkeys(hit.row for hit in (*beside, *hits))
        numbers = [number for row in rows for number in self._of_row.get(row, ())]
        if not numbers:
            return []
        top = max(hit.score for hit in (*beside, *hits))
        wanted = {hit.row for hit in hits}
        rare = self.asked.coverage.rare_shares(np.stack([self._covered[number] for number in numbers]))
        found = []
        for candidate, share in zip((self._candidates[number] for number in numbers), rare.tolist(), strict=True):
            if candidate.hit.row in wanted:
                features = list(candidate.features)
                features[_RARE], features[_SCORE] = share, candidate.hit.score / top
                evidence = kb.calibration.sentence.log_odds(dict(zip(SENTENCE, features, strict=True)))
                found.append(replace(candidate, features=tuple(features), evidence=round(evidence, 4)))
        return sorted(found, key=lambda c: (-c.evidence, c.hit.rank, c.number))


def answer_cell(kb: KnowledgeBase, place: Place, found: Found, weighed: Weighed) -> Cell:
    """Return what the articles of a cell say; `found` are the passages of the cell.

    Something is said only where `ask` with the filter of the cell would speak as well. A sentence that names the value
    itself, or whose article names no other, goes before one of an article that names several; a sentence about another
    value is never taken (`about.py`).
    """
    cell = Cell(place.value, place.column, place.articles, "not_stated", 0.0)
    if not found.asked:
        return cell
    whole = _verdict(kb, weighed.asked, found.asked, weighed.sentences(kb, found.asked))
    cell = replace(cell, nearest=(found.hits or found.asked)[0])
    by_fit: dict[Fit, list[Candidate]] = {fit: [] for fit in Fit}
    for candidate in weighed.sentences(kb, found.hits, beside=found.asked):
        by_fit[place.fit(candidate.hit, candidate.start, candidate.end, candidate.path)].append(candidate)
    own = candidates = by_fit[Fit.OWN]
    verdict = _verdict(kb, weighed.asked, found.hits or found.asked, own)
    if verdict.name not in SPEAKS and by_fit[Fit.SHARED]:
        candidates = sorted([*own, *by_fit[Fit.SHARED]], key=lambda c: (-c.evidence, c.hit.rank, c.number))
        verdict = _verdict(kb, weighed.asked, found.hits, candidates)
    verdict = min(whole, verdict, key=lambda one: one.probability)
    cell = replace(cell, confidence=round(verdict.probability, 3))
    if verdict.name not in SPEAKS or not candidates:
        return replace(cell, verdict="not_stated" if verdict.name in SPEAKS else verdict.name)
    best = candidates[0]
    beside = [candidate for candidate in candidates if candidate.hit is best.hit]
    said = compose(beside, weighed.asked.kinds, within=0.0).sentences
    if said == (best,) and best.kind == "row":
        said = tuple(_table(beside, best))
    return replace(
        cell,
        verdict=verdict.name,
        band=kb.calibration.band_of(verdict.probability),
        citations=tuple(_cite(kb, candidate) for candidate in said),
        others=tuple(_cite(kb, candidate) for candidate in _otherwise(kb, candidates, best, weighed.asked.kinds)),
        sources=sources_of(kb, _sayers(found, place, best)),
        is_shared=best not in own,
    )


def _verdict(kb: KnowledgeBase, asked: Asked, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> Verdict:
    read = {candidate.hit.row for candidate in candidates}
    told = [hit for hit in hits if hit.row in read] or hits
    return decide(question_features(result_features(kb, asked, told), candidates), kb.calibration)


def _table(beside: Sequence[Candidate], names: Candidate) -> list[Candidate]:
    """Return the names of columns with as many rows under them as fit: alone they say nothing."""
    said = [names]
    for candidate in sorted(beside, key=lambda c: c.number):
        if candidate.kind == "row" and candidate.path == names.path and candidate.number == said[-1].number + 1:
            said.append(candidate)
            if sum(one.end - one.start for one in said) > MAX_CHARS:
                return said[:-1]
    return said


def _otherwise(
    kb: KnowledgeBase, candidates: Sequence[Candidate], best: Candidate, kinds: Sequence[str]
) -> list[Candidate]:
    """Return the sentences of other articles whose figures differ from those of the best one, as `ask` finds them."""
    chosen = compose(candidates, kinds, within=kb.calibration.within)
    if best not in chosen.sentences:
        return []
    at = chosen.sentences.index(best)
    return [chosen.sentences[sum(pair) - at] for pair in chosen.differing if at in pair]


def _sayers(found: Found, place: Place, best: Candidate) -> list[int]:
    """Return the rows of the passages of a cell, copies among them, that say the sentence, with the same figures."""
    rows = {best.hit.row}
    for hit in found.unfolded:
        for start, end in sentence_spans(hit.text):
            here = hit.start + start, hit.start + end
            if repeats(hit.text[start:end], best.text) and place.fit(hit, *here, hit.heading_path) != Fit.FOREIGN:
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
