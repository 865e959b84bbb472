"""The log of a knowledge base: what happened to it, one JSON line an event, in `log.jsonl` beside `CURRENT`.

Publications, verdicts of the gate, rollbacks, clearing up: what merely happened and decides nothing. What decides a
build stands in its manifest. How lines stay whole is `json_lines`' job.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.json_lines import append_line, read_lines

LOG = "log.jsonl"
OLDER = "log.1.jsonl"
MAX_BYTES = (
    10_000_000  # at some 10 kB for a rebuild and what the gate says of it, a thousand rebuilds; then as many again
)


def append(kb: Path, event: str, **fields: object) -> None:
    """Add one line `{at, event, ...fields}` and sync it; `at` is UTC in ISO, to the second. Raises OSError.

    A log over `MAX_BYTES` becomes `log.1.jsonl` first, in place of the one before.
    """
    at = datetime.now(UTC).isoformat(timespec="seconds")
    append_line(kb / LOG, kb / OLDER, {"at": at, "event": event} | fields, max_bytes=MAX_BYTES)


def read(kb: Path) -> tuple[dict[str, Any], ...]:
    """Return the events of the log, oldest first; lines that are no events of ours are passed over. Raises OSError."""
    return tuple(
        event
        for name in (OLDER, LOG)
        for event in read_lines(kb / name)
        if isinstance(event.get("at"), str) and isinstance(event.get("event"), str)
    )
