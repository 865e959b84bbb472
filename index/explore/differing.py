"""Which figures of the statements of a comparison differ from cell to cell; numbers are read by `index.conflicts`.

Figures count by value and unit: 三个月 and 3个月 are one, 180日 and 6个月 are two, for rules mean them apart. Where the
question asks for a period, an amount, a share or a count, figures of other kinds (a year, a date) are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from index.conflicts.figures import Figure, read_figures, said

if TYPE_CHECKING:
    from index.explore.cells import Cell

# The units in which each kind of question is answered (index/answering/asked.py).
_UNITS = {
    "duration": frozenset({"日", "工作日", "周", "月", "年", "小时", "岁"}),
    "money": frozenset({"元", "倍", "%", "‰"}),
    "share": frozenset({"%", "‰", "百分点"}),
    "times": frozenset({"次"}),
}
_DATES = frozenset({"date", "calendar_year"})


def with_figures(cells: Sequence[Cell], kinds: Sequence[str]) -> tuple[Cell, ...]:
    """Return the cells with the figures of their statements, and with marks on those that another cell does not give.

    `kinds` are what the question asks for. A cell without figures differs from none.
    """
    units = frozenset().union(*(_UNITS[kind] for kind in kinds if kind in _UNITS))
    found = [[_figures(citation.quote, units) for citation in cell.citations] for cell in cells]
    told = [frozenset(_key(figure) for quote in quotes for figure in quote) for quotes in found]
    common = frozenset.intersection(*filter(None, told)) if any(told) else frozenset()
    return tuple(
        replace(
            cell,
            figures=tuple(_told(value, unit) for unit, value in sorted((unit, value) for value, unit in keys)),
            marks=tuple(
                tuple((figure.start, figure.end) for figure in quote if _key(figure) not in common) for quote in quotes
            ),
        )
        for cell, quotes, keys in zip(cells, found, told, strict=True)
    )


def _figures(quote: str, units: frozenset[str]) -> list[Figure]:
    """Return the figures of a quote in these units; in all but dates where no unit is asked for."""
    return [one for one in read_figures(quote) if (one.unit in units if units else one.unit not in _DATES)]


def _told(value: float, unit: str) -> str:
    return f"{said(value, unit)}{'个月' if unit == '月' else unit}"  # 3月 is March


def _key(figure: Figure) -> tuple[float, str]:
    return figure.value, figure.unit
