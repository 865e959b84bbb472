"""HTML page -> its visible text, block by block, and what its head says.

Block-level elements, `<br>` and rows of data tables make blocks; white space is collapsed as a browser does it. Left
out is what a browser does not show: scripts, styles, templates, comments, embedded objects, elements with the attribute
`hidden` (styles are not read: sites hide the article itself until a script has run). What is noise is decided later, in
`clean`.

The tree comes from `markup`. That nothing after some place is lost is proved on each page by a mark at its end, which
the walk must meet. The walk has a stack of its own: no page is too deep for Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from ingest.block import Block
from ingest.elements import BLOCKS, CELLS, FORMATTING, KINDS, LISTS, RAW, SKIPPED, UNFOLDED
from ingest.hidden import article_body
from ingest.lines import WHITE
from ingest.markup import END, Element, Node, UnreadableHtml, attribute, is_text, parse, words
from ingest.metadata import HeadTags, read_metadata
from ingest.tables import count_solid, is_data_table

__all__ = ["HtmlPage", "UnreadableHtml", "read_html"]

# Where fewer characters than a sentence show outside links, and the page holds as many more out of sight, those are it.
_BARE_CHARS, _HIDDEN_CHARS = 40, 80
_TAG = re.compile(r"</?(?:p|br|div|span|h[1-6]|ul|li|table)\b", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f\xa0]+")
_SEPARATORS = re.compile(r" *\t *")
_STEP_CHARS = 120
_PATH_STEPS = 12


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
    root = parse(markup)
    walk = _Walk(SKIPPED)
    walk.run(root)
    warnings: tuple[str, ...] = () if walk.met_end else (_say_what_is_lost(root, markup),)
    if (visible := walk.told()) < _BARE_CHARS:
        source, walk = _with_hidden_text(root, walk)
        if source:
            warnings += (f"only {visible} characters are visible: the text was taken from {source}",)
    said = read_metadata(walk.tags)
    text, blocks = "\n".join(walk.texts), tuple(walk.blocks)
    return HtmlPage(text, blocks, said.title, said.url, said.site, said.publisher, said.published, warnings)


def _with_hidden_text(root: Element, walk: _Walk) -> tuple[str, _Walk]:
    """Return where a page that shows nothing keeps its text, and a walk that found it; no name where there is none."""
    opened = _Walk(SKIPPED - UNFOLDED)
    opened.run(root)
    linked = _Walk(SKIPPED)
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
            (element.name for element in reversed(holders) if element.name in SKIPPED or _is_hidden(element)), "html"
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


def _is_hidden(tag: Element) -> bool:
    return "hidden" in tag.attrs


@dataclass(slots=True)
class _Frame:
    """An open element on the stack of the walk."""

    tag: Element
    children: Iterator[Node]
    is_block: bool
    kind: str = "text"
    indent: int = 0
    is_link: bool = False
    is_pre: bool = False
    is_data: bool = False  # inside a data table
    is_row: bool = False  # inside a row of a data table, where nothing breaks
    has_cell: bool = False  # a cell stood directly in it already
    pieces_before: int = 0
    step: str = ""
    path: str = ""


class _Walk:
    """Goes through the tree once, in reading order, and leaves `texts`, `blocks` and `tags`."""

    def __init__(self, skipped: frozenset[str]) -> None:
        self._skipped = skipped
        self.texts: list[str] = []
        self.blocks: list[Block] = []
        self.tags = HeadTags()
        self.met_end = False
        self._offset = 0
        self._shared = 0  # elements that have been open since the last block
        self._stack: list[_Frame] = []
        self._block_depths: list[int] = []
        self._pieces: list[str] = []
        self._link_chars = 0
        # What stood between the last text and here: an inline element with text was closed, another was opened, and
        # at least one of them is more than formatting.
        self._closed = self._opened = self._parts = False

    def told(self) -> int:
        """Return how many characters outside links were found."""
        return sum(round((block.end - block.start) * (1 - block.link_share)) for block in self.blocks)

    def run(self, root: Element) -> None:
        self._push(_Frame(root, iter(root.contents), is_block=True))
        while self._stack:
            frame = self._stack[-1]
            for child in frame.children:
                if isinstance(child, Element):
                    if self._open(child, frame):
                        break
                elif is_text(child):
                    self._add(child, frame)
            else:
                self._close(frame)

    def _open(self, tag: Element, parent: _Frame) -> bool:
        """Take note of `tag`; True where it was put on the stack, to be walked into."""
        name = tag.name
        if name in ("meta", "link", "title", "time", "script"):
            self.tags.add(name, tag.attrs, words(tag) if name in ("title", "script") else "")
        if name in self._skipped or _is_hidden(tag):
            return False
        if name == END:
            self.met_end = True
            return False
        if name in BLOCKS:
            self._break(tag, parent)
            parent.has_cell = parent.has_cell or name in CELLS
            if not tag.contents:
                return False
        elif not tag.contents:
            return False
        elif self._closed:
            self._opened = True
            self._parts |= not _is_formatting(tag)
        self._push(self._frame(tag, parent))
        return True

    def _frame(self, tag: Element, parent: _Frame) -> _Frame:
        name = tag.name
        frame = _Frame(
            tag,
            iter(tag.contents),
            is_block=name in BLOCKS and not parent.is_row,
            indent=parent.indent + (name in LISTS),
            is_link=parent.is_link or (name == "a" and "href" in tag.attrs),
            is_pre=(parent.is_pre or name == "pre") and not parent.is_row,
            is_data=is_data_table(tag) if name == "table" else parent.is_data,
            is_row=parent.is_row or (name == "tr" and parent.is_data),
            pieces_before=len(self._pieces),
        )
        if name in KINDS:
            frame.kind = name
        elif name == "tr" and parent.is_data:
            frame.kind = "tr"
        elif name == "div" or not frame.is_block:
            frame.kind = parent.kind  # a div in an li is still that item; a section or a cell is a new start
        return frame

    def _push(self, frame: _Frame) -> None:
        if frame.is_block:
            self._block_depths.append(len(self._stack))
        self._stack.append(frame)

    def _close(self, frame: _Frame) -> None:
        name = frame.tag.name
        if name in BLOCKS or frame.is_block:
            if frame.is_block:
                self._flush()
                self._block_depths.pop()
            else:
                self._gap()
        elif len(self._pieces) > frame.pieces_before:
            self._closed = True
            self._parts |= not _is_formatting(frame.tag)
        self._stack.pop()
        self._shared = min(self._shared, len(self._stack) - 1)

    def _break(self, tag: Element, parent: _Frame) -> None:
        if not parent.is_row:
            self._flush()
        elif tag.name in CELLS and parent.has_cell:
            self._pieces.append("\t")
            self._closed = self._opened = self._parts = False
        else:
            self._gap()

    def _gap(self) -> None:
        if self._pieces and not self._pieces[-1][-1].isspace():
            self._pieces.append(" ")
        self._closed = self._opened = self._parts = False

    def _add(self, text: str, frame: _Frame) -> None:
        piece = text.replace("\xa0", " ") if frame.is_pre else _SPACES.sub(" ", text)
        if self._opened and self._parts and piece[:1] != " " and not frame.is_pre:
            self._gap()
        if not frame.is_pre and (not self._pieces or self._pieces[-1][-1].isspace()):
            piece = piece.lstrip(" ")
        if not piece:
            return
        self._closed = self._opened = self._parts = False
        self._pieces.append(piece)
        if frame.is_link:
            self._link_chars += count_solid(piece)

    def _flush(self) -> None:
        """Make a block of the pieces gathered so far; it belongs to the innermost open block element."""
        if self._pieces:
            depth = self._block_depths[-1]
            frame = self._stack[depth]
            text = "".join(self._pieces)
            text = (_SEPARATORS.sub("\t", text) if frame.is_row else text).strip(WHITE)
            if text:
                frame.path = frame.path or self._path(depth)
                share = min(1.0, self._link_chars / max(1, count_solid(text)))
                end = self._offset + len(text)
                shared = min(self._shared, depth)
                self.blocks.append(Block(self._offset, end, frame.kind, frame.path, frame.indent, share, depth, shared))
                self._shared = depth
                self.texts.append(text)
                self._offset = end + 1
            self._pieces.clear()
            self._link_chars = 0
        self._closed = self._opened = self._parts = False

    def _path(self, depth: int) -> str:
        first = max(1, depth + 1 - _PATH_STEPS)  # the document itself, at 0, is no step
        frames = self._stack[first : depth + 1]
        for frame in frames:
            frame.step = frame.step or _step(frame.tag)
        return ">".join(frame.step for frame in frames)


def _step(tag: Element) -> str:
    if not tag.attrs:
        return tag.name[:_STEP_CHARS]
    step = tag.name + "".join(f".{name}" for name in attribute(tag, "class").split())
    if identity := attribute(tag, "id").strip():
        step += f"#{identity}"
    if role := attribute(tag, "role").strip():
        step += f"[role={role}]"
    return re.sub(r"[\s>]", "_", step)[:_STEP_CHARS]


def _is_formatting(tag: Element) -> bool:
    """True for what only dresses words, as a span with a style or a language but no class (word processors)."""
    attrs = tag.attrs
    dressed = "style" in attrs or "lang" in attrs
    return tag.name in FORMATTING or (tag.name == "span" and dressed and "class" not in attrs and "id" not in attrs)
