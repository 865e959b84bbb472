"""When two values of one matter cannot both be right, and how far apart they are.

Days, months and years stay apart as they are written; to compare them a month has 30.4 days and a year 365, and what
differs by less than a twentieth does not differ: 180日 and 6个月 may mean the same, 90日 and 6个月 do not. A
work day is 1.4 days, with a seventh to spare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

DAYS = {"小时": 1 / 24, "日": 1.0, "工作日": 1.4, "周": 7.0, "月": 365 / 12, "年": 365.0}
_NEAR, _NEAR_WORKDAYS = 0.05, 1 / 7


@dataclass(frozen=True, slots=True)
class Value:
    """A number as it is compared: `unit` as written, `bound` as in `bounds`."""

    value: float
    value_to: float | None
    unit: str
    bound: str
    per: str


def comparable(value: float, unit: str) -> float:
    """Return a number as it is compared with others of its kind: in days, in %, or as it is.

    A day of the calendar (YYYYMMDD) counts from the first of January, where a month has 30.4 days.
    """
    if unit == "date":
        return (int(value) // 100 % 100) * DAYS["月"] + int(value) % 100
    return value * DAYS.get(unit, 0.1 if unit == "‰" else 1.0)


def size_of(value: Value) -> tuple[float, str, float, str]:
    """Return what values are ordered by: about how many days it is, or its number."""
    return value.value * DAYS.get(value.unit, 1.0), value.unit, value.value_to or 0.0, value.bound + value.per


def differ(left: Value, right: Value) -> bool:
    """Say whether two values of one matter cannot both be right."""
    if left.per and right.per and left.per != right.per:
        return False
    if (left.unit == "百分点") != (right.unit == "百分点"):
        return False
    if left.unit == "date":
        return _days_differ(left, right)
    lefts, rights = _interval(left), _interval(right)
    spare = _spare(left, right)
    if _side(left) == _side(right) != "":  # two limits in one direction
        one, two = (span[0] if _side(left) == "low" else span[1] for span in (lefts, rights))
        return not _near(one, two, spare)
    apart = lefts[0] - rights[1] if lefts[0] > rights[1] else rights[0] - lefts[1]
    return apart > spare * max(abs(bound) for bound in (*lefts, *rights) if bound != float("inf")) + 1e-9


def _days_differ(left: Value, right: Value) -> bool:
    """Say whether two days of the calendar differ by month or day; days of two years are no difference."""
    if (left.value_to is None) != (right.value_to is None) or _side(left) != _side(right):
        return False
    for one, two in ((left.value, right.value), (left.value_to or 0, right.value_to or 0)):
        years, months, days = ((int(one) // place % size, int(two) // place % size) for place, size in _PARTS)
        if all(years) and years[0] != years[1]:
            return False
        if months[0] != months[1] or (all(days) and days[0] != days[1]):
            return True
    return False


_PARTS = ((10_000, 10_000), (100, 100), (1, 100))


def _side(value: Value) -> str:
    if value.bound in ("at_least", "more_than"):
        return "low"
    return "high" if value.bound in ("at_most", "less_than") else ""


def _interval(value: Value) -> tuple[float, float]:
    last = value.value if value.value_to is None else value.value_to
    low, high = comparable(value.value, value.unit), comparable(last, value.unit)
    side = _side(value)
    return (low, float("inf")) if side == "low" else (0.0, high) if side == "high" else (low, high)


def _spare(left: Value, right: Value) -> float:
    if "about" in (left.bound, right.bound):
        return 0.1
    if left.unit == right.unit:
        return 0.0
    return _NEAR_WORKDAYS if "工作日" in (left.unit, right.unit) else _NEAR


def _near(one: float, two: float, spare: float) -> bool:
    return abs(one - two) <= spare * max(abs(one), abs(two)) + 1e-9


def how_far(table: pd.DataFrame, pairs: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return for each pair of cells how far apart their values are: the logarithm of the greater by the smaller.

    Numbers are as in `comparable`.
    """
    first = table.drop_duplicates("cell").set_index("cell")
    sizes = {
        int(cell): comparable(value, unit)
        for cell, value, unit in zip(first.index, first["value"], first["unit"], strict=True)
    }
    least = 1e-3  # of nothing
    apart = [abs(np.log(max(sizes[left], least) / max(sizes[right], least))) for left, right in pairs.tolist()]
    return np.array(apart, dtype=np.float32)
