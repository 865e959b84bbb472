"""Tells why a hit was found in parts that a layman can follow: the same numbers that ranked it, grouped and named.

A score is a sum of legs (`index/reasons.py`). Here its legs are put together by what they mean to a reader, and the
legs of words are parted into the words that were typed and the other wordings that lexicon and numbers gave for them.
That parting is exact: a gram of another wording never is a gram of the question (`index.store.terms.query_grams`), and
BM25F is a sum over grams. Nothing is estimated and nothing is told that did not rank.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from index.boosts import Named, fit_region, fit_scheme, read_named
from index.evidence import bm25f
from index.ngrams import fold
from index.ranking import fields_of
from index.reasons import Leg, word_marks
from index.search import other_wordings
from index.store.terms import Grams, query_grams

if TYPE_CHECKING:
    from index.hits import Hit
    from index.kb import KnowledgeBase
    from index.question.question import Question

# The legs that mean one thing to a reader, in the order they are told where they give equally much. `wordings` is what
# other wordings have of the legs of words.
PIECES: Mapping[str, tuple[str, ...]] = {
    "words": ("passage", "context"),
    "wordings": (),
    "bank": ("bank",),
    "meaning": ("dense",),
    "article": ("article", "dense_article"),
    "region": ("region",),
    "year": ("year",),
    "scheme": ("scheme",),
    "reranker": ("reranker",),
    "source": ("source",),
    "recency": ("recency",),
}
_OF_WORDS = ("passage", "article", "context")
# What a reader takes in at a glance; all words stand among the numbers.
MOST_WORDS = 4
MOST_NAMES = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a score: its `share`, below zero where it takes off, and the same in whole percent of the score."""

    name: str
    share: float
    percent: int


@dataclass(frozen=True, slots=True)
class Fit:
    """How an article fits the place, year or scheme (`leg`) of a question: what was `asked`, and what it `names`.

    Where it fits, `names` are those that do; else the others that it names.
    """

    leg: str
    is_fit: bool
    asked: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """Why a hit was found. The shares of `pieces` add up to the score, their percents to 100, the largest first.

    Words of the question stand in title or headings (`title_words`), in the passage (`text_words`) or in `both`: those
    that say most, `MOST_WORDS` in all. `wordings` are pairs (word typed, other wording in the passage).
    """

    both: tuple[str, ...]
    text_words: tuple[str, ...]
    title_words: tuple[str, ...]
    wordings: tuple[tuple[str, str], ...]
    fits: tuple[Fit, ...]
    pieces: tuple[Piece, ...]


def tell(kb: KnowledgeBase, query: str, hits: Sequence[Hit]) -> dict[str, Telling]:
    """Return why each of the hits of `query` was found, by passage id."""
    question = kb.read_question(query)
    asked = read_named(question.text, (place.region for place in kb.lexicon.places(question.text)))
    numbers = [number.word for number in question.numbers]
    return {
        hit.passage_id: tell_hit(hit, question.text, asked, reworded, numbers)
        for hit, reworded in zip(hits, wording_shares(kb, question, hits), strict=True)
    }


def tell_hit(hit: Hit, text: str, asked: Named, reworded: Mapping[str, float], numbers: Sequence[str] = ()) -> Telling:
    """Return why one hit was found; `text` is what was searched, `reworded` what other wordings gave to its legs.

    `numbers` are the quantities in `text`; a mere part of one (个月 of 三个月) is not told as a word found.
    """
    both, text_words, title_words = _words(text, hit, numbers)
    return Telling(
        both=both,
        text_words=text_words,
        title_words=title_words,
        wordings=_wordings(hit.reasons.synonyms),
        fits=tuple(_fits(hit, asked)),
        pieces=pieces(hit.reasons.legs, reworded),
    )


def pieces(legs: Mapping[str, Leg], reworded: Mapping[str, float]) -> tuple[Piece, ...]:
    """Return the parts of a score, the largest first, without those that gave nothing.

    A leg of words loses to the piece `wordings` what `reworded` says of it. A leg that stands in no piece is a piece of
    its own.
    """
    piece_of = {leg: name for name, members in PIECES.items() for leg in members}
    shares = dict.fromkeys((*PIECES, *(leg for leg in legs if leg not in piece_of)), 0.0)
    for leg, value in legs.items():
        other = reworded.get(leg, 0.0)
        shares[piece_of.get(leg, leg)] += value.share - other
        shares["wordings"] += other
    felt = {name: share for name, share in shares.items() if share}
    percents = _percents(list(felt.values()))
    found = [Piece(name, share, part) for (name, share), part in zip(felt.items(), percents, strict=True)]
    return tuple(sorted(found, key=lambda piece: -piece.share))


def wording_shares(kb: KnowledgeBase, question: Question, hits: Sequence[Hit]) -> list[dict[str, float]]:
    """Return for each hit what other wordings gave to its legs of words, as shares of the score."""
    corrections = ((word.terms[0], word.factor) for word in question.corrections)
    asked = query_grams(question.text, (*other_wordings(kb.expansions(question)), *corrections))
    is_fresh = ~np.isin(asked.keys, query_grams(question.text).keys)
    if not hits or not np.any(is_fresh) or not any(leg in hits[0].reasons.legs for leg in _OF_WORDS):
        return [{} for _ in hits]
    fields = fields_of(kb.engine, kb.weights)
    rows = np.array([hit.row for hit in hits], dtype=np.int64)
    raws = bm25f(fields, Grams(asked.keys[is_fresh], asked.times[is_fresh]), rows)
    found = []
    for place, hit in enumerate(hits):
        legs = hit.reasons.legs
        found.append(
            {
                field.leg: leg.share * float(raw[place]) / leg.raw
                for field, raw in zip(fields, raws, strict=True)
                if (leg := legs.get(field.leg)) and leg.raw and raw[place]
            }
        )
    return found


def _percents(shares: Sequence[float]) -> list[int]:
    """Return whole percents that add up to 100; those that lost most by rounding down are rounded up."""
    total = sum(shares) or 1.0
    exact = [100 * share / total for share in shares]
    whole = [floor(value) for value in exact]
    missing = 100 - sum(whole) if shares else 0
    for place in sorted(range(len(exact)), key=lambda at: (whole[at] - exact[at], at))[:missing]:
        whole[place] += 1
    return whole


def _words(query: str, hit: Hit, numbers: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the words of the question that stand in title and passage, in the passage alone, in the title alone.

    In the passage they are what was counted (`Reasons.words`), without the other wordings; in the title they are the
    stretches shared with it. Those with most of the word score come first, then the longest.
    """
    typed, text = _squeezed(fold(query)), _squeezed(fold(hit.text))
    official = {term for _, term in hit.reasons.synonyms}
    share_of = {_squeezed(word): share for word, share in hit.reasons.words}
    in_text = [word for word in share_of if word in typed or word not in official]
    above = "。".join((hit.title, *hit.heading_path))  # no word reaches from one into the next
    folded = fold(above)
    in_title = {_squeezed(folded[start:end]) for start, end in word_marks(query, above)}

    def weight(word: str) -> tuple[float, int, str]:
        return -max((share for long, share in share_of.items() if word in long), default=0.0), -len(word), word

    titled = sorted(_whole(in_title, (*in_title, *numbers)), key=weight)
    both = [word for word in titled if word in text][:MOST_WORDS]
    texts = [word for word in _whole(in_text, numbers) if not any(word in one or one in word for one in both)]
    texts = sorted(texts, key=weight)[: MOST_WORDS - len(both)]
    titles = [word for word in titled if word not in text][: MOST_WORDS - len(both) - len(texts)]
    return [tuple(both), tuple(texts), tuple(titles)]


def _whole(words: Iterable[str], longer: Collection[str]) -> Iterator[str]:
    """Yield the words that are not a mere part of one of `longer`."""
    yield from (word for word in words if not any(word != other and word in other for other in longer))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _wordings(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return one official wording for each word typed, the longest: it says most."""
    best: dict[str, str] = {}
    for typed, official in pairs:
        if len(official) > len(best.get(typed, "")):
            best[typed] = official
    return tuple(best.items())[:MOST_NAMES]


def _fits(hit: Hit, asked: Named) -> Iterator[Fit]:
    """Yield what the legs of place, year and scheme moved a hit for."""
    for leg in ("region", "year", "scheme"):
        moved = hit.reasons.legs.get(leg)
        if moved is None or not moved.share:
            continue
        is_fit = moved.share > 0
        wanted, named = _asked_and_named(leg, hit, asked, is_fit)
        yield Fit(leg, is_fit, tuple(sorted(map(_last, wanted))), tuple(dict.fromkeys(map(_last, named)))[:MOST_NAMES])


def _asked_and_named(leg: str, hit: Hit, asked: Named, is_fit: bool) -> tuple[frozenset[str], list[str]]:
    if leg == "region":
        return asked.regions, [
            one for one in hit.regions if (fit_region(asked.regions, frozenset((one,))) > 0) == is_fit
        ]
    if leg == "scheme":
        return asked.schemes, [
            one for one in hit.schemes if (fit_scheme(asked.schemes, frozenset((one,))) > 0) == is_fit
        ]
    years = list(dict.fromkeys((*hit.years, *([hit.as_of[:4]] if hit.as_of else []))))
    return asked.years, [one for one in years if (one in asked.years) == is_fit]


def _last(path: str) -> str:
    return path.rpartition("/")[2]
