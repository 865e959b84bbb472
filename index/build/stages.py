"""How long each stage of a rebuild takes: told by the same calls that draw the progress bars."""

from __future__ import annotations

import time

from index.build.gather import Progress


class StageClock:
    """Passes progress on and measures: a stage lasts from its first call to the first call of the next one."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._seconds: dict[str, float] = {}
        self._stage: str | None = None
        self._since = self._begun = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Note that `stage` is at work on `done` of `total`, and pass it on."""
        if stage != self._stage:
            self._stop()
            self._stage = stage
        self._progress(stage, done, total)

    def _stop(self) -> None:
        now = time.monotonic()
        if self._stage is not None:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._since = now

    @property
    def total(self) -> float:
        """Seconds since the clock was made."""
        return round(time.monotonic() - self._begun, 3)

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each stage so far, in the order in which they began."""
        self._stop()
        return {stage: round(taken, 3) for stage, taken in self._seconds.items()}
