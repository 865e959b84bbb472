"""The rebuild: which build is wanted, whether it is there already, making it, judging it, publishing it, clearing up.

A build is a function of the pages, their sidecars, what a person overruled, the lexicon, the model and the code: the
same input gives the same id, in any order of files and with any number of workers. It is made in a folder beside the
published one (`make`), asked the gold questions (`gate`), and shown in one rename (`publish`); until then readers see
the old build, so a rebuild that fails, is killed or is refused changes nothing for them. What happened goes to the log.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index.build import journal
from index.build.builds import last_published
from index.build.failed import RebuildFailed
from index.build.gate import Verdict, find_gold, judge
from index.build.gather import Progress, hash_pages
from index.build.lock import RebuildRunning, rebuild_lock
from index.build.make import make_build, strict_message
from index.build.manifest import FILE, build_id, damaged_files, file_sha256, manifest_problems, read_manifest
from index.build.prune import prune
from index.build.publish import KEEP, build_folder, publish, read_current
from index.build.raw import lacking_raw
from index.build.runner import Processes, Runner
from index.build.served import place_of
from index.build.serving import Serving, load, remember, switch
from index.build.stages import StageClock
from index.build.trial import FOLDER as OUTCOMES
from index.build.underway import telling
from index.calibration import kept_calibration, read_calibration
from index.gold import read_gold
from index.lexicon.own import read_own
from index.model.embedder import Embedder
from index.saved import find_searches
from index.store import StoreError
from ingest.corpus import Corpus, find_corpus
from ingest.problem import Problem

# Fewer pages are cleaned before further processes have started (0.3 s each, at about 100 pages a second).
_PAGES_FOR_WORKERS = 300


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild did. `previous` is the build published before, `reused` the passages whose vectors were known.

    `cleaned` counts the pages that were worked on, `anew` says why that were all of them, where an earlier build had
    some. `published` says whether readers see `build` now; where they do not, `verdict` says why; it is None where
    there was nothing to compare with. `stages` are seconds, `pruned` ids of old builds that went, `sent` the points
    that went to a server.
    """

    build: str
    previous: str | None
    pages: int
    articles: int
    passages: int
    removals: Mapping[str, int]
    skipped: Sequence[Mapping[str, str]]
    warnings: Sequence[Mapping[str, str]]
    overruled: Mapping[str, int]
    embedded: int
    reused: int
    seconds: float
    published: bool
    cleaned: int
    anew: str | None
    stages: Mapping[str, float]
    verdict: Verdict | None
    forced: bool = False
    pruned: Sequence[str] = ()
    sent: int = 0

    def as_dict(self) -> dict[str, object]:
        """Return the report under the names of the command contract."""
        told = {name: getattr(self, name) for name in self.__slots__ if name != "verdict"}
        return told | {"gate": self.verdict.as_dict() if self.verdict else None}


def rebuild(
    paths: Sequence[Path],
    kb: Path,
    *,
    embedder: Embedder,
    full: bool = False,
    strict: bool = False,
    workers: int | None = None,
    runner: Runner | None = None,
    gold: Path | None = None,
    force_publish: bool = False,
    keep: int = KEEP,
    serving: Serving | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Build from the pages under `paths`, publish the build in the folder `kb` and return what was done.

    With nothing new the published build is kept and reported. `full` makes everything anew. With `strict` a page that
    cannot be read is an error. The questions in `gold`, else those in `gold/` beside the pages, must not be answered
    worse than by the published build, or the new one is kept and not published, unless `force_publish`. `keep` builds
    stay besides the published one. `workers` processes clean pages, by itself as many as there are processors for some
    hundred pages or more; where a `runner` is given, it works instead. `serving` says where the build is served from,
    by itself where the one before is. Raises NoPages, OverruleError, LexiconError,
    CalibrationError, GoldError, RebuildFailed, RebuildRunning, StoreError.
    """
    clock = StageClock(telling(kb, progress))
    try:
        corpus = find_corpus(paths)
        _expect_outside(kb, corpus)
        serving = serving or Serving(place_of(kb))
        with rebuild_lock(kb):
            report = _rebuild(
                corpus,
                kb,
                embedder,
                clock,
                full=full,
                strict=strict,
                workers=workers,
                runner=runner,
                gold=gold,
                forced=force_publish,
                serving=serving,
            )
            return _cleared(kb, report, keep)
    except RebuildRunning:
        raise  # nothing of the other rebuild's log is ours
    except Problem as problem:
        _log_failure(kb, clock, problem)
        raise
    except (OSError, sqlite3.Error, UnicodeEncodeError) as error:
        _log_failure(kb, clock, error)
        raise RebuildFailed(
            f"{kb}: cannot be written ({error}); readers keep a whole build, `policykb status` says which; check the"
            " folder's name, permissions and free space and run the rebuild again"
        ) from error


def _cleared(kb: Path, report: Report, keep: int) -> Report:
    """Remove old builds and say which; what was published stays published where that fails."""
    try:
        pruned = prune(kb, keep=keep)
        if pruned.builds:
            journal.append(kb, "cleared", builds=pruned.builds, freed=pruned.freed, keep=keep)
        return replace(report, pruned=pruned.builds)
    except OSError as error:
        warning = {"path": str(kb), "warning": f"old builds could not be removed ({error}); run `policykb gc`"}
        return replace(report, warnings=[*report.warnings, warning])


def _log_failure(kb: Path, clock: StageClock, error: Exception) -> None:
    with suppress(OSError):  # what made the rebuild fail may fail the log as well
        journal.append(kb, "failed", reason=str(error), seconds=clock.total, stages=clock.seconds())


def _rebuild(
    corpus: Corpus,
    kb: Path,
    embedder: Embedder,
    clock: StageClock,
    *,
    full: bool,
    strict: bool,
    workers: int | None,
    runner: Runner | None,
    gold: Path | None,
    forced: bool,
    serving: Serving,
) -> Report:
    own = read_own(corpus.found.roots)
    gold = gold or find_gold(corpus.found.roots)
    if gold is not None:
        read_gold(gold)  # one that cannot be read is told before anything is made
    find_searches(kb, corpus.found.roots)  # nor are saved searches
    previous = _published(kb)
    inputs, unreadable = hash_pages(corpus, own, embedder, clock)
    calibration = kept_calibration(kb, embedder.fingerprint)
    if calibration.is_file():
        read_calibration(calibration)  # a damaged one is told before anything is made
        inputs["calibration"] = file_sha256(calibration)
    build = build_id(inputs)
    known = None if full else _complete(kb, build, corpus)
    is_new = known is None
    if known is None:
        known = make_build(
            kb,
            build,
            corpus,
            own,
            inputs,
            unreadable,
            embedder,
            full=full,
            strict=strict,
            progress=clock,
            runner=runner or Processes(workers or _workers_for(len(inputs["pages"]))),
            stages=clock.seconds,
        )
        build = known["id"]
    now = {item.path: item.reason for item in corpus.found.skipped}
    now |= {path: error.reason for path, error in unreadable.items()}
    # What was skipped decides a build, why it was does not: told is the reason of today.
    skipped = [{**item, "reason": now.get(item["path"], item["reason"])} for item in known["skipped"]]
    if strict and skipped:
        raise RebuildFailed(strict_message(skipped))
    verdict = None
    if previous is not None and build != previous:
        verdict = judge(kb, build, previous, gold, embedder=embedder, progress=clock)
    sent = 0
    if verdict is None or verdict.passed or forced:
        sent = load(kb, build, serving, clock, fresh=full)
        switch(kb, build, serving.place)
        if build != previous:
            publish(kb, build)
        remember(kb, serving.place)
    warnings = [*known["warnings"]]
    if gold is None and previous is not None and any((kb / OUTCOMES).glob("*.json")):
        place = ", ".join(map(str, corpus.found.roots))
        warnings.append({"path": place, "warning": "no gold/ lies beside the pages any more, so nothing is judged"})
    counts, made = known["counts"], known["made"]
    report = Report(
        build=build,
        previous=previous,
        pages=counts["pages"],
        articles=counts["articles"],
        passages=counts["passages"],
        removals=known["removals"],
        skipped=skipped,
        warnings=warnings,
        overruled=known["overruled"],
        embedded=made["embedded"] if is_new else 0,
        reused=counts["passages"] - made["embedded"] if is_new else counts["passages"],
        seconds=clock.total,
        published=verdict is None or verdict.passed or forced,
        cleaned=made["cleaned"] if is_new else 0,
        anew=made["anew"] if is_new else None,
        stages=clock.seconds(),
        verdict=verdict,
        forced=forced and verdict is not None and not verdict.passed,
        sent=sent,
    )
    _log(kb, report)
    return report


def _workers_for(pages: int) -> int:
    return len(os.sched_getaffinity(0)) if pages >= _PAGES_FOR_WORKERS else 1


def _log(kb: Path, report: Report) -> None:
    """Note what was done. A log that cannot be written takes nothing back: readers see the new build already."""
    told = report.as_dict()
    names = ("build", "pages", "articles", "passages", "embedded", "cleaned", "anew", "seconds", "stages", "skipped")
    with suppress(OSError):
        journal.append(kb, "rebuilt", **{name: told[name] for name in names})
        if report.build != report.previous:
            journal.append(
                kb,
                "published" if report.published else "refused",
                build=report.build,
                previous=report.previous,
                forced=report.forced,
                gate=told["gate"],
            )


def _expect_outside(kb: Path, corpus: Corpus) -> None:
    for root in corpus.found.roots:
        if root.is_dir() and kb.resolve().is_relative_to(root.resolve()):
            raise RebuildFailed(
                f"{kb}: lies in {root}, where the base would be read as pages; name a folder outside with --kb"
            )


def _published(kb: Path) -> str | None:
    """Return the published build; where `CURRENT` was lost, the one that the log says it named, named again."""
    try:
        return read_current(kb)
    except StoreError:
        lost = last_published(kb)
        if lost is None:
            return None
        try:
            publish(kb, lost)
        except StoreError:  # damaged, so it is made again
            return None
        return lost


def _complete(kb: Path, build: str, corpus: Corpus) -> dict[str, Any] | None:
    """Return the manifest of this build if it is there, whole and undamaged, with every raw page it cites."""
    folder = build_folder(kb, build)
    try:
        manifest = read_manifest(folder)
    except StoreError:
        return None
    if manifest_problems(folder, manifest) or damaged_files(folder, manifest):
        return None
    # The pages were just hashed, so their sizes are those of the raw pages.
    sizes = {page.path: page.file.stat().st_size for page in corpus.found.pages if page.file.is_file()}
    return None if lacking_raw(kb, manifest, sizes=sizes, since=(folder / FILE).stat().st_mtime) else manifest
