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

from index.store.best import best_places, sorted_once

if TYPE_CHECKING:
    from index.store.vectors import Vectors

# Rows compared in a large collection: at least so many of the nearest, of which the pool holds a hundred, and of those
# with the best words.
# Of 300 questions to 80,000 passages of the measuring collections none had other first ten than with all compared,
# without a filter, with half and with a twentieth of the passages kept.
NEAREST = 300
BEST_WORDS = 1_000
# Of the lists that find 0.98 of the nearest hundred, the share that is read to choose by meaning and words together. Of
# the first ten of 100 questions none changes at 100,000 passages; at a million 0.032 differ from comparing every
# vector, and 0.035 with twice as many. No collection of bench/shortcuts.py loses more than 0.0003 of nDCG@10.
_LISTS = 0.25
# The same under a filter where a thousand of what it keeps have words of the question: the fewer are kept, the more of
# what counts is among those. Of the first ten of 100 questions to a million passages, with half, a fifth and a
# twentieth of them kept, it changes 0.025, 0.018 and 0.011 of what comparing every vector finds. So few lists are read
# where more rows are kept than the second number: those take as long.
_FILTERED_LISTS, _FILTERED_EXACTLY = 0.2, 30_000

_Floats = NDArray[np.float32]
_Rows = NDArray[np.int64]


class Meaning:
    """How near the passages are to one question."""

    def __init__(self, vectors: Vectors, asked: _Floats, words: Sequence[_Floats]) -> None:
        """`asked` (dim,) is the question's vector; `words` are scores of every passage by what it says."""
        self._vectors = vectors
        self._asked = asked
        self._words = words
        self._all = vectors.scores(asked) if vectors.is_exact else None

    @property
    def is_known(self) -> bool:
        """Whether the cosines of all passages are known: asking for one reads no vector."""
        return self._all is not None

    @property
    def highest(self) -> float:
        """What no cosine is above."""
        return self._vectors.highest(self._asked)

    def cosines(self, rows: _Rows | None) -> _Floats:
        """Return the exact cosines of these passages (None: of all)."""
        if self._all is None:
            return self._vectors.scores(self._asked, rows)
        return self._all if rows is None else self._all[rows]

    def may_count(self, allowed: _Rows | None, k: int) -> _Rows | None:
        """Return the rows that may be among the best `k` of the `allowed` (None: of all), ascending and each once.

        None stands for all that are allowed.
        """
        if self._all is not None:
            return None
        nearest, best = max(NEAREST, k), max(BEST_WORDS, k)
        if allowed is None:
            found = [best_places(scores, best) for scores in self._words]
            return sorted_once(np.concatenate([*found, self._vectors.near(self._asked, nearest, share=_LISTS)]))
        share, exactly = _LISTS, None
        found = []
        for scores in self._words:
            kept = scores[allowed]
            places = best_places(kept, best)
            found.append(allowed[places])
            if len(places) == best and kept[places[-1]] > 0:
                share, exactly = _FILTERED_LISTS, _FILTERED_EXACTLY
        found.append(self._vectors.near(self._asked, nearest, allowed, share=share, exactly=exactly))
        return sorted_once(np.concatenate(found))
