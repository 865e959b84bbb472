"""The rebuild: which build is wanted, whether it is there already, making it, judging it and publishing it.

A build is a function of the pages, their sidecars, what a person overruled, the model and the code: the same input
gives the same id, in any order of files. It is made in a folder beside the published one; until the last rename readers
see the old build, so a rebuild that fails or is killed changes nothing for them.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.build.gather import Progress, RebuildFailed, hash_pages
from index.build.make import make_build, strict_message
from index.build.manifest import (
    build_id,
    damaged_files,
    file_sha256,
    read_manifest,
)
from index.build.publish import (
    build_folder,
    holds_raw,
    publish,
    read_current,
    rebuild_lock,
)
from index.calibration import kept_calibration, read_calibration
from index.lexicon.own import read_own
from index.model.embedder import Embedder
from index.store import StoreError
from ingest.corpus import find_corpus


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
            known = make_build(
                kb, build, corpus, own, inputs, unreadable, embedder, full=full, strict=strict, progress=progress
            )
            reused_all = False
        else:
            reused_all = True
        if strict and known["skipped"]:
            raise RebuildFailed(strict_message(known["skipped"]))
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
