"""HTML page -> its visible text, block by block, and what its head says. The only file that imports bs4.

Block-level elements, `<br>` and rows of data tables make blocks; white space is collapsed as a browser does it. Left
out is what a browser does not show: scripts, styles, templates, comments, embedded objects, elements with the attribute
`hidden` (styles are not read: sites hide the article itself until a script has run). What is noise is decided later, in
`clean`.

The parser is lxml: over 256 bench pages it reads the same characters as html.parser but for one page, 13 % faster, and
does not change with the patch version of Python. It reads 20,000 nested elements and a text node of 18 MB. That nothing
after some place is lost is proved on each page by a mark at its end, which the walk must meet. The walk has a stack of
its own: no page is too deep for Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.builder import ParserRejectedMarkup
from bs4.element import NavigableString, PageElement, PreformattedString

from ingest.block import Block
from ingest.elements import BLOCKS, CELL_BREAKS, CELLS, FORMATTING, KINDS, LAYOUT, LISTS, RAW, SKIPPED
from ingest.lines import WHITE
from ingest.metadata import HeadTags, read_metadata

MAX_DEPTH = 30_000  # browsers stop at 512; a page that forgets to close a tag in every row reaches some thousands
MAX_ELEMENTS = 300_000  # each costs about 40 µs and 1 KB here; no page made for reading has so many

_LONG_CELL = 300  # characters; a cell with more, in several blocks, is a column of the layout and no datum
_END = "policykb-end"
_SPACES = re.compile(r"[ \t\n\r\f\xa0]+")
_SEPARATORS = re.compile(r" *\t *")
_STEP_CHARS = 120
_PATH_STEPS = 12


class UnreadableHtml(Exception):
    """The markup cannot be read whole. The message says what was found and what was expected."""


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
    soup = _parse(markup)
    walk = _Walk()
    walk.run(soup)
    warnings = () if walk.met_end else (_say_what_is_lost(soup, markup),)
    said = read_metadata(walk.tags)
    text, blocks = "\n".join(walk.texts), tuple(walk.blocks)
    return HtmlPage(text, blocks, said.title, said.url, said.site, said.publisher, said.published, warnings)


class _Soup(BeautifulSoup):
    """A tree that stops growing before it fills the memory."""

    elements: int = 0

    def pushTag(self, tag: Tag) -> None:  # noqa: N802  the name is Beautiful Soup's
        super().pushTag(tag)
        self.elements += 1
        if len(self.tagStack) > MAX_DEPTH:
            raise UnreadableHtml(f"elements nested more than {MAX_DEPTH} deep, expected a page made for reading")
        if self.elements > MAX_ELEMENTS:
            raise UnreadableHtml(f"more than {MAX_ELEMENTS} elements, expected a page made for reading")


def _parse(markup: str) -> BeautifulSoup:
    # Beautiful Soup warns about an XML declaration, and lxml heeds the encoding in it although the text is decoded.
    body = re.sub(r"\A\s*<\?xml[^>]*>", "", markup).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    try:
        # The end mark also keeps the markup from being empty, and its "<" from being taken for a file name.
        return _Soup(f"{body}\n<{_END}></{_END}>", "lxml", multi_valued_attributes=None)
    except ParserRejectedMarkup as error:
        raise UnreadableHtml(f"markup that lxml rejects ({error}), expected HTML") from error


def _say_what_is_lost(soup: BeautifulSoup, markup: str) -> str:
    end = soup.find(_END)
    if isinstance(end, Tag):
        holder = next((parent.name for parent in end.parents if parent.name in SKIPPED or _is_hidden(parent)), "html")
        return f"an invisible <{holder}> is never closed: the page after it was taken for its content and left out"
    places = [(markup.rfind("<!--"), markup.rfind("-->"), "comment")]
    for name in RAW:
        places.append((_last(f"<{name}\\b", markup), _last(f"</{name}\\b", markup), f"<{name}>"))
    start, what = max(((opened, what) for opened, closed, what in places if opened > closed), default=(-1, ""))
    if start < 0:
        return "the end of the page was not reached: the file may be cut off inside a tag"
    return f"a {what} is never closed: the {len(markup) - start} characters after it were taken for its content"


def _last(pattern: str, text: str) -> int:
    return max((found.start() for found in re.finditer(pattern, text, re.IGNORECASE)), default=-1)


def _is_hidden(tag: Tag) -> bool:
    return "hidden" in tag.attrs


@dataclass(slots=True)
class _Frame:
    """An open element on the stack of the walk."""

    tag: Tag
    children: Iterator[PageElement]
    is_block: bool
    kind: str = "text"
    indent: int = 0
    is_link: bool = False
    is_pre: bool = False
    is_data: bool = False  # inside a data table
    is_row: bool = False  # inside a row of a data table, where nothing breaks
    pieces_before: int = 0
    step: str = ""
    path: str = ""


class _Walk:
    """Goes through the tree once, in reading order, and leaves `texts`, `blocks` and `tags`."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.blocks: list[Block] = []
        self.tags = HeadTags()
        self.met_end = False
        self._offset = 0
        self._stack: list[_Frame] = []
        self._block_depths: list[int] = []
        self._pieces: list[str] = []
        self._link_chars = 0
        # What stood between the last text and here: an inline element with text was closed, another was opened, and
        # at least one of them is more than formatting.
        self._closed = self._opened = self._parts = False

    def run(self, soup: BeautifulSoup) -> None:
        self._push(_Frame(soup, iter(soup.contents), is_block=True))
        while self._stack:
            frame = self._stack[-1]
            for child in frame.children:
                if isinstance(child, Tag):
                    if self._open(child, frame):
                        break
                elif not isinstance(child, PreformattedString):  # comments, doctype, declarations
                    self._add(str(child), frame)
            else:
                self._close(frame)

    def _open(self, tag: Tag, parent: _Frame) -> bool:
        """Take note of `tag`; True where it was put on the stack, to be walked into."""
        name = tag.name
        if name in ("meta", "link", "title", "time", "script"):
            self.tags.add(name, tag.attrs, tag.get_text() if name in ("title", "script") else "")
        if name in SKIPPED or _is_hidden(tag):
            return False
        if name == _END:
            self.met_end = True
            return False
        if name in BLOCKS:
            self._break(tag, parent)
            if not tag.contents:
                return False
        elif not tag.contents:
            return False
        elif self._closed:
            self._opened = True
            self._parts |= not _is_formatting(tag)
        self._push(self._frame(tag, parent))
        return True

    def _frame(self, tag: Tag, parent: _Frame) -> _Frame:
        name = tag.name
        frame = _Frame(
            tag,
            iter(tag.contents),
            is_block=name in BLOCKS and not parent.is_row,
            indent=parent.indent + (name in LISTS),
            is_link=parent.is_link or (name == "a" and "href" in tag.attrs),
            is_pre=(parent.is_pre or name == "pre") and not parent.is_row,
            is_data=_is_data_table(tag) if name == "table" else parent.is_data,
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

    def _break(self, tag: Tag, parent: _Frame) -> None:
        if not parent.is_row:
            self._flush()
        elif tag.name in CELLS and _follows_cell(tag):
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
            self._link_chars += _solid(piece)

    def _flush(self) -> None:
        """Make a block of the pieces gathered so far; it belongs to the innermost open block element."""
        if self._pieces:
            depth = self._block_depths[-1]
            frame = self._stack[depth]
            text = "".join(self._pieces)
            text = (_SEPARATORS.sub("\t", text) if frame.is_row else text).strip(WHITE)
            if text:
                frame.path = frame.path or self._path(depth)
                share = min(1.0, self._link_chars / max(1, _solid(text)))
                end = self._offset + len(text)
                self.blocks.append(Block(self._offset, end, frame.kind, frame.path, frame.indent, share))
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


def _solid(text: str) -> int:
    return len("".join(text.split()))


def _attribute(tag: Tag, name: str) -> str:
    value = tag.attrs.get(name)
    return value if isinstance(value, str) else ""


def _step(tag: Tag) -> str:
    if not tag.attrs:
        return tag.name[:_STEP_CHARS]
    step = tag.name + "".join(f".{name}" for name in _attribute(tag, "class").split())
    if identity := _attribute(tag, "id").strip():
        step += f"#{identity}"
    if role := _attribute(tag, "role").strip():
        step += f"[role={role}]"
    return re.sub(r"[\s>]", "_", step)[:_STEP_CHARS]


def _is_formatting(tag: Tag) -> bool:
    """True for what only dresses words, as a span with a style or a language but no class (word processors)."""
    attrs = tag.attrs
    dressed = "style" in attrs or "lang" in attrs
    return tag.name in FORMATTING or (tag.name == "span" and dressed and "class" not in attrs and "id" not in attrs)


def _is_data_table(table: Tag) -> bool:
    """True where rows are records: no layout role, no table or heading inside, two cells in some row, no long cell.

    The search ends at the first table inside, so nested tables cost no more than one pass over the page.
    """
    if _attribute(table, "role") in ("presentation", "none"):
        return False
    has_pair = breaks = False
    chars = 0
    for node in _inside(table):
        if type(node) is NavigableString:
            chars += _solid(node)
        elif isinstance(node, Tag):
            if node.name in LAYOUT:
                return False
            if node.name in CELLS:
                chars, breaks = 0, False
                has_pair = has_pair or _follows_cell(node)
            breaks = breaks or node.name in CELL_BREAKS
        if breaks and chars > _LONG_CELL:
            return False
    return has_pair


def _inside(tag: Tag) -> Iterator[PageElement]:
    """Yield what stands in `tag`, in order. (`Tag.descendants` goes to the last one first: slow where deep.)"""
    stack = [iter(tag.contents)]
    while stack:
        for child in stack[-1]:
            yield child
            if isinstance(child, Tag) and child.contents:
                stack.append(iter(child.contents))
                break
        else:
            stack.pop()


def _follows_cell(tag: Tag) -> bool:
    return any(isinstance(sibling, Tag) and sibling.name in CELLS for sibling in tag.previous_siblings)
