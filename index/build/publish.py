"""The folder of a knowledge base: which build is published, staging beside it, and the switch in one rename.

A reader only ever follows `CURRENT`. It names a build whose manifest was written last and whose files were synced, so
it sees the old build or the new one and nothing between. What changes the folder does so under the lock (`lock`).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from index.build.durable import make_folder, sync, sync_tree, write_in_one
from index.build.leftovers import ASIDE, BUILDS, CURRENT, STAGING, TRASH, repair
from index.build.manifest import FILE, damaged_files, manifest_problems, read_manifest
from index.build.raw import FOLDER as RAW
from index.store import StoreError

# Builds kept besides the published one: a working week of nights, to compare with and to go back to.
KEEP = 5


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
    if not (name and name.isalnum() and (kb / BUILDS / name / FILE).is_file()):
        raise StoreError(
            f"{file}: names the build {name[:40]!r}, which is not complete; run `policykb rebuild PATH --kb {kb}`"
        )
    return name


def build_folder(kb: Path, build: str) -> Path:
    """Return the folder of a build. Raises StoreError for what cannot be a build id."""
    if not build.isalnum():
        raise StoreError(f"{kb}: {build!r} is no build id, expected letters and digits as `policykb builds` shows them")
    return kb / BUILDS / build


def build_folders(kb: Path) -> list[Path]:
    """Return the folders of all builds that are kept, whole or not, by id."""
    return sorted(folder for folder in (kb / BUILDS).glob("*") if folder.name.isalnum() and folder.is_dir())


def stage(kb: Path) -> Path:
    """Return a new empty folder to build in. Call it under the lock."""
    repair(kb)
    make_folder(kb / BUILDS)
    staging = kb / BUILDS / f"{STAGING}{os.getpid()}"
    staging.mkdir()
    return staging


def keep_build(kb: Path, staging: Path, build: str) -> Path:
    """Sync a staged build and move it to its place. One of this id that stands there undamaged stays.

    A damaged one is put aside first; killed between the two renames, the next rebuild puts it back.
    """
    sync_tree(staging)
    place = build_folder(kb, build)
    if _is_whole(place):
        shutil.rmtree(staging)
        return place
    aside = place.with_name(f"{ASIDE}{build}")
    if place.exists():
        place.rename(aside)
    staging.rename(place)
    sync(place.parent)
    shutil.rmtree(aside, ignore_errors=True)
    return place


def _is_whole(place: Path) -> bool:
    try:
        manifest = read_manifest(place)
        return not (manifest_problems(place, manifest) or damaged_files(place, manifest))
    except StoreError:
        return False


def publish(kb: Path, build: str) -> None:
    """Make `build` the one that readers see: one rename. What it stands on is made durable before."""
    if not (build_folder(kb, build) / FILE).is_file():
        raise StoreError(f"{build_folder(kb, build)}: not a complete build, so it cannot be published")
    for folder in (kb / BUILDS, kb / RAW, kb):  # a rebuild killed earlier may have renamed and not synced
        if folder.is_dir():
            sync(folder)
    write_in_one(kb / CURRENT, build + "\n")


def move_to_trash(folder: Path) -> Path:
    """Take a build out of the readers' sight in one rename, and return the folder that is left to delete."""
    trash = folder.with_name(f"{TRASH}{folder.name}")
    folder.rename(trash)
    sync(folder.parent)
    return trash
