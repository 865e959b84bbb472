"""Lays statements on the same matter side by side and says which pairs of their values cannot both be right.

Statements come into one group by their matter, the kind of their unit and the branch of insurance. Where the matter
says it all (`by_cases`: a waiting period) that is enough; elsewhere their wordings must be alike, too. Equal
values under equal conditions are one cell, and two cells are a pair where their values differ, their conditions do not
part them and no article lists both as cases of one rule.

Days, months and years stay apart as they are written; to compare them a month has 30.4 days and a year 365, and what
differs by less than a twentieth does not differ: 180日 and 6个月 may mean the same, 90日 and 6个月 do not. A
work day is 1.4 days, with a seventh to spare.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from index.conflicts.conditions import FACETS, rule_out
from index.conflicts.matters import FAMILY
from index.conflicts.table import read_facets, read_spans
from index.conflicts.wording import alike, pairs_of, plain, speak_of_two

if TYPE_CHECKING:
    import pandas as pd

# Wordings that share this part of their pairs of characters speak of the same matter. Fitted by eye on the sample
# pages, news of 2020 and half of a collection of local statutes: below it cases of different benefits come together,
# above it the same sentence in two styles falls apart.
KNOWN_ALIKE, UNKNOWN_ALIKE = 0.5, 0.7
# … and their whole sentences must share this much: fines are put alike, and differ by the offence in front of them.
_MORE_OF_SENTENCES = 0.05
_SENTENCE_ALIKE, _UNKNOWN_SENTENCE_ALIKE = KNOWN_ALIKE + _MORE_OF_SENTENCES, UNKNOWN_ALIKE + _MORE_OF_SENTENCES
# Two places of one article that are this alike say the same thing twice, and are not two cases of a rule.
_SAME_WORDS = 0.85
# A shorter sentence does not say of what it speaks (公示时间不得少于七日): what stands before it has to be alike, too.
_LEAST_SENTENCE, _BEFORE = 22, 60
# Sentences of a cell that are looked at for the likeness of two cells.
_LOOKED_AT = 6
# Cells of one group that are compared, those with most articles first; a group of more would be no list to read.
MOST_CELLS = 60
# More different wordings under one name are compared by equality alone: pairs grow with their square.
MOST_WORDINGS = 4_000
# A word of three characters says nothing of what a number is of.
_LEAST_WORDING = 5
# Counts are of too many things, and a day of the calendar only says something beside another of the same matter.
_NOT_COMPARED, _DAYS_OF = ("calendar_year", "次", "人"), ("缴费期", "申报期")
_DAYS = {"小时": 1 / 24, "日": 1.0, "工作日": 1.4, "周": 7.0, "月": 365 / 12, "年": 365.0}
_NEAR, _NEAR_WORKDAYS = 0.05, 1 / 7
_COARSE = dict.fromkeys(("职工医保", "居民医保", "灵活医保"), "医保") | {"职工养老": "养老", "居民养老": "养老"}
# Facets in which statements of a matter that needs alike wordings must agree where either says something.
_MUST_AGREE = tuple(facet for facet in FACETS if facet not in ("field", "days", "begin", "season"))


@dataclass(frozen=True, slots=True)
class Value:
    """A number as it is compared: `unit` as written, `bound` as in `figures`."""

    value: float
    value_to: float | None
    unit: str
    bound: str
    per: str


@dataclass(frozen=True, slots=True)
class Aligned:
    """`group` and `cell` of each statement, shape (statements,), -1 where it is in none; cells are counted through.

    `pairs` has shape (n, 2): the cells that contradict each other; `likeness` (n,) is how alike their wordings are.
    """

    group: NDArray[np.int32]
    cell: NDArray[np.int32]
    pairs: NDArray[np.int32]
    likeness: NDArray[np.float32]


def align(table: pd.DataFrame, originals: NDArray[np.int64], quote: Quote) -> Aligned:
    """Return the groups of `table` (see `table.read_table`) that hold at least one pair.

    `originals` has for each statement the number of its article, near-duplicates alike. Groups are numbered by their
    matter, cells by value. `quote` gives the folded sentence of a row of the table. A statement that is no rule is in
    none.
    """
    size = len(table)
    group, cell = np.full(size, -1, dtype=np.int32), np.full(size, -1, dtype=np.int32)
    pairs: list[tuple[int, int]] = []
    likeness: list[float] = []
    groups = cells = 0
    view = _View(table, originals, quote)
    for members in _gathered(view):
        for by_cell, contradictions in _compared(view, members):
            for place, rows in enumerate(by_cell):
                group[rows], cell[rows] = groups, cells + place
            for left, right, near in contradictions:
                pairs.append((cells + left, cells + right))
                likeness.append(near)
            groups, cells = groups + 1, cells + len(by_cell)
    return Aligned(group, cell, np.array(pairs, dtype=np.int32).reshape(-1, 2), np.array(likeness, dtype=np.float32))


class _View:
    """The columns of a table as plain arrays, texts as codes with the list of their values."""

    def __init__(self, table: pd.DataFrame, originals: NDArray[np.int64], quote: Quote) -> None:
        self.size = len(table)
        self.originals = originals
        self._quote = quote
        self.names = {name: list(table[name].cat.categories) for name in _CODED}
        self.codes = {name: table[name].cat.codes.to_numpy(dtype=np.int64) for name in _CODED}
        self.value, self.value_to = table["value"].to_numpy(), table["value_to"].to_numpy()
        self.is_rule, self.by_cases = table["is_rule"].to_numpy(), table["by_cases"].to_numpy()
        self.is_known = table["is_known"].to_numpy()
        self.quotes = table["row"].to_numpy(dtype=np.int64) * (1 << 20) + table["start"].to_numpy(dtype=np.int64)
        self.facets = [read_facets(text) for text in self.names["facets"]]
        self.spans = [read_spans(text) for text in self.names["spans"]]

    def wording(self, row: int) -> str:
        """Return the words of the clause of a statement; see `wording`."""
        return self.name("wording", row)

    def sentence(self, row: int) -> str:
        """Return the words of its sentence, of a short one with what stands before it."""
        quote = plain(self._quote(row))
        return quote if len(quote) >= _LEAST_SENTENCE else plain(self._quote(row, _BEFORE))

    def is_deadline(self, row: int) -> bool:
        """Say whether a day of the calendar ends or spans a period that is compared: 11月30日前, not 1月应缴的."""
        is_term = self.name("bound", row) == "at_most" or not np.isnan(self.value_to[row])
        return is_term and self.name("matter", row) in _DAYS_OF

    def is_case(self, row: int) -> bool:
        """Say whether other numbers stand in the sentence of a statement, which may part its case from others."""
        quote = plain(self._quote(row))
        if len(quote) < _LEAST_SENTENCE:
            return True
        return quote.count("#") > 1 or quote.startswith(("其中", "但"))

    def name(self, column: str, row: int) -> str:
        """Return the text of a column."""
        return str(self.names[column][self.codes[column][row]])

    def value_of(self, row: int) -> Value:
        """Return the value of a statement."""
        to = self.value_to[row]
        return Value(
            float(self.value[row]),
            None if np.isnan(to) else float(to),
            *(self.name(column, row) for column in ("unit", "bound", "per")),
        )


class Quote(Protocol):
    """Gives the sentence of a row of a table of statements, folded, and `before` characters that stand before it."""

    def __call__(self, place: int, before: int = 0) -> str:
        """Return the text."""


_CODED = ("unit", "bound", "per", "matter", "facets", "spans", "wording")


def _gathered(view: _View) -> Iterator[list[int]]:
    """Yield the statements on one matter, at least two, in the order of the names of matters."""
    buckets: dict[tuple[str, ...], list[int]] = {}
    for row in np.flatnonzero(view.is_rule).tolist():
        unit = view.name("unit", row)
        if unit in _NOT_COMPARED or (unit == "date" and not view.is_deadline(row)):
            continue
        facets = view.facets[view.codes["facets"][row]]
        matter = view.name("matter", row)
        words = view.name("wording", row).replace("#", "")
        if not matter or (not view.by_cases[row] and len(words) < _LEAST_WORDING):
            continue
        buckets.setdefault((matter, FAMILY[unit], _coarse(facets.get("field", frozenset()))), []).append(row)
    for key in sorted(buckets):
        rows = buckets[key]
        if len(rows) < 2:
            continue
        if view.by_cases[rows[0]]:
            yield rows
        else:
            least = KNOWN_ALIKE if view.is_known[rows[0]] else UNKNOWN_ALIKE
            for members in _alike_ones(rows, view.wording, least):
                yield from _alike_ones(members, view.sentence, least + _MORE_OF_SENTENCES)


def _coarse(fields: frozenset[str]) -> str:
    """Return the branch of insurance that parts a matter (a waiting period of 医保 from one of 失业)."""
    branches = {_COARSE.get(field, field) for field in fields}
    return "医保" if not branches or "医保" in branches else min(branches)


def _alike_ones(rows: Sequence[int], text_of: Callable[[int], str], least: float) -> Iterator[list[int]]:
    """Yield the rows whose texts are alike, at least two together: each with the most frequent text that it is like."""
    by_text: dict[str, list[int]] = {}
    for row in rows:
        by_text.setdefault(text_of(row), []).append(row)
    texts = sorted(by_text, key=lambda text: (-len(by_text[text]), text))
    leader = list(range(len(texts))) if len(texts) > MOST_WORDINGS else _leaders(texts, least)
    found: dict[int, list[int]] = {}
    for place, text in enumerate(texts):
        found.setdefault(leader[place], []).extend(by_text[text])
    yield from (sorted(members) for members in found.values() if len(members) > 1)


def _leaders(words: Sequence[str], least: float) -> list[int]:
    """Return for each wording the place of the one it goes with: the first that it is like, by Jaccard of pairs."""
    grams = [sorted(pairs_of(word)) for word in words]
    places = {gram: place for place, gram in enumerate(sorted({gram for one in grams for gram in one}))}
    indices = np.array([places[gram] for one in grams for gram in one], dtype=np.int64)
    sizes = np.array([len(one) for one in grams], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    table = csr_array((np.ones(len(indices), dtype=np.int32), indices, starts), shape=(len(words), len(places)))
    shared = (table @ table.T).tocsr()
    leader = list(range(len(words)))
    for place in range(len(words)):
        others = shared.indices[shared.indptr[place] : shared.indptr[place + 1]]
        common = shared.data[shared.indptr[place] : shared.indptr[place + 1]]
        near = common / (sizes[place] + sizes[others] - common)
        fit = [
            (-float(value), int(other))
            for other, value in zip(others.tolist(), near.tolist(), strict=True)
            if other < place and leader[other] == other and value >= least
        ]
        if fit:
            leader[place] = min(fit)[1]
    return leader


_Compared = tuple[list[NDArray[np.int64]], list[tuple[int, int, float]]]


def _compared(view: _View, rows: Sequence[int]) -> list[_Compared]:
    """Return the cells of a matter as rows, ordered by value, with the pairs of them that contradict each other.

    Where the matter says it all that is one group with all cases; else what contradicts nothing is left out, and cells
    that are linked by no chain of pairs are groups of their own (men and women).
    """
    cells: dict[tuple[Value, int, int], list[int]] = {}
    for row in rows:
        cells.setdefault(
            (view.value_of(row), int(view.codes["facets"][row]), int(view.codes["spans"][row])), []
        ).append(row)
    if len({key[0] for key in cells}) < 2:
        return []
    most = Counter({key: len(set(view.originals[members].tolist())) for key, members in cells.items()})
    kept = sorted(cells, key=lambda key: (-most[key], _size(key[0]), *key[1:]))[:MOST_CELLS]
    kept.sort(key=lambda key: (_size(key[0]), *key[1:]))
    members = [np.array(cells[key], dtype=np.int64) for key in kept]
    by_cases = bool(view.by_cases[rows[0]])
    least = 0.0 if by_cases else _SENTENCE_ALIKE if view.is_known[rows[0]] else _UNKNOWN_SENTENCE_ALIKE
    contexts = [[pairs_of(view.sentence(row)) for row in member[:_LOOKED_AT].tolist()] for member in members]
    found = []
    for left in range(len(kept)):
        for right in range(left + 1, len(kept)):
            near = max(alike(one, two) for one in contexts[left] for two in contexts[right])
            if near >= least and _contradict(view, members[left], members[right], near, by_cases=by_cases):
                found.append((left, right, max(near, 0.01)))
    if not found:
        return []
    if by_cases:
        return [(members, found)]
    links = csr_array(
        (np.ones(len(found)), ([left for left, _, _ in found], [right for _, right, _ in found])),
        shape=(len(members), len(members)),
    )
    _, labels = connected_components(links, directed=False)
    parts = []
    for label in dict.fromkeys(int(labels[left]) for left, _, _ in found):
        at = {int(place): new for new, place in enumerate(np.flatnonzero(labels == label))}
        own = [(at[left], at[right], near) for left, right, near in found if left in at]
        parts.append(([members[place] for place in at], own))
    return parts


def _size(value: Value) -> tuple[float, str, float, str]:
    return value.value * _DAYS.get(value.unit, 1.0), value.unit, value.value_to or 0.0, value.bound + value.per


def _contradict(
    view: _View, lefts: NDArray[np.int64], rights: NDArray[np.int64], near: float, *, by_cases: bool
) -> bool:
    """Say whether two cells contradict each other; `near` is how alike their sentences are."""
    left, right = int(lefts[0]), int(rights[0])
    if not differ(view.value_of(left), view.value_of(right)):
        return False
    facets = view.facets[view.codes["facets"][left]], view.facets[view.codes["facets"][right]]
    spans = view.spans[view.codes["spans"][left]], view.spans[view.codes["spans"][right]]
    if not may_both_hold(*facets, *spans, strictly=not by_cases):
        return False
    if not by_cases and all(
        speak_of_two(view.sentence(one), view.sentence(other))
        for one in lefts[:_LOOKED_AT].tolist()
        for other in rights[:_LOOKED_AT].tolist()
    ):
        return False
    if set(view.originals[lefts].tolist()) & set(view.originals[rights].tolist()):
        # An article that gives both has two cases, unless it says the same twice, in two places, with two numbers.
        is_same = facets[0] == facets[1] and spans[0] == spans[1] and near >= _SAME_WORDS
        is_case = view.is_case(left) or view.is_case(right)
        return is_same and not is_case and not set(view.quotes[lefts].tolist()) & set(view.quotes[rights].tolist())
    return True


def may_both_hold(
    left: Mapping[str, frozenset[str]],
    right: Mapping[str, frozenset[str]],
    left_spans: Sequence[tuple[str, float, float]] = (),
    right_spans: Sequence[tuple[str, float, float]] = (),
    *,
    strictly: bool = False,
) -> bool:
    """Say whether one person can meet both conditions; `strictly`, one that only one of them states parts them too."""
    if any(rule_out(left.get(facet, frozenset()), right.get(facet, frozenset())) for facet in FACETS):
        return False
    if strictly and any(left.get(facet) != right.get(facet) for facet in _MUST_AGREE):
        return False
    for family, low, high in left_spans:
        others = [span for span in right_spans if span[0] == family]
        if others and not any(low <= other[2] and other[1] <= high for other in others):
            return False
    if not strictly:
        return True
    tiers = (tuple(span for span in spans if span[0] != "date") for spans in (left_spans, right_spans))
    return next(tiers) == next(tiers)


def differ(left: Value, right: Value) -> bool:
    """Say whether two values of one matter cannot both be right."""
    if left.per and right.per and left.per != right.per:
        return False
    if (left.unit == "百分点") != (right.unit == "百分点"):
        return False
    if left.unit == "date":
        return _days_differ(left, right)
    lefts, rights = _interval(left), _interval(right)
    spare = _spare(left, right)
    if _side(left) == _side(right) != "":  # two limits in one direction
        one, two = (span[0] if _side(left) == "low" else span[1] for span in (lefts, rights))
        return not _near(one, two, spare)
    apart = lefts[0] - rights[1] if lefts[0] > rights[1] else rights[0] - lefts[1]
    return apart > spare * max(abs(bound) for bound in (*lefts, *rights) if bound != float("inf")) + 1e-9


def _days_differ(left: Value, right: Value) -> bool:
    """Say whether two days of the calendar differ by month or day; days of two years are no difference."""
    if (left.value_to is None) != (right.value_to is None) or _side(left) != _side(right):
        return False
    for one, two in ((left.value, right.value), (left.value_to or 0, right.value_to or 0)):
        years, months, days = ((int(one) // place % size, int(two) // place % size) for place, size in _PARTS)
        if all(years) and years[0] != years[1]:
            return False
        if months[0] != months[1] or (all(days) and days[0] != days[1]):
            return True
    return False


_PARTS = ((10_000, 10_000), (100, 100), (1, 100))


def _side(value: Value) -> str:
    if value.bound in ("at_least", "more_than"):
        return "low"
    return "high" if value.bound in ("at_most", "less_than") else ""


def _interval(value: Value) -> tuple[float, float]:
    factor = _DAYS.get(value.unit, 0.1 if value.unit == "‰" else 1.0)
    low, high = value.value * factor, (value.value_to if value.value_to is not None else value.value) * factor
    side = _side(value)
    return (low, float("inf")) if side == "low" else (0.0, high) if side == "high" else (low, high)


def _spare(left: Value, right: Value) -> float:
    if "about" in (left.bound, right.bound):
        return 0.1
    if left.unit == right.unit:
        return 0.0
    return _NEAR_WORKDAYS if "工作日" in (left.unit, right.unit) else _NEAR


def _near(one: float, two: float, spare: float) -> bool:
    return abs(one - two) <= spare * max(abs(one), abs(two)) + 1e-9


def how_far(table: pd.DataFrame, pairs: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return for each pair of cells how far apart their values are: the logarithm of the greater by the smaller.

    Days of the calendar are in days of a year of 365; both count from 0, where a month has 30.4 days.
    """
    first = table.drop_duplicates("cell").set_index("cell")
    sizes = {}
    for cell, value, unit in zip(first.index, first["value"], first["unit"], strict=True):
        if unit == "date":
            sizes[int(cell)] = (int(value) // 100 % 100) * _DAYS["月"] + int(value) % 100
        else:
            sizes[int(cell)] = value * _DAYS.get(unit, 0.1 if unit == "‰" else 1.0)
    least = 1e-3  # of nothing
    apart = [abs(np.log(max(sizes[left], least) / max(sizes[right], least))) for left, right in pairs.tolist()]
    return np.array(apart, dtype=np.float32)
