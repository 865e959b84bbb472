"""Lays vectors out on a plane so that neighbours stay neighbours: the coordinates of the map of passages.

t-SNE (van der Maaten and Hinton 2008) as openTSNE computes it (Poličar, Stražar and Zupan 2024), on affinities that ask
only which vectors are the nearest, not how near: Böhm, Berens and Kobak (2022) found the pictures alike, and of 10,000
passages 36 % of the nearest 15 stay so in two dimensions, against 32 % with perplexity 30 and 19 % with UMAP. Distances
between far points and the sizes of groups mean nothing. The choice and its figures stand in docs/decisions.md.

One thread, one seed, exact neighbours: the same vectors give the same bytes whatever else the machine does. Another
processor or another version of the libraries may give another picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Coordinates go from 0 to WIDTH along the longer side, in steps of a ten-thousandth of it.
WIDTH = 100.0
DECIMALS = 2
# Neighbours that pull at a point: those of Böhm and others.
NEIGHBOURS = 15
# Of fewer points the two main directions of the vectors are drawn: there is no neighbourhood to keep.
FEWEST = 3 * NEIGHBOURS
# Rounds with neighbours drawn together, and after; twice as many keep no more neighbours (0.359 and 0.365 of 10,000).
_EARLY, _LATE = 125, 250
# Up to here a tree is faster than a grid with Fourier transforms; of 1,000 points it takes a quarter of the time.
_TREE = 3_000
# The width of a cell of the grid. With 1 a round on 50,000 points takes 0.26 s, with 2 it takes 0.10 s.
_CELL = 2
_SEED = 0

Told = Callable[[int, int], None]


def project(vectors: NDArray[np.float32], told: Told = lambda done, total: None) -> NDArray[np.float32]:
    """Return a place for each vector (n, dim), shape (n, 2), between 0 and WIDTH; `told` gets the rounds done and all.

    The wider side takes the whole width, the other one stands in the middle. Equal vectors may stand apart.
    """
    from threadpoolctl import threadpool_limits

    if len(vectors) >= FEWEST:
        import openTSNE  # noqa: F401 - a limit holds only for libraries that are loaded
        import sklearn.neighbors  # noqa: F401
    with threadpool_limits(1):
        places = _main_directions(vectors) if len(vectors) < FEWEST else _neighbourhoods(vectors, told)
    low, high = (places.min(axis=0), places.max(axis=0)) if len(places) else (np.zeros(2), np.zeros(2))
    scale = WIDTH / max(float((high - low).max()), 1e-9)
    fitted: NDArray[np.float32] = np.round((places - (low + high) / 2) * scale + WIDTH / 2, DECIMALS).astype(np.float32)
    return fitted


def _main_directions(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the two principal components, each with its largest value on the positive side."""
    places = np.zeros((len(vectors), 2))
    if len(vectors) > 1:
        left, sizes, _ = np.linalg.svd(vectors.astype(np.float64) - vectors.mean(axis=0), full_matrices=False)
        found = left[:, :2] * sizes[:2]
        found *= np.where(found[np.abs(found).argmax(axis=0), range(found.shape[1])] < 0, -1, 1)
        places[:, : found.shape[1]] = found
    return places


def _neighbourhoods(vectors: NDArray[np.float32], told: Told) -> NDArray[np.float64]:
    from openTSNE import TSNEEmbedding, affinity, initialization
    from scipy.sparse import csr_matrix
    from sklearn.neighbors import NearestNeighbors

    count, total = len(vectors), _EARLY + _LATE
    told(0, total)
    nearest = NearestNeighbors(n_neighbors=NEIGHBOURS, algorithm="brute").fit(vectors).kneighbors(return_distance=False)
    bounds = np.arange(0, nearest.size + 1, NEIGHBOURS)
    pulls = csr_matrix((np.ones(nearest.size), nearest.ravel(), bounds), shape=(count, count))
    embedding = TSNEEmbedding(
        initialization.pca(vectors, random_state=_SEED),
        affinity.PrecomputedAffinities(pulls + pulls.T),
        negative_gradient_method="bh" if count <= _TREE else "fft",
        ints_in_interval=_CELL,
        n_jobs=1,
        random_state=_SEED,
    )

    def follow(before: int) -> dict[str, Any]:
        def call(done: int, error: float, places: object) -> None:  # noqa: ARG001 - openTSNE's signature
            told(before + done, total)

        return {"callbacks": [call], "callbacks_every_iters": 25, "inplace": True, "momentum": 0.8}

    embedding.optimize(_EARLY, exaggeration=12, **follow(0))
    embedding.optimize(_LATE, **follow(_EARLY))
    told(total, total)
    return np.asarray(embedding, dtype=np.float64)
