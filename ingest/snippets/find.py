"""Finds the recommendation snippets of a page by their shape.

A recommendation block is a run of items of one grammar, for instance

    title            a short line without an end mark
    summary          one line, usually cut in mid-sentence at about 200 characters; sometimes missing
    meta line        a category and a date, the same for the whole block on most sites; sometimes counts or a source
    title again      on some sites

with the meta line in another place, beside the title, or missing; or nothing but titles. `roles` says what each line
could be, `alignment` which runs of items explain a stretch of lines best, `evidence` how sure a run is. A marker line
(相关推荐) is evidence and never the criterion: cutting at a marker fails on most variants (docs/cleaning.md). Here the
page is parted into stretches, and what was found is put together; what the article is, is decided in `clean`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.block import Block
from ingest.snippets.alignment import best_parse
from ingest.snippets.evidence import STRANGE_SHARE, Surroundings, weigh
from ingest.snippets.items import read_items
from ingest.snippets.meta_lines import hints_at_more
from ingest.snippets.roles import MAX_LINE_CHARS, MAX_SUMMARY_CHARS, Line, read_roles
from ingest.snippets.runs import Run, Snippet
from ingest.snippets.stretches import Stretch, part
from ingest.snippets.titles import titles_at_end, titles_below

__all__ = ["MIN_CONFIDENCE", "Run", "Snippet", "find_runs"]

# A run must be this strong to be removed; measured on the variants in tests/test_snippets.py.
MIN_CONFIDENCE = 0.6
# The longest pages of articles have some thousand lines; of a longer one only so many at its end are read, where blocks
# stand, so that no page takes minutes.
_MAX_BLOCKS = 20_000
# A run that has the shape of recommendations and little else besides is not worth a word.
MIN_WORTH_SAYING = 0.35
# How many lines of an item may stand between two lines that betray one.
_MAX_GAP = 5
# How many lines of an item may stand before the first and behind the last line that betrays one.
_BEFORE, _BEHIND = 3, 4
# What is left of a stretch beside a run is looked at again, this often and up to this many lines: enough for a
# chronicle above a block, and bounded.
_MAX_DEPTH, _MAX_AGAIN = 2, 400
# An article of fewer bigrams has no vocabulary to tell strange titles by.
_MIN_GRAMS = 40
# A line above a run: as long as a marker may be; so sure must the run be, so long the paragraph that ends the article.
_MAX_NEW_MARKER, _SURE, _MIN_PARAGRAPH = 20, 0.8, 12
# Who signs a notice stands below its last paragraph too.
_SIGNS = re.compile(
    r"[局厅部委院会府站所处科社司团校行]$|中心$|办公室|小组$|公司|医院|法院|银行|联系|电话|地址|附件|完$"
)
# A title with a cut summary of so many characters below as many whole items continues them, unless it speaks like the
# article: so much of it in the article's words.
_MIN_BEFORE_CUT, _MIN_CUT_SUMMARY, _FAMILIAR_SHARE = 2, 40, 0.6
# With more runs than this, no page of one article, a run is weighed once.
_MAX_WEIGHED_TWICE = 8


def find_runs(text: str, blocks: Sequence[Block]) -> tuple[Run, ...]:
    """Return the runs of snippets among `blocks`, in page order, also those too weak to remove (see `confidence`)."""
    if (above := len(blocks) - _MAX_BLOCKS) > 0:
        return tuple(_moved(run, above) for run in find_runs(text, blocks[above:]))
    lines = read_roles(text, blocks)
    is_open = bool(blocks) and blocks[-1].kind == "line" and "\n" not in text[blocks[-1].end :]
    found = [piece for stretch in part(lines, is_open=is_open) for piece in _found_in(stretch)]
    runs = _weigh_all(text, blocks, lines, found, found)
    sure = [piece for piece, run in zip(found, runs, strict=True) if run and run.confidence >= MIN_CONFIDENCE]
    if len(sure) < len(found) <= _MAX_WEIGHED_TWICE:
        # What is too weak to go is part of the article, and the others are weighed against that.
        runs = [_weigh_all(text, blocks, lines, [piece], [*sure, piece])[0] for piece in found]
    return tuple(_with_new_markers(lines, [run for run in runs if run and run.confidence >= MIN_WORTH_SAYING]))


def _moved(run: Run, by: int) -> Run:
    snippets = tuple(replace(item, first=item.first + by, last=item.last + by) for item in run.snippets)
    return replace(run, snippets=snippets, marker=None if run.marker is None else run.marker + by)


def _weigh_all(
    text: str, blocks: Sequence[Block], lines: Sequence[Line], found: Sequence[_Piece], taken: Sequence[_Piece]
) -> list[Run | None]:
    """Return the run that each piece is, or None, against a page of which `taken` is no part."""
    indices = frozenset(index for piece in taken for index in range(piece.first, piece.last + 1))
    around = Surroundings(lines, indices)
    return [_weighed(text, blocks, piece, around) for piece in found]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run as it was found: its grammar, its items as lines with their roles, where it stands."""

    grammar: str
    items: tuple[tuple[tuple[Line, str], ...], ...]
    stretch: Stretch
    is_cut: bool

    @property
    def first(self) -> int:
        return self.items[0][0][0].index

    @property
    def last(self) -> int:
        return self.items[-1][-1][0].index

    @property
    def marker(self) -> int | None:
        return self.stretch.marker if self.items[0][0][0] is self.stretch.lines[0] else None


def _found_in(stretch: Stretch) -> list[_Piece]:
    pieces: list[_Piece] = []
    for first, last in _windows(stretch):
        pieces += _parsed(stretch, first, last, _MAX_DEPTH)
    taken = {line.index for piece in pieces for item in piece.items for line, _ in item}
    if stretch.lines[0].index not in taken and (listed := titles_below(stretch, _free_head(stretch, taken))):
        pieces.insert(0, _Piece("title", tuple(((line, "title"),) for line in listed), stretch, False))
    elif stretch.lines[-1].index not in taken and (listed := titles_at_end(stretch, _free_tail(stretch, taken))):
        pieces.append(_Piece("title", tuple(((line, "title"),) for line in listed), stretch, False))
    return pieces


def _free_head(stretch: Stretch, taken: set[int]) -> Sequence[Line]:
    end = next((number for number, line in enumerate(stretch.lines) if line.index in taken), len(stretch.lines))
    return stretch.lines[:end]


def _free_tail(stretch: Stretch, taken: set[int]) -> Sequence[Line]:
    numbers = range(len(stretch.lines) - 1, -1, -1)
    start = next((number + 1 for number in numbers if stretch.lines[number].index in taken), 0)
    return stretch.lines[start:]


def _windows(stretch: Stretch) -> Iterator[tuple[int, int]]:
    """Yield `[first, last]` of the parts of a stretch in which lines stand that betray items, near one another."""
    lines = stretch.lines
    first = previous = -1
    for number, line in enumerate(lines):
        if len(line.text) > MAX_LINE_CHARS or not _betrays(line, stretch):
            continue
        if first >= 0 and number - previous > _MAX_GAP:
            yield max(0, first - _BEFORE), min(len(lines) - 1, previous + _BEHIND)
            first = -1
        if first < 0:
            first = number
        previous = number
    if first >= 0:
        yield max(0, first - _BEFORE), min(len(lines) - 1, previous + _BEHIND)


def _betrays(line: Line, stretch: Stretch) -> bool:
    if line.meta or line.cut or line.inline:
        return True
    return stretch.marker_strength == 2 and line.ends_full and len(line.text) <= MAX_SUMMARY_CHARS


def _parsed(stretch: Stretch, first: int, last: int, depth: int) -> list[_Piece]:
    lines = stretch.lines[first : last + 1]
    parse = best_parse(
        lines,
        starts_below_marker=first == 0 and stretch.marker_strength > 0,
        ends_page=stretch.is_last and last + 1 == len(stretch.lines),
        is_open=stretch.is_open and last + 1 == len(stretch.lines),
    )
    if parse is None:
        return []
    pieces: list[_Piece] = []
    free = first
    for number, run in enumerate(parse.runs):
        items = tuple(tuple((lines[at], role) for at, role in item.roles) for item in run)
        top, bottom = first + run[0].roles[0][0], first + run[-1].roles[-1][0]
        pieces += _again(stretch, free, top - 1, depth)
        is_cut = parse.is_cut and number + 1 == len(parse.runs)
        pieces.append(_Piece(parse.grammar, items, stretch, is_cut))
        free = bottom + 1
    return pieces + _again(stretch, free, last, depth)


def _again(stretch: Stretch, first: int, last: int, depth: int) -> list[_Piece]:
    """Look at what is left beside a run: another grammar, other dates."""
    if depth == 0 or not 3 <= last - first + 1 <= _MAX_AGAIN:
        return []
    if sum(line.meta is not None for line in stretch.lines[first : last + 1]) < 2:
        return []
    return _parsed(stretch, first, last, depth - 1)


def _weighed(text: str, blocks: Sequence[Block], piece: _Piece, around: Surroundings) -> Run | None:
    items = piece.items
    if piece.is_cut and _is_of_the_article(items[-1], piece, around):
        items = items[:-1]
    if not items or (len(items) == 1 and not _may_stand_alone(piece)):
        return None
    snippets = read_items(text, blocks, items, piece.marker, around.lines)
    verdict = weigh(
        snippets,
        grammar=piece.grammar,
        marker_strength=piece.stretch.marker_strength if piece.marker is not None else 0,
        ends_page=piece.stretch.ends_page and snippets[-1].last >= piece.stretch.lines[-1].index - 2,
        follows_furniture=piece.stretch.below_furniture and items[0][0][0] is piece.stretch.lines[0],
        is_live=sum(any(_is_live(line, role) for line, role in item) for item in items) * 2 >= len(items),
        is_ranked=_are_ranked(around.lines, [item[0][0].index for item in items]),
        is_linked=sum(item[0][0].link_share >= 0.8 for item in items) >= 0.8 * len(items),
        around=around,
    )
    return Run(tuple(snippets), piece.marker, verdict.confidence, verdict.evidence, verdict.has_cut_summaries)


def _may_stand_alone(piece: _Piece) -> bool:
    """Say whether one item is worth weighing: below a marker or where the page ends, with a summary and a meta line."""
    roles = {role for _, role in piece.items[0]}
    whole = "summary" in roles and ("meta" in roles or piece.marker is not None)
    return whole and (piece.marker is not None or piece.stretch.ends_page)


def _are_ranked(lines: Sequence[Line], starts: Sequence[int]) -> bool:
    above = [lines[start - 1] for start in starts if start > 0]
    ranks = {line.text for line in above if line.decorates and any(map(str.isnumeric, line.text))}
    return len(ranks) >= 0.7 * len(starts)


def _is_live(line: Line, role: str) -> bool:
    meta = line.inline.meta if line.inline and "+" in role else line.meta
    return meta is not None and meta.is_live


def _is_of_the_article(item: Sequence[tuple[Line, str]], piece: _Piece, around: Surroundings) -> bool:
    """Say whether what looks like an item that the page's end cuts may as well be the last lines of the article."""
    last = item[-1][0]
    if not last.cut and (not piece.stretch.is_open or last.ends_full):
        return True
    if len(around.article_grams()) < _MIN_GRAMS:
        return True  # nothing else on the page is the article
    words = " ".join(line.text for line, _ in item)
    if len(item) > 1 and len(piece.items) > _MIN_BEFORE_CUT and len(last.text) >= _MIN_CUT_SUMMARY:
        return around.overlap(words) >= _FAMILIAR_SHARE
    return sum(map(str.isdigit, words)) >= 5 or around.overlap(words) >= STRANGE_SHARE


def _with_new_markers(lines: Sequence[Line], runs: Sequence[Run]) -> Iterator[Run]:
    """Add the marker that nobody knew: a short line above a sure run that speaks as markers do, or ends no sentence
    although the article above it is at its end."""
    taken = {index for run in runs for item in run.snippets for index in range(item.first, item.last + 1)}
    for run in runs:
        above = run.snippets[0].first - 1
        if (
            run.marker is None
            and run.confidence >= MIN_CONFIDENCE
            and above > 0
            and above not in taken
            and _may_announce(lines[above])
            and (hints_at_more(lines[above].text) or _announces(lines, above, run))
        ):
            run = replace(run, marker=above)
        yield run


def _may_announce(line: Line) -> bool:
    return len(line.text) <= _MAX_NEW_MARKER and not line.ends_full and not line.label and line.meta is None


def _announces(lines: Sequence[Line], above: int, run: Run) -> bool:
    """Say whether a line that no list of words knows heads nothing but the run: the article ends above it."""
    return (
        run.confidence >= _SURE
        and len(run.snippets) >= 2
        and lines[above].text.isalpha()
        and _SIGNS.search(lines[above].text) is None
        and (lines[above - 1].parts or (lines[above - 1].ends_full and len(lines[above - 1].text) >= _MIN_PARAGRAPH))
    )
