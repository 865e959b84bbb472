"""Raises what fits the place, year and scheme that a question names, and lowers what speaks of another one.

Words alone do not tell 长沙 from 株洲 in a page whose text names its city once. Each boost is a leg of its own, bounded
and shown among the reasons, and nothing is filtered: a contradicting article is lowered, one that names no place (a
national rule) is left as it is. Official sources and newer pages win ties, no more. Facts are what `ingest.facts` read
off the articles; the question is read by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.catalogue import facts_of
from index.ranking import Pool
from index.store import StoreError
from ingest.facts.named import read_regions, read_schemes
from ingest.facts.years import read_years

if TYPE_CHECKING:
    from index.kb import KnowledgeBase
    from index.store.records import Records

# What a fit adds to a score of about 1 and a contradiction takes off. The best hit and the tenth are some 0.3 apart
# (sample corpus), so a boost moves a passage by a few places and never to the end.
REGION = 0.1
YEAR = 0.05
SCHEME = 0.05
# Neighbours in a ranking are some 0.03 apart: enough to decide between two that are alike.
TIE = 0.01
# Boosts are for the head of the ranking; what stands below is not raised into it.
BOOSTED = 100

_SOURCES = {"government": 1.0, "official_account": 0.8, "news": 0.4}
# Pages this much older than the newest candidate count as old.
_OLD_YEARS = 5.0
# Schemes of which a person has one: an article that names only the other one is about somebody else.
_RIVALS = (
    frozenset({"职工医保", "居民医保", "新农合"}),
    frozenset({"职工养老保险", "居民养老保险"}),
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a question names, or an article: paths of places (湖南省/长沙市), years, schemes."""

    regions: frozenset[str] = frozenset()
    years: frozenset[str] = frozenset()
    schemes: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.regions or self.years or self.schemes)


_UNNAMED = Named()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an article: what it names, its kind of source and its date (ISO)."""

    named: Named = _UNNAMED
    source: str = "unknown"
    as_of: str | None = None


def read_named(question: str, places: Iterable[str] = ()) -> Named:
    """Return what `question` names; `places` are paths that its apps and local schemes belong to."""
    return Named(
        frozenset((*(path for path, _, _ in read_regions(question)), *places)),
        frozenset(year for year, _, _ in read_years(question)),
        frozenset(scheme for scheme, _, _ in read_schemes(question)),
    )


def fit_region(asked: frozenset[str], named: frozenset[str]) -> float:
    """Return 1 for an article that names a place asked for or one in it, 0.5 for one around it, -1 for others only.

    An article that names no place is for all places and gets 0.
    """
    if not asked or not named:
        return 0.0
    if any(name == one or name.startswith(f"{one}/") for one in asked for name in named):
        return 1.0
    around = [name for name in named if any(one.startswith(f"{name}/") for one in asked)]
    # 湖南省株洲市 names the province as well, and is for another city of it.
    is_wider = around and not any(name.startswith(f"{max(around, key=len)}/") for name in named)
    return 0.5 if is_wider else -1.0


def fit_year(asked: frozenset[str], known: Known) -> float:
    """Return 1 for an article that names a year asked for or is of it, -1 for one that names only others."""
    years = known.named.years | ({known.as_of[:4]} if known.as_of else set())
    if not asked or not years:
        return 0.0
    return 1.0 if asked & years else -1.0


def fit_scheme(asked: frozenset[str], named: frozenset[str]) -> float:
    """Return 1 for an article that names a scheme asked for, -1 for one that names only a rival of it."""
    if asked & named:
        return 1.0
    return -1.0 if any(asked & rivals and named & rivals for rivals in _RIVALS) else 0.0


def boost(pool: Pool, asked: Named, head: Sequence[int], known: Sequence[Known]) -> Pool:
    """Return `pool` with the legs region, year, scheme, source and recency, those that move anything.

    `head` are places in the pool, `known` has one entry for each; the others get nothing.
    """
    newest = max((one.as_of for one in known if one.as_of), default=None)
    # Nothing fits or contradicts what was not asked for. Who asks for a year does not want the newest page.
    fits: tuple[tuple[str, float, bool, Callable[[Known], float]], ...] = (
        ("region", REGION, bool(asked.regions), lambda one: fit_region(asked.regions, one.named.regions)),
        ("year", YEAR, bool(asked.years), lambda one: fit_year(asked.years, one)),
        ("scheme", SCHEME, bool(asked.schemes), lambda one: fit_scheme(asked.schemes, one.named.schemes)),
        ("source", TIE, True, lambda one: _SOURCES.get(one.source, 0.0)),
        ("recency", TIE, not asked.years, lambda one: _recency(one.as_of, newest)),
    )
    articles = {id(one): one for one in known}  # each once: many passages share what is known of them
    for name, weight, is_asked, fit in fits:
        fitting = {key: fit(one) for key, one in articles.items()} if is_asked else {}
        if any(fitting.values()):
            values = np.zeros(len(pool.rows))
            values[list(head)] = [fitting[id(one)] for one in known]
            pool = pool.with_leg(name, weight, values, values)
    return pool


def boost_in(kb: KnowledgeBase, pool: Pool, asked: Named) -> Pool:
    """Return `boost` of the best `BOOSTED` passages of `pool`, by what the records of `kb` know of their articles."""
    head = np.lexsort((pool.rows, -pool.scores()))[:BOOSTED]
    return boost(pool, asked, head.tolist(), known_of(kb, pool.rows[head], asked))


def _recency(as_of: str | None, newest: str | None) -> float:
    if as_of is None or newest is None:
        return 0.0
    days = (_day(newest) - _day(as_of)).days
    return round(max(0.0, 1 - days / (365.25 * _OLD_YEARS)), 3)


def _day(text: str) -> date:
    """Return the day of an ISO date, the first one of a year or month."""
    year, month, day = (*(int(part) for part in text[:10].split("-")), 1, 1)[:3]
    return date(year, month, day)


class Sources:
    """Source and date of the articles that were asked for, read at the first time. Safe to share between threads.

    Takes 8 bytes an article: all of one kind of source and one day share what is known of them.
    """

    def __init__(self, records: Records, articles: int) -> None:
        self._records = records
        self._known = np.full(articles, None, dtype=object)
        self._alike: dict[tuple[str, str | None], Known] = {}

    def of(self, articles: NDArray[np.int64]) -> list[Known]:
        """Return what is known of each of these rows besides what it names."""
        known: list[Known | None] = self._known[articles].tolist()
        if None in known:
            rows = sorted({row for row, one in zip(articles.tolist(), known, strict=True) if one is None})
            marks = ",".join("?" * len(rows))
            for row, source, as_of in self._records.stream(
                f"SELECT row, source_kind, as_of FROM articles WHERE row IN ({marks})", rows
            ):
                self._known[row] = self._alike.setdefault((source, as_of), Known(_UNNAMED, source, as_of))
            known = self._known[articles].tolist()
        found = [one for one in known if one is not None]
        if len(found) < len(known):
            why = f"no article {articles.tolist()[known.index(None)]}, which passages belong to"
            raise StoreError(f"{self._records.file}: holds {why}; run `policykb rebuild --full`")
        return found


def known_of(kb: KnowledgeBase, passages: NDArray[np.int64], asked: Named) -> list[Known]:
    """Return what is known of the article of each of the rows `passages`; what it names only where `asked` does."""
    articles = kb.article_of[passages]
    if not asked:
        return kb.sources.of(articles)
    rows = sorted(set(articles.tolist()))
    marks = ",".join("?" * len(rows))
    read = [
        tuple(one)
        for one in kb.records.stream(f"SELECT row, id, source_kind, as_of FROM articles WHERE row IN ({marks})", rows)
    ]
    about = facts_of(kb.records, (id for _, id, _, _ in read))
    known = {
        row: Known(
            Named(frozenset(about[id].regions), frozenset(about[id].years), frozenset(about[id].schemes)),
            source,
            as_of,
        )
        for row, id, source, as_of in read
    }
    return [known[article] for article in articles.tolist()]
