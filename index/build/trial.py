"""Asks one build the gold questions, and keeps what came of it in `kb/gate/`, so that a published build is asked once.

A build never changes, so neither do its outcomes, until the gold or the code that searches and answers does; both stand
in the file. Whether one build is worse than another is left to `gate` and `diff`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from index.build.publish import build_folder
from index.gold import GoldQuestion
from index.kb import KnowledgeBase
from index.marks import SHARED, Mark, read_marks
from index.outcomes import Found, Question, Report, Said, ask, find
from index.store import StoreError
from ingest.problem import Problem

if TYPE_CHECKING:
    from index.answer import Answer
    from index.model.embedder import Embedder

FOLDER = "gate"
# What becomes of a marked sentence in a build: its article says it; its page does and its article does not; its page
# does not; its page could not be read; the corpus has no such page.
Standing = Literal["said", "cut", "unsaid", "skipped", "gone"]
_BEST_FIRST: tuple[Standing, ...] = get_args(Standing)


@dataclass(frozen=True, slots=True)
class First:
    """What a reader sees first: the verdict, the best passage and the first sentence, None where there is none."""

    verdict: str
    title: str | None
    passage_id: str | None
    text: str | None
    sentence: str | None

    @classmethod
    def of(cls, answer: Answer) -> First:
        """Return what is seen first of an answer."""
        hit = answer.hits[0] if answer.hits else None
        sentence = answer.sentences[0].text if answer.sentences else None
        if hit is None:
            return cls(answer.verdict, None, None, None, sentence)
        return cls(answer.verdict, hit.title, hit.passage_id, hit.text, sentence)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one question; `standing` says what became of each part of its answer, in the gold's order."""

    found: Found
    said: Said
    first: First
    standing: tuple[Standing, ...]

    @property
    def question(self) -> Question:
        """The question."""
        return self.found.question

    @property
    def rank(self) -> int | None:
        """The rank of the first passage that holds a marked sentence."""
        return min((rank for rank in self.found.ranks if rank), default=None)

    @property
    def says(self) -> bool:
        """Whether a marked sentence was said; where nothing answers, whether anything was."""
        return bool(self.said.said_marks if self.question.marks else self.said.sentences)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of all questions of a gold in a build, in the order of the gold."""

    build: str
    tried: tuple[Tried, ...]

    def report(self, ids: frozenset[str]) -> Report:
        """Return the outcomes of these questions, of which index/outcomes.py makes figures."""
        chosen = [tried for tried in self.tried if tried.question.id in ids]
        return Report(self.build, "hybrid", tuple(t.found for t in chosen), tuple(t.said for t in chosen))


def try_build(
    kb: Path,
    build: str,
    gold: Sequence[GoldQuestion],
    *,
    embedder: Embedder | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Trial:
    """Return what the build makes of the questions, from the file where it is known.

    `embedder` spares loading the build's model where it is the same one. Where the build cannot be asked any more, for
    its model is gone, what is known from an earlier version of the code counts; without it raises what opening raised.
    """
    file = kb / FOLDER / f"{build}-{gold_hash(gold)[:12]}.json"
    kept = _read(file)
    if kept is not None and kept[1] == searching_fingerprint():
        return kept[0]
    try:
        trial = _try(kb, build, gold, embedder, progress)
    except Problem:
        if kept is None:
            raise
        return kept[0]
    with suppress(OSError):  # a convenience: a base that cannot be written is asked again
        _write(kb, file, trial)
    return trial


def gold_hash(gold: Sequence[GoldQuestion]) -> str:
    """Return the SHA-256 of what the questions say, whatever the file looks like."""
    return hashlib.sha256(json.dumps([asdict(question) for question in gold]).encode()).hexdigest()


@cache
def searching_fingerprint() -> str:
    """Return a fingerprint of all code and tables that a search or an answer may depend on."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for room in ("ingest", "index"):
        for file in sorted((root / room).rglob("*")):
            if file.suffix in (".py", ".tsv", ".json", ".jsonl", ".safetensors"):
                digest.update(file.relative_to(root).as_posix().encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _try(
    kb: Path,
    build: str,
    gold: Sequence[GoldQuestion],
    embedder: Embedder | None,
    progress: Callable[[int, int], None],
) -> Trial:
    base = KnowledgeBase(kb, build)
    if embedder is not None and embedder.fingerprint == base.head["model"]["fingerprint"]:
        base.embedder = embedder
    tried = []
    try:
        for question, standing in _read_questions(base, gold):
            answer = base.ask(question.text)  # its hits are those of the search
            found, said = find([question], lambda _: answer.hits), ask([question], lambda _: answer)  # noqa: B023 - called here
            tried.append(Tried(found[0], said[0], First.of(answer), standing))
            progress(len(tried), len(gold))
    finally:
        base.close()
    return Trial(build, tuple(tried))


def _read_questions(base: KnowledgeBase, gold: Sequence[GoldQuestion]) -> list[tuple[Question, tuple[Standing, ...]]]:
    """Return the questions with marks and standings; a part that no page says is a mark that nothing can hold."""
    pages = _Pages(base)
    held = {question.id: [pages.says(answer.path, answer.quote) for answer in question.answers] for question in gold}
    on_pages = [
        replace(q, answers=tuple(a for a, says in zip(q.answers, held[q.id], strict=True) if says == "said"))
        for q in gold
    ]
    marks = read_marks(base.records, on_pages)
    found = []
    for question in gold:
        own = marks[question.id]
        cut = {quote for mark in own if not pages.keeps(mark) for quote in mark.quotes}
        parts: dict[object, list[Standing]] = {}
        for place, (answer, says) in enumerate(zip(question.answers, held[question.id], strict=True)):
            part = answer.part if answer.part is not None else f"by itself {place}"
            parts.setdefault(part, []).append("cut" if says == "said" and answer.quote in cut else says)
        # One of the quotes of a part is enough.
        standing = tuple(min(part, key=_BEST_FIRST.index) for part in parts.values())
        own += (Mark(),) * sum(part not in ("said", "cut") for part in standing)
        found.append((Question(question.id, question.text, question.kind, question.verdict, own), standing))
    return found


class _Pages:
    """The pages of a build as gold names them: by path, or by the end of it."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._records = base.records
        self._paths = {row["path"] for row in self._records.query("SELECT path FROM pages")}
        self._skipped = {item["path"] for item in base.head["skipped"]}
        self._texts: dict[str, str] = {}

    def says(self, path: str, quote: str) -> Standing:
        """Return `said` where the page says the quote, white space aside, else what stands in the way."""
        named = _named(path, self._paths)
        if len(named) != 1:
            return "skipped" if _named(path, self._skipped) else "gone"
        if named[0] not in self._texts:
            text = self._records.query("SELECT text FROM pages WHERE path = ?", named)[0]["text"]
            self._texts[named[0]] = "".join(text.split())
        return "said" if "".join(quote.split()) in self._texts[named[0]] else "unsaid"

    def keeps(self, mark: Mark) -> bool:
        """Whether a passage of one of its own pages holds this mark."""
        return any(
            place.shared(place.path, row["start"], row["end"]) >= SHARED
            for place in mark.places
            for row in self._records.query(
                'SELECT start, "end" FROM passages JOIN pages ON pages.id = article_id WHERE path = ?', (place.path,)
            )
        )


def _named(path: str, paths: Set[str]) -> list[str]:
    """Return the paths that `path` may name, by the rule of `index.gold.find_quotes`."""
    if path in paths:
        return [path]
    return [known for known in paths if known.endswith(f"/{path}") or path.endswith(f"/{known}")]


def _write(kb: Path, file: Path, trial: Trial) -> None:
    """Keep a trial, and clear away those of builds that are gone."""
    file.parent.mkdir(exist_ok=True)
    aside = file.with_name(f"{file.name}.{os.getpid()}")
    content = {"code": searching_fingerprint(), "build": trial.build, "tried": [_plain(t) for t in trial.tried]}
    aside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    aside.replace(file)
    for old in file.parent.iterdir():
        with suppress(StoreError):
            if not build_folder(kb, old.name.partition("-")[0]).is_dir():
                old.unlink()


def _plain(tried: Tried) -> dict[str, Any]:
    question, said = tried.question, tried.said
    return {
        "question": [question.id, question.text, question.kind, question.verdict, len(question.marks)],
        "ranks": tried.found.ranks,
        "said": [said.verdict, said.band, [[text, sorted(marks)] for text, marks in said.sentences]],
        "first": asdict(tried.first),
        "standing": tried.standing,
    }


def _read(file: Path) -> tuple[Trial, str] | None:
    """Return a kept trial and the fingerprint of the code that made it; a damaged file counts as missing."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return Trial(content["build"], tuple(_tried(row) for row in content["tried"])), content["code"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _tried(row: Mapping[str, Any]) -> Tried:
    name, text, kind, right, marks = row["question"]
    # Figures need the number of marks; where they stand was asked before.
    question = Question(name, text, kind, right, (Mark(),) * marks)
    verdict, band, sentences = row["said"]
    said = Said(question, verdict, band, tuple((text, frozenset(marks)) for text, marks in sentences))
    return Tried(Found(question, tuple(row["ranks"])), said, First(**row["first"]), tuple(row["standing"]))
