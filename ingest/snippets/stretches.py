"""Parts a page's lines where no run of recommendations can go on: at markers, and at what parts article and blocks.

Decoration (rank numbers, image placeholders, buttons) is left out of the stretches, so that items read the same with
and without it; whoever takes an item takes the decoration inside it along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.snippets.roles import Line

# A marker text that comes this often is a button of each item (更多) or a badge (推荐).
_BUTTON_COUNT = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines without decoration between two partings.

    `marker` is the block index of the marker directly above, or None, `marker_strength` as in `meta_lines`;
    `below_furniture`: a tip or the like stands directly above. `ends_page`: nothing but furniture stands below;
    `is_last`: nothing at all does; `is_open`: and the page ends without a line end, as a page does that was cut off.
    """

    lines: tuple[Line, ...]
    marker: int | None
    marker_strength: int
    below_furniture: bool
    ends_page: bool
    is_last: bool
    is_open: bool


def part(lines: Sequence[Line], *, is_open: bool) -> list[Stretch]:
    """Return the stretches of a page in order; none is empty. `is_open`: no line end stands behind the last line."""
    lines = _without_buttons(lines)
    stretches: list[Stretch] = []
    current: list[Line] = []
    marker: int | None = None
    strength = 0
    below_furniture = False

    def close() -> None:
        if current:
            stretches.append(Stretch(tuple(current), marker, strength, below_furniture, False, False, False))
            current.clear()

    for line in lines:
        if line.marker:
            had_lines = bool(current)
            close()
            strength = line.marker if had_lines or marker is None else max(line.marker, strength)
            marker, below_furniture = line.index, False
        elif line.parts:
            close()
            marker, strength, below_furniture = None, 0, True
        elif not line.decorates:
            current.append(line)
    close()
    if stretches:
        last = stretches[-1]
        is_last = last.lines[-1].index == len(lines) - 1
        stretches[-1] = replace(last, ends_page=True, is_last=is_last, is_open=is_last and is_open)
    return stretches


def _without_buttons(lines: Sequence[Line]) -> Sequence[Line]:
    counts = Counter(line.text for line in lines if line.marker)
    often = {text for text, count in counts.items() if count >= _BUTTON_COUNT}
    return (
        [replace(line, marker=0, decorates=True) if line.text in often else line for line in lines] if often else lines
    )
