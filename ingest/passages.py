"""Splits an article into passages: what is embedded, ranked and cited.

A passage is a verbatim slice of the page: a heading with what stands under it. Sections that fit stay whole; larger
ones are split under their sub-headings, then between blocks, then between sentences; what is too short to say something
joins its neighbour. A sentence and a row of a table are never cut, a lead-in ("如下：") stays with the first item it
announces, and a line that was broken for its width stays with the next one where the bounds allow. Rows that part from
the first row of their table take the names of the columns into their heading path.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from ingest.block import Block
from ingest.clean import Article
from ingest.headings import is_item
from ingest.rows import Row, find_rows
from ingest.sentences import sentence_spans

MIN_CHARS = 80
MAX_CHARS = 400
HARD_MAX_CHARS = 600  # only one sentence or table row may be longer
# A line of a dump that stops in mid-sentence was broken for its width; shorter ones are lists and addresses.
MIN_BROKEN_LINE_CHARS = 20

_STOPS = re.compile(r"[。！？!?；;：:…”’」』）)\]】》]$")
_GOES_ON = re.compile(r"[，,、：:]$")


@dataclass(frozen=True, slots=True)
class Passage:
    """A citable stretch of an article: `text == page.text[start:end]`, offsets in characters.

    `id` depends on the article's id, the heading path and the text, not on its position, so that it survives edits
    elsewhere in the article.
    """

    id: str
    article_id: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Consecutive body blocks `[first, last]` under one heading path."""

    first: int
    last: int
    path: tuple[str, ...]


def split_passages(text: str, article: Article, *, fits: Callable[[str], bool] | None = None) -> tuple[Passage, ...]:
    """Return the passages of `article` in page order; together they cover every body block.

    `fits` says whether the embedder reads a text in one go; passages it does not read whole are split further, down to
    single sentences.
    """
    blocks = article.body
    if not blocks:
        return ()
    rows = find_rows(text, blocks)
    starts = [block.start for block in blocks]
    headings = {heading.index for heading in article.headings}
    spans: list[tuple[int, int, tuple[str, ...]]] = []
    for stretch in _merge_short(blocks, _split_sections(blocks, article)):
        for start, end in _split_kept(text, article, blocks, stretch, headings, rows, fits):
            row = rows.get(bisect_right(starts, start) - 1)
            names = row is not None and row.header and starts[row.first] < start
            spans.append((start, end, (*stretch.path, " · ".join(row.header)) if row and names else stretch.path))
    slices = [text[start:end] for start, end, _ in spans]
    ids = passage_ids(article.id, zip((path for *_, path in spans), slices, strict=True))
    return tuple(
        Passage(id_, article.id, path, start, end, slice_)
        for id_, (start, end, path), slice_ in zip(ids, spans, slices, strict=True)
    )


def passage_ids(article_id: str, passages: Iterable[tuple[Sequence[str], str]]) -> Iterator[str]:
    """Yield the ids of the passages of an article, given in page order as heading path and text.

    An id ends in eight hexadecimal digits of the hash of both, so it proves them; those that are equal are numbered.
    """
    seen: dict[str, int] = {}
    for path, text in passages:
        digest = hashlib.sha256("\x1f".join((*path, text)).encode("utf-8", "surrogatepass")).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        suffix = "" if seen[digest] == 1 else f"-{seen[digest]}"
        yield f"{article_id}.{digest}{suffix}"


def _length(blocks: Sequence[Block], first: int, last: int) -> int:
    return blocks[last].end - blocks[first].start


def _split_sections(blocks: Sequence[Block], article: Article) -> list[_Stretch]:
    """Cut at headings from the highest level down until every piece fits or has no sub-heading left."""
    starts = {heading.index: heading.level for heading in article.headings}

    def cut(first: int, last: int, path: tuple[str, ...], above: int) -> list[_Stretch]:
        inside = [index for index in range(first, last + 1) if index in starts and starts[index] > above]
        if (_length(blocks, first, last) <= MAX_CHARS and len(path) > 0) or not inside:
            return [_Stretch(first, last, path)]
        level = min(starts[index] for index in inside)
        borders = [index for index in inside if starts[index] == level]
        pieces: list[_Stretch] = []
        if borders[0] > first:
            pieces.append(_Stretch(first, borders[0] - 1, path))
        for border, following in zip(borders, [*borders[1:], last + 1], strict=True):
            pieces += cut(border, following - 1, (*path, article.heading_texts[border]), level)
        return _join_bare_heading(pieces, starts)

    return cut(0, len(blocks) - 1, (), 0)


def _join_bare_heading(pieces: list[_Stretch], starts: dict[int, int]) -> list[_Stretch]:
    """Give a heading that stands alone to the piece under it."""
    joined: list[_Stretch] = []
    for piece in pieces:
        above = joined[-1] if joined else None
        if above and above.first == above.last and above.first in starts:
            joined[-1] = _Stretch(above.first, piece.last, piece.path)
        else:
            joined.append(piece)
    return joined


def _merge_short(blocks: Sequence[Block], stretches: list[_Stretch]) -> list[_Stretch]:
    """Join stretches under `MIN_CHARS` with a neighbour under the same parent, if both fit; at last within the hard
    limit.
    """
    for limit in (MAX_CHARS, HARD_MAX_CHARS):
        merged: list[_Stretch] = []
        for stretch in stretches:
            previous = merged[-1] if merged else None
            if previous is not None:
                sizes = [_length(blocks, piece.first, piece.last) for piece in (previous, stretch)]
                together = _length(blocks, previous.first, stretch.last)
                siblings = previous.path[:-1] == stretch.path[:-1] or not previous.path
                if min(sizes) < MIN_CHARS and together <= limit and siblings:
                    merged[-1] = _Stretch(previous.first, stretch.last, _merged_path(blocks, previous, stretch))
                    continue
            merged.append(stretch)
        stretches = merged
    return stretches


def _merged_path(blocks: Sequence[Block], left: _Stretch, right: _Stretch) -> tuple[str, ...]:
    """Return the heading path of two joined stretches: the common one; a mere lead-in takes the other's."""
    if not left.path and _length(blocks, left.first, left.last) < MIN_CHARS:
        return right.path
    common = []
    for ours, theirs in zip(left.path, right.path, strict=False):
        if ours != theirs:
            break
        common.append(ours)
    return tuple(common)


def _split_kept(
    text: str,
    article: Article,
    blocks: Sequence[Block],
    stretch: _Stretch,
    headings: Set[int],
    rows: Mapping[int, Row],
    fits: Callable[[str], bool] | None,
) -> list[tuple[int, int]]:
    """Cut a stretch where a removal interrupts it, then between blocks, then between sentences."""
    units = [
        unit
        for index in range(stretch.first, stretch.last + 1)
        for unit in _units(text, blocks, index, headings, rows, fits)
    ]
    spans: list[tuple[int, int]] = []
    piece: list[_Unit] = []
    for unit in units:
        if piece:
            start, right = piece[0].start, unit.end
            size = piece[-1].end - start
            if not article.keeps(start, right):
                spans.append((start, piece[-1].end))
                piece = []
            elif _leads_into_long(piece, unit) and (fits is None or fits(text[start:right])):
                pass  # a heading, a lead-in or the names of columns never stand alone
            elif not _is_read_whole(text, start, right, fits):
                rest = _behind_last_end(piece)
                spans.append((start, piece[len(piece) - len(rest) - 1].end))
                piece = rest
                if piece and not _is_read_whole(text, piece[0].start, right, fits):
                    spans.append((piece[0].start, piece[-1].end))
                    piece = []
            elif right - start > MAX_CHARS and piece[-1].may_end and size >= MIN_CHARS:
                spans.append((start, piece[-1].end))
                piece = []
        piece.append(unit)
    spans.append((piece[0].start, piece[-1].end))
    return _rejoin_tail(text, article, spans, fits)


def _is_read_whole(text: str, start: int, end: int, fits: Callable[[str], bool] | None) -> bool:
    return end - start <= HARD_MAX_CHARS and (fits is None or fits(text[start:end]))


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut, `[start, end)`, and whether a passage may end behind it while it is within its bounds."""

    start: int
    end: int
    may_end: bool


def _units(
    text: str,
    blocks: Sequence[Block],
    index: int,
    headings: Set[int],
    rows: Mapping[int, Row],
    fits: Callable[[str], bool] | None,
) -> list[_Unit]:
    block = blocks[index]
    is_long = block.end - block.start > MAX_CHARS and index not in rows
    is_read = fits is None or fits(text[block.start : block.end])
    spans = [(block.start, block.end)]
    if is_long or not is_read:
        spans = sentence_spans(text, block.start, block.end)
    is_header = index in rows and rows[index].first == index and bool(rows[index].header)
    holds_on = index in headings or is_header or _goes_on(text, blocks, index, headings)
    return [
        _Unit(start, end, not _GOES_ON.search(text, max(start, end - 1), end) and (end < spans[-1][1] or not holds_on))
        for start, end in spans
    ]


def _goes_on(text: str, blocks: Sequence[Block], index: int, headings: Set[int]) -> bool:
    """Say whether the next line of a dump goes on with the sentence of this one, which was broken for its width."""
    block = blocks[index]
    if block.kind != "line" or index + 1 == len(blocks) or index + 1 in headings:
        return False
    if block.end - block.start < MIN_BROKEN_LINE_CHARS or _STOPS.search(text, block.end - 1, block.end):
        return False
    below = blocks[index + 1]
    # An empty line between them parts paragraphs.
    return text.count("\n", block.end, below.start) <= 1 and not is_item(text[below.start : below.end])


def _leads_into_long(piece: Sequence[_Unit], unit: _Unit) -> bool:
    return unit.end - unit.start > HARD_MAX_CHARS and not any(member.may_end for member in piece)


def _behind_last_end(piece: Sequence[_Unit]) -> list[_Unit]:
    """Return the units behind the last one that a passage may end with; none if no such cut leaves enough."""
    for place in range(len(piece) - 2, -1, -1):
        if piece[place].may_end and piece[place].end - piece[0].start >= MIN_CHARS:
            return list(piece[place + 1 :]) if not piece[-1].may_end else []
    return []


def _rejoin_tail(
    text: str, article: Article, spans: list[tuple[int, int]], fits: Callable[[str], bool] | None
) -> list[tuple[int, int]]:
    """Give a last piece that is too short to stand alone back to the one before it, within the hard limit."""
    if len(spans) >= 2 and spans[-1][1] - spans[-1][0] < MIN_CHARS:
        start, end = spans[-2][0], spans[-1][1]
        if article.keeps(start, end) and _is_read_whole(text, start, end, fits):
            return [*spans[:-2], (start, end)]
    return spans
