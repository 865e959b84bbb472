"""What repeats across the pages of one site, learned in a first pass, and which lines of a page are furniture by it.

A line that stands on many pages is not yet furniture: articles share headings (办理条件), standing sentences, notices.
So three things are counted a site, each once a page: lines with their digits masked, pairs of neighbouring lines, and
lines at their place in the tree. A standing heading is followed by other prose on every page, so its pairs are rare; a
navigation or a footer repeats as a stretch. Where a stretch stands, what it is made of and how many pages have it is
added up as for snippets (`stretches`), unless they state something about a service (`statements`). Removing is left to
`clean`, counting to `tally`.

After Yi, Liu, Li, Eliminating Noisy Information in Web Pages for Data Mining (KDD 2003), without their tree, because a
dump has none.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from ingest.facts.read import iso_date
from ingest.furniture import Finding
from ingest.learning.statements import find_statements
from ingest.learning.stretches import Sight
from ingest.learning.tally import Keys, Tally
from ingest.learning.wording import bare, key_of, masked
from ingest.page import Page
from ingest.snippets.meta_lines import read_meta

# Fewer pages of a site say nothing: an article and its reposts are as many.
MIN_SITE_PAGES = 20
# What counts as repeated: on a fifth of a site's pages, so that each template of a site learns its own furniture,
# never on fewer than 10, and on 50 of a large site, where a fifth would be no template any more.
MIN_PAGES = 10
ENOUGH_PAGES = 50
_SHARE = 0.2
# A pair binds two lines where it stands on most pages of both.
_LINKED = 0.7
MIN_CONFIDENCE = 0.7
# An article is left: as `clean` sees a page that is suspiciously short.
_MIN_LEFT_CHARS = 60

_BYLINE = re.compile(
    r"^(?:[文本][章稿])?(?:来源|作者|编辑|责编|记者|发布|时间|日期|更新|文号|索引号|信息来源|发文机关)"
)
# A number with such a unit is what a page says, not a counter: 4000元 and 5000元 are two different lines.
_AMOUNT = re.compile(r"\d\s*(?:[万亿千百]?元|[%％‰倍岁折周]|个?月|[年天日号级档类])")
_LINE_SALT, _PAIR_SALT, _PLACE_SALT = (np.uint64(key_of(name)) for name in ("line", "pair", "place"))


@dataclass(frozen=True, slots=True)
class Repeat:
    """A line that repeats on its site: its block on this page, its wording with digits masked, on how many pages."""

    block: int
    wording: str
    pages: int


@dataclass(frozen=True, slots=True, eq=False)
class SiteRepeats:
    """What repeats on which sites: pages a site, and the pages of every key that stands on `MIN_PAGES` or more."""

    pages: Mapping[str, int]
    keys: Keys
    counts: NDArray[np.int32]

    def standing(self, page: Page) -> tuple[Repeat, ...]:
        """Return the lines of `page` that repeat on its site, in page order, whatever they are."""
        if self._enough(page) is None:
            return ()
        seen = _Seen(page)
        return tuple(self._repeats(page, seen))

    def findings(self, page: Page, gone: Collection[int] = ()) -> Mapping[int, Finding]:
        """Return the blocks of `page` (indices) that are furniture by what repeats on its site; none below 20 pages.

        `gone` are blocks that other rules removed: what stands between them and the page's edge stands at the edge.
        """
        if self._enough(page) is None:
            return {}
        seen = _Seen(page)
        repeated = {repeat.block: repeat.pages for repeat in self._repeats(page, seen) if repeat.block not in gone}
        if not repeated:
            return {}
        stated = frozenset(
            index for index in find_statements(page, seen.lines, repeated) if not _is_own(seen.lines[index])
        )
        linked, placed = self._linked(seen), self._placed(page, seen)
        site, number = site_of(page), self.pages[site_of(page)]
        goes = {index: pages for index, pages in repeated.items() if index not in stated}
        found: dict[int, Finding] = {}
        while goes:  # what stays changes what is at the edge, so again until all that is supposed to go does
            sight = Sight(page, seen.lines, goes, frozenset(gone), stated, linked, placed)
            found = {}
            for stretch in sight.stretches():
                for index, confidence in sight.weigh(stretch, number):
                    if confidence >= MIN_CONFIDENCE:
                        where = sight.say_where(stretch)
                        words = f"this line stands on {repeated[index]} of {number} pages of {site}{where}"
                        found[index] = Finding("repeated", words, confidence)
            if len(found) == len(goes):
                break
            goes = {index: goes[index] for index in found}
        return {} if _leaves_too_little(seen.lines, found, gone) else found

    def _enough(self, page: Page) -> int | None:
        number = self.pages.get(site_of(page), 0)
        if number < MIN_SITE_PAGES:
            return None
        return max(MIN_PAGES, min(ENOUGH_PAGES, round(_SHARE * number)))

    def _count(self, keys: Keys) -> NDArray[np.int32]:
        """Return on how many pages each of `keys` stands; 0 for what was dropped as rare."""
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.int32)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, self.counts[places], np.int32(0))

    def _repeats(self, page: Page, seen: _Seen) -> Iterator[Repeat]:
        enough = self._enough(page)
        assert enough is not None  # asked before
        loose, exact = self._count(seen.line_keys), self._count(seen.exact_keys)
        for index, line in enumerate(seen.lines):
            count = exact[index] if _AMOUNT.search(line) else loose[index]
            if count >= enough and not _is_own(line):
                yield Repeat(index, seen.wordings[index], int(count))

    def _linked(self, seen: _Seen) -> list[bool]:
        """Say for each block whether it and the next one stand together wherever either stands."""
        lines, pairs = self._count(seen.line_keys), self._count(seen.pair_keys)
        return [
            bool(pairs[i] >= MIN_PAGES and pairs[i] >= _LINKED * max(lines[i], lines[i + 1])) for i in range(len(pairs))
        ]

    def _placed(self, page: Page, seen: _Seen) -> list[bool]:
        """Say for each block whether its line stands at this place of the tree wherever it stands."""
        if page.kind != "html":
            return [False] * len(seen.lines)
        lines, places = self._count(seen.line_keys), self._count(seen.place_keys)
        return [bool(place and place >= 0.9 * line) for line, place in zip(lines, places, strict=True)]


class RepeatLearner:
    """Counts page by page, in any order; `finish` gives what was learned."""

    def __init__(self) -> None:
        self._pages: Counter[str] = Counter()
        self._tally = Tally()

    def add(self, page: Page) -> None:
        """Count what stands on `page`, each line, pair and place once."""
        self._pages[site_of(page)] += 1
        seen = _Seen(page)
        keys = (seen.line_keys, seen.exact_keys, seen.pair_keys, seen.place_keys)
        self._tally.add(np.unique(np.concatenate(keys)))

    def finish(self) -> SiteRepeats:
        """Return what repeats, and forget the pages."""
        keys, counts = self._tally.frequent(MIN_PAGES)
        return SiteRepeats(dict(sorted(self._pages.items())), keys, counts)


def site_of(page: Page) -> str:
    """Return what the pages of one site share: the host of the address, else the site's name, else the page's folder.

    The host goes before the name because og:site_name changes with the column. Scrapers save a site to a folder; where
    several sites share one, each line's share only gets smaller, and nothing false is learned.
    """
    if page.url:
        try:
            host = urlsplit(page.url).hostname
        except ValueError:  # an address that is none, such as http://[
            host = None
        if host:
            return host.removeprefix("www.")
    return page.site or f"the folder {posixpath.dirname(page.path) or '.'}"


class _Seen:
    """The lines of a page and their keys: arrays of one key a block (`pair_keys` one fewer)."""

    def __init__(self, page: Page) -> None:
        site = np.uint64(key_of(site_of(page)))
        self.lines = [page.text[block.start : block.end] for block in page.blocks]
        words = [bare(line) or line for line in self.lines]
        self.wordings = [masked(word) for word in words]
        loose = np.array([key_of(word) for word in self.wordings], dtype=np.uint64)
        same = [word == loosely for word, loosely in zip(words, self.wordings, strict=True)]
        exact = np.array(
            [loose[i] if same[i] else np.uint64(key_of(word)) for i, word in enumerate(words)], dtype=np.uint64
        )
        self.line_keys = _mixed(loose, site ^ _LINE_SALT)
        self.exact_keys = _mixed(exact, site ^ _LINE_SALT)
        self.pair_keys = _mixed(self.line_keys[:-1], _mixed(self.line_keys[1:], _PAIR_SALT))
        self.place_keys = np.zeros(0, dtype=np.uint64)
        if page.kind == "html":
            known: dict[str, int] = {}
            for block in page.blocks:
                if block.path not in known:
                    known[block.path] = key_of(masked(block.path))
            places = np.array([known[block.path] for block in page.blocks], dtype=np.uint64)
            self.place_keys = _mixed(self.line_keys, _mixed(places, _PLACE_SALT))


def _mixed(keys: Keys, salt: Keys | np.uint64) -> Keys:
    """Return `keys` and `salt` as one key each (the finaliser of splitmix64)."""
    value = (keys ^ salt) * np.uint64(0x9E3779B97F4A7C15)
    value ^= value >> np.uint64(30)
    value *= np.uint64(0xBF58476D1CE4E5B9)
    value ^= value >> np.uint64(27)
    return value


def _is_own(line: str) -> bool:
    """Say whether a line speaks of this page alone although its digits masked it repeats: a byline, a meta line."""
    return _BYLINE.match(line) is not None or iso_date(line) is not None or read_meta(line) is not None


def _leaves_too_little(lines: Sequence[str], found: Mapping[int, Finding], gone: Collection[int]) -> bool:
    """Say whether no article would be left: a page that is a copy of many others repeats as a whole."""
    left = sum(len(line) for index, line in enumerate(lines) if index not in found and index not in gone)
    return left < _MIN_LEFT_CHARS
