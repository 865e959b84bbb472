"""Finds the box of an HTML page that holds the article, and rules on what stands outside it.

From the root down, the box that holds most of the prose is followed as long as it holds nearly all of what the box
around it holds; where the prose is spread over siblings, their box is taken. What stands beside the box and tells as it
does (the next section, the next post of a thread, a lead above it) is kept, and so are the title and the byline. What
is noise inside the box is left to `trim`, what cards are to `cards`, how much a text counts to `prose`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ingest.html.cards import Cards
from ingest.html.plan import Plan, build_plan, is_table, main_kind
from ingest.html.prose import CARD_WEIGHT, Sums
from ingest.html.tree import Box, Tree
from ingest.html.trim import trim
from ingest.ledger import Ruling
from ingest.page import Page
from ingest.snippets.meta_lines import read_meta

# A box is followed if it holds this share of what the box around it holds, and with the title in it half. Of 0.6 to 0.8
# the bench prefers up to 0.7 on both halves of both sets; what is cut off and tells alike comes back in `_kept`.
_HOLDS, _HOLDS_TITLE = 0.65, 0.5
# A box beside the chosen one is kept if this share of its characters is prose, at least so many characters of it.
_DENSE, _LEAD_CHARS, _BESIDE_CHARS = 0.6, 20, 100
_BYLINE_BLOCKS = 5
_BYLINE = re.compile(r"来源|作者|编辑|责编|记者|发布|日期|时间|文号|索引号|更新", re.IGNORECASE)
_MAX_BYLINE_CHARS = 80
# With so many characters of prose the choice of the box is half sure: news in brief have 50 to 100.
_LITTLE_PROSE = 30


@dataclass(frozen=True, slots=True)
class Layout:
    """What goes, by block index; how sure the choice of the box is, 0 to 1; what speaks against it, in words."""

    rulings: Mapping[int, Ruling]
    certainty: float
    doubts: tuple[str, ...]


def find_layout(
    page: Page, taken: Collection[int] = (), tree: Tree | None = None, cards: Cards | None = None
) -> Layout:
    """Return what the layout of `page` says: nothing for a text dump or a page without prose.

    `taken` are the blocks that are already ruled on; `tree` and `cards` are made here if not given.
    """
    if page.kind != "html" or not page.blocks:
        return Layout({}, 1.0, ())
    plan = build_plan(page, frozenset(taken), tree, cards)
    if not plan.measures.prose.of(plan.boxes[0]):
        return Layout({}, 0.4, ("no block of the page reads like prose",))
    number = _choose(plan)
    kept = _kept(plan, number)
    rulings = trim(plan, number, kept)
    title = _head(plan, kept, rulings)
    kept.update(plan.taken)
    rulings.update(_named_outside(plan, kept))
    outside = [index for index in range(len(page.blocks)) if index not in kept and index not in rulings]
    rulings.update(_outside(plan, number, outside))
    return _judged(plan, rulings, title)


def _choose(plan: Plan) -> int:
    """Return the smallest box that holds nearly all that counts, seen from the root."""
    weighed = plan.measures.weighed
    number = 0
    while plan.children[number]:
        best = max(plan.children[number], key=lambda child: weighed.of(plan.boxes[child]))
        box = plan.boxes[best]
        has_title = plan.title is not None and box.first <= plan.title < box.last
        if weighed.of(box) < (_HOLDS_TITLE if has_title else _HOLDS) * weighed.of(plan.boxes[number]):
            break
        if box.last - box.first == 1:
            break  # a single paragraph: its siblings may belong to it
        number = best
    return number


def _kept(plan: Plan, number: int) -> set[int]:
    """Return the blocks of the box, and of what stands beside it and tells as it does."""
    box = plan.boxes[number]
    kept = set(range(box.first, box.last))
    kept |= _of_one_kind(plan, box)
    for first, last in plan.contents:
        kept.update(range(first, last + 1))
    start = plan.title if plan.title is not None else plan.boxes[max(0, box.parent)].first
    measures = plan.measures
    inner = number
    while (parent := plan.boxes[inner].parent) >= 0:
        for child in plan.children[parent]:
            beside = plan.boxes[child]
            if child == inner or beside.first < start:
                continue
            if parent == box.parent and is_table(plan, beside):
                kept.update(range(beside.first, beside.last))
                continue
            prose = measures.prose.of(beside)
            least = _LEAD_CHARS if beside.first < box.first else _BESIDE_CHARS
            if prose >= max(least, _DENSE * measures.chars.of(beside)) and measures.weighed.of(beside) >= prose / 2:
                kept.update(range(beside.first, beside.last))
        inner = parent
    return kept


def _of_one_kind(plan: Plan, box: Box) -> set[int]:
    """Return the blocks outside that stand where the main text stands: further sections, the posts of a thread."""
    kind = main_kind(plan, box)
    if kind is None or not any("." in step for step in kind[0].split(">")[-4:]):
        return set()  # elements without a class are all of one kind
    paragraphs, weights = plan.measures.paragraphs, plan.measures.weights
    own = [index for index in range(box.first, box.last) if paragraphs[index] and plan.kind(index) == kind]
    least = min(weights[index] for index in own)
    depth = kind[1]
    found: set[int] = set()
    for index, block in enumerate(plan.page.blocks):
        if block.depth != depth or not paragraphs[index] or weights[index] < least or box.first <= index < box.last:
            continue
        if plan.kind(index) == kind:
            home = plan.boxes[plan.home(index)]
            holds_box = home.first <= box.first < home.last
            found.update((index,) if holds_box else range(home.first, home.last))
    return found


def _head(plan: Plan, kept: set[int], rulings: dict[int, Ruling]) -> int | None:
    """Keep the title and the byline, wherever they stand; return the title."""
    if plan.title is None:
        return None
    head = {plan.title}
    for index in range(plan.title + 1, min(plan.title + 1 + _BYLINE_BLOCKS, len(plan.page.blocks))):
        line = plan.line(index)
        if len(line) <= _MAX_BYLINE_CHARS and (
            read_meta(line) or (_BYLINE.search(line) and re.search(r"[:：\d]", line))
        ):
            head.add(index)
    kept |= head
    for index in head:
        rulings.pop(index, None)
    return plan.title


def _named_outside(plan: Plan, kept: Collection[int]) -> dict[int, Ruling]:
    """Rule on the boxes outside that say what they are, outermost first."""
    rulings: dict[int, Ruling] = {}
    held = Sums([float(index in kept) for index in range(len(plan.page.blocks))])
    end = 0
    for number, box in enumerate(plan.boxes):
        place = plan.measures.places[number]
        if place is None or not place.is_sure or box.first < end or held.of(box):
            continue
        ruling = Ruling(place.rule, f"{place.words}: {plan.name(number)}", 0.85, box.first)
        rulings.update((index, ruling) for index in range(box.first, box.last))
        end = box.last
    return rulings


def _outside(plan: Plan, number: int, outside: Sequence[int]) -> dict[int, Ruling]:
    """Rule on the blocks outside, one removal for each stretch of them."""
    measures = plan.measures
    whole = measures.weighed.of(plan.boxes[0]) or 1.0
    share = measures.weighed.of(plan.boxes[number]) / whole
    name = plan.name(number)
    rulings: dict[int, Ruling] = {}
    first = 0
    while first < len(outside):
        last = first
        while last + 1 < len(outside) and outside[last + 1] == outside[last] + 1:
            last += 1
        left, right = outside[first], outside[last] + 1
        lost = measures.weighed.between(left, right) / whole
        evidence = (
            f"outside the box {name}, which holds {share:.0%} of the prose that counts; "
            f"here {measures.link_share(left, right):.0%} of the characters are links"
        )
        ruling = Ruling("outside_article", evidence, round(max(0.5, 0.95 - lost), 2), left)
        rulings.update((index, ruling) for index in range(left, right))
        first = last + 1
    return rulings


def _judged(plan: Plan, rulings: dict[int, Ruling], title: int | None) -> Layout:
    """Say how sure the choice is: how much prose is kept, how much of what counts is lost."""
    measures = plan.measures
    prose = chars = counts = lost = 0.0
    for index in range(len(plan.page.blocks)):
        if index in plan.taken:
            continue
        weighed = measures.weighed.between(index, index + 1)
        if index not in rulings:
            prose += measures.prose.between(index, index + 1)
            chars += measures.chars.between(index, index + 1)
            counts += weighed
        elif measures.weights[index] > CARD_WEIGHT:  # cards are lost on purpose
            lost += weighed
    share = lost / (counts + lost) if lost else 0.0
    certainty = prose / (prose + _LITTLE_PROSE) * max(0.0, 1 - 1.2 * share)
    words = f"the box of the article holds {prose:.0f} characters of prose"
    if share:
        words += f"; of the prose that counts, {share:.0%} stands outside or was taken for noise"
    doubts = [words]
    if prose < chars / 2:
        certainty *= 0.8
        doubts.append("it holds less prose than other text")
    if title is None:
        certainty *= 0.85
    return Layout(rulings, round(certainty, 2), tuple(doubts))
