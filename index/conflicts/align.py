"""Compares the statements on one matter and says which pairs of their values cannot both be right.

Equal values under equal conditions are one cell, and two cells are a pair where their values differ (`values`), their
conditions do not part them and no article lists both as cases of one rule. `gather` brings the statements together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from index.conflicts.conditions import FACETS, rule_out
from index.conflicts.gather import KNOWN_ALIKE, MORE_OF_SENTENCES, UNKNOWN_ALIKE, Quote, View, gathered
from index.conflicts.values import Value, differ, size_of
from index.conflicts.wording import alike, pairs_of, speak_of_two

if TYPE_CHECKING:
    import pandas as pd

# Whole sentences of two cells, see `gather`.
_SENTENCE_ALIKE, _UNKNOWN_SENTENCE_ALIKE = KNOWN_ALIKE + MORE_OF_SENTENCES, UNKNOWN_ALIKE + MORE_OF_SENTENCES
# Two places of one article that are this alike say the same thing twice, and are not two cases of a rule.
_SAME_WORDS = 0.85
# Sentences of a cell that are looked at for the likeness of two cells.
_LOOKED_AT = 6
# Cells of one group that are compared, those with most articles first; a group of more would be no list to read.
MOST_CELLS = 60
# Facets in which statements of a matter that needs alike wordings must agree where either says something.
_MUST_AGREE = tuple(facet for facet in FACETS if facet not in ("field", "days", "begin", "season"))


@dataclass(frozen=True, slots=True)
class Aligned:
    """`group` and `cell` of each statement, shape (statements,), -1 where it is in none; cells are counted through.

    `pairs` has shape (n, 2): the cells that contradict each other; `likeness` (n,) is how alike their wordings are.
    """

    group: NDArray[np.int32]
    cell: NDArray[np.int32]
    pairs: NDArray[np.int32]
    likeness: NDArray[np.float32]


def align(table: pd.DataFrame, articles: NDArray[np.int64], originals: NDArray[np.int64], quote: Quote) -> Aligned:
    """Return the groups of `table` (see `table.read_table`) that hold at least one pair.

    `articles` has for each statement the number of its article, `originals` one that near-duplicates share. Groups are
    numbered by their matter, cells by value. `quote` gives the folded sentence of a row of the table. A statement that
    is no rule is in none.
    """
    size = len(table)
    group, cell = np.full(size, -1, dtype=np.int32), np.full(size, -1, dtype=np.int32)
    pairs: list[tuple[int, int]] = []
    likeness: list[float] = []
    groups = cells = 0
    view = View(table, articles, originals, quote)
    for members in gathered(view):
        for by_cell, contradictions in _compared(view, members):
            for place, rows in enumerate(by_cell):
                group[rows], cell[rows] = groups, cells + place
            for left, right, near in contradictions:
                pairs.append((cells + left, cells + right))
                likeness.append(near)
            groups, cells = groups + 1, cells + len(by_cell)
    return Aligned(group, cell, np.array(pairs, dtype=np.int32).reshape(-1, 2), np.array(likeness, dtype=np.float32))


_Compared = tuple[list[NDArray[np.int64]], list[tuple[int, int, float]]]


def _compared(view: View, rows: Sequence[int]) -> list[_Compared]:
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
    kept = sorted(cells, key=lambda key: (-most[key], size_of(key[0]), *key[1:]))[:MOST_CELLS]
    kept.sort(key=lambda key: (size_of(key[0]), *key[1:]))
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


def _contradict(
    view: View, lefts: NDArray[np.int64], rights: NDArray[np.int64], near: float, *, by_cases: bool
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
    if set(view.articles[lefts].tolist()) & set(view.articles[rights].tolist()):
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
