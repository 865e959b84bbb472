"""The ways through a long article: its headings as links to their places, and the parts of a very long page."""

from __future__ import annotations

from collections.abc import Iterator

from index.reading import Reading
from search_app.page_parts import Parts
from search_app.render import escape, lines
from search_app.views.address import Address
from search_app.words import Words

# Four headings and fewer are seen at a glance, as is what fits one screen of a desktop (about 1,000 characters).
_MIN_HEADINGS = 5
_MIN_CHARS = 1_000
# Of more headings only the upper ones stand in the list: a list of several screens leads nowhere.
_MAX_HEADINGS = 60


def contents_html(reading: Reading, here: Address, say: Words) -> str:
    """Return the headings of a long article, each a link to its place; nothing for a short one."""
    headings = list(_headings(reading))
    chars = sum(end - start for start, end in reading.spans)
    if len(headings) < _MIN_HEADINGS or chars < _MIN_CHARS:
        return ""
    deepest = max(level for level, _, _ in headings)
    while len(headings) > _MAX_HEADINGS and deepest > min(level for level, _, _ in headings):
        headings = [heading for heading in headings if heading[0] < deepest]
        deepest -= 1
    top = min(level for level, _, _ in headings)
    items = "".join(
        f'<li class="pk-depth{min(level - top, 2)}"><a class="pk-go" href="{escape(_place(here, start, end).href)}"'
        f' target="_self"{_is_here(here, start, end)}>{escape(reading.text[start:end])}</a></li>'
        for level, start, end in headings
    )
    label = escape(say("contents"))
    # On a wide screen the list stands open beside the article, on a narrow one folded above it.
    return (
        f'<nav class="pk pk-contents pk-aside" lang="{say.tag}" aria-label="{label}"><p>{label}</p>'
        f'<ul lang="zh-CN">{items}</ul></nav>'
        f'<nav class="pk pk-contents pk-above" lang="{say.tag}" aria-label="{label}"><details>'
        f'<summary>{label}</summary><ul lang="zh-CN">{items}</ul></details></nav>'
    )


def _place(here: Address, start: int, end: int) -> Address:
    return here.to(start=start, end=end, ledger=False, part=None)


def _is_here(here: Address, start: int, end: int) -> str:
    return ' aria-current="location"' if (here.start, here.end) == (start, end) else ""


def _headings(reading: Reading) -> Iterator[tuple[int, int, int]]:
    """Yield level, start and end of each heading that was kept."""
    for start, level in sorted(reading.headings.items()):
        for line in lines(reading.text, start, min(len(reading.text), _line_end(reading.text, start))):
            if line.start < line.end and reading.keeps(line.start, line.end):
                yield level, line.start, line.end


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def parts_html(parts: Parts, number: int, here: Address, say: Words, *, removals: bool) -> str:
    """Return where in a very long page the reader is, and the way to its other parts; nothing where there is one part.

    `removals` tells how many stand before and behind.
    """
    if len(parts) == 1:
        return ""
    run = parts.runs[number - 1]
    words = [say("part_at", number=number, count=len(parts), start=f"{run[0].start + 1:,}", end=f"{run[-1].end:,}")]
    if removals:
        before, behind = (_count(parts, range(number - 1)), _count(parts, range(number, len(parts))))
        words.append(say("part_removals", before=f"{before:,}", behind=f"{behind:,}"))
    steps = [(number - 1, "part_before")] if number > 1 else []
    steps += [(number + 1, "part_behind")] if number < len(parts) else []
    links = "".join(_part_link(here, to, escape(say(key))) for to, key in steps)
    every = "".join(
        _part_link(here, to, str(to), ' aria-current="page"' if to == number else "") for to in range(1, len(parts) + 1)
    )
    return (
        f'<nav class="pk pk-parts" lang="{say.tag}" aria-label="{escape(say("parts"))}"><p>{escape(" · ".join(words))}'
        f'</p><p class="pk-steps">{links}</p><details><summary>{escape(say("parts_all"))}</summary>'
        f'<p class="pk-steps">{every}</p></details></nav>'
    )


def _part_link(here: Address, to: int, words: str, attribute: str = "") -> str:
    href = escape(here.to(part=str(to), start=None, end=None).href)
    return f'<a class="pk-go" href="{href}" target="_self"{attribute}>{words}</a>'


def _count(parts: Parts, numbers: range) -> int:
    """Return how many removals these parts (counted from 0) show; one that is torn counts in its first part."""
    return sum(
        piece.removal is not None and piece.start == piece.removal["start"]
        for number in numbers
        for piece in parts.runs[number]
    )
