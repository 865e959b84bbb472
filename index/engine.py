"""The seam between ranking and what stores: what an engine must find and tell, wherever its postings and vectors lie.

`ranking` mixes evidence and knows no store; an engine knows its store and mixes nothing but the rough sum that picks
the passages worth a closer look. Two engines exist: `embedded` reads the files of a build in this process,
`store.qdrant` asks a Qdrant server, cluster or shard. Both hold the same document weights and vectors and get rarity
and shares with the question, so they rank alike (docs/qdrant.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from index.filters import Filters
    from index.store.terms import Grams

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


class Words(Protocol):
    """How much each gram says about each text of one kind; what the numbers mean stands in `store.terms`."""

    k1: float

    def __len__(self) -> int:
        """Return the number of texts."""

    def idf_of(self, keys: NDArray[np.uint64]) -> Floats:
        """Return the inverse document frequency of each of `keys`; a key in no text has the highest there is."""

    def occurs(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Say of each of `keys` whether it stands in any text."""

    def stored(self, keys: NDArray[np.uint64], rows: NDArray[np.integer[Any]]) -> Floats:
        """Return the stored weight of each key in each of the texts `rows`, shape (keys, rows); zero where absent."""

    def matches_of(self, grams: Grams, rows: Sequence[int]) -> list[list[tuple[int, float]]]:
        """Return (key, contribution) of each gram that each of `rows` shares with a question, the largest first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for, with the shares of the rough sum that `ranking` writes down.

    `vector` (dim,) is None where meaning does not count. `lent` are the grams of a question bank, which take the share
    `borrowed` of the whole. `filters` are what the allowed rows come from, for an engine that stores facets itself.
    `common` says that the rough sum counts words of the question too that it leaves out of a large collection.
    """

    grams: Grams
    vector: Floats | None
    dense: float
    lent: Grams | None = None
    borrowed: float = 0.0
    filters: Filters | None = None
    common: bool = False


class Look(Protocol):
    """One question put to an engine: what it finds, and the exact cosines of a few rows."""

    def pick(self, k: int, allowed: Rows | None) -> Rows:
        """Return the best `k` rows by the rough sum, those above zero, best first; only `allowed` ones (None: all)."""

    def has_fewer(self, k: int, allowed: Rows) -> bool:
        """Say whether fewer than `k` of the `allowed` rows have a word of the question that the rough sum counts."""

    def cosines(self, rows: Rows) -> tuple[Floats, Floats | None]:
        """Return the cosine of each of `rows` and the best in its article; the latter None without articles."""


class Engine(Protocol):
    """What holds the words and vectors of all passages; row i is passage i.

    `article_of` (passages,) gives the row in `article_terms` of each passage's article; `context_terms` has a row a
    passage: title and headings. A collection may lack either.
    """

    @property
    def passage_terms(self) -> Words:
        """The passages' own words."""

    @property
    def article_terms(self) -> Words | None:
        """The words of whole articles."""

    @property
    def context_terms(self) -> Words | None:
        """The words of title and headings above each passage."""

    @property
    def article_of(self) -> Rows | None:
        """The article row of each passage row."""

    @property
    def has_vectors(self) -> bool:
        """Whether meaning can be asked for."""

    def look(self, asked: Asked) -> Look:
        """Put a question."""

    def nearest(self, vector: Floats, k: int, allowed: Rows | None, filters: Filters | None) -> tuple[Floats, Rows]:
        """Return cosines and rows of the `k` nearest passages to a unit vector (dim,), ties in the order of rows."""

    def vectors_of(self, rows: Sequence[int] | Rows) -> Floats:
        """Return the vectors of `rows`, shape (rows, dim)."""
