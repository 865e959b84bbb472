"""What counts as the answer that gold marks: the place of a quote, or the same sentence on a near-duplicate page.

A mark is one part of the answer to a question. Quotes to which the gold gives the same part are one mark, and so are
those that pages which copy each other share; finding or saying one of them counts. Words alone prove nothing across
other pages: a notice of each year has the same sentence on a rise, each time with another meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from index.gold import GoldQuestion, Place, Quote, find_quotes
from ingest.learning.wording import bare
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.store.records import Records

# A place counts as found where this much of the shorter of both is shared: a sentence that is a quote, lies in it or
# holds it. Below 1 for list marks and closing signs, which one of both may lack.
SHARED = 0.6
# Between near-duplicate pages of the sample corpus, sentences with a word exchanged or a lead-in more have ratios of
# 0.93 and above, the next pair is written anew and has 0.78.
ALIKE = 0.9
# Shorter wordings ("异地备案：") stand in many sentences without being said by them.
MIN_CHARS = 8
_FIGURES = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Mark:
    """One part of an answer: where it stands, in which words, and the `pages` on which these words are the same answer.

    `pieces` are words any of which is the answer wherever it stands, for gold that marks no places.
    """

    places: tuple[Place, ...] = ()
    quotes: tuple[str, ...] = ()
    pages: frozenset[str] = frozenset()
    pieces: tuple[str, ...] = ()

    def stands_in(self, path: str, start: int, end: int, text: str) -> bool:
        """Whether `text`, which is `[start, end)` of the page `path`, is this answer, lies in it or holds it."""
        if any(place.shared(path, start, end) >= SHARED for place in self.places):
            return True
        if path in self.pages and any(_says(text, quote) for quote in self.quotes):
            return True
        squeezed = _squeeze(text)
        return any(_squeeze(piece) in squeezed for piece in self.pieces)


def read_marks(records: Records, questions: Sequence[GoldQuestion]) -> dict[str, tuple[Mark, ...]]:
    """Return the marks of each question by its id, in the order of their first quotes; none where nothing answers it.

    Raises GoldError for a quote that the base does not hold.
    """
    places = find_quotes(records, questions)
    copies = copied_pages(records)
    marks: dict[str, tuple[Mark, ...]] = {}
    for question in questions:
        found: list[Mark] = []
        parts: list[int | None] = []
        for place, answer in zip(places[question.id], question.answers, strict=True):
            pages = copies.get(place.path, frozenset()) | {place.path}
            for number, (mark, part) in enumerate(zip(found, parts, strict=True)):
                if _is_same(mark, part, place, answer):
                    found[number] = replace(
                        mark,
                        places=(*mark.places, place),
                        quotes=(*mark.quotes, answer.quote),
                        pages=mark.pages | pages,
                    )
                    break
            else:
                found.append(Mark((place,), (answer.quote,), pages))
                parts.append(answer.part)
        marks[question.id] = tuple(found)
    return marks


def copied_pages(records: Records) -> Mapping[str, frozenset[str]]:
    """Return for each page the others that are near-duplicates of it, as articles or in a passage."""
    found: dict[str, set[str]] = {}
    for sql in _COPIES:
        for row in records.query(sql):
            found.setdefault(row["path"], set()).add(row["other"])
    return {path: frozenset(others) for path, others in found.items()}


def _is_same(mark: Mark, part: int | None, place: Place, answer: Quote) -> bool:
    """Whether an answer is that of a mark: numbered as the same part, or said once more on a copy of its page."""
    if part is not None or answer.part is not None:
        return part == answer.part
    elsewhere = all(known.path != place.path for known in mark.places)
    return elsewhere and place.path in mark.pages and any(_alike(answer.quote, quote) for quote in mark.quotes)


_COPIES = (
    "SELECT DISTINCT p.path AS path, q.path AS other FROM article_duplicates a"
    " JOIN article_duplicates b USING (group_id)"
    " JOIN pages p ON p.id = a.article_id JOIN pages q ON q.id = b.article_id WHERE p.id <> q.id",
    "SELECT DISTINCT p.path AS path, q.path AS other FROM passage_duplicates a"
    " JOIN passage_duplicates b USING (group_id)"
    " JOIN passages x ON x.row = a.passage_row JOIN passages y ON y.row = b.passage_row"
    " JOIN pages p ON p.id = x.article_id JOIN pages q ON q.id = y.article_id WHERE p.id <> q.id",
)


def _says(text: str, quote: str) -> bool:
    """Whether one of both holds the other, or a sentence of `text` is nearly one of `quote`."""
    shorter, longer = sorted((bare(text), bare(quote)), key=len)
    if len(shorter) >= MIN_CHARS and shorter in longer:
        return True
    return any(_alike(left, right) for left in _sentences(text) for right in _sentences(quote))


def _alike(left: str, right: str) -> bool:
    """Whether two sentences differ in a word at most and in no figure: copies that differ there say other things."""
    one, two = bare(left), bare(right)
    if one == two:
        return bool(one)
    if min(len(one), len(two)) < MIN_CHARS or _FIGURES.findall(left) != _FIGURES.findall(right):
        return False
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def _squeeze(text: str) -> str:
    return "".join(text.split())
