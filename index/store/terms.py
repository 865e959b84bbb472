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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.ngrams import fold, gram_keys
from index.products import sum_lists
from index.store import StoreError
from index.store.best import each_once
from index.store.counting import count_postings
from index.store.once import PackedTerms, UnpackedTerms
from index.store.packed import Packed
from index.store.packing import BITS
from index.store.postings import K1, B, check_knobs, norms_of
from index.store.unpacked import Unpacked
from index.store.vocabulary import REBUILD, Vocabulary, open_array
from ingest.asking import strip_asking

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Other wordings for words of a question, each with the factor its grams count with.
Also = Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Grams:
    """What a query asks for: its grams' `keys`, ascending and each once, and how many `times` each counts."""

    keys: NDArray[np.uint64]
    times: NDArray[np.float32]


_Ids = NDArray[np.int64]
_Rows = NDArray[np.int32]
_Weights = NDArray[np.float32]

_STRETCH = 1 << 20  # postings read at once where all are: 30 MB with what is made of them
# In no more texts than this, weights in a few texts are read from what is kept unpacked: half of the 11,792 terms of
# 100,000 passages take less than is kept. In more, so many terms do not fit and are found packed as they are.
_KEPT_TEXTS = 150_000
_LEAST = np.finfo(np.float32).tiny  # where a term is not in an empty text: 0 over nothing is 0


class Terms:
    """How much each term says about each of n texts. Immutable, and safe to share between threads."""

    def __init__(self, vocabulary: Vocabulary, postings: Packed, norms: NDArray[np.float32]) -> None:
        """`norms` (texts,) is what a term's frequency in a text is weighed against: k1 and its length."""
        self.vocabulary, self._postings, self._norms = vocabulary, postings, norms
        self.k1, self.b = vocabulary.k1, vocabulary.b
        self._unpacked = Unpacked[tuple[_Rows, _Weights]]()
        self._standing = Unpacked[tuple[_Rows]]()
        self._spread = Unpacked[tuple[NDArray[np.uint8]]]()

    def __len__(self) -> int:
        return self.vocabulary.texts

    def idf_of(self, keys: NDArray[np.uint64]) -> NDArray[np.float32]:
        """Return the inverse document frequency of each of `keys`; a key in no text has the highest there is."""
        return self.vocabulary.idf_of(keys)

    def occurs(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Say of each of `keys` whether it stands in any text."""
        return self.vocabulary.find(keys)[1]

    def query_weights(self, text: str, also: Also = ()) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids of the terms of the query that occur in the texts, ascending, and their idf times occurrences.

        `also` as in `query_grams`.
        """
        return self.weigh(query_grams(text, also))

    def weigh(self, grams: Grams) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return `query_weights` of a query whose grams are known already."""
        places, known = self.vocabulary.find(grams.keys)
        terms = places[known]
        return terms, self.vocabulary.idf(self.vocabulary.frequency(terms)) * grams.times[known]

    def scores(self, text: str, also: Also = ()) -> NDArray[np.float32]:
        """Return the score of every text for the query `text`, shape (n,); zero where no term is shared.

        `also` as in `query_grams`.
        """
        return self.scores_of(query_grams(text, also))

    def scores_of(self, grams: Grams) -> NDArray[np.float32]:
        """Return `scores` of a query whose grams are known already: several indexes answer the same question."""
        return self.sum_of(*self.weigh(grams))

    def sum_of(self, terms: NDArray[np.int64], factors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return for every text the sum of its weights of `terms`, each times its factor, shape (n,)."""
        if self._postings.loops is not None:
            sums = np.zeros(len(self), dtype=np.float32)
            self._postings.add(terms, factors, self._once, self._norms, self.k1, sums)
            return sums
        # One pass in C over each list, three times as fast as bincount; each text adds its lists in their order.
        return sum_lists(self._unpacked.of(terms.tolist(), self._unpack), factors, size=len(self))

    def _unpack(self, terms: Sequence[int]) -> list[tuple[_Rows, _Weights]]:
        """Return the texts that hold each of `terms`, and its weight there."""
        columns: list[tuple[_Rows, _Weights] | None] = [None] * len(terms)
        for places, found in self._postings.lists(np.array(terms, dtype=np.int64)):
            if (most := int(found.rows.max(initial=0))) >= len(self):  # what is added up in C is not looked at there
                raise StoreError(
                    f"words are damaged: found them in text {most}, expected 0 to {len(self) - 1}; {REBUILD}"
                )
            # So all rows are there: told not to look, NumPy gathers in two thirds of the time.
            weights = self._once.take(found.rows, mode="clip")
            times, norms = found.times.astype(np.float32), self._norms.take(found.rows.take(found.places))
            weights[found.places] = times * np.float32(self.k1 + 1) / (times + norms)
            if len(places) == 1:
                columns[int(places[0])] = found.rows, weights
                continue
            end = 0
            for place, size in zip(places.tolist(), found.sizes.tolist(), strict=True):
                start, end = end, end + size
                # A part of a longer array would keep all of it in memory.
                columns[place] = found.rows[start:end].copy(), weights[start:end].copy()
        return [column for column in columns if column is not None]

    def standing(self, terms: _Ids, factors: _Weights) -> UnpackedTerms | PackedTerms:
        """Return where these terms stand: what a sum is made of that counts each once (index/store/once.py)."""
        is_bits = self._postings.kinds[terms] == BITS
        if self._postings.loops is not None:
            return PackedTerms(self._postings, terms, factors, is_bits, self._once)
        self._postings.expect_lists(terms)
        lists = tuple(rows for (rows,) in self._standing.of(terms[~is_bits].tolist(), self._unpack_rows))
        packed = (self._postings.packed_bits(term) for term in terms[is_bits].tolist())
        return UnpackedTerms(lists, factors[~is_bits], tuple(zip(packed, factors[is_bits], strict=True)), self._once)

    def _unpack_rows(self, terms: Sequence[int]) -> list[tuple[_Rows]]:
        """Return the texts that hold each of `terms`."""
        return [(self._postings.rows_of(term),) for term in terms]

    @cached_property
    def _once(self) -> NDArray[np.float32]:
        """The weight in each text of a term that stands there once."""
        return np.float32(self.k1 + 1) / (1 + self._norms)

    def stored(self, keys: NDArray[np.uint64], rows: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Return the stored weight of each key in each of the texts `rows`, shape (keys, rows); zero where it is not.

        Each weight is below `k1 + 1`, which it would reach if a text held nothing else.
        """
        places, known = self.vocabulary.find(keys)
        found = np.zeros((len(keys), len(rows)), dtype=np.float32)
        wanted = np.asarray(rows, dtype=np.int32)  # of the type of the postings
        if self._postings.loops is None and len(self) <= _KEPT_TEXTS:
            self._look_up(places[known], wanted, np.flatnonzero(known), found)
            return found
        # Each row once and ascending: half the time of a search in any order.
        wanted, place = each_once(wanted)
        times = self._postings.times(places[known], wanted)
        found[known] = self._weigh(times, wanted)[:, place]
        return found

    def _look_up(self, terms: _Ids, wanted: _Rows, lines: _Ids, found: _Weights) -> None:
        """Write the weights of `terms` in the texts `wanted` into these lines of `found`, from what is kept unpacked.

        A list is halved where it lies, in C; a common term has its number of occurrences for every text. Lists that are
        not kept are few words of the question's own and many of those it is lent: unpacked, they would push out others.
        """
        is_bits = self._postings.kinds[terms] == BITS
        packed = []
        for at_term, kept in zip(
            np.flatnonzero(~is_bits).tolist(), self._unpacked.kept(terms[~is_bits].tolist()), strict=True
        ):
            if kept is None:
                packed.append(at_term)
                continue
            rows, weights = kept
            at = rows.searchsorted(wanted)
            is_there = rows.take(at, mode="clip") == wanted
            np.multiply(weights.take(at, mode="clip"), is_there, out=found[lines[at_term]])
        if packed:
            found[lines[packed]] = self._weigh(self._postings.times(terms[packed], wanted), wanted)
        if not np.any(is_bits):
            return
        spread = self._spread.of(terms[is_bits].tolist(), self._unpack_spread)
        times = np.stack([counts.take(wanted) for (counts,) in spread])
        found[lines[is_bits]] = self._weigh(times, wanted)

    def _weigh(self, times: NDArray[np.uint8], rows: _Rows) -> _Weights:
        """Return the weights of terms that stand so many `times`, shape (terms, rows), in each of these texts."""
        counts = times.astype(np.float32)
        weights: _Weights = counts * np.float32(self.k1 + 1) / np.maximum(counts + self._norms[rows], _LEAST)
        return weights

    def _unpack_spread(self, terms: Sequence[int]) -> list[tuple[NDArray[np.uint8]]]:
        """Return how often each of `terms`, which are written as bits, stands in every text."""
        # The bits are the counts but for the few postings that are more than one occurrence.
        packed = self._postings.packed_bits
        self._postings.expect_lists(np.array(terms, dtype=np.int64))
        spread = [np.unpackbits(packed(term), count=len(self), bitorder="little") for term in terms]
        for places, found in self._postings.lists(np.array(terms, dtype=np.int64)):
            repeated = found.rows.take(found.places)
            end = 0
            for place, more in zip(places.tolist(), found.more.tolist(), strict=True):
                start, end = end, end + more
                spread[place][repeated[start:end]] = found.times[start:end]
        return [(counts,) for counts in spread]

    def weights(self, start: int, stop: int) -> csr_array:
        """Return the stored weights of texts `start` to `stop - 1`, shape (texts, terms).

        Each call reads all postings, so a few large stretches are read faster than many small ones.
        """
        from scipy.sparse import csr_array  # a search does without: index/products.py

        terms, rows, times = [np.empty(0, np.int64)], [np.empty(0, np.int32)], [np.empty(0, np.float32)]
        for few in self._stretches():
            for places, found in self._postings.lists(few):
                counts = np.ones(len(found.rows), dtype=np.float32)
                counts[found.places] = found.times
                is_wanted = (found.rows >= start) & (found.rows < stop)
                terms.append(np.repeat(few[places], found.sizes)[is_wanted])
                rows.append(found.rows[is_wanted] - np.int32(start))
                times.append(counts[is_wanted])
        at, counts = np.concatenate(rows), np.concatenate(times)
        weights = counts * np.float32(self.k1 + 1) / (counts + self._norms[start:stop][at])
        shape = (stop - start, len(self.vocabulary.keys))
        return csr_array((weights, (at, np.concatenate(terms))), shape=shape)

    def _stretches(self) -> Iterator[NDArray[np.int64]]:
        """Yield all terms in order, some at a time, that have about so many postings together."""
        starts = self.vocabulary.starts
        cuts = np.unique(np.append(starts.searchsorted(np.arange(0, starts[-1], _STRETCH)), len(starts) - 1))
        for low, high in pairwise(cuts.tolist()):
            yield np.arange(low, high)

    def matches(self, text: str, row: int, also: Also = ()) -> list[tuple[int, float]]:
        """Return (key, contribution) of each term that text `row` shares with the query `text`, the largest first.

        The contributions add up to the row's score; `index.ngrams.spell` shows a key. Equal ones come in key order.
        """
        return self.matches_of(query_grams(text, also), [row])[0]

    def matches_of(self, grams: Grams, rows: Sequence[int]) -> list[list[tuple[int, float]]]:
        """Return `matches` of each of `rows` with a query whose grams are known already."""
        if wrong := [row for row in rows if not 0 <= row < len(self)]:
            raise ValueError(f"row {wrong[0]} does not exist: rows are 0 to {len(self) - 1}")
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
        vocabulary = Vocabulary.open(folder)
        terms, postings = len(vocabulary.keys), int(vocabulary.starts[-1])
        norms = open_array(folder / "norms.npy", np.float32)
        packed = Packed(
            vocabulary.texts,
            vocabulary.starts,
            open_array(folder / "kinds.npy", np.uint8),
            open_array(folder / "places.npy", np.int64),
            open_array(folder / "rows.npy", np.uint8),
            open_array(folder / "is_more.npy", np.uint8),
            open_array(folder / "ranks.npy", np.uint32),
            open_array(folder / "more.npy", np.uint8),
            open_array(folder / "often_at.npy", np.uint32),
            open_array(folder / "often.npy", np.uint8),
        )
        bits = ((postings + 7) // 8 // 64 + 1) * 64
        found = (len(norms), len(packed.kinds), len(packed.places), len(packed.is_more), 64 * len(packed.ranks))
        is_whole = found == (vocabulary.texts, terms, terms + 1, bits, bits)
        ends = (len(packed.rows), len(packed.more), len(packed.often))
        # Read only now: where the arrays are too short, there may be no last place and no last bit.
        if not is_whole or ends != (int(packed.places[-1]), (packed.count_more() + 1) // 2, len(packed.often_at)):
            raise StoreError(
                f"{folder} is damaged: its arrays hold {found} values and {ends} bytes, expected those of"
                f" {vocabulary.texts} texts, {terms} terms and {postings} postings; {REBUILD}"
            )
        return cls(vocabulary, packed, norms)


def build_terms(texts: Sequence[str], *, k1: float = K1, b: float = B) -> Terms:
    """Return the terms of `texts`, few enough to be counted in memory; text i is row i.

    Raises ValueError unless `k1` is above 0 and `b` from 0 to 1 (no to full length normalisation).
    """
    check_knobs(k1, b)
    found = count_postings(texts)
    vocabulary = Vocabulary(found.keys, found.starts, len(texts), float(k1), float(b))
    packed = Packed.of(found.rows, found.times, found.starts, len(texts))
    return Terms(vocabulary, packed, norms_of(found.lengths, k1=k1, b=b))


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
    return strip_asking(fold(text), "，")  # folded: question words are known in their simplified form
