"""Chooses the grams a table learns and gives each its first row, before any pair is looked at.

A row is a direction times an importance. The importance begins as the gram's inverse document frequency. The direction
is a mixture: a random one, which keeps grams apart and makes the sum a lexical model (Johnson and Lindenstrauss), and
one from latent semantic analysis of the training texts (Deerwester et al. 1990), which puts grams that occur in the
same texts side by side, so that words no pair explains have a meaning to begin with. What each is worth is in
docs/decisions.md.

Learning is left to train.py, the table to embedder.py. No torch here: the analysis is sparse products of scipy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from index.model.embedder import TableEmbedder
from index.model.pairs import Ids, PairsError
from index.ngrams import gram_keys

_KEY_BITS = np.uint64(42)  # a bigram's key has 42 bits, so text number and key share one word
_SLICE_TEXTS = 2048
_LEAST_FREQUENCY = 2  # a gram of one text can bring nothing together
_SPARE = 16  # directions beyond those wanted, and rounds, of Halko, Martinsson and Tropp (2011)
_ROUNDS = 3

Directions = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FirstRows:
    """Sorted grams (n,), a direction for each (n, dim), and the logarithm of its importance (n,)."""

    keys: NDArray[np.uint64]
    directions: Directions
    importance: NDArray[np.float32]


def begin(
    texts: Sequence[str], *, rows: int, dim: int, seed: int, count_power: float, analysed: float
) -> tuple[FirstRows, csr_matrix]:
    """Return the first rows of a model of `texts`, and how often each gram occurs in each text, damped.

    `analysed` from 0 to 1 is the share of the analysis in a direction, the rest is random.
    Raises PairsError where the texts share no gram.
    """
    keys, frequency = _document_frequency(texts)
    chosen = _choose(keys, frequency, rows)
    if not len(chosen):
        raise PairsError(f"found no character that {_LEAST_FREQUENCY} texts share, expected more pairs. Add some.")
    idf = np.log(1 + len(texts) / frequency[chosen]).astype(np.float32)
    counts = count(texts, keys[chosen], count_power)
    directions = _random(len(chosen), dim, seed)
    if analysed:
        directions = (1 - analysed) * directions + analysed * _unit(_analyse(counts, idf, dim, seed))
        directions = _unit(directions)
    return FirstRows(keys[chosen], directions, np.log(idf)), counts


def go_on(texts: Sequence[str], table: TableEmbedder, *, new_rows: int, seed: int) -> tuple[FirstRows, csr_matrix]:
    """Return the rows of `table` with up to `new_rows` frequent new grams, and the counts of `texts` as `begin` does.

    A new gram begins as a random direction with the median importance of the bigrams known: it is rare by definition.
    """
    old = table.vectors(slice(None))
    lengths = np.maximum(np.sqrt(np.sum(old * old, axis=1)), np.float32(1e-6))
    keys, frequency = _document_frequency(texts)
    unknown = ~np.isin(keys, table.keys)
    added = keys[unknown][_choose(keys[unknown], frequency[unknown], new_rows)]
    directions = np.concatenate([old / lengths[:, None], _random(len(added), table.dim, seed)])
    importance = np.concatenate([np.log(lengths), np.full(len(added), np.log(np.median(lengths)), dtype=np.float32)])
    order = np.argsort(all_keys := np.concatenate([table.keys, added]))
    first = FirstRows(all_keys[order], directions[order], importance[order])
    return first, count(texts, first.keys, table.count_power)


def count(texts: Sequence[str], keys: NDArray[np.uint64], count_power: float) -> csr_matrix:
    """Return how often each of `keys` occurs in each text, to the power `count_power`, shape (texts, keys)."""
    nothing = np.zeros((len(keys), 1), dtype=np.int8), np.zeros(len(keys), dtype=np.float32)
    counter = TableEmbedder(keys, *nothing, count_power=count_power)
    parts = [counter.count(texts[start : start + _SLICE_TEXTS]) for start in range(0, len(texts), _SLICE_TEXTS)]
    lengths = np.concatenate([np.diff(part.indptr) for part in parts])
    starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    indices, data = (np.concatenate([getattr(part, name) for part in parts]) for name in ("indices", "data"))
    return csr_matrix((data, indices, starts), shape=(len(texts), len(keys)))


def _document_frequency(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return every gram of `texts`, sorted, and in how many of them it occurs."""
    parts = []
    for start in range(0, len(texts), _SLICE_TEXTS):
        keys, text_of = gram_keys(texts[start : start + _SLICE_TEXTS])
        once = np.unique((text_of.astype(np.uint64) << _KEY_BITS) | keys) & ((np.uint64(1) << _KEY_BITS) - np.uint64(1))
        parts.append(np.unique(once, return_counts=True))
    keys, place = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
    return keys, np.bincount(place, np.concatenate([part[1] for part in parts])).astype(np.int64)


def _choose(keys: NDArray[np.uint64], frequency: NDArray[np.int64], rows: int) -> Ids:
    """Return the places of the `rows` grams to learn: characters first, then by document frequency; rare ones never."""
    known = np.flatnonzero(frequency >= _LEAST_FREQUENCY)
    is_character = keys[known] < np.uint64(1 << 21)
    order = np.lexsort((keys[known], -frequency[known], ~is_character))
    return np.sort(known[order[:rows]])


def _random(rows: int, dim: int, seed: int) -> Directions:
    drawn = np.random.default_rng([seed, 1]).standard_normal((rows, dim), dtype=np.float32)
    return drawn / np.float32(math.sqrt(dim))


def _unit(rows: Directions) -> Directions:
    lengths = np.sqrt(np.sum(rows * rows, axis=1, keepdims=True))
    unit: Directions = rows / np.maximum(lengths, np.float32(1e-9))
    return unit


def _analyse(counts: csr_matrix, idf: NDArray[np.float32], dim: int, seed: int) -> Directions:
    """Return the first `dim` singular directions of the grams in texts of length one, weighted by `idf`.

    Randomised subspace iteration. Fewer grams or texts than directions leave the last columns zero.
    """
    weighted = counts.multiply(idf[None, :]).tocsr().astype(np.float32)
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    weighted.data /= np.repeat(np.maximum(lengths, 1e-9), np.diff(weighted.indptr)).astype(np.float32)
    across = weighted.T.tocsr()
    wanted = min(dim + _SPARE, *counts.shape)
    basis = np.random.default_rng([seed, 2]).standard_normal((counts.shape[1], wanted), dtype=np.float32)
    for _ in range(_ROUNDS):
        basis, _ = np.linalg.qr(across @ (weighted @ basis))
    seen = weighted @ basis
    strengths, turns = np.linalg.eigh((seen.T @ seen).astype(np.float64))
    turned = basis @ turns[:, np.argsort(-strengths)][:, :dim].astype(np.float32)
    return np.pad(turned, ((0, 0), (0, dim - turned.shape[1])))
