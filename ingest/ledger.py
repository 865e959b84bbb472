"""The ledger of a page: every removal with its rule and evidence, and the cut that leaves no gap.

Which blocks go, and why, is decided in `clean`; here the page is parted so that kept spans and removals tile it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ingest.page import Page
from ingest.related import Related, relate, subject_of
from ingest.traces import Trace, find_traces


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
    previous: Ruling | None = None
    for index, block in enumerate(page.blocks):
        start = block.start if index else 0
        end = page.blocks[index + 1].start if index + 1 < len(page.blocks) else len(page.text)
        ruling = rulings.get(index)
        if ruling is None:
            if spans and spans[-1][1] == start:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
        elif previous is not None and previous.group == ruling.group and previous.rule == ruling.rule:
            removals[-1] = replace(removals[-1], end=end)
        else:
            related = None
            if ruling.fields:
                related = relate(subject, ruling.fields["title"], ruling.fields["summary"])
            removals.append(
                Removal(page.id, start, end, ruling.rule, ruling.evidence, ruling.confidence, ruling.fields, related)
            )
        previous = ruling
    return tuple(spans), tuple(_with_traces(page, removal) for removal in removals)


def _with_traces(page: Page, removal: Removal) -> Removal:
    traces = find_traces(page.text[removal.start : removal.end], removal.start) if removal.fields else ()
    return replace(removal, traces=traces) if traces else removal
