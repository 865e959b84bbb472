"""Stores the passages' vectors and searches them by inner product, which is the cosine of unit rows.

The rows lie one after another as float16, and every score that is told comes from these: with the bundled model none
differs by 1e-4 from that of the float32 rows they were rounded from. Where nothing stands beside them, search compares
every row (2 ms for 100,000 passages, half of what float32 takes), needs no tuning and misses nothing. Beside more rows
lies a file of lists (`plan`, `near`) that names the rows worth comparing. Fusion with the lexical evidence is left to
index/ranking.py, the meaning of a row to index/store/recording.py.

The files are mapped into memory, not read: opening takes about a millisecond and processes share the pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import ArrayLike, NDArray

from index.store import StoreError
from index.store.best import best_places, in_order
from index.store.halves import widened
from index.store.inner_products import inner_products
from index.store.layout import NUMBER_BYTES, read_rows, rows_head
from index.store.near import Near

FILE = "vectors.faiss"
NEAR_FILE = "near.faiss"
# More hits than this are found by comparing every row: lists are read as far as the nearest hundred need.
MOST_NEAR = 333
# Rows chosen by their codes and scored exactly: so many for each hit that is wanted, and at least the second number. Of
# a million rows the nearest 300 by codes hold 0.87 of the true 100, 1,000 hold 0.987 and 2,000 hold 0.998; scoring
# those takes 0.2 ms.
_CHOICE, _LEAST_CHOICE = 5, 2_000
# A filter that keeps no more rows than this is served by comparing those: 50,000 take 3 ms.
SERVED_EXACTLY = 50_000
# Rows scaled in float32 or float16 miss length one by less than this; a forgotten scaling misses by more.
_UNIT_TOLERANCE = 1e-3
# Rows looked at and written at a time.
_WRITTEN = 16_384
_REBUILD = "run `policykb rebuild --full`"


def write_vectors(batches: NDArray[Any] | Iterable[NDArray[Any]], file: Path) -> tuple[int, int]:
    """Write vectors as an inner-product index of float16 rows, and return how many there are and how long one is.

    `batches` is a matrix (n, dim), or matrices whose rows follow one another; each row has length one or is all zero.
    Raises ValueError for anything else and StoreError where the file cannot be written.
    """
    rows, dim = 0, 0
    try:
        with file.open("wb") as opened:
            opened.write(rows_head(0, 1))
            for batch in (batches,) if isinstance(batches, np.ndarray) else batches:
                unit = _matrix(batch)
                if dim not in (0, unit.shape[1]):
                    raise ValueError(f"vectors of one index are of one length, found {dim} and {unit.shape[1]}")
                dim = unit.shape[1]
                rows += len(unit)
                for start in range(0, len(unit), _WRITTEN):
                    opened.write(_rounded(unit[start : start + _WRITTEN], start).data)
            if dim == 0:
                raise ValueError("vectors are at least one matrix (passages, dimensions), found none")
            opened.seek(0)
            opened.write(rows_head(rows, dim))
    except OSError as error:
        raise StoreError(
            f"cannot write the vectors to {file}: {error.strerror}; check folder and free space"
        ) from error
    return rows, dim


def _matrix(batch: ArrayLike) -> NDArray[np.float32]:
    rows = np.ascontiguousarray(batch, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(f"vectors are a matrix (passages, dimensions), found shape {rows.shape}")
    return rows


def _rounded(rows: NDArray[np.float32], first: int) -> NDArray[np.float16]:
    """Return rows of length one as they are stored; `first` is the number of the first, for a message."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))  # linalg.norm makes a second matrix first
    wrong = np.flatnonzero(~((np.abs(lengths - 1) <= _UNIT_TOLERANCE) | (lengths == 0)))
    if len(wrong):
        raise ValueError(
            f"row {first + wrong[0]} has length {lengths[wrong[0]]:.4g}, expected 1 (or 0 for a text the model knows"
            f" nothing of); {len(wrong)} of {len(rows)} rows are so: scale each row to length one"
        )
    return rows.astype("<f2")


class Vectors:
    """Opened vectors; row i belongs to passage i. Immutable, and safe to share between threads."""

    def __init__(self, index: Any, near: Near | None, *, is_mapped: bool) -> None:
        self._index = index
        self._near = near
        size = NUMBER_BYTES * len(self) * self.dim
        codes: NDArray[np.uint8] = faiss.rev_swig_ptr(index.codes.data(), size) if size else np.empty(0, np.uint8)
        codes.flags.writeable = False  # they are a file's
        self._codes = codes.reshape(-1, NUMBER_BYTES * self.dim)
        self.is_mapped = is_mapped
        """False where this FAISS could only read the whole file into memory: same answers, slower opening."""

    @classmethod
    def open(cls, file: Path, *, rows: int | None = None, dim: int | None = None) -> Vectors:
        """Return the vectors in `file` and the lists beside it, where there are any, mapped into memory.

        Raises StoreError for a missing or damaged file, and for one that holds not `rows` vectors of length `dim`.
        """
        if not file.is_file():
            raise StoreError(f"no vectors at {file}, expected a FAISS index; {_REBUILD}")
        found = read_rows(file)
        expected = (found[0] if rows is None else rows, found[1] if dim is None else dim)
        if found != expected:
            raise StoreError(
                f"{file} holds {found[0]} vectors of length {found[1]}, expected {expected[0]} of length"
                f" {expected[1]}; {_REBUILD}"
            )
        is_mapped = True
        try:
            index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC)
        except (AttributeError, RuntimeError):  # a FAISS or a file system that cannot map
            is_mapped = False
            try:
                index = faiss.read_index(str(file))
            except RuntimeError as error:
                raise StoreError(f"{file} is damaged or no FAISS index: {_reason(error)}; {_REBUILD}") from error
        beside = file.with_name(NEAR_FILE)
        near = Near.open(beside) if beside.is_file() else None
        if near is not None and (len(near), near.dim) != found:
            raise StoreError(
                f"{beside} holds {len(near)} vectors of length {near.dim}, {file.name} beside it {found[0]} of length"
                f" {found[1]}; {_REBUILD}"
            )
        return cls(index, near, is_mapped=is_mapped)

    def with_near(self, near: Near) -> Vectors:
        """Return the same vectors, searched with the help of these lists."""
        return Vectors(self._index, near, is_mapped=self.is_mapped)

    @property
    def is_exact(self) -> bool:
        """Whether every search compares every row."""
        return self._near is None

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def rows(self, ids: ArrayLike) -> NDArray[np.float32]:
        """Return the vectors of rows `ids` as they are stored, shape (len(ids), dim), in float32.

        Raises ValueError for a row that does not exist.
        """
        codes = self._codes[self._existing(ids)]
        found = np.empty((len(codes), self.dim), dtype=np.float32)
        if len(codes):
            self._index.sa_decode(codes, found)
        return found

    def batches(self, size: int) -> Iterator[NDArray[np.float32]]:
        """Yield all vectors as `rows` returns them, `size` at a time, in a quarter of its time."""
        numbers: NDArray[np.float16] = self._codes.view("<f2")
        for start in range(0, len(self), size):
            yield widened(numbers[start : start + size])

    def scores(self, query: ArrayLike, rows: ArrayLike | None = None) -> NDArray[np.float32]:
        """Return the inner product of `query` (dim,) with each of `rows`, or with every row in order where it is None.

        Bit for bit what `search` reports. Raises ValueError for a row that does not exist or a query of other length.
        """
        asked = self._queries(query, dimensions=1)
        return inner_products(asked, self._codes, None if rows is None else self._existing(rows))

    def highest(self, query: NDArray[np.float32]) -> float:
        """Return what no inner product of `query` (dim,) with a row is above: a row is scaled, and then rounded."""
        return float(np.sqrt(np.vecdot(query, query))) * (1 + 2 * _UNIT_TOLERANCE)

    def search(
        self, queries: ArrayLike, k: int, *, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the scores and rows, each (queries, hits), of the best rows of each query (q, dim), best first.

        Hits are `k`, or as many rows as there are (or as are `allowed`); equal scores come in the order of rows. Where
        there are lists, up to `MOST_NEAR` hits are looked for in them unless few are allowed: scores are exact, and of
        the rows the share is found that was measured when the build was made.
        Raises ValueError for `k` below one, queries of other length or an allowed row that does not exist.
        """
        if k < 1:
            raise ValueError(f"k is the number of hits wanted, at least 1; found {k}")
        # It counts for the thread that says it. More of them take twice the processor and make visitors wait.
        faiss.omp_set_num_threads(1)
        asked = self._queries(queries, dimensions=2)
        if allowed is not None:
            allowed = in_order(self._existing(allowed))
        hits = min(k, len(self) if allowed is None else len(allowed))
        if allowed is not None or (self._near is not None and k <= MOST_NEAR):
            found = [self._best(query, k, self.near(query, k, allowed)) for query in asked]
        else:
            found = self._search_all(asked, k)
        scores = np.array([pair[0] for pair in found], dtype=np.float32).reshape(len(asked), hits)
        return scores, np.array([pair[1] for pair in found], dtype=np.int64).reshape(len(asked), hits)

    def near(
        self,
        query: ArrayLike,
        k: int,
        allowed: NDArray[np.int64] | None = None,
        *,
        share: float = 1.0,
        exactly: int | None = None,
    ) -> NDArray[np.int64]:
        """Return rows among which the `k` nearest to `query` (dim,) of the `allowed` ones are likely to be, ascending.

        They are more than `k`, and all rows that are allowed where these are no more than `exactly` (SERVED_EXACTLY
        unless it is said), for comparing those is as quick. A `share` below one reads that share of the lists, and
        misses more.
        """
        asked = self._queries(query, dimensions=1)
        if allowed is not None:
            allowed = in_order(self._existing(allowed))
        few = len(self) if allowed is None else len(allowed)
        most = SERVED_EXACTLY if exactly is None else exactly
        rows = None
        if self._near is not None and k <= MOST_NEAR and (allowed is None or few > most):
            rows = self._choice(self._near, asked, min(k, few), allowed, share)
        if rows is not None:
            return rows
        return np.arange(len(self)) if allowed is None else allowed

    def _search_all(self, queries: NDArray[np.float32], k: int) -> list[tuple[NDArray[np.float32], NDArray[np.int64]]]:
        if k >= len(self):
            return [self._best(query, k, None) for query in queries]
        # One hit more than asked for shows whether the last score is shared: FAISS keeps any of those, we the first.
        scores, rows = self._index.search(queries, k + 1)
        found = []
        for query, own_scores, own_rows in zip(queries, scores, rows, strict=True):
            if own_scores[k] == own_scores[k - 1]:
                found.append(self._best(query, k, None))
            else:
                order = np.lexsort((own_rows[:k], -own_scores[:k]))
                found.append((own_scores[order], own_rows[order]))
        return found

    def _choice(
        self, near: Near, query: NDArray[np.float32], hits: int, allowed: NDArray[np.int64] | None, share: float
    ) -> NDArray[np.int64] | None:
        """Return the rows to compare: those of the lists, or all that are allowed where the lists hold too few."""
        rows = near.search(query, max(_LEAST_CHOICE, _CHOICE * hits), allowed, share=share)
        return rows if len(rows) >= hits else allowed

    def _best(
        self, query: NDArray[np.float32], k: int, candidates: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        scores = self.scores(query, candidates)
        order = best_places(scores, k)
        return scores[order], order if candidates is None else candidates[order]

    def _queries(self, queries: ArrayLike, *, dimensions: int) -> NDArray[np.float32]:
        asked = np.ascontiguousarray(queries, dtype=np.float32)
        if asked.ndim != dimensions or asked.shape[-1] != self.dim:
            expected = f"({self.dim},)" if dimensions == 1 else f"(queries, {self.dim})"
            raise ValueError(
                f"expected shape {expected}, found {asked.shape}: another model than the index was built with?"
            )
        if not np.isfinite(asked).all():
            raise ValueError("a query is made of finite numbers, found one that is infinite or none at all")
        return asked

    def _existing(self, rows: ArrayLike) -> NDArray[np.int64]:
        wanted = np.ascontiguousarray(rows, dtype=np.int64).reshape(-1)
        if len(wanted) and not (wanted.min() >= 0 and wanted.max() < len(self)):
            wrong = wanted[(wanted < 0) | (wanted >= len(self))][0]
            raise ValueError(f"row {wrong} does not exist: rows are 0 to {len(self) - 1}")
        return wanted


def _reason(error: RuntimeError) -> str:
    """What FAISS says, without the C++ signature in front."""
    return str(error).rsplit(": Error: ", 1)[-1].strip().splitlines()[0]
