"""What pictures are drawn of: the whole with its title, strokes, letters, and the numbers of a scale.

Places across are shares of the width in percent, places down are pixels. Letters cannot be measured here, so their
width is estimated, and what stands beside each other is laid out for a telephone: wider screens have more room.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Sequence

from index.escaping import xml_text

EM = 13  # pixels; the size of letters in the CSS and in files
# What is left of a telephone's 360 pixels for a picture: letters must not meet there.
NARROWEST = 320


def svg_of(title: str, desc: str, height: float, body: str, has_links: bool = False) -> str:
    """Return the whole picture. With links it is a group, because nobody gets at what is inside of an image."""
    key = hashlib.sha256(f"{title}{desc}{body}".encode("utf-8", "replace")).hexdigest()[:8]  # its ids on a page
    role = "group" if has_links else "img"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pk-svg" role="{role}" width="100%" height="{drawn(height)}"'
        f' aria-labelledby="pk-{key}-t pk-{key}-d"><title id="pk-{key}-t">{xml_text(title)}</title>'
        f'<desc id="pk-{key}-d">{xml_text(desc)}</desc>{body}</svg>'
    )


def item_of(made: str, told: str, href: str | None = None) -> str:
    """Return a part that says under the pointer what it is, and leads to what it counts."""
    group = f"<g><title>{xml_text(told)}</title>{made}</g>" if told else made
    return f'<a class="pk-go" href="{xml_text(href)}" target="_self">{group}</a>' if href else group


def text_of(x: float, y: float, text: str, anchor: str = "start", name: str = "") -> str:
    """Return a text whose anchor is at `x` percent and `y` pixels, nothing for an empty one."""
    classes = f' class="{name}"' if name else ""
    return (
        f'<text x="{drawn(x)}%" y="{drawn(y)}" text-anchor="{anchor}"{classes}>{xml_text(text)}</text>' if text else ""
    )


def line_of(x1: float, y1: float, x2: float, y2: float, name: str, dash: str = "") -> str:
    """Return a straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line class="{name}" x1="{drawn(x1)}%" y1="{drawn(y1)}" x2="{drawn(x2)}%" y2="{drawn(y2)}"{dashes}/>'


def rect_of(x: float, y: float, wide: float, high: float, name: str) -> str:
    """Return a rectangle."""
    return f'<rect class="{name}" x="{drawn(x)}%" y="{drawn(y)}" width="{drawn(wide)}%" height="{drawn(high)}"/>'


def labels_across(places: Sequence[tuple[float, str]], y: float) -> list[str]:
    """Return labels under a picture, every second or third where all of them would meet on a telephone."""
    widest = max((em_of(label) for _, label in places), default=1.0) * EM + 12
    step = max(1, math.ceil(len(places) * widest / (0.85 * NARROWEST)))
    return [text_of(x, y, label, anchored(x, label)[0], "pk-svg-soft") for x, label in places[::step]]


def anchored(x: float, label: str) -> tuple[str, float, float]:
    """Return by which end a label at `x` hangs to stay inside, and on a telephone where it begins and its width."""
    place, wide = x / 100 * NARROWEST, em_of(label) * EM
    if place < wide / 2:
        return "start", place, wide
    if place + wide / 2 > NARROWEST:
        return "end", place - wide, wide
    return "middle", place - wide / 2, wide


def date_of(x: str | float) -> float:
    """Return where a date lies on a line of years."""
    if not isinstance(x, str):
        return float(x)
    year, month, day = ([int(part) for part in x.split("-")] + [1, 1])[:3]
    return year + (month - 1) / 12 + (day - 1) / 372


def ticks_to(low: float, high: float) -> list[float]:
    """Return round numbers from `low` to at least `high`, four or five of them."""
    span = high - low if high > low else 1.0
    step = 10.0 ** math.floor(math.log10(span / 3))
    step = next(step * factor for factor in (1, 2, 5, 10) if step * factor * 4 >= span)
    return [low + step * number for number in range(math.ceil(round(span / step, 6)) + 1)]


def em_of(text: str) -> float:
    """Return about how wide a text is, in em: Chinese characters are square, others somewhat more than half of it."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.58 for char in text)


def shortened(text: str, most: float) -> str:
    """Return `text`, its end left out where it is wider than `most` em."""
    if em_of(text) <= most:
        return text
    while text and em_of(text) + 1 > most:
        text = text[:-1]
    return f"{text}…"


def in_figures(value: float) -> str:
    """Return a number for people: with commas, six digits at most."""
    return f"{value:,.6g}"


def drawn(value: float) -> str:
    """Return a number of a drawing: two decimals, which no eye tells apart from more."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
