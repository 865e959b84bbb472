"""Rules on noise inside the box of an article: places that say so, lists of links, boxes without prose at its edges.

The box itself is chosen in `layout`. What is in doubt stays: a list or a table between two paragraphs, a place that
holds much of the prose.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from ingest.html.contents import are_sentences, is_own_heading, speaks_of_list
from ingest.html.plan import Plan, is_table, main_kind
from ingest.html.tree import Box
from ingest.ledger import Ruling
from ingest.snippets.meta_lines import is_marker

# A place goes if it holds at most this share of what counts (comments more: they may be longer than the article).
_PLACE_SHARE, _COMMENTS_SHARE = 0.12, 0.3
# Of the prose as it stands a place holds at most this share, unless its name leaves no doubt.
_PROSE_SHARE = 0.3
_OUTRIGHT = ("comments", "footer", "dialog", "advertisement")
# Places of one rule that together hold more than this are the article under a misleading name.
_RULE_SHARE = 0.4
_LINKS = 0.6
_LINKED_PROSE = 0.1
# A home of the article holds this share of what counts directly; a box with less prose than the second is thin.
_HOME_SHARE, _THIN = 0.1, 0.4
_NEAR = 40
_CUE = re.compile(
    r"^[\W_]*(?:read more|see also|related|also|more|watch|click here|advert"
    r"|相关|延伸|推荐|广告|点击|更多|往期|热门|阅读)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Found:
    box: Box
    rule: str
    evidence: str
    confidence: float


def trim(plan: Plan, number: int, kept: set[int]) -> dict[int, Ruling]:
    """Return what of the `kept` blocks goes; `number` is the chosen box."""
    rulings: dict[int, Ruling] = {}
    homes = _homes(plan, number)
    found, lost = _noisy(plan, number, homes)
    weighed = plan.measures.weighed.of(plan.boxes[number])
    for noise in found:
        if lost[noise.rule] <= _RULE_SHARE * weighed:
            _remove(plan, noise, rulings)
    for noise in _bare_edges(plan, number, rulings):
        _remove(plan, noise, rulings)
    listed = {index for first, last in plan.contents for index in range(first, last + 1)}
    for index in kept:
        block = plan.page.blocks[index]
        is_lead_in = block.link_share >= 0.9 and block.kind in ("p", "text") and index not in plan.taken
        if is_lead_in and index not in rulings and index not in listed and _CUE.match(plan.line(index)):
            rulings[index] = Ruling("link_line", "a line that is a link and leads away", 0.6, index)
    return rulings


def _remove(plan: Plan, noise: _Found, rulings: dict[int, Ruling]) -> None:
    ruling = Ruling(noise.rule, noise.evidence, noise.confidence, noise.box.first)
    for index in range(noise.box.first, noise.box.last):
        if index not in plan.taken and plan.page.blocks[index].kind != "h1":
            rulings[index] = ruling


def _homes(plan: Plan, number: int) -> list[int]:
    """Return the boxes in which the article lives: those that hold a good part of its prose directly."""
    box = plan.boxes[number]
    held: dict[int, float] = defaultdict(float)
    for index in range(box.first, box.last):
        if prose := plan.measures.paragraphs[index]:
            held[plan.home(index)] += prose * plan.measures.weights[index]
    least = _HOME_SHARE * (plan.measures.weighed.of(box) or 1.0)
    return [home for home, prose in held.items() if prose >= least]


def _noisy(plan: Plan, number: int, homes: list[int]) -> tuple[list[_Found], dict[str, float]]:
    """Return the boxes inside that are noise, outermost first, and how much that counts each rule would cost."""
    measures = plan.measures
    top = plan.boxes[number]
    prose_of_all, weighed_of_all = measures.prose.of(top), measures.weighed.of(top)
    main = main_kind(plan, top)
    found: list[_Found] = []
    lost: dict[str, float] = defaultdict(float)
    stack = list(reversed(plan.children[number]))
    while stack:
        child = stack.pop()
        box = plan.boxes[child]
        place = measures.places[child]
        prose, weighed = measures.prose.of(box), measures.weighed.of(box)
        if place:
            share = _COMMENTS_SHARE if place.rule == "comments" else _PLACE_SHARE
            is_small = weighed <= share * weighed_of_all
            is_small = is_small and (place.rule in _OUTRIGHT or prose <= _PROSE_SHARE * prose_of_all)
            if is_small and (place.is_sure or not _tells_like(plan, box, main, 0.05 * prose_of_all)):
                found.append(_Found(box, place.rule, f"{place.words}: {plan.name(child)}", 0.85))
                lost[place.rule] += weighed
                continue
        if box.last - box.first > 1:
            links = measures.link_share(box.first, box.last)
            is_inside = any(_holds(plan.boxes[home], box) for home in homes)
            is_held = is_inside and _stands_between(plan, top, box)
            is_content = is_held or (is_inside and _is_led_into(plan, box)) or _is_listed(plan, box)
            if links >= _LINKS and prose < _LINKED_PROSE * prose_of_all and not is_content:
                found.append(_Found(box, "link_list", f"{links:.0%} of the characters are links", 0.8))
                continue
            around = any(_holds(box, plan.boxes[home]) for home in homes)
            if (
                prose < _THIN * measures.chars.of(box)
                and not around
                and not (is_content or (is_inside and links < 0.5) or is_table(plan, box))
            ):
                share_words = f"{prose / (measures.chars.of(box) or 1):.0%} of the characters are prose"
                found.append(_Found(box, "no_prose", f"beside the paragraphs; {share_words}", 0.6))
                continue
        stack.extend(reversed(plan.children[child]))
    return found, lost


def _holds(outer: Box, inner: Box) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last


def _is_led_into(plan: Plan, box: Box) -> bool:
    """Say whether the line above leads into a box: it ends with a colon, or is a heading like the article's others,
    and announces no recommendations."""
    if not box.first:
        return False
    above = plan.line(box.first - 1)
    if above.endswith(("：", ":")):
        return not is_marker(above)
    if plan.page.blocks[box.first - 1].link_share < 0.5 and speaks_of_list(above):
        return True
    home = plan.boxes[max(0, box.parent)]
    return home.first < box.first and is_own_heading(plan.tree, box.first - 1, home.first, box.first - 1)


def _is_listed(plan: Plan, box: Box) -> bool:
    """Say whether a list that is content fills half of a box, or a box is a part of one, or its links are sentences."""
    for first, last in plan.contents:
        inside = min(box.last, last + 1) - max(box.first, first)
        if inside > 0 and 2 * inside >= box.last - box.first:
            return True
    is_linked = plan.measures.link_share(box.first, box.last) >= _LINKS
    return is_linked and are_sentences([plan.line(index) for index in range(box.first, box.last)])


def _stands_between(plan: Plan, top: Box, box: Box) -> bool:
    """Say whether paragraphs stand before and behind."""
    paragraphs = plan.measures.paragraphs
    return any(paragraphs[max(top.first, box.first - _NEAR) : box.first]) and any(
        paragraphs[box.last : min(top.last, box.last + _NEAR)]
    )


def _tells_like(plan: Plan, box: Box, main: tuple[str, int] | None, least: float) -> bool:
    """Say whether a good part of what a box tells stands where the main text stands."""
    told = 0.0
    for index in range(box.first, box.last):
        if (prose := plan.measures.paragraphs[index]) and plan.kind(index) == main:
            told += prose
            if told > least:
                return True
    return False


def _bare_edges(plan: Plan, number: int, rulings: dict[int, Ruling]) -> list[_Found]:
    """Return the boxes without prose above the first and below the last paragraph."""
    measures = plan.measures
    top = plan.boxes[number]
    told = [
        index
        for index in range(top.first, top.last)
        if measures.paragraphs[index] and index not in rulings and measures.weights[index] > 0.5
    ]
    if not told:
        return []
    homes = {plan.home(index) for index in told}
    first, last = told[0], told[-1]
    found = []
    stack = list(plan.children[number])
    while stack:
        child = stack.pop()
        box = plan.boxes[child]
        if box.first <= last and box.last > first:
            stack.extend(plan.children[child])
        elif not any(measures.paragraphs[box.first : box.last]):
            is_item = box.last - box.first == 1 or measures.link_share(box.first, box.last) < 0.5
            is_item = is_item or _is_led_into(plan, box)
            is_content = is_table(plan, box) or _is_listed(plan, box)
            if not (box.parent in homes and is_item) and not is_content:
                where = "above the first" if box.last <= first else "below the last"
                links = measures.link_share(box.first, box.last)
                rule = "link_list" if links >= _LINKS and box.last - box.first > 1 else "no_prose"
                evidence = f"{where} paragraph, in a box of its own; {links:.0%} of the characters are links"
                found.append(_Found(box, rule, evidence, 0.6 + 0.2 * (rule == "link_list")))
    return found
