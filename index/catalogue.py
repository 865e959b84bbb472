"""What is known of every article, in columns: who names which place, scheme and year, is of which site and how sure.

A filter and a count ask for all articles at once, which SQL answers in a second where there are 50,000 of them and an
array in a millisecond. The columns are read off the records once, in some two seconds there, take 9 MB and never
change, as the build does not. What a person may ask of them stands in `filters`, what is counted in `facets`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from sys import intern
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.doubtful import DOUBTFUL_BELOW

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from index.store.records import Records

# The columns, by the names that options, addresses and saved searches have for them.
FACETS = ("region", "scheme", "year", "site", "confidence")
# Stands for the articles of which nothing is known: no place named (a national rule), no scheme, no year, no site.
NONE = "-"
# How sure the cleaning of an article is.
SURE, DOUBTFUL = BANDS = ("sure", "doubtful")
_FACTS = ("region", "region_hint", "scheme", "year")

_Pairs = tuple[Sequence[int], Sequence[str]]
_Rows = NDArray[np.int32]
_Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class About:
    """What an article is about, in the order in which it first says so; years newest first. Places are paths."""

    regions: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    years: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """Which articles have which value: `table[places[value], row]` is 1 where the article `row` has it."""

    places: Mapping[str, int]
    table: csr_array

    def having(self, values: Iterable[str]) -> _Mask:
        """Return which articles have any of `values`, shape (articles,)."""
        mask = np.zeros(self.table.shape[1], dtype=np.bool_)
        for value in values:
            if (place := self.places.get(value)) is not None:
                mask[self.table.indices[self.table.indptr[place] : self.table.indptr[place + 1]]] = True
        return mask

    def counts(self, among: _Mask) -> dict[str, int]:
        """Return how many of the articles `among` have each value, without the values that none of them has."""
        found = self.table @ among.astype(np.int32)
        return {value: count for value, count in zip(self.places, found.tolist(), strict=True) if count}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The columns of all articles, by the names in FACETS, and their dates: `days[dates[row]]`, -1 for none."""

    articles: int
    columns: Mapping[str, Column]
    days: tuple[str, ...]
    dates: _Rows

    @property
    def coming(self) -> str:
        """The year after that of the newest page, of which pages speak as of their own; 9999 where none has a date."""
        return str(int(self.days[-1][:4]) + 1) if self.days else "9999"

    def dated(self, since: str | None, until: str | None) -> _Mask:
        """Return which articles are of `since` or later and of `until` or earlier, or in that year or month.

        One without a date is neither; where nothing is asked for, all are allowed.
        """
        if not since and not until:
            return np.ones(self.articles, dtype=np.bool_)
        first = bisect_left(self.days, since) if since else 0
        # 2025 and 2025-04 stand before all days in them; no date has a sign that is higher than this one.
        end = bisect_right(self.days, f"{until}\uffff") if until else len(self.days)
        return (self.dates >= first) & (self.dates < end)


def read_catalogue(records: Records) -> Catalogue:
    """Return what the records of a build know of its articles."""
    known = list(
        map(
            tuple,
            records.stream(
                "SELECT articles.id, as_of, confidence, site FROM articles JOIN pages ON pages.id = articles.id"
                " ORDER BY articles.row"
            ),
        )
    )
    row_of = {article: row for row, (article, *_) in enumerate(known)}
    facts: dict[str, tuple[list[int], list[str]]] = {kind: ([], []) for kind in _FACTS}
    kinds = ", ".join(f"'{kind}'" for kind in _FACTS)
    # In no order: the columns are put in theirs, and the table is read once from end to end.
    for article, kind, value in records.stream(f"SELECT article_id, kind, value FROM facts WHERE kind IN ({kinds})"):
        rows, values = facts[kind]
        rows.append(row_of[article])
        values.append(intern(value))  # a thousand values, named half a million times
    articles = len(known)
    columns = {
        "region": _column(articles, *_places(facts["region"], facts["region_hint"])),
        "scheme": _column(articles, *facts["scheme"]),
        "year": _column(articles, *facts["year"]),
        "site": _column(articles, range(articles), [site or NONE for *_, site in known]),
        "confidence": _column(articles, range(articles), [band_of(sure) for _, _, sure, _ in known]),
    }
    days = tuple(sorted({day for _, day, *_ in known if day}))
    at = {day: place for place, day in enumerate(days)}
    dates = np.array([at.get(day, -1) for _, day, *_ in known], dtype=np.int32)
    return Catalogue(articles, columns, days, dates)


def band_of(confidence: float) -> str:
    """Return the band of BANDS in which the confidence of a cleaning lies."""
    return DOUBTFUL if confidence < DOUBTFUL_BELOW else SURE


def _places(named: _Pairs, hinted: _Pairs) -> tuple[list[int], list[str]]:
    """Return the articles and the places they name, with the places around those; hints where an article names none."""
    has_place = set(named[0])
    around_of = {place: tuple(around(place)) for place in {*named[1], *hinted[1]}}
    rows, values = [], []
    for row, place in chain(
        zip(*named, strict=True), (hint for hint in zip(*hinted, strict=True) if hint[0] not in has_place)
    ):
        for one in around_of[place]:
            rows.append(row)
            values.append(one)
    return rows, values


def _column(articles: int, rows: Sequence[int], values: Sequence[str]) -> Column:
    """Return the column of pairs of article and value; an article that is in no pair has NONE."""
    from scipy.sparse import csr_array  # a search without filters does without

    missing = sorted(set(range(articles)).difference(rows))
    rows, values = [*rows, *missing], [*values, *[NONE] * len(missing)]
    places = {value: place for place, value in enumerate(sorted(set(values)))}
    ones = np.ones(len(rows), dtype=np.int32)
    table = csr_array((ones, ([places[value] for value in values], rows)), shape=(len(places), articles))
    table.sum_duplicates()
    table.data[:] = 1  # an article that has a value twice has it
    return Column(places, table)


def facts_of(records: Records, articles: Iterable[str]) -> dict[str, About]:
    """Return what each of a few articles is about, by its id. A hint gives a place only where the text names none."""
    wanted = tuple(dict.fromkeys(articles))
    found: dict[str, dict[str, dict[str, None]]] = {article: {kind: {} for kind in _FACTS} for article in wanted}
    marks, kinds = ",".join("?" * len(wanted)), ", ".join(f"'{kind}'" for kind in _FACTS)
    for article, kind, value in records.stream(
        f"SELECT article_id, kind, value FROM facts WHERE article_id IN ({marks}) AND kind IN ({kinds})"
        " ORDER BY start, article_id, kind, value",
        wanted,
    ):
        found[article][kind][value] = None
    return {
        article: About(
            tuple(kinds["region"] or kinds["region_hint"]),
            tuple(kinds["scheme"]),
            tuple(sorted(kinds["year"], reverse=True)),
        )
        for article, kinds in found.items()
    }


def around(path: str) -> Iterable[str]:
    """Yield the places around a place, the widest first, and itself: 湖南省, 湖南省/长沙市."""
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
