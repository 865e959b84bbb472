"""What is done with the bytes of one page of a build: learning from it, and making its rows.

A page's result is what it gives to each table and what the report says of it, in a form that is kept between builds:
whether it was made now or long ago, it goes the same way into the records. Numbers that change with every new page of
a site stand in the evidence of repeated lines only; they are left out here and filled in by `Result.fill`.
"""

from __future__ import annotations

import json
import signal
import threading
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from types import FrameType
from typing import Any

import numpy as np

from index.build.group import sign_texts
from index.build.page_bytes import RawPage
from index.build.page_cache import Made, Unread
from index.build.seen import Seen
from index.lexicon.own import OwnTables
from index.model.embedder import Embedder
from index.store.recording import EVIDENCE, Cleaned, SeeAlso, rows_of
from ingest.clean import Article, clean
from ingest.facts.sources import Rule
from ingest.ladder import Shown, show
from ingest.learning.learn import Lesson, lesson_of
from ingest.learning.learned import Learned
from ingest.learning.questions import Answers, noting
from ingest.learning.repeats import Counted, lines_of, standing_lines
from ingest.overrules import Overrule
from ingest.page import BadPage, Page, page_from_bytes
from ingest.passages import split_passages

# CPU seconds for one page in one pass. The longest page that is let in (MAX_CHARS of ingest/page.py) takes 5.
PAGE_CPU_S = 60.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a page became: its rows, and what the report says of it.

    `repeated` names the removals (row, line of the page) whose evidence lacks its numbers; `standing` has the lines
    that repeat on the site (line, wording, whether it was removed); `skipped` says why it gives no article.
    """

    rows: Mapping[str, list[list[Any]]]
    repeated: Sequence[Sequence[int]]
    standing: Sequence[tuple[int, str, bool]]
    warnings: Sequence[str]
    overruled: Sequence[str]
    skipped: str | None

    def to_bytes(self) -> bytes:
        """Return the form that is kept."""
        said = {name: getattr(self, name) for name in self.__slots__}
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return zlib.compress(text.encode("utf-8", "surrogatepass"), level=1)

    @classmethod
    def from_bytes(cls, content: bytes) -> Result:
        """Return the result that was kept."""
        return cls(**json.loads(zlib.decompress(content).decode("utf-8", "surrogatepass")))

    def fill(self, counted: Counted | None) -> None:
        """Put into the evidence of repeated lines on how many pages they stand."""
        if counted is not None:
            for row, line in self.repeated:
                removal = self.rows["removals"][row]
                removal[EVIDENCE] = counted.words(line) + removal[EVIDENCE]


@dataclass(frozen=True, slots=True)
class PageWork:
    """All that decides what becomes of a page, but the page and what all pages teach together.

    It needs no folder, so it may be sent to another machine; where there is that of `seen`, no page is read twice.
    """

    own: OwnTables
    embedder: Embedder
    source_rules: tuple[Rule, ...]
    seen: Seen | None = None

    def teach(self, raw: RawPage) -> Lesson | Unread:
        """Return what one page teaches, or why it cannot be read."""
        try:
            with _limit(PAGE_CPU_S):
                page = _page(raw)
                shown = show(page)
                lesson = lesson_of(page, shown)
        except BadPage as error:
            return Unread(error.reason)
        except _TooSlow:
            return Unread(_slow("read"), slow=True)
        if self.seen is not None:
            self.seen.keep(page, replace(shown, keys=lesson.lines))
        return lesson

    def make(self, learned: Learned, answers: Answers, raw: RawPage) -> Made | Unread:
        """Return what one page becomes."""
        try:
            with _limit(PAGE_CPU_S):
                page, shown = (self.seen and self.seen.take(raw.path)) or _look(raw)
                return self._make(page, shown, raw.overrules, learned, answers)
        except _TooSlow:
            return Unread(_slow("cleaned"), slow=True)

    def _make(
        self, page: Page, shown: Shown, overrules: Sequence[Overrule], learned: Learned, answers: Answers
    ) -> Made:
        noted, asked = noting(learned)
        article = clean(page, shown=shown, learned=noted, overrules=overrules, source_rules=self.source_rules)
        article = self.own.mark(article, page.text)
        passages = split_passages(page.text, article, fits=partial(_fits_below, self.embedder, article.title))
        counted = learned.repeats.ask(shown.keys or lines_of(page))
        rows = rows_of(Cleaned(page, article, passages, tuple(_see_also(article, noted))))
        result = Result(
            rows,
            _take_numbers(page, article, counted, rows["removals"]) if counted else (),
            tuple(_standing(page, article, counted)) if counted else (),
            (*page.warnings, *article.notes),
            [overrule.action for overrule in article.overruled],
            None if passages else _nothing_left(article),
        )
        keys = np.array(sorted(asked), dtype=np.uint64)
        signatures = sign_texts([passage.text for passage in passages])
        return Made(counted.deciding() if counted else b"", keys, answers.to(keys), result.to_bytes(), signatures)


def _page(raw: RawPage) -> Page:
    return page_from_bytes(raw.data, path=raw.path, sidecar={raw.path: raw.sidecar})


def _look(raw: RawPage) -> tuple[Page, Shown]:
    page = _page(raw)
    return page, show(page)


def _fits_below(embedder: Embedder, title: str, text: str) -> bool:
    """Say whether the embedder reads `text` in one go together with the title above it."""
    return embedder.fits(f"{title}\n{text}")


def _see_also(article: Article, learned: Learned) -> Iterator[SeeAlso]:
    """Yield where the recommendation items of an article lead, as far as other articles prove it."""
    for removal in article.removals:
        if removal.fields:
            title = removal.fields["title"]
            teaser = learned.openings.teaser(title, removal.fields["summary"], beside=article.id)
            if teaser is not None:
                yield SeeAlso(teaser.article_id, removal.start, removal.end, title, teaser.chars, teaser.others)


def _take_numbers(page: Page, article: Article, counted: Counted, rows: list[list[Any]]) -> list[tuple[int, int]]:
    """Cut the numbers off the evidence of repeated lines, and return which rows speak of which lines."""
    starts = [block.start for block in page.blocks]
    repeated = []
    for row, removal in enumerate(article.removals):
        if removal.rule == "repeated":
            line = bisect_left(starts, removal.start)
            words = counted.words(line)
            if not removal.evidence.startswith(words):
                raise ValueError(f"evidence of a repeated line begins with {words!r}, found {removal.evidence!r}")
            rows[row][EVIDENCE] = removal.evidence.removeprefix(words)
            repeated.append((row, line))
    return repeated


def _standing(page: Page, article: Article, counted: Counted) -> Iterator[tuple[int, str, bool]]:
    removed = [(removal.start, removal.end) for removal in article.removals if removal.rule == "repeated"]
    for repeat in standing_lines(page, counted):
        start = page.blocks[repeat.block].start
        yield repeat.block, repeat.wording, any(left <= start < right for left, right in removed)


def _nothing_left(article: Article) -> str:
    rules = Counter(removal.rule for removal in article.removals)
    held = ", ".join(f"{count} {rule}" for rule, count in rules.most_common()) or "no text"
    return f"no article is left: the page holds only {held}; see `policykb clean` on it"


class _TooSlow(BaseException):
    """Work on a page took too long; no `Exception`, for nobody on the way may catch it."""


@contextmanager
def _limit(cpu_s: float) -> Iterator[None]:
    """Raise _TooSlow when what is inside has used so many CPU seconds; in the main thread of a process only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as the system calls it
        raise _TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s, 1)  # once more each second, where a destructor swallowed the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before or signal.SIG_DFL)


def _slow(done: str) -> str:
    return f"found a page that is not {done} after {PAGE_CPU_S:g} s of CPU time, expected a page to read, split it"
