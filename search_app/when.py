"""When something happened, as a reader says it: the time of her own zone, and how long ago that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from search_app.words import Words

# The unit in which an age is told: from this many seconds on, how many a unit has.
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells times in `zone`, UTC where it is None, and how long before `now` they were."""

    say: Words
    now: datetime
    zone: tzinfo | None = None

    def at(self, when: str) -> str:
        """Return an ISO time to the minute; what is no time comes back as it is."""
        made = _read(when)
        if made is None:
            return when
        if self.zone is None:
            return made.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        return made.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def ago(self, when: str) -> str:
        """Return how long ago an ISO time is, in the largest whole unit; nothing for what is no time."""
        made = _read(when)
        if made is None:
            return ""
        seconds = (self.now - made).total_seconds()
        for unit, length in _UNITS:
            if seconds >= length:
                count = int(seconds // length)
                return self.say(f"{unit}s_ago" if count > 1 else f"{unit}_ago", count=count)
        return self.say("just_now")


def clock(say: Words, zone: str | None) -> Clock:
    """Return the clock of a reader whose browser names her `zone`."""
    try:
        return Clock(say, datetime.now(UTC), ZoneInfo(zone) if zone else None)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Clock(say, datetime.now(UTC))


def _read(when: str) -> datetime | None:
    try:
        made = datetime.fromisoformat(when)
    except ValueError:
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)
