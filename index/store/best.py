"""Picks the best of an array of scores; one rule for ties wherever something is ranked."""

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
