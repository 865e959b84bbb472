"""Fits the shares of the legs to questions with known answers: how much vectors and question bank count for a model.

Words are what every model has in common; how far its vectors may be trusted beside them is its own. The rest of a
calibration is fitted in index/calibrate.py, once the passages are ranked with these shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from index.gold import GoldQuestion, Place, find_quotes
from index.ranking import Weights
from index.search import search

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

# A passage or sentence is a marked one where the shorter of it and a gold quote lies this much within the other.
SAME_PLACE = 0.6
# Shares that are tried, in this order.
_DENSE = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
_BANK = (0.0, 0.1, 0.2, 0.3, 0.4)


def fit_fusion(kb: KnowledgeBase, questions: Sequence[GoldQuestion]) -> Weights:
    """Return the weights with the shares of vectors and bank that rank the passages of the answers best.

    One share after the other, by the mean reciprocal rank of the first passage that holds a gold quote; of shares that
    do equally well the smallest: what words give, anybody can follow.
    """
    places = find_quotes(kb.records, questions)
    answerable = [question for question in questions if question.is_answerable]
    best = kb.weights
    for name, shares in (("dense_near", _DENSE), ("bank", _BANK)):
        tried = [replace(best, **{name: share}) for share in shares]
        scores = []
        for weights in tried:
            weighed = kb.with_calibration(replace(kb.calibration, fusion=weights))
            scores.append(sum(_reciprocal_rank(weighed, question, places[question.id]) for question in answerable))
        best = tried[int(np.argmax(np.round(scores, 6)))]
    return best


def _reciprocal_rank(kb: KnowledgeBase, question: GoldQuestion, places: Sequence[Place]) -> float:
    for hit in search(kb, question.text, k=10):
        if any(place.shared(hit.path, hit.start, hit.end) >= SAME_PLACE for place in places):
            return 1 / float(hit.rank)
    return 0.0
