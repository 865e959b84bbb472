"""The shape of the corpus card: what it says, as plain frozen types. What is counted for it stands in `corpus_card`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from index.covered import Covered
from index.explore.card_limits import Limit
from index.explore.independent import Sources
from index.filters import Filters

if TYPE_CHECKING:
    import pandas as pd

# Width of a bar of the distribution of confidence.
BINS = 10


@dataclass(frozen=True, slots=True)
class Removed:
    """What one rule removed: how many stretches, and their characters."""

    rule: str
    count: int
    chars: int


@dataclass(frozen=True, slots=True)
class SiteShare:
    """The articles of one site (NONE where it is unknown): characters of their pages, and how many were removed."""

    site: str
    articles: int
    chars: int
    removed: int


@dataclass(frozen=True, slots=True)
class Days:
    """How many articles have a date of one kind, and the first and the last of these dates, None where none has."""

    articles: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Near-identical articles and passages: groups, and how many are in one."""

    article_groups: int
    articles: int
    passage_groups: int
    passages: int


@dataclass(frozen=True, slots=True)
class Model:
    """The model of a build. `measured` are its figures on `questions` questions of `gold`, empty where unmeasured.

    `index_recall` is the share of the nearest 100 vectors that the index finds, as measured when it was made.
    """

    name: str
    fingerprint: str
    dim: int
    measured: Mapping[str, float]
    questions: int
    gold: str
    index_recall: float | None


@dataclass(frozen=True, slots=True)
class Made:
    """How a build was made. `pages_sha256` is the hash of the sorted lines `sha256 path` of all pages.

    `code` is the fingerprint of cleaner and splitter, `lexicon` the user's tables with their hashes.
    """

    at: str
    policykb: str
    pages_sha256: str
    code: str
    lexicon: tuple[tuple[str, str], ...]
    overruled: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CorpusCard:
    """A build or a sub-corpus of it, counted. `page_chars` is `kept_chars` plus what `removed` adds up to.

    `regions_from` counts articles whose place is `named` in the text, only `hinted` at, or `none`; `traces` those with
    each kind of trace of a text generator, `generated` those with any that a person leaves not. `confidence` counts
    articles by tenths of how sure their cleaning is, from 0 to 1; `gate` is what the quality gate measured, None where
    it was not asked.
    """

    build: str
    filters: Filters
    pages: int
    articles: int
    passages: int
    page_chars: int
    kept_chars: int
    removed_chars: int
    removed: tuple[Removed, ...]
    sites: tuple[SiteShare, ...]
    coverage: Covered
    regions_from: Mapping[str, int]
    dates: Mapping[str, Days]
    sources: Mapping[str, int]
    formats: Mapping[str, int]
    encodings: Mapping[str, int]
    duplicates: Duplicates
    independent: Sources
    traces: Mapping[str, int]
    generated: int
    confidence: tuple[int, ...]
    doubtful: int
    skipped: tuple[tuple[str, str], ...]
    warnings: int
    made: Made
    model: Model
    gate: Mapping[str, Any] | None
    limits: tuple[Limit, ...] = field(default=())

    @property
    def noise(self) -> float:
        """The share of characters that were removed, 0 to 1."""
        return self.removed_chars / self.page_chars if self.page_chars else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, everything under its own name."""
        plain = asdict(self) | {"filters": self.filters.as_dict(), "noise": round(self.noise, 6)}
        plain["coverage"] |= {"gaps": list(self.coverage.gaps)}
        return plain

    def to_frame(self) -> pd.DataFrame:
        """Return one row a figure: `part`, `name`, `value`."""
        import pandas as pd

        frame = pd.DataFrame(figure_rows(self), columns=["part", "name", "value"])
        frame.insert(0, "build", self.build)
        return frame


def figure_rows(card: CorpusCard) -> list[tuple[str, str, float]]:
    """Return the counts of a card as rows of part, name and value."""
    sizes = ("pages", "articles", "passages", "page_chars", "kept_chars", "removed_chars", "generated", "doubtful")
    rows: list[tuple[str, str, float]] = [("size", name, getattr(card, name)) for name in sizes]
    rows += [("removed_chars", removed.rule, removed.chars) for removed in card.removed]
    rows += [("site_removed_chars", site.site, site.removed) for site in card.sites]
    parts: Mapping[str, Mapping[str, int]] = {
        "region": card.coverage.provinces,
        "year": card.coverage.years,
        "scheme": card.coverage.schemes,
        "site": card.coverage.sites,
        "region_from": card.regions_from,
        "source": card.sources,
        "format": card.formats,
        "trace": card.traces,
        "duplicates": asdict(card.duplicates),
        "independent": card.independent.as_dict(),
    }
    rows += [(part, name, count) for part, counts in parts.items() for name, count in counts.items()]
    rows += [("date", kind, days.articles) for kind, days in card.dates.items()]
    rows += [("confidence", f"{place / BINS:.1f}", count) for place, count in enumerate(card.confidence)]
    return rows
