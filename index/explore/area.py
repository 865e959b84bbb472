"""An area of the map, as an address and a command write it: the corners of a box, or of a polygon, in numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A number of the map has two decimals at most; a lasso is drawn with fewer corners than a line of text has letters.
_NUMBER = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,2})?")
MOST_CORNERS = 60


@dataclass(frozen=True, slots=True)
class Area:
    """A box between two opposite corners (x, y, x, y), or a polygon of at least three (x, y, x, y, x, y, ...).

    Raises ValueError for any other number of numbers.
    """

    numbers: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.numbers) % 2 or not 4 <= len(self.numbers) <= 2 * MOST_CORNERS:
            raise ValueError(
                f"found an area of {len(self.numbers)} numbers, expected 4 (x, y, x, y: a box) or the x and y of 3 to"
                f" {MOST_CORNERS} corners"
            )
        if not np.isfinite(self.numbers).all():
            raise ValueError(f"found an area of {self.numbers}, expected numbers")

    @classmethod
    def read(cls, text: str) -> Area:
        """Return the area that `text` says, numbers with commas between. Raises ValueError."""
        parts = text.split(",")
        wrong = [part for part in parts if not _NUMBER.fullmatch(part)]
        if wrong:
            raise ValueError(f"found {wrong[0]!r} in an area, expected a number such as 42.5")
        return cls(tuple(map(float, parts)))

    def __str__(self) -> str:
        return ",".join(f"{number:g}" for number in self.numbers)

    def holds(self, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which places the area holds; the edge of a box belongs to it. A polygon may cross itself."""
        across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        corners = np.array(self.numbers).reshape(-1, 2)
        # Places are stored as float32: 42.5 stands a trifle beside the number that was written.
        low, high = corners.min(axis=0) - 1e-4, corners.max(axis=0) + 1e-4
        inside: NDArray[np.bool_] = (across >= low[0]) & (across <= high[0]) & (up >= low[1]) & (up <= high[1])
        if len(corners) == 2:
            return inside
        near = np.flatnonzero(inside)
        crossed = np.zeros(len(near), dtype=np.bool_)
        for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y1 == y2:
                continue
            beside = (y1 > up[near]) != (y2 > up[near])
            crossed ^= beside & (across[near] < (x2 - x1) * (up[near] - y1) / (y2 - y1) + x1)
        inside[near] = crossed
        return inside
