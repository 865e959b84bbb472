"""The words of a corpus, found without a dictionary, and how often each stands in each passage.

A stretch of Han characters is a word where its characters stay together (pointwise mutual information at its weakest
joint, Sun, Shen and Tsou 1998) and its neighbours change freely on both sides (branching entropy, Jin and Tanaka-Ishii
2006). What nearly always goes on the same way is a piece of a longer word, and of the rest those stay that stand most
often on their own (C-value, Frantzi, Ananiadou and Mima 2000). The words of the lexicon join them as they are.

Nothing is segmented: every place of a word counts, also one inside a longer word (医保 in 居民医保) and one that
overlaps another. All of it works on whole arrays of characters; what the counts say is left to `keyness` and others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.explore.counts import Counts, counted, joined
from index.explore.prepared import Part, Progress, made
from index.explore.stretches import MIN_CHARS, free_stretches
from index.explore.word_places import codes_of, word_places
from index.lexicon.tables import BUNDLED
from index.ngrams import fold

if TYPE_CHECKING:
    from index.kb import KnowledgeBase
    from index.lexicon.lexicon import Lexicon

# As many as a person could page through; the rarest of them stand a few dozen times in 50,000 articles.
MOST = 20_000
# What the thresholds separate was looked at on the sample pages and on generated ones, see docs/decisions.md.
MIN_COHESION = 3.0
MIN_FREEDOM = 1.2
# A word stands in so many articles that are no copies of each other; what one author repeats is her phrase.
MIN_TEXTS = 3
# The share of its places that go on alike from which on a stretch is a piece of a longer word.
PIECE = 0.9
# A word with one of these before or behind it is two (在当地, 参加医保的); alone they part none (在职, 目的).
_PARTICLES = frozenset("的了和与或及在由按从把是以先再就也都才")
# Candidates that go on to the C-value, the most frequent; more change nothing in the first MOST.
_CANDIDATES = 200_000
_WORDS = "words.txt"


@dataclass(frozen=True)
class WordCounts:
    """The words of a build in search form, by length and then code point, with their counts."""

    words: tuple[str, ...]
    passages: Counts
    articles: Counts

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each word."""
        return {word: row for row, word in enumerate(self.words)}

    @cached_property
    def totals(self) -> NDArray[np.int64]:
        """How often each word stands in the whole corpus, shape (words,)."""
        return self.articles.totals()


def word_counts(kb: KnowledgeBase) -> WordCounts:
    """Return the words of a build. Raises NotPrepared."""
    folder = made(kb, PART)
    words = tuple((folder / _WORDS).read_text(encoding="utf-8").split("\n")[:-1])
    passages, articles = kb.head["counts"]["passages"], kb.catalogue.articles
    return WordCounts(words, Counts.load(folder, "passages", passages), Counts.load(folder, "articles", articles))


def find_words(text: str, owners: NDArray[np.int64], starts: NDArray[np.int64], *, most: int = MOST) -> list[str]:
    """Return at most `most` words of `text`, those that stand most often on their own first.

    `owners` has the number of an article for each passage, `starts` where each passage begins. Ties by code point.
    """
    codes = codes_of(text)
    found = free_stretches(codes, min_freedom=MIN_FREEDOM, piece=PIECE)
    chosen = np.flatnonzero(found.cohesion >= MIN_COHESION)
    chosen = chosen[np.argsort(-found.counts[chosen], kind="stable")][:_CANDIDATES]
    spans = zip(found.firsts[chosen].tolist(), found.sizes[chosen].tolist(), strict=True)
    words = [text[first : first + size] for first, size in spans]
    values = c_values(dict(zip(words, found.counts[chosen].tolist(), strict=True)))
    known = set(words)
    ranked = [word for word in words if values[word] > 0 and not _is_joined(word, known)]
    ranked.sort(key=lambda word: (-values[word], word))
    ranked = ranked[: 2 * most]  # some stand in too few articles
    spread = _spread(codes, ranked, owners, starts)
    return [word for word in ranked if spread[word] >= MIN_TEXTS][:most]


def _is_joined(word: str, known: set[str]) -> bool:
    """Say whether `word` is a particle and another word."""
    return (word[0] in _PARTICLES and word[1:] in known) or (word[-1] in _PARTICLES and word[:-1] in known)


def c_values(counts: dict[str, int]) -> dict[str, float]:
    """Return the C-value of each candidate: log2 of its length times how often it stands outside longer ones.

    Frantzi, Ananiadou and Mima (2000): the mean frequency of the longer candidates around it is taken off.
    """
    around: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for word, count in counts.items():
        for part in {word[a:b] for a in range(len(word)) for b in range(a + MIN_CHARS, len(word) + 1)} - {word}:
            if part in counts:
                around[part][0] += count
                around[part][1] += 1
    found = {}
    for word, count in counts.items():
        total, number = around.get(word, (0, 0))
        found[word] = float(np.log2(len(word))) * (count - (total / number if number else 0))
    return found


def _spread(
    codes: NDArray[np.uint16], words: Sequence[str], owners: NDArray[np.int64], starts: NDArray[np.int64]
) -> dict[str, int]:
    """Return in how many different `owners` each word stands."""
    spread: dict[str, int] = {}
    for rows, places in word_places(codes, words):
        keys, _ = counted(rows, owners[np.searchsorted(starts, places, side="right") - 1])
        counts = np.bincount(keys >> 32)
        spread.update({words[row]: int(counts[row]) for row in np.flatnonzero(counts).tolist()})
    return spread


def lexicon_words(lexicon: Lexicon) -> set[str]:
    """Return all words that the lexicon knows, in search form: everyday words, official terms, names."""
    said: list[str] = [word for entry in lexicon.entries for word in (*entry.words, *entry.terms)]
    said += [word for name in lexicon.names for word in (*name.names, *name.about)]
    folded = (fold(" ".join(word.split())) for word in said)
    return {word for word in folded if len(word) >= MIN_CHARS and max(word) < "\U00010000"}


def _make(kb: KnowledgeBase, folder: Path, progress: Progress) -> None:
    corpus = kb.corpus_text
    found = find_words(corpus.text, kb.original_of, corpus.starts)
    progress("words", 1, 2)
    listed = sorted({*found, *lexicon_words(kb.lexicon)}, key=lambda word: (len(word), word))
    words, by_passage, by_article = [], [], []
    for rows, places in word_places(codes_of(corpus.text), listed):
        passages = np.searchsorted(corpus.starts, places, side="right") - 1
        by_passage.append(counted(rows, passages))
        by_article.append(counted(rows, kb.article_of[passages]))
        words += [listed[row] for row in np.flatnonzero(np.bincount(rows)).tolist()]
    (folder / _WORDS).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    joined(by_passage, kb.head["counts"]["passages"]).save(folder, "passages")
    joined(by_article, kb.catalogue.articles).save(folder, "articles")
    progress("words", 2, 2)


PART = Part(
    "words",
    (
        *(
            f"index/explore/{name}.py"
            for name in ("words", "stretches", "word_places", "counts", "text", "independent")
        ),
        *("index/ngrams.py", "index/lexicon/lexicon.py", "index/lexicon/tables.py"),
        *map(str, BUNDLED),  # the tables of the lexicon; those of the user belong to the build
    ),
    _make,
    packages=("opencc", "numpy"),
)
