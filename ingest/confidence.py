"""How sure a cleaned page is: what speaks against the result, each doubt with the risk that it is right.

A doubt is told in words and never removes anything. The confidence of a page is the product of what its doubts leave,
so that several small ones add up; below 0.5 means: look at this page. `bench/cleaning.py` measures it (AUROC, pages
under half, good pages flagged).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from ingest.facts.read import iso_date
from ingest.head import Head
from ingest.ladder import SHORT_ARTICLE_CHARS, Decision
from ingest.page import Page
from ingest.snippets.meta_lines import is_marker, read_meta
from ingest.traces import HARMLESS, Trace

# One doubt of this risk alone asks for a look.
LOOK = 0.55
HINT = 0.2
# Smaller risks count and are not told: on nearly every page something could be otherwise.
TOLD = 0.1
# Runs that were nearly removed: of those from 0.5 on half were recommendations, of those below a few (old Chinese pages
# and English news).
NEARLY_SURE = 0.5
WORTH_SAYING = 0.35
# Lost characters, and runs that no language writes (UTF-8 read as a western encoding; ×, · and ° are in use).
_GARBLED = re.compile(
    r"\ufffd|[\x80-\xaf\xb1-\xb6\xb8-\xd6\xd8-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u20ac\u2122]{3,}"
    r"|(?:锟斤拷?|烫烫|屯屯)+"
)
# From this share of a text on it cannot be read.
_GARBLED_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks against a cleaned page, in words, and its risk from 0 to 1."""

    words: str
    risk: float


def find_doubts(
    page: Page, body_text: str, head: Head, decision: Decision, traces: Sequence[Trace]
) -> tuple[Doubt, ...]:
    """Return what speaks against the article `body_text` of `page`, in a fixed order."""
    doubts = []
    # What a person gave back is in no doubt.
    by_hand = decision.by_hand.kept
    given_back = [line for i in by_hand for line in page.text[page.blocks[i].start : page.blocks[i].end].splitlines()]
    kept = Counter(body_text.splitlines()) - Counter(given_back)
    if any(count >= 3 and any(map(str.isdigit, line)) and read_meta(line) for line, count in kept.items()):
        doubts.append(Doubt("one line with a date or a count stands in the article three times or more", LOOK))
    if any(is_marker(line) for line in kept):
        words = "a line that announces recommendations is left, and what it announces was not recognised"
        doubts.append(Doubt(words, LOOK))
    for least, risk in ((NEARLY_SURE, LOOK), (WORTH_SAYING, HINT)):
        if count := sum(
            by_hand.isdisjoint(range(snippet.first, snippet.last + 1))
            for run in decision.weak_runs
            if run.confidence >= least
            for snippet in run.snippets
        ):
            words = f"{count} lines look like recommendations but not surely enough to remove them"
            doubts.append(Doubt(words, risk))
            break
    if len(body_text) < SHORT_ARTICLE_CHARS:
        doubts.append(Doubt(f"only {len(body_text)} characters are left", LOOK))
    if not head.has_title:
        doubts.append(Doubt("no line is the title", TOLD))
    if page.fetched and not iso_date(page.fetched):
        doubts.append(Doubt(f"the sidecar's fetch date {page.fetched[:20]!r} is no date like 2025-04-13", HINT / 2))
    doubts += [Doubt(warning, HINT) for warning in page.warnings]
    garbled = sum(len(match[0]) for match in _GARBLED.finditer(body_text))
    if garbled >= _GARBLED_SHARE * max(1, len(body_text)):
        doubts.append(Doubt(f"{garbled} of {len(body_text)} characters of the article cannot be read", LOOK))
    if told := next((trace for trace in traces if trace.kind not in HARMLESS), None):
        doubts.append(Doubt(f"reads as made by a text generator: {told.quote!r}", TOLD))
    layout = decision.layout
    if layout.certainty < 1:
        words = "; ".join(layout.doubts) or "other boxes of the page tell nearly as much as the article's"
        doubts.append(Doubt(words, 1 - layout.certainty))
    return tuple(doubts)


def confidence_of(doubts: Sequence[Doubt]) -> float:
    """Return the confidence that `doubts` leave, from 0 to 1, to two places."""
    return round(prod((1 - doubt.risk for doubt in doubts), start=1.0), 2)
