"""Words that lie on a server: how rare a gram is stands in the build, how much a text says of it in the point.

The words of a passage and those of its title and headings share one sparse vector, the latter with ids that begin
behind those of the former: so the rough sum of both is one product, computed where the points lie.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.store.qdrant.points import Floats, Points, Sparse

if TYPE_CHECKING:
    from index.store.terms import Grams, Vocabulary

# Sparse vectors kept, the last ones read: those of a question are read once, though many legs ask for them. A passage
# takes 4 KB, an article 13.
_KEPT = 2_000
_ID_BITS = 32  # an id takes no more
_NOTHING = Sparse(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))


class StoredWords:
    """The sparse vectors of one collection, read when they are asked for. Safe to share between threads."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._kept: OrderedDict[int, Sparse] = OrderedDict()
        self._lock = Lock()

    def of(self, rows: Sequence[int]) -> list[Sparse]:
        """Return the sparse vector of each of `rows`, empty for a text without words."""
        with self._lock:
            found = {row: self._kept[row] for row in rows if row in self._kept}
        if lacking := [row for row in dict.fromkeys(rows) if row not in found]:
            read = self._points.words_of(lacking)
            found |= {row: read.get(row, _NOTHING) for row in lacking}
        with self._lock:
            for row, words in found.items():
                self._kept[row] = words
                self._kept.move_to_end(row)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return [found[row] for row in rows]


class ServedWords:
    """The words of one kind (`index.engine.Words`): grams of `vocabulary`, whose ids begin at `first`."""

    def __init__(self, vocabulary: Vocabulary, stored: StoredWords, first: int = 0) -> None:
        self.vocabulary, self._stored, self._first = vocabulary, stored, first
        self.k1 = vocabulary.k1

    def __len__(self) -> int:
        return self.vocabulary.texts

    def idf_of(self, keys: NDArray[np.uint64]) -> Floats:
        """Return the inverse document frequency of each of `keys`."""
        return self.vocabulary.idf_of(keys)

    def occurs(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Say of each of `keys` whether it stands in any text."""
        return self.vocabulary.find(keys)[1]

    def weigh(self, grams: Grams) -> tuple[NDArray[np.int64], Floats]:
        """Return the numbers of a question's grams that occur, ascending, and their idf times occurrences."""
        places, known = self.vocabulary.find(grams.keys)
        terms = places[known]
        return terms, self.vocabulary.idf(self.vocabulary.frequency(terms)) * grams.times[known]

    def asked(self, terms: NDArray[np.int64], factors: Floats) -> Sparse:
        """Return the terms of these numbers, each with what it counts, as points are asked for them."""
        return Sparse(terms + self._first, factors)

    def stored(self, keys: NDArray[np.uint64], rows: NDArray[np.integer[Any]]) -> Floats:
        """Return the stored weight of each key in each of the texts `rows`, shape (keys, rows); zero where absent."""
        found = np.zeros((len(keys), len(rows)), dtype=np.float32)
        places, known = self.vocabulary.find(keys)
        lines, ids = np.flatnonzero(known), places[known] + self._first
        if len(lines):
            texts = self._stored.of(rows.tolist())
            # The ids of all texts in one ascending array, each text's in a stretch of its own: one search for all.
            first = np.repeat(np.arange(len(texts)) << _ID_BITS, [len(text.ids) for text in texts])
            there = np.concatenate([np.full(1, -1), *(text.ids for text in texts)])
            there[1:] += first
            weights = np.concatenate([np.zeros(1, dtype=np.float32), *(text.weights for text in texts)])
            wanted = (np.arange(len(texts)) << _ID_BITS) + ids[:, None]
            at = np.searchsorted(there, wanted, side="right") - 1
            found[lines] = weights[at] * (there[at] == wanted)
        return found

    def matches_of(self, grams: Grams, rows: Sequence[int]) -> list[list[tuple[int, float]]]:
        """Return (key, contribution) of each gram that each of `rows` shares with a question, the largest first."""
        gained = (
            self.stored(grams.keys, np.array(rows, dtype=np.int64)) * (self.idf_of(grams.keys) * grams.times)[:, None]
        )
        found = []
        for column in gained.T:
            lines = np.flatnonzero(column)
            matches = zip(grams.keys[lines].tolist(), column[lines].tolist(), strict=True)
            found.append(sorted(matches, key=lambda match: (-match[1], match[0])))
        return found
