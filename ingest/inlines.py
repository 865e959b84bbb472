"""Finds inline elements that stand for blocks: pages and boxes made of `span` and `a` alone, parted by their style.

Styles are not read. What tells is that an element holds nothing but inline elements, several of them, whole sentences,
titles or items each: in a paragraph text stands beside them, or their borders run through its sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest.elements import BLOCKS, SKIPPED
from ingest.markup import Element, is_text, words

_MIN_PARTS = 3
_MIN_INNER_PARTS = 2  # in a part that is a block: a title and a text
_MAX_LEVEL = 8  # each level reads its text again
# A long part that ends in mid-sentence speaks for a paragraph, unless it is a link or an item.
_LONG_PART = 20
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
        parts = _parts(tag)
        if len(parts) < (_MIN_PARTS if not level else _MIN_INNER_PARTS):
            continue
        if not level and not _are_whole([words(part).strip() for part in parts]):
            continue
        found.update(id(part) for part in parts)
        if level < _MAX_LEVEL:
            stack.extend((part, level + 1) for part in parts if not _is_item(part))
    return frozenset(found)


def _parts(tag: Element) -> list[Element]:
    """Return the inline elements with text that stand directly in `tag`, none where anything else breaks its lines."""
    parts = []
    for child in tag.contents:
        if isinstance(child, Element):
            if child.name == "br":
                return []
            if child.name not in BLOCKS and child.name not in SKIPPED and _WORD.search(words(child)):
                parts.append(child)
        elif is_text(child) and _WORD.search(child):
            return []
    return parts


def _are_whole(texts: list[str]) -> bool:
    if any(_BROKEN_END.search(text) for text in texts) or any(_BROKEN_START.match(text) for text in texts):
        return False
    long = [text for text in texts if len(text) >= _LONG_PART]
    return bool(long) and 2 * sum(_WHOLE_END.search(text) is not None for text in long) >= len(long)


def _is_item(part: Element) -> bool:
    """Say whether a part is one linked title with what belongs to it."""
    return part.name == "a" or len(part.find_all("a", limit=2)) == 1
