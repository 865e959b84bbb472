"""The numbers of a text that say how much, how long, how old or when: value, unit, bound and per what, as one record.

Only numbers with a unit count; numbers of articles, documents, steps, windows and telephones have none, and what is
vague (十几天, 四千多元) or an ordinal (第4个月) is no statement. Days, months and years stay apart, as rules mean
them: how far 180日 and 6个月 are the same is told in `values`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.conflicts.amounts import amounts_in
from index.conflicts.bounds import BOUNDS, Bound, bound_of, clause_before, per_of
from index.ngrams import fold

UNITS = (
    *("日", "工作日", "周", "月", "年", "小时", "岁", "%", "‰", "百分点"),
    *("元", "倍", "次", "人", "date", "calendar_year"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number at `[start, end)` of a text: `value`, of a range to `value_to`, in `unit` (one of UNITS), per `per`.

    Money is in 元, 成 and 百分之 are %, 万分之 is ‰, 半年 is 6 月, 61岁3个月 is 61.25 岁. A date is YYYYMMDD, 0 for
    what is not said: 1130 is 11-30, 20221200 is 2022-12 (`said` writes it). `per` is 人, 年, 人/年 … or None.
    """

    start: int
    end: int
    value: float
    unit: str
    bound: Bound = "exact"
    value_to: float | None = None
    per: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or self.unit not in UNITS or self.bound not in BOUNDS:
            raise ValueError(f"found {self}; expected start < end, a unit of UNITS and a bound of BOUNDS")


def said(value: float, unit: str) -> str:
    """Return a value as it is written in lists: 11-30 and 2022-12 for dates, else the number without idle zeros."""
    if unit != "date":
        return f"{value:.4f}".rstrip("0").rstrip(".")
    year, rest = divmod(int(value), 10_000)
    month, day = divmod(rest, 100)
    parts = (f"{year:04d}" if year else "", f"{month:02d}" if month else "", f"{day:02d}" if day else "")
    return "-".join(filter(None, parts))


# Between two amounts of which the second is of the same period as the first nothing of this stands.
_ANEW = re.compile(r"[。!?\n]|一次性|[封限]|起付|累计|合计|总|超|满|补|折|以[上下]|[年月日天次]|补助|费用|\d")


def read_figures(text: str) -> tuple[Figure, ...]:
    """Return the numbers of `text` in the order they stand; none overlaps another."""
    return tuple(figures_in(fold(text)))


def figures_in(folded: str) -> Iterator[Figure]:
    """Yield the numbers of a text in search form (`ngrams.fold`); none reaches over a line end."""
    money: Figure | None = None
    for start, end, value, value_to, unit in amounts_in(folded):
        before = clause_before(folded, start)
        per = None if unit in ("date", "calendar_year", "岁") else per_of(before, folded[end : end + 12])
        if unit == "元" and per is None and money is not None and not _ANEW.search(folded, money.end, start):
            per = money.per  # 每人每年100元，其中个人50元
        figure = Figure(start, end, value, unit, bound_of(before, folded, start, end, unit), value_to, per)
        money = figure if unit == "元" else money
        yield figure
