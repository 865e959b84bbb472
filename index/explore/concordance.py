"""A concordance (key word in context): every place of a phrase or a pattern, with what stands left and right of it.

Chinese needs no words for it: a place is a place of characters, found in the search form of the text (width, case,
traditional characters do not matter) and shown as its page has it. What is counted is exact and of all places; only the
lines that are asked for are read. Orders and clusters are those of AntConc and Sketch Engine, in characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from index.catalogue import facts_of
from index.explore.context_order import Neighbour, Side, neighbours, ordered
from index.explore.independent import Sources, sources_of
from index.explore.occurrences import find_pattern, find_phrase
from index.explore.pattern import MAX_CHARS, PatternError, read_pattern
from index.explore.text import SEPARATOR
from index.filters import Filters, allowed_articles
from index.ngrams import fold
from index.references import BATCH

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

# In the order of the build, by what stands left, by what stands right.
Order = Literal["page", "left", "right"]
ORDERS: tuple[Order, ...] = get_args(Order)
WIDTH, MAX_WIDTH = 20, 100
# What `kb.kwic` reads if nothing else is said: 676,567 lines of 的 would take a minute.
LIMIT = 1_000
# Neighbours of each side, as many as stand beside a page of lines.
_NEIGHBOURS = 12

_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Line:
    """One place: `match` is `[start, end)` of the text of the page `path`, verbatim, as are `left` and `right` of it.

    `left` and `right` end where the passage ends. `number` counts from 1 in the order asked for, `regions` are the
    places of the article, `as_of` is its date.
    """

    number: int
    row: int
    passage_id: str
    article_id: str
    title: str
    path: str
    left: str
    match: str
    right: str
    start: int
    end: int
    as_of: str | None
    regions: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the line under the names of the command contract."""
        return {name: value for name, value in asdict(self).items() if name != "row"}


@dataclass(frozen=True, slots=True)
class Concordance(Sequence[Line]):
    """Lines of a concordance, and what is true of all `matches`: where they stand and what stands beside them."""

    build: str
    pattern: str
    regex: bool
    sort: Order
    where: Filters
    matches: int
    sources: Sources
    before: tuple[Neighbour, ...]
    after: tuple[Neighbour, ...]
    lines: tuple[Line, ...]

    @property
    def passages(self) -> int:
        """How many passages have a match."""
        return self.sources.passages

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, index: Any) -> Any:
        return self.lines[index]

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __repr__(self) -> str:
        shown = "" if len(self.lines) == self.matches else f", {len(self.lines)} lines"
        return f"Concordance({self.pattern!r}, {self.matches} matches in {self.passages} passages{shown})"

    def as_dict(self) -> dict[str, Any]:
        """Return all of it under the names of the command contract."""
        return {
            "build": self.build,
            "pattern": self.pattern,
            "regex": self.regex,
            "sort": self.sort,
            "filters": self.where.as_dict(),
            "matches": self.matches,
            "sources": self.sources.as_dict(),
            "before": [asdict(neighbour) for neighbour in self.before],
            "after": [asdict(neighbour) for neighbour in self.after],
            "lines": [line.as_dict() for line in self.lines],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a line, with the build in every row."""
        import pandas as pd

        columns = [name for name in Line.__slots__ if name != "row"]
        frame = pd.DataFrame([line.as_dict() for line in self.lines], columns=columns)
        frame.insert(0, "build", self.build)
        return frame


def concordance(
    kb: KnowledgeBase,
    pattern: str,
    *,
    regex: bool = False,
    width: int = WIDTH,
    sort: Order = "page",
    where: Filters | None = None,
    limit: int | None = LIMIT,
    offset: int = 0,
) -> Concordance:
    """Return the places of a phrase, or of a regular expression of Python's `re`, in the passages that `where` allows.

    Both are folded like the text; a sign of full width in an expression means itself. Matches do not overlap, none is
    empty, none crosses two passages, and `^` and `$` are the ends of a passage. A phrase is found as it is: spaces
    count. `width` characters stand on each side. `limit` lines from `offset` on are read, None for all; what is counted
    is of all. Order: as the pages stand in the build, or by the characters left or right of the match, the nearest
    first (`context_order`), those alike as in the build. Raises PatternError, PatternTooSlow, NotPrepared.
    """
    typed = pattern if regex else pattern.strip()
    if not typed or len(typed) > MAX_CHARS:
        raise PatternError(typed[:MAX_CHARS], MAX_CHARS, "length")
    where = where or Filters()
    letters, text = kb.letters, kb.letters.text
    allowed = allowed_articles(kb.catalogue, where)[kb.article_of] if where else None
    if regex:
        starts, ends = find_pattern(letters, read_pattern(typed), allowed)
    else:
        starts, ends = find_phrase(letters, fold(typed))
    rows = text.rows_of(starts)
    if allowed is not None and not regex:
        keep = allowed[rows]
        starts, ends, rows = starts[keep], ends[keep], rows[keep]
    left = Side(letters.codes, starts - 1, -1, starts - text.starts[rows])
    right = Side(letters.codes, ends, 1, text.starts[rows + 1] - len(SEPARATOR) - ends)
    if sort == "page":
        wanted = np.arange(len(starts))[offset : None if limit is None else offset + limit]
    else:
        wanted = ordered(left if sort == "left" else right, offset, limit)
    return Concordance(
        kb.build,
        typed,
        regex,
        sort,
        where,
        len(starts),
        sources_of(kb, rows),
        neighbours(left, _NEIGHBOURS),
        neighbours(right, _NEIGHBOURS),
        tuple(
            _lines(kb, rows[wanted], starts[wanted] - text.starts[rows[wanted]], (ends - starts)[wanted], width, offset)
        ),
    )


def _lines(
    kb: KnowledgeBase, rows: _Places, starts: _Places, lengths: _Places, width: int, offset: int
) -> Iterator[Line]:
    """Yield the lines of matches: their passages, where in these they start, how long they are."""
    places = list(zip(rows.tolist(), starts.tolist(), lengths.tolist(), strict=True))
    for first in range(0, len(places), BATCH):
        part = places[first : first + BATCH]
        passages = kb.records.passages({row for row, *_ in part})
        about = facts_of(kb.records, (passage["article_id"] for passage in passages.values()))
        for number, (row, start, length) in enumerate(part, start=offset + first + 1):
            passage, end = passages[row], start + length
            yield Line(
                number,
                row,
                passage["id"],
                passage["article_id"],
                passage["title"],
                passage["path"],
                passage["text"][max(0, start - width) : start],
                passage["text"][start:end],
                passage["text"][end : end + width],
                passage["start"] + start,
                passage["start"] + end,
                passage["as_of"],
                about[passage["article_id"]].regions,
            )
