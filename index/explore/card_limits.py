"""What must not be concluded from a collection: which limits hold for it, each with the figures that say so.

A limit is a name with values; search_app has the sentences. Some hold for every collection of scraped pages, the others
where a figure of the card passes a threshold, which is named beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.catalogue import NONE

if TYPE_CHECKING:
    from index.explore.card_shape import CorpusCard

# From here on one place, or one site, is most of what a count shows.
_MOST = 0.5
# Who reads a table of ten provinces and years meets one such article in nearly every table.
_MANY = 0.05
# Fewer articles give no share worth telling: one more would move it by two points.
FEW = 50


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit by its name, and the values that its sentence has places for."""

    name: str
    values: Mapping[str, str | int | float]


def limits_of(card: CorpusCard) -> tuple[Limit, ...]:
    """Return the limits of a card, those of every collection first."""
    return tuple(Limit(name, values) for name, values in _limits(card))


def _limits(card: CorpusCard) -> Iterator[tuple[str, dict[str, str | int | float]]]:
    articles = card.articles
    yield "sample", {"articles": articles}
    yield "in_force", {}
    if 0 < articles < FEW:
        yield "few", {"articles": articles, "least": FEW}
    captured, unknown = card.dates["captured"].articles, card.dates["unknown"].articles
    if captured + unknown:
        yield "dates", {"captured": captured, "unknown": unknown, "articles": articles}
    if gaps := card.coverage.gaps:
        yield "gaps", {"count": len(gaps)}
    provinces = {name: count for name, count in card.coverage.provinces.items() if name != NONE and count}
    if provinces and articles and (most := max(provinces.values())) > _MOST * articles and not card.filters.regions:
        yield "one_place", {"name": max(provinces, key=lambda name: provinces[name]), "share": most / articles}
    known = [site for site in card.sites if site.site != NONE]
    if known and len(card.sites) > 1 and (most := max(site.articles for site in known)) > _MOST * articles:
        yield "one_site", {"name": max(known, key=lambda site: site.articles).site, "share": most / articles}
    if hinted := card.regions_from["hinted"]:
        yield "hinted", {"count": hinted}
    if card.duplicates.passages:
        yield (
            "copies",
            {"passages": card.passages, "texts": card.independent.texts, "articles": card.independent.articles},
        )
    if (official := card.sources.get("government", 0)) < _MOST * articles:
        yield "unofficial", {"count": official, "articles": articles}
    if card.generated:
        yield "generated", {"count": card.generated}
    if card.doubtful > _MANY * articles:
        yield "doubtful", {"count": card.doubtful, "share": card.doubtful / articles}
    if card.skipped:
        yield "skipped", {"count": len(card.skipped)}
    if card.model.measured:
        yield "answers", {name: float(card.model.measured[name]) for name in ("verdict_right", "invented")}
    else:
        yield "unmeasured", {}
    if card.filters:
        yield "part", {}
