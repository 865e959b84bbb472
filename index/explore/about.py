"""Whom a sentence is about: the nearest that names a place, a year or a scheme decides.

An article on 湖南 may name 湖北 in passing, and a national overview has a line for each province. So a sentence that
names other values than the one asked for says nothing on it, whatever its article names. Where the sentence names none,
the last sentence before it in the passage that names any decides, then the headings from the inside, then the title,
then the article: one that names only this value is its own, one that names several is shared. The names are read by the
code that read the facts (`ingest.facts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from index.boosts import fit_region
from index.catalogue import NONE
from ingest.facts.named import read_regions, read_schemes
from ingest.facts.years import read_years

if TYPE_CHECKING:
    from index.hits import Hit

_Named = tuple[tuple[str, int, int], ...]


class Fit(IntEnum):
    """Whose a sentence is, from what must not be taken to what may be taken first."""

    FOREIGN = 0
    SHARED = 1
    OWN = 2


class Named:
    """Reads what texts name in one facet, each text once: a passage is read for many cells."""

    def __init__(self, facet: str) -> None:
        self.facet = facet
        self._known: dict[str, _Named] = {}

    def __call__(self, text: str) -> _Named:
        """Return the values that a text names, each with the place `[start, end)`, in order."""
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
            return _scheme_of(self.value, names)
        met = fit_region(wanted, names) > 0 if self.named.facet == "region" else self.value in names
        return Fit.OWN if met else Fit.FOREIGN


# Ways to be insured and to be treated, which leave open in which scheme.
_WAYS = frozenset({"灵活就业参保", "异地就医"})
_ENDS = "。；;\n"
_READ = {"region": read_regions, "scheme": read_schemes, "year": read_years}


def _scheme_of(scheme: str, names: frozenset[str]) -> Fit | None:
    """Say whose a text on these schemes is; 养老保险 is the name of both kinds of it, too."""
    if any(name.endswith(scheme) or scheme.endswith(name) for name in names):
        return Fit.OWN
    return None if scheme in _WAYS or names <= _WAYS else Fit.FOREIGN


def insurances(schemes: Iterable[str]) -> tuple[str, ...]:
    """Return those of the schemes that are an insurance, not a way to be insured or treated."""
    return tuple(scheme for scheme in dict.fromkeys(schemes) if scheme not in _WAYS)


def fit_of(facet: Facet, hit: Hit, start: int, end: int, path: Sequence[str]) -> Fit:
    """Say whose the sentence `[start, end)` of the page of `hit` is, under the headings `path`."""
    if facet.named.facet not in _READ or facet.value == NONE:
        return Fit.OWN
    left, right = start - hit.start, end - hit.start
    in_passage = facet.named(hit.text)
    inside = [value for value, at, _ in in_passage if left <= at < right]
    before = _named_last(hit.text, [(value, at) for value, at, _ in in_passage if at < left])
    above = [[value for value, _, _ in facet.named(text)] for text in (*reversed(path), hit.title)]
    for values in (inside, before, *above):
        if (fit := facet.judge(values)) is not None:
            return fit
    return _of_article(facet, hit)


def _named_last(text: str, named: Sequence[tuple[str, int]]) -> list[str]:
    """Return what the last sentence of a text that names anything names."""
    if not named:
        return []
    begins = max(text.rfind(sign, 0, named[-1][1]) for sign in _ENDS)
    return [value for value, at in named if at > begins]


def may_speak(facet: Facet, hit: Hit) -> bool:
    """Say whether a passage may hold a sentence that is not foreign: cheaper than reading it sentence by sentence."""
    values = [value for value, _, _ in facet.named(hit.text)]
    if any(facet.judge([value]) != Fit.FOREIGN for value in values):
        return True
    return fit_of(facet, hit, hit.start, hit.start, hit.heading_path) != Fit.FOREIGN


def _of_article(facet: Facet, hit: Hit) -> Fit:
    """Say whether an article names the value alone; a city does not stand beside its province."""
    if facet.named.facet != "region":
        named = hit.years if facet.named.facet == "year" else hit.schemes
        return Fit.OWN if set(named) <= {facet.value} else Fit.SHARED
    depth = facet.value.count("/") + 1
    places = {"/".join(path.split("/")[:depth]) for path in hit.regions}
    return Fit.OWN if all(f"{facet.value}/".startswith(f"{place}/") for place in places) else Fit.SHARED
