"""The plan for the vectors of a build, carried out on small collections: recall, equality of files, filters, damage."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

import index.store.vectors
from index.build.index_vectors import AIM, AT, RECALL, check_vectors, held_questions, index_vectors, measure, nearest_of
from index.model import BUNDLED, load_embedder
from index.model.embedder import Embedder
from index.store import StoreError
from index.store.layout import ROWS_HEAD
from index.store.near import Near
from index.store.plan import plan_vectors
from index.store.vectors import MOST_NEAR, Vectors, write_vectors

ROWS, DIM, LISTS = 2_000, 256, 32
# Where the lists begin: behind the heads, the centres of lists and codes, and what is said of codes.
HEADS = 98 + 4 * LISTS * DIM
BLOCKS = HEADS + 9 + 65 + 4 * 16 * DIM
_Floats = NDArray[np.float32]


def clustered(rows: int = ROWS, seed: int = 0) -> _Floats:
    """Unit rows around forty centres, as texts stand around topics."""
    source = np.random.default_rng(seed)
    centres = source.standard_normal((40, DIM))
    found = (centres[source.integers(0, 40, rows)] + 0.7 * source.standard_normal((rows, DIM))).astype(np.float32)
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit.astype(np.float16).astype(np.float32)  # as they are stored


def nearest(matrix: _Floats, query: _Floats, k: int, allowed: NDArray[np.int64]) -> list[int]:
    scores = matrix @ query
    return sorted(allowed.tolist(), key=lambda row: (-scores[row], row))[:k]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder(BUNDLED)


@pytest.fixture(scope="module")
def matrix() -> _Floats:
    return clustered()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, matrix: _Floats) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("lists")
    return folder, index_vectors(batches_of(matrix), folder, embedder, exact=1_000)


def batches_of(matrix: _Floats) -> Iterator[_Floats]:
    for start in range(0, len(matrix), 300):
        yield matrix[start : start + 300]


def manifest(entry: dict[str, Any]) -> dict[str, Any]:
    return {"counts": {"passages": ROWS}, "model": {"dim": DIM}, "vectors": entry}


def test_few_vectors_are_compared_one_by_one_and_many_by_codes_that_fit_into_memory() -> None:
    few, many = plan_vectors(50_000, 256), plan_vectors(50_001, 256)
    assert (few.kind, few.bits, few.lists, few.megabytes) == ("flat", 16, 0, 25.6)
    assert few.reasons == ("50000 vectors, at most 50000: every one is compared, nothing is missed",)
    assert (many.kind, many.bits, many.lists) == ("ivf", 2, 256)
    quarter = plan_vectors(250_000, 256)
    assert (quarter.bits, quarter.lists, quarter.megabytes) == (2, 512, 18.5)
    assert quarter.reasons[-1] == "2 bits a number: 18.5 MB of codes fit into the 1024 MB allowed"
    little = plan_vectors(250_000, 256, memory_mb=18)
    assert little.reasons[-1] == "2 bits a number: 18.5 MB of codes, more than the 18 MB allowed"
    odd = plan_vectors(250_000, 255)
    assert (odd.kind, odd.reasons) == (
        "flat",
        ("255 numbers a vector do not pair up into codes: every one is compared",),
    )


def test_few_vectors_are_measured_to_miss_nothing(tmp_path: Path, embedder: Embedder, matrix: _Floats) -> None:
    entry = index_vectors([matrix], tmp_path, embedder)
    assert (entry["kind"], entry["probes"], entry["recall"]) == ("flat", 0, {"at": AT, "found": 1.0, "asked": 16})
    assert [file.name for file in tmp_path.iterdir()] == ["vectors.faiss"]
    assert check_vectors(tmp_path, manifest(entry), embedder) == (1.0, [])


def test_the_fewest_lists_are_read_that_find_what_must_be_found(
    made: tuple[Path, dict[str, Any]], embedder: Embedder, matrix: _Floats
) -> None:
    folder, entry = made
    assert (entry["kind"], entry["bits"], entry["rows"], entry["dim"]) == ("ivf", 2, ROWS, DIM)
    assert entry["lists"] == LISTS
    assert RECALL <= entry["recall"]["found"] <= 1
    assert 1 < entry["probes"] < LISTS
    assert entry["reasons"][-1].startswith(f"{entry['probes']} of them are read: the fewest")
    vectors = Vectors.open(folder / "vectors.faiss")
    assert vectors.is_exact is False
    assert vectors._near is not None
    assert vectors._near.probes == entry["probes"]
    assert check_vectors(folder, manifest(entry), embedder) == (entry["recall"]["found"], [])
    # By a count of our own the same is found, and one step fewer is too few.
    asked = held_questions(embedder, vectors, 128)
    rows = vectors.search(asked, AT)[1]
    wanted = [nearest(matrix, query, AT, np.arange(ROWS)) for query in asked]
    found = np.mean([len(set(a) & set(b)) / AT for a, b in zip(rows.tolist(), wanted, strict=True)])
    assert found == pytest.approx(entry["recall"]["found"], abs=1e-3)

    def worse() -> float:
        return min(measure(folder, vectors, kind) for kind in np.array_split(asked, 2))

    assert worse() >= AIM
    vectors._near.probes -= 1
    assert worse() < AIM


def test_a_row_is_found_where_the_lists_up_to_its_own_are_read(made: tuple[Path, dict[str, Any]]) -> None:
    near, queries = Vectors.open(made[0] / "vectors.faiss")._near, clustered(3, seed=1)
    assert near is not None
    rows = [np.arange(ROWS), np.array([7, 3, 7]), np.array([], dtype=np.int64)]
    places = near.places(queries, rows)
    assert [len(own) for own in places] == [ROWS, 3, 0]
    for read in (1, 5, LISTS):
        near.probes = read
        assert near.search(queries[0], ROWS).tolist() == np.flatnonzero(places[0] < read).tolist()
        found = near.search(queries[1], ROWS)
        assert np.isin([7, 3, 7], found).tolist() == (places[1] < read).tolist()


@pytest.mark.parametrize("dim", [256, 254])
def test_lists_are_those_that_faiss_makes_of_the_rows_itself(tmp_path: Path, matrix: _Floats, dim: int) -> None:
    short = matrix[:, :dim] / np.linalg.norm(matrix[:, :dim], axis=1, keepdims=True)
    write_vectors(short, tmp_path / "vectors.faiss")
    vectors = Vectors.open(tmp_path / "vectors.faiss")
    built = Near.build(vectors, plan_vectors(ROWS, dim, exact=1_000))._index
    own = faiss.IndexIVFPQFastScan(built.quantizer, dim, LISTS, dim // 2, 4, faiss.METRIC_INNER_PRODUCT)
    own.by_residual = False
    faiss.copy_array_to_vector(faiss.vector_to_array(built.pq.centroids), own.pq.centroids)
    own.is_trained = True
    own.add(vectors.rows(np.arange(ROWS)))
    assert faiss.serialize_index(built).tobytes() == faiss.serialize_index(own).tobytes()


def test_the_nearest_are_those_of_a_sort_and_all_that_are_equal_to_the_last(tmp_path: Path, matrix: _Floats) -> None:
    copies = np.concatenate([matrix] * 3)  # in more than one block, every score three times
    write_vectors(copies, tmp_path / "vectors.faiss")
    queries = clustered(5, seed=1)
    true = nearest_of(tmp_path, queries)
    for query, rows, bound in zip(queries, true.rows, true.bounds, strict=True):
        wanted = nearest(matrix, query, 34, np.arange(ROWS))  # the hundredth is one of the 34th's three
        assert rows.tolist() == sorted(row + ROWS * copy for row in wanted for copy in range(3))
        assert bound == pytest.approx(float(matrix[wanted[-1]] @ query), abs=1e-6)
    write_vectors(matrix[:AT], tmp_path / "vectors.faiss")
    assert [rows.tolist() for rows in nearest_of(tmp_path, queries).rows] == [[*range(AT)]] * 5
    assert nearest_of(tmp_path, queries[:0]).rows == ()
    write_vectors(matrix[:3], tmp_path / "vectors.faiss")
    few = nearest_of(tmp_path, queries)
    assert ([rows.tolist() for rows in few.rows], few.bounds.tolist()) == ([[0, 1, 2]] * 5, [-np.inf] * 5)
    write_vectors(matrix[:0], tmp_path / "vectors.faiss")
    assert [rows.tolist() for rows in nearest_of(tmp_path, queries).rows] == [[]] * 5


def test_scores_are_exact_and_hits_as_many_as_asked_for(made: tuple[Path, dict[str, Any]]) -> None:
    vectors, queries = Vectors.open(made[0] / "vectors.faiss"), clustered(5, seed=1)
    for k in (1, 10, MOST_NEAR, MOST_NEAR + 1, ROWS, ROWS + 5):
        scores, rows = vectors.search(queries, k)
        assert rows.shape == (5, min(k, ROWS))
        assert all(len(set(own)) == len(own) for own in rows.tolist())
        for number, query in enumerate(queries):
            assert vectors.scores(query, rows[number]).tolist() == scores[number].tolist()
            assert np.lexsort((rows[number], -scores[number])).tolist() == list(range(len(rows[number])))
            if k > MOST_NEAR:
                assert scores[number].tolist() == sorted(vectors.scores(query).tolist(), reverse=True)[:k]


def test_lists_that_hold_too_few_are_no_reason_to_return_fewer(made: tuple[Path, dict[str, Any]]) -> None:
    vectors, query = Vectors.open(made[0] / "vectors.faiss"), clustered(1, seed=1)
    assert vectors._near is not None
    vectors._near.probes = 1
    scores, rows = vectors.search(query, 300)
    assert rows.shape == (1, 300)
    assert scores[0].tolist() == sorted(vectors.scores(query[0]).tolist(), reverse=True)[:300]


@pytest.mark.parametrize("share", [0.001, 0.05, 0.2, 0.3, 0.9])
def test_a_filter_that_keeps_few_is_exact_and_one_that_keeps_many_misses_little(
    made: tuple[Path, dict[str, Any]], matrix: _Floats, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.store.vectors, "SERVED_EXACTLY", ROWS // 5)
    monkeypatch.setattr(index.store.vectors, "_LEAST_CHOICE", 1_000)
    vectors, queries = Vectors.open(made[0] / "vectors.faiss"), clustered(200, seed=1)
    allowed = np.random.default_rng(2).permutation(ROWS)[: int(share * ROWS)].astype(np.int64)
    scores, rows = vectors.search(queries, 10, allowed=allowed)
    assert np.isin(rows, allowed).all()
    wanted = [nearest(matrix, query, min(10, len(allowed)), allowed) for query in queries]
    if share <= 0.2:
        assert rows.tolist() == wanted
    else:
        assert np.mean([len(set(a) & set(b)) / 10 for a, b in zip(rows.tolist(), wanted, strict=True)]) > RECALL
    np.testing.assert_allclose(scores, np.einsum("qkd,qd->qk", matrix[rows], queries), atol=1e-6)


def test_equal_vectors_make_equal_files_whatever_the_cores(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.test_plan import clustered, BUNDLED, load_embedder, "
        "index_vectors; index_vectors([clustered(1200)], Path(sys.argv[1]), load_embedder(BUNDLED), exact=1000)"
    )
    hashes = []
    for threads in ("1", "4"):
        folder = tmp_path / threads
        folder.mkdir()
        cores = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
        subprocess.run([sys.executable, "-c", code, str(folder)], check=True, env={**os.environ, **cores})
        files = [folder / name for name in ("vectors.faiss", "near.faiss")]
        hashes.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert hashes[0] == hashes[1]


def test_where_codes_cannot_tell_vectors_apart_every_one_is_compared(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.store.vectors, "_LEAST_CHOICE", 150)
    monkeypatch.setattr(index.store.vectors, "_CHOICE", 1)
    source = np.random.default_rng(5)
    rows = source.standard_normal(DIM) + 3e-3 * source.standard_normal((ROWS, DIM))
    rows[0] = -rows[1]  # so far away that the others share one code
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    entry = index_vectors([unit], tmp_path, embedder, exact=1_000)
    assert (entry["kind"], entry["recall"]["found"]) == ("flat", 1.0)
    assert "every vector is compared" in entry["reasons"][-1]
    assert not (tmp_path / "near.faiss").exists()


def test_vectors_changed_after_the_build_are_told(
    made: tuple[Path, dict[str, Any]], tmp_path: Path, embedder: Embedder, matrix: _Floats
) -> None:
    folder, entry = made
    copy_of(folder, tmp_path)
    data = (tmp_path / "vectors.faiss").read_bytes()
    (tmp_path / "vectors.faiss").write_bytes(data[:ROWS_HEAD] + matrix[::-1].astype("<f2").tobytes())
    recall, problems = check_vectors(tmp_path, manifest(entry), embedder)
    assert recall < 0.9
    assert f"search finds {recall:.4f} of the nearest 100, expected at least" in problems[0]
    (tmp_path / "near.faiss").unlink()
    assert check_vectors(tmp_path, manifest(entry), embedder)[1] == [
        f"{tmp_path / 'near.faiss'}: is missing, the manifest names ivf vectors"
    ]
    # An index that agrees with itself and not with the file is found out as well.
    assert measure(tmp_path, Vectors.open(folder / "vectors.faiss"), embedder.encode_query(["医保怎么报销"])) < 0.5


def test_scores_that_are_not_those_of_the_vectors_are_not_found(
    tmp_path: Path, embedder: Embedder, matrix: _Floats
) -> None:
    (tmp_path / "other").mkdir()
    write_vectors(matrix, tmp_path / "vectors.faiss")
    write_vectors(matrix * np.float32(1.0005), tmp_path / "other" / "vectors.faiss")  # the same order, other scores
    asked = embedder.encode_query(["医保怎么报销"]) * np.float32(4)
    assert measure(tmp_path, Vectors.open(tmp_path / "vectors.faiss"), asked) == 1.0
    assert measure(tmp_path, Vectors.open(tmp_path / "other" / "vectors.faiss"), asked) < 0.5


def test_opening_refuses_other_vectors_than_the_build_has(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    file = copy_of(made[0], tmp_path) / "vectors.faiss"
    for kept in ({"rows": ROWS + 1}, {"dim": 128}):
        with pytest.raises(StoreError, match=r"holds 2000 vectors of length 256, expected (2001|2000) of length"):
            Vectors.open(file, **kept)
    assert len(Vectors.open(file, rows=ROWS, dim=DIM)) == ROWS
    with file.open("r+b") as opened:  # one row fewer than the lists beside it
        data = opened.read()
        index_of_one_less(opened, data)
    with pytest.raises(
        StoreError, match=r"near\.faiss holds 2000 vectors of length 256, vectors\.faiss beside it 1999"
    ):
        Vectors.open(file)


def index_of_one_less(opened: Any, data: bytes) -> None:
    from index.store.layout import rows_head

    opened.seek(0)
    opened.write(rows_head(ROWS - 1, DIM) + data[ROWS_HEAD : -2 * DIM])
    opened.truncate()


@pytest.mark.parametrize("name", ["vectors.faiss", "near.faiss"])
def test_a_damaged_file_is_refused_or_answers_and_never_ends_the_process(
    made: tuple[Path, dict[str, Any]], tmp_path: Path, name: str
) -> None:
    file = copy_of(made[0], tmp_path) / name
    data = file.read_bytes()
    kind = "inner products of float16 rows" if name == "vectors.faiss" else "inverted lists of short codes"
    for keep in (0, 1, 36, 44, 60, 200, len(data) // 2, len(data) - 1):
        file.write_bytes(data[:keep])
        with pytest.raises(StoreError, match=rf"damaged or no FAISS index of its kind, expected {kind}"):
            Vectors.open(tmp_path / "vectors.faiss")
    file.write_bytes(data + b"\0")
    with pytest.raises(StoreError, match="damaged"):
        Vectors.open(tmp_path / "vectors.faiss")
    file.write_bytes(data)
    query = clustered(1, seed=3)
    heads = [*range(ROWS_HEAD if name == "vectors.faiss" else 98)]
    if name == "near.faiss":
        heads = [*heads, *range(HEADS, HEADS + 9 + 65), *range(BLOCKS, BLOCKS + 36 + 8)]
    refused = 0
    for at in heads:
        for bit in (0x01, 0x80):
            with file.open("r+b") as opened:
                opened.seek(at)
                opened.write(bytes([data[at] ^ bit]))
            try:
                assert Vectors.open(tmp_path / "vectors.faiss").search(query, 5)[1].shape == (1, 5)
            except StoreError:
                refused += 1
            with file.open("r+b") as opened:
                opened.seek(at)
                opened.write(data[at : at + 1])
    # Only the number of lists to read may be another one and still make sense.
    assert refused >= 2 * len(heads) - 2


def test_a_row_that_stands_in_two_lists_is_refused(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    file = copy_of(made[0], tmp_path) / "near.faiss"
    data = bytearray(file.read_bytes())
    first = BLOCKS + 36 + 8  # the rows of the first list
    data[first : first + 8] = data[first + 8 : first + 16]
    file.write_bytes(data)
    with pytest.raises(StoreError, match=r"near\.faiss"):
        Vectors.open(tmp_path / "vectors.faiss")


def copy_of(folder: Path, place: Path) -> Path:
    for file in folder.iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    return place
