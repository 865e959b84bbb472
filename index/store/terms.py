"""Stores how much each character and bigram says about each passage, and scores passages by the words of a question.

BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) as a sparse product: what depends on the
passage (how often, how long) is computed once and stored; what depends on the collection (how rare) is one factor for
each term of the question. So the same document weights rank alike in this process and in an engine that stores sparse
vectors, however many shards it has. Only the postings of the question's own terms are read.

    score(q, p) = sum over terms t of q:  idf(t) * times t occurs in q * weight(t, p)
    idf(t)      = ln(1 + (n - df(t) + 0.5) / (df(t) + 0.5))
    weight(t,p) = tf * (k1 + 1) / (tf + k1 * (1 - b + b * length(p) / mean length))

A term that touches a word that only asks (什么, 吗) counts half an occurrence. Official texts hardly use these words,
so their IDF is high where they matter least; page titles do use them, so leaving them out loses there
(docs/retrieval.md). Splitting text is left to index/ngrams.py, counting and writing to index/store/postings.py, mixing
with other evidence to index/ranking.py.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from index.ngrams import fold, gram_keys
from index.store import StoreError
from index.store.postings import K1, META, VERSION, B, check_knobs, count_postings, weigh
from ingest.asking import strip_asking

# Other wordings for words of a question, each with the factor its grams count with.
Also = Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Grams:
    """What a query asks for: its grams' `keys`, ascending and each once, and how many `times` each counts."""

    keys: NDArray[np.uint64]
    times: NDArray[np.float32]


_Scalar = TypeVar("_Scalar", bound=np.generic)
_REBUILD = "run `policykb rebuild --full`"


class Terms:
    """Postings over n texts: those of term `keys[i]` are `rows[starts[i]:starts[i + 1]]`, ascending, with `weights`.

    Immutable, and safe to share between threads.
    """

    def __init__(
        self,
        keys: NDArray[np.uint64],
        starts: NDArray[np.int64],
        rows: NDArray[np.int32],
        weights: NDArray[np.float32],
        *,
        n: int,
        k1: float,
        b: float,
    ) -> None:
        self._keys, self._starts, self._rows, self._weights = keys, starts, rows, weights
        self._n = n
        self.k1, self.b = k1, b

    def __len__(self) -> int:
        return self._n

    def idf_of(self, keys: NDArray[np.uint64]) -> NDArray[np.float32]:
        """Return the inverse document frequency of each of `keys`; a key in no text has the highest there is."""
        places, known = self._find(keys)
        frequency = np.zeros(len(keys), dtype=np.int64)
        frequency[known] = self._frequency(places[known])
        return self._idf(frequency)

    def query_weights(self, text: str, also: Also = ()) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids of the terms of the query that occur in the texts, ascending, and their idf times occurrences.

        `also` as in `query_grams`.
        """
        return self._weigh(query_grams(text, also))

    def _weigh(self, grams: Grams) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        places, known = self._find(grams.keys)
        terms = places[known]
        return terms, self._idf(self._frequency(terms)) * grams.times[known]

    def occurs(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Say of each of `keys` whether it stands in any text."""
        return self._find(keys)[1]

    def _find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the term id of each key, and whether it has one (else the id means nothing)."""
        places = np.searchsorted(self._keys, keys).astype(np.int64)
        known = places < len(self._keys)
        known[known] = self._keys[places[known]] == keys[known]
        return places, known

    def _frequency(self, terms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return in how many texts each term occurs."""
        return self._starts[terms + 1] - self._starts[terms]

    def _idf(self, frequency: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.log1p((self._n - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)

    def scores(self, text: str, also: Also = ()) -> NDArray[np.float32]:
        """Return the score of every text for the query `text`, shape (n,); zero where no term is shared.

        `also` as in `query_grams`.
        """
        return self.scores_of(query_grams(text, also))

    def scores_of(self, grams: Grams, *, most: float = 1.0) -> NDArray[np.float32]:
        """Return `scores` of a query whose grams are known already: several indexes answer the same question.

        Terms in more than the share `most` of the texts are left out, unless there are no others.
        """
        terms, weights = self._weigh(grams)
        rare = self._frequency(terms) <= most * self._n
        if np.any(rare):
            terms, weights = terms[rare], weights[rare]
        if not len(terms):
            return np.zeros(self._n, dtype=np.float32)
        spans = [slice(self._starts[term], self._starts[term + 1]) for term in terms]
        rows = np.concatenate([self._rows[span] for span in spans])
        data = np.concatenate([self._weights[span] for span in spans])
        ends = np.cumsum(self._frequency(terms))
        starts = np.concatenate([[0], ends]).astype(np.int32)
        # One pass in C over these postings, three times as fast as bincount; each text adds its terms in key order.
        product: NDArray[np.float32] = csc_array((data, rows, starts), shape=(self._n, len(terms))) @ weights
        return product

    def stored(self, keys: NDArray[np.uint64], rows: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Return the stored weight of each key in each of the texts `rows`, shape (keys, rows); zero where it is not.

        Each weight is below `k1 + 1`, which it would reach if a text held nothing else.
        """
        found = np.zeros((len(keys), len(rows)), dtype=np.float32)
        # Each row once, ascending and of the type of the postings: half the time of a search in any order.
        wanted, place = np.unique(np.asarray(rows, dtype=np.int32), return_inverse=True)
        places, known = self._find(keys)
        for line in np.flatnonzero(known).tolist():
            start, end = self._starts[places[line]], self._starts[places[line] + 1]
            posting = self._rows[start:end]
            at = posting.searchsorted(wanted)
            np.minimum(at, end - start - 1, out=at)
            weights = self._weights[at + start]
            weights *= posting[at] == wanted
            found[line] = weights[place]
        return found

    def matches(self, text: str, row: int, also: Also = ()) -> list[tuple[int, float]]:
        """Return (key, contribution) of each term that text `row` shares with the query `text`, the largest first.

        The contributions add up to the row's score; `index.ngrams.spell` shows a key. Equal ones come in key order.
        """
        return self.matches_of(query_grams(text, also), [row])[0]

    def matches_of(self, grams: Grams, rows: Sequence[int]) -> list[list[tuple[int, float]]]:
        """Return `matches` of each of `rows` with a query whose grams are known already."""
        if wrong := [row for row in rows if not 0 <= row < self._n]:
            raise ValueError(f"row {wrong[0]} does not exist: rows are 0 to {self._n - 1}")
        weights = self.idf_of(grams.keys) * grams.times
        gained = self.stored(grams.keys, np.array(rows, dtype=np.int32)) * weights[:, None]
        found = []
        for column in gained.T:
            lines = np.flatnonzero(column)
            matches = zip(grams.keys[lines].tolist(), column[lines].tolist(), strict=True)
            found.append(sorted(matches, key=lambda match: (-match[1], match[0])))
        return found

    @classmethod
    def open(cls, folder: Path) -> Terms:
        """Return the terms written to `folder`, mapped into memory. Raises StoreError for a missing or damaged one."""
        meta = _read_meta(folder)
        keys = _open_array(folder / "keys.npy", np.uint64)
        starts = _open_array(folder / "starts.npy", np.int64)
        rows = _open_array(folder / "rows.npy", np.int32)
        weights = _open_array(folder / "weights.npy", np.float32)
        found = (len(keys), len(starts), len(rows), len(weights), int(starts[-1]) if len(starts) else None)
        terms, postings = meta["terms"], meta["postings"]
        if found != (terms, terms + 1, postings, postings, postings):
            raise StoreError(
                f"{folder} is damaged: its arrays hold {found[:4]} values ending at {found[4]}, expected {terms} terms "
                f"and {postings} postings; {_REBUILD}"
            )
        return cls(keys, starts, rows, weights, n=meta["texts"], k1=meta["k1"], b=meta["b"])


def build_terms(texts: Sequence[str], *, k1: float = K1, b: float = B) -> Terms:
    """Return the terms of `texts`, few enough to be counted in memory; text i is row i.

    Raises ValueError unless `k1` is above 0 and `b` from 0 to 1 (no to full length normalisation).
    """
    check_knobs(k1, b)
    found = count_postings(texts)
    weights = weigh(found.rows, found.times, found.lengths, k1=k1, b=b)
    return Terms(found.keys, found.starts, found.rows, weights, n=len(texts), k1=float(k1), b=float(b))


def query_grams(text: str, also: Also = ()) -> Grams:
    """Return the grams of the query `text`.

    `also` are wordings that may stand for words of `text`, each with a factor: a gram of theirs that `text` has not
    counts once, times the largest factor it comes with.
    """
    # Counted in the question and in what is left of it without the words that only ask: touching one counts half.
    keys, counts = np.unique(gram_keys([text, _part_at_asking(text)])[0], return_counts=True)
    times = counts / 2
    if also:
        wordings, wording_of = gram_keys([wording for wording, _ in also])
        factors = np.array([factor for _, factor in also])[wording_of]
        fresh = ~np.isin(wordings, keys)
        extra, group = np.unique(wordings[fresh], return_inverse=True)
        largest = np.zeros(len(extra))
        np.maximum.at(largest, group, factors[fresh])
        keys, times = np.concatenate([keys, extra]), np.concatenate([times, largest])
        order = np.argsort(keys)
        keys, times = keys[order], times[order]
    return Grams(keys, times.astype(np.float32))


def _part_at_asking(text: str) -> str:
    """Return `text` with a comma for every blanked character: blanks would join what stood left and right of them."""
    text = fold(text)  # question words are known in their simplified form
    blanked = strip_asking(text)
    return "".join(new if new == old else "，" for old, new in zip(text, blanked, strict=True))


def _read_meta(folder: Path) -> dict[str, Any]:
    file = folder / META
    try:
        meta = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise StoreError(f"no terms in {folder}, expected {META} and four arrays; {_REBUILD}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{file} cannot be read: {error}; {_REBUILD}") from error
    expected = {"version", "texts", "terms", "postings", "k1", "b"}
    if not isinstance(meta, dict) or meta.keys() != expected or meta["version"] != VERSION:
        raise StoreError(f"{file} holds {meta!r}, expected version {VERSION} with {sorted(expected)}; {_REBUILD}")
    return meta


def _open_array(file: Path, kind: type[_Scalar]) -> NDArray[_Scalar]:
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise StoreError(f"{file} is missing; {_REBUILD}") from None
    except (OSError, ValueError, EOFError) as error:
        raise StoreError(f"{file} is damaged: {error}; {_REBUILD}") from error
    if array.ndim != 1 or array.dtype != kind:
        raise StoreError(
            f"{file} holds {array.dtype} of shape {array.shape}, expected {np.dtype(kind)} of one dimension; {_REBUILD}"
        )
    return np.asarray(array)  # a plain view of the mapping: slicing np.memmap costs ten times as much
