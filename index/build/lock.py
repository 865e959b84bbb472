"""One at a time changes a knowledge base: a rebuild, a rollback or a clearing up holds the lock of its folder.

The lock is the operating system's (flock), so it ends with its process however that dies; the file `LOCK` stays and
only tells who holds it, or whose process died inside. Whoever takes it first puts in order what a killed one left,
as a database does with its journal when it is opened.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from index.build.durable import make_folder
from index.build.leftovers import repair
from ingest.problem import Problem

FILE = "LOCK"
# A forked worker shares the lock of its parent, and looks now and then whether that still lives.
WORKERS_END_WITHIN_S = 10.0
LOOKERS_END_WITHIN_S = 0.2


class RebuildRunning(Problem):
    """Another process holds the lock of this knowledge base."""


class LockRefused(Problem):
    """The file system of this knowledge base has no locks."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who took the lock: its process, on which host, since when (UTC, ISO) and for which command."""

    pid: int
    host: str
    since: str
    command: str

    @property
    def age(self) -> str:
        """How long ago the lock was taken, in words."""
        seconds = max(0, round((datetime.now(UTC) - datetime.fromisoformat(self.since)).total_seconds()))
        for name, length in (("hour", 3600), ("minute", 60)):
            if seconds >= length:
                count = seconds // length
                return f"{count} {name}{'s' * (count > 1)}"
        return f"{seconds} second{'s' * (seconds != 1)}"

    @property
    def is_gone(self) -> bool:
        """Whether its process is known to have ended: only this host can tell."""
        if self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:  # another user's
            return False
        return False


@contextmanager
def rebuild_lock(kb: Path, command: str = "rebuild") -> Iterator[None]:
    """Hold the knowledge base while its builds change; before and after a failure, clear away what was left unfinished.

    Raises RebuildRunning where another process holds it and LockRefused where the file system has no locks.
    """
    make_folder(kb)
    with (kb / FILE).open("a+", encoding="utf-8") as opened:
        try:
            _take(kb, opened)
        except BlockingIOError as error:
            raise RebuildRunning(_refusal(kb, _read(kb))) from error
        except OSError as error:
            raise LockRefused(
                f"{kb}: its file system cannot lock files ({error.strerror}), so two rebuilds could meet; keep the base"
                " on a local disk, or on a network file system with locks"
            ) from error
        owner = Owner(os.getpid(), socket.gethostname(), datetime.now(UTC).isoformat(timespec="seconds"), command)
        try:
            with suppress(OSError):  # a full disk must not keep off the clearing that frees it
                opened.truncate(0)
                opened.write(json.dumps(asdict(owner)) + "\n")
                opened.flush()
            repair(kb)
            yield
        except BaseException:
            with suppress(OSError):  # the failure itself is what has to be told
                repair(kb)
            raise
        finally:
            with suppress(OSError):
                opened.truncate(0)


def _take(kb: Path, opened: TextIO) -> None:
    """Take the lock; where a killed process left workers that hold it still, wait for them to notice and end."""
    begun = time.monotonic()
    while True:
        try:
            return fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _read(kb)
            # Who only looks whether it is held (`_is_held`) holds it for an instant himself, and writes no name.
            patience_s = LOOKERS_END_WITHIN_S if owner is None else WORKERS_END_WITHIN_S if owner.is_gone else 0
            if time.monotonic() - begun >= patience_s:
                raise
        time.sleep(0.05)


def running(kb: Path) -> Owner | None:
    """Return who holds the lock of a knowledge base now, or None."""
    return _read(kb) if _is_held(kb) else None


def died(kb: Path) -> Owner | None:
    """Return whose process died while it held the lock, if nobody took it since."""
    return None if _is_held(kb) else _read(kb)


def _is_held(kb: Path) -> bool:
    try:
        descriptor = os.open(kb / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no locks here, so no rebuild holds one
        return False
    else:
        return False
    finally:
        os.close(descriptor)


def _read(kb: Path) -> Owner | None:
    """Return what `LOCK` tells; nothing where it is empty, just being written, or another version's."""
    try:
        first, *_ = (kb / FILE).read_text(encoding="utf-8").splitlines()  # the second says what it is at: `underway`
        owner = Owner(**json.loads(first))
        datetime.fromisoformat(owner.since)
    except (OSError, ValueError, TypeError):
        return None
    return owner


def _refusal(kb: Path, owner: Owner | None) -> str:
    if owner is None:
        return f"{kb}: another rebuild is running (its process is unknown); wait for it to end"
    who = f"{kb}: another {owner.command} has been running for {owner.age} (process {owner.pid} on {owner.host})"
    if owner.is_gone:
        return f"{who}; that process is gone, but one that it started still holds {kb / FILE}: end it"
    return f"{who}; wait for it to end"
