"""Finds questions of the bank that are near to one asked, and lends their official wording to the search.

People and officials share few words; between them stands a bank of everyday questions, each with an official statement
(`pairs/*.jsonl`, package data). The statements of the nearest questions are searched as well, as evidence of their
own. This is query expansion from an external collection (Diaz and Metzler, 2006); the text that a language model would
invent (HyDE, Gao et al., 2022) was here written beforehand. A question that is near to nothing in the bank borrows
nothing, so collections about other things are ranked as without it. No statement is ever shown as an answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from index.bank.rough import Rough
from index.bank.words import Words
from index.model.embedder import TableEmbedder
from index.ranking import Lent
from index.store.best import best_places, sorted_once
from index.store.terms import Grams, query_grams

PAIRS = Path(__file__).with_name("pairs")
# Statements lent to a question, and how fast their weight falls with their distance to the nearest one.
MOST = 3
_SHARPNESS = 15.0
# Similarity is cosines of the question with the bank's question and its statement, and the share of its words.
_QUESTION, _STATEMENT, _WORDS = 0.35, 0.35, 0.3
# Below the first a question borrows nothing, from the second on all it can. Nineteen in twenty questions about the
# sample corpus and the seeds are above 0.27, three in four about other fields below (docs/retrieval.md).
LENDS_FROM, LENDS_FULLY = 0.27, 0.36
# Questions of the bank whose statements are compared, by the similarity of the questions.
_CANDIDATES = 24
_REMEMBERED = 256  # questions


@dataclass(frozen=True, slots=True)
class Pair:
    """An everyday question and an official statement that answers it."""

    question: str
    statement: str


@dataclass(frozen=True, slots=True)
class Near:
    """A pair of the bank near to a question: `similarity` 0 to about 1, `weight` its part among those lent (sum 1)."""

    pair: Pair
    similarity: float
    weight: float


class Bank:
    """The pairs, made searchable in the bundled table. Safe to share between threads."""

    def __init__(self, pairs: Sequence[Pair], table: TableEmbedder, rough: Rough | None = None) -> None:
        """`rough` are the rough vectors of `texts_of` the pairs; without them all questions are embedded."""
        self.pairs = tuple(pairs)
        self._table = table
        self._rough = rough
        self._words = Words([pair.question for pair in pairs])
        numbers: dict[str, int] = {}
        self._statement_of = np.array([numbers.setdefault(pair.statement, len(numbers)) for pair in pairs], np.int64)
        self._texts = _Embedded(texts_of(pairs), table)
        # A question is searched and then answered: its neighbours are wanted twice.
        self._near: LRUCache[str, tuple[Near, ...]] = LRUCache(_REMEMBERED)
        self._lock = Lock()

    def near(self, question: str, vector: NDArray[np.float32] | None = None) -> tuple[Near, ...]:
        """Return at most MOST pairs with different statements, the nearest first; none from an empty bank.

        `vector` is that of the question in the bundled table, where it is known already.
        """
        with self._lock:
            known = self._near.get(question)
        if known is None:
            known = self._find(question, vector)
            with self._lock:
                self._near[question] = known
        return known

    def _find(self, question: str, vector: NDArray[np.float32] | None = None) -> tuple[Near, ...]:
        if not self.pairs:
            return ()
        if vector is None:
            vector = self._table.encode_query([question])[0]
        words = self._words.share(question)
        few = self._contending(vector, words)
        cosines = np.vecdot(self._texts.vectors_of(np.concatenate([few, self._place_of_statement(few)])), vector)
        likeness = _QUESTION * cosines[: len(few)] + _WORDS * words[few]
        best_first = best_places(likeness, len(few))
        first = few[best_first]
        similarity = likeness[best_first] + _STATEMENT * cosines[len(few) :][best_first]
        best: dict[str, tuple[float, Pair]] = {}
        for number in np.argsort(-similarity, kind="stable").tolist():
            pair = self.pairs[int(first[number])]
            best.setdefault(pair.statement, (float(similarity[number]), pair))
        chosen = list(best.values())[:MOST]
        shares = np.exp(_SHARPNESS * (np.array([value for value, _ in chosen]) - chosen[0][0]))
        shares /= shares.sum()
        return tuple(
            Near(pair, round(value, 4), round(float(share), 4))
            for (value, pair), share in zip(chosen, shares, strict=True)
        )

    def _contending(self, vector: NDArray[np.float32], words: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the places, ascending, of pairs among which the nearest with different statements surely are.

        They are among the `_CANDIDATES` pairs whose questions are most like this one.
        """
        count = len(self.pairs)
        if count <= _CANDIDATES:
            return np.arange(count)
        if self._rough is None:
            return np.sort(best_places(self._likeness(np.arange(count), vector, words), _CANDIDATES))
        rough = _QUESTION * self._rough.cosines(vector, slice(0, count)) + _WORDS * words
        last = rough[best_places(rough, _CANDIDATES)[-1]]
        # The last candidate really has at most that and the error: what is higher by twice the error is a candidate,
        # what is lower by as much is none.
        doubt = 2 * _QUESTION * self._rough.error
        likely = np.flatnonzero(rough >= last - doubt)
        is_candidate = rough[likely] > last + doubt
        of_statement = self._rough.cosines(vector, self._place_of_statement(likely))
        similarity = rough[likely] + _STATEMENT * of_statement
        is_near = similarity >= self._least_near(likely[is_candidate], similarity[is_candidate])
        if np.any(is_near & ~is_candidate):
            doubtful = np.flatnonzero(~is_candidate)
            exact = self._likeness(likely[doubtful], vector, words)
            is_candidate[doubtful[best_places(exact, _CANDIDATES - (len(likely) - len(doubtful)))]] = True
        found: NDArray[np.int64] = likely[is_near & is_candidate]
        return found

    def _likeness(
        self, pairs: NDArray[np.int64], vector: NDArray[np.float32], words: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        likeness: NDArray[np.float32] = _QUESTION * np.vecdot(self.vectors_of(pairs), vector) + _WORDS * words[pairs]
        return likeness

    def _least_near(self, candidates: NDArray[np.int64], similarity: NDArray[np.float32]) -> float:
        """Return the rough similarity below which no pair can be nearer than `MOST` statements of candidates."""
        assert self._rough is not None
        best: dict[int, float] = {}
        for statement, value in zip(self._statement_of[candidates].tolist(), similarity.tolist(), strict=True):
            best[statement] = max(value, best.get(statement, value))
        if len(best) < MOST:
            return -np.inf
        return sorted(best.values())[-MOST] - 2 * (_QUESTION + _STATEMENT) * self._rough.error

    def _place_of_statement(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where the statements of these pairs stand among `texts_of` all."""
        places: NDArray[np.int64] = len(self.pairs) + self._statement_of[pairs]
        return places

    def vectors_of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of questions by their places, shape (len(rows), dim)."""
        return self._texts.vectors_of(rows)


class _Embedded:
    """Vectors of texts, each made when it is first asked for; two threads that do so at once write the same."""

    def __init__(self, texts: Sequence[str], table: TableEmbedder) -> None:
        self._texts, self._table = texts, table
        self._vectors = np.empty((len(texts), table.dim), dtype=np.float32)
        self._is_made = np.zeros(len(texts), dtype=np.bool_)

    def vectors_of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of `rows`, shape (len(rows), dim)."""
        fresh = sorted_once(rows[~self._is_made[rows]])
        if len(fresh):
            self._vectors[fresh] = self._table.encode_document([self._texts[at] for at in fresh.tolist()])
            self._is_made[fresh] = True
        found: NDArray[np.float32] = self._vectors[rows]
        return found


def texts_of(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Return the questions of the pairs, then their statements, each once."""
    return (*(pair.question for pair in pairs), *dict.fromkeys(pair.statement for pair in pairs))


def lend(near: Sequence[Near]) -> Lent | None:
    """Return the words of the statements of `near`, mixed by their weights; None where nothing is near enough."""
    strength = min(1.0, (near[0].similarity - LENDS_FROM) / (LENDS_FULLY - LENDS_FROM)) if near else 0.0
    if strength <= 0:
        return None
    grams = [query_grams(one.pair.statement) for one in near]
    keys, place = np.unique(np.concatenate([part.keys for part in grams]), return_inverse=True)
    times = np.concatenate(
        [part.times * np.float32(one.weight) / part.times.sum() for part, one in zip(grams, near, strict=True)]
    )
    mixed = np.bincount(place, times, len(keys))
    # As many occurrences in all as one statement has, so that nothing depends on how many were mixed.
    return Lent(Grams(keys, (mixed * float(grams[0].times.sum())).astype(np.float32)), strength)


def read_bank(folder: Path = PAIRS) -> tuple[Pair, ...]:
    """Return the pairs of all files in `folder`, in the order of their names."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_bytes().splitlines()]
    # As one list: a call for each of 12,600 lines takes three times as long.
    return tuple(Pair(pair["query"], pair["positive"]) for pair in json.loads(b"[" + b",".join(lines) + b"]"))
