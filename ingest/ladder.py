"""The ladder: which blocks of a page are not the article, the certain ones first, the doubtful ones kept and told.

Snippets by their shape come first, then furniture by its words and its place in the tree, then what repeats on the
pages of the site, last what a person overruled. A run of snippets too weak to remove stays on the page; `confidence`
makes a doubt of it. What the rules see is in their own files (`snippets`, `furniture`, `places`, `repeats`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.furniture import line_finding
from ingest.html.cards import Cards, find_cards
from ingest.html.layout import Layout, find_layout
from ingest.html.tree import build_tree
from ingest.ledger import Ruling
from ingest.overrules import Obeyed, Overrule, obey_overrules
from ingest.page import Page
from ingest.snippets.find import MIN_CONFIDENCE, Run, find_runs
from ingest.snippets.meta_lines import is_marker

if TYPE_CHECKING:  # what is learned comes with numpy, and a single page needs neither
    from ingest.learning.learned import Learned
    from ingest.learning.repeats import Lines
    from ingest.learning.teasers import Openings

# Under this the article is suspiciously short for a page of policy text (the shortest seed has 711 characters).
SHORT_ARTICLE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows by itself, whatever its neighbours tell: `show` finds it, and it is most of the work.

    `runs` are those of its cards as well; `keys` are those of its lines, where they are made already.
    """

    cards: Cards
    runs: tuple[Run, ...]
    keys: Lines | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What goes, by block index; what looks like snippets but stays; the layout's word; what overrules did."""

    rulings: dict[int, Ruling]
    weak_runs: tuple[Run, ...]
    layout: Layout
    by_hand: Obeyed


def show(page: Page) -> Shown:
    """Return what `page` shows by itself."""
    cards = find_cards(build_tree(page.text, page.blocks), page.title or "") if page.kind == "html" else Cards()
    return Shown(cards, tuple(_strongest((*cards.runs, *find_runs(page.text, page.blocks)))))


def decide(
    page: Page,
    lines: Sequence[str],
    *,
    shown: Shown | None = None,
    learned: Learned | None = None,
    overrules: Sequence[Overrule] = (),
) -> Decision:
    """Return what of `page` goes and why; `lines` are the texts of its blocks, `shown` what `show` found, if known."""
    shown = shown or show(page)
    cards, runs = shown.cards, shown.runs
    tree = build_tree(page.text, page.blocks) if page.kind == "html" else None
    sure = [run for run in runs if run.confidence >= MIN_CONFIDENCE]
    rulings = _snippet_rulings(sure)
    if learned is not None:
        rulings |= _proven(page, runs, learned.openings)
    _add_furniture(lines, rulings)
    layout = find_layout(page, rulings, tree, cards)
    rulings.update((index, ruling) for index, ruling in layout.rulings.items() if index not in rulings)
    if learned is not None:
        _add_repeats(page, lines, learned, rulings, shown.keys)
    _add_lonely_markers(lines, rulings)
    by_hand = obey_overrules(page, overrules, rulings)
    weak = [run for run in runs if run not in sure and run.snippets[0].first not in rulings]
    return Decision(rulings, tuple(weak), layout, by_hand)


def _strongest(runs: Sequence[Run]) -> list[Run]:
    """Return the runs in page order, of those that overlap only the one that is surest."""
    taken: set[int] = set()
    chosen = []
    for run in sorted(runs, key=lambda run: (-run.confidence, run.snippets[0].first)):
        held = range(run.snippets[0].first, run.snippets[-1].last + 1)
        if taken.isdisjoint(held):
            taken.update(held)
            chosen.append(run)
    return sorted(chosen, key=lambda run: run.snippets[0].first)


def _snippet_rulings(runs: Sequence[Run]) -> dict[int, Ruling]:
    rulings: dict[int, Ruling] = {}
    for run in runs:
        if run.marker is not None:
            rulings[run.marker] = Ruling("marker", "announces the recommendations below", run.confidence, run.marker)
        for snippet in run.snippets:
            ruling = Ruling("snippet", run.evidence, run.confidence, snippet.first, snippet.fields())
            rulings.update((index, ruling) for index in range(snippet.first, snippet.last + 1))
    return rulings


def _proven(page: Page, runs: Sequence[Run], openings: Openings) -> dict[int, Ruling]:
    """Return certain rulings for the snippets, also of weak runs, that are the beginning of another page's article."""
    rulings: dict[int, Ruling] = {}
    for run in runs:
        for snippet in run.snippets:
            if teaser := openings.teaser(snippet.title, snippet.summary, beside=page.id):
                evidence = f"{teaser.evidence}; {run.evidence}"
                ruling = Ruling("snippet", evidence, 1.0, snippet.first, snippet.fields())
                rulings.update((index, ruling) for index in range(snippet.first, snippet.last + 1))
    return rulings


def _add_repeats(
    page: Page, lines: Sequence[str], learned: Learned, rulings: dict[int, Ruling], keys: Lines | None
) -> None:
    """Add what repeats on the site, and the items that no shape found but another page's article proves."""
    for index, finding in learned.repeats.findings(page, rulings, keys).items():
        rulings.setdefault(index, Ruling(finding.rule, finding.evidence, finding.confidence, index))
    for snippet, teaser in learned.openings.find_teasers(page.id, lines, rulings):
        ruling = Ruling("snippet", teaser.evidence, 1.0, snippet.first, snippet.fields())
        for index in range(snippet.first, snippet.last + 1):
            rulings.setdefault(index, ruling)


def _add_furniture(lines: Sequence[str], rulings: dict[int, Ruling]) -> None:
    for index, line in enumerate(lines):
        if index not in rulings and (finding := line_finding(line)):
            rulings[index] = Ruling(finding.rule, finding.evidence, finding.confidence, index)


def _add_lonely_markers(lines: Sequence[str], rulings: dict[int, Ruling]) -> None:
    """Remove a marker line that has a removed block, or nothing, behind it."""
    for index in reversed(range(len(lines))):
        if index not in rulings and is_marker(lines[index]) and (index + 1 == len(lines) or index + 1 in rulings):
            rulings[index] = Ruling("marker", "announces recommendations", 0.8, index)
