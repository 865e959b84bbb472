"""Which gold questions and saved searches begin differently in another build: the first passage, the first sentence.

What a reader sees first is what she acts on; whether it is better or worse is judged in `gate`, for gold only. Of saved
searches the whole answers are compared as well, sentence by sentence (index/explore/answer_changes.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from index.build.gate import Progress, Verdict, compare_trials, try_both
from index.build.trial import First
from index.explore.answer_changes import compare_answers
from index.explore.saved_answers import SavedAnswer, ask_all, kept_answers, key_of
from index.gold import GoldQuestion
from index.kb import KnowledgeBase
from index.saved import SavedSearch
from ingest.problem import Problem


@dataclass(frozen=True, slots=True)
class Some:
    """How many there are, and the first of them as plain values."""

    count: int
    items: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, items: Iterable[dict[str, Any]], limit: int | None) -> Some:
        """Return the count of `items` and the first `limit`, all where it is None."""
        found = tuple(items)
        return cls(len(found), found[:limit])

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"count": self.count, "items": list(self.items)}


@dataclass(frozen=True, slots=True)
class FirstAnswers:
    """How many questions and searches were asked of both builds, and those that begin differently.

    `changed_answers` are the searches with another answer, also where it begins alike. `verdict` is what the gate says
    of the later build, None without gold. `notes` say what could not be asked, and why.
    """

    questions: int
    changed_questions: Some
    searches: int
    changed_searches: Some
    changed_answers: Some
    verdict: Verdict | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "questions": {"asked": self.questions, **self.changed_questions.as_dict()},
            "searches": {"asked": self.searches, **self.changed_searches.as_dict()},
            "saved": {"asked": self.searches, **self.changed_answers.as_dict()},
            "gate": self.verdict.as_dict() if self.verdict else None,
            "notes": list(self.notes),
        }


def first_answers(
    kb: Path,
    before: str,
    after: str,
    *,
    gold: Sequence[GoldQuestion],
    searches: Sequence[SavedSearch],
    limit: int | None,
    progress: Progress,
) -> FirstAnswers:
    """Return what the questions of `gold` and the `searches` show first in both builds, where it differs."""
    questions: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    notes: list[str] = []
    verdict = None
    try:
        if gold:
            questions, verdict = _ask_gold(kb, before, after, gold, progress)
        if searches:
            found, others = _search_both(kb, before, after, searches, progress)
    except Problem as problem:  # a build whose model is gone: pages and passages can be compared all the same
        notes.append(f"questions and searches were not asked: {problem}")
    return FirstAnswers(
        questions=0 if notes else len(gold),
        changed_questions=Some.of(questions, limit),
        searches=0 if notes else len(searches),
        changed_searches=Some.of(found, limit),
        changed_answers=Some.of(others, limit),
        verdict=verdict,
        notes=tuple(notes),
    )


def _ask_gold(
    kb: Path, before: str, after: str, gold: Sequence[GoldQuestion], progress: Progress
) -> tuple[list[dict[str, Any]], Verdict]:
    """Return the questions of the gold that begin differently, the worst first, and what the gate says."""
    new, old = try_both(kb, after, before, gold, progress=progress)
    if isinstance(old, Problem):
        raise old
    verdict = compare_trials(new, old, gold)
    worse = {change.id: change.happened() for change in verdict.worse}
    found = []
    for was, now in zip(old.tried, new.tried, strict=True):
        # Where nothing answers, no passage is the right one, and which comes first says nothing.
        if changes := _changes(was.first, now.first, passage=bool(now.question.marks)):
            question = {"id": now.question.id, "query": now.question.text, "worse": worse.get(now.question.id)}
            found.append(question | changes)
    order = {id_: place for place, id_ in enumerate(worse)}
    return sorted(found, key=lambda item: order.get(item["id"], len(order))), verdict


def _search_both(
    kb: Path, before: str, after: str, searches: Sequence[SavedSearch], progress: Progress
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the searches that begin differently, and those with another answer and in what."""
    old = _search_all(kb, before, searches, partial(progress, "searches_before"))
    new = _search_all(kb, after, searches, partial(progress, "searches"))
    begin, answered = [], []
    for search, was, now in zip(searches, old, new, strict=True):
        named = {"name": search.name, "query": search.query}
        if changes := _changes(was.first(), now.first()):
            begin.append(named | changes)
        if (differing := compare_answers(was, now)).what:
            answered.append(named | {"verdict": [was.verdict, now.verdict], **differing.as_dict()})
    return begin, answered


def _search_all(
    kb: Path, build: str, searches: Sequence[SavedSearch], progress: Callable[[int, int], None]
) -> list[SavedAnswer]:
    """Return what a build answers: as it was kept when it was published, asked now where that is not there."""
    kept = kept_answers(kb, build)
    lacking = [search for search in searches if key_of(search) not in kept]
    asked: Mapping[str, SavedAnswer] = {}
    if lacking:
        base = KnowledgeBase(kb, build)
        try:
            asked = {answer.key: answer for answer in ask_all(base, lacking, progress)}
        finally:
            base.close()
    return [kept[key] if (key := key_of(search)) in kept else asked[key] for search in searches]


def _changes(was: First, now: First, *, passage: bool = True) -> dict[str, Any]:
    """Return what differs for a reader, and both sides; a passage that only moved to another page's id is the same."""
    differs = {
        "passage": passage and (was.title, was.text) != (now.title, now.text),
        "sentence": was.sentence != now.sentence,
        "verdict": was.verdict != now.verdict,
    }
    changed = [name for name, is_other in differs.items() if is_other]
    return {"changed": changed, "before": asdict(was), "after": asdict(now)} if changed else {}
