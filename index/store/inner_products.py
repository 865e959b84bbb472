"""Multiplies one query with float16 rows, all or chosen ones, by the very kernel of the exact search.

FAISS scans float16 rows at 18 ns a row of 256, converting them in registers, but its searches keep only the best. Only
a search of inverted lists within a radius tells every score, in the order of rows: so the rows are copied, a block at a
time, into the one list of an index made for the call, and all of them lie within a radius without end. NumPy or FAISS
would take 250 to 450 ns to make a row float32 first, and the last bits of a sum of their own would be others.
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

# Bytes of a block: it stays in the cache that a core has to itself, and a call costs little beside it. 100,000 rows of
# 256 take 4.9 ms in blocks of a quarter of a megabyte, 4.1 of half of one, 4.6 of one; the flat float32 rows took 4.0.
_BLOCK_BYTES = 1 << 19
_METRIC = faiss.METRIC_INNER_PRODUCT
_KIND = faiss.ScalarQuantizer.QT_fp16


def inner_products(
    query: NDArray[np.float32], codes: NDArray[np.uint8], rows: NDArray[np.int64] | None
) -> NDArray[np.float32]:
    """Return the inner product of `query` (dim,) with each of these rows of `codes` (n, 2 dim), None: with all.

    The rows exist, and query and codes hold finite numbers.
    """
    dim = len(query)
    found = np.empty(len(codes) if rows is None else len(rows), dtype=np.float32)
    if not len(found):
        return found
    faiss.omp_set_num_threads(1)  # as `Vectors.search` does
    size = min(len(found), max(1, _BLOCK_BYTES // codes.shape[1]))
    centre = faiss.IndexFlatIP(dim)
    centre.add(np.zeros((1, dim), dtype=np.float32))
    index: Any = faiss.IndexIVFScalarQuantizer(centre, dim, 1, _KIND, _METRIC, False)
    index.is_trained = True  # float16 has nothing to learn, and there are no residuals (False)
    index.invlists.resize(0, size)
    block = faiss.rev_swig_ptr(index.invlists.get_codes(0), size * codes.shape[1]).reshape(size, -1)
    for start in range(0, len(found), size):
        stop = min(start + size, len(found))
        some = block[: stop - start]
        if len(some) < size:
            index.invlists.resize(0, len(some))  # fewer rows, in the same place
        if rows is None:
            some[:] = codes[start:stop]
        else:
            np.take(codes, rows[start:stop], axis=0, out=some, mode="clip")  # any other mode copies twice
        found[start:stop] = index.range_search(query[None], -np.inf)[1]
    return found
