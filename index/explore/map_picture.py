"""The map of passages as a picture for a paper: SVG, each group in its colour and shape, with its name at its middle.

The page draws its own map (search_app/static/passage_map.mjs) with the same colours and shapes. All points are in the
picture: one stroke each, about twelve characters, so that 50,000 of them are a file of 800 kB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.escaping import xml_text
from index.explore.projection import WIDTH

if TYPE_CHECKING:
    from index.explore.passage_map import Cluster, PassageMap

# The colours of Okabe and Ito (2008), which people with any colour blindness tell apart, darkened for white paper (each
# at least 3 to 1 against it); search_app/static/css/93-map.css has them for light and dark, and a test compares them.
TONES = ("#0072b2", "#d55e00", "#008f68", "#b8568f", "#b07700", "#3a93cc", "#4a4f57")
REST = "#b9b5ab"
# Four shapes and seven colours: side by side both differ, and 28 groups are told apart.
SHAPES = ("disc", "square", "triangle", "diamond")
_SIDE = 1000.0
_PAD = 24.0
_SCALE = (_SIDE - 2 * _PAD) / WIDTH
_LETTER = 17.0
# Of more points each is too small to show a shape; a disc takes a third of the characters of a triangle.
_SHAPED = 5_000


def look_of(number: int) -> tuple[int, int]:
    """Return the colour and the shape of group `number` (from 1), as places in TONES and SHAPES."""
    return (number - 1) % len(TONES), (number - 1) % len(SHAPES)


def map_svg(found: PassageMap, chosen: NDArray[np.bool_], title: str, desc: str) -> str:
    """Return all points of a map as SVG, those that are not `chosen` in grey; names of groups where some are chosen."""
    across = _PAD + (found.x.astype(np.float64)) * _SCALE
    low, high = (float(found.y.min()), float(found.y.max())) if len(found) else (0.0, 0.0)
    down = _PAD + (high - found.y.astype(np.float64)) * _SCALE
    height = 2 * _PAD + (high - low) * _SCALE
    radius = dot_radius(len(found))
    body = [_points(across[~chosen], down[~chosen], 0, radius * 0.8, REST)] if not chosen.all() else []
    for one in found.clusters:
        inside = chosen & (found.cluster == one.number)
        tone, shape = look_of(one.number)
        shape = shape if len(found) <= _SHAPED else 0
        body.append(_points(across[inside], down[inside], shape, radius, TONES[tone]))
    placed: list[tuple[float, float, float]] = []
    for one in found.clusters:
        if (chosen & (found.cluster == one.number)).any():
            body.append(_label(one, _PAD + one.x * _SCALE, _PAD + (high - one.y) * _SCALE, placed))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pk-svg" role="img" width="{_SIDE:g}" height="{height:.0f}"'
        f' viewBox="0 0 {_SIDE:g} {height:.0f}"><title>{xml_text(title)}</title><desc>{xml_text(desc)}</desc>'
        f"{''.join(body)}</svg>"
    )


def dot_radius(points: int) -> float:
    """Return the radius of a point in a picture of a thousand units: 7 of a hundred points, 1.2 of 50,000."""
    return float(np.clip(40 / max(points, 1) ** 0.35, 1.2, 7))


def _points(across: NDArray[np.float64], down: NDArray[np.float64], shape: int, radius: float, colour: str) -> str:
    if not len(across):
        return ""
    places = zip(np.round(across, 1).tolist(), np.round(down, 1).tolist(), strict=True)
    if SHAPES[shape] in ("disc", "square"):  # a stroke without length has the shape of its ends
        path = "".join(f"M{x:g} {y:g}h.01" for x, y in places)
        cap = "round" if SHAPES[shape] == "disc" else "square"
        width = 2 * radius * (1 if cap == "round" else 0.85)
        return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:.2f}" stroke-linecap="{cap}"/>'
    r = round(1.2 * radius, 2)
    corners = (
        f"m0 {-r:g}l{r:g} {2 * r:g}h{-2 * r:g}z"
        if SHAPES[shape] == "triangle"
        else (f"m0 {-r:g}l{r:g} {r:g}l{-r:g} {r:g}l{-r:g} {-r:g}z")
    )
    path = "".join(f"M{x:g} {y:g}{corners}" for x, y in places)
    return f'<path d="{path}" fill="{colour}"/>'


def _label(one: Cluster, x: float, y: float, placed: list[tuple[float, float, float]]) -> str:
    """Return the name of a group, or only its number where a larger group's name stands already."""
    words = f"{one.number} {'、'.join(one.terms[:2])}".strip()
    half = (len(words) - 1) * _LETTER / 2
    x = min(max(x, half + 4), _SIDE - half - 4)
    if any(abs(x - ax) < half + ahalf and abs(y - ay) < 1.3 * _LETTER for ax, ay, ahalf in placed):
        words, half = str(one.number), _LETTER
    placed.append((x, y, half))
    return (
        f'<text x="{x:.1f}" y="{y + _LETTER / 3:.1f}" text-anchor="middle" stroke="#ffffff" stroke-width="4"'
        f' stroke-linejoin="round" paint-order="stroke" style="font-size:{_LETTER:g}px">{xml_text(words)}</text>'
    )
