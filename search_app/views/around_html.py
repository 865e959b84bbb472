"""The passages before and after a passage found, as HTML to unfold: in order, with the place of the found one."""

from __future__ import annotations

import re

from index.around import Around, Neighbour
from search_app.render import escape
from search_app.words import Words

# A dump has a blank line after every line; here it is to be read on a phone.
_BLANK_LINES = re.compile(r"\s*\n\s*")


def around_html(around: Around | None, say: Words) -> str:
    """Return the neighbours of a passage; nothing where its article has no other one.

    They have no links of their own: the title above leads into the article, to the passage between them.
    """
    if around is None or not (around.before or around.after):
        return ""
    number = escape(say("around_number", place=around.place))
    items = [
        *_neighbours(around.before, around.place - len(around.before), say),
        f'<li class="pk-here" aria-current="true"><p class="pk-meta">{number} · {escape(say("around_here"))}</p></li>',
        *_neighbours(around.after, around.place + 1, say),
    ]
    place = escape(say("around_place", place=around.place, total=around.total))
    return (
        f'<details class="pk-around"><summary>{escape(say("around"))}</summary>'
        f'<p class="pk-meta">{place}</p><ol>{"".join(items)}</ol></details>'
    )


def _neighbours(members: tuple[Neighbour, ...], first: int, say: Words) -> list[str]:
    return [
        f'<li><p class="pk-meta">{escape(say("around_number", place=first + at))}{_path(one)}</p>'
        f'<p class="pk-lines" lang="zh-CN">{escape(_dense(one.text))}</p></li>'
        for at, one in enumerate(members)
    ]


def _dense(text: str) -> str:
    return _BLANK_LINES.sub("\n", text)


def _path(one: Neighbour) -> str:
    return f' <span lang="zh-CN">› {escape(" › ".join(one.heading_path))}</span>' if one.heading_path else ""
