"""The desk card: what a clerk says at the counter. Conclusion, steps, papers, channels, deadlines, each with a source.

Nothing is written here: every line is a slice of a source page, whole in its conditions, under the headings it stands
under and behind the lead-in that announces it, with a citation whose number goes on from those of the answer. Lines are
taken from the articles that the answer cites: those that concern the question and speak for a slot (slots.py). A slot
for which no line does stays empty: the page does not state it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from index.answer import Answer, Citation
from index.answering.pieces import Piece, read_pieces
from index.answering.slots import (
    SLOTS,
    SlotName,
    announces_steps,
    fits,
    heading_slots,
    is_step_heading,
    label_of,
    subject_of,
)
from index.answering.verdict import VerdictName
from index.coverage import Coverage, squeeze

if TYPE_CHECKING:
    from index.kb import KnowledgeBase
    from index.reading import Reading

# What is read at one glance; a list that is longer says how much is left and leads to it.
MAX_LINES = 8
# A heading concerns the question where this share of its pairs of characters stands in the question or what it cites.
_CONCERNS = 0.5
# The title covers this share of the question where what an article says elsewhere is about it as well: below, the
# questions of corpus/gold/questions.jsonl ask of another matter than the procedure that the article describes.
_ABOUT = 0.3


@dataclass(frozen=True, slots=True)
class Line:
    """A verbatim line of the card and the numbers of its citations.

    `path` are the headings it stands under; a lead-in (`is_lead`) announces the lines after it; `differs` where other
    lines of the conclusion say another figure.
    """

    text: str
    citations: tuple[int, ...]
    article_id: str
    path: tuple[str, ...] = ()
    is_lead: bool = False
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """One field of the card. Without lines nothing states it; `more` lines were left out, the first at `more_at`."""

    name: SlotName
    lines: tuple[Line, ...] = ()
    more: int = 0
    more_at: Citation | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An article the card cites, with what is known of its page."""

    article_id: str
    title: str
    path: str
    site: str | None
    url: str | None
    as_of: str | None
    as_of_kind: str | None


@dataclass(frozen=True, slots=True)
class DeskCard:
    """The five slots in the order of SLOTS, with the citations and the articles they lead to, in order of number.

    `unmet_places` are those of the answer.
    """

    build: str
    question: str
    verdict: VerdictName
    slots: tuple[Slot, ...]
    citations: tuple[Citation, ...]
    sources: tuple[Source, ...]
    unmet_places: tuple[str, ...] = ()

    @property
    def holds_more(self) -> bool:
        """Whether it says anything beside the conclusion."""
        return any(slot.lines for slot in self.slots if slot.name != "conclusion")

    def as_dict(self) -> dict[str, object]:
        """Return the card under the names of the command contract; a slot that nothing states is an empty list."""
        return {
            "unmet_places": list(self.unmet_places),
            "slots": {
                slot.name: [
                    {
                        "text": line.text,
                        "citations": list(line.citations),
                        "path": list(line.path),
                        "lead": line.is_lead,
                        "differs": line.differs,
                    }
                    for line in slot.lines
                ]
                for slot in self.slots
            },
            "more": {slot.name: slot.more for slot in self.slots if slot.more},
            "citations": [
                {name: getattr(citation, name) for name in Citation.__slots__ if name != "build"}
                for citation in self.citations
            ],
            "sources": [{name: getattr(source, name) for name in Source.__slots__} for source in self.sources],
        }


def desk_card(kb: KnowledgeBase, answer: Answer) -> DeskCard | None:
    """Return the card for an answer, or None where nothing is answered: then there is nothing to hand over."""
    if not answer.sentences:
        return None
    known = {citation.number: citation for citation in answer.citations}
    # The first citation of a sentence is the one that was chosen; the others are copies of it on other pages.
    own = [known[sentence.citations[0]] for sentence in answer.sentences]
    said = zip(answer.sentences, own, strict=True)
    conclusion = tuple(
        Line(s.text, s.citations, c.article_id, c.heading_path, differs=bool(s.differs_from)) for s, c in said
    )
    chosen: dict[SlotName, list[_Chosen]] = {name: [] for name in SLOTS[1:]}
    for article_id in dict.fromkeys(citation.article_id for citation in own):
        reading = kb.article(article_id)
        assert reading is not None  # it is cited from this build
        pieces = read_pieces(kb, article_id, reading.text)
        scope = _Scope(kb, answer.question, reading, [c for c in own if c.article_id == article_id])
        # Where sources differ, one of their figures alone in a slot would be a verdict on the others.
        disputed = [c for c, s in zip(own, answer.sentences, strict=True) if s.differs_from]
        for name in chosen:
            new = [_Chosen(piece, reading) for piece in _speaking(name, pieces, scope)]
            if name == "deadlines":
                new = [one for one in new if not any(_overlaps(one, citation) for citation in disputed)]
            chosen[name] += [one for one in new if not any(_same(one, other) for other in chosen[name])]
    desk = _Desk(answer)
    slots = (Slot("conclusion", conclusion), *(desk.slot(name, found) for name, found in chosen.items()))
    citations, sources = tuple(desk.citations), _sources(kb, desk.citations)
    return DeskCard(answer.build, answer.question, answer.verdict, slots, citations, sources, answer.unmet_places)


@dataclass(frozen=True, slots=True)
class _Chosen:
    piece: Piece
    reading: Reading


def _overlaps(one: _Chosen, citation: Citation) -> bool:
    return one.reading.id == citation.article_id and one.piece.start < citation.end and citation.start < one.piece.end


def _same(left: _Chosen, right: _Chosen) -> bool:
    return squeeze(left.piece.text) == squeeze(right.piece.text)


class _Scope:
    """Says which parts of an article concern the question: what is cited, and what no heading makes another matter."""

    def __init__(self, kb: KnowledgeBase, question: str, reading: Reading, cited: Sequence[Citation]) -> None:
        self._cited = [(citation.start, citation.end) for citation in cited]
        self._paths = {citation.heading_path for citation in cited}
        asked = kb.read_question(question)
        terms = [term for expansion in kb.expansions(asked) for term in expansion.terms]
        steps = [step for citation in cited for step in citation.heading_path]
        quotes = [citation.quote for citation in cited]
        coverage = Coverage(asked.text, kb.table, kb.expansions(asked))
        self.is_about = coverage.of(reading.title) >= _ABOUT
        self._known = _plain("\n".join((asked.text, reading.title, *terms, *steps, *quotes)))

    def cites(self, piece: Piece) -> bool:
        """Say whether a sentence of the answer stands in or around the piece."""
        return any(piece.start < end and start < piece.end for start, end in self._cited)

    def is_cited_under(self, path: tuple[str, ...]) -> bool:
        """Say whether a sentence of the answer stands under exactly these headings."""
        return bool(path) and path in self._paths

    def concerns(self, heading: str) -> bool:
        """Say whether a heading or label is about nothing but its slot, or about what is asked and cited."""
        subject = _plain(subject_of(heading))
        if len(subject) < 2:
            return subject in self._known
        pairs = {subject[place : place + 2] for place in range(len(subject) - 1)}
        return sum(pair in self._known for pair in pairs) >= _CONCERNS * len(pairs)


# 缴 and 交, 申领 and 领 are the same at a desk.
_ALIKE = str.maketrans({"缴": "交", "申": "领"})


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, squeeze(text))).translate(_ALIKE)


def _speaking(name: SlotName, pieces: Sequence[Piece], scope: _Scope) -> Iterator[Piece]:
    """Yield the pieces of an article that speak for a slot, in page order, each list behind its lead-in."""
    steps = _step_headings(pieces) if scope.is_about else []
    if name == "steps" and steps:
        yield from steps
        return
    within = {step.path for step in steps}
    told: set[Piece] = set()
    for piece in pieces:
        is_of_step = piece.path[:1] in within and is_step_heading("\n".join(piece.path))
        # What stands under a step of the procedure asked for is part of it, whatever the headings below it are about.
        if piece.kind in ("heading", "lead") or not (
            _speaks(name, piece, scope) or (is_of_step and fits(name, piece.text, announced=False))
        ):
            continue
        if piece.lead and piece.lead not in told:
            told.add(piece.lead)
            yield piece.lead
        yield piece


def _step_headings(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the headings that are the steps of the article; none where its opening does not say so."""
    opening = "\n".join(piece.text for piece in takewhile(lambda piece: not piece.path, pieces))
    if not announces_steps(opening):
        return []
    return [p for p in pieces if p.kind == "heading" and len(p.path) == 1 and is_step_heading(p.text)]


def _speaks(name: SlotName, piece: Piece, scope: _Scope) -> bool:
    label = label_of(piece.text)
    # Its own label and the nearest heading that announces slots; a heading about another matter rules it out.
    heading = next((heading for heading in reversed(piece.path) if heading_slots(heading)), "")
    announced = heading_slots(label) | heading_slots(heading)
    if not (scope.cites(piece) or scope.is_cited_under(piece.path)):
        above = piece.path if heading else (*piece.path, label)
        if not (announced and scope.is_about and all(scope.concerns(one) for one in above)):
            return False
    return fits(name, piece.text, announced=name in announced)


class _Desk:
    """Gives every line its citation; a place that the answer cites keeps its number."""

    def __init__(self, answer: Answer) -> None:
        self.citations = list(answer.citations)
        self._build = answer.build
        self._numbers = {(c.article_id, c.start, c.end): c.number for c in answer.citations}

    def slot(self, name: SlotName, found: Sequence[_Chosen]) -> Slot:
        """Return a slot with the first lines; a lead-in is no line of its own."""
        room = [one for one in found if one.piece.kind != "lead"][:MAX_LINES]
        cut = found.index(room[-1]) + 1 if room else 0
        lines = []
        for one in found[:cut]:
            cited = self._cite(one)
            lead = one.piece.kind == "lead"
            lines.append(Line(one.piece.text, (cited.number,), one.reading.id, one.piece.path, lead))
        rest = [one for one in found[cut:] if one.piece.kind != "lead"]
        return Slot(name, tuple(lines), len(rest), self._citation(rest[0], 0) if rest else None)

    def _cite(self, one: _Chosen) -> Citation:
        place = (one.reading.id, one.piece.start, one.piece.end)
        number = self._numbers.setdefault(place, len(self.citations) + 1)
        if number > len(self.citations):
            self.citations.append(self._citation(one, number))
        return self.citations[number - 1]

    def _citation(self, one: _Chosen, number: int) -> Citation:
        reading, piece = one.reading, one.piece
        return Citation(
            number=number,
            passage_id=piece.passage_id,
            article_id=reading.id,
            title=reading.title,
            heading_path=piece.path,
            path=reading.path,
            start=piece.start,
            end=piece.end,
            quote=piece.text,
            as_of=reading.as_of,
            as_of_kind=reading.as_of_kind,
            build=self._build,
        )


def _sources(kb: KnowledgeBase, citations: Sequence[Citation]) -> tuple[Source, ...]:
    """Return the articles that are cited, in the order of their first number."""
    readings = [kb.article(article_id) for article_id in dict.fromkeys(citation.article_id for citation in citations)]
    return tuple(
        Source(one.id, one.title, one.path, one.site, one.url, one.as_of, one.as_of_kind) for one in readings if one
    )
