"""Makes a build from pages: read, learn, clean, split, group, embed, index, check, publish.

A build is a function of the pages, their sidecars, what a person overruled, the model and the code: the same input
gives the same id, in any order of files. It is made in a folder beside the published one; until the last rename readers
see the old build, so a rebuild that fails or is killed changes nothing for them.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.build.check import structure_problems
from index.build.gather import Gathered, Progress, RebuildFailed, cleaned_pages, hash_pages, learn_from
from index.build.group import group_duplicates
from index.build.manifest import (
    build_id,
    damaged_files,
    file_sha256,
    package_version,
    read_manifest,
    write_manifest,
)
from index.build.publish import (
    build_folder,
    holds_raw,
    keep_build,
    publish,
    read_current,
    rebuild_lock,
    stage,
    sync_raw,
)
from index.build.vector_cache import embed_cached
from index.calibration import FILE as CALIBRATION_FILE
from index.calibration import kept_calibration, read_calibration
from index.lexicon.own import OwnTables, read_own
from index.model.embedder import Embedder
from index.store import StoreError
from index.store.records import write_records, write_repeats
from index.store.terms import build_terms
from index.store.vectors import write_vectors
from ingest.corpus import Corpus, find_corpus
from ingest.find import NoPages
from ingest.page import BadPage


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild did. `previous` is the build published before, `reused` the passages whose vectors were known."""

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

    def as_dict(self) -> dict[str, object]:
        """Return the report under the names of the command contract."""
        return {name: getattr(self, name) for name in self.__slots__}


def rebuild(
    paths: Sequence[Path],
    kb: Path,
    *,
    embedder: Embedder,
    full: bool = False,
    strict: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Build from the pages under `paths`, publish the build in the folder `kb` and return what was done.

    With nothing new the published build is kept and reported. `full` makes everything anew. With `strict` a page that
    cannot be read is an error. Raises NoPages, OverruleError, LexiconError, CalibrationError,
    RebuildFailed, RebuildRunning, StoreError.
    """
    try:
        return _rebuild(paths, kb, embedder=embedder, full=full, strict=strict, progress=progress)
    except (OSError, sqlite3.Error, UnicodeEncodeError) as error:
        raise RebuildFailed(
            f"{kb}: cannot be written ({error}); the published build stays; check the folder's name, permissions and"
            " free space and run the rebuild again"
        ) from error


def _rebuild(
    paths: Sequence[Path], kb: Path, *, embedder: Embedder, full: bool, strict: bool, progress: Progress
) -> Report:
    begun = time.monotonic()
    corpus = find_corpus(paths)
    own = read_own(corpus.found.roots)
    for root in corpus.found.roots:
        if root.is_dir() and kb.resolve().is_relative_to(root.resolve()):
            raise RebuildFailed(
                f"{kb}: lies in {root}, where the base would be read as pages; name a folder outside with --kb"
            )
    with rebuild_lock(kb):
        previous = _published(kb)
        inputs, unreadable = hash_pages(corpus, own, embedder, progress)
        calibration = kept_calibration(kb, embedder.fingerprint)
        if calibration.is_file():
            read_calibration(calibration)  # a damaged one is told before anything is made
            inputs["calibration"] = file_sha256(calibration)
        build = build_id(inputs)
        known = None if full else _complete(kb, build)
        if known is None:
            known = _make(
                kb, build, corpus, own, inputs, unreadable, embedder, full=full, strict=strict, progress=progress
            )
            reused_all = False
        else:
            reused_all = True
        if strict and known["skipped"]:
            raise RebuildFailed(_strict_message(known["skipped"]))
        if build != previous:
            publish(kb, build)
        counts = known["counts"]
        return Report(
            build=build,
            previous=previous,
            pages=counts["pages"],
            articles=counts["articles"],
            passages=counts["passages"],
            removals=known["removals"],
            skipped=known["skipped"],
            warnings=known["warnings"],
            overruled=known["overruled"],
            embedded=0 if reused_all else counts["embedded"],
            reused=counts["passages"] if reused_all else counts["passages"] - counts["embedded"],
            seconds=round(time.monotonic() - begun, 3),
            published=True,
        )


def _strict_message(skipped: Sequence[Mapping[str, str]]) -> str:
    first = skipped[0]
    more = f" and {len(skipped) - 1} more" if len(skipped) > 1 else ""
    return f"--strict: {first['path']}: {first['reason']}{more}; mend or remove them, or rebuild without --strict"


def _published(kb: Path) -> str | None:
    try:
        return read_current(kb)
    except StoreError:
        return None


def _complete(kb: Path, build: str) -> dict[str, Any] | None:
    """Return the manifest of this build if it is there, whole and undamaged, with every raw page it cites."""
    folder = build_folder(kb, build)
    try:
        manifest = read_manifest(folder)
    except StoreError:
        return None
    if damaged_files(folder, manifest):
        return None
    without_raw = {item["path"] for item in manifest["skipped"]}
    cited = [page["sha256"] for page in manifest["inputs"]["pages"] if page["path"] not in without_raw]
    return manifest if all(holds_raw(kb, sha) for sha in cited) else None


def _make(
    kb: Path,
    build: str,
    corpus: Corpus,
    own: OwnTables,
    inputs: Mapping[str, Any],
    unreadable: Mapping[str, BadPage],
    embedder: Embedder,
    *,
    full: bool,
    strict: bool,
    progress: Progress,
) -> dict[str, Any]:
    """Make the build in a staging folder, check it, move it to its place, and return its manifest."""
    begun = time.monotonic()
    staging = stage(kb)
    gathered = Gathered()
    gathered.skipped += [{"path": item.path, "reason": item.reason} for item in corpus.found.skipped]
    gathered.skipped += [{"path": path, "reason": error.reason} for path, error in unreadable.items()]
    learned = learn_from(corpus, inputs, progress)
    records = staging / "records.sqlite"
    write_records(records, cleaned_pages(kb, corpus, own, inputs, learned, embedder, gathered, progress))
    gathered.skipped.sort(key=lambda item: item["path"])
    if not gathered.texts:
        raise NoPages(_nothing_message(gathered))
    if strict and gathered.skipped:
        raise RebuildFailed(_strict_message(gathered.skipped))
    own.keep(staging)
    if "calibration" in inputs:
        shutil.copyfile(kept_calibration(kb, embedder.fingerprint), staging / CALIBRATION_FILE)
    repeats = [(*key, entry.pages, entry.removed, entry.example) for key, entry in gathered.repeats.items()]
    write_repeats(records, learned.repeats.pages, repeats)
    progress("group", 0, 1)
    groups = group_duplicates(records)
    progress("group", 1, 1)
    vectors, embedded = embed_cached(
        kb / "cache",
        embedder,
        gathered.embedded,
        fresh=full,
        progress=lambda done, total: progress("embed", done, total),
    )
    progress("index", 0, 4)
    write_vectors(vectors, staging / "vectors.faiss")
    progress("index", 1, 4)
    parts = {"passages": gathered.texts, "context": gathered.contexts, "articles": gathered.article_texts}
    for number, (name, texts) in enumerate(parts.items()):
        build_terms(texts).save(staging / "terms" / name)
        progress("index", number + 2, 4)
    progress("check", 0, 1)
    counts = {
        "pages": gathered.pages,
        "articles": len(gathered.article_texts),
        "passages": len(gathered.texts),
        "embedded": embedded,
        "duplicate_groups": groups,
        "repeats": len(repeats),
    }
    write_manifest(
        staging,
        {
            "id": build,
            "inputs": inputs,
            "counts": counts,
            "removals": dict(sorted(gathered.removals.items())),
            "overruled": dict(gathered.overruled),
            "skipped": gathered.skipped,
            "warnings": gathered.warnings,
            "model": {"name": embedder.name, "fingerprint": embedder.fingerprint, "dim": embedder.dim},
            "made": {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "seconds": round(time.monotonic() - begun, 3),
                "policykb": package_version("policykb"),
                "files": {page.path: _printable(page.file.resolve()) for page in corpus.found.pages},
            },
        },
    )
    problems = structure_problems(staging)
    if problems:
        raise RebuildFailed(f"the new build does not hold together and was not published: {problems[0]}")
    sync_raw(kb)
    place = keep_build(kb, staging, build)
    progress("check", 1, 1)
    return read_manifest(place)


def _printable(file: Path) -> str:
    """Return a path as text, with what is no UTF-8 in its name escaped."""
    return str(file).encode("utf-8", "backslashreplace").decode("utf-8")


def _nothing_message(gathered: Gathered) -> str:
    reasons = "; ".join(f"{item['path']}: {item['reason']}" for item in gathered.skipped[:3])
    more = f"; and {len(gathered.skipped) - 3} more" if len(gathered.skipped) > 3 else ""
    count = gathered.pages + len(gathered.skipped)
    return f"none of {count} pages holds an article ({reasons}{more}); nothing was published"
