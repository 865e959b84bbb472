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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.explore.prepared import Part, Progress, made
from index.explore.stretches import MIN_CHARS, free_stretches, hashes_at
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
# A word before or behind one of these is two words (在当地, 参加医保的); of themselves they part no word (在职, 目的).
_PARTICLES = frozenset("的了和与或及在由按从把是地得")
# Candidates that go on to the C-value, the most frequent; more change nothing in the first MOST.
_CANDIDATES = 200_000
_WORDS = "words.txt"
# The multiplier of the rolling hash: odd, its bits spread (2^64 over the golden ratio, Knuth 6.4).
_STEP = 0x9E3779B97F4A7C15
# Characters that are looked through at a time: the arrays of one turn stay near 100 MB.
_TURN = 1 << 22
_SIEVE_BITS = 22


@dataclass(frozen=True)
class Counts:
    """How often each word stands in each of `columns` places (passages or articles): rows of a sparse matrix (CSR).

    Word `w` stands `data[i]` times in `places[i]` for `i` in `[bounds[w], bounds[w + 1])`, `places` ascending there.
    """

    bounds: NDArray[np.int64]
    places: NDArray[np.int32]
    data: NDArray[np.unsignedinteger]
    columns: int

    def of(self, word: int) -> tuple[NDArray[np.int32], NDArray[np.unsignedinteger]]:
        """Return where a word stands, ascending, and how often."""
        inside = slice(int(self.bounds[word]), int(self.bounds[word + 1]))
        return self.places[inside], self.data[inside]

    def totals(self, among: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Return how often each word stands in the places `among`, shape (words,)."""
        data = self.data if among is None else self.data * among[self.places]
        return self._sums(data)

    def spread(self, among: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return in how many of the places `among` each word stands, shape (words,)."""
        return self._sums(among[self.places])

    def _sums(self, values: NDArray[np.generic]) -> NDArray[np.int64]:
        # No row is empty: a word that stands nowhere is none.
        if not len(values):
            return np.zeros(len(self.bounds) - 1, dtype=np.int64)
        sums: NDArray[np.int64] = np.add.reduceat(values, self.bounds[:-1], dtype=np.int64)
        return sums

    def save(self, folder: Path, name: str) -> None:
        """Write the arrays, to be mapped into memory."""
        for part in ("bounds", "places", "data"):
            np.save(folder / f"{name}-{part}.npy", getattr(self, part))

    @classmethod
    def load(cls, folder: Path, name: str, columns: int) -> Counts:
        """Map the arrays of `save` into memory."""
        bounds, places, data = (np.load(folder / f"{name}-{part}.npy", mmap_mode="r") for part in _ARRAYS)
        return cls(np.array(bounds), places, data, columns)


_ARRAYS = ("bounds", "places", "data")


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
    words = tuple((folder / _WORDS).read_text(encoding="utf-8").splitlines())
    passages, articles = kb.manifest["counts"]["passages"], kb.catalogue.articles
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
        inner = {word[start : start + size] for size in range(MIN_CHARS, len(word)) for start in range(len(word) - size + 1)}
        for part in inner:
            if part in counts:
                around[part][0] += count
                around[part][1] += 1
    found = {}
    for word, count in counts.items():
        total, number = around.get(word, (0, 0))
        found[word] = float(np.log2(len(word))) * (count - (total / number if number else 0))
    return found


def codes_of(text: str) -> NDArray[np.uint16]:
    """Return the characters of a text of the basic plane as numbers, shape (characters,)."""
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2")


def occurrences(codes: NDArray[np.uint16], words: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield, for one length of word after the other, which word stands where: rows of `words`, offsets in `codes`.

    Every place counts, overlapping ones as well; each yield is ordered by offset.
    """
    sizes = np.array([len(word) for word in words])
    for size in np.unique(sizes).tolist():
        rows = np.flatnonzero(sizes == size)
        spelled = np.array([codes_of(words[row]) for row in rows.tolist()])
        hashes = _hashes(spelled.reshape(-1), size)[::size]
        order = np.argsort(hashes)
        rows, spelled, hashes = rows[order], spelled[order], hashes[order]
        sieve = np.zeros(1 << _SIEVE_BITS, dtype=np.bool_)
        sieve[_short(hashes)] = True
        found, places = [], []
        for turn in range(0, max(0, len(codes) - size + 1), _TURN):
            part = codes[turn : turn + _TURN + size - 1]
            seen = _hashes(part, size)
            at = np.flatnonzero(sieve[_short(seen)])
            row = np.minimum(np.searchsorted(hashes, seen[at]), len(hashes) - 1)
            same = (spelled[row] == part[at[:, None] + np.arange(size)]).all(axis=1)
            found.append(rows[row[same]])
            places.append(at[same] + turn)
        yield np.concatenate([*found, rows[:0]]), np.concatenate([*places, rows[:0]])


def _hashes(codes: NDArray[np.uint16], size: int) -> NDArray[np.uint64]:
    """Return a hash of the `size` characters at each offset, shape (characters - size + 1,)."""
    last = len(codes) - size + 1
    found = np.zeros(last, dtype=np.uint64)
    for at in range(size):
        found *= np.uint64(_STEP)
        found += codes[at : at + last]
    found *= np.uint64(_STEP)
    return found


def _short(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (hashes >> np.uint64(64 - _SIEVE_BITS)).astype(np.int64)


def _spread(
    codes: NDArray[np.uint16], words: Sequence[str], owners: NDArray[np.int64], starts: NDArray[np.int64]
) -> dict[str, int]:
    """Return in how many different `owners` each word stands."""
    spread: dict[str, int] = {}
    for rows, places in occurrences(codes, words):
        keys = np.unique((rows << 32) | owners[np.searchsorted(starts, places, side="right") - 1])
        found, counts = np.unique(keys >> 32, return_counts=True)
        spread.update({words[row]: count for row, count in zip(found.tolist(), counts.tolist(), strict=True)})
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
    for rows, places in occurrences(codes_of(corpus.text), listed):
        passages = np.searchsorted(corpus.starts, places, side="right") - 1
        by_passage.append(_counted(rows, passages))
        by_article.append(_counted(rows, kb.article_of[passages]))
        words += [listed[row] for row in np.unique(rows).tolist()]
    (folder / _WORDS).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    _counts(by_passage, kb.manifest["counts"]["passages"]).save(folder, "passages")
    _counts(by_article, kb.catalogue.articles).save(folder, "articles")
    progress("words", 2, 2)


_Counted = tuple[NDArray[np.int64], NDArray[np.int64]]


def _counted(rows: NDArray[np.int64], places: NDArray[np.int64]) -> _Counted:
    """Return the different pairs of word and place as `row << 32 | place`, ascending, and how often each is."""
    keys = np.sort((rows << 32) | places)
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else keys
    return keys[first], np.diff(np.append(first, len(keys)))


def _counts(counted: Iterable[_Counted], columns: int) -> Counts:
    """Return the counts of all lengths as one matrix; its rows are the words that stand somewhere."""
    pairs = list(counted)
    keys = np.concatenate([*(keys for keys, _ in pairs), np.empty(0, np.int64)])
    data = np.concatenate([*(data for _, data in pairs), np.empty(0, np.int64)])
    rows = keys >> 32
    begins = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]])) if len(rows) else rows
    kind = np.uint8 if data.max(initial=0) < 256 else np.uint32
    return Counts(np.append(begins, len(keys)), (keys & 0xFFFFFFFF).astype(np.int32), data.astype(kind), columns)


PART = Part(
    "words",
    ("index/explore/words.py", "index/explore/stretches.py", "index/explore/text.py", "index/ngrams.py"),
    _make,
    packages=("opencc", "numpy"),
)
