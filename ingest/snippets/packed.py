"""Splits a line that holds a whole block of recommendations, so that its items are seen where no line ends part them.

Some dumps put a block on one line: `title summary category date title summary category date …`. What goes is decided in
`snippets`, as for all lines; here a line is split only where it surely is such a block, because an article's lines end
where its author ended them. A line that holds one item is read by `roles`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ingest.block import Block
from ingest.snippets.meta_lines import STAMPS, marker_strength

_GAP = " \t\u3000\xa0|｜·•"
# Two items of a title, a summary and a meta line have this many characters and gaps at least.
_MIN_CHARS, _MIN_GAPS = 100, 4
# Longer lines are no pages of articles; no more of them is searched than of others.
_MAX_CHARS = 100_000
# Two items are chance, unless a marker stands in front; a third one is none.
_MIN_ITEMS = 3
_MIN_SUMMARY_CHARS, _MAX_ITEM_CHARS = 20, 800
_MIN_TITLE_CHARS, _MAX_TITLE_CHARS = 4, 40
_MAX_CATEGORY_CHARS = 8
# A marker that nobody knows, in front of what reads as a title with its summary.
_MAX_NEW_MARKER = 10
# Of the items of a block, as many are cut, or end alike.
_MOST, _SOME, _MANY_ITEMS = 0.7, 0.4, 5
# Perhaps in brackets, perhaps directly behind its category.
_STAMP = re.compile(
    rf"(?<=[{_GAP}])[\[【(（]?(?:[^\W\d_]{{2,6}}(?=\d{{4}}[-/.年]))?(?:{STAMPS})[\]】)）]?(?=[{_GAP}]|$)", re.IGNORECASE
)
_TOKEN = re.compile(rf"[^{_GAP}]+")
_TITLE = re.compile(rf"([^{_GAP}。；;][^。；;{_GAP}]{{{_MIN_TITLE_CHARS - 1},{_MAX_TITLE_CHARS - 1}}})[{_GAP}]+(?=\S)")
_WORDS = re.compile(rf"([^。；;]{{10,60}}?)[{_GAP}]+(?=\S)")
_ENDS = "。！？!?；;"

Span = tuple[int, int]


def split_packed(text: str, blocks: Sequence[Block]) -> Sequence[Block]:
    """Return `blocks`, those that hold a block of recommendations in parts: marker, title, summary, meta line …"""
    split: list[Block] = []
    for block in blocks:
        size = block.end - block.start
        parts = _parts(text, block) if _MIN_CHARS <= size <= _MAX_CHARS else None
        split += [block._replace(start=start, end=end) for start, end in parts] if parts else [block]
    return split


def _parts(text: str, block: Block) -> list[Span] | None:
    """Return the parts of a line that surely is a block of recommendations else None."""
    start, end = block.start, block.end
    if sum(text.count(gap, start, end) for gap in _GAP) < _MIN_GAPS:
        return None
    metas = _with_categories(text, start, _merged(text, [match.span() for match in _STAMP.finditer(text, start, end)]))
    if len(metas) < _MIN_ITEMS - 1:
        return None
    texts = [
        _trimmed(text, left, right)
        for left, right in zip([start, *(span[1] for span in metas)], [*(span[0] for span in metas), end], strict=True)
    ]
    if texts[0][0] >= texts[0][1]:
        return None  # the meta lines come first: nothing says where a title begins
    *whole, rest = texts
    lead, whole[0] = _without_marker(text, whole[0])
    alike = Counter(text[slice(*span)] for span in metas).most_common(1)[0][1]
    # Where the same meta line or a cut summary stands before all, titles of several words are told by their length.
    cuts = sum(text[span[1] - 1] not in _ENDS for span in whole)
    is_sure = max(alike, cuts) >= _MOST * len(whole) and len(whole) >= _MANY_ITEMS
    items = [_title_and_summary(text, *span, of_words=is_sure) for span in whole]
    read = [item for item in items if item]
    if len(read) < max(len(items) - 1, _MIN_ITEMS - bool(lead)) or items[0] is None:
        return None
    if max(cuts, alike) < (_MOST if len(whole) < _MANY_ITEMS else _SOME) * len(whole):
        return None
    if sum(len(item) == 2 for item in read) * 2 < len(read):
        return None  # a table row
    parts = list(lead)
    for span, item, meta in zip(whole, items, metas, strict=True):
        parts += [*(item or [span]), meta]
    if rest[0] < rest[1]:  # the end of the page cuts the last item, or the article goes on
        title = _TITLE.match(text, *rest)
        parts += [title.span(1), (title.end(), rest[1])] if title else [rest]
    return parts


def _merged(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the meta lines: dates and counts with nothing but a gap or a point between them are one."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and not text[merged[-1][1] : start].strip(_GAP + "/-—,，"):
            merged[-1] = merged[-1][0], end
        else:
            merged.append((start, end))
    return merged


def _with_categories(text: str, start: int, metas: list[Span]) -> list[Span]:
    """Return the meta lines with the category before or behind each, if most have one there."""
    if len(metas) < 2:
        return metas
    before = [_category_before(text, max(start, meta[0] - _MAX_CATEGORY_CHARS - 4), meta[0]) for meta in metas]
    if sum(place is not None for place in before) >= _MOST * len(metas):
        return [meta if place is None else (place, meta[1]) for meta, place in zip(metas, before, strict=True)]
    behind = [_TOKEN.search(text, end, end + 2 * _MAX_CATEGORY_CHARS) for _, end in metas]
    words = Counter(word[0] for word in behind if word and len(word[0]) <= _MAX_CATEGORY_CHARS)
    word, count = words.most_common(1)[0] if words else ("", 0)
    if count < max(2, _MOST * (len(metas) - 1)):
        return metas
    return [
        (left, found.end() if found and found[0] == word else right)
        for (left, right), found in zip(metas, behind, strict=True)
    ]


def _category_before(text: str, start: int, end: int) -> int | None:
    stop = _trimmed(text, start, end)[1]
    place = max(text.rfind(gap, start, stop) for gap in _GAP) + 1
    word = text[place:stop]
    return place if place > start and 2 <= len(word) <= _MAX_CATEGORY_CHARS and word.isalpha() else None


def _without_marker(text: str, span: Span) -> tuple[list[Span], Span]:
    first = _TOKEN.match(text, *span)
    if not first or first.end() == span[1]:
        return [], span
    rest = _trimmed(text, first.end(), span[1])
    if marker_strength(first[0]):
        return [first.span()], rest
    title = _TITLE.match(text, *rest)
    is_marker = len(first[0]) <= _MAX_NEW_MARKER and title is not None and not set("，,：:") & set(title[1])
    return ([first.span()], rest) if is_marker else ([], span)


def _title_and_summary(text: str, start: int, end: int, *, of_words: bool = False) -> list[Span] | None:
    if end - start > _MAX_ITEM_CHARS:
        return None
    title = _TITLE.match(text, start, end)
    if title and end - title.end() >= _MIN_SUMMARY_CHARS:
        return [title.span(1), (title.end(), end)]
    words = _WORDS.match(text, start, end) if of_words else None
    if words and end - words.end() >= _MIN_SUMMARY_CHARS:
        return [words.span(1), (words.end(), end)]
    is_title = _MIN_TITLE_CHARS <= end - start <= _MAX_TITLE_CHARS and "。" not in text[start:end]
    return [(start, end)] if is_title else None


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _GAP:
        start += 1
    while start < end and text[end - 1] in _GAP:
        end -= 1
    return start, end
