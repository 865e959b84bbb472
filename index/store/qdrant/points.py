"""What is asked of a collection of points, in words of ours: one engine drives a server, a shard or several of them.

A point is a passage or an article. It has a sparse vector, its stored BM25 weights (`index/store/terms.py`); a passage
also has its dense one; and a payload with its row and what people filter by.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.store import StoreError

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

# The names of the vectors, and of the number of a point in the payload.
WORDS, MEANING, ROW = "words", "meaning", "row"
Nearest = Literal["exact", "graph"]


class ServerError(StoreError):
    """What a server did not do. `may_pass` says whether trying again may help: a time-out, a lost connection."""

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


@dataclass(frozen=True, slots=True)
class Sparse:
    """A sparse vector: `ids` ascending, below 2^32, and their `weights`, of one length."""

    ids: NDArray[np.int64]
    weights: Floats

    def then(self, more: Sparse) -> Sparse:
        """Return this vector with the numbers of another, all of whose ids are higher."""
        return Sparse(np.concatenate([self.ids, more.ids]), np.concatenate([self.weights, more.weights]))

    def plus(self, other: Sparse, share: float, its_share: float) -> Sparse:
        """Return the sum of this vector times `share` and another times its own."""
        ids, place = np.unique(np.concatenate([self.ids, other.ids]), return_inverse=True)
        weights = np.zeros(len(ids), dtype=np.float32)
        np.add.at(weights, place, np.concatenate([self.weights * share, other.weights * its_share]).astype(np.float32))
        return Sparse(ids, weights)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The payload `field` has any of `values`."""

    field: str
    values: Sequence[str] | Sequence[int]

    def listed(self) -> Any:
        """Return the values as the libraries take them."""
        return [*self.values]


@dataclass(frozen=True, slots=True)
class Within:
    """The number in the payload `field` is from `low` to `high`, both included; None leaves that side open."""

    field: str
    low: int | None
    high: int | None


Where = tuple[AnyOf | Within, ...]  # all must hold


@dataclass(frozen=True, slots=True)
class Ask:
    """The `limit` points with the highest inner product of a vector with `vector`, under `where`.

    A sparse vector is compared with WORDS and finds only what shares an id with it, a dense one (dim,) with MEANING.
    Unless `exact`, a graph that there is may be walked instead of comparing every vector.
    """

    vector: Sparse | Floats
    limit: int
    where: Where = ()
    exact: bool = True


# Rows and inner products, best first.
Found = tuple[Rows, Floats]


@dataclass(frozen=True, slots=True)
class Point:
    """A point to store: `id` is a UUID, `payload` holds its ROW, `meaning` is (dim,), None in a collection without."""

    id: str
    payload: Mapping[str, Any]
    words: Sparse
    meaning: Floats | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What a collection is made for: vectors of `dim` numbers (0: none), and payload fields to filter by.

    `nearest` is `exact` where every vector is compared, `graph` where HNSW is built over them.
    """

    dim: int
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    nearest: Nearest = "exact"


class Points(Protocol):
    """One collection."""

    def ask(self, asks: Sequence[Ask]) -> list[Found]:
        """Answer several questions in one round trip. Raises ServerError."""

    def words_of(self, rows: Sequence[int]) -> dict[int, Sparse]:
        """Return the sparse vectors of `rows`, without those that are not there."""

    def meaning_of(self, rows: Sequence[int]) -> dict[int, Floats]:
        """Return the dense vectors of `rows`, without those that are not there."""

    def put(self, points: Sequence[Point]) -> None:
        """Store points; one with an id that is there takes its place."""

    def count(self, where: Where = ()) -> int:
        """Count points exactly."""

    def settle(self) -> None:
        """Make durable and searchable what was put."""


class Server(Protocol):
    """Where collections lie, with facts about each (JSON values), and aliases for some."""

    where: str

    def create(self, name: str, shape: Shape, facts: Mapping[str, Any]) -> Points:
        """Create a collection and return it. One of this name that is there is dropped."""

    def open(self, name: str) -> Points | None:
        """Return a collection, None where there is none."""

    def facts(self, name: str) -> dict[str, Any] | None:
        """Return what was noted of a collection, None where there is none."""

    def note(self, name: str, facts: Mapping[str, Any]) -> None:
        """Note facts of a collection, over those of the same names."""

    def drop(self, name: str) -> None:
        """Remove a collection; one that is not there is no error."""

    def names(self) -> list[str]:
        """Return the names of all collections, sorted."""

    def aliases(self) -> dict[str, str]:
        """Return which collection each alias names."""

    def switch(self, aliases: Mapping[str, str]) -> None:
        """Make aliases name these collections, all in one step."""

    def close(self) -> None:
        """Let go of it."""


def best_first(rows: Rows, scores: Floats, limit: int) -> Found:
    """Return the `limit` best of `rows` by their scores, ties in the order of rows."""
    order = np.lexsort((rows, -scores))[:limit]
    return rows[order], scores[order]


def words_by_row(records: Iterable[Any]) -> dict[int, Sparse]:
    """Return the sparse vectors of records, which the client and the shards give in the same form."""
    found = ((record.payload[ROW], record.vector[WORDS]) for record in records)
    return {row: _sparse(words.indices, words.values) for row, words in found}


def meaning_by_row(records: Iterable[Any]) -> dict[int, Floats]:
    """Return the dense vectors of records."""
    return {record.payload[ROW]: np.array(record.vector[MEANING], dtype=np.float32) for record in records}


def _sparse(ids: Sequence[int], weights: Sequence[float]) -> Sparse:
    """Return the sparse vector that an engine gives back, in the order of ids."""
    # Packed as C does: half the time that NumPy takes for a list of 1,000.
    places = np.frombuffer(struct.pack(f"{len(ids)}q", *ids), dtype=np.int64)
    values = np.frombuffer(struct.pack(f"{len(ids)}f", *weights), dtype=np.float32)
    if np.all(places[1:] > places[:-1]):  # as Qdrant stores it
        return Sparse(places, values)
    order = np.argsort(places)
    return Sparse(places[order], values[order])
