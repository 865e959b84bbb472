"""Goes through the tree of an HTML page once, in reading order, and leaves its blocks and the tags of its head.

What elements are is in `elements` and `tables`; inline elements that stand for blocks are found in `inlines` after a
first walk. The walk has a stack of its own: no page is too deep for Python. Most of the time of a page that is not
spent in the parser is spent here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.block import Block
from ingest.html.elements import BLOCKS, CELLS, FORMATTING, HEAD, KINDS, LISTS
from ingest.html.markup import END, Element, Node, attribute, is_text, words
from ingest.html.metadata import HeadTags
from ingest.html.tables import count_solid, is_data_table
from ingest.lines import WHITE

_SPACES = re.compile(r"[ \t\n\r\f\xa0]+")
_SEPARATORS = re.compile(r" *\t *")
_STEP_CHARS = 120
_PATH_STEPS = 12
_BAD_IN_STEP = re.compile(r"[\s>]")
# Half the lines set with spaces, tabs or bars: code or a table, whose lines belong together.
_SET_LINE = re.compile(r"\s*\S.*?(?: {3,}|\t|[|│┃].*[|│┃])|\s*[+\-=─━|]{4,}|[ \t]+[!-~]")
_SET_SHARE = 0.5
_MAX_LINES = 30_000  # blocks a page gets from preformatted text, about as many as elements may give it
_SHOWN_AS_BLOCK = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)", re.IGNORECASE)
# A block with fewer characters is one line on most screens, whatever elements it is made of.
_LONG_CHARS = 120


@dataclass(slots=True)
class _Frame:
    """An open element on the stack of the walk."""

    tag: Element
    children: Iterator[Node]
    is_block: bool  # what stands in it makes blocks of its own
    breaks: bool = True  # begins and ends a block; in a row of data only a gap
    kind: str = "text"
    indent: int = 0
    is_link: bool = False
    is_pre: bool = False
    has_lines: bool = False  # preformatted text whose lines are blocks
    is_data: bool = False  # inside a data table
    is_row: bool = False  # inside a row of a data table, where nothing breaks
    has_cell: bool = False  # a cell stood directly in it already
    pieces_before: int = 0
    step: str = ""
    path: str = ""


class Walk:
    """Leaves `texts`, `blocks` and `tags`; `crowded` are the elements whose long block consists of several inline ones.

    `skipped` are the names of elements to leave out, `promoted` the ids of inline elements that are blocks here.
    """

    def __init__(self, skipped: frozenset[str], promoted: frozenset[int] = frozenset()) -> None:
        self._skipped = skipped
        self._promoted = promoted
        self.texts: list[str] = []
        self.blocks: list[Block] = []
        self.tags = HeadTags()
        self.met_end = False
        self.crowded: list[Element] = []
        self._offset = 0
        self._shared = 0  # elements that have been open since the last block
        self._stack: list[_Frame] = []
        self._block_depths: list[int] = []
        self._pieces: list[str] = []
        self._link_chars = self._lead = self._gaps = self._lines = 0
        # What stood between the last text and here: an inline element with text was closed, another was opened, and
        # at least one of them is more than formatting.
        self._closed = self._opened = self._parts = False

    def told(self) -> int:
        """Return how many characters outside links were found."""
        return sum(round((block.end - block.start) * (1 - block.link_share)) for block in self.blocks)

    def run(self, root: Element) -> None:
        """Walk through `root`; a second run goes on behind the first."""
        self._shared = 0
        stack = self._stack
        self._push(_Frame(root, iter(root.contents), is_block=True))
        while stack:
            frame = stack[-1]
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
        if name in HEAD:
            self.tags.add(name, tag.attrs, words(tag) if name == "title" or "type" in tag.attrs else "")
        if name in self._skipped or "hidden" in tag.attrs:
            return False
        if name == END:
            self.met_end = True
            return False
        breaks = name in BLOCKS or (
            (id(tag) in self._promoted or "style" in tag.attrs) and self._is_shown_as_block(tag)
        )
        if breaks:
            self._break(name, parent)
            if name in CELLS:
                parent.has_cell = True
        if not tag.contents:
            return False
        if not breaks and self._closed:
            self._opened = True
            self._parts = self._parts or not _is_formatting(tag)
        self._push(self._frame(tag, name, parent, breaks))
        return True

    def _is_shown_as_block(self, tag: Element) -> bool:
        return id(tag) in self._promoted or _SHOWN_AS_BLOCK.search(attribute(tag, "style")) is not None

    def _frame(self, tag: Element, name: str, parent: _Frame, breaks: bool) -> _Frame:
        is_block = breaks and not parent.is_row
        frame = _Frame(
            tag,
            iter(tag.contents),
            is_block,
            breaks,
            # A div in an li is still that item; a section or a cell is a new start.
            parent.kind if name == "div" or not is_block else "text",
            parent.indent + (name in LISTS),
            parent.is_link or (name == "a" and "href" in tag.attrs),
            parent.is_pre,
            parent.has_lines,
            parent.is_data,
            parent.is_row,
            False,
            len(self._pieces),
        )
        if not breaks:
            return frame
        if name in KINDS:
            frame.kind = name
        if name == "tr" and parent.is_data:
            frame.is_row = True
            frame.kind = "tr"
        elif name == "table":
            frame.is_data = is_data_table(tag)
        elif name == "pre" and not parent.is_row:
            frame.is_pre = True
            frame.has_lines = _has_lines(text := words(tag)) and self._lines + text.count("\n") <= _MAX_LINES
            self._lines += text.count("\n") * frame.has_lines
            frame.kind = "text" if frame.has_lines else "pre"
        return frame

    def _push(self, frame: _Frame) -> None:
        if frame.is_block:
            self._block_depths.append(len(self._stack))
        self._stack.append(frame)

    def _close(self, frame: _Frame) -> None:
        if frame.breaks:
            if frame.is_block:
                self._flush()
                self._block_depths.pop()
            else:
                self._gap()
        elif len(self._pieces) > frame.pieces_before:
            self._closed = True
            self._parts = self._parts or not _is_formatting(frame.tag)
            if not frame.pieces_before and not self._lead and frame.tag.name == "a" and frame.is_link:
                self._lead = len("".join(self._pieces).strip(WHITE))
        self._stack.pop()
        if self._shared >= len(self._stack):
            self._shared = len(self._stack) - 1

    def _break(self, name: str, parent: _Frame) -> None:
        if not parent.is_row:
            self._flush()
        elif name in CELLS and parent.has_cell:
            self._pieces.append("\t")
            self._closed = self._opened = self._parts = False
        else:
            self._gap()

    def _gap(self) -> None:
        self._gaps += 1
        if self._pieces and not self._pieces[-1][-1].isspace():
            self._pieces.append(" ")
        self._closed = self._opened = self._parts = False

    def _add(self, text: str, frame: _Frame) -> None:
        if frame.is_pre:
            piece = text.replace("\xa0", " ")
            if frame.has_lines and "\n" in piece:
                self._add_lines(piece, frame)
                return
        elif text == "\n" or text == " ":  # as Beautiful Soup leaves white space, which is most of the texts
            if not self._pieces or self._pieces[-1][-1].isspace():
                return
            piece = " "
        else:
            piece = _SPACES.sub(" ", text)
            if self._opened and self._parts:
                if piece[:1] != " ":
                    self._gap()
                else:
                    self._gaps += 1
            if piece[:1] == " " and (not self._pieces or self._pieces[-1][-1].isspace()):
                piece = piece[1:]
        if not piece:
            return
        self._closed = self._opened = self._parts = False
        self._pieces.append(piece)
        if frame.is_link:
            self._link_chars += count_solid(piece)

    def _add_lines(self, text: str, frame: _Frame) -> None:
        for number, line in enumerate(text.split("\n")):
            if number:
                self._flush()
            if line:
                self._pieces.append(line)
                if frame.is_link:
                    self._link_chars += count_solid(line)

    def _flush(self) -> None:
        """Make a block of the pieces gathered so far; it belongs to the innermost open block element."""
        self._closed = self._opened = self._parts = False
        if not self._pieces:
            self._gaps = 0
            return
        depth = self._block_depths[-1]
        frame = self._stack[depth]
        text = "".join(self._pieces)
        bare = (_SEPARATORS.sub("\t", text) if frame.is_row else text).strip(WHITE)
        if bare:
            frame.path = frame.path or self._path(depth)
            share = min(1.0, self._link_chars / max(1, count_solid(bare))) if self._link_chars else 0.0
            end = self._offset + len(bare)
            indent = frame.indent
            if frame.has_lines:
                indent += len(text) - len(text.lstrip())
            if self._gaps >= 2 and len(bare) >= _LONG_CHARS and not frame.is_row:
                self.crowded.append(frame.tag)
            shared = min(self._shared, depth)
            lead = min(self._lead, len(bare))
            self.blocks.append(Block(self._offset, end, frame.kind, frame.path, indent, share, depth, shared, lead))
            self._shared = depth
            self.texts.append(bare)
            self._offset = end + 1
        self._pieces.clear()
        self._link_chars = self._lead = self._gaps = 0

    def _path(self, depth: int) -> str:
        first = max(1, depth + 1 - _PATH_STEPS)  # the document itself, at 0, is no step
        frames = self._stack[first : depth + 1]
        for frame in frames:
            frame.step = frame.step or _step(frame.tag)
        return ">".join([frame.step for frame in frames])


def _has_lines(text: str) -> bool:
    """Say whether the lines of preformatted text are paragraphs of Chinese, and not code or a table."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not any(letter >= "\u2e80" for letter in text):
        return False
    return sum(_SET_LINE.match(line) is not None for line in lines) < _SET_SHARE * len(lines)


def _step(tag: Element) -> str:
    if not tag.attrs:
        return tag.name[:_STEP_CHARS]
    step = tag.name
    if names := attribute(tag, "class"):
        step += "".join([f".{name}" for name in names.split()])
    if identity := attribute(tag, "id").strip():
        step += f"#{identity}"
    if role := attribute(tag, "role").strip():
        step += f"[role={role}]"
    return _BAD_IN_STEP.sub("_", step)[:_STEP_CHARS]


def _is_formatting(tag: Element) -> bool:
    """True for what only dresses words, as a span with a style or a language but no class (word processors)."""
    if tag.name in FORMATTING:
        return True
    attrs = tag.attrs
    dressed = "style" in attrs or "lang" in attrs
    return tag.name == "span" and dressed and "class" not in attrs and "id" not in attrs
