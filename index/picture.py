"""Pictures of figures as SVG: bars, a line over time, dots on a number line, a barcode of places, a cloud of points.

Places across are shares of the width, so a picture is as wide as its place while letters keep their size, from a
telephone to a wide screen. Colours are classes that the page gives its own, light and dark (static/css/98-picture.css);
`picture_file` makes a file of a picture. Vega-Lite was measured instead and left: 84 MB to install, 2.8 s for the first
picture, and colours and letters fixed when it is drawn (docs/decisions.md).

A picture is one line of XML; every text in it is escaped. It says what it shows in a title and a description; the
figures themselves belong in a table beside it, which is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index.picture_parts import (
    EM,
    NARROWEST,
    anchored,
    date_of,
    drawn,
    em_of,
    in_figures,
    item_of,
    labels_across,
    line_of,
    rect_of,
    shortened,
    svg_of,
    text_of,
    ticks_to,
)

# The colours of one series and another; see the CSS. Series are told apart by their dashes, too.
Tone = Literal["a", "b", "c", "d"]
_TONES: tuple[Tone, ...] = ("a", "b", "c", "d")
_DASHES = ("", "6 3", "2 3", "8 3 2 3")
# In em: a name and a figure of this length stand beside their bar, longer ones above it.
_NAME_BESIDE, _TOLD_BESIDE = 7.5, 4.0
_STACK = 8  # dots over each other; more are told as a number


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `told` is the figure in words, `note` is shown under the pointer, `low` and `high` are an interval."""

    name: str
    value: float
    told: str = ""
    note: str = ""
    low: float | None = None
    high: float | None = None
    href: str | None = None
    tone: Tone = "a"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a line. `x` is a number or a date (2023, 2023-05, 2023-05-30); `few` draws it hollow: n is small."""

    x: str | float
    y: float
    low: float | None = None
    high: float | None = None
    told: str = ""
    few: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """One dot on a number line; dots of one value stand over each other, `name` is the label of the value."""

    value: float
    name: str
    told: str = ""
    href: str | None = None
    tone: Tone = "a"


def bars(title: str, desc: str, rows: Sequence[Bar]) -> str:
    """Return horizontal bars from zero, in the order given; those of negative values go to the left."""
    ends = [end for bar in rows for end in (bar.value, bar.low, bar.high) if end is not None]
    low, high = min(0.0, *ends, 0.0), max(0.0, *ends, 0.0)
    is_beside = all(em_of(bar.name) <= _NAME_BESIDE and em_of(bar.told) <= _TOLD_BESIDE for bar in rows)
    first, last, height = (32.0, 82.0, 26) if is_beside else (0.0, 100.0, 44)

    def across(value: float) -> float:
        return first + (last - first) * (value - low) / ((high - low) or 1)

    body = []
    for number, bar in enumerate(rows):
        top = number * height
        y = top + (5 if is_beside else 24)
        left, right = sorted((across(0), across(bar.value)))
        made = line_of(across(0), y - 4, across(0), y + 18, "pk-svg-axis") if low < 0 else ""
        made += rect_of(left, y, right - left, 14, f"pk-svg-{bar.tone}")
        if bar.low is not None and bar.high is not None:
            made += line_of(across(bar.low), y + 7, across(bar.high), y + 7, "pk-svg-whisker")
        if is_beside:
            made += text_of(first - 1.5, y + 12, bar.name, "end") + text_of(100, y + 12, bar.told, "end", "pk-svg-soft")
        else:
            longest = NARROWEST / EM - em_of(bar.told) - 1
            made += text_of(0, top + 17, shortened(bar.name, longest)) + text_of(
                100, top + 17, bar.told, "end", "pk-svg-soft"
            )
        body.append(item_of(made, bar.note or f"{bar.name} {bar.told}", bar.href))
    return svg_of(title, desc, max(1, len(rows)) * height, "".join(body), any(bar.href for bar in rows))


def trend(title: str, desc: str, series: Sequence[Point] | Mapping[str, Sequence[Point]], *, unit: str = "") -> str:
    """Return one line with points for each series (at most four), over a band from `low` to `high` where given.

    Raises ValueError where there are more series or a date is none.
    """
    named = series if isinstance(series, Mapping) else {"": series}
    if len(named) > len(_TONES):
        raise ValueError(f"found {len(named)} series, expected at most {len(_TONES)}: more lines cannot be told apart")
    points = [point for line in named.values() for point in line]
    xs = {point.x: date_of(point.x) for point in points}
    first, last = min(xs.values(), default=0.0), max(xs.values(), default=0.0)
    ticks = ticks_to(0, max((max(point.y, point.high or 0) for point in points), default=0.0))
    top, plot, left, wide = (44 if len(named) > 1 else 20), 160, 12.0, 85.0

    def across(x: str | float) -> float:
        return 0.5 if first == last else (xs[x] - first) / (last - first)

    def down(y: float) -> float:
        return 1 - y / ticks[-1]

    body = []
    for tick in ticks:
        y = top + plot * down(tick)
        told = f"{in_figures(tick)} {unit}" if tick == ticks[-1] else in_figures(tick)
        body.append(line_of(0, y, 100, y, "pk-svg-axis" if not tick else "pk-svg-grid"))
        body.append(text_of(0, y - 4, told.strip(), "start", "pk-svg-soft"))
    for tone, dash, (name, line) in zip(_TONES, _DASHES, named.items(), strict=False):
        placed = sorted(line, key=lambda point: xs[point.x])
        known = [(point, point.low, point.high) for point in placed if point.low is not None and point.high is not None]
        edge = [(across(p.x), down(high)) for p, _, high in known] + [
            (across(p.x), down(low)) for p, low, _ in reversed(known)
        ]
        if len(known) > 1:
            corners = " ".join(f"{drawn(1000 * x)},{drawn(1000 * y)}" for x, y in edge)
            body.append(
                f'<svg x="{left}%" y="{top}" width="{wide}%" height="{plot}" viewBox="0 0 1000 1000"'
                f' preserveAspectRatio="none"><polygon class="pk-svg-{tone} pk-svg-band" points="{corners}"/></svg>'
            )
        places = [(left + wide * across(point.x), top + plot * down(point.y)) for point in placed]
        for (x1, y1), (x2, y2) in pairwise(places):
            body.append(line_of(x1, y1, x2, y2, f"pk-svg-line pk-svg-{tone}", dash))
        for point, (x, y) in zip(placed, places, strict=True):
            few = " pk-svg-few" if point.few else ""
            circle = f'<circle class="pk-svg-{tone}{few}" cx="{drawn(x)}%" cy="{drawn(y)}" r="4"/>'
            body.append(item_of(circle, point.told or f"{name} {point.x}: {in_figures(point.y)}"))
        if len(named) > 1:
            start = 100 / len(named) * _TONES.index(tone)
            body.append(line_of(start, 12, start + 5, 12, f"pk-svg-line pk-svg-{tone}", dash))
            body.append(text_of(start + 6.5, 17, shortened(name, 0.9 * NARROWEST / len(named) / EM - 1.5)))
    body += labels_across([(left + wide * across(x), str(x)) for x in sorted(xs, key=lambda x: xs[x])], top + plot + 20)
    return svg_of(title, desc, top + plot + 28, "".join(body))


def dots(title: str, desc: str, rows: Sequence[Dot], *, unit: str = "") -> str:
    """Return a number line with a stack of dots at each value and its label below, level under level."""
    values = sorted({dot.value for dot in rows})
    low, high = (values[0], values[-1]) if values else (0.0, 0.0)
    axis = 14 * min(_STACK, max((sum(dot.value == value for dot in rows) for value in values), default=1)) + 22

    def across(value: float) -> float:
        return 50 if low == high else 6 + 88 * (value - low) / (high - low)

    body = [line_of(0, axis, 100, axis, "pk-svg-axis")]
    ends: list[float] = []  # of each level, in pixels on a telephone
    levels = {}
    for value in values:
        stack = [dot for dot in rows if dot.value == value]
        label = shortened(stack[0].name, NARROWEST / EM - 2)
        anchor, start, wide = anchored(across(value), label)
        level = next((number for number, end in enumerate(ends) if end + EM < start), len(ends))
        ends[level:] = [start + wide, *ends[level + 1 :]]
        levels[value] = level
        y = axis + 24 + 20 * level
        body.append(line_of(across(value), axis, across(value), y - 12, "pk-svg-grid"))
        body.append(text_of(across(value), y, label, anchor))
        for number, dot in enumerate(stack[:_STACK]):
            x, down = drawn(across(value)), axis - 8 - 14 * number
            circle = f'<circle class="pk-svg-{dot.tone}" cx="{x}%" cy="{down}" r="5.5"/>'
            body.append(item_of(circle, dot.told or dot.name, dot.href))
        if len(stack) > _STACK:
            above = axis - 8 - 14 * _STACK
            body.append(text_of(across(value), above + 6, f"+{len(stack) - _STACK}", "middle", "pk-svg-soft"))
    if unit:
        body.append(text_of(100, 12, unit, "end", "pk-svg-soft"))
    return svg_of(
        title, desc, axis + 34 + 20 * max(levels.values(), default=0), "".join(body), any(d.href for d in rows)
    )


def strip(
    title: str, desc: str, rows: Mapping[str, Sequence[float]] | Sequence[float], *, ends: tuple[str, str] = ("", "")
) -> str:
    """Return a barcode: a thin stroke at each place from 0 (left) to 1 (right), a row for each name."""
    named = rows if isinstance(rows, Mapping) else {"": rows}
    left = 30.0 if any(named) else 0.0
    body = []
    for number, (name, places) in enumerate(named.items()):
        y = number * 30 + 4
        strokes = "".join(f"M{drawn(998.5 * place)} 0h1.5v10h-1.5z" for place in sorted(set(places)))
        body.append(text_of(left - 1.5, y + 16, shortened(name, _NAME_BESIDE), "end") if name else "")
        body.append(
            f'<svg x="{left}%" y="{y}" width="{100 - left}%" height="22" viewBox="0 0 1000 10"'
            ' preserveAspectRatio="none"><rect class="pk-svg-wash" width="1000" height="10"/>'
            f'<path class="pk-svg-a" d="{strokes}"/></svg>'
        )
    y = len(named) * 30 + 16
    if any(ends):
        body.append(text_of(left, y, ends[0], "start", "pk-svg-soft") + text_of(100, y, ends[1], "end", "pk-svg-soft"))
    return svg_of(title, desc, y + (6 if any(ends) else -14), "".join(body))


def scatter(
    title: str,
    desc: str,
    xs: Sequence[float],
    ys: Sequence[float],
    *,
    tones: Sequence[int] = (),
    names: Sequence[str] = (),
    links: Sequence[str] = (),
    height: int = 420,
) -> str:
    """Return a cloud of points; `tones` are colours from 0 to 9 (the tenth is followed by the first), -1 is grey.

    For some thousand points: each is an element of its own.
    """
    (left, right), (low, high) = ((min(v, default=0.0), max(v, default=0.0)) for v in (xs, ys))
    groups: dict[int, list[str]] = {}
    for number, (x, y) in enumerate(zip(xs, ys, strict=True)):
        across = 2 + 96 * (x - left) / ((right - left) or 1)
        down = height - 10 - (height - 20) * (y - low) / ((high - low) or 1)
        circle = f'<circle cx="{drawn(across)}%" cy="{drawn(down)}" r="3"/>'
        made = item_of(circle, names[number] if names else "", links[number] if links else None)
        groups.setdefault(tones[number] if tones else 0, []).append(made)
    body = "".join(
        f'<g class="{f"pk-svg-t{tone % 10}" if tone >= 0 else "pk-svg-none"}">{"".join(groups[tone])}</g>'
        for tone in sorted(groups)
    )
    return svg_of(title, desc, height, body, bool(links))
