"""Finds rows that are probably near: inverted lists of similar vectors, two numbers of a row in 4 bits (IVF, PQ).

A question reads the lists whose centres are nearest to it (Jégou, Douze and Schmid, Product Quantization for Nearest
Neighbor Search, 2011, section IV) and looks up what their codes give in registers, 32 rows at a time (André, Kermarrec
and Le Scouarnec, Cache locality is not enough, 2015; FAISS calls it fast scan). What comes back is only a choice of
rows: `vectors` scores them from their rows, and how many lists must be read is measured by
index/build/index_vectors.py. How rows become codes: see `codes`; why lists and no graph: see `plan`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.store import StoreError
from index.store.codes import centres as centres_of_codes
from index.store.codes import encode, learn_levels
from index.store.layout import CODE_BITS, NUMBERS, read_lists
from index.store.plan import Plan

if TYPE_CHECKING:
    from index.store.vectors import Vectors

# Rows that each list's centre is learned from, and how often: fewer than FAISS's own 256 and 25. Of 100,000 passages,
# with two seeds, 0.576 and 0.558 of the rows lie in the lists that must be read after two rounds, 0.566 and 0.565 after
# three, 0.563 and 0.551 after four, 0.566 after ten. What they are worth is measured with every build.
_LEARNED_FROM = 64
_ROUNDS = 3
# Rows that the values of codes are learned from, up to twice as many: of 100,000 passages they lose 0.1034, those of
# 16,000 rows 0.1031.
_CODES_LEARNED_FROM = 2_048
# Lists read under a filter: more by this power of how few it keeps. Of a million rows half, a fifth, a tenth and a
# twentieth kept: recall 0.983, 0.985, 0.991 and 0.993; 0.976 to 0.949 where no more are read.
_FARTHER = 0.25
# Rows made float32 at a time: 4 MB of them at 256 numbers.
_BATCH = 4_096
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
        count = min(len(vectors), _LEARNED_FROM * plan.lists)
        learned_from = vectors.rows(np.arange(count) * len(vectors) // count)
        centres = faiss.IndexFlatIP(vectors.dim)
        learning = faiss.Clustering(vectors.dim, plan.lists)
        learning.seed = 1
        learning.niter = _ROUNDS
        learning.spherical = True
        learning.min_points_per_centroid = 1  # FAISS would print a warning; how good the lists are is measured
        learning.max_points_per_centroid = _LEARNED_FROM
        learning.train(learned_from, centres)
        levels = learn_levels(learned_from[:: max(1, count // _CODES_LEARNED_FROM)])
        del learned_from

        codes = np.empty((len(vectors), -(-vectors.dim * CODE_BITS // NUMBERS // 8)), dtype=np.uint8)
        list_of = np.empty(len(vectors), dtype=np.min_scalar_type(plan.lists - 1))  # one or two bytes sort the quickest
        start = 0
        for rows in vectors.batches(_BATCH):
            own = slice(start, start + len(rows))
            list_of[own] = centres.search(rows, 1)[1][:, 0]
            codes[own] = encode(rows, levels)
            start += len(rows)
        return cls(_index(centres, levels, codes, list_of))

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


def _index(
    centres: faiss.IndexFlatIP, levels: NDArray[np.float32], codes: NDArray[np.uint8], list_of: NDArray[Any]
) -> Any:
    """Return what FAISS makes of rows whose codes and lists are known: the bytes of adding them one after another."""
    dim, lists = centres.d, centres.ntotal
    plain: Any = faiss.IndexIVFPQ(centres, dim, lists, dim // NUMBERS, CODE_BITS, faiss.METRIC_INNER_PRODUCT)
    plain.by_residual = False  # one table of products for a question instead of one for each list
    faiss.copy_array_to_vector(centres_of_codes(levels).ravel(), plain.pq.centroids)
    plain.is_trained = True
    order = np.argsort(list_of, kind="stable")
    ends = np.cumsum(np.bincount(list_of, minlength=lists))
    for number, ids in enumerate(np.split(order, ends[:-1])):
        if len(ids):
            own = codes[ids]
            plain.invlists.add_entries(number, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(own))
    plain.ntotal = len(codes)
    packed: Any = faiss.IndexIVFPQFastScan(plain)
    packed.orig_invlists = None
    packed.referenced_objects = [centres]  # so that what was packed is let go
    return packed
