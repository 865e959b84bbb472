"""A block: a piece of a page in reading order, with where it stands. Made by `dom` (HTML) and `lines` (text dumps)."""

from __future__ import annotations

from typing import NamedTuple


class Block(NamedTuple):
    """A non-empty stretch of `page.text`, `[start, end)` in characters, without white space at its ends.

    `kind` is `line` in a text dump; in HTML the element that made the block: `h1`…`h6`, `p`, `li`, `tr`, `pre`, `dt`,
    `dd`, `text`. `path` is the place in the tree, outermost first (`html>body>div.main#content>ul.list>li`, with
    classes, id and `[role=…]`), empty in a dump. `indent` counts columns of leading white space (dump) or list
    depth (HTML). `link_share` is the share of its characters inside links, 0 to 1.

    `depth` counts the elements around it, `shared` those of them that are also around the block before: from the two
    the tree can be built again (`ingest.html.tree`), without an object for each element here. 0 in a dump. `lead`
    counts the characters at its beginning that are one link: a title before its summary, or the whole line.

    A tuple, because a page has thousands and a frozen dataclass takes five times as long to make; `Page` checks them.
    """

    start: int
    end: int
    kind: str = "line"
    path: str = ""
    indent: int = 0
    link_share: float = 0.0
    depth: int = 0
    shared: int = 0
    lead: int = 0
