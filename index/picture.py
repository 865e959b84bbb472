"""Pictures of figures as SVG: bars, a line over time, dots on a number line, a barcode of places, a cloud of points.

Places across are shares of the width, so a picture is as wide as its place while letters keep their size, from a
telephone to a wide screen. Colours are classes that the page gives its own, light and dark (static/css/98-picture.css);
`picture_file` makes a file of a picture. Vega-Lite was measured instead and left: 84 MB to install, 2.8 s for the first
picture, and colours and letters fixed when it is drawn (docs/decisions.md).

A picture is one line of XML; every text in it is escaped. It says what it shows in a title and a description; the
figures themselves belong in a table beside it, which is the caller's.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index.escaping import xml_text

# The colours of one series and another; see the CSS. Series are told apart by their dashes, too.
Tone = Literal["a", "b", "c", "d"]
_TONES: tuple[Tone, ...] = ("a", "b", "c", "d")
_DASHES = ("", "6 3", "2 3", "8 3 2 3")
_EM = 13  # pixels; the size of letters in the CSS and in files
# What is left of a telephone's 360 pixels for a picture: letters must not meet there.
_NARROWEST = 320
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
    is_beside = all(_em(bar.name) <= _NAME_BESIDE and _em(bar.told) <= _TOLD_BESIDE for bar in rows)
    first, last, height = (32.0, 82.0, 26) if is_beside else (0.0, 100.0, 44)

    def across(value: float) -> float:
        return first + (last - first) * (value - low) / ((high - low) or 1)

    body = []
    for number, bar in enumerate(rows):
        top = number * height
        y = top + (5 if is_beside else 24)
        left, right = sorted((across(0), across(bar.value)))
        made = _line(across(0), y - 4, across(0), y + 18, "pk-svg-axis") if low < 0 else ""
        made += _rect(left, y, right - left, 14, f"pk-svg-{bar.tone}")
        if bar.low is not None and bar.high is not None:
            made += _line(across(bar.low), y + 7, across(bar.high), y + 7, "pk-svg-whisker")
        if is_beside:
            made += _text(first - 1.5, y + 12, bar.name, "end") + _text(100, y + 12, bar.told, "end", "pk-svg-soft")
        else:
            longest = _NARROWEST / _EM - _em(bar.told) - 1
            made += _text(0, top + 17, _short(bar.name, longest)) + _text(100, top + 17, bar.told, "end", "pk-svg-soft")
        body.append(_item(made, bar.note or f"{bar.name} {bar.told}", bar.href))
    return _svg(title, desc, max(1, len(rows)) * height, "".join(body), any(bar.href for bar in rows))


def trend(title: str, desc: str, series: Sequence[Point] | Mapping[str, Sequence[Point]], *, unit: str = "") -> str:
    """Return one line with points for each series (at most four), over a band from `low` to `high` where given.

    Raises ValueError where there are more series or a date is none.
    """
    named = series if isinstance(series, Mapping) else {"": series}
    if len(named) > len(_TONES):
        raise ValueError(f"found {len(named)} series, expected at most {len(_TONES)}: more lines cannot be told apart")
    points = [point for line in named.values() for point in line]
    xs = {point.x: _when(point.x) for point in points}
    first, last = min(xs.values(), default=0.0), max(xs.values(), default=0.0)
    ticks = _ticks(0, max((max(point.y, point.high or 0) for point in points), default=0.0))
    top, plot, left, wide = (44 if len(named) > 1 else 20), 160, 12.0, 85.0

    def across(x: str | float) -> float:
        return 0.5 if first == last else (xs[x] - first) / (last - first)

    def down(y: float) -> float:
        return 1 - y / ticks[-1]

    body = []
    for tick in ticks:
        y = top + plot * down(tick)
        told = f"{_told(tick)} {unit}" if tick == ticks[-1] else _told(tick)
        body.append(_line(0, y, 100, y, "pk-svg-axis" if not tick else "pk-svg-grid"))
        body.append(_text(0, y - 4, told.strip(), "start", "pk-svg-soft"))
    for tone, dash, (name, line) in zip(_TONES, _DASHES, named.items(), strict=False):
        placed = sorted(line, key=lambda point: xs[point.x])
        known = [(point, point.low, point.high) for point in placed if point.low is not None and point.high is not None]
        edge = [(across(p.x), down(high)) for p, _, high in known] + [
            (across(p.x), down(low)) for p, low, _ in reversed(known)
        ]
        if len(known) > 1:
            corners = " ".join(f"{_n(1000 * x)},{_n(1000 * y)}" for x, y in edge)
            body.append(
                f'<svg x="{left}%" y="{top}" width="{wide}%" height="{plot}" viewBox="0 0 1000 1000"'
                f' preserveAspectRatio="none"><polygon class="pk-svg-{tone} pk-svg-band" points="{corners}"/></svg>'
            )
        places = [(left + wide * across(point.x), top + plot * down(point.y)) for point in placed]
        for (x1, y1), (x2, y2) in pairwise(places):
            body.append(_line(x1, y1, x2, y2, f"pk-svg-line pk-svg-{tone}", dash))
        for point, (x, y) in zip(placed, places, strict=True):
            few = " pk-svg-few" if point.few else ""
            circle = f'<circle class="pk-svg-{tone}{few}" cx="{_n(x)}%" cy="{_n(y)}" r="4"/>'
            body.append(_item(circle, point.told or f"{name} {point.x}: {_told(point.y)}"))
        if len(named) > 1:
            start = 100 / len(named) * _TONES.index(tone)
            body.append(_line(start, 12, start + 5, 12, f"pk-svg-line pk-svg-{tone}", dash))
            body.append(_text(start + 6.5, 17, _short(name, 0.9 * _NARROWEST / len(named) / _EM - 1.5)))
    body += _labels_across(
        [(left + wide * across(x), str(x)) for x in sorted(xs, key=lambda x: xs[x])], top + plot + 20
    )
    return _svg(title, desc, top + plot + 28, "".join(body))


def dots(title: str, desc: str, rows: Sequence[Dot], *, unit: str = "") -> str:
    """Return a number line with a stack of dots at each value and its label below, level under level."""
    values = sorted({dot.value for dot in rows})
    low, high = (values[0], values[-1]) if values else (0.0, 0.0)
    axis = 14 * min(_STACK, max((sum(dot.value == value for dot in rows) for value in values), default=1)) + 22

    def across(value: float) -> float:
        return 50 if low == high else 6 + 88 * (value - low) / (high - low)

    body = [_line(0, axis, 100, axis, "pk-svg-axis")]
    ends: list[float] = []  # of each level, in pixels on a telephone
    levels = {}
    for value in values:
        stack = [dot for dot in rows if dot.value == value]
        label = _short(stack[0].name, _NARROWEST / _EM - 2)
        anchor, start, wide = _anchored(across(value), label)
        level = next((number for number, end in enumerate(ends) if end + _EM < start), len(ends))
        ends[level:] = [start + wide, *ends[level + 1 :]]
        levels[value] = level
        y = axis + 24 + 20 * level
        body.append(_line(across(value), axis, across(value), y - 12, "pk-svg-grid"))
        body.append(_text(across(value), y, label, anchor))
        for number, dot in enumerate(stack[:_STACK]):
            circle = (
                f'<circle class="pk-svg-{dot.tone}" cx="{_n(across(value))}%" cy="{axis - 8 - 14 * number}" r="5.5"/>'
            )
            body.append(_item(circle, dot.told or dot.name, dot.href))
        if len(stack) > _STACK:
            above = axis - 8 - 14 * _STACK
            body.append(_text(across(value), above + 6, f"+{len(stack) - _STACK}", "middle", "pk-svg-soft"))
    if unit:
        body.append(_text(100, 12, unit, "end", "pk-svg-soft"))
    return _svg(title, desc, axis + 34 + 20 * max(levels.values(), default=0), "".join(body), any(d.href for d in rows))


def strip(
    title: str, desc: str, rows: Mapping[str, Sequence[float]] | Sequence[float], *, ends: tuple[str, str] = ("", "")
) -> str:
    """Return a barcode: a thin stroke at each place from 0 (left) to 1 (right), a row for each name."""
    named = rows if isinstance(rows, Mapping) else {"": rows}
    left = 30.0 if any(named) else 0.0
    body = []
    for number, (name, places) in enumerate(named.items()):
        y = number * 30 + 4
        strokes = "".join(f"M{_n(998.5 * place)} 0h1.5v10h-1.5z" for place in sorted(set(places)))
        body.append(_text(left - 1.5, y + 16, _short(name, _NAME_BESIDE), "end") if name else "")
        body.append(
            f'<svg x="{left}%" y="{y}" width="{100 - left}%" height="22" viewBox="0 0 1000 10"'
            f' preserveAspectRatio="none"><rect class="pk-svg-wash" width="1000" height="10"/><path class="pk-svg-a" d="{strokes}"/></svg>'
        )
    y = len(named) * 30 + 16
    if any(ends):
        body.append(_text(left, y, ends[0], "start", "pk-svg-soft") + _text(100, y, ends[1], "end", "pk-svg-soft"))
    return _svg(title, desc, y + (6 if any(ends) else -14), "".join(body))


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
        circle = f'<circle cx="{_n(across)}%" cy="{_n(down)}" r="3"/>'
        made = _item(circle, names[number] if names else "", links[number] if links else None)
        groups.setdefault(tones[number] if tones else 0, []).append(made)
    body = "".join(
        f'<g class="{f"pk-svg-t{tone % 10}" if tone >= 0 else "pk-svg-none"}">{"".join(groups[tone])}</g>'
        for tone in sorted(groups)
    )
    return _svg(title, desc, height, body, bool(links))


def _svg(title: str, desc: str, height: float, body: str, has_links: bool = False) -> str:
    """Return the whole picture. With links it is a group, because nobody gets at what is inside of an image."""
    key = hashlib.sha256(f"{title}{desc}{body}".encode("utf-8", "replace")).hexdigest()[:8]  # its ids on a page
    role = "group" if has_links else "img"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pk-svg" role="{role}" width="100%" height="{_n(height)}"'
        f' aria-labelledby="pk-{key}-t pk-{key}-d"><title id="pk-{key}-t">{xml_text(title)}</title>'
        f'<desc id="pk-{key}-d">{xml_text(desc)}</desc>{body}</svg>'
    )


def _item(made: str, told: str, href: str | None = None) -> str:
    """Return a part that says under the pointer what it is, and leads to what it counts."""
    group = f"<g><title>{xml_text(told)}</title>{made}</g>" if told else made
    return f'<a class="pk-go" href="{xml_text(href)}" target="_self">{group}</a>' if href else group


def _text(x: float, y: float, text: str, anchor: str = "start", name: str = "") -> str:
    classes = f' class="{name}"' if name else ""
    return f'<text x="{_n(x)}%" y="{_n(y)}" text-anchor="{anchor}"{classes}>{xml_text(text)}</text>' if text else ""


def _line(x1: float, y1: float, x2: float, y2: float, name: str, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line class="{name}" x1="{_n(x1)}%" y1="{_n(y1)}" x2="{_n(x2)}%" y2="{_n(y2)}"{dashes}/>'


def _rect(x: float, y: float, wide: float, high: float, name: str) -> str:
    return f'<rect class="{name}" x="{_n(x)}%" y="{_n(y)}" width="{_n(wide)}%" height="{_n(high)}"/>'


def _labels_across(places: Sequence[tuple[float, str]], y: float) -> list[str]:
    """Return labels under a picture, every second or third where all of them would meet on a telephone."""
    widest = max((_em(label) for _, label in places), default=1.0) * _EM + 12
    step = max(1, math.ceil(len(places) * widest / (0.85 * _NARROWEST)))
    return [_text(x, y, label, _anchored(x, label)[0], "pk-svg-soft") for x, label in places[::step]]


def _anchored(x: float, label: str) -> tuple[str, float, float]:
    """Return by which end a label at `x` hangs to stay inside, and where it begins and how wide it is on a telephone."""
    place, wide = x / 100 * _NARROWEST, _em(label) * _EM
    if place < wide / 2:
        return "start", place, wide
    if place + wide / 2 > _NARROWEST:
        return "end", place - wide, wide
    return "middle", place - wide / 2, wide


def _when(x: str | float) -> float:
    """Return where a date lies on a line of years."""
    if not isinstance(x, str):
        return float(x)
    year, month, day = ([int(part) for part in x.split("-")] + [1, 1])[:3]
    return year + (month - 1) / 12 + (day - 1) / 372


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers from `low` to at least `high`, four or five of them."""
    span = high - low if high > low else 1.0
    step = 10.0 ** math.floor(math.log10(span / 3))
    step = next(step * factor for factor in (1, 2, 5, 10) if step * factor * 4 >= span)
    return [low + step * number for number in range(math.ceil(round(span / step, 6)) + 1)]


def _em(text: str) -> float:
    """Return about how wide a text is, in em: Chinese characters are square, others somewhat more than half of it."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.58 for char in text)


def _short(text: str, most: float) -> str:
    if _em(text) <= most:
        return text
    while text and _em(text) + 1 > most:
        text = text[:-1]
    return f"{text}…"


def _told(value: float) -> str:
    return f"{value:,.6g}"


def _n(value: float) -> str:
    """Return a number of a drawing: two decimals, which no eye tells apart from more."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
