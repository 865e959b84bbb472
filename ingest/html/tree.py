"""Builds the boxes of an HTML page again from its blocks: which elements hold which blocks.

A box stands for a chain of elements that hold the same blocks, so there are fewer than two boxes a block however deep a
page is nested. What a box is for is left to `layout` and `cards`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.block import Block

# What differs between elements of one kind: ids, numbers, and the classes that mark the first, the last, the current.
_ORDINAL = re.compile(r"#[^.>\[]*|\d+|\.(?:first|last|odd|even|active|current|on|cur|alt)(?=[.#>\[]|$)")


@dataclass(frozen=True, slots=True)
class Box:
    """Elements that hold the blocks `[first, last)`. `parent` is the index of the box around it, -1 at the root.

    `depth` counts the elements from the root down to the innermost of the chain; `steps` name the chain, outermost
    first, as far as the paths of the blocks know it.
    """

    first: int
    last: int
    depth: int
    parent: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """The text and the blocks of a page with its boxes; `holders` name the innermost box of each block."""

    text: str
    blocks: Sequence[Block]
    boxes: Sequence[Box]
    holders: Sequence[int]

    def line(self, index: int) -> str:
        """Return the text of a block."""
        block = self.blocks[index]
        return self.text[block.start : block.end]

    def box_around(self, first: int, last: int) -> int:
        """Return the smallest box that holds the blocks from `first` to `last` and others."""
        number = self.holders[first]
        while self.boxes[number].parent >= 0 and (
            self.boxes[number].last <= last or self.boxes[number].last - self.boxes[number].first == last + 1 - first
        ):
            number = self.boxes[number].parent
        return number


def build_tree(text: str, blocks: Sequence[Block]) -> Tree:
    """Return the tree of a page."""
    boxes = build_boxes(blocks)
    return Tree(text, blocks, boxes, innermost(boxes, len(blocks)))


def build_boxes(blocks: Sequence[Block]) -> tuple[Box, ...]:
    """Return the boxes in reading order, a parent before its children; the first is the root and holds all blocks.

    Every block has a box of its own unless it stands directly in a box that holds other blocks too. Boxes of no block
    do not exist; without blocks only the root is returned.
    """
    found: list[tuple[int, int, int]] = []  # first, depth, last
    open_: list[tuple[int, int]] = [(0, 0)]  # depth, first
    for index, block in enumerate(blocks):
        first = index
        while open_[-1][0] > block.shared:
            depth, first = open_.pop()
            found.append((first, depth, index))
        if index and open_[-1][0] < block.shared:
            open_.append((block.shared, first))
        if block.depth > open_[-1][0]:
            open_.append((block.depth, index))
    found += [(first, depth, len(blocks)) for depth, first in open_]
    return _linked(blocks, sorted(found))


def _linked(blocks: Sequence[Block], found: Sequence[tuple[int, int, int]]) -> tuple[Box, ...]:
    """Give the boxes, sorted by first block and depth, their parents and names."""
    paths: dict[str, list[str]] = {}
    boxes: list[Box] = []
    around: list[int] = []
    for first, depth, last in found:
        while around and boxes[around[-1]].last <= first and boxes[around[-1]].depth:
            around.pop()
        parent = around[-1] if around else -1
        steps: tuple[str, ...] = ()
        if parent >= 0:
            block = blocks[first]
            path = paths.get(block.path)
            if path is None:
                path = paths[block.path] = block.path.split(">")
            above = block.depth - len(path)  # outermost elements whose names the path has dropped
            steps = tuple(path[max(0, boxes[parent].depth - above) : max(0, depth - above)])
        around.append(len(boxes))
        boxes.append(Box(first, last, depth, parent, steps))
    return tuple(boxes)


def innermost(boxes: Sequence[Box], count: int) -> list[int]:
    """Return for each of `count` blocks the index of the smallest box that holds it."""
    holders = [0] * count
    open_: list[int] = []
    at = 0
    for number, box in enumerate(boxes):
        while open_ and boxes[open_[-1]].last <= box.first and open_[-1] != box.parent:
            done = open_.pop()
            while at < boxes[done].last:
                holders[at] = done
                at += 1
        while at < box.first:
            holders[at] = open_[-1]
            at += 1
        open_.append(number)
    while open_:
        done = open_.pop()
        while at < boxes[done].last:
            holders[at] = done
            at += 1
    return holders


def kind_of_path(path: str) -> str:
    """Return `path` without what differs between siblings: ids, numbers, classes for the first, the odd, the last."""
    return _ORDINAL.sub("", path)
