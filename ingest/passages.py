"""Splits an article into passages: what is embedded, ranked and cited.

A passage is a verbatim slice of the page: a heading with what stands under it. Sections that fit stay whole; larger
ones are split under their sub-headings, then between blocks, then between sentences; what is too short to say something
joins its neighbour. A sentence is never cut, a lead-in ("如下：") stays with the first item it announces.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from ingest.block import Block
from ingest.clean import Article
from ingest.sentences import sentence_spans

MIN_CHARS = 80
MAX_CHARS = 400
HARD_MAX_CHARS = 600  # only one sentence or table row may be longer


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
    stretches = _merge_short(blocks, _split_sections(blocks, article))
    heading_starts = {blocks[heading.index].start for heading in article.headings}
    spans: list[tuple[int, int, tuple[str, ...]]] = []
    for stretch in stretches:
        for start, end in _split_kept(text, article, blocks[stretch.first : stretch.last + 1], heading_starts, fits):
            spans.append((start, end, stretch.path))
    seen: dict[str, int] = {}
    passages = []
    for start, end, path in spans:
        slice_ = text[start:end]
        digest = hashlib.sha256("\x1f".join((*path, slice_)).encode("utf-8", "surrogatepass")).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        suffix = "" if seen[digest] == 1 else f"-{seen[digest]}"
        passages.append(Passage(f"{article.id}.{digest}{suffix}", article.id, path, start, end, slice_))
    return tuple(passages)


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
    """Join stretches under `MIN_CHARS` with the neighbour under the same parent, if both fit."""
    merged: list[_Stretch] = []
    for stretch in stretches:
        previous = merged[-1] if merged else None
        if previous is not None:
            short = min(_length(blocks, previous.first, previous.last), _length(blocks, stretch.first, stretch.last))
            together = _length(blocks, previous.first, stretch.last)
            siblings = previous.path[:-1] == stretch.path[:-1] or not previous.path
            if short < MIN_CHARS and together <= MAX_CHARS and siblings:
                merged[-1] = _Stretch(previous.first, stretch.last, _merged_path(blocks, previous, stretch))
                continue
        merged.append(stretch)
    return merged


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
    heading_starts: Set[int],
    fits: Callable[[str], bool] | None,
) -> list[tuple[int, int]]:
    """Cut a stretch where a removal interrupts it, then between blocks, then between sentences."""
    units: list[tuple[int, int, bool]] = []  # start, end, may a passage end behind it
    for block in blocks:
        sentences = (
            sentence_spans(text, block.start, block.end)
            if block.end - block.start > MAX_CHARS or (fits and not fits(text[block.start : block.end]))
            else [(block.start, block.end)]
        )
        for start, end in sentences:
            units.append((start, end, text[end - 1] not in ":：" and block.start not in heading_starts))
    spans: list[tuple[int, int]] = []
    start = end = -1
    may_end = True
    for left, right, ends in units:
        interrupted = start >= 0 and not article.keeps(start, right)
        long = start >= 0 and (
            (right - start > MAX_CHARS and may_end and end - start >= MIN_CHARS)
            or right - start > HARD_MAX_CHARS
            or (fits is not None and not fits(text[start:right]))
        )
        if interrupted or long:
            spans.append((start, end))
            start = -1
        if start < 0:
            start = left
        end, may_end = right, ends
    spans.append((start, end))
    return _rejoin_tail(text, article, spans, fits)


def _rejoin_tail(
    text: str, article: Article, spans: list[tuple[int, int]], fits: Callable[[str], bool] | None
) -> list[tuple[int, int]]:
    """Give a last piece that is too short to stand alone back to the one before it, within the hard limit."""
    if len(spans) >= 2 and spans[-1][1] - spans[-1][0] < MIN_CHARS:
        start, end = spans[-2][0], spans[-1][1]
        if end - start <= HARD_MAX_CHARS and article.keeps(start, end) and (fits is None or fits(text[start:end])):
            return [*spans[:-2], (start, end)]
    return spans
