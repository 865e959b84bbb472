"""What a killed process leaves in the folder of a knowledge base, and how the next one puts it in order.

Unfinished things have names that no reader follows: a build being made, one put aside for another, one being deleted,
raw pages not synced yet, and the text of `CURRENT` before its rename.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from index.build.durable import sync
from index.build.raw import FOLDER as RAW
from index.build.raw import STAGED

CURRENT = "CURRENT"
BUILDS = "builds"
STAGING = ".staging-"
ASIDE = ".aside-"
TRASH = ".trash-"


def leftovers(kb: Path) -> list[Path]:
    """Return what is unfinished in a knowledge base: while nobody holds its lock, the leavings of killed processes."""
    return [path for path in _unfinished(kb) if path.exists()]


def repair(kb: Path) -> None:
    """Clear away what is unfinished; a build that was put aside and not replaced comes back. Call it under the lock."""
    builds = kb / BUILDS
    for aside in builds.glob(f"{ASIDE}*"):
        place = builds / aside.name.removeprefix(ASIDE)
        if not place.exists():
            aside.rename(place)
            sync(builds)
    for path in leftovers(kb):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _unfinished(kb: Path) -> Iterator[Path]:
    for prefix in (STAGING, ASIDE, TRASH):
        yield from sorted((kb / BUILDS).glob(f"{prefix}*"))
    yield kb / RAW / STAGED
    yield kb / f"{CURRENT}.new"
