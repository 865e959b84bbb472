"""Whom a sentence is about: the nearest that names a place, a year or a scheme decides.

An article on 湖南 may name 湖北 in passing, and a national overview has a line for each province. So a sentence that
names other values than the one asked for says nothing on it, whatever its article names. Where the sentence names none,
the last one named before it in the passage decides, then the headings from the inside, then the title, then the
article: one that names only this value is its own, one that names several is shared. The names are read by the code
that read the facts (`ingest.facts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from index.boosts import fit_region, fit_scheme
from index.catalogue import NONE
from ingest.facts.dates import read_years
from ingest.facts.read import read_regions, read_schemes

if TYPE_CHECKING:
    from index.hits import Hit

_Named = tuple[tuple[str, int, int], ...]


class Fit(IntEnum):
    """Whose a sentence is, from what must not be taken to what may be taken first."""

    FOREIGN = 0
    SHARED = 1
    OWN = 2


@dataclass(frozen=True, slots=True)
class Named:
    """Reads what texts name in one facet, each text once: a passage is read for many cells."""

    facet: str
    _known: dict[str, _Named] = field(default_factory=dict)

    def __call__(self, text: str) -> _Named:
        if text not in self._known:
            self._known[text] = tuple(_READ[self.facet](text)) if self.facet in _READ else ()
        return self._known[text]


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with the value it has in a cell; `named` reads texts for all cells of the facet."""

    value: str
    named: Named

    def judge(self, values: Iterable[str]) -> Fit | None:
        """Say whose a text is that names `values`; None where they decide nothing."""
        names = frozenset(values)
        if not names or self.value == NONE or self.named.facet not in _READ:
            return None
        wanted = frozenset((self.value,))
        if self.named.facet == "scheme":
            fit = fit_scheme(wanted, names)
            return None if fit == 0 else Fit.OWN if fit > 0 else Fit.FOREIGN
        met = fit_region(wanted, names) > 0 if self.named.facet == "region" else self.value in names
        return Fit.OWN if met else Fit.FOREIGN


_READ = {"region": read_regions, "scheme": read_schemes, "year": read_years}


def fit_of(facet: Facet, hit: Hit, start: int, end: int, path: Sequence[str]) -> Fit:
    """Say whose the sentence `[start, end)` of the page of `hit` is, under the headings `path`."""
    if facet.named.facet not in _READ or facet.value == NONE:
        return Fit.OWN
    left, right = start - hit.start, end - hit.start
    in_passage = facet.named(hit.text)
    inside = [value for value, at, _ in in_passage if left <= at < right]
    before = [value for value, at, _ in in_passage if at < left][-1:]
    above = [[value for value, _, _ in facet.named(text)] for text in (*reversed(path), hit.title)]
    for values in (inside, before, *above):
        if (fit := facet.judge(values)) is not None:
            return fit
    return _of_article(facet, hit)


def may_speak(facet: Facet, hit: Hit) -> bool:
    """Say whether a passage may hold a sentence that is not foreign: cheaper than reading it sentence by sentence."""
    values = [value for value, _, _ in facet.named(hit.text)]
    if any(facet.judge([value]) != Fit.FOREIGN for value in values):
        return True
    return fit_of(facet, hit, hit.start, hit.start, hit.heading_path) != Fit.FOREIGN


def _of_article(facet: Facet, hit: Hit) -> Fit:
    """Say whether an article names the value alone; a city does not stand beside its province."""
    if facet.named.facet == "scheme":
        others = [scheme for scheme in hit.schemes if fit_scheme(frozenset((facet.value,)), frozenset((scheme,))) < 0]
        return Fit.SHARED if others else Fit.OWN
    if facet.named.facet == "year":
        return Fit.OWN if set(hit.years) <= {facet.value} else Fit.SHARED
    depth = facet.value.count("/") + 1
    named = {"/".join(path.split("/")[:depth]) for path in hit.regions}
    return Fit.OWN if all(facet.value == name or facet.value.startswith(f"{name}/") for name in named) else Fit.SHARED
