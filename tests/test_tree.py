"""The tree built again from blocks holds what the page's tree holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.html.dom import read_html
from ingest.html.tree import build_boxes, innermost, kind_of_path

PIECES = st.sampled_from(["<div>", "</div>", "甲<br>", "<p>乙</p>", "<ul><li>丙", "</ul>", "<span>丁</span>", "戊"])


def test_boxes_are_chains_of_elements_that_hold_the_same_blocks() -> None:
    page = read_html("<div class=a><p>甲</p><p>乙</p>丙<div><ul><li>丁<li>戊</ul></div>己</div>庚")
    boxes = build_boxes(page.blocks)
    assert [(box.first, box.last, box.depth, box.parent, box.steps) for box in boxes] == [
        (0, 7, 0, -1, ()),
        (0, 7, 2, 0, ("html", "body")),
        (0, 6, 3, 1, ("div.a",)),
        (0, 1, 4, 2, ("p",)),
        (1, 2, 4, 2, ("p",)),
        (3, 5, 5, 2, ("div", "ul")),
        (3, 4, 6, 5, ("li",)),
        (4, 5, 6, 5, ("li",)),
    ]


def test_no_blocks_leave_the_root() -> None:
    assert [(box.first, box.last, box.parent) for box in build_boxes(())] == [(0, 0, -1)]


@given(st.lists(PIECES, max_size=40).map("".join))
def test_boxes_nest_and_every_block_knows_its_innermost(markup: str) -> None:
    blocks = read_html(markup).blocks
    boxes = build_boxes(blocks)
    for box in boxes[1:]:
        parent = boxes[box.parent]
        assert parent.first <= box.first < box.last <= parent.last
        assert parent.depth < box.depth
    for index, holder in enumerate(innermost(boxes, len(blocks))):
        around = [number for number, box in enumerate(boxes) if box.first <= index < box.last]
        assert holder == max(around, key=lambda number: boxes[number].depth)
    assert len(boxes) <= 2 * len(blocks) + 1


def test_siblings_are_of_one_kind() -> None:
    assert kind_of_path("ul.list>li.item-1.first#a12") == kind_of_path("ul.list>li.item-23.last#b")
    assert kind_of_path("ul>li.a") != kind_of_path("ul>li.b")
