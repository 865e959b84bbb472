"""The log of a knowledge base: what happened to it, one JSON line an event, in `log.jsonl` beside `CURRENT`.

Publications, verdicts of the gate, rollbacks, clearing up: what merely happened and decides nothing. A line is written
whole, in one call, and synced; where a crash tore one, the next begins on a line of its own and readers pass over the
torn one. What decides a build stands in its manifest.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LOG = "log.jsonl"
OLDER = "log.1.jsonl"
MAX_BYTES = (
    10_000_000  # at some 10 kB for a rebuild and what the gate says of it, a thousand rebuilds; then as many again
)
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a base someone else made must not lead elsewhere or block


def append(kb: Path, event: str, **fields: object) -> None:
    """Add one line `{at, event, ...fields}` and sync it; `at` is UTC in ISO, to the second. Raises OSError.

    A log over `MAX_BYTES` becomes `log.1.jsonl` first, in place of the one before.
    """
    at = datetime.now(UTC).isoformat(timespec="seconds")
    # JSON escapes what is no text, such as the halves of a name that is not UTF-8
    line = json.dumps({"at": at, "event": event} | fields, ensure_ascii=False).encode("utf-8", "backslashreplace")
    log = _open(kb / LOG)
    try:
        size = os.fstat(log).st_size
        if size > MAX_BYTES:
            _put_aside(kb, log)
            os.close(log)
            log = _open(kb / LOG)
            size = os.fstat(log).st_size
        torn = size > 0 and os.pread(log, 1, size - 1) != b"\n"
        data = b"\n" * torn + line + b"\n"
        if (written := os.write(log, data)) != len(data):
            raise OSError(f"{kb / LOG}: only {written} of {len(data)} bytes could be written; check the free space")
        os.fsync(log)
    finally:
        os.close(log)


def read(kb: Path) -> tuple[dict[str, Any], ...]:
    """Return the events of the log, oldest first; lines that are no events of ours are passed over. Raises OSError."""
    return tuple(event for name in (OLDER, LOG) for event in _events(kb / name))


def _open(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | _FLAGS, 0o666)


def _put_aside(kb: Path, log: int) -> None:
    """Rename the open log, unless another process, which held the same lock, did so before."""
    fcntl.flock(log, fcntl.LOCK_EX)
    if os.path.samestat(os.fstat(log), (kb / LOG).stat()):
        (kb / LOG).rename(kb / OLDER)


def _events(file: Path) -> Iterator[dict[str, Any]]:
    try:
        descriptor = os.open(file, os.O_RDONLY | _FLAGS)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "rb") as opened:
        for line in opened:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict) and isinstance(event.get("at"), str) and isinstance(event.get("event"), str):
                yield event
