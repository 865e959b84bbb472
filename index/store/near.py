"""Finds rows that are probably near: inverted lists of similar vectors, two numbers of a row in 4 bits (IVF, PQ).

A question reads the lists whose centres are nearest to it (Jégou, Douze and Schmid, Product Quantization for Nearest
Neighbor Search, 2011, section IV) and looks up what their codes give in registers, 32 rows at a time (André, Kermarrec
and Le Scouarnec, Cache locality is not enough, 2015; FAISS calls it fast scan). What comes back is only a choice of
rows: `vectors` scores them from their rows, and how many lists must be read is measured by
index/build/index_vectors.py. Why lists and no graph: see `plan`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.store import StoreError
from index.store.layout import CODE_BITS, NUMBERS, read_lists
from index.store.plan import Plan

if TYPE_CHECKING:
    from index.store.vectors import Vectors

# Rows of each list and code that its centre is learned from, and how often: fewer than FAISS's own 256 and 25. Of
# 100,000 passages lists and codes are learned in 0.14 s; ten rounds for lists and FAISS's own for codes took 0.9 s and
# found no more: in 144 of 256 lists 0.9862 and 0.9866 of what is nearest to questions and passages, now 0.9869 and
# 0.9861. What they are worth is measured with every build.
_LEARNED_FROM = 64
_ROUNDS, _CODE_ROUNDS = 4, 6
# Lists read under a filter: more by this power of how few it keeps. Of a million rows half, a fifth, a tenth and a
# twentieth kept: recall 0.983, 0.985, 0.991 and 0.993; 0.976 to 0.949 where no more are read.
_FARTHER = 0.25
# Rows handed to FAISS at a time: 16 MB at 256 numbers.
_BATCH = 16_384
_selectors: Any = faiss  # the stub knows no selector that takes an array


class Near:
    """Lists of similar rows. Safe to share between threads once `probes` is set."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self.probes = int(index.nprobe)
        """How many lists a search reads."""

    @classmethod
    def build(cls, vectors: Vectors, plan: Plan) -> Near:
        """Return the lists of all rows of `vectors`: the same ones, bit for bit, on any number of cores."""
        faiss.omp_set_num_threads(1)  # sums of floats depend on who adds up what, and equal rows make equal files
        centres = faiss.IndexFlatIP(vectors.dim)
        index = faiss.IndexIVFPQFastScan(
            centres, vectors.dim, plan.lists, vectors.dim // NUMBERS, CODE_BITS, faiss.METRIC_INNER_PRODUCT
        )
        index.by_residual = False  # one table of products for a question instead of one for each list
        index.cp.seed = 1
        index.cp.niter = _ROUNDS
        index.cp.spherical = True
        index.cp.min_points_per_centroid = 1  # FAISS would print a warning; how good the lists are is measured
        index.cp.max_points_per_centroid = _LEARNED_FROM
        index.pq.cp.niter = _CODE_ROUNDS
        index.pq.cp.min_points_per_centroid = 1
        index.pq.cp.max_points_per_centroid = _LEARNED_FROM
        count = min(len(vectors), _LEARNED_FROM * plan.lists)
        index.train(vectors.rows(np.arange(count) * len(vectors) // count))
        index.pq.sync_transposed_centroids()  # codes are found in a quarter less time
        for start in range(0, len(vectors), _BATCH):
            index.add(vectors.rows(np.arange(start, min(start + _BATCH, len(vectors)))))
        return cls(index)

    @classmethod
    def open(cls, file: Path) -> Near:
        """Return the lists in `file`, read into memory. Raises StoreError for a damaged file."""
        read_lists(file)
        try:
            index = faiss.read_index(str(file))
        except RuntimeError as error:
            raise StoreError(f"{file} cannot be read ({str(error)[-80:]}); run `policykb rebuild --full`") from error
        return cls(index)

    def write(self, file: Path) -> None:
        """Write the lists with the number of them that a search reads. Raises StoreError where it cannot be written."""
        self._index.nprobe = self.probes
        try:
            faiss.write_index(self._index, str(file))
        except RuntimeError as error:
            raise StoreError(f"cannot write the vectors to {file}; check folder and free space") from error

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    @property
    def lists(self) -> int:
        """How many lists there are."""
        return int(self._index.nlist)

    def places(self, queries: NDArray[np.float32], rows: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
        """Return of each query how many lists are read before those of its `rows`, the same shape as those."""
        order = self._index.quantizer.search(queries, self.lists)[1]
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(self.lists)[None], axis=1)
        lists = self._index.invlists
        list_of = np.empty(len(self), dtype=np.int64)
        for number in range(self.lists):
            if size := lists.list_size(number):
                list_of[faiss.rev_swig_ptr(lists.get_ids(number), size)] = number
        return [own[list_of[wanted]] for own, wanted in zip(ranks, rows, strict=True)]

    def search(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None, *, share: float = 1.0
    ) -> NDArray[np.int64]:
        """Return at most `k` rows probably near to `query` (dim,), in the order of rows, of the `allowed` ones.

        The fewer are allowed, the farther from the question the nearest of them lie, and the more lists are read. Of
        the lists that find as many as was measured a `share` is read.
        """
        probes = max(1.0, share * self.probes)
        parameters: dict[str, Any] = {"nprobe": round(probes)}
        if allowed is not None:
            is_allowed = np.zeros(len(self), dtype=bool)
            is_allowed[allowed] = True
            bits = np.packbits(is_allowed, bitorder="little")
            parameters["sel"] = _selectors.IDSelectorBitmap(bits)
            farther = (len(self) / len(allowed)) ** _FARTHER
            parameters["nprobe"] = min(self.lists, round(probes * farther))
        faiss.omp_set_num_threads(1)  # as `Vectors.search` does
        _, rows = self._index.search(query[None], k, params=faiss.SearchParametersIVF(**parameters))
        found: NDArray[np.int64] = np.sort(rows[0][rows[0] >= 0])
        return found
