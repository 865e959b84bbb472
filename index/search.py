"""A question becomes hits: filters, ranking, folding of identical passages, and the reasons of every hit.

What the evidence is and how it is mixed stands in `ranking`; the reasons shown here are the numbers it ranked by. The
words of a question are marked in the passage by offsets, never by writing into the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.lexicon.lexicon import Expansion
from index.ngrams import fold, spell
from index.ranking import Mode, Ranked, rank
from ingest.asking import strip_asking
from ingest.facts.regions import region_paths

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

MODES: tuple[Mode, ...] = ("hybrid", "dense", "lexical")
# Passages with the same words are folded after ranking, so a little more than k is ranked.
FOLD_MARGIN = 10
# Of the passages folded into a hit so many are named; how many there are is said in full.
MAX_DUPLICATES = 20
# A group is shown by its preferred member where that scores about as well as its best one for this question.
AS_GOOD = 0.9
_MAX_WORDS = 12
# What an official wording counts beside the everyday word that was typed. With the first weights 0.2
# to 0.5 put the right passage first for 30 of our 42 questions, 1 for 26 and 0 for 27 (docs/decisions.md).
EXPANSION_WEIGHT = 0.4


@dataclass(frozen=True, slots=True)
class Filters:
    """What a passage's article must be: places and schemes it names (any of them), and its date, ISO, or later."""

    regions: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    since: str | None = None

    def __bool__(self) -> bool:
        return bool(self.regions or self.schemes or self.since)


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


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. `start` and `end` are offsets into the text of the page `path`; rank counts from 1.

    `duplicates` are ids of passages that say the same (`MAX_DUPLICATES` at most, the preferred first),
    `duplicate_count` is how many there are.
    """

    rank: int
    score: float
    row: int
    passage_id: str
    article_id: str
    title: str
    heading_path: tuple[str, ...]
    text: str
    path: str
    start: int
    end: int
    as_of: str | None
    as_of_kind: str | None
    url: str | None
    site: str | None
    duplicates: tuple[str, ...]
    reasons: Reasons
    duplicate_count: int = 0

    def as_dict(self) -> dict[str, object]:
        """Return the hit under the names of the command contract."""
        values: dict[str, object] = {
            name: getattr(self, name) for name in self.__slots__ if name not in ("row", "reasons")
        }
        return {**values, "score": round(self.score, 5), "reasons": self.reasons.as_dict()}


@dataclass(frozen=True, slots=True)
class Hits(Sequence[Hit]):
    """The hits of a query, best first, with the build they come from."""

    build: str
    query: str
    hits: tuple[Hit, ...]

    def __len__(self) -> int:
        return len(self.hits)

    def __getitem__(self, index: Any) -> Any:
        return self.hits[index]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def as_dict(self) -> dict[str, object]:
        """Return the hits under the names of the command contract."""
        return {"build": self.build, "query": self.query, "hits": [hit.as_dict() for hit in self.hits]}

    def to_frame(self) -> pd.DataFrame:
        """Return one row a hit, with the build in every row."""
        import pandas as pd

        rows = [{"build": self.build, "query": self.query, **hit.as_dict()} for hit in self.hits]
        return pd.DataFrame(rows)


def search(
    kb: KnowledgeBase, query: str, *, k: int = 10, mode: Mode = "hybrid", filters: Filters | None = None
) -> Hits:
    """Return at most `k` passages for `query`, best first; of a group of near-duplicates one is shown.

    Filters apply before ranking. An empty query, or one of which no word is known, has no hits in lexical mode.
    """
    if mode not in MODES:
        raise ValueError(f"mode is one of {', '.join(MODES)}, found {mode!r}")
    if k < 1:
        raise ValueError(f"k counts passages, at least 1, found {k}")
    if not query.strip():
        return Hits(kb.build, query, ())
    allowed = allowed_rows(kb, filters) if filters else None
    if allowed is not None and not len(allowed):
        return Hits(kb.build, query, ())
    vector = kb.query_vector(query) if mode != "lexical" else None
    expansions = kb.lexicon.expand(query)
    also = other_wordings(expansions)
    wanted = k + FOLD_MARGIN
    while True:
        ranked = rank(
            query,
            vector,
            passage_terms=kb.passage_terms,
            article_terms=kb.article_terms,
            context_terms=kb.context_terms,
            article_of=kb.article_of,
            vectors=kb.vectors if mode != "lexical" else None,
            weights=kb.weights,
            mode=mode,
            k=wanted,
            allowed=allowed,
            also=also,
        )
        folded = _fold(kb, ranked)
        if len(folded) >= k or len(ranked) < wanted:
            break
        wanted *= 4  # many copies of few texts: look further down
    shown = folded[:k]
    groups = [passage["group_id"] for _, passage in shown if passage["group_id"]]
    copies = kb.records.copies(groups, limit=MAX_DUPLICATES + 1)
    alone: tuple[int, list[str]] = (1, [])
    hits = (
        _hit(
            number + 1,
            item,
            passage,
            copies.get(passage["group_id"], alone),
            _reasons(kb, query, expansions, item, passage["text"]),
        )
        for number, (item, passage) in enumerate(shown)
    )
    return Hits(kb.build, query, tuple(hits))


def _fold(kb: KnowledgeBase, ranked: Sequence[Ranked]) -> list[tuple[Ranked, dict[str, Any]]]:
    """Return the ranked passages with one for each group of near-duplicates, by its own score.

    That is the group's preferred member among those that score about as well as the best of them.
    """
    passages = kb.records.passages([item.row for item in ranked])
    best: dict[str, Ranked] = {}
    chosen: dict[str, tuple[Ranked, dict[str, Any]]] = {}
    for item in ranked:
        passage = passages[item.row]
        group = passage["group_id"] or passage["id"]
        first = best.setdefault(group, item)
        if item is first or (passage["place"] < chosen[group][1]["place"] and item.score >= AS_GOOD * first.score):
            chosen[group] = (item, passage)
    return sorted(chosen.values(), key=lambda pair: -pair[0].score)


def other_wordings(expansions: Sequence[Expansion]) -> tuple[tuple[str, float], ...]:
    """Return the wordings the lexicon offers with their factors: the more for a word, the less each counts."""
    return tuple(
        (term, EXPANSION_WEIGHT / len(expansion.terms) ** 0.5) for expansion in expansions for term in expansion.terms
    )


def allowed_rows(kb: KnowledgeBase, filters: Filters) -> NDArray[np.int64]:
    """Return the passage rows that meet all filters, ascending."""
    conditions: list[str] = []
    values: list[str] = []
    if filters.regions:
        named, paths = _named_in(filters.regions)
        conditions.append(
            f"(article_id IN (SELECT article_id FROM facts WHERE kind = 'region' AND ({named})) OR article_id IN"
            f" (SELECT article_id FROM facts WHERE kind = 'region_hint' AND ({named})) AND article_id NOT IN"
            " (SELECT article_id FROM facts WHERE kind = 'region'))"
        )
        values += paths * 2
    if filters.schemes:
        marks = ",".join("?" * len(filters.schemes))
        conditions.append(f"article_id IN (SELECT article_id FROM facts WHERE kind = 'scheme' AND value IN ({marks}))")
        values += filters.schemes
    if filters.since:
        conditions.append("article_id IN (SELECT id FROM articles WHERE as_of >= ?)")
        values.append(filters.since)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = kb.records.query(f"SELECT row FROM passages{where} ORDER BY row", values)
    return np.array([row["row"] for row in rows], dtype=np.int64)


def _named_in(regions: Sequence[str]) -> tuple[str, list[str]]:
    """Return the condition that a fact names one of `regions` or a place in it, and its values."""
    paths = [path for region in regions for path in region_paths(region) or (region,)]
    # A path and what lies below it; GLOB, unlike LIKE, uses the index on values.
    return " OR ".join(["value = ? OR value GLOB ?"] * len(paths)), [
        part for path in paths for part in (path, f"{path}/*")
    ]


def _hit(
    number: int, item: Ranked, passage: Mapping[str, Any], copies: tuple[int, Sequence[str]], reasons: Reasons
) -> Hit:
    count, listed = copies
    return Hit(
        rank=number,
        score=float(item.score),
        row=item.row,
        passage_id=passage["id"],
        article_id=passage["article_id"],
        title=passage["title"],
        heading_path=passage["heading_path"],
        text=passage["text"],
        path=passage["path"],
        start=passage["start"],
        end=passage["end"],
        as_of=passage["as_of"],
        as_of_kind=passage["as_of_kind"],
        url=passage["url"],
        site=passage["site"],
        duplicates=tuple(copy for copy in listed if copy != passage["id"])[:MAX_DUPLICATES],
        reasons=reasons,
        duplicate_count=count - 1,
    )


def _reasons(kb: KnowledgeBase, query: str, expansions: Sequence[Expansion], item: Ranked, text: str) -> Reasons:
    legs: dict[str, Leg] = {part.leg: Leg(part.raw, part.normalised, part.share) for part in item.parts}
    folded = fold(text)
    synonyms = tuple((e.word, term) for e in expansions for term in e.terms if term in folded)
    marks = _merged([*word_marks(query, text), *_term_marks(folded, [term for _, term in synonyms])])
    matches = kb.passage_terms.matches(query, item.row, other_wordings(expansions))
    total = sum(weight for _, weight in matches) or 1.0
    gained: dict[str, float] = {}
    shown = {folded[start:end] for start, end in marks}
    for key, weight in matches:
        gram = spell(key)
        for word in sorted(shown, key=lambda word: (-len(word), word)):
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
