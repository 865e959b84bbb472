"""Brings together the statements on one matter: by its name, the kind of their unit and the branch of insurance.

Where the matter says it all (`by_cases`: a waiting period) that is enough; elsewhere their wordings must be alike, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from index.conflicts.matters import FAMILY
from index.conflicts.table import read_facets, read_spans
from index.conflicts.values import Value
from index.conflicts.wording import pairs_of, plain

if TYPE_CHECKING:
    import pandas as pd

# Wordings that share this part of their pairs of characters speak of the same matter. Fitted by eye on the sample
# pages, news of 2020 and half of a collection of local statutes: below it cases of different benefits come together,
# above it the same sentence in two styles falls apart.
KNOWN_ALIKE, UNKNOWN_ALIKE = 0.5, 0.7
# … and their whole sentences must share this much: fines are put alike, and differ by the offence in front of them.
MORE_OF_SENTENCES = 0.05
# A shorter sentence does not say of what it speaks (公示时间不得少于七日): what stands before it has to be alike, too.
_LEAST_SENTENCE, _BEFORE = 22, 60
# More different wordings under one name are compared by equality alone: pairs grow with their square.
MOST_WORDINGS = 4_000
# A word of three characters says nothing of what a number is of.
_LEAST_WORDING = 5
# Counts are of too many things, and a day of the calendar only says something beside another of the same matter.
_NOT_COMPARED, _DAYS_OF = ("calendar_year", "次", "人"), ("缴费期", "申报期")
_COARSE = dict.fromkeys(("职工医保", "居民医保", "灵活医保"), "医保") | {"职工养老": "养老", "居民养老": "养老"}


class View:
    """The columns of a table as plain arrays, texts as codes with the list of their values."""

    def __init__(
        self, table: pd.DataFrame, articles: NDArray[np.int64], originals: NDArray[np.int64], quote: Quote
    ) -> None:
        self.size = len(table)
        self.articles, self.originals = articles, originals
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


def gathered(view: View) -> Iterator[list[int]]:
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
                yield from _alike_ones(members, view.sentence, least + MORE_OF_SENTENCES)


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
