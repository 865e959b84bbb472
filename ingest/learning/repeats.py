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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from ingest.facts.read import iso_date
from ingest.furniture import Finding
from ingest.learning.statements import find_statements
from ingest.learning.stretches import STANDING, Sight
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
# A line is always at its place of the tree: on all pages that have it but a tenth.
_PLACED = 0.9
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
class Lines:
    """The `count` lines of one page, as keys under which they are counted and asked for.

    `keys` has one after the other those of the lines with their digits masked, of the same where an amount is left as
    it stands, of neighbouring pairs, and (HTML only) of the lines at their place in the tree.
    """

    site: str
    count: int
    keys: Keys

    @property
    def loose(self) -> Keys:
        """One a line, digits masked."""
        return self.keys[: self.count]

    @property
    def counted(self) -> Keys:
        """One a line, amounts as they stand: whether this repeats makes a line repeat."""
        return self.keys[self.count : 2 * self.count]

    @property
    def pairs(self) -> Keys:
        """One for each line but the last, with the line below it."""
        return self.keys[2 * self.count : max(3 * self.count - 1, 0)]

    @property
    def places(self) -> Keys:
        """One a line, with its place in the tree; none on a page without a tree."""
        return self.keys[max(3 * self.count - 1, 0) :]


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What its site tells of a page: on how many of `site_pages` each line stands, 0 where it does not repeat.

    `linked` says of each line but the last whether it and the next one stand together wherever either stands, `placed`
    of each line whether it is always at this place of the tree.
    """

    site: str
    site_pages: int
    pages: NDArray[np.int32]
    linked: NDArray[np.bool_]
    placed: NDArray[np.bool_]

    def deciding(self) -> bytes:
        """Return what of it decides. Two pages more or less change the numbers, which are only said in the evidence."""
        nearly_all = self.pages >= STANDING * self.site_pages
        return np.packbits(np.concatenate([self.pages > 0, nearly_all, self.linked, self.placed])).tobytes()

    def words(self, line: int) -> str:
        """Return how the evidence on a line begins: the numbers; where it stands follows."""
        return f"this line stands on {self.pages[line]} of {self.site_pages} pages of {self.site}"


@dataclass(frozen=True, slots=True, eq=False)
class SiteRepeats:
    """What repeats on which sites: pages a site, and the pages of every key that stands on `MIN_PAGES` or more."""

    pages: Mapping[str, int]
    keys: Keys
    counts: NDArray[np.int32]

    def ask(self, lines: Lines) -> Counted | None:
        """Return on how many pages of its site each line of a page stands; None on a site of fewer than 20 pages."""
        number = self.pages.get(lines.site, 0)
        if number < MIN_SITE_PAGES:
            return None
        enough = max(MIN_PAGES, min(ENOUGH_PAGES, round(_SHARE * number)))
        loose, pairs, places = (self._count(keys) for keys in (lines.loose, lines.pairs, lines.places))
        counts = self._count(lines.counted)
        linked = (pairs >= MIN_PAGES) & (pairs >= _LINKED * np.maximum(loose[:-1], loose[1:]))
        placed = (places > 0) & (places >= _PLACED * loose) if len(places) else np.zeros(len(loose), dtype=np.bool_)
        return Counted(lines.site, number, np.where(counts >= enough, counts, np.int32(0)), linked, placed)

    def standing(self, page: Page) -> tuple[Repeat, ...]:
        """Return the lines of `page` that repeat on its site, in page order, whatever they are."""
        counted = self._ask_of(page)
        return standing_lines(page, counted) if counted is not None else ()

    def findings(self, page: Page, gone: Collection[int] = (), keys: Lines | None = None) -> Mapping[int, Finding]:
        """Return the blocks of `page` (indices) that are furniture by what repeats on its site; none below 20 pages.

        `gone` are blocks that other rules removed: what stands between them and the page's edge stands at the edge.
        `keys` are those of `lines_of`, where they are known.
        """
        counted = self.ask(keys) if keys is not None else self._ask_of(page)
        if counted is None:
            return {}
        lines = _texts(page)
        repeated = {repeat.block: repeat.pages for repeat in _repeats(lines, counted) if repeat.block not in gone}
        if not repeated:
            return {}
        stated = frozenset(index for index in find_statements(page, lines, repeated) if not _is_own(lines[index]))
        linked, placed = counted.linked.tolist(), counted.placed.tolist()
        goes = {index: pages for index, pages in repeated.items() if index not in stated}
        found: dict[int, Finding] = {}
        while goes:  # what stays changes what is at the edge, so again until all that is supposed to go does
            sight = Sight(page, lines, goes, frozenset(gone), stated, linked, placed)
            found = {}
            for stretch in sight.stretches():
                for index, confidence in sight.weigh(stretch, counted.site_pages):
                    if confidence >= MIN_CONFIDENCE:
                        words = counted.words(index) + sight.say_where(stretch)
                        found[index] = Finding("repeated", words, confidence)
            if len(found) == len(goes):
                break
            goes = {index: goes[index] for index in found}
        return {} if _leaves_too_little(lines, found, gone) else found

    def _ask_of(self, page: Page) -> Counted | None:
        if self.pages.get(site_of(page), 0) < MIN_SITE_PAGES:
            return None  # without making keys
        return self.ask(lines_of(page))

    def _count(self, keys: Keys) -> NDArray[np.int32]:
        """Return on how many pages each of `keys` stands; 0 for what was dropped as rare."""
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.int32)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, self.counts[places], np.int32(0))


class RepeatLearner:
    """Counts page by page, in any order; `finish` gives what was learned."""

    def __init__(self) -> None:
        self._pages: Counter[str] = Counter()
        self._tally = Tally()

    def add(self, lines: Lines) -> None:
        """Count what stands on one page, each line, pair and place once."""
        self._pages[lines.site] += 1
        self._tally.add(np.unique(lines.keys))

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


def lines_of(page: Page) -> Lines:
    """Return the keys of what stands on `page`."""
    site = site_of(page)
    salt = np.uint64(key_of(site))
    texts = _texts(page)
    words = [bare(text) or text for text in texts]
    exact = [word if _AMOUNT.search(text) else masked(word) for text, word in zip(texts, words, strict=True)]
    known: dict[str, int] = {}
    keys = [np.array([_key(word, known) for word in form], dtype=np.uint64) for form in (map(masked, words), exact)]
    loose, counted = (_mixed(form, salt ^ _LINE_SALT) for form in keys)
    pairs = _mixed(loose[:-1], _mixed(loose[1:], _PAIR_SALT))
    places = np.zeros(0, dtype=np.uint64)
    if page.kind == "html":
        paths = {path: key_of(masked(path)) for path in {block.path for block in page.blocks}}
        at = np.array([paths[block.path] for block in page.blocks], dtype=np.uint64)
        places = _mixed(loose, _mixed(at, _PLACE_SALT))
    return Lines(site, len(texts), np.concatenate([loose, counted, pairs, places]))


def _texts(page: Page) -> list[str]:
    return [page.text[block.start : block.end] for block in page.blocks]


def _key(word: str, known: dict[str, int]) -> int:
    if word not in known:
        known[word] = key_of(word)
    return known[word]


def standing_lines(page: Page, counted: Counted) -> tuple[Repeat, ...]:
    """Return the lines of `page` that repeat by what was counted of it, in page order, whatever they are."""
    return _repeats(_texts(page), counted)


def _repeats(lines: Sequence[str], counted: Counted) -> tuple[Repeat, ...]:
    return tuple(
        Repeat(index, masked(bare(lines[index]) or lines[index]), int(counted.pages[index]))
        for index in np.flatnonzero(counted.pages).tolist()
        if not _is_own(lines[index])
    )


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
