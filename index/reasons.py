"""Why a hit stands where it stands: the legs it was ranked by, and the words of the question marked in its text.

The legs are the numbers that ranked it, not a story told afterwards. Words are marked by offsets, never by writing into
the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.ngrams import fold, fold_each, spell
from ingest.asking import strip_asking

if TYPE_CHECKING:
    from index.lexicon.lexicon import Expansion
    from index.ranking import Ranked

_MAX_WORDS = 12
_GAP = re.compile(r"\s+")
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


def explain_each(
    query: str,
    expansions: Sequence[Expansion],
    items: Sequence[Ranked],
    texts: Sequence[str],
    matches: Sequence[Sequence[tuple[int, float]]],
) -> list[Reasons]:
    """Return the reasons of each hit; `texts` are the passages, `matches` the grams that each shares with the query."""
    grams = _grams_of(query)
    spelled = {key: spell(key) for key in {key for shared in matches for key, _ in shared}}
    return [
        _explain(grams, expansions, item, folded, [(spelled[key], weight) for key, weight in shared])
        for item, folded, shared in zip(items, fold_each(texts), matches, strict=True)
    ]


def _explain(
    grams: Collection[str],
    expansions: Sequence[Expansion],
    item: Ranked,
    folded: str,
    matches: Sequence[tuple[str, float]],
) -> Reasons:
    legs = {
        part.leg: Leg(part.raw, part.normalised, part.share)
        for part in item.parts
        if part.share or part.leg not in _ONLY_WHERE_FELT
    }
    synonyms = tuple((e.word, term) for e in expansions for term in e.terms if term in folded)
    marks = _merged([*_gram_marks(grams, folded), *_places((term for _, term in synonyms), folded)])
    total = sum(weight for _, weight in matches) or 1.0
    gained: dict[str, float] = {}
    shown = sorted({folded[start:end] for start, end in marks}, key=lambda word: (-len(word), word))
    for gram, weight in matches:
        for word in shown:
            if gram in word:
                gained[word] = gained.get(word, 0.0) + weight / total
                break
    words = sorted(gained.items(), key=lambda pair: (-pair[1], pair[0]))[:_MAX_WORDS]
    return Reasons(legs, tuple(words), marks, synonyms)


def word_marks(query: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield `(start, end)` of the stretches of `text` that the query's words share with it, two characters at least.

    Question words (怎么, 吗 …) are not marked; white space inside a shared stretch is.
    """
    yield from _merged(list(_gram_marks(_grams_of(query), fold(text))))


def _grams_of(query: str) -> frozenset[str]:
    """Return the pairs of neighbours in the words of `query`, question words left out."""
    return frozenset(
        part[i : i + 2]
        for part in strip_asking(fold(query)).split()
        for i in range(len(part) - 1)
        if part[i : i + 2].isalnum()
    )


def _gram_marks(grams: Collection[str], folded: str) -> Iterator[tuple[int, int]]:
    """Yield where pairs of `grams` stand in a folded text, also with white space between both characters."""
    yield from _places(grams, folded)
    for gap in _GAP.finditer(folded):
        left, right = gap.start() - 1, gap.end()
        if left >= 0 and folded[left] + folded[right : right + 1] in grams:
            yield left, right + 1


def _places(words: Iterable[str], folded: str) -> Iterator[tuple[int, int]]:
    for word in words:
        start = folded.find(word)
        while start >= 0:
            yield start, start + len(word)
            start = folded.find(word, start + 1)


def _merged(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the spans in order, those that overlap joined."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
