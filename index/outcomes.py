"""Measures a knowledge base on answer gold: what is found, what is said, and which verdict is given.

Every question is searched for and asked once; an outcome keeps what came of it, and all figures are sums over outcomes,
so that two bases or two modes can be compared question by question (index/significance.py). What counts as the answer
is left to index/marks.py. Definitions of the figures: docs/evaluation.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from index.gold import VERDICTS, GoldQuestion
from index.marks import Mark, read_marks
from index.ranking import Mode
from index.significance import Difference, Tally, compare, figure

if TYPE_CHECKING:
    from index.answer import Answer
    from index.kb import KnowledgeBase

# Passages looked at: MRR is cut here, and nobody reads further.
K = 10
RECALL_AT = 5
RETRIEVAL = ("recall@5", "right_first", "within_3", "mrr@10")
ANSWERS = ("sentence_precision", "sentence_recall", "included", "verdict_right", "invented")
ALL = "all"


class Stretch(Protocol):
    """A piece of a page: a hit of a search, or of a baseline."""

    @property
    def path(self) -> str:
        """The page."""

    @property
    def start(self) -> int:
        """Where it begins in the page."""

    @property
    def end(self) -> int:
        """Where it ends in the page."""

    @property
    def text(self) -> str:
        """Its words."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the gold with the marks of a base; `marks` is empty exactly where nothing answers it."""

    id: str
    text: str
    kind: str
    verdict: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: for each mark the rank, from 1, of the first passage that holds it."""

    question: Question
    ranks: tuple[int | None, ...]

    def tallies(self) -> dict[str, Tally]:
        """Return what this question adds to the figures of retrieval."""
        if not self.ranks:
            return dict.fromkeys(RETRIEVAL, (0.0, 0.0))
        best = min((rank for rank in self.ranks if rank), default=None)
        within = sum(rank is not None and rank <= RECALL_AT for rank in self.ranks)
        return {
            "recall@5": (within / len(self.ranks), 1.0),
            "right_first": (float(best == 1), 1.0),
            "within_3": (float(best is not None and best <= 3), 1.0),
            "mrr@10": (1 / best if best else 0.0, 1.0),
        }


@dataclass(frozen=True, slots=True)
class Said:
    """What was answered: verdict, band (None where the base knows none), and for each sentence the marks it says."""

    question: Question
    verdict: str
    band: str | None
    sentences: tuple[tuple[str, frozenset[int]], ...]

    @property
    def said_marks(self) -> frozenset[int]:
        """The numbers of the marks that were said."""
        return frozenset().union(*(marks for _, marks in self.sentences))

    def tallies(self) -> dict[str, Tally]:
        """Return what this question adds to the figures of answers."""
        marks = self.question.marks
        return {
            "sentence_precision": (float(sum(bool(said) for _, said in self.sentences)), float(len(self.sentences))),
            "sentence_recall": (float(len(self.said_marks)), float(len(marks))),
            "included": (float(bool(self.said_marks)), float(bool(marks))),
            "verdict_right": (float(self.verdict == self.question.verdict), 1.0),
            "invented": (float(bool(self.sentences) and not marks), float(not marks)),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes of all questions in the order of the gold; `said` is empty where only retrieval was measured."""

    build: str
    mode: str
    found: tuple[Found, ...]
    said: tuple[Said, ...]

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of questions in the order of the gold, and `all` last."""
        return (*dict.fromkeys(outcome.question.kind for outcome in self.found if outcome.question.kind), ALL)

    def tallies(self, kind: str = ALL) -> dict[str, list[Tally]]:
        """Return the tallies of the questions of one kind by the name of the figure."""
        outcomes: tuple[Sequence[Found | Said], ...] = (self.found, self.said)
        found: dict[str, list[Tally]] = {}
        for part in outcomes:
            for outcome in part:
                if kind in (ALL, outcome.question.kind):
                    for name, tally in outcome.tallies().items():
                        found.setdefault(name, []).append(tally)
        return found

    def figures(self, kind: str = ALL) -> dict[str, float | None]:
        """Return the figures of one kind, None for those that its questions say nothing to."""
        marks = [outcome.question.marks for outcome in self.found if kind in (ALL, outcome.question.kind)]
        counts: dict[str, float | None] = {"questions": len(marks), "answerable": sum(map(bool, marks))}
        return counts | {name: _rounded(figure(tallies)) for name, tallies in self.tallies(kind).items()}

    def verdicts(self) -> dict[str, dict[str, int]]:
        """Return how often which verdict was given, by the verdict that is right."""
        table = {expected: dict.fromkeys(VERDICTS, 0) for expected in VERDICTS}
        for outcome in self.said:
            table[outcome.question.verdict][outcome.verdict] += 1
        return table

    def bands(self) -> dict[str, dict[str, float | None]]:
        """Return what became of each band of confidence.

        `said` counts the answers that say something, `right` is the share of them that say a marked sentence; `silent`
        counts those that say nothing, `silent_right` is the share of them to which nothing answers.
        """
        found: dict[str, dict[str, float | None]] = {}
        for band in dict.fromkeys(outcome.band for outcome in self.said if outcome.band is not None):
            spoken = [outcome for outcome in self.said if outcome.band == band and outcome.sentences]
            silent = [outcome for outcome in self.said if outcome.band == band and not outcome.sentences]
            found[band] = {
                "said": len(spoken),
                "right": _rounded(figure([(bool(outcome.said_marks), 1) for outcome in spoken])),
                "silent": len(silent),
                "silent_right": _rounded(figure([(not outcome.question.marks, 1) for outcome in silent])),
            }
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the figures under the names of the command contract."""
        return {
            "build": self.build,
            "mode": self.mode,
            "kinds": {kind: self.figures(kind) for kind in self.kinds()},
            "verdicts": self.verdicts(),
            "bands": self.bands(),
        }


def read_questions(kb: KnowledgeBase, gold: Sequence[GoldQuestion]) -> tuple[Question, ...]:
    """Return the questions with the marks of this base. Raises GoldError for a quote that the base does not hold."""
    marks = read_marks(kb.records, gold)
    return tuple(Question(q.id, q.text, q.kind, q.verdict, marks[q.id]) for q in gold)


def find(questions: Sequence[Question], search: Callable[[str], Sequence[Stretch]]) -> tuple[Found, ...]:
    """Return what `search`, which gives passages best first, found for each question."""
    return tuple(
        Found(question, _ranks(question.marks, search(question.text) if question.marks else ()))
        for question in questions
    )


def ask(questions: Sequence[Question], answer: Callable[[str], Answer]) -> tuple[Said, ...]:
    """Return what `answer` said to each question."""
    return tuple(_said(question, answer(question.text)) for question in questions)


def report(
    kb: KnowledgeBase,
    questions: Sequence[Question],
    *,
    mode: Mode = "hybrid",
    answers: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Return how the base does on the questions: the ranking of `mode`, and what `kb.ask` says, which knows no mode.

    `progress` is told the number of questions newly done.
    """
    found: list[Found] = []
    said: list[Said] = []
    for question in questions:
        found += find([question], lambda text: kb.search(text, k=K, mode=mode))
        if answers:
            said += ask([question], kb.ask)
        if progress is not None:
            progress(1)
    return Report(kb.build, mode, tuple(found), tuple(said))


def compare_reports(this: Report, other: Report) -> dict[str, dict[str, Difference]]:
    """Return the difference of every figure that both have, `this` less `other`, by kind of question."""
    return {kind: compare(this.tallies(kind), other.tallies(kind)) for kind in this.kinds()}


def _ranks(marks: Sequence[Mark], hits: Sequence[Stretch]) -> tuple[int | None, ...]:
    return tuple(
        next(
            (rank for rank, hit in enumerate(hits, start=1) if mark.stands_in(hit.path, hit.start, hit.end, hit.text)),
            None,
        )
        for mark in marks
    )


def _said(question: Question, answer: Answer) -> Said:
    citations = {citation.number: citation for citation in answer.citations}
    sentences = []
    for sentence in answer.sentences:
        cited = [citations[number] for number in sentence.citations]
        marks = frozenset(
            number
            for number, mark in enumerate(question.marks)
            if any(mark.stands_in(c.path, c.start, c.end, c.quote) for c in cited)
        )
        sentences.append((sentence.text, marks))
    # An uncalibrated base gives no band; what a calibrated one gives is known here by its name alone.
    band = getattr(answer, "band", None)
    name = None if band is None else str(getattr(band, "name", band))
    return Said(question, answer.verdict, name, tuple(sentences))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)
