"""Teaser proof: a snippet whose summary is the beginning of another page's article is certain, and leads to it.

Sites make summaries by cutting the article's text, so the proof needs neither a marker nor a meta line nor a date.
Known of every page are its title and hashes of the beginnings of its article, at lengths a quarter apart, never the
text: 160 bytes a page. The longest of these lengths that the summary reaches is compared, and the evidence says how
many characters that were. Only a cut sentence under the other page's title proves a pair of lines in the body: an
answer that a digest quotes whole, or the first paragraph of a copy, is an article's own text.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ingest.block import Block
from ingest.learning.tally import Keys
from ingest.learning.wording import bare, key_of
from ingest.page import Page
from ingest.snippets.meta_lines import read_meta
from ingest.snippets.runs import Snippet

# Letters and digits compared: 20 of them are no chance in Chinese; a quarter apart, so that at least four fifths
# of a summary are compared; the longest summary on the seeds has 216 characters.
LENGTHS = (20, 25, 31, 39, 49, 61, 76, 95, 119, 149, 186, 232, 290)
# As long as such lines are on any page seen: a title of 80, a summary of 320 characters.
MAX_TITLE_CHARS, MAX_SUMMARY_CHARS = 80, 320
MIN_TITLE_CHARS = 6  # shorter titles are headings as well: 办事指南
_MAX_OWNERS = 50  # looked at of the pages that begin alike: legal formulas open many articles
_PROSE_CHARS = 20
_CUT_MARKS = ("…", "...", "。。。", "・・・")
_LINES_READ = 30  # blocks of an article that make its beginning
_LINES_BELOW = 6  # read below a pair to see whether the page goes on quoting
_GOES_ON_CHARS = 5  # fewer equal characters behind a summary are chance


@dataclass(frozen=True, slots=True)
class Teaser:
    """A proof: `chars` letters and digits of a summary are the beginning of the article `article_id` at `path`.

    `others` more articles begin with the same words; this one also has the title, or comes first by its path.
    """

    article_id: str
    path: str
    chars: int
    others: int

    @property
    def evidence(self) -> str:
        """The proof in words."""
        more = f" and of {self.others} more pages" if self.others else ""
        return f"its summary is the beginning of {self.path}{more} ({self.chars} characters compared)"


@dataclass(frozen=True, slots=True)
class Opening:
    """How the article of one page begins: `chars` counts its letters and digits, up to the longest length compared."""

    page_id: str
    path: str
    chars: int
    title_keys: tuple[int, ...]
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Openings:
    """Titles and beginnings of all articles, by hash. Owners are numbers of pages, in the order of `paths`.

    `chars` are the letters and digits of each article, counted up to the longest length compared.
    """

    ids: tuple[str, ...]
    paths: tuple[str, ...]
    chars: tuple[int, ...]
    keys: Keys
    owners: NDArray[np.int32]
    title_keys: Keys
    title_owners: NDArray[np.int32]

    def teaser(self, title: str, summary: str, *, beside: str) -> Teaser | None:
        """Return the article that a snippet on the page with the id `beside` teases, or None.

        The summary, the summary without a title in front, or title and summary together begin that article.
        """
        name, words = bare(title), bare(summary)
        for text in dict.fromkeys((words, words.removeprefix(name), name + words)):
            if proof := self._begin(text, name, beside):
                return proof
        return None

    def titled(self, title: str, *, beside: str) -> tuple[int, ...]:
        """Return the pages with this title (numbers), in path order; none if it is the title of `beside` itself."""
        name = bare(title)
        owners = self._all(self.title_keys, self.title_owners, key_of(name)) if _is_name(name) else ()
        return () if any(self.ids[owner] == beside for owner in owners) else owners

    def begins(self, text: str, page: int) -> int:
        """Return how many letters and digits at the start of `text` are known to begin the article of `page`."""
        words = bare(text)
        for length in reversed(LENGTHS):
            if length <= len(words) and page in self._all(self.keys, self.owners, _opening_key(words, length)):
                return length
        return 0

    def find_teasers(
        self, page_id: str, lines: Sequence[str], gone: Collection[int] = ()
    ) -> tuple[tuple[Snippet, Teaser], ...]:
        """Return the items on a page that no shape found but another page's article proves, in page order.

        Such an item is the title of another page, directly above the beginning of that page's article, cut in
        mid-sentence; a meta line below belongs to it. Lines in `gone` are removed already.
        """
        found = []
        index = 0
        while index + 1 < len(lines):
            item = None if index in gone or index + 1 in gone else _item(page_id, lines, index, self)
            if item is None:
                index += 1
                continue
            teaser, last = item, index + 1
            meta = read_meta(lines[last + 1]) if last + 1 < len(lines) and last + 1 not in gone else None
            if meta is not None:
                last += 1
            category, date = (meta.category, meta.date) if meta is not None else ("", "")
            found.append((Snippet(index, last, lines[index], lines[index + 1], category, date), teaser))
            index = last + 1
        return tuple(found)

    def _begin(self, words: str, name: str, beside: str) -> Teaser | None:
        length = max((length for length in LENGTHS if length <= len(words)), default=0)
        if not length:
            return None
        owners = self._all(self.keys, self.owners, _opening_key(words, length))
        if not owners or any(self.ids[owner] == beside for owner in owners):
            return None  # the page begins with these words itself: a copy of another page is no teaser of it
        titled = self._all(self.title_keys, self.title_owners, key_of(name)) if _is_name(name) else ()
        best = next((owner for owner in owners if owner in titled), owners[0])
        return Teaser(self.ids[best], self.paths[best], length, len(owners) - 1)

    def _all(self, keys: Keys, owners: NDArray[np.int32], key: int) -> tuple[int, ...]:
        first = int(np.searchsorted(keys, np.uint64(key)))
        last = int(np.searchsorted(keys, np.uint64(key), side="right"))
        return tuple(owners[first : min(last, first + _MAX_OWNERS)].tolist())


def opening_of(page: Page, title: str, body: Sequence[Block]) -> Opening | None:
    """Return how the article of `page` begins; None for one without a body, which teaches nothing."""
    if not body:
        return None
    beginnings = _beginnings(page.text, body)
    name = bare(title)
    title_keys = (key_of(name),) if _is_name(name) else ()
    known = {_opening_key(words, length) for words in beginnings for length in LENGTHS if length <= len(words)}
    return Opening(page.id, page.path, len(beginnings[0]), title_keys, tuple(sorted(known)))


class OpeningLearner:
    """Gathers titles and beginnings page by page, in any order; `finish` gives them sorted."""

    def __init__(self) -> None:
        self._pages: list[tuple[str, str, int]] = []
        self._keys, self._owners = array("Q"), array("I")
        self._title_keys, self._title_owners = array("Q"), array("I")

    def add(self, opening: Opening) -> None:
        """Learn how one article begins."""
        owner = len(self._pages)
        self._pages.append((opening.path, opening.page_id, opening.chars))
        self._title_keys.extend(opening.title_keys)
        self._title_owners.extend([owner] * len(opening.title_keys))
        self._keys.extend(opening.keys)
        self._owners.extend([owner] * len(opening.keys))

    def finish(self) -> Openings:
        """Return what was learned, the same for any order of pages."""
        order = sorted(range(len(self._pages)), key=lambda number: os.fsencode(self._pages[number][0]))
        rank = np.zeros(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        keys, owners = _sorted(self._keys, self._owners, rank)
        title_keys, title_owners = _sorted(self._title_keys, self._title_owners, rank)
        pages = [self._pages[number] for number in order]
        paths, ids, chars = (tuple(column) for column in zip(*pages, strict=True)) if pages else ((), (), ())
        return Openings(ids, paths, chars, keys, owners, title_keys, title_owners)


def _item(page_id: str, lines: Sequence[str], index: int, openings: Openings) -> Teaser | None:
    title, summary = lines[index], lines[index + 1]
    if len(title) > MAX_TITLE_CHARS or len(summary) > MAX_SUMMARY_CHARS or not _is_cut(summary):
        return None
    words = bare(summary)
    below = "".join(islice(lines, index + 2, index + 2 + _LINES_BELOW))
    for owner in openings.titled(title, beside=page_id):
        chars = openings.begins(summary, owner)
        is_part = 0 < chars < LENGTHS[-1] and len(words) < openings.chars[owner]
        if is_part and openings.begins(summary + below, owner) < len(words) + _GOES_ON_CHARS:
            return Teaser(openings.ids[owner], openings.paths[owner], chars, 0)
    return None


def _is_cut(summary: str) -> bool:
    """Say whether a summary stops in mid-sentence; an ellipsis is how sites mark the cut."""
    words = summary.rstrip()
    return words.endswith(_CUT_MARKS) or not words.endswith(
        ("。", "！", "!", "？", "?", "；", ";", "：", ":", "”", "）", ")")
    )


def _is_name(name: str) -> bool:
    return len(name) >= MIN_TITLE_CHARS


def _opening_key(words: str, length: int) -> int:
    return key_of(f"{length}:{words[:length]}")


def _beginnings(page_text: str, body: Sequence[Block]) -> list[str]:
    """Return how the article begins: with its first line, and with its first prose below a label or a short answer."""
    bodies = [page_text[block.start : block.end] for block in body[:_LINES_READ]]
    prose = next((number for number, line in enumerate(bodies) if len(bare(line)) >= _PROSE_CHARS), 0)
    return [bare("".join(bodies[first:]))[: LENGTHS[-1]] for first in sorted({0, prose})]


def _sorted(keys: array[int], owners: array[int], rank: NDArray[np.int32]) -> tuple[Keys, NDArray[np.int32]]:
    values = np.frombuffer(keys, dtype=np.uint64) if len(keys) else np.zeros(0, dtype=np.uint64)
    numbers = rank[np.array(owners, dtype=np.int64)] if len(owners) else np.zeros(0, dtype=np.int32)
    order = np.lexsort((numbers, values))
    return values[order], numbers[order]
