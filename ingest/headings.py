"""Tells which blocks of an article are headings, and of which level.

Dialects that occur on the pages (docs/cleaning.md): parts, chapters and sections of regulations; numbered headings
(一、 （一） 1. 1.1 （1） ①); big numbers alone in a line (01); Markdown marks; questions with an answer below; short
lines without a number in two levels; no headings at all but bullets. HTML headings come with their level from the tree.
A numbered line is a heading only if it is short, says nothing by itself and something stands under it; else it is an
item of a list. An article of a regulation (第五条 …) that says something is text, with its number as its label.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.block import Block

MAX_HEADING_CHARS = 40
MAX_BARE_HEADING_CHARS = 22  # without a number only shorter lines are believed
MAX_QUESTION_CHARS = 60  # behind 问： also a long line is a question

_CHINESE = "一二三四五六七八九十百零〇"
_DIVISION = re.compile(rf"^第[{_CHINESE}\d]+(?P<unit>编|篇|部分|章|节|条|步)(?:[\s:：、.．]|(?=\S))")
_NUMBERED: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"^(?:[{_CHINESE}]{{1,3}}|[Ⅰ-Ⅻ])[、.．]\s*")),
    (2, re.compile(rf"^(?:[（(][{_CHINESE}]{{1,3}}[)）]、?|[㈠-㈩])\s*")),
    (5, re.compile(r"^\d{1,2}(?:[.．]\d{1,2}){2,3}[\s、]\s*")),
    (4, re.compile(r"^\d{1,2}[.．]\d{1,2}[\s、]\s*(?=[^\d\s%％])")),
    (3, re.compile(r"^(?:\d{1,2}\s*[.．、](?!\d)|[⒈-⒛]|\d\ufe0f?\u20e3)\s*")),
    (4, re.compile(r"^(?:[（(]\d{1,2}[)）]|\d{1,2}[)）]|[⑴-⒇])\s*")),
    (5, re.compile(r"^[①-⑳❶-❿]\s*")),
)
_BULLET = re.compile(r"^[•·●○◦▪■□◆◇★☆►▶➤✓✔\-–—*＊]\s*(?=\S)")
_SAYS_SOMETHING = re.compile(r"[。；;，！!？?]$|[。；;！!]|[:：]\s*\S")
_ASKS = re.compile(r"^[^。；;！!？?:：]{4,}[？?]$")
_ANNOUNCES = re.compile(r"[,，]|[:：]$")  # in an article of a regulation: 第三条 有下列情形之一的，可以提取：
_FIGURE = re.compile(r"^\d+(?:\.\d|\s*%)")
_ENDS_OPEN = re.compile(r"[。；;，,：:！!、]$")
_MARKDOWN = re.compile(r"^(#{1,6})\s+\S")
_BIG_NUMBER = re.compile(r"^(?:0[1-9]|[1-9]\d?)$")
_BIG_NUMBERED = re.compile(r"^0[1-9]\s*[.．、丨|/]?\s*(?=[^\d\s.．、:：/-])")
_BOXED = re.compile(r"^【[^【】]{2,20}】$")
_QUESTION = re.compile(r"^(?:Q|q|问题?)\s*\d{0,2}\s*[:：.．、]\s*\S|^(?:Q|q)\d{1,2}\s+\S")
_ANSWER = re.compile(r"^(?:A|a|答|解答|回答)\s*\d{0,2}\s*[:：.．、]\s*\S|^(?:A|a)\d{1,2}\s+\S")
# Parts, chapters and sections stand above everything else; which of them a page has decides how deep the rest is.
_UNITS = {"编": "part", "篇": "part", "部分": "part", "章": "chapter", "节": "section"}


@dataclass(frozen=True, slots=True)
class Heading:
    """The block with this index is a heading of this level (1 is the highest under the title)."""

    index: int
    level: int


def is_item(line: str) -> bool:
    """Say whether a line is a list item by its label."""
    return _BULLET.match(line) is not None or _number_level(line) is not None


def _number_level(line: str) -> int | None:
    """Return how deep the label of a line stands among the numbered ones, 1 the highest, or None without a label."""
    division = _DIVISION.match(line)
    if division is not None:
        return 1 if division.end() < len(line) else None
    for level, pattern in _NUMBERED:
        match = pattern.match(line)
        if match and match.end() < len(line):
            return level
    return None


def find_headings(text: str, blocks: Sequence[Block]) -> tuple[Heading, ...]:
    """Return the headings among the body blocks of an article, in order. A line with nothing under it is none."""
    lines = [text[block.start : block.end] for block in blocks]
    units = _division_headings(lines)
    above = [unit for unit in ("part", "chapter", "section") if unit in units.values()]
    levels: list[int | None] = []
    for index, block in enumerate(blocks):
        if index in units:
            levels.append(above.index(units[index]) + 1)
            continue
        level = _marked_level(lines, block, index)
        if level is None:
            level = _numbered_heading(lines, blocks, index)
            level = level + len(above) if level is not None else None
        levels.append(level)
    _drop_plain_lists(lines, levels)
    if not any(level is not None and level <= 2 for level in levels):
        _add_bare_headings(lines, blocks, levels)
    return tuple(Heading(index, level) for index, level in enumerate(levels) if level is not None)


def _division_headings(lines: Sequence[str]) -> dict[int, str]:
    """Return the lines that name a part, chapter or section and say nothing more."""
    found: dict[int, str] = {}
    for index, line in enumerate(lines[:-1]):
        match = _DIVISION.match(line) if len(line) <= MAX_HEADING_CHARS else None
        if match and match["unit"] in _UNITS and not _SAYS_SOMETHING.search(line[match.end() :]):
            found[index] = _UNITS[match["unit"]]
    return found


def _marked_level(lines: Sequence[str], block: Block, index: int) -> int | None:
    """Return the level of a line marked as a heading: by the tree, by Markdown, as a question with an answer."""
    if len(block.kind) == 2 and block.kind[0] == "h" and block.kind[1] in "123456":
        return int(block.kind[1])
    if index + 1 == len(lines):
        return None
    line, below = lines[index], lines[index + 1]
    if (match := _MARKDOWN.match(line)) and len(line) <= 2 * MAX_HEADING_CHARS:
        return len(match[1])
    if _QUESTION.match(line) and len(line) <= MAX_QUESTION_CHARS and (_ANSWER.match(below) or _ASKS.search(line)):
        return None if _QUESTION.match(below) else 3
    return None


def _numbered_heading(lines: Sequence[str], blocks: Sequence[Block], index: int) -> int | None:
    line = lines[index]
    if index + 1 == len(lines):
        return None
    below = lines[index + 1]
    if _BIG_NUMBER.match(line):
        is_alone = line[0] == "0" and len(below) <= MAX_BARE_HEADING_CHARS and not _ENDS_OPEN.search(below)
        return 1 if is_alone and index + 2 < len(lines) else None
    if index and _BIG_NUMBER.match(lines[index - 1]) and lines[index - 1][0] == "0" and _is_short(line):
        return 1
    if _BIG_NUMBERED.match(line) and _is_short(line) and not _BIG_NUMBERED.match(below):
        return 1
    level = _number_level(line)
    if level is None or len(line) > MAX_HEADING_CHARS:
        return None
    asks = level >= 3 and _ASKS.match(line) is not None
    if (_SAYS_SOMETHING.search(line) and not asks) or (_DIVISION.match(line) and _ANNOUNCES.search(line)):
        return None
    if level <= 2:
        return level
    if index and _number_level(lines[index - 1]) == level and blocks[index - 1].indent == blocks[index].indent:
        return None  # the line above is one of the same list and has nothing under it
    deeper = blocks[index + 1].indent > blocks[index].indent
    same_kind = _number_level(below) == level
    if blocks[index].kind == "li" and not deeper:
        return None
    return level if deeper or not same_kind else None


def _is_short(line: str) -> bool:
    return len(line) <= MAX_BARE_HEADING_CHARS and not _SAYS_SOMETHING.search(line) and not _ENDS_OPEN.search(line)


def _drop_plain_lists(lines: Sequence[str], levels: list[int | None]) -> None:
    """Take back headings of the first two numbered kinds where three or more stand in a row: they are a list."""
    kinds = [
        _number_level(line) if level is not None and level <= 2 else None
        for line, level in zip(lines, levels, strict=True)
    ]
    start = 0
    for index in range(1, len(lines) + 1):
        if index < len(lines) and kinds[index] is not None and kinds[index] == kinds[start]:
            continue
        if kinds[start] is not None and index - start >= 3 and not _DIVISION.match(lines[start]):
            levels[start:index] = [None] * (index - start)
        start = index


def _is_bare(lines: Sequence[str], blocks: Sequence[Block], index: int) -> bool:
    line = lines[index]
    asks = _ASKS.match(line) is not None and index + 1 < len(lines) and len(lines[index + 1]) > len(line)
    return (
        len(line) <= (MAX_HEADING_CHARS if asks else MAX_BARE_HEADING_CHARS)
        and any(map(str.isalpha, line))
        and blocks[index].kind not in ("li", "tr", "pre", "dd")
        and not is_item(line)
        and not _FIGURE.match(line)
        and not _ENDS_OPEN.search(line)
        and (asks or not _SAYS_SOMETHING.search(line))
        and index + 1 < len(lines)
    )


def _add_bare_headings(lines: Sequence[str], blocks: Sequence[Block], levels: list[int | None]) -> None:
    """Mark unnumbered short lines: one above another is of the first level, one above text of the second or only.

    Where lines in 【brackets】 stand, only these.
    """
    boxed = [levels[index] is None and _BOXED.match(line) is not None for index, line in enumerate(lines)]
    bare = [levels[index] is None and _is_bare(lines, blocks, index) for index in range(len(lines))]
    bare = [box and is_bare for box, is_bare in zip(boxed, bare, strict=True)] if any(boxed) else bare
    if sum(bare) < (1 if any(boxed) else 2):
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
