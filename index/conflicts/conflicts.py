"""Which matters the sources of a sub-corpus give different numbers for, the surest first, each verbatim.

A group is shown while two of its statements in the sub-corpus contradict each other. That they are for different places
or years is told, not hidden. Nothing here says which number is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.conflicts.groups import COLUMNS, DIFFERENCES, Difference, Group, read_group, read_said, rows_of
from index.conflicts.matters import KINDS, kind_of
from index.explore.places import find
from index.filters import Filters, allowed_articles
from index.ngrams import fold

if TYPE_CHECKING:
    import pandas as pd

    from index.explore.statements import Grouped
    from index.kb import KnowledgeBase

# What a group's rank is made of: how surely it is one matter, how far apart its values are, how many say either. A
# choice by looking at the first pages of three collections; a matter that is sure by its name counts as this alike.
_ALIKE, _APART, _SUPPORT, _SURE = 0.5, 0.25, 0.25, 0.7
# Three times as much is as far apart as it matters; nine statements on the weaker side as well supported.
_FAR, _MANY = np.log(3), np.log(10)


@dataclass(frozen=True, slots=True)
class Conflicts(Sequence[Group]):
    """The groups of a sub-corpus, the surest first; each is read when it is asked for."""

    build: str
    filters: Filters
    matter: str | None
    kind: str | None
    _kb: KnowledgeBase | None = field(repr=False)
    _groups: tuple[int, ...] = field(repr=False)
    _differences: tuple[Difference, ...] = field(repr=False)
    _scores: tuple[float, ...] = field(repr=False)
    _alive: NDArray[np.bool_] = field(repr=False)

    def read_from(self, kb: KnowledgeBase | None) -> Conflicts:
        """Return the same groups, read from another opening of the build; None holds none open (and reads nothing)."""
        return replace(self, _kb=kb)

    def __len__(self) -> int:
        return len(self._groups)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._read(range(*index.indices(len(self))))
        return self._read([range(len(self))[index]])[0]

    def __iter__(self) -> Iterator[Group]:
        yield from self._read(range(len(self)))

    @property
    def counts(self) -> dict[Difference, int]:
        """How many groups there are of each kind of difference."""
        return {one: self._differences.count(one) for one in DIFFERENCES}

    def _read(self, places: Sequence[int]) -> tuple[Group, ...]:
        if (kb := self._kb) is None:
            raise ValueError("these groups hold no build open, expected those of `read_from`")
        data = kb.grouped_statements
        wanted = np.zeros(int(data.table["group"].max()) + 1 if len(data.table) else 0, dtype=np.bool_)
        wanted[[self._groups[place] for place in places]] = True
        table = data.table[self._alive & wanted[data.table["group"].to_numpy()]]
        read = read_said(kb, table)
        parts = table.groupby("group", sort=False).indices
        pairs = _pairs_by_cell(data, table["cell"].to_numpy())
        return tuple(
            read_group(
                kb,
                table.iloc[parts[self._groups[place]]],
                [read[at] for at in parts[self._groups[place]].tolist()],
                pairs,
                self._differences[place],
                self._scores[place],
            )
            for place in places
        )

    def to_frame(self, groups: Sequence[Group] | None = None) -> pd.DataFrame:
        """Return one row a statement of all groups, or of some; offsets are into the text of the page.

        Columns: build, group (its place from 1), matter, value, unit, condition, quote, article_id, start, end, more.
        """
        import pandas as pd

        rows = [row for number, group in enumerate(groups or self, start=1) for row in rows_of(number, group)]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        frame.insert(0, "build", self.build)
        return frame


def conflicts(
    kb: KnowledgeBase,
    where: Filters | None = None,
    matter: str | None = None,
    *,
    kind: str | None = None,
    difference: str | None = None,
) -> Conflicts:
    """Return the groups of statements in `where` that contradict each other; see `Conflicts`.

    `matter` are words that the name of the matter or a statement holds. `kind` is one of KINDS, `difference` one of
    DIFFERENCES. Order: matters with `matter` in their name before those of which only a statement holds it, then what
    neither place nor year tells apart, then by score. Raises NotPrepared, ValueError.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
    if difference is not None and difference not in DIFFERENCES:
        raise ValueError(f"difference is {difference!r}, expected one of {', '.join(DIFFERENCES)}")
    data = kb.grouped_statements
    table = data.table
    filters = where or Filters()
    alive = np.ones(len(table), dtype=np.bool_)
    if filters:
        alive = allowed_articles(kb.catalogue, filters)[kb.article_of[table["row"].to_numpy()]]
    groups, differences, scores = _ranked(data, alive, kb.text_of[table["row"].to_numpy()])
    keep = np.ones(len(groups), dtype=np.bool_)
    if kind is not None:
        keep &= _of_kind(table, kind)[groups]
    is_named = np.zeros(len(groups), dtype=np.bool_)
    if words := fold(matter or "").strip():
        named, met = _on_matter(kb, table, alive, words)
        is_named, keep = named[groups], keep & met[groups]
    if difference is not None:
        keep &= np.array([one == difference for one in differences], dtype=np.bool_)
    order = sorted(
        np.flatnonzero(keep).tolist(),
        key=lambda at: (not is_named[at], differences[at] != "open", -round(float(scores[at]), 4), groups[at]),
    )
    return Conflicts(
        kb.build,
        filters,
        matter,
        kind,
        kb,
        tuple(int(groups[at]) for at in order),
        tuple(differences[at] for at in order),
        tuple(float(scores[at]) for at in order),
        alive,
    )


_Ranked = tuple[NDArray[np.int64], list[Difference], NDArray[np.float64]]
_NOWHERE = 62  # the bit of statements that name no place or no year: they may hold for any


def _ranked(data: Grouped, alive: NDArray[np.bool_], text_of: NDArray[np.int64]) -> _Ranked:
    """Return the groups with a pair of living cells, what tells the sides of each apart, and its score.

    `text_of` has for each statement a number that near-identical passages share: copies do not raise a score.
    """
    table = data.table
    cells = table["cell"].to_numpy()
    count = int(cells.max()) + 1 if len(cells) else 0
    numbers = int(text_of.max()) + 1 if len(text_of) else 1
    said = np.unique(cells[alive].astype(np.int64) * numbers + text_of[alive])  # a text once in a cell
    texts = np.bincount(said // numbers, minlength=count)
    lefts, rights = data.pairs[:, 0], data.pairs[:, 1]
    lives = (texts[lefts] > 0) & (texts[rights] > 0)
    lefts, rights = lefts[lives], rights[lives]
    by_place, by_year = (_apart(_bits(table[name], cells, alive, count), lefts, rights) for name in ("place", "year"))
    group_of = np.zeros(count, dtype=np.int64)
    group_of[cells] = table["group"].to_numpy()
    sure = np.zeros(count, dtype=np.bool_)
    sure[cells] = table["by_cases"].to_numpy()
    likeness = np.where(sure[lefts], np.maximum(data.likeness[lives], _SURE), data.likeness[lives])
    support = np.minimum(np.log(np.minimum(texts[lefts], texts[rights])) / _MANY, 1.0)
    score = _ALIKE * likeness + _APART * np.minimum(data.apart[lives] / _FAR, 1.0) + _SUPPORT * support
    explained = by_place | by_year
    groups, places = np.unique(group_of[lefts], return_inverse=True)
    best_open, best = np.full(len(groups), -1.0), np.full(len(groups), -1.0)
    np.maximum.at(best_open, places[~explained], score[~explained])
    np.maximum.at(best, places, score)
    by_place_alone = np.ones(len(groups), dtype=np.bool_)
    np.logical_and.at(by_place_alone, places, by_place)
    differences: list[Difference] = [
        "open" if opened >= 0 else "place" if placed else "year"
        for opened, placed in zip(best_open.tolist(), by_place_alone.tolist(), strict=True)
    ]
    return groups, differences, np.where(best_open >= 0, best_open, best)


def _bits(column: pd.Series[Any], cells: NDArray[Any], alive: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """Return for each cell which values its living statements have, as bits; of very many, some share a bit."""
    codes = column.cat.codes.to_numpy().astype(np.int64)
    names = list(column.cat.categories)
    nowhere = names.index("") if "" in names else -1
    bits = np.where(codes == nowhere, np.int64(1) << _NOWHERE, np.int64(1) << (codes % _NOWHERE))
    found = np.zeros(count, dtype=np.int64)
    np.bitwise_or.at(found, cells[alive], bits[alive])
    return found


def _apart(bits: NDArray[np.int64], lefts: NDArray[Any], rights: NDArray[Any]) -> NDArray[np.bool_]:
    nowhere = np.int64(1) << _NOWHERE
    either = bits[lefts] | bits[rights]
    apart: NDArray[np.bool_] = ((bits[lefts] & bits[rights]) == 0) & ((either & nowhere) == 0)
    return apart


def _of_kind(table: pd.DataFrame, kind: str) -> NDArray[np.bool_]:
    """Return which groups are of a kind, shape (groups,)."""
    first = table.drop_duplicates("group").sort_values("group")
    return np.array(
        [kind_of(matter, unit) == kind for matter, unit in zip(first["matter"], first["unit"], strict=True)]
    )


def _on_matter(
    kb: KnowledgeBase, table: pd.DataFrame, alive: NDArray[np.bool_], words: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which groups have `words` in the name of their matter, and which there or in a living statement.

    Each has shape (groups,).
    """
    named = np.array([words in name for name in table["matter"].cat.categories], dtype=np.bool_)
    by_name = named[table["matter"].cat.codes.to_numpy()] & alive
    found = find(kb.letters.codes, words)
    firsts = kb.corpus_text.starts[table["row"].to_numpy()]
    starts, ends = firsts + table["start"].to_numpy(), firsts + table["end"].to_numpy()
    next_one = np.searchsorted(found, starts)
    inside = next_one < len(found)
    inside[inside] = found[next_one[inside]] + len(words) <= ends[inside]
    count, groups = int(table["group"].max()) + 1 if len(table) else 0, table["group"].to_numpy()
    in_name, anywhere = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    in_name[groups[by_name]] = True
    anywhere[groups[by_name | (inside & alive)]] = True
    return in_name, anywhere


def _pairs_by_cell(data: Grouped, cells: NDArray[Any]) -> dict[int, set[int]]:
    """Return the cells that each of `cells` contradicts."""
    found: dict[int, set[int]] = {}
    for left, right in data.pairs[np.isin(data.pairs[:, 0], cells)].tolist():
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return found


def statements(kb: KnowledgeBase, where: Filters | None = None) -> pd.DataFrame:
    """Return every statement in `where`, one row each, in the order of pages; offsets are into the text of the page.

    Columns: build, matter, value, unit, bound, per, condition, quote, article_id, start, end and more; `is_rule` is
    False where a number says who is meant, tells of an example or asks. A date is the number YYYYMMDD. Raises
    NotPrepared.
    """
    from index.explore.statements import all_statements

    table = all_statements(kb)
    if where:
        table = table[allowed_articles(kb.catalogue, where)[kb.article_of[table["row"].to_numpy()]]]
    read = read_said(kb, table)
    frame = table[["matter", "value", "value_to", "unit", "bound", "per", "is_rule", "place", "year"]].reset_index(
        drop=True
    )
    for name in (
        "condition",
        "quote",
        "article_id",
        "start",
        "end",
        "number_start",
        "number_end",
        "passage_id",
        "path",
    ):
        frame[name] = [getattr(one, name) for one in read]
    frame.insert(0, "build", kb.build)
    return frame
