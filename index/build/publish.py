"""The folder of a knowledge base: which build is published, staging beside it, and the switch in one rename.

A reader only ever follows `CURRENT`. It names a build whose manifest was written last and whose files were synced, so
it sees the old build or the new one and nothing between.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.build.manifest import FILE, damaged_files, file_sha256, read_manifest
from index.store import StoreError
from ingest.problem import Problem

CURRENT = "CURRENT"
_STAGING = ".staging-"
_ASIDE = ".aside-"


class RebuildRunning(Problem):
    """Another rebuild holds the lock of this knowledge base."""


def read_current(kb: Path) -> str:
    """Return the id of the published build. Raises StoreError where there is none."""
    file = kb / CURRENT
    try:
        name = file.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        what = "has no published build" if kb.is_dir() else "is no knowledge base: the folder does not exist"
        raise StoreError(f"{kb}: {what}; run `policykb rebuild PATH --kb {kb}`") from error
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{file}: cannot be read ({error}); run `policykb rebuild PATH --kb {kb}`") from error
    if not (name and name.isalnum() and (kb / "builds" / name / FILE).is_file()):
        raise StoreError(
            f"{file}: names the build {name[:40]!r}, which is not complete; run `policykb rebuild PATH --kb {kb}`"
        )
    return name


def build_folder(kb: Path, build: str) -> Path:
    """Return the folder of a build. Raises StoreError for what cannot be a build id."""
    if not build.isalnum():
        raise StoreError(f"{kb}: {build!r} is no build id, expected letters and digits as `policykb status` shows them")
    return kb / "builds" / build


@contextmanager
def rebuild_lock(kb: Path) -> Iterator[None]:
    """Hold the knowledge base for one rebuild; the system lets go of it when the process dies, however it dies."""
    kb.mkdir(parents=True, exist_ok=True)
    with (kb / "LOCK").open("a+") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            opened.seek(0)
            raise RebuildRunning(
                f"{kb}: another rebuild is running (process {opened.read().strip() or 'unknown'}); wait for it to end"
            ) from error
        opened.seek(0)
        opened.truncate()
        opened.write(f"{os.getpid()}\n")
        opened.flush()
        yield


def stage(kb: Path) -> Path:
    """Return a new empty folder to build in, and clear away what killed rebuilds left. Call it under the lock."""
    builds = kb / "builds"
    builds.mkdir(parents=True, exist_ok=True)
    for aside in builds.glob(f"{_ASIDE}*"):
        place = builds / aside.name.removeprefix(_ASIDE)
        if place.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(place)
    for leftover in builds.glob(f"{_STAGING}*"):
        shutil.rmtree(leftover)
    staging = builds / f"{_STAGING}{os.getpid()}"
    staging.mkdir()
    return staging


def keep_build(kb: Path, staging: Path, build: str) -> Path:
    """Sync a staged build and move it to its place. One of this id that stands there, whole and the same, stays.

    A damaged one is put aside first; killed between the two renames, the next rebuild puts it back.
    """
    for file in sorted(staging.rglob("*")):
        _sync(file)
    _sync(staging)
    place = build_folder(kb, build)
    if _is_the_same(place, staging):
        shutil.rmtree(staging)
        return place
    aside = place.with_name(f"{_ASIDE}{build}")
    if place.exists():
        shutil.rmtree(aside, ignore_errors=True)
        place.rename(aside)
    staging.rename(place)
    _sync(place.parent)
    shutil.rmtree(aside, ignore_errors=True)
    return place


def _is_the_same(place: Path, staging: Path) -> bool:
    try:
        there = read_manifest(place)
    except StoreError:
        return False
    return bool(there["files"] == read_manifest(staging)["files"]) and not damaged_files(place, there)


def publish(kb: Path, build: str) -> None:
    """Make `build` the one that readers see: one rename."""
    if not (build_folder(kb, build) / FILE).is_file():
        raise StoreError(f"{build_folder(kb, build)}: not a complete build, so it cannot be published")
    aside = kb / f"{CURRENT}.new"
    aside.write_text(build + "\n", encoding="utf-8")
    _sync(aside)
    aside.replace(kb / CURRENT)
    _sync(kb)


def keep_raw(kb: Path, sha256: str, data: bytes) -> None:
    """Keep the raw bytes of a page under their hash, once, so that a citation can be proved after the page changed."""
    file = kb / "pages" / sha256
    if holds_raw(kb, sha256):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f"{sha256}.new")
    aside.write_bytes(data)
    _sync(aside)
    aside.replace(file)


def holds_raw(kb: Path, sha256: str) -> bool:
    """Say whether the raw bytes with this hash are kept, undamaged."""
    file = kb / "pages" / sha256
    return file.is_file() and file_sha256(file) == sha256


def sync_raw(kb: Path) -> None:
    """Make the names of all kept raw pages durable; call it before a build that cites them is published."""
    if (kb / "pages").is_dir():
        _sync(kb / "pages")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
