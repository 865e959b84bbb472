"""What a collection covers: how many articles are about which province, year, scheme and site, and where none are.

Counted from the columns that filters are decided by (`catalogue`), so a count here is what the filter of that value
leaves. An article counts for every province, year and scheme that it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.catalogue import NONE, Catalogue
from ingest.facts.regions import load_divisions


@dataclass(frozen=True, slots=True)
class Covered:
    """Counts of articles. `provinces` has all provinces there are, also those without articles.

    Order: most articles first, years from the newest. NONE stands for articles that name no place, scheme, year or
    site; it comes last, where there are any. `by_year` maps a province with articles to its counts by year.
    """

    build: str
    articles: int
    provinces: Mapping[str, int]
    years: Mapping[str, int]
    schemes: Mapping[str, int]
    sites: Mapping[str, int]
    by_year: Mapping[str, Mapping[str, int]]

    @property
    def gaps(self) -> tuple[str, ...]:
        """The provinces that no article is about, in the order of their codes."""
        return tuple(name for name in _provinces() if not self.provinces[name])

    def as_dict(self) -> dict[str, Any]:
        """Return everything under its own name, for JSON."""
        return {**asdict(self), "gaps": self.gaps}


def covered(build: str, catalogue: Catalogue, among: NDArray[np.bool_] | None = None) -> Covered:
    """Return what the articles of a build cover; those `among`, shape (articles,), where it is given."""
    every = np.ones(catalogue.articles, dtype=np.bool_) if among is None else among
    counts = {name: catalogue.columns[name].counts(every) for name in ("region", "scheme", "year", "site")}
    places = counts["region"]
    known = {name: places.get(name, 0) for name in _provinces()}
    provinces = _by_size(known | ({NONE: places[NONE]} if NONE in places else {}))
    years = sorted(counts["year"], key=lambda year: (year != NONE, year), reverse=True)
    region = catalogue.columns["region"]
    by_year = {
        name: catalogue.columns["year"].counts(region.having([name]) & every)
        for name, count in provinces.items()
        if count
    }
    return Covered(
        build,
        int(np.count_nonzero(every)),
        provinces,
        {year: counts["year"][year] for year in years},
        _by_size(counts["scheme"]),
        _by_size(counts["site"]),
        by_year,
    )


def _provinces() -> list[str]:
    return [name for code, name in sorted(load_divisions().names.items()) if code.endswith("0000")]


def _by_size(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (item[0] == NONE, -item[1])))
