"""A log of JSON lines that stays whole and bounded: the log of a base and the questions without an answer stand on it.

A line is written under a lock, so lines of many writers stay whole; where a crash tore one, the next begins on a line
of its own and readers pass over the torn one. A full file is put aside once, in place of the one put aside before.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a base someone else made must not lead elsewhere or block


def append_line(
    file: Path, older: Path, entry: Mapping[str, object], *, max_bytes: int, mode: int = 0o666, sync: bool = True
) -> None:
    """Add `entry` as one line; a `file` over `max_bytes` becomes `older` first. Raises OSError.

    `mode` are the rights of a new file, less the umask; with `sync` the line has reached the disk on return.
    """
    # JSON escapes what is no text, such as the halves of a name that is not UTF-8
    line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "backslashreplace")
    log = _open_locked(file, older, max_bytes, mode)
    try:
        size = os.fstat(log).st_size
        torn = size > 0 and os.pread(log, 1, size - 1) != b"\n"
        data = b"\n" * torn + line + b"\n"
        if (written := os.write(log, data)) != len(data):
            raise OSError(f"{file}: only {written} of {len(data)} bytes could be written; check the free space")
        if sync:
            os.fsync(log)
    finally:
        os.close(log)


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file that may not exist, oldest first, without lines that are none. Raises OSError."""
    try:
        descriptor = os.open(file, os.O_RDONLY | _FLAGS)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "rb") as opened:
        for line in opened:
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(entry, dict):
                yield entry


def _open_locked(file: Path, older: Path, max_bytes: int, mode: int) -> int:
    """Open the log that has room for a line and lock it: whoever waited for the lock may hold what was put aside."""
    while True:
        log = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | _FLAGS, mode)
        try:
            fcntl.flock(log, fcntl.LOCK_EX)
            found = os.fstat(log)
            if _is_at(found, file):
                if found.st_size <= max_bytes:
                    return log
                file.rename(older)
        except BaseException:
            os.close(log)
            raise
        os.close(log)


def _is_at(found: os.stat_result, file: Path) -> bool:
    try:
        return os.path.samestat(found, file.lstat())
    except FileNotFoundError:
        return False
