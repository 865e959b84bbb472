"""Which places an article is for, in one form for all who show them: badges, figures side by side, the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from index.boosts import fit_region
from index.catalogue import facts_of
from ingest.facts.named import read_regions

if TYPE_CHECKING:
    from index.store.records import Records


def places_for(title: str, regions: Sequence[str]) -> tuple[str, ...]:
    """Return the places an article is for, each with what it lies in: 湖南省长沙市; none where it names none.

    `regions` are the paths it names (or that apps in it hint at). Those of them that its title names go before all
    others; what another of them lies in is left out.
    """
    titled = {path for path, _, _ in read_regions(title)}
    paths = [path for path in regions if path in titled] or regions
    return tuple(path.replace("/", "") for path in paths if not any(one.startswith(f"{path}/") for one in paths))


def places_of_articles(records: Records, titles: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the places of articles, given as pairs of id and title; an article of no place has an empty tuple."""
    known = dict(titles)
    return {article: places_for(known[article], about.regions) for article, about in facts_of(records, known).items()}


def unmet_places(records: Records, question: str, articles: Sequence[str]) -> tuple[str, ...]:
    """Return the places in a question, as typed, for which none of the articles speaks.

    One that names the place, a place in it or the province around it speaks for it; an app of the province is no word
    on a city.
    """
    asked = {path: question[start:end] for path, start, end in read_regions(question)}
    if not asked:
        return ()
    marks = ",".join("?" * len(articles))
    named: dict[str, dict[str, set[str]]] = {article: {"region": set(), "region_hint": set()} for article in articles}
    for fact in records.query(
        "SELECT article_id, kind, value FROM facts"
        f" WHERE article_id IN ({marks}) AND kind IN ('region', 'region_hint')",
        tuple(articles),
    ):
        named[fact["article_id"]][fact["kind"]].add(fact["value"])

    def is_met(path: str) -> bool:
        wanted = frozenset((path,))
        return any(
            fit_region(wanted, frozenset(kinds["region"])) > 0
            or fit_region(wanted, frozenset(kinds["region"] or kinds["region_hint"])) == 1
            for kinds in named.values()
        )

    return tuple(typed for path, typed in asked.items() if not is_met(path))
