"""The ladder: which blocks of a page are not the article, the certain ones first, the doubtful ones kept and told.

Snippets by their shape come first, then furniture by its words and its place in the tree, then what repeats on the
pages of the site, last what a person overruled. A run of snippets too weak to remove stays on the page; `confidence`
makes a doubt of it. What the rules see is in their own files (`snippets`, `furniture`, `places`, `repeats`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.furniture import line_finding
from ingest.ledger import Ruling
from ingest.meta_lines import is_marker
from ingest.overrules import Missed, Overrule, obey_overrules
from ingest.page import Page
from ingest.places import place_finding
from ingest.snippets import MIN_CONFIDENCE, Run, find_runs

MAX_LINK_CHARS = 80
# Under this the article is suspiciously short for a page of policy text (the shortest seed has 711 characters).
SHORT_ARTICLE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Decision:
    """What goes, by block index; the runs that look like snippets but stay; the overrules that changed nothing."""

    rulings: dict[int, Ruling]
    weak_runs: tuple[Run, ...]
    missed: tuple[Missed, ...]


def decide(page: Page, lines: Sequence[str], overrules: Sequence[Overrule]) -> Decision:
    """Return what of `page` goes and why; `lines` are the texts of its blocks."""
    runs = find_runs(page.text, page.blocks)
    sure = [run for run in runs if _is_sure(run, lines)]
    rulings = _snippet_rulings(sure)
    _add_furniture(page, lines, rulings)
    _add_lonely_markers(lines, rulings)
    missed = obey_overrules(page, overrules, rulings)
    return Decision(rulings, tuple(run for run in runs if run not in sure), missed)


def _is_sure(run: Run, lines: Sequence[str]) -> bool:
    """Say whether a run is strong enough to remove: on its own shape only if an article is left without it."""
    if run.confidence < MIN_CONFIDENCE:
        return False
    own = sum(len(lines[index]) for item in run.snippets for index in range(item.first, item.last + 1))
    return run.marker is not None or run.has_cut_summaries or sum(map(len, lines)) - own >= 3 * SHORT_ARTICLE_CHARS


def _snippet_rulings(runs: Sequence[Run]) -> dict[int, Ruling]:
    rulings: dict[int, Ruling] = {}
    for run in runs:
        if run.marker is not None:
            rulings[run.marker] = Ruling("marker", "announces the recommendations below", run.confidence, run.marker)
        for snippet in run.snippets:
            ruling = Ruling("snippet", run.evidence, run.confidence, snippet.first, snippet.fields())
            rulings.update((index, ruling) for index in range(snippet.first, snippet.last + 1))
    return rulings


def _add_furniture(page: Page, lines: Sequence[str], rulings: dict[int, Ruling]) -> None:
    for index, line in enumerate(lines):
        if index not in rulings and (finding := line_finding(line)):
            rulings[index] = Ruling(finding.rule, finding.evidence, finding.confidence, index)
    if page.kind != "html":
        return
    placed = {
        index: finding
        for index, block in enumerate(page.blocks)
        if index not in rulings and (finding := place_finding(block)) and block.kind != "h1"
    }
    told = {index: len(line) * (1 - page.blocks[index].link_share) for index, line in enumerate(lines)}
    free = sum(chars for index, chars in told.items() if index not in rulings)
    weights: Counter[str] = Counter()
    for index, finding in placed.items():
        weights[finding.evidence] += round(told[index])
    for index, finding in placed.items():
        # Some sites keep the article in a box called "header" or "side": a place never takes most of what is told.
        if weights[finding.evidence] * 2 <= free:
            rulings[index] = Ruling(finding.rule, finding.evidence, finding.confidence, index)
    _add_link_lists(page, lines, rulings)


def _add_link_lists(page: Page, lines: Sequence[str], rulings: dict[int, Ruling]) -> None:
    """Remove three or more lines in a row that are nothing but links, with the marker above them."""
    run: list[int] = []
    for index in range(len(lines) + 1):
        is_link = (
            index < len(lines)
            and index not in rulings
            and page.blocks[index].link_share >= 0.9
            and len(lines[index]) <= MAX_LINK_CHARS
        )
        if is_link:
            run.append(index)
            continue
        if len(run) >= 3 and len(run) < len(lines) - len(rulings):
            for member in run:
                rulings[member] = Ruling("link_list", f"{len(run)} lines in a row are only links", 0.8, run[0])
        run = []


def _add_lonely_markers(lines: Sequence[str], rulings: dict[int, Ruling]) -> None:
    """Remove a marker line that has a removed block, or nothing, behind it."""
    for index in reversed(range(len(lines))):
        if index not in rulings and is_marker(lines[index]) and (index + 1 == len(lines) or index + 1 in rulings):
            rulings[index] = Ruling("marker", "announces recommendations", 0.8, index)
