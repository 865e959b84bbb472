"""Finds the rows of tables among the blocks of an article, and the row that names their columns.

A row is what the tree calls one, or a line of a dump with cells parted by tabs or bars; two or more in a row with cells
make a table. Left to `passages`: keeping a row whole and saying what its columns are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.block import Block

MAX_NAME_CHARS = 20  # the name of a column is short

_BARS = re.compile(r"^\|.*\|$")
_RULER = re.compile(r"^[|+\s:=-]+$")
_CELLS = re.compile(r"\s*[\t|]\s*")
_SAYS_SOMETHING = re.compile(r"[。；;！!？?]")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table that begins with block `first`; `header` are the names of its columns, or empty."""

    first: int
    header: tuple[str, ...]


def find_rows(text: str, blocks: Sequence[Block]) -> Mapping[int, Row]:
    """Return the rows of tables by the index of their block."""
    rows: dict[int, Row] = {}
    start = 0
    for index in range(len(blocks) + 1):
        if index < len(blocks) and _is_row(text, blocks[index]):
            continue
        if index - start >= 2:
            header = _header(text[blocks[start].start : blocks[start].end])
            rows.update((member, Row(start, header)) for member in range(start, index))
        start = index + 1
    return rows


def _is_row(text: str, block: Block) -> bool:
    if block.kind == "tr":
        return True
    if block.kind not in ("line", "text", "p"):
        return False
    line = text[block.start : block.end]
    return "\t" in line or (line.count("|") >= 2 and (_BARS.match(line) or _RULER.match(line)) is not None)


def _header(line: str) -> tuple[str, ...]:
    """Return the names of the columns if the first row of a table says nothing else: short cells, hardly a figure."""
    cells = tuple(cell for cell in _CELLS.split(line.strip("| \t")) if cell)
    if len(cells) < 2 or _SAYS_SOMETHING.search(line):
        return ()
    if any(len(cell) > MAX_NAME_CHARS for cell in cells) or sum(any(map(str.isdigit, cell)) for cell in cells) > 1:
        return ()
    return cells
