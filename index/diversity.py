"""Puts passages that say something new before passages that say the same again.

Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): the next hit is the one with the best score less what
its nearest neighbour among the hits already chosen takes off. What was taken off is a leg of its own, so that the legs
still add up and the scores still fall.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.ranking import Part, Ranked

# What a passage loses that another one says in the same words. The best hit and the tenth are some 0.3 apart.
PENALTY = 0.3


def diversify(ranked: Sequence[Ranked], vectors: NDArray[np.float32], k: int) -> list[tuple[int, Ranked]]:
    """Return the place in `ranked` and the new hit of the `k` passages chosen, best first.

    `vectors` (n, dim) are the unit vectors of `ranked`. The first stays first; equal ones come in their old order.
    """
    scores = np.array([item.score for item in ranked])
    nearest = np.zeros(len(ranked), dtype=np.float32)
    left = np.ones(len(ranked), dtype=bool)
    chosen: list[tuple[int, Ranked]] = []
    while len(chosen) < min(k, len(ranked)):
        worth = np.where(left, scores - PENALTY * nearest, -np.inf)
        at = int(np.argmax(worth))
        left[at] = False
        chosen.append((at, _lowered(ranked[at], float(nearest[at]))))
        np.maximum(nearest, np.vecdot(vectors, vectors[at]), out=nearest)  # in one thread: index/bank/rough.py
    return chosen


def _lowered(item: Ranked, cosine: float) -> Ranked:
    if not cosine:
        return item
    part = Part("diversity", cosine, cosine, -PENALTY, -PENALTY * cosine)
    return item._replace(score=item.score + part.share, parts=(*item.parts, part))
