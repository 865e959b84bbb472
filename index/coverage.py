"""How much of a question a text covers: the share of the question's weight that the text's words carry.

A character or bigram weighs what it says: its IDF in the collection, and nothing if it only asks (怎么, 吗). A word the
collection has never seen weighs most, so a question about something else is covered by nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.ngrams import gram_keys
from ingest.asking import strip_asking

if TYPE_CHECKING:
    from index.kb import KnowledgeBase


class Coverage:
    """Weighs the words of one question against texts."""

    def __init__(self, kb: KnowledgeBase, question: str) -> None:
        keys, _ = gram_keys([strip_asking(question)])
        if not len(keys):
            keys, _ = gram_keys([question])
        self._keys = np.unique(keys)
        # A bigram is worth a word; single characters only soften the borders of words.
        worth = np.where(self._keys >> np.uint64(21) > 0, 1.0, 0.3)
        self._weights = worth * kb.passage_terms.idf_of(self._keys)
        self._total = float(self._weights.sum())

    def of(self, text: str) -> float:
        """Return the share of the question's weight that `text` covers, 0 to 1."""
        if not self._total:
            return 0.0
        keys, _ = gram_keys([text])
        return float(self._weights[np.isin(self._keys, keys)].sum()) / self._total
