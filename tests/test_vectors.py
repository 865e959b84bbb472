"""Exact vector search against brute force in numpy: the same rows and the same scores."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from index.store import StoreError
from index.store.best import best_places
from index.store.near import Near
from index.store.plan import plan_vectors
from index.store.vectors import Vectors, write_vectors


def unit_rows(n: int, dim: int = 16, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def stored(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """The numbers of the file: they are rounded once, where they are written."""
    return matrix.astype(np.float16).astype(np.float32)


def opened(tmp_path: Path, matrix: NDArray[np.float32]) -> Vectors:
    file = tmp_path / "vectors.faiss"
    write_vectors(matrix, file)
    return Vectors.open(file)


def brute_force(matrix: NDArray[np.float32], query: NDArray[np.float32], k: int, allowed: list[int]) -> list[int]:
    scores = matrix.astype(np.float64) @ query.astype(np.float64)
    return sorted(allowed, key=lambda row: (-scores[row], row))[:k]


@pytest.mark.parametrize(("n", "dim", "k"), [(500, 16, 10), (500, 16, 150), (64, 7, 1), (30, 256, 64), (1, 3, 1)])
def test_search_finds_what_brute_force_finds(tmp_path: Path, n: int, dim: int, k: int) -> None:
    matrix, queries = stored(unit_rows(n, dim)), unit_rows(40, dim, seed=1)
    scores, rows = opened(tmp_path, matrix).search(queries, k)
    expected = [brute_force(matrix, query, k, list(range(n))) for query in queries]
    assert rows.tolist() == expected
    np.testing.assert_allclose(scores, np.take_along_axis(queries @ matrix.T, rows, axis=1), atol=1e-6)


@pytest.mark.parametrize("size", [0, 1, 3, 12, 200, 499])
def test_search_among_allowed_rows_is_exact(tmp_path: Path, size: int) -> None:
    matrix, queries = stored(unit_rows(500)), unit_rows(3, seed=1)
    allowed = np.random.default_rng(2).permutation(500)[:size]
    scores, rows = opened(tmp_path, matrix).search(queries, 12, allowed=allowed)
    assert rows.shape == (3, min(12, size))
    assert rows.tolist() == [brute_force(matrix, query, 12, allowed.tolist()) for query in queries]
    np.testing.assert_allclose(scores, np.take_along_axis(queries @ matrix.T, rows, axis=1), atol=1e-6)


def test_an_allowed_row_named_twice_is_one_hit(tmp_path: Path) -> None:
    vectors = opened(tmp_path, unit_rows(5))
    assert vectors.search(unit_rows(1, seed=1), 5, allowed=np.array([3, 3, 1]))[1].shape == (1, 2)


@pytest.mark.parametrize("k", [1, 3, 10, 37, 120, 200])
def test_equal_scores_come_in_the_order_of_rows(tmp_path: Path, k: int) -> None:
    matrix = np.tile(unit_rows(3), (50, 1))  # fifty copies of each of three vectors
    query = unit_rows(1, seed=4)
    scores, rows = opened(tmp_path, matrix).search(query, k)
    order = np.argsort(-(matrix[:3] @ query[0]))
    assert rows[0].tolist() == [int(first) + 3 * i for first in order for i in range(50)][:k]
    assert len(set(scores[0].tolist())) == (k - 1) // 50 + 1 if k <= 150 else True


def test_scores_are_those_of_search_bit_for_bit_however_many_queries(tmp_path: Path) -> None:
    vectors, queries = opened(tmp_path, unit_rows(300, 64)), unit_rows(50, 64, seed=1)
    scores, rows = vectors.search(queries, 20)
    for number, query in enumerate(queries):
        assert vectors.scores(query, rows[number]).tolist() == scores[number].tolist()
        assert vectors.scores(query)[rows[number]].tolist() == scores[number].tolist()
        assert vectors.search(query[None], 20)[0][0].tolist() == scores[number].tolist()


@pytest.mark.parametrize("dim", [1, 7, 8, 24, 64, 256, 1000])
def test_all_and_chosen_rows_have_the_scores_of_search_bit_for_bit(tmp_path: Path, dim: int) -> None:
    vectors, query = opened(tmp_path, unit_rows(3_000, dim)), unit_rows(1, dim, seed=1)  # more rows than one block
    scores, rows = vectors.search(query, 2_999)
    every = vectors.scores(query[0])
    assert every[rows[0]].tolist() == scores[0].tolist()
    for chosen in (rows[0], rows[0, :5], np.repeat(rows[0, :2_000], 2), rows[0, :0]):
        assert vectors.scores(query[0], chosen).tolist() == every[chosen].tolist()
    rounded = stored(unit_rows(3_000, dim)).astype(np.float64)
    np.testing.assert_allclose(every, rounded @ query[0].astype(np.float64), atol=1e-6)


def test_every_number_that_float16_has_is_read_as_numpy_reads_it(tmp_path: Path) -> None:
    numbers = np.arange(0x3C00, dtype=np.uint16).view(np.float16).astype(np.float32)  # zero up to one, the smallest too
    matrix = np.zeros((len(numbers), 2), dtype=np.float32)
    matrix[:, 0], matrix[:, 1] = numbers, np.sqrt(1 - numbers.astype(np.float64) ** 2)
    vectors = opened(tmp_path, matrix)
    assert vectors.rows(np.arange(len(matrix))).tolist() == stored(matrix).tolist()
    assert vectors.scores(np.array([1, 0])).tolist() == numbers.tolist()


def test_scores_are_those_of_float32_rows_to_a_ten_thousandth(tmp_path: Path) -> None:
    matrix, queries = unit_rows(2_000, 256), unit_rows(40, 256, seed=1)
    vectors = opened(tmp_path, matrix)
    for query in [*queries, *matrix[:40]]:
        np.testing.assert_allclose(vectors.scores(query), matrix @ query, atol=1e-4)


def test_a_process_reads_from_the_file_only_what_it_looks_at(tmp_path: Path) -> None:
    vectors = opened(tmp_path, unit_rows(20, 8))
    query = np.ones(8, dtype=np.float32)
    was = vectors.scores(query)
    with (tmp_path / "vectors.faiss").open("r+b") as file:
        file.seek(-16, 2)
        file.write(bytes(16))
    assert vectors.scores(query).tolist() == [*was[:-1].tolist(), 0], "the last row is zero in the file, so here"
    assert vectors.search(query[None], 20)[0].min() <= 0


def test_rows_come_back_as_written_and_zero_rows_are_allowed(tmp_path: Path) -> None:
    matrix = unit_rows(6)
    matrix[2] = 0
    vectors = opened(tmp_path, matrix)
    assert (len(vectors), vectors.dim, vectors.is_mapped) == (6, 16, True)
    assert vectors.rows([4, 2]).tolist() == stored(matrix)[[4, 2]].tolist()
    assert vectors.rows([]).shape == (0, 16)


def test_rows_come_in_batches_as_they_are_stored(tmp_path: Path) -> None:
    matrix = unit_rows(10)
    matrix[3] = 0
    found = list(opened(tmp_path, matrix).batches(4))
    assert [len(batch) for batch in found] == [4, 4, 2]
    assert np.concatenate(found).tolist() == stored(matrix).tolist()


def test_an_empty_index_has_no_hits(tmp_path: Path) -> None:
    vectors = opened(tmp_path, np.empty((0, 16), dtype=np.float32))
    scores, rows = vectors.search(unit_rows(2), 5)
    assert (scores.shape, rows.shape, vectors.scores(unit_rows(1)[0]).shape) == ((2, 0), (2, 0), (0,))


def test_a_file_that_cannot_be_mapped_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = unit_rows(20)
    expected = opened(tmp_path, matrix).search(unit_rows(2, seed=1), 4)
    monkeypatch.delattr(faiss, "IO_FLAG_MMAP_IFC")  # as in FAISS before 1.11
    vectors = Vectors.open(tmp_path / "vectors.faiss")
    assert vectors.is_mapped is False
    assert vectors.search(unit_rows(2, seed=1), 4)[1].tolist() == expected[1].tolist()


def test_the_file_is_the_one_that_faiss_writes(tmp_path: Path) -> None:
    matrix = unit_rows(20)
    index = faiss.IndexScalarQuantizer(16, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.add(stored(matrix))
    faiss.write_index(index, str(tmp_path / "theirs.faiss"))
    opened(tmp_path, matrix)
    assert (tmp_path / "theirs.faiss").read_bytes() == (tmp_path / "vectors.faiss").read_bytes()


@pytest.mark.parametrize(
    "ask",
    [
        lambda vectors, _: vectors.search(unit_rows(1), 3),
        lambda vectors, _: vectors.scores(unit_rows(1)[0], [3, 5]),
        lambda _, near: near.search(unit_rows(1)[0], 3),
    ],
)
def test_a_search_takes_one_thread_whoever_opened_the_file(
    tmp_path: Path, ask: Callable[[Vectors, Near], object]
) -> None:
    vectors = opened(tmp_path, unit_rows(200))
    near = Near.build(vectors, plan_vectors(200, vectors.dim, exact=100))

    def threads() -> tuple[int, int]:
        faiss.omp_set_num_threads(2)  # as a new thread has it on two cores
        before = faiss.omp_get_max_threads()
        ask(vectors, near)
        return before, faiss.omp_get_max_threads()

    with ThreadPoolExecutor(1) as another:
        assert another.submit(threads).result() == (2, 1)


@pytest.mark.parametrize("keep", [0, 3, 20, -1])
def test_a_damaged_file_is_an_error_that_says_what_to_do(tmp_path: Path, keep: int) -> None:
    file = tmp_path / "vectors.faiss"
    write_vectors(unit_rows(50), file)
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(StoreError, match=r"vectors\.faiss .*damaged or no FAISS index.*policykb rebuild"):
        Vectors.open(file)


def test_a_missing_file_another_kind_of_index_and_a_missing_folder_are_errors(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no vectors at .*nothing\.faiss"):
        Vectors.open(tmp_path / "nothing.faiss")
    for index in (
        faiss.IndexFlatIP(4),
        faiss.IndexHNSWFlat(4, 8),
        faiss.IndexScalarQuantizer(4, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_L2),
        faiss.IndexScalarQuantizer(4, faiss.ScalarQuantizer.QT_bf16, faiss.METRIC_INNER_PRODUCT),
    ):
        faiss.write_index(index, str(tmp_path / "other.faiss"))
        with pytest.raises(StoreError, match="expected inner products of float16 rows"):
            Vectors.open(tmp_path / "other.faiss")
    with pytest.raises(StoreError, match="cannot write the vectors"):
        write_vectors(unit_rows(2), tmp_path / "missing" / "vectors.faiss")


def test_what_is_no_unit_matrix_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "vectors.faiss"
    with pytest.raises(ValueError, match="row 1 has length 2, expected 1"):
        write_vectors(unit_rows(3) * np.array([[1], [2], [1]]), file)
    with pytest.raises(ValueError, match="row 0 has length nan"):
        write_vectors(np.full((1, 4), np.nan), file)
    with pytest.raises(ValueError, match="found shape"):
        write_vectors(unit_rows(3)[0], file)


def test_wrong_questions_are_refused(tmp_path: Path) -> None:
    vectors = opened(tmp_path, unit_rows(3))
    with pytest.raises(ValueError, match="k is the number of hits"):
        vectors.search(unit_rows(1), 0)
    with pytest.raises(ValueError, match=r"expected shape \(queries, 16\), found \(1, 8\)"):
        vectors.search(unit_rows(1, 8), 1)
    for wrong in (np.nan, np.inf):
        with pytest.raises(ValueError, match="finite numbers"):
            vectors.scores(np.full(16, wrong))
    with pytest.raises(ValueError, match="row 3 does not exist: rows are 0 to 2"):
        vectors.search(unit_rows(1), 1, allowed=np.array([0, 3]))
    with pytest.raises(ValueError, match="row -1 does not exist"):
        vectors.rows([-1])


def test_best_places_keeps_the_first_of_equals() -> None:
    scores = np.array([1, 3, 2, 3, 2, 2], dtype=np.float32)
    assert best_places(scores, 4).tolist() == [1, 3, 2, 4]
    assert best_places(scores, 9).tolist() == [1, 3, 2, 4, 5, 0]
    assert best_places(scores[:0], 3).tolist() == []
