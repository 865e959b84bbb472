"""Markup -> a tree of elements and texts, bounded. The only file that imports bs4.

The tree is Beautiful Soup's, read by lxml: over 256 bench pages it reads the same characters as html.parser but for one
page, 13 % faster, and does not change with the patch version of Python. What the elements mean is left
to `dom`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeGuard

from bs4 import BeautifulSoup
from bs4 import Tag as Element
from bs4.builder import ParserRejectedMarkup
from bs4.element import NavigableString, PreformattedString
from bs4.element import PageElement as Node

MAX_DEPTH = 30_000  # browsers stop at 512; a page that forgets to close a tag in every row reaches some thousands
MAX_ELEMENTS = 40_000  # six times the largest of 256 bench pages; reading and cleaning them takes 3 to 4 s here

END = "policykb-end"
# An XML declaration's encoding would be heeded although the text is decoded.
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>")
# U+FFFE and U+FFFF are no characters, and SQLite does not keep them: decoding replaces those that stand in the text.
_NO_CHARACTERS = re.compile(r"&#(?:0*6553[45](?![0-9])|[xX]0*[fF]{3}[eEfF](?![0-9a-fA-F]));?")
# libxml2 takes a quadratic time over them, and a browser shows them as they are.
_LONE_BRACKETS = re.compile(r"<{20,}")

__all__ = ["END", "Element", "Node", "UnreadableHtml", "attribute", "inside", "is_text", "parse", "words"]


class UnreadableHtml(Exception):
    """The markup cannot be read whole. The message says what was found and what was expected."""


def attribute(element: Element, name: str) -> str:
    """Return the value of an attribute, empty where the element has none."""
    value = element.attrs.get(name)
    return value if isinstance(value, str) else ""


def inside(element: Element) -> Iterator[Node]:
    """Yield what stands inside, in reading order, however deep. (`Tag.descendants` is slow where it is deep.)"""
    stack = [iter(element.contents)]
    while stack:
        for child in stack[-1]:
            yield child
            if isinstance(child, Element) and child.contents:
                stack.append(iter(child.contents))
                break
        else:
            stack.pop()


def words(element: Element) -> str:
    """Return all text inside, as it stands."""
    return "".join(node for node in inside(element) if is_text(node))


def is_text(node: Node) -> TypeGuard[NavigableString]:
    """Say whether a node is text of the page, no element and no comment, doctype or declaration."""
    return isinstance(node, NavigableString) and not isinstance(node, PreformattedString)


def parse(markup: str) -> Element:
    """Return the tree of `markup`; its last element but those left open is named `END`.

    Raises `UnreadableHtml` beyond `MAX_DEPTH` nested or `MAX_ELEMENTS` elements. Where no element is named `END`, or it
    lies in an invisible one, a part of the page was taken for something else.
    """
    body = _DECLARATION.sub("", markup).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    body = _NO_CHARACTERS.sub("\ufffd", body)
    body = _LONE_BRACKETS.sub(lambda found: "&lt;" * len(found[0]), body)
    try:
        # The end mark also keeps the markup from being empty, and its "<" from being taken for a file name.
        # Plain attributes: no lists of classes, no checks of values that lxml has read as text already.
        return _Soup(f"{body}\n<{END}></{END}>", "lxml", multi_valued_attributes=None, attribute_dict_class=dict)
    except ParserRejectedMarkup as error:
        raise UnreadableHtml(f"markup that lxml rejects ({error}), expected HTML") from error


class _Soup(BeautifulSoup):
    """A tree that stops growing before it fills the memory."""

    elements: int = 0

    def pushTag(self, tag: Element) -> None:  # noqa: N802  the name is Beautiful Soup's
        super().pushTag(tag)
        self.elements += 1
        if len(self.tagStack) > MAX_DEPTH:
            raise UnreadableHtml(f"elements nested more than {MAX_DEPTH} deep, expected a page made for reading")
        if self.elements > MAX_ELEMENTS:
            raise UnreadableHtml(f"more than {MAX_ELEMENTS} elements, expected a page made for reading")
