"""Reads what recommendation items say off their lines: where each begins and ends, and its fields.

Which lines are items is told in `alignment`, whether they are recommendations in `evidence`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.block import Block
from ingest.snippets.roles import Line
from ingest.snippets.runs import Snippet


def read_items(
    text: str,
    blocks: Sequence[Block],
    items: Sequence[Sequence[tuple[Line, str]]],
    marker: int | None,
    lines: Sequence[Line],
) -> list[Snippet]:
    """Return a snippet for each item, its lines with their roles; `marker` is the index of the marker above, or None.

    Decoration goes to the item it stands above, if it stands above the first one too.
    """
    starts = [item[0][0].index for item in items]
    ends = [item[-1][0].index for item in items]
    leads = starts[0] > 0 and lines[starts[0] - 1].decorates and (marker is not None or _leads_again(lines, starts))
    if marker is not None:
        starts[0] = marker + 1
    elif leads or (starts[0] > 1 and lines[starts[0] - 1].text in _meta_texts(items)):
        starts[0] -= 1
    for number in range(1, len(items)):
        if leads and all(lines[between].decorates for between in range(ends[number - 1] + 1, starts[number])):
            starts[number] = ends[number - 1] + 1
        else:
            ends[number - 1] = starts[number] - 1
    ends[-1] = _end_with_decoration(lines, ends[-1], items, leads)
    return [_snippet(text, blocks, item, start, end) for item, start, end in zip(items, starts, ends, strict=True)]


def _end_with_decoration(
    lines: Sequence[Line], end: int, items: Sequence[Sequence[tuple[Line, str]]], leads: bool
) -> int:
    """Return where the last item ends with the decoration below it, or a meta line left over at the page's end."""
    while end + 1 < len(lines) and lines[end + 1].decorates and not leads:
        end += 1
    if end + 2 == len(lines) and any(meta.startswith(lines[end + 1].text) for meta in _meta_texts(items)):
        end += 1
    return end


def _meta_texts(items: Sequence[Sequence[tuple[Line, str]]]) -> set[str]:
    return {line.text for item in items for line, role in item if role in ("meta", "label")}


def _leads_again(lines: Sequence[Line], starts: Sequence[int]) -> bool:
    return sum(lines[start - 1].decorates for start in starts) * 2 > len(starts)


def _snippet(text: str, blocks: Sequence[Block], item: Sequence[tuple[Line, str]], first: int, last: int) -> Snippet:
    title = summary = ""
    categories: list[str] = []
    dates: list[str] = []
    for line, role in item:
        meta = line.meta
        if role == "title":
            title = line.text
        elif role == "summary":
            summary += (" " if summary else "") + _with_blank(text, blocks[line.index])
        elif role in ("title+meta", "summary+meta") and line.inline:
            meta = line.inline.meta
            if role == "title+meta":
                title, summary = line.inline.fields()
            else:
                summary = line.inline.text
        elif role == "label" or (role in ("meta", "more meta") and meta is None):
            categories.append(line.text)
        if role not in ("title", "summary", "again") and meta:
            categories += [meta.category] if meta.category else []
            dates += [meta.date] if meta.date else []
    return Snippet(first, last, title, summary, " ".join(categories), dates[0] if dates else "")


def _with_blank(text: str, block: Block) -> str:
    """Keep the blank that cutting left at the end of a summary: fields stand as on the page."""
    end = block.end
    while end < len(text) and text[end] in " \t\u3000":
        end += 1
    return text[block.start : end] if end == len(text) or text[end] in "\r\n" else text[block.start : block.end]
