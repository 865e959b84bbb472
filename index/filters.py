"""What a person filters by: places, schemes, years, sites, dates and how sure the cleaning is.

A filter removes hits and never changes how the rest rank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.catalogue import BANDS, FACETS, NONE, Catalogue
from ingest.facts.regions import region_paths

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

__all__ = ["BANDS", "FACETS", "NONE", "Filters", "allowed_articles", "allowed_rows", "is_date"]

_FIELDS = {"region": "regions", "scheme": "schemes", "year": "years", "site": "sites", "confidence": "confidence"}
_DAYS = ("since", "until")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


@dataclass(frozen=True, slots=True, repr=False)
class Filters:
    """What a passage's article must be: it has any of the values of each facet that has some, and its date.

    NONE asks for the articles that name no place (scheme, year) or whose site is unknown. A place stands for all in
    it. `since` and `until` are a year, a month or a day, and what is of no date meets neither. A value that no article
    has finds nothing.
    """

    regions: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    years: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    confidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in _FIELDS.values():  # a list or one word, as people write them in a notebook
            values = getattr(self, name)
            values = (values,) if isinstance(values, str) else tuple(dict.fromkeys(values))
            object.__setattr__(self, name, values)

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    def __repr__(self) -> str:
        said = [f"{field.name}={value!r}" for field in fields(self) if (value := getattr(self, field.name))]
        return f"Filters({', '.join(said)})"

    def chosen(self, facet: str) -> tuple[str, ...]:
        """Return the values chosen in a facet, as the columns of the catalogue have them: places as paths."""
        values: tuple[str, ...] = getattr(self, _FIELDS[facet])
        if facet != "region":
            return values
        return tuple(dict.fromkeys(path for place in values for path in region_paths(place) or (place,)))

    def toggled(self, facet: str, value: str) -> Filters:
        """Return the filters with a value of a facet added, or taken away where it is chosen.

        A place that is added takes the place of those around it and in it.
        """
        now = self.chosen(facet)
        if value in now:
            then = tuple(one for one in now if one != value)
        elif facet == "region":
            apart = (one for one in now if not f"{value}/".startswith(f"{one}/") and not one.startswith(f"{value}/"))
            then = (*apart, value)
        else:
            then = (*now, value)
        return self._with(facet, then)

    def without(self, facet: str) -> Filters:
        """Return the filters with nothing chosen in a facet."""
        return self._with(facet, ())

    def _with(self, facet: str, values: tuple[str, ...]) -> Filters:
        changes: dict[str, Any] = {_FIELDS[facet]: values}
        return replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """Return what is set, as `from_dict` and the file of saved searches have it."""
        values = {facet: list(getattr(self, name)) for facet, name in _FIELDS.items()}
        return {name: value for name, value in {**values, "since": self.since, "until": self.until}.items() if value}

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Filters:
        """Return the filters that names of facets with a word or words, `since` and `until` say. Raises ValueError."""
        if unknown := sorted(set(said) - {*FACETS, *_DAYS}):
            raise ValueError(f"found the filters {', '.join(unknown)}; expected {', '.join((*FACETS, *_DAYS))}")
        values = {_FIELDS[facet]: _words(facet, said[facet]) for facet in FACETS if facet in said}
        for name in _DAYS:
            found = said.get(name)
            if found is not None and not (isinstance(found, str) and is_date(found)):
                raise ValueError(f"{name} is {found!r}, expected a date such as 2025, 2025-04 or 2025-04-13")
        return cls(**values, since=said.get("since"), until=said.get("until"))


def is_date(text: str) -> bool:
    """Say whether `text` is a year, a month or a day that there is: 2025, 2025-04, 2025-04-13."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


def allowed_rows(kb: KnowledgeBase, filters: Filters) -> NDArray[np.int64]:
    """Return the passage rows that meet all filters, ascending."""
    return np.flatnonzero(allowed_articles(kb.catalogue, filters)[kb.article_of])


def allowed_articles(catalogue: Catalogue, filters: Filters) -> NDArray[np.bool_]:
    """Return which articles meet all filters, shape (articles,)."""
    return meet_all(masks_of(catalogue, filters).values())


def masks_of(catalogue: Catalogue, filters: Filters) -> dict[str, NDArray[np.bool_]]:
    """Return which articles meet the filter of each facet that has one, by its name, and of the dates, as `date`."""
    masks = {"date": catalogue.dated(filters.since, filters.until)}
    for facet in FACETS:
        if values := filters.chosen(facet):
            masks[facet] = catalogue.columns[facet].having(values)
    return masks


def meet_all(masks: Iterable[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Return which articles are in all of the masks, of which there is at least one."""
    met: NDArray[np.bool_] = np.logical_and.reduce([*masks])
    return met


def _words(name: str, found: object) -> tuple[str, ...]:
    words = [found] if isinstance(found, str) else found
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) and word for word in words):
        raise ValueError(f"{name} is {found!r}, expected a word or a list of words")
    if name == "confidence" and not set(words) <= set(BANDS):
        raise ValueError(f"{name} is {found!r}, expected {' or '.join(BANDS)}")
    return tuple(words)
