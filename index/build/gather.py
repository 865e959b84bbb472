"""Gathers what a build is made of: hashes every page first, learns from all, then cleans and splits one at a time.

The hashes decide the build's id, so a page that changes or vanishes between the passes stops the rebuild. What is
learned follows from the pages and the code, so it needs no place of its own in the id. What the last build knows of a
page is used where it would come out the same (`page_cache`), so only new and changed pages are worked on, and those
whose neighbours now tell something else of them; work on one page is in `page_work`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from index.build.failed import RebuildFailed
from index.build.in_order import Job
from index.build.manifest import code_fingerprint
from index.build.page_bytes import Pages
from index.build.page_cache import NO_TEXT, DamagedCache, Made, PageCache, Unread, key_of_entry, pack
from index.build.page_work import PageWork, Result
from index.build.runner import Runner
from index.build.seen import Seen
from index.build.shards import Shards, entries_in
from index.lexicon.own import OwnTables
from index.model.embedder import Embedder
from index.store.recording import RULE, Rows, write_repeats, write_rows
from ingest.corpus import Corpus
from ingest.learning.duplicates import Signatures
from ingest.learning.learn import Lesson, learn_lessons
from ingest.learning.learned import Learned
from ingest.learning.questions import Answers
from ingest.learning.repeats import Counted
from ingest.overrules import ACTIONS, Overrule
from ingest.page import BadPage, read_bytes

__all__ = ["Gathered", "Progress", "RebuildFailed", "gather", "hash_pages"]

# progress(stage, done, total): total 0 means that the end is not known yet
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Standing:
    """A line that repeats on a site: on how many pages, on how many it was removed, and the first of them by path."""

    pages: int
    removed: int
    example: str


@dataclass(slots=True)
class Gathered:
    """What is counted and told while pages stream by.

    `slow` are pages that took too long, with the pass that did; `signatures` those of each article and its passages.
    `cleaned` pages were worked on, `kept` ones are as the last build had them; `anew` says why all were worked on.
    """

    pages: int = 0
    passages: int = 0
    removals: Counter[str] = field(default_factory=Counter)
    overruled: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(ACTIONS, 0)))
    skipped: list[dict[str, str]] = field(default_factory=list)
    slow: list[list[str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    repeats: dict[tuple[str, str], Standing] = field(default_factory=dict)
    signatures: list[Signatures] = field(default_factory=list)
    cleaned: int = 0
    kept: int = 0
    anew: str | None = None

    def article_signatures(self) -> Signatures:
        """Return a row an article."""
        return np.concatenate([NO_TEXT, *(rows[:1] for rows in self.signatures)])

    def passage_signatures(self) -> Signatures:
        """Return a row a passage."""
        return np.concatenate([NO_TEXT, *(rows[1:] for rows in self.signatures)])


def hash_pages(
    corpus: Corpus, own: OwnTables, embedder: Embedder, progress: Progress
) -> tuple[dict[str, Any], dict[str, BadPage]]:
    """Return what decides the build, and the pages whose bytes cannot be had."""
    found, overrules = corpus.found, corpus.overrules
    pages: list[dict[str, Any]] = []
    unreadable: dict[str, BadPage] = {}
    for number, page in enumerate(found.pages):
        try:
            digest = sha256(read_bytes(page.file, path=page.path)).hexdigest()
        except BadPage as error:
            unreadable[page.path] = error
        else:
            pages.append(
                {
                    "path": page.path,
                    "sha256": digest,
                    "sidecar": dict(found.sidecar.get(page.path, {})),
                    "overrules": [_plain(overrule) for overrule in overrules.of(page.path)],
                }
            )
        progress("read", number + 1, len(found.pages))
    # Paths without their reasons: a reason may name the place where the folder lies today.
    skipped = sorted([*(item.path for item in found.skipped), *unreadable])
    inputs = {
        "pages": pages,
        "skipped": skipped,
        "overrules_missed": [str(missed) for missed in overrules.missed],
        "source_rules": [[rule.kind, rule.place, rule.pattern] for rule in corpus.source_rules],
        "lexicon": own.fingerprint(),
        "model": {"fingerprint": embedder.fingerprint, "dim": embedder.dim},
        "code": code_fingerprint(),
    }
    return inputs, unreadable


def _plain(overrule: Overrule) -> list[str | int | None]:
    """Return what of an overrule decides a page: the ledger names its line and its reason as well."""
    return [overrule.action, overrule.place, overrule.quote, overrule.why, overrule.line]


def gather(
    kb: Path,
    records: Path,
    corpus: Corpus,
    own: OwnTables,
    inputs: Mapping[str, Any],
    embedder: Embedder,
    *,
    full: bool,
    runner: Runner,
    progress: Progress,
) -> Gathered:
    """Write what each page becomes into the file `records`, and return what was counted and told.

    `runner` works on the pages. With `full` nothing that an earlier rebuild knows is used. Raises RebuildFailed.
    """
    pages, shards = Pages.of(kb, corpus, inputs), Shards(kb / "cache")
    if full:
        shards.clear()
    with TemporaryDirectory(prefix=".seen-", dir=records.parent) as seen:
        work = PageWork(own, runner.embedder(embedder), corpus.source_rules, Seen(Path(seen)))
        step = partial(_gather, pages, work, runner, shards, records, inputs, progress)
        try:
            return step("everything was asked for anew" if full else None)
        except DamagedCache:
            return step("what was kept of pages was damaged")


def _gather(
    pages: Pages,
    work: PageWork,
    runner: Runner,
    shards: Shards,
    records: Path,
    inputs: Mapping[str, Any],
    progress: Progress,
    anew: str | None,
) -> Gathered:
    with closing(PageCache(pages.kb / "cache", inputs, anew=anew)) as cache:
        gathered = Gathered(anew=cache.anew)
        missed = pages.corpus.overrules.missed
        gathered.warnings += [{"path": each.overrule.path, "warning": str(each)} for each in missed]
        _take_up(shards, cache, partial(progress, "resume"))
        learning = _Pass(pages, runner, shards, cache, _Keys(inputs), partial(progress, "learn"))
        learned = learn_lessons(_lessons(learning, work))
        cleaning = replace(learning, progress=partial(progress, "clean"))
        write_rows(records, _rows(cleaning, work, learned, gathered))
        repeats = [(*key, entry.pages, entry.removed, entry.example) for key, entry in gathered.repeats.items()]
        write_repeats(records, learned.repeats.pages, repeats)
        cache.finish()
        return gathered


class _Keys:
    """The keys of what pages teach and become, by their numbers."""

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        self._pages = inputs["pages"]
        self._shared = key_of_entry([inputs[name] for name in ("source_rules", "lexicon", "model")]).hex()

    def lesson(self, number: int) -> bytes:
        page = self._pages[number]
        return key_of_entry("lesson", page["path"], page["sha256"], page["sidecar"])

    def made(self, number: int) -> bytes:
        return key_of_entry("made", self._pages[number], self._shared)


@dataclass(frozen=True, slots=True)
class _Pass:
    """One pass over the pages: who works on them, and where what comes of them is kept."""

    pages: Pages
    runner: Runner
    shards: Shards
    cache: PageCache
    keys: _Keys
    progress: Callable[[int, int], None]


def _take_up(shards: Shards, cache: PageCache, progress: Callable[[int, int], None]) -> None:
    """Put into the cache what a killed rebuild had worked out and not put there."""
    files = shards.files()
    for number, file in enumerate(files, start=1):
        for key, content in entries_in(file):
            cache.keep(key, content)
        progress(number, len(files))


def _lessons(learning: _Pass, work: PageWork) -> Iterator[Lesson]:
    """Yield what the pages teach, those that can be read."""
    pages, cache, keys = learning.pages, learning.cache, learning.keys
    jobs: Iterator[Job[None, Lesson | Unread]] = (
        Job(number, entry["path"], None, cache.lesson(keys.lesson(number)))
        for number, entry in enumerate(pages.entries)
    )

    def arrived(results: Sequence[tuple[int, Lesson | Unread]]) -> None:
        learning.shards.keep((keys.lesson(number), pack(lesson)) for number, lesson in results)

    for job, lesson in learning.runner.in_order(jobs, pages.read, work.teach, arrived):
        if job.known is None:
            cache.keep(keys.lesson(job.number), pack(lesson))
        if isinstance(lesson, Lesson):
            yield lesson
        learning.progress(job.number + 1, len(pages.entries))


def _rows(cleaning: _Pass, work: PageWork, learned: Learned, gathered: Gathered) -> Iterator[Rows]:
    """Yield the rows of each page, and gather what is told of it."""
    pages, cache, keys = cleaning.pages, cleaning.cache, cleaning.keys
    answers = Answers(learned.openings)

    def jobs() -> Iterator[Job[Counted | None, Made | Unread]]:
        for number, entry in enumerate(pages.entries):
            lesson = cache.lesson(keys.lesson(number))
            if lesson is None:
                raise DamagedCache(f"{entry['path']}: what was kept in the first pass is gone")
            if isinstance(lesson, Unread):
                yield Job(number, entry["path"], None, lesson)
                continue
            counted = learned.repeats.ask(lesson.lines)
            made = cache.made(keys.made(number))
            yield Job(number, entry["path"], counted, made if _still_holds(made, counted, answers) else None)

    def arrived(results: Sequence[tuple[int, Made | Unread]]) -> None:
        cleaning.shards.keep((keys.made(number), pack(made)) for number, made in results)

    make = partial(work.make, learned, answers)
    for job, made in cleaning.runner.in_order(jobs(), pages.read_and_keep, make, arrived):
        if job.known is None:
            cache.keep(keys.made(job.number), pack(made))
        if isinstance(made, Unread):
            gathered.skipped.append({"path": job.path, "reason": made.reason})
            if made.slow:
                gathered.slow.append([job.path, made.reason])
        else:
            if job.known is None:
                gathered.cleaned += 1
            else:
                gathered.kept += 1
                pages.keep(job.number)
            result = Result.from_bytes(made.content)
            result.fill(job.context)
            _tell(gathered, job.path, result, job.context)
            gathered.signatures.append(made.signatures)
            yield result.rows
        cleaning.progress(job.number + 1, len(pages.entries))


def _still_holds(made: Made | Unread | None, counted: Counted | None, answers: Answers) -> bool:
    """Say whether a page would become the same: its neighbours tell it what they told when it was cleaned."""
    if not isinstance(made, Made):
        return made is not None
    told = counted.deciding() if counted is not None else b""
    return made.deciding == told and made.answers == answers.to(made.asked)


def _tell(gathered: Gathered, path: str, result: Result, counted: Counted | None) -> None:
    gathered.removals.update(removal[RULE] for removal in result.rows["removals"])
    gathered.overruled.update(result.overruled)
    gathered.warnings += [{"path": path, "warning": warning} for warning in result.warnings]
    for line, wording, is_removed in result.standing:
        assert counted is not None  # else no line would stand
        key = counted.site, wording
        gathered.repeats.setdefault(key, Standing(int(counted.pages[line]), 0, path)).removed += is_removed
    if result.skipped is not None:
        gathered.skipped.append({"path": path, "reason": result.skipped})
    else:
        gathered.pages += 1
        gathered.passages += len(result.rows["slices"])
