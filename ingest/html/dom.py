"""HTML page -> its visible text, block by block, and what its head says.

Block-level elements, `<br>` and rows of data tables make blocks; white space is collapsed as a browser does it. Left
out is what a browser does not show: scripts, styles, templates, comments, embedded objects, elements with the attribute
`hidden` (styles are not read: sites hide the article itself until a script has run). What is noise is decided later, in
`clean`.

The tree comes from `markup`, the way through it is `walk`. That nothing after some place is lost is proved on each page
by a mark at its end, which the walk must meet.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape

from ingest.block import Block
from ingest.html.elements import RAW, SKIPPED, UNFOLDED
from ingest.html.hidden import article_body
from ingest.html.inlines import promoted
from ingest.html.markup import END, Element, UnreadableHtml, parse
from ingest.html.metadata import read_metadata
from ingest.html.walk import Walk

__all__ = ["HtmlPage", "UnreadableHtml", "read_html"]

# Where fewer characters than a sentence show outside links, and the page holds as many more out of sight, those are it.
_BARE_CHARS, _HIDDEN_CHARS = 40, 80
_TAG = re.compile(r"</?(?:p|br|div|span|h[1-6]|ul|li|table)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """The visible text, its blocks (joined by one line break each), what the head says, and what may be missing."""

    text: str
    blocks: tuple[Block, ...]
    title: str | None
    url: str | None
    site: str | None
    publisher: str | None
    published: str | None
    warnings: tuple[str, ...] = ()


def read_html(markup: str) -> HtmlPage:
    """Return the visible text of `markup` and its blocks; no text and no blocks where nothing is visible.

    Raises `UnreadableHtml` beyond `MAX_DEPTH` nested or `MAX_ELEMENTS` elements.
    """
    with _no_collection():
        return _read(markup)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from seeking garbage while a tree is built: the search takes a fifth of the time and finds none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(markup: str) -> HtmlPage:
    root = parse(markup)
    walk = _walk(root)
    warnings: tuple[str, ...] = () if walk.met_end else (_say_what_is_lost(root, markup),)
    if (visible := walk.told()) < _BARE_CHARS:
        source, walk = _with_hidden_text(root, walk)
        if source:
            warnings += (f"only {visible} characters are visible: the text was taken from {source}",)
    said = read_metadata(walk.tags)
    text, blocks = "\n".join(walk.texts), tuple(walk.blocks)
    return HtmlPage(text, blocks, said.title, said.url, said.site, said.publisher, said.published, warnings)


def _walk(root: Element) -> Walk:
    walk = Walk(SKIPPED)
    walk.run(root)
    if walk.crowded and (blocks := promoted(walk.crowded)):
        walk = Walk(SKIPPED, blocks)
        walk.run(root)
    return walk


def _with_hidden_text(root: Element, walk: Walk) -> tuple[str, Walk]:
    """Return where a page that shows nothing keeps its text, and a walk that found it; no name where there is none."""
    opened = Walk(SKIPPED - UNFOLDED)
    opened.run(root)
    linked = Walk(SKIPPED)
    linked.run(root)
    if body := article_body(walk.tags.json_ld):
        paragraphs = (escape(line, quote=False) for line in body.splitlines())
        linked.run(parse(body if _TAG.search(body) else "".join(f"<p>{line}</p>" for line in paragraphs)))
    names = ("an element that browsers do not show (template or noscript)", "its JSON-LD (articleBody)")
    told, source, best = max(
        ((other.told(), name, other) for name, other in zip(names, (opened, linked), strict=True)),
        key=lambda found: found[0],
    )
    return (source, best) if told >= walk.told() + _HIDDEN_CHARS else ("", walk)


def _say_what_is_lost(root: Element, markup: str) -> str:
    if holders := _around_end(root):
        holder = next(
            (element.name for element in reversed(holders) if element.name in SKIPPED or "hidden" in element.attrs),
            "html",
        )
        return f"an invisible <{holder}> is never closed: the page after it was taken for its content and left out"
    places = [(markup.rfind("<!--"), markup.rfind("-->"), "comment")]
    for name in RAW:
        places.append((_last(f"<{name}\\b", markup), _last(f"</{name}\\b", markup), f"<{name}>"))
    start, what = max(((opened, what) for opened, closed, what in places if opened > closed), default=(-1, ""))
    if start < 0:
        return "the end of the page was not reached: the file may be cut off inside a tag"
    return f"a {what} is never closed: the {len(markup) - start} characters after it were taken for its content"


def _around_end(root: Element) -> list[Element]:
    """Return the elements around the end mark, outermost first; empty where it is missing."""
    stack = [iter(root.contents)]
    around = [root]
    while stack:
        for child in stack[-1]:
            if isinstance(child, Element):
                if child.name == END:
                    return around
                stack.append(iter(child.contents))
                around.append(child)
                break
        else:
            stack.pop()
            around.pop()
    return []


def _last(pattern: str, text: str) -> int:
    return max((found.start() for found in re.finditer(pattern, text, re.IGNORECASE)), default=-1)
