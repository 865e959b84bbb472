"""Sparse products of scipy without the package around them, which loads for as long as a search takes from its start.

`import scipy.sparse` costs 0.2 s, nearly all of it for parts of numpy that it wraps for other array libraries; the two
loops in C that a search needs are one small extension. Where that is not found in its place, the package is imported.
Both add in the order in which the entries stand, in float32, so a sum has the same bits on any machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float32]
_Ids = NDArray[np.int32]


def sum_rows(counts: _Floats, ids: _Ids, starts: _Ids, rows: _Floats) -> _Floats:
    """Return for each stretch of `ids` the sum of those of `rows` (n, dim), each times its count: (stretches, dim)."""
    sums = np.zeros((len(starts) - 1, rows.shape[1]), dtype=np.float32)
    rows = np.ascontiguousarray(rows)
    _loops().csr_matvecs(len(sums), len(rows), rows.shape[1], starts, ids, counts, rows.ravel(), sums.ravel())
    return sums


def sum_lists(
    lists: Sequence[tuple[_Ids, _Floats]], factors: _Floats, *, size: int, onto: _Floats | None = None
) -> _Floats:
    """Return for each of `size` ids the sum of its gains, those of each list times its factor: (size,).

    `lists` are ids and gains. Each is added where it lies: putting them behind one another first takes longer. Where
    given they are added in place `onto` what the ids have already.
    """
    sums = np.zeros(size, dtype=np.float32) if onto is None else onto
    add = _loops().csc_matvec
    bounds = np.zeros((len(lists), 2), dtype=np.int32)
    bounds[:, 1] = [len(ids) for ids, _ in lists]
    for (ids, gains), bound, factor in zip(lists, bounds, factors[:, None], strict=True):
        add(size, 1, bound, ids, gains, factor, sums)
    return sums


@cache
def _loops() -> Any:
    package = find_spec("scipy")
    places = [str(Path(place) / "sparse") for place in (package and package.submodule_search_locations) or ()]
    found = PathFinder.find_spec("_sparsetools", places)
    if found is None or found.loader is None:
        from scipy.sparse import _sparsetools

        return _sparsetools
    loops = module_from_spec(found)
    found.loader.exec_module(loops)
    return loops


def sort_columns(starts: _Ids, columns: _Ids, values: _Ids, *, width: int) -> tuple[_Ids, _Ids, _Ids]:
    """Return the entries of stretches in the order of their columns: where each column starts, stretches, values.

    Entries of a column keep their order, so this is a counting sort, and twice sorts by two keys. Columns are below
    `width`.
    """
    bounds = np.empty(width + 1, dtype=np.int32)
    stretches, sorted_values = np.empty(len(columns), dtype=np.int32), np.empty(len(columns), dtype=np.int32)
    _loops().csr_tocsc(len(starts) - 1, width, starts, columns, values, bounds, stretches, sorted_values)
    return bounds, stretches, sorted_values


def take_stretches(order: _Ids, starts: _Ids, ids: _Ids, values: NDArray[np.uint8]) -> tuple[_Ids, NDArray[np.uint8]]:
    """Return the stretches of `ids` and of `values` in another `order`, behind one another; each is in it once."""
    taken, taken_values = np.empty_like(ids), np.empty_like(values)
    _loops().csr_row_index(len(order), order, starts, ids, values, taken, taken_values)
    return taken, taken_values


def sum_repeats(starts: _Ids, ids: _Ids, counts: _Ids) -> tuple[_Ids, _Ids, _Ids]:
    """Return starts, ids and counts of the same stretches where equal ids that follow one another are one, summed.

    The arguments are overwritten.
    """
    _loops().csr_sum_duplicates(len(starts) - 1, 0, starts, ids, counts)
    return starts, ids[: starts[-1]], counts[: starts[-1]]
