"""Markup -> a tree of elements and texts, bounded. The only file that imports lxml.

The tree is lxml's (libxml2's) reading of the page, kept in plain objects: a quarter of the memory and a sixth of the
time of Beautiful Soup's, which reads through the same parser (the tests compare the two). Comments, declarations and
processing instructions are left out. What the elements mean is left to `dom`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree  # type: ignore[import-untyped]

MAX_DEPTH = 30_000  # browsers stop at 512; a page that forgets to close a tag in every row reaches some thousands
MAX_ELEMENTS = 60_000  # ten times the largest of 256 bench pages; reading and cleaning them takes 3 to 4 s here

END = "policykb-end"
_NO_ATTRIBUTES: Mapping[str, str] = {}
# An XML declaration's encoding would be heeded although the text is decoded.
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>")
# libxml2 takes a quadratic time over them, and a browser shows them as they are.
_LONE_BRACKETS = re.compile(r"<{20,}")


class UnreadableHtml(Exception):
    """The markup cannot be read whole. The message says what was found and what was expected."""


class Element:
    """An element with its attributes and what stands in it, in order."""

    __slots__ = ("attributes", "contents", "name")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.contents: list[Element | str] = []

    def attribute(self, name: str) -> str:
        """Return the value of an attribute, empty where it has none."""
        return self.attributes.get(name, "")

    def inside(self) -> Iterator[Element | str]:
        """Yield what stands inside, in reading order, however deep."""
        stack = [iter(self.contents)]
        while stack:
            for child in stack[-1]:
                yield child
                if isinstance(child, Element) and child.contents:
                    stack.append(iter(child.contents))
                    break
            else:
                stack.pop()

    def text(self) -> str:
        """Return all text inside, as it stands."""
        return "".join(node for node in self.inside() if isinstance(node, str))


def parse(markup: str) -> Element:
    """Return the root of the tree of `markup`; its last element but those left open is named `END`.

    Raises `UnreadableHtml` beyond `MAX_DEPTH` nested or `MAX_ELEMENTS` elements. Where no element is named `END`, or it
    lies in an invisible one, a part of the page was taken for something else.
    """
    body = _DECLARATION.sub("", markup).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    body = _LONE_BRACKETS.sub(lambda found: "&lt;" * len(found[0]), body)
    builder = _Builder()
    parser = etree.HTMLParser(target=builder, recover=True, encoding="utf-8", huge_tree=True)
    try:
        parser.feed(f"{body}\n<{END}></{END}>".encode("utf-8", "replace"))
        parser.close()
    except etree.LxmlError as error:
        raise UnreadableHtml(f"markup that lxml rejects ({error}), expected HTML") from error
    return builder.root


class _Builder:
    """Builds the tree from the parser's events; stops before it fills the memory."""

    def __init__(self) -> None:
        self.root = Element("document", _NO_ATTRIBUTES)
        self._open = [self.root]
        self._texts: list[str] = []
        self._elements = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._end_text()
        element = Element(name, dict(attributes) if attributes else _NO_ATTRIBUTES)
        self._open[-1].contents.append(element)
        self._open.append(element)
        self._elements += 1
        if len(self._open) > MAX_DEPTH:
            raise UnreadableHtml(f"elements nested more than {MAX_DEPTH} deep, expected a page made for reading")
        if self._elements > MAX_ELEMENTS:
            raise UnreadableHtml(f"more than {MAX_ELEMENTS} elements, expected a page made for reading")

    def end(self, name: str) -> None:
        self._end_text()
        if self._open[-1].name == name:
            self._open.pop()
        elif any(element.name == name for element in self._open[1:]):
            while self._open.pop().name != name:
                pass

    def data(self, text: str) -> None:
        self._texts.append(text)

    def close(self) -> Element:
        self._end_text()
        return self.root

    def _end_text(self) -> None:
        if self._texts:
            self._open[-1].contents.append("".join(self._texts))
            self._texts.clear()
