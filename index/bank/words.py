"""Says how many of the words of a question each text of the bank has, by the weights of index/store/terms.py.

There postings are packed, as those of a large collection must be, and unpacked for a question. The bank has 300,000: as
they are counted they take 2.5 MB, are there sooner, and a question adds them up where they lie.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.products import sum_lists
from index.store.counting import count_postings
from index.store.postings import K1, B, norms_of
from index.store.terms import query_grams
from index.store.vocabulary import Vocabulary


class Words:
    """The words of a few thousand texts. Immutable, and safe to share between threads."""

    def __init__(self, texts: Sequence[str]) -> None:
        found = count_postings(texts)
        self._vocabulary = Vocabulary(found.keys, found.starts, len(texts), K1, B)
        times, norms = found.times.astype(np.float32), norms_of(found.lengths, k1=K1, b=B)
        self._rows, self._weights = found.rows, times * np.float32(K1 + 1) / (times + norms[found.rows])

    def share(self, question: str) -> NDArray[np.float32]:
        """Return the BM25 of each text for `question`, shape (texts,), as a share of the most a text could have."""
        grams = query_grams(question)
        places, known = self._vocabulary.find(grams.keys)
        terms = places[known]
        factors = self._vocabulary.idf(self._vocabulary.frequency(terms)) * grams.times[known]
        most = float(factors.sum()) * (K1 + 1)
        if not most:
            return np.zeros(self._vocabulary.texts, dtype=np.float32)
        starts = self._vocabulary.starts
        bounds = zip(starts[terms].tolist(), starts[terms + 1].tolist(), strict=True)
        lists = [(self._rows[start:end], self._weights[start:end]) for start, end in bounds]
        share: NDArray[np.float32] = sum_lists(lists, factors, size=self._vocabulary.texts) / most
        return share
