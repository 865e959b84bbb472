"""Finds hard negatives: passages that share a question's words and do not answer it.

Negatives drawn at random share little with the question, so a model learns subjects from them and no difference within
a subject. BM25 over the positives of the same set finds the ones that mislead words (Karpukhin et al. 2020). What
scores almost as well as the answer may be another answer, so candidates stay below a margin of the best positive's
score; where the answer shares few words, that leaves nothing, and the first places are passed over instead.

Words are left to index/store/terms.py, their use to train.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.model.pairs import Ids
from index.store.terms import build_terms

_MARGIN = 0.9  # of the best positive's score; what scores higher is too often right (RocketQA found the same of others)
_PER_QUERY = 8  # one is dealt at a time: enough for twice the epochs without repeating
_LOOKED_AT = 40
_PASSED_OVER = 10  # first places, where the answer itself is further down


def mine(texts: Sequence[str], pairs: Ids) -> dict[int, Ids]:
    """Return for each question of `pairs` (n, 2), numbers of `texts`, up to eight positives of others, hardest first.

    A question that nothing misleads is left out. No negative is a positive of the same question or the question itself.
    """
    positives = np.unique(pairs[:, 1])
    terms = build_terms([texts[place] for place in positives])
    order = np.argsort(pairs[:, 0], kind="stable")
    questions, starts = np.unique(pairs[order, 0], return_index=True)
    mined = {}
    for question, right in zip(questions.tolist(), np.split(pairs[order, 1], starts[1:]), strict=True):
        scores = terms.scores(texts[question])
        own = np.searchsorted(positives, right)
        found = _misleading(scores, own)
        found = found[positives[found] != question]
        if len(found):
            mined[question] = positives[found]
    return mined


def _misleading(scores: NDArray[np.float32], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of hard negatives among passages with these `scores`, where `right` holds the answers."""
    best = float(scores[right].max())
    first = np.argsort(-scores, kind="stable")[:_LOOKED_AT]
    first = first[(scores[first] > 0) & ~np.isin(first, right)]
    below = first[scores[first] <= _MARGIN * best]
    return (below if len(below) >= _PER_QUERY // 2 else first[_PASSED_OVER:])[:_PER_QUERY]
