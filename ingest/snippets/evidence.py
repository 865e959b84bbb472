"""Says how sure it is that a run of items is no part of the article, as a sum of observations in words.

Shape alone is not enough: a chronicle, a list of notices and a digest of questions have the shape of recommendations
too. What tells them apart is that recommendations are cut in mid-sentence, stand under a marker or at the end of the
page, share one date, and speak of other things than the article does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ingest.snippets.roles import Line, cut_grade
from ingest.snippets.runs import Snippet

# A page of which less is left besides a run has no article to tell apart from it (the shortest seed has 711,
# short answers have 150).
MIN_ARTICLE_CHARS = 120
# Titles that ask are seldom the rows of a table, so a shorter article will do.
MIN_ASKED_CHARS = 60
# The article's words are told from its first characters: enough for its vocabulary, and bounded on a large page.
_MAX_WORDS_CHARS = 2500
_QUESTION = re.compile(
    r"[?？]$|^(?:how|what|why|when|where|who|which|can|should|is|are|do|does|best|top|\d+)\b"
    r"|怎么|如何|什么|多少|多久|哪些|哪里|哪个|哪种|为什么|为何|是否|能不能|可不可以|会不会|要不要|有没有|吗|呢$|几[天年月次个]"
    r"|怎样|咋|谁",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    r"^《|》|^关于.{2,}的|〔\d{4}〕|号$"
    r"|(?:通知|公告|通告|办法|规定|细则|意见|批复|条例|方案|目录|公示|决定|规程|标准|指南|函)(?:[（(].{0,20}[）)])?$"
)
# Templates cut at fifty characters or more; a shorter common length says something of more items only.
_MIN_CUT_LENGTH, _MANY = 45, 6
_LEADING = re.compile(r"^[\W\d_]+")
_CLAUSE = re.compile(r"[，,；;]")
STRANGE_SHARE = 0.34


@dataclass(slots=True)
class Surroundings:
    """What stands on the page besides the runs: asked for by the evidence, and computed when asked."""

    lines: Sequence[Line]
    taken: frozenset[int]
    _grams: set[tuple[str, str]] | None = field(default=None)
    _chars: int | None = field(default=None)
    _ends: bool | None = field(default=None)

    def article_chars(self) -> int:
        """Return how many characters stand outside all runs."""
        if self._chars is None:
            self._chars = sum(len(line.text) for number, line in enumerate(self.lines) if number not in self.taken)
        return self._chars

    def article_grams(self) -> set[tuple[str, str]]:
        """Return the character bigrams of what stands outside all runs."""
        if self._grams is None:
            grams: set[tuple[str, str]] = set()
            chars = 0
            for number, line in enumerate(self.lines):
                if number not in self.taken and not line.parts and not line.decorates:
                    grams |= grams_of(line.text[:_MAX_WORDS_CHARS])
                    chars += len(line.text)
                    if chars > _MAX_WORDS_CHARS:
                        break
            self._grams = grams
        return self._grams

    def overlap(self, text: str) -> float:
        """Return which share of the bigrams of `text` the article uses too (1.0 for a text without any)."""
        own = grams_of(text)
        return len(own & self.article_grams()) / len(own) if own else 1.0

    def ends_its_paragraphs(self) -> bool:
        """Say whether the article's lines end as paragraphs do; where they do not, a missing mark tells nothing."""
        if self._ends is None:
            ended = open_ = 0
            for number, line in enumerate(self.lines):
                if number not in self.taken and not line.parts:
                    ended += line.ends_full and len(line.text) >= 15
                    open_ += line.cut > 0
            self._ends = ended >= 2 and ended >= 2 * open_
        return self._ends


def grams_of(text: str) -> set[tuple[str, str]]:
    """Return the character bigrams of `text`."""
    return set(pairwise(text))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure, why, and whether summaries are cut."""

    confidence: float
    evidence: str
    has_cut_summaries: bool


def weigh(
    items: Sequence[Snippet],
    *,
    grammar: str,
    marker_strength: int,
    ends_page: bool,
    follows_furniture: bool,
    is_linked: bool,
    is_live: bool,
    is_ranked: bool,
    around: Surroundings,
) -> Verdict:
    """Return how sure it is that `items` are recommendations."""
    count = len(items)
    summaries = [item.summary for item in items if item.summary]
    grades = [cut_grade(summary) for summary in summaries]
    cut, sure_cut = _share([grade > 0 for grade in grades]), _share([grade == 2 for grade in grades])
    same_date = _share_of_commonest([item.date for item in items])
    same_category = _share_of_commonest([item.category for item in items])
    titles = [item.title for item in items]
    kind = _kind_of(grammar)
    left = around.article_chars()
    has_article = left >= MIN_ARTICLE_CHARS
    strange = has_article and _share(around.overlap(title) < STRANGE_SHARE for title in titles) >= 0.5
    one_length = _have_one_length([len(summary) for summary in summaries])
    is_marked = marker_strength == 2
    speaks = cut >= 0.25 or is_marked
    # What titles say counts only where the shape says too little.
    read = titles if not speaks or kind in ("inline", "title") else []
    asks = _share(_QUESTION.search(title) is not None for title in read)
    about_documents = _share(_DOCUMENT.search(title) is not None for title in read) >= 0.5
    are_sentences = _share(len(title) > 24 and _CLAUSE.search(title) is not None for title in titles) >= 0.4
    has_ends = is_marked or around.ends_its_paragraphs()
    observations: list[tuple[float, bool, str]] = [
        ({"meta": 0.3, "summary": 0.1, "inline": 0.1, "title": 0.0}[kind], count >= 2, f"{count} items of one shape"),
        (0.2, count == 1 and kind == "meta", "one item with a summary and a meta line"),
        (0.1, count >= 3, "at least 3 items"),
        (0.1 if kind != "title" else 0.05, count >= 8, "at least 8 items"),
        (0.2, same_date >= 0.8 and count >= 2, "one date for the whole block"),
        (0.15, same_category >= 0.8 and count >= 2, "one category for the whole block"),
        (0.15, is_live and count >= 3 and (is_marked or strange), "reader counts or hours, which no article has"),
        (0.2, is_ranked and count >= 3 and cut >= 0.4, "a number of its own above each"),
        (0.15, cut >= 0.25, "summaries cut in mid-sentence"),
        (0.4 if kind != "meta" else 0.3, is_marked, "a line announces recommendations"),
        (0.2, marker_strength == 1, "a line above may announce recommendations"),
        (0.05 if kind == "meta" else 0.15, ends_page, "the page ends with it"),
        (0.1 if kind == "meta" else 0.15, strange, "titles about other things than the article"),
        (-0.3, median(map(len, titles)) < 6, "titles as short as table cells"),
        (-0.2, _share(_is_labelled(title) for title in titles) >= 0.5, "titles numbered like headings"),
        (-0.3, not speaks and about_documents, "titles of documents"),
        (-0.2, not speaks and count >= 3 and _share_an_end(titles), "titles that begin or end alike"),
    ]  # fmt: skip
    if kind == "summary":
        observations += [
            (0.2, sure_cut >= 0.4, "most summaries surely cut"),
            (0.15, cut >= 0.6 and one_length, "summaries cut at one length"),
            (0.1, cut >= 0.6 and median(map(len, summaries)) >= 50, "long summaries without an end mark"),
            (0.05, follows_furniture, "it follows a tip or a notice of the site"),
            (-0.4, not has_ends, "the article's paragraphs have no end marks either"),
            (-0.3, not is_marked and cut < 0.6, "most summaries are complete"),
            (-0.2, not ends_page and cut < 0.25, "text follows"),
            (-0.3, are_sentences, "titles that read like sentences"),
            (-0.1, not is_marked and items[0].first == 0, "the page begins with it"),
        ]  # fmt: skip
    elif kind in ("inline", "title"):
        observations += [
            (0.1, count >= 5, "at least 5 lines of one shape"),
            (0.15, asks >= 0.4, "titles that ask"),
            (0.2, is_linked, "titles are links"),
            (-0.3, speaks and about_documents, "titles of documents"),
            (-0.2, kind == "title" and not ends_page, "text follows"),
        ]  # fmt: skip
    confidence = min(0.99, sum(weight for weight, holds, _ in observations if holds))
    words = [word for weight, holds, word in observations if holds and weight > 0]
    against = [word for weight, holds, word in observations if holds and weight < 0]
    if not is_marked and cut < 0.25 and left < (MIN_ARTICLE_CHARS if asks < 0.4 else MIN_ASKED_CHARS):
        confidence = min(confidence, 0.55)
        against.append("no article is left without it")
    evidence = "; ".join(words) + (f"; against it: {', '.join(against)}" if against else "")
    return Verdict(round(max(0.0, confidence), 2), evidence, cut >= 0.25)


def _kind_of(grammar: str) -> str:
    if grammar == "title":
        return "title"
    if "with meta" in grammar:
        return "meta" if grammar == "title, summary with meta" else "inline"
    return "meta" if "meta line" in grammar else "summary"


def _share(claims: Iterable[bool]) -> float:
    values = list(claims)
    return sum(values) / len(values) if values else 0.0


def _share_of_commonest(values: Sequence[str]) -> float:
    said = [value for value in values if value]
    return Counter(said).most_common(1)[0][1] / len(values) if said else 0.0


def _share_an_end(titles: Sequence[str]) -> bool:
    """Say whether most titles begin or end with the same two characters, as the entries of a list do."""
    bare = [_LEADING.sub("", title) for title in titles]
    heads, tails = Counter(title[:2] for title in bare), Counter(title[-2:] for title in bare)
    return max(heads.most_common(1)[0][1], tails.most_common(1)[0][1]) >= 0.6 * len(titles)


def _have_one_length(lengths: Sequence[int]) -> bool:
    """Say whether most summaries are within three characters of one length: a template cut them there."""
    if len(lengths) < 3:
        return False
    middle = median(lengths)
    if middle < _MIN_CUT_LENGTH and len(lengths) < _MANY:
        return False  # records of one kind have like lengths too
    return sum(abs(length - middle) <= 3 for length in lengths) >= 0.6 * len(lengths)


def _is_labelled(title: str) -> bool:
    return (
        re.match(
            r"[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]|第[一二三四五六七八九十\d]+[章节条步]|[①-⑳]",
            title,
        )
        is not None
    )
