"""What changed in the answers to the saved questions from build to build, read from what each build has kept.

Told of every question: how its answer differs from that of the build published before, sentence by sentence, and since
which build it stands as it does. Nothing is asked here but the build that is read (index/explore/saved_answers.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from index.answer import Citation, Sentence
from index.build.builds import SHOWN
from index.build.journal import read
from index.build.publish import build_folders
from index.explore.prepared import Progress
from index.explore.saved_answers import SavedAnswer, answers_of, kept_answers
from index.ngrams import fold

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

# What a reader would call another answer, the gravest first.
What = Literal["verdict", "sentences", "sources"]
WHATS: tuple[What, ...] = get_args(What)
# Two sentences with this share of common characters are one sentence in other words: 3个月 -> 6个月, a clause put in.
# Of the pairs of sentences in answers to the sample gold, those on other matters reach 0.47, one rule at two
# sites 0.64.
_ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Reworded:
    """A sentence that took the place of one that says nearly the same."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Resourced:
    """A sentence that both answers say, cited from other pages or from pages of another date."""

    text: str
    before: tuple[Citation, ...]
    after: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Differing:
    """How an answer differs from an earlier one; all empty where it says the same from the same sources."""

    what: tuple[What, ...]
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    reworded: tuple[Reworded, ...] = ()
    resourced: tuple[Resourced, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; of a source its path and date."""
        return asdict(self) | {
            "resourced": [
                {
                    "text": one.text,
                    "before": [[citation.path, citation.as_of] for citation in one.before],
                    "after": [[citation.path, citation.as_of] for citation in one.after],
                }
                for one in self.resourced
            ]
        }


@dataclass(frozen=True, slots=True)
class Shown:
    """A build that readers saw, and when it last became the published one (UTC, ISO); None where no log says so."""

    build: str
    at: str | None


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A saved question: its answer `now` and `before`, how they differ, and `since` which build it stands so.

    `before` is None where no earlier build was asked this. `since_first` says that no build was asked before `since`,
    so that the answer may be older than that.
    """

    now: SavedAnswer
    before: SavedAnswer | None
    differing: Differing
    since: Shown
    since_first: bool

    @property
    def is_changed(self) -> bool:
        """Whether a reader gets another answer than before."""
        return bool(self.differing.what)


@dataclass(frozen=True, slots=True)
class SavedAnswers:
    """The answers of `build` to all saved questions, those that changed first, else in the order of the files.

    `before` is the build they are compared with, None where readers saw none before; `earlier` are all that can be.
    """

    build: Shown
    before: Shown | None
    earlier: tuple[Shown, ...]
    items: tuple[AnswerChange, ...]

    @property
    def changed(self) -> tuple[AnswerChange, ...]:
        """Those that are answered differently now."""
        return tuple(item for item in self.items if item.is_changed)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: of questions that did not change only since when."""
        return {
            "build": self.build.build,
            "before": self.before.build if self.before else None,
            "asked": len(self.items),
            "changed": len(self.changed),
            "items": [
                {
                    "name": item.now.name,
                    "query": item.now.query,
                    "filters": item.now.filters.as_dict(),
                    "verdict": [item.before.verdict if item.before else None, item.now.verdict],
                    "compared_with": item.before.build if item.before else None,
                    "since": item.since.build,
                    "since_at": item.since.at,
                    **item.differing.as_dict(),
                }
                for item in self.items
            ],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a question: what changed, the answer before and now, since when, the first passage cited."""
        import pandas as pd

        frame = pd.DataFrame([row_of(item) for item in self.items], columns=list(COLUMNS))
        frame.insert(0, "build", self.build.build)
        return frame


COLUMNS = (
    *("name", "query", "changed", "verdict_before", "verdict", "answer_before", "answer", "reworded", "came", "went"),
    *("build_before", "since", "since_at", "passage_id", "path", "as_of"),
)


def row_of(item: AnswerChange) -> tuple[Any, ...]:
    """Return a question as a row of COLUMNS; lists are joined by line ends, a sentence has one."""
    now, before, differing = item.now, item.before, item.differing
    cited = now.citations[0] if now.citations else None
    return (
        now.name,
        now.query,
        ", ".join(differing.what) if before else "new",
        before.verdict if before else None,
        now.verdict,
        _said(before.sentences) if before else None,
        _said(now.sentences),
        "\n".join(f"{one.before} -> {one.after}" for one in differing.reworded),
        "\n".join(differing.came),
        "\n".join(differing.went),
        before.build if before else None,
        item.since.build,
        item.since.at,
        cited.passage_id if cited else None,
        cited.path if cited else None,
        cited.as_of if cited else None,
    )


def saved_answers(
    kb: KnowledgeBase,
    *,
    since: str | None = None,
    most: int | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> SavedAnswers:
    """Return what the build answers to the saved questions and what changed since the build `since`.

    Without it, or where that kept none, it is the build readers saw before; a question that this one was not asked is
    compared with the newest earlier build that was. `most` as in `answers_of`. Raises NotPrepared, SearchesError.
    """
    answers = answers_of(kb, most=most, progress=progress)
    now, earlier = _shown(kb.folder, kb.build)
    kept = {shown.build: kept_answers(kb.folder, shown.build) for shown in earlier} if answers else {}
    asked = tuple(shown for shown in earlier if kept.get(shown.build))
    first = next((shown for shown in asked if shown.build == since), asked[0] if asked else None)
    compared = [first, *(shown for shown in asked if shown != first)] if first else []
    items = [_item(answer, compared, asked, now, kept) for answer in answers]
    return SavedAnswers(now, first, asked, tuple(sorted(items, key=lambda item: not item.is_changed)))


def _item(
    answer: SavedAnswer,
    compared: Iterable[Shown],
    asked: Sequence[Shown],
    now: Shown,
    kept: Mapping[str, Mapping[str, SavedAnswer]],
) -> AnswerChange:
    key = answer.key
    before = next((kept[shown.build][key] for shown in compared if key in kept[shown.build]), None)
    since, is_first = now, True
    for shown in asked:
        if key not in kept[shown.build]:
            continue
        if compare_answers(kept[shown.build][key], answer).what:
            is_first = False
            break
        since = shown
    return AnswerChange(answer, before, compare_answers(before, answer) if before else Differing(()), since, is_first)


def compare_answers(before: SavedAnswer, now: SavedAnswer) -> Differing:
    """Return how `now` differs from `before`.

    Width, script and blanks make no difference, nor does the order of sentences.
    """
    old = {_form(sentence.text): sentence for sentence in before.sentences}
    new = {_form(sentence.text): sentence for sentence in now.sentences}
    went = [sentence.text for form, sentence in old.items() if form not in new]
    came = [sentence.text for form, sentence in new.items() if form not in old]
    reworded = _pairs(went, came)
    resourced = tuple(
        Resourced(new[form].text, before.cited(old[form]), now.cited(new[form]))
        for form in new
        if form in old and _sources(before, old[form]) != _sources(now, new[form])
    )
    is_other: Mapping[What, bool] = {
        "verdict": before.verdict != now.verdict,
        "sentences": bool(went or came),
        "sources": bool(resourced),
    }
    return Differing(
        tuple(what for what in WHATS if is_other[what]),
        tuple(text for text in came if all(text != pair.after for pair in reworded)),
        tuple(text for text in went if all(text != pair.before for pair in reworded)),
        reworded,
        resourced,
    )


def _pairs(went: Sequence[str], came: Sequence[str]) -> tuple[Reworded, ...]:
    """Return the sentences that took each other's place, the most alike first, each once."""
    alike = sorted(
        (-SequenceMatcher(None, _form(old), _form(new), autojunk=False).ratio(), at, old, new)
        for at, old in enumerate(went)
        for new in came
    )
    pairs: list[Reworded] = []
    for unlike, _, old, new in alike:
        if -unlike >= _ALIKE and all(old != pair.before and new != pair.after for pair in pairs):
            pairs.append(Reworded(old, new))
    return tuple(pairs)


def _form(text: str) -> str:
    return "".join(fold(text).split())


def _sources(answer: SavedAnswer, sentence: Sentence) -> set[tuple[str, str | None]]:
    """Return the pages of a sentence and their dates: where a page moved to, or was captured anew, is another one."""
    return {(citation.path, citation.as_of) for citation in answer.cited(sentence)}


def _said(sentences: Iterable[Sentence]) -> str:
    return "\n".join(sentence.text for sentence in sentences)


def _shown(kb: Path, build: str) -> tuple[Shown, tuple[Shown, ...]]:
    """Return a build and the kept ones that readers saw before it, the newest first, as the log tells."""
    try:
        events = [event for event in read(kb) if event["event"] in SHOWN and isinstance(event.get("build"), str)]
    except OSError:
        events = []
    last = {event["build"]: event["at"] for event in events}  # the last event of each
    order = tuple(dict.fromkeys(event["build"] for event in reversed(events)))
    if build not in order:  # refused, or older than the log
        return Shown(build, None), ()
    kept = {folder.name for folder in build_folders(kb)}
    before = order[order.index(build) + 1 :]
    return Shown(build, last[build]), tuple(Shown(one, last[one]) for one in before if one in kept)
