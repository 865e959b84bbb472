"""A page as boxes with their figures, for `layout` and `trim`: the tree, the title, how much each block tells."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ingest.html.cards import Cards, find_cards
from ingest.html.places import Place, place_of
from ingest.html.prose import Measures, measure
from ingest.html.tree import Box, Tree, build_tree, kind_of_path
from ingest.page import Page

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Plan:
    """A page as boxes with their figures. `children` and `holders` are indices of boxes, `contents` the first and the
    last block of the lists of links that are content."""

    page: Page
    tree: Tree
    boxes: Sequence[Box]
    holders: Sequence[int]
    children: Sequence[Sequence[int]]
    title: int | None
    measures: Measures
    taken: Collection[int]
    contents: Sequence[tuple[int, int]]

    def line(self, index: int) -> str:
        """Return the text of a block."""
        block = self.page.blocks[index]
        return self.page.text[block.start : block.end]

    def home(self, index: int) -> int:
        """Return the box that holds a block together with its neighbours."""
        number = self.holders[index]
        alone = self.boxes[number].last - self.boxes[number].first == 1
        return max(0, self.boxes[number].parent) if alone else number

    def kind(self, index: int) -> tuple[str, int]:
        """Return the place of a block in the tree without what differs between siblings."""
        block = self.page.blocks[index]
        return kind_of_path(block.path), block.depth

    def name(self, number: int) -> str:
        """Return the innermost element of a box, or of the first box around it that knows its name."""
        while number >= 0:
            if self.boxes[number].steps:
                return self.boxes[number].steps[-1][:80]
            number = self.boxes[number].parent
        return "html"


def build_plan(page: Page, taken: frozenset[int], tree: Tree | None, cards: Cards | None) -> Plan:
    """Return the plan of an HTML page; all as in `find_layout`."""
    tree = build_tree(page.text, page.blocks) if tree is None else tree
    cards = find_cards(tree, page.title or "") if cards is None else cards
    boxes = tree.boxes
    children: list[list[int]] = [[] for _ in boxes]
    for number, box in enumerate(boxes):
        if box.parent >= 0:
            children[box.parent].append(number)
    title = _title(page, taken)
    measures = measure(
        page.text,
        page.blocks,
        boxes,
        tree.holders,
        places=_places(boxes),
        cards=cards.runs,
        title=title,
        taken=taken,
    )
    return Plan(page, tree, boxes, tree.holders, children, title, measures, taken, cards.contents)


def _places(boxes: Sequence[Box]) -> list[Place | None]:
    known: dict[str, Place | None] = {}
    places: list[Place | None] = []
    for box in boxes:
        found: Place | None = None
        for step in box.steps:
            if step not in known:
                known[step] = place_of(step)
            place = known[step]
            if place and (found is None or place.is_sure or not found.is_sure):
                found = place
        places.append(found)
    return places


def _title(page: Page, taken: Collection[int]) -> int | None:
    """Return the block that is the title: the h1 that the metadata calls the page, a line it begins with, or any h1."""
    named = _SPACE.sub("", page.title or "")
    first_h1 = first_line = None
    for index, block in enumerate(page.blocks):
        size = block.end - block.start
        is_h1 = block.kind == "h1"
        if index in taken or size > 200 or not (is_h1 or (first_line is None and size >= 6 and block.link_share < 0.5)):
            continue
        line = _SPACE.sub("", page.text[block.start : block.end])
        if is_h1:
            if len(line) >= 4 and line in named:
                return index
            first_h1 = index if first_h1 is None else first_h1
        elif len(line) >= 6 and named.startswith(line):
            first_line = index
    return first_h1 if first_line is None else first_line


def main_kind(plan: Plan, box: Box) -> tuple[str, int] | None:
    """Return the kind of place that most of the prose of `box` has, or None where it has none."""
    held: dict[tuple[str, int], float] = {}
    for index in range(box.first, box.last):
        if prose := plan.measures.paragraphs[index]:
            kind = plan.kind(index)
            held[kind] = held.get(kind, 0.0) + prose
    return max(held, key=lambda kind: held[kind], default=None)


def is_table(plan: Plan, box: Box) -> bool:
    """Say whether a box holds nothing but rows of data."""
    rows = plan.page.blocks[box.first : box.last]
    kinds = [block.kind for block in rows]
    return kinds.count("tr") >= max(2, len(kinds) - 1) and plan.measures.link_share(box.first, box.last) < 0.3
