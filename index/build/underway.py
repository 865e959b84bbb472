"""What a running rebuild is at: told in the second line of `LOCK`, which is emptied when the lock ends.

It is for people who wait; nothing is decided by it, and where it cannot be written the rebuild goes on.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from index.build.gather import Progress
from index.build.lock import FILE, Owner, running

# People look every few seconds; a page is cleaned in hundredths of one.
_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Underway:
    """Who changes the base, and what a rebuild is at: `done` of `total`, which is 0 where the end is not known.

    `stage` is None before the first one, and for a rollback or a clearing up.
    """

    owner: Owner
    stage: str | None
    done: int
    total: int


def telling(kb: Path, progress: Progress) -> Progress:
    """Return `progress` that also tells other processes; call it under the lock only."""
    told_at, told_of = 0.0, ""

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal told_at, told_of
        if stage != told_of or time.monotonic() - told_at >= _EVERY_S:
            told_at, told_of = time.monotonic(), stage
            with suppress(OSError):
                _write(kb / FILE, json.dumps([stage, done, total]))
        progress(stage, done, total)

    return tell


def underway(kb: Path) -> Underway | None:
    """Return what changes the base now, None where nothing does."""
    owner = running(kb)
    if owner is None:
        return None
    try:
        stage, done, total = json.loads((kb / FILE).read_text(encoding="utf-8").splitlines()[1])
        return Underway(owner, str(stage), int(done), int(total))
    except (OSError, ValueError, TypeError, IndexError):
        return Underway(owner, None, 0, 0)


def _write(lock: Path, line: str) -> None:
    """Put `line` behind the first line of the lock's file."""
    with lock.open("rb+") as opened:
        if opened.readline():
            opened.seek(opened.tell())  # between reading and writing
            opened.write(f"{line}\n".encode())
            opened.truncate()
