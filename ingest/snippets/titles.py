"""Finds lists of nothing but titles: below a marker, or at the end of the page.

The weakest shape of all, for articles have lists too. How sure such a list is no content is left to `evidence`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.snippets.role_scores import title_score
from ingest.snippets.roles import Line
from ingest.snippets.stretches import Stretch

_MIN_BELOW_MARKER = 2
_MIN_WITHOUT_MARKER = 5
_MIN_TITLE_CHARS = 5


def titles_below(stretch: Stretch, free: Sequence[Line]) -> tuple[Line, ...]:
    """Return the titles with which `free`, the lines of `stretch` that no run took, begins below its marker."""
    if stretch.marker is None:
        return ()
    count = 0
    while count < len(free) and _is_listed(free[count]):
        count += 1
    if count < len(free) and free[count].index - free[count - 1].index < 3 and not free[count].meta:
        count -= 1  # the line above a paragraph is its heading
    return tuple(free[:count]) if count >= _MIN_BELOW_MARKER else ()


def titles_at_end(stretch: Stretch, free: Sequence[Line]) -> tuple[Line, ...]:
    """Return the titles with which the page ends, if a paragraph stands above them."""
    if not stretch.ends_page:
        return ()
    first = len(free)
    while first > 0 and _is_listed(free[first - 1]) and len(free[first - 1].text) >= _MIN_TITLE_CHARS:
        first -= 1
    if first == len(free):
        return ()
    above = first - 1
    if above >= 0 and len(free[above].text) < _MIN_TITLE_CHARS and not free[above].meta:
        above -= 1  # a marker that nobody knows
    if not (free[above].ends_full if above >= 0 else stretch.below_furniture):
        return ()
    return tuple(free[first:]) if len(free) - first >= _MIN_WITHOUT_MARKER else ()


def _is_listed(line: Line) -> bool:
    return line.meta is None and not line.is_row and title_score(line.text, line) > -0.9
