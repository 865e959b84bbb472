"""Reads facts off an article: dates, years, schemes, places and who published it, each with its evidence.

Facts come from kept text only, for a recommendation block names places and years that the article does not. The one
exception is the capture date: the date that all snippets of a block share is the day the page was scraped, and it is
labelled so, never as the day of publication. How dates are read is `dates`' job, places `region_mentions`', the name
behind 来源： `sources`'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ingest.facts.dates import find_dates, is_kept, published_day, updated_day, validity
from ingest.facts.dates import iso_date as iso_date  # its first home; others import it from here
from ingest.facts.named import read_schemes
from ingest.facts.region_mentions import Mention, find_regions
from ingest.facts.regions import load_divisions
from ingest.facts.sources import byline_names, source_kind
from ingest.facts.years import read_years

if TYPE_CHECKING:  # decoding pages takes a tenth of a second to load
    from ingest.page import Page


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a page states. `quote` is the evidence, `[start, end)` its characters in the page's text.

    `kind` is `published`, `updated`, `captured`, `effective`, `expires`, `year`, `scheme`, `region` (a path such as
    湖南省/长沙市/岳麓区), `region_open` (a name that several places share: their paths, parted by |), `region_hint` (an
    app or a publisher that belongs to a place) or `publisher`. Offsets are -1 where it stands in the metadata only.
    """

    kind: str
    value: str
    start: int
    end: int
    quote: str


_MAX_BYLINES = 200  # of a page; one that names more sources at its ends is a list of other pages


def read_facts(
    page: Page,
    *,
    spans: Sequence[tuple[int, int]],
    bylines: Sequence[tuple[int, int]] = (),
    snippets: Sequence[tuple[str, int, int]] = (),
) -> tuple[Fact, ...]:
    """Return what `page` states in its metadata, its kept `spans` and, for the capture date, its `snippets`.

    `bylines` are the spans of lines under the title; `snippets` are `(date, start, end)` of the removed items.
    """
    captured = capture_date(page.text, snippets)
    if captured is None and page.fetched and (fetched := iso_date(page.fetched)):
        captured = Fact("captured", fetched, -1, -1, page.fetched)
    facts = [] if captured is None else [captured]
    if page.published:
        facts.append(Fact("published", page.published, -1, -1, page.published))
    elif day := published_day(page.text, spans, bylines, latest=captured.value if captured else None):
        facts.append(Fact("published", day.value, day.start, day.end, page.text[day.start : day.end]))
    names = [name for name in (page.publisher, page.site) if name]
    for name in names:
        for mention in find_regions(name, [(0, len(name))]):
            if len(mention.codes) == 1:
                facts.append(Fact("region_hint", load_divisions().path(mention.codes[0]), -1, -1, name))
    return (*dict.fromkeys(facts), *article_facts(page.text, spans, context=names))


def article_facts(text: str, spans: Sequence[tuple[int, int]], *, context: Sequence[str] = ()) -> tuple[Fact, ...]:
    """Return what the kept `spans` of a page state, each value once, at its first mention.

    `context` are names beside the text (publisher, site) that help to tell places of one name apart.
    """
    found: dict[tuple[str, str], Fact] = {}

    def add(kind: str, value: str, start: int, end: int) -> None:
        found.setdefault((kind, value), Fact(kind, value, start, end, text[start:end]))

    for start, end in spans:
        kept = text[start:end]
        readers: Iterable[tuple[str, Iterator[tuple[str, int, int]]]] = (
            ("year", read_years(kept)),
            ("scheme", read_schemes(kept)),
        )
        for kind, mentions in readers:
            for value, left, right in mentions:
                add(kind, value, start + left, start + right)
    names = list(islice(byline_names(text, spans), _MAX_BYLINES))
    # A paper's name hints at a place; an office's name states it.
    offices = {name for name in {name for name, _, _ in names} if source_kind(names=(name,)).kind == "government"}
    papers = [(start, end) for name, start, end in names if name not in offices]
    for mention in find_regions(text, spans, context=context):
        is_hint = mention.is_hint or is_kept(mention.start, mention.start + 1, papers)
        add(*_place(mention, is_hint), mention.start, mention.end)
    for kind, day in validity(text, spans):
        add(kind, day.value, day.start, day.end)
    if changed := updated_day(text, spans):
        add("updated", changed.value, changed.start, changed.end)
    for name, start, end in names:
        add("publisher", name, start, end)
    return tuple(sorted(found.values(), key=lambda fact: (fact.kind, fact.start, fact.value)))


def _place(mention: Mention, is_hint: bool) -> tuple[str, str]:
    """Return the kind and the value of the fact that a mention is."""
    divisions = load_divisions()
    value = "|".join(divisions.path(code) for code in mention.codes)
    if len(mention.codes) > 1:
        return "region_open", value
    return ("region_hint" if is_hint else "region"), value


def capture_date(text: str, snippets: Sequence[tuple[str, int, int]]) -> Fact | None:
    """Return the date that at least four in five snippets `(date, start, end)` share, or None.

    A single snippet proves nothing: its date may be its own.
    """
    dates = Counter(said for said, _, _ in snippets)
    # No other can be as frequent. If it is no date (刚刚), no day read below equals it.
    shared, count = next(iter(dates.most_common(1)), ("", 0))
    if count < 2 or count < 0.8 * len(snippets):
        return None
    for said, start, end in snippets:
        if said == shared:
            for day in find_dates(text, start, end):
                if day.value == shared:
                    return Fact("captured", shared, day.start, day.end, text[day.start : day.end])
    return None
