"""Finds inline elements that stand for blocks: pages and boxes made of `span` and `a` alone, parted by their style.

Styles are not read. What tells is that an element holds nothing but inline elements, several of them, whole sentences,
titles or items each: in a paragraph text stands beside them, or their borders run through its sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from ingest.html.elements import BLOCKS, SKIPPED
from ingest.html.markup import Element, is_text, words

_MIN_PARTS = 3
_MIN_INNER_PARTS = 2  # in a part that is a block: a title and a text
_MIN_CHARS = 120  # a run of parts with fewer is one line on most screens
_MAX_LEVEL = 8  # each level reads its text again
_LONG_PART, _META_CHARS = 20, 40
_WORD = re.compile(r"\w")
_BROKEN_END = re.compile(r"[，、；,;(（《“]$")
_BROKEN_START = re.compile(r"[，。、；：）》”,.;:)]")
_WHOLE_END = re.compile(r"[。！？.!?…：:\d日前)）\]】”\"]$")
_ONE_LINE = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "td", "th", "a"))


def promoted(crowded: Iterable[Element]) -> frozenset[int]:
    """Return the ids of the inline elements in `crowded` ones that are blocks; they go down to the parts of parts."""
    found: set[int] = set()
    stack = [(tag, 0) for tag in crowded if tag.name not in _ONE_LINE]
    while stack:
        tag, level = stack.pop()
        if level > _MAX_LEVEL:
            continue
        for parts in _runs(tag):
            if len(parts) == 1 and not _is_item(parts[0]):
                stack.append((parts[0], level + 1))
            elif len(parts) >= (_MIN_INNER_PARTS if id(tag) in found else _MIN_PARTS):
                texts = [words(part).strip() for part in parts]
                is_split = sum(map(len, texts)) >= _MIN_CHARS and not _are_item(parts) and _are_whole(parts, texts)
                if is_split or id(tag) in found:
                    found.update(id(part) for part in parts)
                    stack.extend((part, level + 1) for part in parts if not _is_item(part))
    return frozenset(found)


def _runs(tag: Element) -> list[list[Element]]:
    """Return the inline elements with text that stand directly in `tag`, one list for each run of them without text
    beside them."""
    runs: list[list[Element]] = [[]]
    has_text = False
    for child in tag.contents:
        if isinstance(child, Element):
            if child.name == "br" or child.name in BLOCKS:
                if has_text:
                    runs[-1].clear()
                runs.append([])
                has_text = False
            elif child.name not in SKIPPED and _WORD.search(words(child)):
                runs[-1].append(child)
        elif is_text(child) and _WORD.search(child):
            has_text = True
    if has_text:
        runs[-1].clear()
    return [run for run in runs if run]


def _are_whole(parts: list[Element], texts: list[str]) -> bool:
    """Say whether the borders of the parts are those of sentences, titles and items."""
    linked = [part.name == "a" or part.find("a") is not None for part in parts]
    whole = broken = 0
    for place, (left, right) in enumerate(pairwise(texts)):
        is_meta = len(right) <= _META_CHARS and any(map(str.isdigit, right))
        if _BROKEN_START.match(right):
            broken += 1
        elif _WHOLE_END.search(left) or is_meta or linked[place] or linked[place + 1]:
            whole += 1
        elif len(left) >= _LONG_PART or _BROKEN_END.search(left):
            broken += 1
    has_long = any(len(text) >= _LONG_PART for text in texts)
    return has_long and 10 * broken <= len(texts) and 2 * whole >= len(texts) - 1


def _are_item(parts: list[Element]) -> bool:
    """Say whether parts are one linked title with what belongs to it: `Block.lead` tells of it."""
    linked = [part.name == "a" or part.find("a") is not None for part in parts]
    return linked[0] and not any(linked[1:])


def _is_item(part: Element) -> bool:
    return part.name == "a" or len(part.find_all("a", limit=2)) == 1
