"""Tells which blocks of an article are headings, and of which level.

Three dialects occur on the pages (docs/cleaning.md): numbered headings (一、 （一） 1. （1） ①), short lines without a
number in two levels, and no headings at all but bullets. HTML headings come with their level from the tree. A numbered
line is a heading only if it is short, says nothing by itself and something stands under it; else it is a list item.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.block import Block

MAX_HEADING_CHARS = 40
MAX_BARE_HEADING_CHARS = 22  # without a number only shorter lines are believed

_CHINESE = "一二三四五六七八九十百零〇"
_NUMBERED: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"^第[{_CHINESE}\d]+[章节部分步条]{{1,2}}[\s:：、.．]?")),
    (1, re.compile(rf"^[{_CHINESE}]{{1,3}}[、.．]\s*")),
    (2, re.compile(rf"^[（(][{_CHINESE}]{{1,3}}[)）]、?\s*")),
    (3, re.compile(r"^\d{1,2}\s*[.．、](?!\d)\s*")),
    (4, re.compile(r"^(?:[（(]\d{1,2}[)）]|\d{1,2}[)）])\s*")),
    (5, re.compile(r"^[①-⑳]\s*")),
)
_BULLET = re.compile(r"^[•·●○◦▪■□◆◇★☆►▶➤✓✔\-–—*＊]\s*(?=\S)")
_SAYS_SOMETHING = re.compile(r"[。；;，！!？?]$|[。；;！!]|[:：]\s*\S")
_FIGURE = re.compile(r"^\d+(?:\.\d|\s*%)")
_ENDS_OPEN = re.compile(r"[。；;，,：:！!、]$")


@dataclass(frozen=True, slots=True)
class Heading:
    """The block with this index is a heading of this level (1 is the highest under the title)."""

    index: int
    level: int


def is_item(line: str) -> bool:
    """Say whether a line is a list item by its label."""
    return _BULLET.match(line) is not None or _number_level(line) is not None


def _number_level(line: str) -> int | None:
    for level, pattern in _NUMBERED:
        match = pattern.match(line)
        if match and match.end() < len(line):
            return level
    return None


def find_headings(text: str, blocks: Sequence[Block]) -> tuple[Heading, ...]:
    """Return the headings among the body blocks of an article, in order. A line with nothing under it is none."""
    lines = [text[block.start : block.end] for block in blocks]
    levels: list[int | None] = [
        _tree_level(block) or _numbered_heading(lines, blocks, index) for index, block in enumerate(blocks)
    ]
    if not any(level is not None and level <= 2 for level in levels):
        _add_bare_headings(lines, blocks, levels)
    return tuple(Heading(index, level) for index, level in enumerate(levels) if level is not None)


def _tree_level(block: Block) -> int | None:
    if len(block.kind) == 2 and block.kind[0] == "h" and block.kind[1] in "123456":
        return int(block.kind[1])
    return None


def _numbered_heading(lines: Sequence[str], blocks: Sequence[Block], index: int) -> int | None:
    line = lines[index]
    level = _number_level(line)
    if level is None or len(line) > MAX_HEADING_CHARS or _SAYS_SOMETHING.search(line) or index + 1 == len(lines):
        return None
    if level <= 2:
        return level
    if index and _number_level(lines[index - 1]) == level and blocks[index - 1].indent == blocks[index].indent:
        return None  # the line above is one of the same list and has nothing under it
    below = lines[index + 1]
    deeper = blocks[index + 1].indent > blocks[index].indent
    same_kind = _number_level(below) == level
    if blocks[index].kind == "li" and not deeper:
        return None
    return level if (deeper or not same_kind) and not (same_kind and not deeper) else None


def _is_bare(lines: Sequence[str], blocks: Sequence[Block], index: int) -> bool:
    line = lines[index]
    return (
        len(line) <= MAX_BARE_HEADING_CHARS
        and blocks[index].kind not in ("li", "tr", "pre", "dd")
        and not is_item(line)
        and not _FIGURE.match(line)
        and not _ENDS_OPEN.search(line)
        and not _SAYS_SOMETHING.search(line)
        and index + 1 < len(lines)
    )


def _add_bare_headings(lines: Sequence[str], blocks: Sequence[Block], levels: list[int | None]) -> None:
    """Mark unnumbered short lines: one above another is of the first level, one above text of the second or only."""
    bare = [levels[index] is None and _is_bare(lines, blocks, index) for index in range(len(lines))]
    if sum(bare) < 2:
        return
    two_levels = any(bare[index] and bare[index + 1] for index in range(len(lines) - 1))
    seen_first = False
    for index, is_bare in enumerate(bare):
        if not is_bare:
            continue
        if two_levels and index + 1 < len(bare) and bare[index + 1]:
            levels[index] = 1
            seen_first = True
        else:
            levels[index] = 2 if seen_first else 1
