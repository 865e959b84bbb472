"""Figures as bars: a table whose rows hold a name, the figure, and a bar as long as it is large."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from search_app.render import escape
from search_app.words import Words


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure: how it is called, how large it is, and how it is told. `href` leads to what it counts.

    `is_foreign` names come from the collection and are Chinese.
    """

    name: str
    value: float
    told: str
    href: str | None = None
    is_foreign: bool = False


def bars_html(title: str, bars: Iterable[Bar], say: Words, *, most: int | None = None) -> str:
    """Return a table of bars, the first `most` of them, with `title` as its caption; the longest fills its place."""
    found = list(bars)
    longest = max((bar.value for bar in found), default=0) or 1
    rows = "".join(_row(bar, longest) for bar in found[:most])
    left = len(found) - len(found[:most])
    more = f'<p class="pk-meta">{escape(say("more", count=left))}</p>' if left else ""
    return f'<table class="pk-bars"><caption>{escape(title)}</caption><tbody>{rows}</tbody></table>{more}'


def _row(bar: Bar, longest: float) -> str:
    name = escape(bar.name)
    if bar.href:
        name = f'<a class="pk-go" href="{escape(bar.href)}" target="_self">{name}</a>'
    lang = ' lang="zh-CN"' if bar.is_foreign else ""
    # Something is to be seen of the smallest figure that is none at all.
    share = max(1, round(100 * bar.value / longest)) if bar.value else 0
    return (
        f'<tr><th scope="row"{lang}><bdi>{name}</bdi></th><td>{escape(bar.told)}</td>'
        f'<td class="pk-bar-cell" aria-hidden="true"><i style="width:{share}%"></i></td></tr>'
    )
