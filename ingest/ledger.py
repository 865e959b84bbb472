"""The ledger of a page: every removal with its rule and evidence, and the cut that leaves no gap.

Which blocks go, and why, is decided in `clean`; here the page is parted so that kept spans and removals tile it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingest.page import Page
from ingest.related import Related, relate, subject_of
from ingest.traces import Trace, find_traces, trace_hints


@dataclass(frozen=True, slots=True)
class Removal:
    """What was taken out: `[start, end)` of the page, the rule, what it saw, how sure it is (0 to 1).

    `fields`, `related` and `traces` (of text generators) are set on snippets only (rules that begin with `snippet`).
    """

    page_id: str
    start: int
    end: int
    rule: str
    evidence: str
    confidence: float
    fields: Mapping[str, str] = field(default_factory=dict)
    related: Related | None = None
    traces: tuple[Trace, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """Why a block goes. Blocks of the same `group` become one removal."""

    rule: str
    evidence: str
    confidence: float
    group: int
    fields: Mapping[str, str] = field(default_factory=dict)


def tile(
    page: Page, rulings: Mapping[int, Ruling], title: str, body_text: str
) -> tuple[tuple[tuple[int, int], ...], tuple[Removal, ...]]:
    """Cut the whole text into kept spans and removals, without gap or overlap."""
    spans: list[tuple[int, int]] = []
    removals: list[Removal] = []
    subject = subject_of(title, body_text)
    hints = trace_hints(page.text)
    for start, end, ruling in _stretches(page, rulings):
        if ruling is None:
            spans.append((start, end))
            continue
        related: Related | None = None
        traces: tuple[Trace, ...] = ()
        if ruling.fields:
            related = relate(subject, ruling.fields["title"], ruling.fields["summary"])
            if bisect_left(hints, start) < bisect_left(hints, end):
                traces = find_traces(page.text[start:end], start)
        said = (ruling.rule, ruling.evidence, ruling.confidence, ruling.fields)
        removals.append(Removal(page.id, start, end, *said, related, traces))
    return tuple(spans), tuple(removals)


def _stretches(page: Page, rulings: Mapping[int, Ruling]) -> Iterator[tuple[int, int, Ruling | None]]:
    """Yield the stretches of the page, in order, with their ruling; blocks of one group are one stretch."""
    start, current = 0, rulings.get(0)
    for index, block in enumerate(page.blocks):
        ruling = rulings.get(index)
        if (ruling and (ruling.rule, ruling.group)) != (current and (current.rule, current.group)):
            yield start, block.start, current
            start, current = block.start, ruling
    yield start, len(page.text), current
