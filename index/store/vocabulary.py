"""The grams that stand in the texts of one kind, and in how many of them each does: what a question's words are worth.

Read by itself where the postings lie elsewhere (index/store/qdrant); the formula is that of index/store/terms.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.store import StoreError
from index.store.postings import META, VERSION

# What NumPy raises for damaged files: it reads the header as a line of Python.
DAMAGED = (OSError, ValueError, TypeError, EOFError, SyntaxError, TokenError)
_Scalar = TypeVar("_Scalar", bound=np.generic)
REBUILD = "run `policykb rebuild --full`"


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The terms of `texts` texts: `keys` (terms,) ascending, and how many postings stand before each, `starts`."""

    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    texts: int
    k1: float
    b: float

    @classmethod
    def open(cls, folder: Path) -> Vocabulary:
        """Return the vocabulary of the terms in `folder`, without their postings. Raises StoreError."""
        meta = _read_meta(folder)
        keys = open_array(folder / "keys.npy", np.uint64)
        starts = open_array(folder / "starts.npy", np.int64)
        found = (len(keys), len(starts), int(starts[-1]) if len(starts) else None)
        expected = (meta["terms"], meta["terms"] + 1, meta["postings"])
        if found != expected:
            raise StoreError(
                f"{folder} is damaged: its arrays hold {found[:2]} values ending at {found[2]}, expected {expected[:2]}"
                f" ending at {expected[2]}; {REBUILD}"
            )
        return cls(keys, starts, meta["texts"], meta["k1"], meta["b"])

    def find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the term id of each key, and whether it has one (else the id means nothing)."""
        places = np.searchsorted(self.keys, keys).astype(np.int64)
        known = places < len(self.keys)
        known[known] = self.keys[places[known]] == keys[known]
        return places, known

    def frequency(self, terms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return in how many texts each term occurs."""
        return self.starts[terms + 1] - self.starts[terms]

    def idf_of(self, keys: NDArray[np.uint64]) -> NDArray[np.float32]:
        """Return the inverse document frequency of each of `keys`; a key in no text has the highest there is."""
        places, known = self.find(keys)
        frequency = np.zeros(len(keys), dtype=np.int64)
        frequency[known] = self.frequency(places[known])
        return self.idf(frequency)

    def idf(self, frequency: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the inverse document frequency of terms in so many texts."""
        return np.log1p((self.texts - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)


def _read_meta(folder: Path) -> dict[str, Any]:
    file = folder / META
    try:
        meta = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise StoreError(f"no terms in {folder}, expected {META} and its arrays; {REBUILD}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{file} cannot be read: {error}; {REBUILD}") from error
    expected = {"version", "texts", "terms", "postings", "k1", "b"}
    if not isinstance(meta, dict) or meta.keys() != expected or meta["version"] != VERSION:
        raise StoreError(f"{file} holds {meta!r}, expected version {VERSION} with {sorted(expected)}; {REBUILD}")
    return meta


def open_array(file: Path, kind: type[_Scalar]) -> NDArray[_Scalar]:
    """Return the array in `file`, of one dimension and this kind, mapped into memory. Raises StoreError."""
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise StoreError(f"{file} is missing; {REBUILD}") from None
    except DAMAGED as error:
        raise StoreError(f"{file} is damaged: {error}; {REBUILD}") from error
    if array.ndim != 1 or array.dtype != kind:
        raise StoreError(
            f"{file} holds {array.dtype} of shape {array.shape}, expected {np.dtype(kind)} of one dimension; {REBUILD}"
        )
    return np.asarray(array)  # a plain view of the mapping: slicing np.memmap costs ten times as much
