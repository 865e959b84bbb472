"""Turns a page into an article and a ledger of what was removed.

Snippets first, by shape; then furniture, by its words and its place in the tree; what is left is the article. Every
character of the page belongs to exactly one kept span or one removal: a block owns the white space behind it, the
first one also what stands before. Where a run of snippets is too weak to remove, the text stays and the page's
confidence says so. Splitting into passages is left to `passages`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.block import Block
from ingest.facts import Fact, article_facts, capture_date, iso_date
from ingest.furniture import line_finding, place_finding
from ingest.head import Head, read_head
from ingest.headings import Heading, find_headings
from ingest.ledger import Removal, Ruling, tile
from ingest.meta_lines import is_marker, read_meta
from ingest.page import Page
from ingest.snippets import MIN_CONFIDENCE, Run, find_runs

MAX_LINK_CHARS = 80
# Under this the article is suspiciously short for a page of policy text (the shortest seed has 711 characters).
SHORT_ARTICLE_CHARS = 60


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
    `confidence` is from 0 to 1; below 0.5 means: look at this page.
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


def clean(page: Page) -> Article:
    """Return the article of `page` with its ledger. An article with an empty `body` means: nothing but removals."""
    lines = [page.text[block.start : block.end] for block in page.blocks]
    runs = find_runs(page.text, page.blocks)
    sure = [run for run in runs if _is_sure(run, lines)]
    rulings = _snippet_rulings(sure)
    _add_furniture(page, lines, rulings)
    _add_lonely_markers(lines, rulings)
    kept = [index for index in range(len(lines)) if index not in rulings]
    head = read_head(page, lines, kept)
    body = tuple(page.blocks[index] for index in kept if index not in head.outside_body)
    if not body:  # a title with nothing under it is no article; the ledger says so, and no character is lost
        no_article = Ruling("no_article", "nothing stands under the title", 0.5, -1)
        rulings.update((index, no_article) for index in kept)
    headings = find_headings(page.text, body) if body else ()
    headings = tuple(h for h in headings if head.short_answer is None or body[h.index] != head.short_answer_block)
    body_text = "\n".join(page.text[block.start : block.end] for block in body)
    spans, removals = tile(page, rulings, head.title, body_text)
    doubts = _doubts(page, body_text, head, [run for run in runs if run not in sure])
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
        facts=_facts(page, lines, head, spans, removals),
        removals=removals,
        confidence=round(max(0.0, 1.0 - sum(weight for weight, _ in doubts)), 2) if body else 0.0,
        doubts=tuple(words for _, words in doubts),
        heading_texts=texts,
    )


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


def _facts(
    page: Page,
    lines: Sequence[str],
    head: Head,
    spans: Sequence[tuple[int, int]],
    removals: Sequence[Removal],
) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    published = page.published
    if published:
        facts.append(Fact("published", published, -1, -1, published))
    else:
        for index in head.bylines:
            if date := iso_date(lines[index]):
                block = page.blocks[index]
                facts.append(Fact("published", date, block.start, block.end, lines[index]))
                break
    snippets = [(r.fields["date"], r.start, r.end) for r in removals if r.fields]
    if captured := capture_date(page.text, snippets):
        facts.append(captured)
    elif page.fetched and (fetched := iso_date(page.fetched)):
        facts.append(Fact("captured", fetched, -1, -1, page.fetched))
    return (*facts, *article_facts(page.text, spans))


def _doubts(page: Page, body_text: str, head: Head, weak_runs: Sequence[Run]) -> list[tuple[float, str]]:
    """Return what speaks against the result, each with its weight on the confidence."""
    doubts = []
    kept = Counter(body_text.splitlines())
    if any(count >= 3 and any(map(str.isdigit, line)) and read_meta(line) for line, count in kept.items()):
        doubts.append((0.55, "one line with a date or a count stands in the article three times or more"))
    if any(is_marker(line) for line in kept):
        doubts.append((0.55, "a line that announces recommendations is left, and what it announces was not recognised"))
    if weak_runs:
        count = sum(len(run.snippets) for run in weak_runs)
        doubts.append((0.55, f"{count} lines look like recommendations but not surely enough to remove them"))
    if len(body_text) < SHORT_ARTICLE_CHARS:
        doubts.append((0.55, f"only {len(body_text)} characters are left"))
    if not head.has_title:
        doubts.append((0.2, "no line is the title"))
    if page.fetched and not iso_date(page.fetched):
        doubts.append((0.1, f"the sidecar's fetch date {page.fetched[:20]!r} is no date like 2025-04-13"))
    doubts += [(0.2, warning) for warning in page.warnings]
    return doubts
