"""Parts passages into groups of like meaning and names each by the words that mark it against the rest.

Groups are made of the vectors, not of the places on the map, by k-means (Lloyd, as scikit-learn has it): every passage
is in one group, and the same vectors give the same groups. How many there are is a choice (`how_many`), no finding.
Names are the words with the highest log-likelihood (`keyness`) that stand in a larger share of the group's passages
than of the rest; a word counts once a passage, so that one long table names nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.explore.keyness import log_likelihood

# What a legend and the eye can hold, and three words a group: fewer do not tell like groups apart.
MOST = 24
TERMS = 3
_SEED = 0
# Starts of k-means, of which the tightest is kept.
_STARTS = 3


@dataclass(frozen=True, slots=True)
class Groups:
    """For each vector its group, by size from 0, and its cosine with the mean of the group."""

    numbers: NDArray[np.int64]
    nearness: NDArray[np.float32]


def how_many(count: int) -> int:
    """Return how many groups are made of `count` passages: 1 of up to 15, 8 of 300, MOST of 2,304 and more."""
    return max(1, min(MOST, int(count**0.5 / 2)))


def group(vectors: NDArray[np.float32], count: int) -> Groups:
    """Part vectors (n, dim) into at most `count` groups; fewer where fewer vectors differ. Ties by the first member."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    if not len(vectors):
        return Groups(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # said where fewer vectors differ than groups are wanted
        found = KMeans(count, n_init=_STARTS, random_state=_SEED).fit(vectors).labels_
        _, first, inverse, sizes = np.unique(found, return_index=True, return_inverse=True, return_counts=True)
        place = np.empty(len(sizes), dtype=np.int64)
        place[np.lexsort((first, -sizes))] = np.arange(len(sizes))
        numbers = place[inverse]
        means = np.zeros((len(sizes), vectors.shape[1]))
        np.add.at(means, numbers, vectors)
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        nearness = np.einsum("ij,ij->i", vectors.astype(np.float64), means[numbers])
    return Groups(numbers, np.round(nearness, 4).astype(np.float32))


def spread(
    bounds: NDArray[np.int64], places: NDArray[np.integer], numbers: NDArray[np.int64], groups: int
) -> NDArray[np.int64]:
    """Return in how many passages of each group each word stands, shape (words, groups).

    Word `w` stands in the passages `places[bounds[w] : bounds[w + 1]]`; `numbers` has the group of every passage of the
    build, -1 for one that is in none.
    """
    found = np.zeros((len(bounds) - 1, groups), dtype=np.int64)
    if len(places):
        for number in range(groups):  # a word has a place at least, so no stretch is empty
            found[:, number] = np.add.reduceat(numbers[places] == number, bounds[:-1], dtype=np.int64)
    return found


def name(words: Sequence[str], counts: NDArray[np.int64], sizes: NDArray[np.int64]) -> list[tuple[str, ...]]:
    """Return at most TERMS words for each group, the one that marks it most first; none where nothing marks it.

    `counts` has in how many passages of each group a word stands, shape (words, groups), `sizes` the passages of each
    group. Words that hold one another stand once, as the one that marks more. Ties in the order of words.
    """
    total, everywhere = int(sizes.sum()), counts.sum(axis=1)
    named: list[tuple[str, ...]] = []
    for number, size in enumerate(sizes.tolist()):
        here = counts[:, number]
        if size == total:  # there is no rest to be marked against
            named.append(())
            continue
        marks = log_likelihood(here, everywhere - here, size, total - size)
        marks[here * total <= everywhere * size] = 0  # as frequent as elsewhere, or less
        chosen: list[str] = []
        for row in np.argsort(-marks, kind="stable"):
            if len(chosen) == TERMS or marks[row] <= 0:
                break
            if not any(words[row] in other or other in words[row] for other in chosen):
                chosen.append(words[row])
        named.append(tuple(chosen))
    return named
