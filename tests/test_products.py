"""Sums out of the extension of scipy are those of the package, bit for bit; a search gets by without the package."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csc_array, csr_array

from index.products import sort_columns, sum_lists, sum_rows, take_stretches

ROOT = Path(__file__).resolve().parents[1]
STARTS = np.array([0, 3, 3, 7], dtype=np.int32)  # the second stretch is empty
IDS = np.array([0, 4, 5, 1, 2, 4, 5], dtype=np.int32)
DICE = np.random.default_rng(1)
GAINS = DICE.random(7).astype(np.float32)


def test_rows_are_summed_as_a_sparse_matrix_sums_them() -> None:
    rows = DICE.random((6, 5)).astype(np.float32)
    found = sum_rows(GAINS, IDS, STARTS, rows)
    assert np.array_equal(found, csr_array((GAINS, IDS, STARTS), shape=(3, 6)) @ rows)
    assert found[1].tolist() == [0.0] * 5


def test_lists_are_summed_as_a_sparse_matrix_sums_them() -> None:
    factors = np.array([2, 3, 0.5], dtype=np.float32)
    lists = [(IDS[start:end], GAINS[start:end]) for start, end in pairwise(STARTS)]
    found = sum_lists(lists, factors, size=6)
    assert np.array_equal(found, csc_array((GAINS, IDS, STARTS), shape=(6, 3)) @ factors)
    assert found[3] == 0


def test_columns_are_sorted_and_equal_ones_keep_their_order() -> None:
    columns, values = np.array([5, 0, 5, 2, 0, 5, 2], dtype=np.int32), np.arange(7, dtype=np.int32)
    starts, stretches, found = sort_columns(STARTS, columns, values, width=7)
    assert starts.tolist() == [0, 2, 2, 4, 4, 4, 7, 7]
    assert found.tolist() == [1, 4, 3, 6, 0, 2, 5]
    assert stretches.tolist() == [0, 2, 2, 2, 0, 0, 2]


def test_stretches_are_taken_in_another_order() -> None:
    ids, values = take_stretches(np.array([2, 0, 1], dtype=np.int32), STARTS, IDS, np.arange(7, dtype=np.uint8))
    assert ids.tolist() == [1, 2, 4, 5, 0, 4, 5]
    assert values.tolist() == [3, 4, 5, 6, 0, 1, 2]


def test_encoding_and_scoring_load_no_scipy() -> None:
    code = (
        "import sys; from index.model import load_embedder; from index.store.terms import build_terms\n"
        "load_embedder().encode_query(['医保'] * 20); build_terms(['医保断缴', '生育津贴']).scores('医保')\n"
        "import index.kb; print([name for name in ('scipy', 'ingest.page', 'ingest.traces') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"
