"""The pieces of an article that may stand alone on a desk card: items and short lines whole, long ones by the sentence.

What only makes sense with something before it keeps it: a sentence that begins with 其中 is one piece with the sentence
it refers to, an item knows the lead-in that announces it, a row of a table the row that names its columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from index.answering.candidates import path_at
from index.answering.compose import REFERS
from index.answering.slots import is_remark
from ingest.block import Block
from ingest.headings import is_item
from ingest.rows import find_rows
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

Kind = Literal["heading", "lead", "item", "row", "line"]
# An item or a line up to this is taken whole, a choice: two lines of the card on a wide screen, four on a phone. An
# item has its number, so it may be longer before it is cut.
MAX_ITEM_CHARS = 160
MAX_LINE_CHARS = 90
_LEAD_IN = re.compile(r"[:：]$")
# 可以分成几点来看： and 流程如下： announce and say no condition.
_ONLY_ANNOUNCES = re.compile(r"(?:几点|如下|方式|步骤|流程|来看|来说|说明|办法|分别|理解)[^，。；]{0,6}[:：]$")
_LINE = re.compile(r"[^\r\n\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """`[start, end)` of the page's text, under the headings `path`; `lead` announces it, where something does."""

    passage_id: str
    start: int
    end: int
    text: str
    path: tuple[str, ...]
    kind: Kind
    lead: Piece | None = None


def read_pieces(kb: KnowledgeBase, article_id: str, text: str) -> tuple[Piece, ...]:
    """Return the pieces of an article in page order, headings among them; `text` is the text of its page."""
    outline = kb.outline(article_id)
    headings = {section["start"] for section in outline.sections}
    passages = kb.records.query(
        'SELECT id, start, "end" FROM passages WHERE article_id = ? ORDER BY start', (article_id,)
    )
    lines = [
        Piece(passage["id"], start, end, text[start:end], path_at(outline.sections, start), "line")
        for passage in passages
        for start, end in _lines(text, passage["start"], passage["end"])
        if not any(left < end and start < right for left, right in outline.chatter)
    ]
    return tuple(_cut(text, list(_announced(text, lines, headings))))


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _LINE.finditer(text, start, end):
        body = match.group().strip()
        if body:
            left = match.start() + match.group().index(body)
            yield left, left + len(body)


def _announced(text: str, lines: Sequence[Piece], headings: set[int]) -> Iterator[Piece]:
    """Yield the lines with their kinds, items and rows with what announces them."""
    rows = find_rows(text, [Block(line.start, line.end, "line") for line in lines])
    lead: Piece | None = None
    for index, line in enumerate(lines):
        row = rows.get(index)
        if line.start in headings:
            lead = None
            yield replace(line, kind="heading")
        elif row is not None:
            names = lines[row.first] if row.header and row.first != index else None
            yield replace(line, kind="lead" if row.header and names is None else "row", lead=names)
        elif _LEAD_IN.search(line.text):
            start, end = sentence_spans(text, line.start, line.end)[-1]
            told = replace(line, start=start, end=end, text=text[start:end], kind="lead")
            lead = None if _ONLY_ANNOUNCES.search(told.text) else told
            yield told
        elif is_item(line.text):
            yield replace(line, kind="item", lead=lead if lead and lead.path == line.path else None)
        else:
            lead = None
            yield line


def _cut(text: str, lines: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the lines, as their sentences those that are too long for a card or hold a remark, which none shows."""
    for line in lines:
        limit = MAX_ITEM_CHARS if line.kind == "item" else MAX_LINE_CHARS
        if line.kind not in ("item", "line") or (line.end - line.start <= limit and not is_remark(line.text)):
            yield line
            continue
        spans: list[tuple[int, int]] = []
        for start, end in sentence_spans(text, line.start, line.end):
            if spans and REFERS.search(text, start, end):
                start = spans.pop()[0]
            spans.append((start, end))
        for start, end in spans:
            yield replace(line, start=start, end=end, text=text[start:end])
