"""How near the words of a text come to the words of a question: coverage that knows 怀孕 is near 妊娠.

Each pair of neighbouring characters of the question looks for the pair of the text that is nearest to it in the bundled
table, and a character counts as the better of the pairs it stands in. This is the late interaction of ColBERT (Khattab
and Zaharia, 2020) with vectors that need no transformer. What merely asks (怎么, 吗) looks for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.coverage import importance, squeeze
from index.model.embedder import TableEmbedder
from index.ngrams import code_points, fold
from ingest.asking import strip_asking

Matrix = NDArray[np.float32]
_SHIFT = np.uint64(21)


class Nearness:
    """Compares the words of one question with the words of texts."""

    def __init__(self, question: str, table: TableEmbedder) -> None:
        self._table = table
        folded = fold(question)
        asked = strip_asking(folded)
        asked = asked if any(character.isalnum() for character in asked) else folded
        left, self._pairs = _pairs(asked, table)
        places = np.union1d(left, left + 1)
        self._left, self._right = np.searchsorted(places, left), np.searchsorted(places, left + 1)
        self._weights = importance(table, "".join(asked[place] for place in places.tolist()))
        self._total = float(self._weights.sum())

    def of(self, text: str) -> float:
        """Return the share of the question's weight that has a near word in `text`, 0 to 1."""
        return self.share(self.near(text))

    def share(self, near: Matrix) -> float:
        """Return the share of the question's weight that is met, by what `near` returns or several of it joined."""
        return float(near @ self._weights) / self._total if self._total else 0.0

    def near(self, text: str) -> Matrix:
        """Return how near `text` comes to each character of the question, 0 to 1; texts are joined by the maximum."""
        return self.near_each([squeeze(text)])[0]

    def near_each(self, squeezed: Sequence[str]) -> list[Matrix]:
        """Return `near` of each of several texts that `squeeze` has read already: the table is asked once for all."""
        left, pairs = _pairs("\n".join(squeezed), self._table)  # no pair reaches across a line end
        ends = np.cumsum([len(text) + 1 for text in squeezed])
        return [self._nearest(there) for there in np.split(pairs, np.searchsorted(left, ends[:-1]))]

    def _nearest(self, there: Matrix) -> Matrix:
        """Return how near the pairs of a text come to each character of the question."""
        near = np.zeros(len(self._weights), dtype=np.float32)
        if not len(self._pairs) or not len(there):
            return near
        best = np.maximum((self._pairs @ there.T).max(axis=1), 0)
        np.maximum.at(near, self._left, best)
        np.maximum.at(near, self._right, best)
        return near


def _pairs(text: str, table: TableEmbedder) -> tuple[NDArray[np.int64], Matrix]:
    """Return where each pair of neighbours begins and its unit vector: both characters and the bigram together."""
    codes = code_points(text).astype(np.uint64)
    letters = np.array(list(map(str.isalnum, text)), dtype=bool)
    left = np.flatnonzero(letters[:-1] & letters[1:]) if len(codes) > 1 else np.empty(0, dtype=np.int64)
    if not len(left):
        return left, np.empty((0, table.dim), dtype=np.float32)
    keys = np.concatenate([codes[left], codes[left + 1], (codes[left] << _SHIFT) | codes[left + 1]])
    rows = table.rows_of(keys)
    vectors = table.vectors(np.maximum(rows, 0))
    vectors[rows < 0] = 0
    n = len(left)
    summed = vectors[:n] + vectors[n : 2 * n] + vectors[2 * n :]
    lengths = np.linalg.norm(summed, axis=1, keepdims=True)
    return left, np.divide(summed, lengths, out=np.zeros_like(summed), where=lengths > 0)
