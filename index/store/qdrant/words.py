"""Words that lie on a server: how rare a gram is stands in the build, how much a text says of it in the point.

The words of a passage and those of its title and headings share one sparse vector, the latter with ids that begin
behind those of the former: so the rough sum of both is one product, computed where the points lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from index.store.qdrant.points import Floats, Points, Sparse

if TYPE_CHECKING:
    from index.store.terms import Grams
    from index.store.vocabulary import Vocabulary

# Sparse vectors kept, the last ones read: those of a question are read once, though many legs ask for them. A passage
# takes 4 KB, an article 13.
_KEPT = 2_000
# Sets of texts kept as they were put together: a question asks for two, for each kind of its words.
_KEPT_SETS = 8
_ID_BITS = 32  # an id takes no more
_NOTHING = Sparse(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Together:
    """The sparse vectors of several texts one behind the other, so that one search finds a gram in all of them.

    `there` ascend: the number of a text, shifted by `_ID_BITS`, and an id in it; `weights` are theirs. Before the first
    stands a sentinel. `texts` (rows asked for,) is the number of each row's text.
    """

    there: NDArray[np.int64]
    weights: Floats
    texts: NDArray[np.int64]

    @classmethod
    def of(cls, vectors: Sequence[Sparse], texts: NDArray[np.int64]) -> Together:
        """Return these vectors together; row i of those asked for has the vector `texts[i]`."""
        there = np.concatenate([np.full(1, -1), *(vector.ids for vector in vectors)])
        there[1:] += np.repeat(np.arange(len(vectors)) << _ID_BITS, [len(vector.ids) for vector in vectors])
        return cls(there, np.concatenate([np.zeros(1, np.float32), *(vector.weights for vector in vectors)]), texts)

    def weights_of(self, ids: NDArray[np.int64]) -> Floats:
        """Return the weight of each id in each row, shape (ids, rows); zero where absent."""
        wanted = (self.texts << _ID_BITS) + ids[:, None]
        at = np.searchsorted(self.there, wanted, side="right") - 1
        found: Floats = self.weights[at] * (self.there[at] == wanted)
        return found


class StoredWords:
    """The sparse vectors of one collection, read when they are asked for. Safe to share between threads."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._kept: LRUCache[int, Sparse] = LRUCache(_KEPT)
        self._sets: LRUCache[bytes, Together] = LRUCache(_KEPT_SETS)
        self._lock = Lock()

    def of(self, rows: Sequence[int]) -> list[Sparse]:
        """Return the sparse vector of each of `rows`, empty for a text without words."""
        with self._lock:
            found = {row: self._kept[row] for row in rows if row in self._kept}
        if lacking := [row for row in dict.fromkeys(rows) if row not in found]:
            read = self._points.words_of(lacking)
            found |= {row: read.get(row, _NOTHING) for row in lacking}
            with self._lock:
                self._kept.update((row, found[row]) for row in lacking)
        return [found[row] for row in rows]

    def together(self, rows: NDArray[np.int64]) -> Together:
        """Return the sparse vectors of `rows` as one."""
        name = rows.tobytes()
        with self._lock:
            if (found := self._sets.get(name)) is not None:
                return found
        own, texts = np.unique(rows, return_inverse=True)
        found = Together.of(self.of(own.tolist()), texts)
        with self._lock:
            self._sets[name] = found
        return found


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
            found[lines] = self._stored.together(np.asarray(rows, dtype=np.int64)).weights_of(ids)
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
