"""Why a hit stands where it stands: the legs it was ranked by, and the words of the question marked in its text.

The legs are the numbers that ranked it, not a story told afterwards. Words are marked by offsets, never by writing into
the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from index.ngrams import fold, spell
from ingest.asking import strip_asking

if TYPE_CHECKING:
    from index.lexicon.lexicon import Expansion
    from index.ranking import Ranked

_MAX_WORDS = 12
# Legs of the ranking are shown even where they gave nothing; these only where they moved something.
_ONLY_WHERE_FELT = frozenset({"region", "year", "scheme", "source", "recency"})


@dataclass(frozen=True, slots=True)
class Leg:
    """One kind of evidence: its raw value, the value scaled to the best passage (0 to 1), its part of the score."""

    raw: float
    scaled: float
    share: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a hit stands where it stands.

    `legs` by name add up to the score; `words` are the stretches of the passage that the question's words share, with
    their part of the passage's word score; `marks` are where, as offsets into its text; `synonyms`
    are pairs (word typed, official wording found in the passage).
    """

    legs: Mapping[str, Leg]
    words: tuple[tuple[str, float], ...]
    marks: tuple[tuple[int, int], ...]
    synonyms: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON, numbers rounded to five places."""
        legs = {
            name: {"raw": round(leg.raw, 5), "scaled": round(leg.scaled, 5), "share": round(leg.share, 5)}
            for name, leg in self.legs.items()
        }
        return {
            "legs": legs,
            "words": [[word, round(share, 3)] for word, share in self.words],
            "synonyms": self.synonyms,
            "marks": self.marks,
        }


def explain(
    query: str, expansions: Sequence[Expansion], item: Ranked, text: str, matches: Sequence[tuple[int, float]]
) -> Reasons:
    """Return the reasons of one hit with the passage `text`; `matches` are the grams it shares with the query."""
    legs = {
        part.leg: Leg(part.raw, part.normalised, part.share)
        for part in item.parts
        if part.share or part.leg not in _ONLY_WHERE_FELT
    }
    folded = fold(text)
    synonyms = tuple((e.word, term) for e in expansions for term in e.terms if term in folded)
    marks = _merged([*word_marks(query, text), *_term_marks(folded, [term for _, term in synonyms])])
    total = sum(weight for _, weight in matches) or 1.0
    gained: dict[str, float] = {}
    shown = sorted({folded[start:end] for start, end in marks}, key=lambda word: (-len(word), word))
    for key, weight in matches:
        gram = spell(key)
        for word in shown:
            if gram in word:
                gained[word] = gained.get(word, 0.0) + weight / total
                break
    words = sorted(gained.items(), key=lambda pair: (-pair[1], pair[0]))[:_MAX_WORDS]
    return Reasons(legs, tuple(words), marks, synonyms)


def _term_marks(folded: str, terms: Sequence[str]) -> Iterator[tuple[int, int]]:
    for term in terms:
        start = folded.find(term)
        while start >= 0:
            yield start, start + len(term)
            start = folded.find(term, start + 1)


def _merged(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the spans in order, those that overlap joined."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def word_marks(query: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield `(start, end)` of the stretches of `text` that the query's words share with it, two characters at least.

    Question words (怎么, 吗 …) are not marked; white space inside a shared stretch is.
    """
    grams: set[str] = set()
    for part in strip_asking(fold(query)).split():
        grams.update(part[i : i + 2] for i in range(len(part) - 1) if part[i : i + 2].isalnum())
    solid = [(position, character) for position, character in enumerate(fold(text)) if not character.isspace()]
    start = end = -1
    for (left, first), (right, second) in pairwise(solid):
        if first + second not in grams:
            continue
        if left >= end:
            if start >= 0:
                yield start, end
            start = left
        end = right + 1
    if start >= 0:
        yield start, end
