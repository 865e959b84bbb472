"""The cosines of one question: with every passage, or in a large collection with those that may count.

Where search compares every row (index/store/vectors.py), all cosines are taken at once. Beyond, reading all vectors for
each question would cost more than everything else, so they are taken of the rows nearest by their codes and of those
with the best words, which the fusion could pick, and of the articles of what it picked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.store.best import best_places

if TYPE_CHECKING:
    from index.store.vectors import Vectors

# Rows compared in a large collection: the nearest, of which the pool holds a hundred, and those with the best words.
# Of 300 questions to 80,000 passages of the measuring collections none had other first ten than with all compared,
# without a filter, with half and with a twentieth of the passages kept.
NEAREST = 300
BEST_WORDS = 1_000

_Floats = NDArray[np.float32]
_Rows = NDArray[np.int64]


class Meaning:
    """How near the passages are to one question.

    `cosines` (passages,) are exact; in a large collection those of rows that were not compared are zero.
    """

    def __init__(self, vectors: Vectors, asked: _Floats, words: Sequence[_Floats]) -> None:
        """`asked` (dim,) is the question's vector; `words` are scores of every passage by what it says."""
        self._vectors = vectors
        self._asked = asked
        self._words = words
        self.cosines = vectors.scores(asked) if vectors.is_exact else np.zeros(len(vectors), dtype=np.float32)

    def look_among(self, allowed: _Rows | None, k: int) -> None:
        """Compare those of the `allowed` rows (None: of all) that may be among the best `k`."""
        if self._vectors.is_exact:
            return
        self._compare(self._vectors.search(self._asked[None], max(NEAREST, k), allowed=allowed)[1][0])
        for scores in self._words:
            if allowed is None:
                self._compare(best_places(scores, max(BEST_WORDS, k)))
            else:
                self._compare(allowed[best_places(scores[allowed], max(BEST_WORDS, k))])

    def complete(self, rows: _Rows, article_of: _Rows | None) -> None:
        """Compare these rows and every row of their articles."""
        if self._vectors.is_exact or not len(rows):
            return
        self._compare(rows)
        if article_of is not None:
            is_wanted = np.zeros(int(article_of.max()) + 1, dtype=bool)
            is_wanted[article_of[rows]] = True
            self._compare(np.flatnonzero(is_wanted[article_of]))

    def _compare(self, rows: _Rows) -> None:
        self.cosines[rows] = self._vectors.scores(self._asked, rows)
