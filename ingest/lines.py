"""Text dump -> blocks: one for every line that is not empty, with its indent. Offsets are offsets into the dump.

What a line that holds whole recommendation items is split into, `packed` says.
"""

from __future__ import annotations

from ingest.block import Block
from ingest.snippets.packed import split_packed

# What counts as white at the ends of a block: Unicode white space, and what has no width: soft hyphen, zero-width
# spaces and joiners, direction marks, byte order marks. A line of these alone is an empty line.
WHITE = (
    "".join(map(chr, (*range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B))))
    + "\u2028\u2029\u202f\u205f\u3000"
    + "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    + "\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_COLUMNS = {"\t": 4, "\u3000": 2}
_WIDTHLESS = frozenset(WHITE[WHITE.index("\u00ad") :])


def read_lines(text: str) -> tuple[Block, ...]:
    """Return one block for each line of `text` with anything to see in it, without the white at its ends.

    Lines end where `str.splitlines` ends them. The indent counts columns: a tab is 4, an ideographic space 2, a
    zero-width character 0, any other white character 1. A line that holds whole recommendation items is more than one
    block (`ingest.snippets.packed`).
    """
    blocks = []
    start = 0
    for line in text.splitlines(keepends=True):
        body = line.strip(WHITE)
        if body:
            lead = 0 if line[0] == body[0] else len(line) - len(line.lstrip(WHITE))
            indent = sum(0 if c in _WIDTHLESS else _COLUMNS.get(c, 1) for c in line[:lead]) if lead else 0
            blocks.append(Block(start + lead, start + lead + len(body), indent=indent))
        start += len(line)
    return tuple(split_packed(text, blocks))
