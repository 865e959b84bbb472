"""Turns a page into an article and a ledger of what was removed.

Snippets first, by shape; then furniture, by its words and its place in the tree; what is left is the article. Every
character of the page belongs to exactly one kept span or one removal: a block owns the white space behind it, the
first one also what stands before. Where a run of snippets is too weak to remove, the text stays and the page's
confidence says so. Splitting into passages is left to `passages`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.block import Block
from ingest.facts import Fact, article_facts, capture_date, iso_date
from ingest.furniture import line_finding, place_finding
from ingest.head import Head, read_head
from ingest.headings import Heading, find_headings
from ingest.page import Page
from ingest.related import Related, relate
from ingest.snippets import MIN_CONFIDENCE, Run, find_runs, is_marker

MAX_LINK_CHARS = 80
# Under this the article is suspiciously short for a page of policy text (the shortest seed has 711 characters).
SHORT_ARTICLE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Removal:
    """What was taken out: `[start, end)` of the page, the rule, what it saw, how sure it is (0 to 1).

    `fields` and `related` are set on snippets only (rules that begin with `snippet`).
    """

    page_id: str
    start: int
    end: int
    rule: str
    evidence: str
    confidence: float
    fields: Mapping[str, str] = field(default_factory=dict)
    related: Related | None = None


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

    `body` are the blocks of the article without title and byline; `headings` index into it. `as_of` is the publication
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
    _heading_texts: Mapping[int, str]

    def heading_text(self, index: int) -> str:
        """Return the text of the heading that is body block `index`."""
        return self._heading_texts[index]

    def is_heading(self, block: Block) -> bool:
        """Say whether a body block is a heading."""
        return any(self.body[heading.index] == block for heading in self.headings)

    def keeps(self, start: int, end: int) -> bool:
        """Say whether nothing was removed between `start` and `end`."""
        return any(left <= start and end <= right for left, right in self.spans)

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
class _Verdict:
    """Why a block goes. Blocks of the same `group` become one removal."""

    rule: str
    evidence: str
    confidence: float
    group: int
    fields: Mapping[str, str] = field(default_factory=dict)


def clean(page: Page) -> Article:
    """Return the article of `page` with its ledger. An article with an empty `body` means: nothing but removals."""
    lines = [page.text[block.start : block.end] for block in page.blocks]
    runs = find_runs(page.text, page.blocks)
    verdicts = _snippet_verdicts([run for run in runs if run.confidence >= MIN_CONFIDENCE])
    _add_furniture(page, lines, verdicts)
    _add_lonely_markers(lines, verdicts)
    kept = [index for index in range(len(lines)) if index not in verdicts]
    head = read_head(page, lines, kept)
    body = tuple(page.blocks[index] for index in kept if index not in head.outside_body)
    headings = find_headings(page.text, body) if body else ()
    headings = tuple(h for h in headings if head.short_answer is None or body[h.index] != head.short_answer_block)
    body_text = "\n".join(page.text[block.start : block.end] for block in body)
    spans, removals = _tile(page, verdicts, head.title, body_text)
    doubts = _doubts(page, body_text, head, [run for run in runs if run.confidence < MIN_CONFIDENCE])
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
        _heading_texts=texts,
    )


def _snippet_verdicts(runs: Sequence[Run]) -> dict[int, _Verdict]:
    verdicts: dict[int, _Verdict] = {}
    for run in runs:
        if run.marker is not None:
            verdicts[run.marker] = _Verdict("marker", "announces the recommendations below", run.confidence, run.marker)
        for snippet in run.snippets:
            verdict = _Verdict("snippet", run.evidence, run.confidence, snippet.first, snippet.fields())
            verdicts.update((index, verdict) for index in range(snippet.first, snippet.last + 1))
    return verdicts


def _add_furniture(page: Page, lines: Sequence[str], verdicts: dict[int, _Verdict]) -> None:
    for index, line in enumerate(lines):
        if index not in verdicts and (finding := line_finding(line)):
            verdicts[index] = _Verdict(finding.rule, finding.evidence, finding.confidence, index)
    if page.kind != "html":
        return
    placed = {
        index: finding
        for index, block in enumerate(page.blocks)
        if index not in verdicts and (finding := place_finding(block)) and block.kind != "h1"
    }
    left = sum(len(line) for index, line in enumerate(lines) if index not in verdicts and index not in placed)
    # A page whose whole text stands in a box called "header" or "side" keeps it: never remove the only text.
    if left >= SHORT_ARTICLE_CHARS or left >= sum(len(lines[index]) for index in placed):
        for index, finding in placed.items():
            verdicts[index] = _Verdict(finding.rule, finding.evidence, finding.confidence, index)
    _add_link_lists(page, lines, verdicts)


def _add_link_lists(page: Page, lines: Sequence[str], verdicts: dict[int, _Verdict]) -> None:
    """Remove three or more lines in a row that are nothing but links, with the marker above them."""
    run: list[int] = []
    for index in range(len(lines) + 1):
        is_link = (
            index < len(lines)
            and index not in verdicts
            and page.blocks[index].link_share >= 0.9
            and len(lines[index]) <= MAX_LINK_CHARS
        )
        if is_link:
            run.append(index)
            continue
        if len(run) >= 3 and len(run) < len(lines) - len(verdicts):
            for member in run:
                verdicts[member] = _Verdict("link_list", f"{len(run)} lines in a row are only links", 0.8, run[0])
        run = []


def _add_lonely_markers(lines: Sequence[str], verdicts: dict[int, _Verdict]) -> None:
    """Remove a marker line that has a removed block, or nothing, behind it."""
    for index in reversed(range(len(lines))):
        if index not in verdicts and is_marker(lines[index]) and (index + 1 == len(lines) or index + 1 in verdicts):
            verdicts[index] = _Verdict("marker", "announces recommendations", 0.8, index)


def _sections(body: Sequence[Block], headings: Sequence[Heading], texts: Mapping[int, str]) -> tuple[Section, ...]:
    sections = []
    open_: list[tuple[int, str]] = []
    for number, heading in enumerate(headings):
        while open_ and open_[-1][0] >= heading.level:
            open_.pop()
        open_.append((heading.level, texts[heading.index]))
        following = next((later.index for later in headings[number + 1 :] if later.level <= heading.level), len(body))
        path = tuple(text for _, text in open_)
        start, end = body[heading.index].start, body[following - 1].end
        sections.append(Section(texts[heading.index], heading.level, path, start, end))
    return tuple(sections)


def _tile(
    page: Page, verdicts: Mapping[int, _Verdict], title: str, body_text: str
) -> tuple[tuple[tuple[int, int], ...], tuple[Removal, ...]]:
    """Cut the whole text into kept spans and removals, without gap or overlap."""
    spans: list[tuple[int, int]] = []
    removals: list[Removal] = []
    previous: _Verdict | None = None
    for index, block in enumerate(page.blocks):
        start = block.start if index else 0
        end = page.blocks[index + 1].start if index + 1 < len(page.blocks) else len(page.text)
        verdict = verdicts.get(index)
        if verdict is None:
            if spans and spans[-1][1] == start:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
        elif previous is not None and previous.group == verdict.group and previous.rule == verdict.rule:
            removals[-1] = _extended(removals[-1], end)
        else:
            related = None
            if verdict.fields:
                related = relate(title, body_text, verdict.fields["title"], verdict.fields["summary"])
            removals.append(
                Removal(
                    page.id, start, end, verdict.rule, verdict.evidence, verdict.confidence, verdict.fields, related
                )
            )
        previous = verdict
    return tuple(spans), tuple(removals)


def _extended(removal: Removal, end: int) -> Removal:
    return Removal(
        removal.page_id,
        removal.start,
        end,
        removal.rule,
        removal.evidence,
        removal.confidence,
        removal.fields,
        removal.related,
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
    elif page.fetched:
        facts.append(Fact("captured", page.fetched[:10], -1, -1, page.fetched))
    return (*facts, *article_facts(page.text, spans))


def _doubts(page: Page, body_text: str, head: Head, weak_runs: Sequence[Run]) -> list[tuple[float, str]]:
    """Return what speaks against the result, each with its weight on the confidence."""
    doubts = []
    if weak_runs:
        count = sum(len(run.snippets) for run in weak_runs)
        doubts.append((0.55, f"{count} lines look like recommendations but not surely enough to remove them"))
    if len(body_text) < SHORT_ARTICLE_CHARS:
        doubts.append((0.55, f"only {len(body_text)} characters are left"))
    if not head.has_title:
        doubts.append((0.2, "no line is the title"))
    doubts += [(0.2, warning) for warning in page.warnings]
    return doubts
