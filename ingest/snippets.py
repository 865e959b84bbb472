"""Finds the recommendation snippets of a page by their shape.

A recommendation block is a run of items of one grammar:

    title            a short line without an end mark
    summary          one line, usually cut in mid-sentence at about 200 characters; sometimes missing
    meta line        a category and a date, the same for the whole block on most sites; sometimes counts or a source
    title again      on some sites

The meta lines are what repeats with a period, so they are found first and items are read off between them. A marker
line (相关推荐) is evidence and never the criterion: cutting at a marker fails on most variants (docs/cleaning.md).
Which of the found runs are strong enough to remove is decided here too; what the article is, in `clean`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.block import Block
from ingest.furniture import line_finding
from ingest.meta_lines import Meta, is_marker, meta_form, read_meta

# The longest seed title has 30 characters, the longest summary 216; both with room for other sites.
MAX_TITLE_CHARS = 80
MAX_SUMMARY_CHARS = 320
# Shorter lines without an end mark are titles and list items as often as summaries that were cut.
MIN_CUT_CHARS = 24
_INNER_STOP = re.compile(r"[，,。；;：:、]")
# Furniture that stands between blocks, never inside an item.
_PARTING_RULES = ("tip", "breadcrumb", "neighbours", "copyright")
# A run must be this strong to be removed; measured on the variants in tests/test_snippets.py.
MIN_CONFIDENCE = 0.6


@dataclass(frozen=True, slots=True)
class Snippet:
    """One recommendation item: its blocks `[first, last]` (indices) and its fields as they stand on the page."""

    first: int
    last: int
    title: str
    summary: str
    category: str
    date: str

    def fields(self) -> dict[str, str]:
        """Return the fields under the names of the command contract."""
        return {"title": self.title, "summary": self.summary, "category": self.category, "date": self.date}


@dataclass(frozen=True, slots=True)
class Run:
    """A run of at least two snippets, the marker before it (block index, or None), how sure it is, and why in words."""

    snippets: tuple[Snippet, ...]
    marker: int | None
    confidence: float
    evidence: str
    has_cut_summaries: bool


def find_runs(text: str, blocks: Sequence[Block]) -> tuple[Run, ...]:
    """Return the runs of snippets among `blocks`, in page order, also those too weak to remove (see `confidence`)."""
    lines = [text[block.start : block.end] for block in blocks]
    metas = _meta_groups(lines)
    runs = []
    for group in _periodic(lines, metas):
        for part in _split_odd_ends(lines, group):
            items = [_with_cut_end(text, blocks, item) for item in _items(lines, part)]
            if len(items) >= 2:
                runs.append(_weigh(lines, items))
    return tuple(runs)


@dataclass(frozen=True, slots=True)
class _MetaGroup:
    """Consecutive blocks `[first, last]` that make one meta line (some layouts give category and date a line each)."""

    first: int
    last: int
    meta: Meta


def _meta_groups(lines: Sequence[str]) -> list[_MetaGroup]:
    found = {index: meta for index, line in enumerate(lines) if (meta := read_meta(line)) is not None}
    before = Counter(lines[index - 1] for index, meta in found.items() if index and not meta.category)
    groups: list[_MetaGroup] = []
    for index, meta in sorted(found.items()):
        first, category, date = index, meta.category, meta.date
        if groups and groups[-1].last == index - 1 and not (groups[-1].meta.date and date):
            previous = groups.pop()
            first = previous.first
            category, date = previous.meta.category or category, previous.meta.date or date
        elif not category and index and index - 1 not in found:
            label = lines[index - 1]
            if before[label] >= 2 and len(label) <= 12 and not is_marker(label):
                first, category = index - 1, label
        groups.append(_MetaGroup(first, index, Meta(category, date)))
    return groups


def _is_title(line: str) -> bool:
    return len(line) <= MAX_TITLE_CHARS and not line.endswith(("。", "；", ";", "，", ","))


def _parts_items(line: str) -> bool:
    """Say whether no item can go on behind this line: a marker, or what stands between an article and a block."""
    finding = line_finding(line)
    return is_marker(line) or (finding is not None and finding.rule in _PARTING_RULES)


def _between_fits(lines: Sequence[str], first: int, last: int) -> bool:
    """Say whether the blocks `[first, last]` between two meta lines can be what an item holds besides its meta line."""
    count = last - first + 1
    if count < 1 or count > 4 or any(map(_parts_items, lines[first : last + 1])):
        return False
    return all(len(line) <= MAX_SUMMARY_CHARS for line in lines[first : last + 1]) and any(
        _is_title(line) for line in lines[first : last + 1]
    )


def _periodic(lines: Sequence[str], metas: Sequence[_MetaGroup]) -> list[list[_MetaGroup]]:
    """Return the maximal series of meta lines that follow one another at the distance of one item."""
    series: list[list[_MetaGroup]] = []
    for group in metas:
        if series and _between_fits(lines, series[-1][-1].last + 1, group.first - 1):
            series[-1].append(group)
        else:
            series.append([group])
    return [group for group in series if len(group) >= 2]


def _split_odd_ends(lines: Sequence[str], group: list[_MetaGroup]) -> list[list[_MetaGroup]]:
    """Part a series where meta lines at its ends share nothing with the others; each part is judged by itself.

    The last date of a chronicle or of a signature stands at the distance of one item above the block and would join
    the series. It has neither the block's date nor its category, nor (where they have none in common) its form.
    """
    date, category = (_most_say([name(member) for member in group]) for name in (_date, _category))
    form = None if date and category else _most_say([meta_form(lines[member.last]) for member in group])

    def is_odd(member: _MetaGroup) -> bool:
        pairs = ((date, member.meta.date), (category, member.meta.category), (form, meta_form(lines[member.last])))
        compared = [(shared, own) for shared, own in pairs if shared]
        return bool(compared) and all(shared != own for shared, own in compared)

    first, last = 0, len(group)
    while last - first > 2 and is_odd(group[first]):
        first += 1
    while last - first > 2 and is_odd(group[last - 1]):
        last -= 1
    if last - first == len(group):
        return [group]
    parts = (group[:first], group[first:last], group[last:])
    return [piece for part in parts if len(part) >= 2 for piece in _split_odd_ends(lines, part)]


def _date(member: _MetaGroup) -> str:
    return member.meta.date


def _category(member: _MetaGroup) -> str:
    return member.meta.category


def _most_say(values: Sequence[str]) -> str | None:
    """Return what more than half of `values`, two at least, have in common."""
    value, count = Counter(values).most_common(1)[0]
    return value if value and count >= 2 and count * 2 > len(values) else None


def _meta_comes_second(lines: Sequence[str], group: Sequence[_MetaGroup]) -> bool:
    """Say whether items read title, meta line, summary (some sites) rather than title, summary, meta line."""
    votes = 0
    for left, right in pairwise(group):
        between = lines[left.last + 1 : right.first]
        if len(between) == 2:
            votes += 1 if _talk(between[0]) > _talk(between[1]) and not _is_cut_title(between) else -1
    return votes > 0


def _talk(line: str) -> tuple[int, int]:
    """Return how much a line tells: a summary has more inner stops than a title; length decides where neither has."""
    return len(_INNER_STOP.findall(line)), len(line)


def _is_cut_title(between: Sequence[str]) -> bool:
    return between[0].startswith(between[1]) or between[1].startswith(between[0])


def _items(lines: Sequence[str], group: Sequence[_MetaGroup]) -> list[Snippet]:
    """Read the items off around the meta lines of `group`."""
    if _meta_comes_second(lines, group):
        return _items_meta_second(lines, group)
    items: list[Snippet] = []
    for number, meta in enumerate(group):
        if number:
            first = group[number - 1].last + 1
            if items and meta.first - first > 1 and lines[first] == items[-1].title:
                items[-1] = _with_last(items[-1], first)
                first += 1
        else:
            first = _first_item_start(lines, meta.first, group)
        held = lines[first : meta.first]
        if not held:
            continue
        items.append(Snippet(first, meta.last, held[0], " ".join(held[1:]), meta.meta.category, meta.meta.date))
    return _with_cut_item(lines, items)


def _with_last(item: Snippet, last: int) -> Snippet:
    return Snippet(item.first, last, item.title, item.summary, item.category, item.date)


def _with_cut_end(text: str, blocks: Sequence[Block], item: Snippet) -> Snippet:
    """Keep the blank that cutting left at the end of a summary: fields stand as on the page."""
    for block in blocks[item.first : item.last + 1]:
        if item.summary and item.summary.endswith(text[block.start : block.end]):
            end = block.end
            while end < len(text) and text[end] in " \t\u3000":
                end += 1
            summary = item.summary + text[block.end : end]
            return Snippet(item.first, item.last, item.title, summary, item.category, item.date)
    return item


def _first_item_start(lines: Sequence[str], meta_first: int, group: Sequence[_MetaGroup]) -> int:
    """Return where the first item begins; before it stands the article, so no period tells."""
    gaps = Counter(
        min(right.first - left.last - 1, 2) for left, right in pairwise(group) if right.first - left.last > 1
    )
    with_summary = gaps.get(2, 0) >= gaps.get(1, 0)
    above, higher = meta_first - 1, meta_first - 2
    if above < 0:
        return meta_first
    # A summary longer than its title is the rule; without one, the line above the meta line is the title.
    is_summary = higher >= 0 and (_talk(lines[above]) > _talk(lines[higher]) or not _is_title(lines[above]))
    if is_summary and with_summary and _is_title(lines[higher]) and not is_marker(lines[higher]):
        return higher
    return above if not is_marker(lines[above]) else meta_first


def _with_cut_item(lines: Sequence[str], items: list[Snippet]) -> list[Snippet]:
    """Add the item that the end of the page cuts off before its meta line, and a repeated title behind the last one."""
    if not items:
        return items
    last = items[-1].last
    if last + 1 < len(lines) and lines[last + 1] == items[-1].title:
        items[-1] = _with_last(items[-1], last + 1)
        last += 1
    rest = lines[last + 1 :]
    with_summary = sum(bool(item.summary) for item in items) * 2 > len(items)
    if len(rest) == 2 and with_summary and _is_title(rest[0]) and _is_cut(rest[1]):
        items.append(Snippet(last + 1, last + 2, rest[0], rest[1], "", ""))
    return items


def _items_meta_second(lines: Sequence[str], group: Sequence[_MetaGroup]) -> list[Snippet]:
    items: list[Snippet] = []
    for number, meta in enumerate(group):
        first = meta.first - 1
        if first < 0 or (items and first <= items[-1].last):
            continue
        behind = group[number + 1].first - 2 if number + 1 < len(group) else meta.last + 1
        last = min(max(behind, meta.last), len(lines) - 1)
        if number + 1 == len(group) and not _is_last_summary(lines[last], items):
            last = meta.last
        summary = " ".join(lines[meta.last + 1 : last + 1])
        items.append(Snippet(first, last, lines[first], summary, meta.meta.category, meta.meta.date))
    return items


def _is_last_summary(line: str, items: Sequence[Snippet]) -> bool:
    """Say whether the line behind the last meta line is its summary: cut, or not if no other summary is cut either."""
    if len(line) > MAX_SUMMARY_CHARS or _parts_items(line):
        return False
    return _is_cut(line) or not any(_is_cut(item.summary) for item in items)


def _share_of_commonest(values: Sequence[str]) -> float:
    said = [value for value in values if value]
    return Counter(said).most_common(1)[0][1] / len(values) if said else 0.0


def _is_cut(summary: str) -> bool:
    """Say whether a summary stops in mid-sentence: long enough to have begun one, and without an end mark."""
    ends = summary.rstrip().endswith(("。", "！", "!", "？", "?", "”", "）", ")"))
    return len(summary) >= MIN_CUT_CHARS and _INNER_STOP.search(summary) is not None and not ends


def _weigh(lines: Sequence[str], items: Sequence[Snippet]) -> Run:
    """Say how sure it is that `items` are recommendations, and why."""
    same_date = _share_of_commonest([item.date for item in items])
    same_category = _share_of_commonest([item.category for item in items])
    summaries = [item.summary for item in items if item.summary]
    cut = sum(map(_is_cut, summaries)) / len(summaries) if summaries else 0.0
    above = items[0].first - 1
    marker = above if above >= 0 and is_marker(lines[above]) else None
    reasons: Mapping[str, tuple[float, bool]] = {
        f"{len(items)} items of one shape": (0.3, True),
        "at least 3 items": (0.1, len(items) >= 3),
        "at least 8 items": (0.1, len(items) >= 8),
        "one date for the whole block": (0.2, same_date >= 0.8),
        "one category for the whole block": (0.15, same_category >= 0.8),
        "summaries cut in mid-sentence": (0.15, cut >= 0.25),
        "a line announces recommendations": (0.3, marker is not None),
        "the page ends with it": (0.05, items[-1].last >= len(lines) - 3),
    }
    confidence = min(0.99, sum(weight for weight, holds in reasons.values() if holds))
    evidence = "; ".join(reason for reason, (_, holds) in reasons.items() if holds)
    return Run(tuple(items), marker, round(confidence, 2), evidence, cut >= 0.25)
