"""Says whether an HTML table holds data, whose rows are records, or is there for the layout of the page."""

from __future__ import annotations

from ingest.html.elements import CELL_BREAKS, CELLS, LAYOUT
from ingest.html.markup import Element, attribute, inside, is_text

_MIN_CARDS, _CARD_TEXT = 3, 20  # so many cells that begin with a link and go on below it with so much text are cards
_LONG_CELL = 300  # characters; a cell with more, in several blocks, is a column of the layout and no datum


def is_data_table(table: Element) -> bool:
    """True where rows are records: no layout role, no table or heading inside, two cells in some row, no long cell,
    and not a row of cards (cells that begin with a link and go on below it).

    The search ends at the first table inside, so nested tables cost no more than one pass over the page.
    """
    if attribute(table, "role") in ("presentation", "none"):
        return False
    breaks = starts_linked = goes_on = False
    chars = cards = 0
    has_pair = _has_pair(table)
    for node in inside(table):
        if is_text(node):
            solid = count_solid(node)
            if starts_linked and goes_on and solid >= _CARD_TEXT:
                cards, starts_linked = cards + 1, False
            chars += solid
        elif isinstance(node, Element):
            if node.name in LAYOUT:
                return False
            if node.name in CELLS:
                chars, breaks, starts_linked, goes_on = 0, False, False, False
            has_pair = has_pair or _has_pair(node)
            starts_linked = starts_linked or (node.name == "a" and not chars)
            breaks = breaks or node.name in CELL_BREAKS
            goes_on = goes_on or (node.name in CELL_BREAKS and chars > 0)
        if (breaks and chars > _LONG_CELL) or cards >= _MIN_CARDS:
            return False
    return has_pair


def _has_pair(tag: Element) -> bool:
    """Say whether two cells stand directly in `tag`."""
    cells = (child for child in tag.contents if isinstance(child, Element) and child.name in CELLS)
    return next(cells, None) is not None and next(cells, None) is not None


def count_solid(text: str) -> int:
    """Return how many characters of `text` are no white space."""
    return len("".join(text.split()))
