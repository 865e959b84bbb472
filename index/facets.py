"""How many articles have which place, scheme, year, site and confidence: what a person may filter by, with counts.

The counts of a facet are those under the filters of all other facets, so that they say what one more value would add.
They are of articles, exact, and know nothing of the question: a search by meaning has no set of matches to count. How
many of the hits shown have a value is told besides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from index.catalogue import BANDS, FACETS, NONE, SURE, around, band_of
from index.filters import Filters, masks_of, meet_all

if TYPE_CHECKING:
    import pandas as pd

    from index.hits import Hit
    from index.kb import KnowledgeBase

# As many values of a facet as a page can show; sites may be thousands.
MOST = 50
# So few places are shown with all that lie in them; of more, provinces and what lies in one that is chosen.
FEW_PLACES = 12


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that may be chosen: `articles` have it under the filters of the other facets, `in_hits` hits have it.

    `depth` is 0; of a place 1 for a city and 2 for a county, which follow the place around them.
    """

    value: str
    articles: int
    is_chosen: bool
    in_hits: int
    depth: int = 0

    @property
    def label(self) -> str:
        """The value, of a place its own name alone."""
        return self.value.rpartition("/")[2] if self.depth else self.value


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of a facet in the order in which to show them; `more` have articles and are not listed."""

    name: str
    values: tuple[FacetValue, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Facets(Sequence[Facet]):
    """The facets in the order of FACETS, and how many articles and passages are left under all `filters`."""

    build: str
    filters: Filters
    articles: int
    passages: int
    facets: tuple[Facet, ...]

    def __len__(self) -> int:
        return len(self.facets)

    def __getitem__(self, index: Any) -> Any:
        return self.facets[index]

    def __iter__(self) -> Iterator[Facet]:
        return iter(self.facets)

    def of(self, name: str) -> Facet:
        """Return the facet of that name."""
        return next(facet for facet in self.facets if facet.name == name)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as `policykb search --facets --json` prints them."""
        return {
            "articles": self.articles,
            "passages": self.passages,
            "filters": self.filters.as_dict(),
            **{facet.name: [asdict(value) for value in facet.values] for facet in self.facets},
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a value, with the build and the facet in every row."""
        import pandas as pd

        rows = [
            {"build": self.build, "facet": facet.name, **asdict(value)}
            for facet in self.facets
            for value in facet.values
        ]
        return pd.DataFrame(rows)


def facets(
    kb: KnowledgeBase, filters: Filters | None = None, hits: Sequence[Hit] | None = None, *, most: int = MOST
) -> Facets:
    """Return the facets under `filters`; `hits` are those shown with them, which come first in each facet.

    Values without articles are left out unless they are chosen. Order: chosen ones, then by hits, by articles, by
    name; years from the one after the newest page back, then later ones; confidence from sure to doubtful; NONE last.
    At most `most` that are not chosen.
    """
    filters = filters or Filters()
    catalogue = kb.catalogue
    shown = [_values_of(hit) for hit in hits or ()]
    masks = masks_of(catalogue, filters)
    found = []
    for name in FACETS:
        others = meet_all(mask for facet, mask in masks.items() if facet != name)
        tally = catalogue.columns[name].counts(others)
        in_hits = Counter(value for values in shown for value in values[name])
        found.append(_facet(name, tally, in_hits, filters.chosen(name), most, coming=catalogue.coming))
    allowed = meet_all(masks.values())
    passages = int(np.count_nonzero(allowed[kb.article_of]))
    return Facets(kb.build, filters, int(np.count_nonzero(allowed)), passages, tuple(found))


def _values_of(hit: Hit) -> Mapping[str, Iterable[str]]:
    """Return the values that the article of a hit has in each facet, as the catalogue has them."""
    return {
        "region": {place for path in hit.regions for place in around(path)} or (NONE,),
        "scheme": hit.schemes or (NONE,),
        "year": hit.years or (NONE,),
        "site": (hit.site or NONE,),
        "confidence": (band_of(hit.confidence),),
    }


def _facet(
    name: str, tally: Mapping[str, int], in_hits: Counter[str], chosen: Sequence[str], most: int, *, coming: str
) -> Facet:
    """Return the facet of the values in `tally` and of those chosen; `in_hits` has 0 for what no hit has."""
    is_region = name == "region"
    held = {place for value in chosen for place in (around(value) if is_region else (value,))}

    def order(value: str) -> tuple[bool, bool, int, int, str]:
        return value == NONE, value not in held, -in_hits[value], -tally.get(value, 0), value

    listed = [*tally, *(held - set(tally))]
    if is_region:
        unfolded = held if len(tally) > FEW_PLACES else set(listed)
        listed = [value for value in listed if "/" not in value or value.rpartition("/")[0] in unfolded]
        # A place stands under those around it: a key comes before all keys that begin with it.
        listed.sort(key=lambda value: [order(place) for place in around(value)])
    elif name == "year":
        # A reform that ends in 2039 is named by many; who looks for a year looks for this one or the last.
        listed.sort(key=lambda value: (value != NONE, value <= coming, value), reverse=True)
    elif name == "confidence":
        listed.sort(key=lambda value: (value not in BANDS, value != SURE, value))
    else:
        listed.sort(key=order)
    kept = [value for at, value in enumerate(listed) if at < most or is_region or value in held]
    values = (
        FacetValue(value, tally.get(value, 0), value in chosen, in_hits[value], value.count("/") if is_region else 0)
        for value in kept
    )
    return Facet(name, tuple(values), len(listed) - len(kept))
