"""Turns a page into an article and a ledger of what was removed.

What goes is decided in `ladder`; what is left is the article. Every character of the page belongs to exactly one kept
span or one removal: a block owns the white space behind it, the first one also what stands before. How sure the result
is, `confidence` says. Splitting into passages is left to `passages`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.block import Block
from ingest.confidence import TOLD, confidence_of, find_doubts
from ingest.facts.read import Fact, read_facts
from ingest.facts.sources import Rule, Source, source_kind
from ingest.head import Head, read_head
from ingest.headings import Heading, find_headings
from ingest.ladder import Decision, Shown, decide
from ingest.ledger import Removal, Ruling, tile
from ingest.overrules import Overrule
from ingest.page import Page
from ingest.traces import Trace, find_traces

if TYPE_CHECKING:  # what is learned comes with numpy, and a single page needs neither
    from ingest.learning.learned import Learned


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, `[start, end)`; `path` ends with the heading; level 1 is the highest."""

    heading: str
    level: int
    path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """What is left of a page. `spans` and the removals' spans tile the page's text; offsets are in characters.

    `body` are the blocks of the article without title and byline; `headings` index into it, and so does
    `heading_texts`, which has their words. `as_of` is the publication
    date or else the capture date (`as_of_kind` says which: `published`, `captured`), None where neither is known.
    `confidence` is from 0 to 1; below 0.5 means: look at this page. `traces` are what text
    generators left in the kept text, `notes` name the overrules that changed nothing, `overruled` those
    that did.
    """

    id: str
    path: str
    title: str
    short_answer: str | None
    body: tuple[Block, ...]
    headings: tuple[Heading, ...]
    sections: tuple[Section, ...]
    spans: tuple[tuple[int, int], ...]
    body_text: str
    facts: tuple[Fact, ...]
    removals: tuple[Removal, ...]
    confidence: float
    doubts: tuple[str, ...]
    heading_texts: Mapping[int, str]
    source: Source
    traces: tuple[Trace, ...] = ()
    notes: tuple[str, ...] = ()
    overruled: tuple[Overrule, ...] = ()

    def keeps(self, start: int, end: int) -> bool:
        """Say whether nothing was removed between `start` and `end`."""
        place = bisect_right(self.spans, start, key=lambda span: span[0]) - 1
        return place >= 0 and end <= self.spans[place][1]

    @property
    def as_of(self) -> str | None:
        """The date the article speaks for, ISO, or None."""
        return next(
            (fact.value for kind in ("published", "captured") for fact in self.facts if fact.kind == kind), None
        )

    @property
    def as_of_kind(self) -> str | None:
        """What `as_of` is: `published`, `captured` or None."""
        kinds = {fact.kind for fact in self.facts}
        return next((kind for kind in ("published", "captured") if kind in kinds), None)


@dataclass(frozen=True, slots=True)
class Cut:
    """A page parted: the texts of its blocks, what was decided on them, its head, and the blocks of its body."""

    lines: tuple[str, ...]
    decision: Decision
    head: Head
    kept: tuple[int, ...]
    body: tuple[Block, ...]


def cut(
    page: Page,
    *,
    shown: Shown | None = None,
    learned: Learned | None = None,
    overrules: Sequence[Overrule] = (),
) -> Cut:
    """Return what of `page` is the article, without reading anything off it; see `clean`."""
    lines = tuple(page.text[block.start : block.end] for block in page.blocks)
    decision = decide(page, lines, shown=shown, learned=learned, overrules=overrules)
    kept = tuple(index for index in range(len(lines)) if index not in decision.rulings)
    head = read_head(page, lines, kept)
    return Cut(lines, decision, head, kept, tuple(page.blocks[i] for i in kept if i not in head.outside_body))


def clean(
    page: Page,
    *,
    shown: Shown | None = None,
    learned: Learned | None = None,
    overrules: Sequence[Overrule] = (),
    source_rules: Sequence[Rule] | None = None,
) -> Article:
    """Return the article of `page` with its ledger. An article with an empty `body` means: nothing but removals.

    `shown` is what the page shows by itself, where that is known, `learned` what the other pages of the collection tell
    of it; `overrules` are those of this page, `source_rules` say what kind of source an address or a name is (None: the
    bundled ones).
    """
    parted = cut(page, shown=shown, learned=learned, overrules=overrules)
    decision, head, body = parted.decision, parted.head, parted.body
    rulings = dict(decision.rulings)
    if not body:  # a title with nothing under it is no article; the ledger says so, and no character is lost
        no_article = Ruling("no_article", "nothing stands under the title", 0.5, -1)
        rulings.update((index, no_article) for index in parted.kept)
    headings = find_headings(page.text, body) if body else ()
    headings = tuple(h for h in headings if head.short_answer is None or body[h.index] != head.short_answer_block)
    body_text = "\n".join(page.text[block.start : block.end] for block in body)
    spans, removals = tile(page, rulings, head.title, body_text)
    traces = tuple(trace for start, end in spans for trace in find_traces(page.text[start:end], start))
    doubts = find_doubts(page, body_text, head, decision, traces)
    facts = _facts(page, head, spans, removals)
    publishers = [fact.value for fact in facts if fact.kind == "publisher"]
    texts = {heading.index: page.text[body[heading.index].start : body[heading.index].end] for heading in headings}
    return Article(
        id=page.id,
        path=page.path,
        title=head.title,
        short_answer=head.short_answer,
        body=body,
        headings=headings,
        sections=_sections(body, headings, texts),
        spans=spans,
        body_text=body_text,
        facts=facts,
        removals=removals,
        confidence=confidence_of(doubts) if body else 0.0,
        doubts=tuple(doubt.words for doubt in doubts if doubt.risk >= TOLD),
        heading_texts=texts,
        source=source_kind(page.url, page.site, page.publisher, publishers, rules=source_rules),
        traces=traces,
        notes=tuple(map(str, decision.by_hand.missed)),
        overruled=decision.by_hand.done,
    )


def _sections(body: Sequence[Block], headings: Sequence[Heading], texts: Mapping[int, str]) -> tuple[Section, ...]:
    """Return a section a heading, in page order; a section ends where the next one of its level or higher begins."""
    ends: dict[int, int] = {}
    open_: list[Heading] = []
    paths: dict[int, tuple[str, ...]] = {}
    for heading in headings:
        while open_ and open_[-1].level >= heading.level:
            ends[open_.pop().index] = heading.index
        above = paths[open_[-1].index] if open_ else ()
        open_.append(heading)
        paths[heading.index] = (*above, texts[heading.index])
    return tuple(
        Section(
            texts[heading.index],
            heading.level,
            paths[heading.index],
            body[heading.index].start,
            body[ends.get(heading.index, len(body)) - 1].end,
        )
        for heading in headings
    )


def _facts(page: Page, head: Head, spans: Sequence[tuple[int, int]], removals: Sequence[Removal]) -> tuple[Fact, ...]:
    bylines = [(page.blocks[index].start, page.blocks[index].end) for index in head.bylines]
    snippets = [(removal.fields["date"], removal.start, removal.end) for removal in removals if removal.fields]
    return read_facts(page, spans=spans, bylines=bylines, snippets=snippets)
