"""The baseline of the tables: plain BM25 (Lucene's formula, k1 1.2, b 0.75) over the passages' own words.

Two ways to split: words by jieba, where it is installed, and character bigrams.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.ngrams import fold

Split = Callable[[str], list[str]]


def bigrams(text: str) -> list[str]:
    """Return the pairs of neighbouring letters and digits."""
    folded = fold(text)
    return [a + b for a, b in pairwise(folded) if a.isalnum() and b.isalnum()]


def jieba_words() -> Split | None:
    """Return jieba's search segmentation without punctuation, or None where jieba is not installed."""
    try:
        import jieba
    except ImportError:
        return None
    jieba.setLogLevel("ERROR")
    return lambda text: [word for word in jieba.cut_for_search(fold(text)) if any(c.isalnum() for c in word)]


class Bm25:
    """BM25 over texts, each posting list an array."""

    def __init__(self, texts: Sequence[str], split: Split, *, k1: float = 1.2, b: float = 0.75) -> None:
        documents = [Counter(split(text)) for text in texts]
        lengths = np.array([sum(document.values()) for document in documents], dtype=float)
        lists: dict[str, list[tuple[int, int]]] = {}
        for row, document in enumerate(documents):
            for word, times in document.items():
                lists.setdefault(word, []).append((row, times))
        self._split, self._k1, self._count = split, k1, len(documents)
        self._norms = k1 * (1 - b + b * lengths / lengths.mean())
        self._postings = {word: np.array(entries).T for word, entries in lists.items()}

    def scores(self, text: str) -> NDArray[np.float64]:
        """Return the score of every text for the question `text`."""
        scores = np.zeros(self._count)
        for word in self._split(text):
            if word in self._postings:
                rows, times = self._postings[word]
                idf = math.log(1 + (self._count - len(rows) + 0.5) / (len(rows) + 0.5))
                scores[rows] += idf * times * (self._k1 + 1) / (times + self._norms[rows])
        return scores

    def rank(self, text: str, k: int) -> list[int]:
        """Return the rows of the `k` best texts that share a word with `text`, best first, ties in order."""
        scores = self.scores(text)
        best = np.lexsort((np.arange(self._count), -scores))[:k]
        return [int(row) for row in best if scores[row] > 0]
