"""What a build answers to the saved questions, kept with the build: verdict, cited sentences, what is found first.

Kept when the build is published, so that two builds are compared without asking either again, also when the pages of
the earlier one or the file of questions have gone. The folder is `explore/answers-…` in the build: its name holds a
hash of the questions and of the code that searches, so other questions are asked anew and the same give the same bytes.
What changed from build to build is told by index/explore/answer_changes.py.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.answer import Citation, Sentence
from index.build.publish import build_folder
from index.build.trial import First, searching_fingerprint
from index.explore.prepared import FOLDER, SMALL, NotPrepared, Part, Progress, made
from index.filters import Filters
from index.saved import SavedSearch, find_searches, page_roots

if TYPE_CHECKING:
    from index.answer import Answer
    from index.kb import KnowledgeBase

FILE = "answers.jsonl"
STAGE = "saved"
_NAME = "answers"
# Passages that are kept of each answer: what a reader sees without scrolling.
_FIRST = 3


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """One of the passages found first, `text == page.text[start:end]` of the page `path`."""

    passage_id: str
    article_id: str
    title: str
    path: str
    start: int
    end: int
    as_of: str | None
    text: str


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What a build answers to a saved question; `sentences` and `citations` are those of `Answer`."""

    name: str
    query: str
    filters: Filters
    build: str
    verdict: str
    confidence: float
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    passages: tuple[FoundPassage, ...]

    @property
    def key(self) -> str:
        """What was asked, whatever it is called: the same in every build."""
        return json.dumps([self.query, self.filters.as_dict()], ensure_ascii=False, sort_keys=True)

    def cited(self, sentence: Sentence) -> tuple[Citation, ...]:
        """Return the citations of one of the sentences."""
        return tuple(citation for citation in self.citations if citation.number in sentence.citations)

    def first(self) -> First:
        """Return what a reader sees first, as `policykb diff` tells it."""
        best = self.passages[0] if self.passages else None
        return First(
            self.verdict,
            best.title if best else None,
            best.passage_id if best else None,
            best.text if best else None,
            self.sentences[0].text if self.sentences else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as a line of the file has them."""
        return asdict(self) | {"filters": self.filters.as_dict()}

    @classmethod
    def of(cls, search: SavedSearch, answer: Answer) -> SavedAnswer:
        """Return what is kept of the answer to a saved question."""
        names = FoundPassage.__slots__
        return cls(
            search.name,
            search.query,
            search.filters,
            answer.build,
            answer.verdict,
            answer.confidence,
            answer.sentences,
            answer.citations,
            tuple(FoundPassage(*(getattr(hit, name) for name in names)) for hit in answer.hits[:_FIRST]),
        )


def key_of(search: SavedSearch) -> str:
    """Return the key under which the answer to a saved question is found."""
    return json.dumps([search.query, search.filters.as_dict()], ensure_ascii=False, sort_keys=True)


def saved_questions(kb: KnowledgeBase) -> tuple[SavedSearch, ...]:
    """Return the saved questions of the corpus and of the base; where the corpus is not here, those that were kept.

    Raises SearchesError for a file that cannot be read.
    """
    roots = page_roots(kb.manifest)
    searches = find_searches(kb.folder, roots)
    if searches or any(root.is_dir() for root in roots):
        return searches
    return tuple(SavedSearch(one.name, one.query, one.filters) for one in kept_answers(kb.folder, kb.build).values())


def answers_of(
    kb: KnowledgeBase, *, most: int | None = SMALL, progress: Progress = lambda stage, done, total: None
) -> tuple[SavedAnswer, ...]:
    """Return the answers of a build to all saved questions, in their order, asking and keeping what is not there.

    Where nothing can be written they are asked all the same and not kept. A build of more than `most` passages is not
    asked here: then what it answered to an earlier version of the code counts, and NotPrepared is raised where that is
    not all; None asks whatever its size. Raises SearchesError.
    """
    searches = saved_questions(kb)
    if not searches:
        return ()
    part = _part(searches)
    try:
        found = _read(made(kb, part, most=most, progress=progress))
        if len(found) < len(searches):  # damaged
            shutil.rmtree(part.folder(kb), ignore_errors=True)
            found = _read(made(kb, part, most=most, progress=progress))
    except NotPrepared:
        if most is None or kb.head["counts"]["passages"] <= most:
            return ask_all(kb, searches)
        kept = kept_answers(kb.folder, kb.build)
        if any(key_of(search) not in kept for search in searches):
            raise
        return tuple(replace(kept[key_of(search)], name=search.name) for search in searches)
    for other in (kb.path / FOLDER).glob(f"{_NAME}-*"):
        if other != part.folder(kb):
            shutil.rmtree(other, ignore_errors=True)
    return tuple(found)


def kept_answers(kb: Path, build: str) -> Mapping[str, SavedAnswer]:
    """Return what was kept of a build's answers, by their keys, in the order of the questions; asks nothing."""
    found: dict[str, SavedAnswer] = {}
    for folder in sorted((build_folder(kb, build) / FOLDER).glob(f"{_NAME}-*")):
        found |= {answer.key: answer for answer in _read(folder)}
    return found


def ask_all(
    kb: KnowledgeBase, searches: Sequence[SavedSearch], progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[SavedAnswer, ...]:
    """Return what a build answers to the searches."""
    found = []
    for search in searches:
        found.append(SavedAnswer.of(search, kb.ask(search.query, filters=search.filters or None)))
        progress(len(found), len(searches))
    return tuple(found)


def _part(searches: Sequence[SavedSearch]) -> Part:
    said = [[search.name, key_of(search)] for search in searches]
    digest = hashlib.sha256(json.dumps([said, searching_fingerprint()]).encode()).hexdigest()
    return Part(f"{_NAME}-{digest[:12]}", ("index/explore/saved_answers.py",), partial(_make, searches))


def _make(searches: Sequence[SavedSearch], kb: KnowledgeBase, folder: Path, progress: Progress) -> None:
    answers = ask_all(kb, searches, partial(progress, STAGE))
    lines = [json.dumps(answer.as_dict(), ensure_ascii=False, sort_keys=True) for answer in answers]
    (folder / FILE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _read(folder: Path) -> list[SavedAnswer]:
    """Return what is kept in a folder; a damaged or unknown one has nothing to say and is made anew."""
    try:
        lines = (folder / FILE).read_text(encoding="utf-8").split("\n")
        return [_answer(json.loads(line)) for line in lines if line]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _answer(row: Mapping[str, Any]) -> SavedAnswer:
    return SavedAnswer(
        row["name"],
        row["query"],
        Filters.from_dict(row["filters"]),
        row["build"],
        row["verdict"],
        row["confidence"],
        tuple(Sentence(one["text"], tuple(one["citations"]), tuple(one["differs_from"])) for one in row["sentences"]),
        tuple(Citation(**{**one, "heading_path": tuple(one["heading_path"])}) for one in row["citations"]),
        tuple(FoundPassage(**one) for one in row["passages"]),
    )
