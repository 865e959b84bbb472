"""Finds recommendation cards in the tree of an HTML page: repeated siblings that each hold a linked title.

A card is a linked title with, perhaps, a summary, a category and a date, in elements that repeat: the items of a list
or a grid, the rows of a table, `dt` and `dd`, or a flat row of headings and paragraphs. Looks and names of the elements
do not matter, only that they repeat. Lists whose items are not links are content and no cards; headings without links
need a place or a marker that speaks against them. Items known by their lines alone are left to `snippets`; what goes is
decided in `ladder`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.block import Block
from ingest.html.contents import CONTENT, content_evidence
from ingest.html.places import place_of
from ingest.html.tree import Tree, kind_of_path
from ingest.snippets.find import Run, Snippet
from ingest.snippets.meta_lines import is_marker, read_meta

# A title says something: shorter links are the words of a menu. In characters of Chinese; other scripts need three
# times as many letters to say the same.
MIN_TITLE_CHARS = 6
MIN_LONELY_TITLE_CHARS = 8
MAX_TITLE_CHARS = 80
MAX_TITLE_LETTERS = 3 * MAX_TITLE_CHARS
# The longest summaries on the bench have 500 characters; a longer text below a linked title is a post of its own.
MAX_SUMMARY_CHARS = 520
MIN_CARDS = 3
_MIN_LINKED, _WHOLLY_LINKED = 0.3, 0.8  # of the line, which may hold a date; of the title
_DATED = 0.6
_RANK = re.compile(r"^\d{1,3}\s*[.、．:：]?\s+(?=\D)")
_MAX_TITLE_LINE = 260
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_DAY = r"((?:(?:19|20)\d{2}\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s+\d{1,2}:\d{2})?)"
_META_WORDS = 4  # category, source, day and hour
_DATE_AT_END = re.compile(r"[\s\[(（【|]+" + _DAY + r"[\])）】]?$")
_DATE_AT_START = re.compile(r"^[\[(（【]?" + _DAY + r"[\])）】|]?\s+")
# Blocks from one title to the next: picture caption, title, summary, category, source, date, counts.
_MAX_STRIDE = 9
# A sentence that leads into a list (以下文件可供查阅：) makes it content, unless much speaks against it.
_LED_INTO = 0.35
# Between two cards an advertisement may stand, in elements of its own.
_MAX_GAP = 16
_MAX_CLIMB = 24
_CUT = re.compile(r"(?:\.\.\.|…+|[^。！？!?.”\"』」])$")


@dataclass(frozen=True, slots=True)
class Cards:
    """The runs of cards in page order, also those too weak to remove (see `confidence`); the lists that are content,
    as the first and the last block of each."""

    runs: tuple[Run, ...] = ()
    contents: tuple[tuple[int, int], ...] = ()


def find_cards(tree: Tree, title: str = "") -> Cards:
    """Return the cards of an HTML page with this title."""
    if len(tree.boxes) < MIN_CARDS:
        return Cards()
    used = bytearray(len(tree.blocks))
    runs: list[Run] = []
    contents: list[tuple[int, int]] = []
    for titles in _repeated_titles(tree):
        cards = [card for card in _cards(tree, titles) if not any(used[card[0] : card[1]])]
        for part in _neighbours(cards):
            run = _weigh(tree, part)
            if run is None:
                continue
            first, last = run.snippets[0].first, run.snippets[-1].last
            used[first : last + 1] = b"\x01" * (last + 1 - first)
            speaks = content_evidence(tree, first, last, run.snippets, title)
            if speaks >= CONTENT and not _place(tree, first, last):
                contents.append((first, last))
            else:
                runs.append(run)
    return Cards(tuple(sorted(runs, key=lambda run: run.snippets[0].first)), tuple(sorted(contents)))


def _card_around(tree: Tree, title: int, before: int, after: int) -> int:
    """Return the largest box that holds the title and neither of its neighbours."""
    number = tree.holders[title]
    for _ in range(_MAX_CLIMB):
        parent = tree.boxes[number].parent
        if parent < 0 or tree.boxes[parent].first <= before or tree.boxes[parent].last > after:
            return number
        number = parent
    return number


def _cards(tree: Tree, titles: Sequence[int]) -> list[tuple[int, int, int, bool]]:
    """Return for each title: first block, one behind the last, the title, whether it has a box of its own."""
    found = []
    strides = Counter(right - left for left, right in pairwise(titles))
    stride = strides.most_common(1)[0][0]
    for place, title in enumerate(titles):
        before = titles[place - 1] if place else -1
        after = titles[place + 1] if place + 1 < len(titles) else len(tree.blocks)
        box = tree.boxes[_card_around(tree, title, before, after)]
        first, last = box.first, box.last
        if not place or place + 1 == len(titles):
            # At the ends nothing bounds the box on one side; a card is about as long as the others.
            first, last = max(first, title - _MAX_STRIDE), min(last, title + _MAX_STRIDE)
        if last - first > 1 or stride == 1:
            found.append((first, last, title, True))
            continue
        last = title + stride if after > title + _MAX_STRIDE else after
        parent = tree.boxes[tree.boxes[tree.holders[title]].parent]
        found.append((title, max(title + 1, min(last, parent.last)), title, False))
    return found


def _repeated_titles(tree: Tree) -> list[list[int]]:
    """Return the series of linked titles with one path, at least `MIN_CARDS` each; the longest first."""
    kinds: dict[str, str] = {}
    series: dict[tuple[str, int, bool], list[list[int]]] = {}
    for index, block in enumerate(tree.blocks):
        is_led = 0 < block.lead <= MAX_TITLE_LETTERS
        if not (block.link_share >= _MIN_LINKED or block.kind in _HEADINGS or is_led):
            continue
        size = block.end - block.start
        if size > (MAX_SUMMARY_CHARS if is_led else _MAX_TITLE_LINE) or not _begins_link(block):
            continue
        title, _, rest = _title_of(tree, index)
        is_linked = bool(rest) or block.link_share * size >= _WHOLLY_LINKED * len(title)
        if not _is_title(title) or not (is_linked or block.kind in _HEADINGS):
            continue
        kind = kinds.get(block.path)
        if kind is None:
            kind = kinds[block.path] = kind_of_path(block.path)
        groups = series.setdefault((kind, block.depth, is_linked), [])
        if groups and index - groups[-1][-1] <= _MAX_GAP:
            groups[-1].append(index)
        else:
            groups.append([index])
    found = [group for groups in series.values() for group in groups if len(group) >= MIN_CARDS]
    return sorted(found, key=lambda group: (group[0] - group[-1], group[0]))


def _begins_link(block: Block) -> bool:
    """Say whether no block before this one stands in the link around it: only the first can be the title."""
    steps = block.path.split(">")
    for place in range(len(steps) - 1):
        if steps[place] == "a" or steps[place].startswith(("a.", "a#", "a[")):
            return block.shared < block.depth - (len(steps) - 1 - place)
    return True


def _is_title(title: str) -> bool:
    return MIN_TITLE_CHARS <= len(title) / _scale(title) <= MAX_TITLE_CHARS


def _title_of(tree: Tree, index: int) -> tuple[str, str, str]:
    """Return the linked title that a block begins with, or all of it but a date; the date; what else stands behind."""
    line, lead = tree.line(index), tree.blocks[index].lead
    title, date = _dated_title(line)
    if 0 < lead < len(title) and line[lead].isspace():
        return line[:lead].rstrip(), "", line[lead:].strip()
    return title, date, ""


def _read_rest(rest: str) -> tuple[str, str, str]:
    """Return summary, category and date of what stands behind a title on its line."""
    words = rest.split()
    for count in range(min(_META_WORDS, len(words)), 0, -1):
        if (meta := read_meta(" ".join(words[-count:]))) and meta.date:
            return _without_tail(rest, words[-count:]), meta.category, meta.date
    return rest, "", ""


def _without_tail(rest: str, words: Sequence[str]) -> str:
    for word in reversed(words):
        rest = rest[: rest.rindex(word)].rstrip()
    return rest


def _dated_title(line: str) -> tuple[str, str]:
    """Return the title and the date of a line that holds both, as lists of titles and rows of tables do."""
    line = _RANK.sub("", line)
    if found := _DATE_AT_END.search(line):
        return line[: found.start()].strip(), found[1]
    if found := _DATE_AT_START.match(line):
        return line[found.end() :].strip(), found[1]
    return line, ""


def _scale(line: str) -> int:
    return 1 if any(letter >= "\u2e80" for letter in line) else 3


def _neighbours(cards: Sequence[tuple[int, int, int, bool]]) -> list[list[tuple[int, int, int, bool]]]:
    """Part cards where they do not follow one another; something small may stand between (an advertisement)."""
    parts: list[list[tuple[int, int, int, bool]]] = []
    for card in cards:
        if parts and 0 <= card[0] - parts[-1][-1][1] <= _MAX_GAP:
            parts[-1].append(card)
        elif not parts or card[0] >= parts[-1][-1][1]:
            parts.append([card])
    return [part for part in parts if len(part) >= MIN_CARDS]


def _read(tree: Tree, card: tuple[int, int, int, bool]) -> Snippet:
    first, end, title, _ = card
    summary: list[str] = []
    name, date, rest = _title_of(tree, title)
    category = ""
    if rest:
        said, category, date = _read_rest(rest)
        summary += [said] * bool(said)
    for index in range(first, end):
        line = tree.line(index)
        if index == title or line == tree.line(title) or line.strip(" .、").isdigit():
            continue
        if meta := read_meta(line):
            category, date = category or meta.category, date or meta.date
        elif len(line) <= 12 and not category and not line.endswith(("。", "！", "？")):
            category = line
        else:
            summary.append(line)
    return Snippet(first, end - 1, name, " ".join(summary), category, date)


def _weigh(tree: Tree, cards: Sequence[tuple[int, int, int, bool]]) -> Run | None:
    """Say how sure it is that `cards` are recommendations, and why; None where they are something else."""
    items = [_read(tree, card) for card in cards]
    summaries = [item.summary for item in items if item.summary]
    if summaries and median(map(len, summaries)) > MAX_SUMMARY_CHARS:
        return None
    if not summaries and median(len(item.title) / _scale(item.title) for item in items) < MIN_LONELY_TITLE_CHARS:
        return None  # a menu
    first, last = items[0].first, items[-1].last
    own = [card[3] for card in cards]
    cut = sum(bool(_CUT.search(summary.rstrip())) for summary in summaries) / len(summaries) if summaries else 0.0
    dated = sum(bool(item.date) for item in items) / len(items)
    marker = next((index for index in range(first - 1, max(-1, first - 3), -1) if is_marker(tree.line(index))), None)
    above = tree.line(first - 1).rstrip() if first and marker is None else ""
    place = _place(tree, first, last)
    alone = _prose_beside(tree, first, last + 1, items) == 0
    is_joined = any(_title_of(tree, card[2])[2] for card in cards)
    linked = is_joined or tree.blocks[cards[0][2]].link_share >= _MIN_LINKED
    if is_joined and dated < _DATED and marker is None and not place:
        return None  # paragraphs that begin with a link
    if not linked and not summaries:
        return None  # headings
    reasons: Mapping[str, tuple[float, bool]] = {
        f"{len(items)} linked titles that repeat": (0.25, linked),
        f"{len(items)} headings that repeat": (0.1, not linked),
        "each in an element of its own": (0.15, all(own)),
        "at least 6": (0.1, len(items) >= 6),
        "with dates or counts": (0.2 if linked else 0.1, dated >= _DATED),
        "summaries cut in mid-sentence": (0.15, cut >= 0.25),
        "titles and nothing else": (0.1, not summaries),
        "a line announces recommendations": (0.3, marker is not None),
        f"the box {place}": (0.25, bool(place)),
        "no paragraphs beside them": (0.15, alone and linked),
    }
    confidence = min(0.99, sum(weight for weight, holds in reasons.values() if holds))
    if above.endswith(("：", ":")):
        confidence = max(0.0, confidence - _LED_INTO)
    evidence = "; ".join(reason for reason, (_, holds) in reasons.items() if holds)
    return Run(tuple(items), marker, round(confidence, 2), evidence, cut >= 0.25)


def _place(tree: Tree, first: int, last: int) -> str:
    """Return what a box that holds all the cards says of itself, or an empty text."""
    number = tree.holders[first]
    for _ in range(_MAX_CLIMB):
        box = tree.boxes[number]
        if box.last > last:
            for step in reversed(box.steps):
                place = place_of(step)
                if place and place.rule in ("recommendation_box", "sidebar"):
                    return place.words
            if box.last - box.first > 2 * (last + 1 - first):
                return ""
        if box.parent < 0:
            break
        number = box.parent
    return ""


def _prose_beside(tree: Tree, first: int, end: int, items: Sequence[Snippet]) -> int:
    """Count the paragraphs that stand beside the cards in the smallest box around them all."""
    number = tree.holders[first]
    while tree.boxes[number].last < end and tree.boxes[number].parent >= 0:
        number = tree.boxes[number].parent
    box = tree.boxes[number]
    held = {index for item in items for index in range(item.first, item.last + 1)}
    near = range(max(box.first, first - 60), min(box.last, end + 60))
    return sum(
        index not in held and tree.blocks[index].link_share < 0.3 and len(tree.line(index)) >= 40 for index in near
    )
