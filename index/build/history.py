"""What the log of a base tells a person: its events newest first, and the last rebuild's stages and gate among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.build.builds import MADE, PUBLISHED, REFUSED, SHOWN
from index.build.journal import read
from index.build.publish import build_folders

Event = Mapping[str, Any]
# A rebuild and what became of its build are two events.
_WITH_STAGES = ("rebuilt", "failed")
_OF_A_DIFFERENCE = ("other", "this", "difference", "low", "high")


@dataclass(frozen=True, slots=True)
class History:
    """The newest events, newest first; `count` is how many there are.

    `stages` is the last event that says how long stages took, `judged` the last one with a verdict of the gate.
    """

    events: tuple[Event, ...]
    count: int
    stages: Event | None
    judged: Event | None


def read_history(kb: Path, *, limit: int) -> History:
    """Return the history of a base, `limit` events of it; an empty one where there is no log. Raises OSError."""
    newest = _told(read(kb))
    timed = (event for event in newest if event["event"] in _WITH_STAGES and seconds_of(event))
    judged = (event for event in newest if event["event"] in (PUBLISHED, REFUSED) and _is_judged(event.get("gate")))
    return History(newest[:limit], len(newest), next(timed, None), next(judged, None))


def builds_shown(kb: Path) -> tuple[str, ...]:
    """Return the kept builds that readers have seen, as the log tells, last seen first. Raises OSError."""
    kept = {folder.name for folder in build_folders(kb)}
    seen = (event.get("build") for event in reversed(read(kb)) if event["event"] in SHOWN)
    return tuple(dict.fromkeys(build for build in seen if build in kept))


def _told(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return the events newest first; that a build was made goes without saying where more is said of it later."""
    last = {event.get("build"): event for event in events}
    return tuple(event for event in reversed(events) if event["event"] != MADE or last[event.get("build")] is event)


def seconds_of(event: Event) -> dict[str, float]:
    """Return the seconds of each stage that an event tells of, in order; nothing where it tells of none."""
    stages = event.get("stages")
    if not isinstance(stages, dict):
        return {}
    return {str(name): float(taken) for name, taken in stages.items() if isinstance(taken, int | float)}


def _is_judged(gate: object) -> bool:
    """Whether this is a verdict of the gate on two builds; a log may be another version's, or somebody's."""
    if not isinstance(gate, dict):
        return False
    differences, worse = gate.get("differences"), gate.get("worse")
    if not (isinstance(differences, dict) and differences and isinstance(worse, list)):
        return False
    return all(map(_is_difference, differences.values())) and all(isinstance(change, dict) for change in worse)


def _is_difference(found: object) -> bool:
    return isinstance(found, dict) and all(isinstance(found.get(name), int | float) for name in _OF_A_DIFFERENCE)
