"""Vectors out of the cache are those the embedder makes, bit for bit, whatever happened to the cache."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.build import vector_cache
from index.build.vector_cache import KEEP_BUILDS, CachedVectors, cache_file, stale_caches
from index.model import load_embedder
from index.model.embedder import Embedder

CODE = "c0de" * 16
TEXTS = [f"第{number}条\n医保卡丢失后如何补办，缴费满{number * 7}年" for number in range(10)]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder("bundled")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "BATCH", 4)
    monkeypatch.setattr(vector_cache, "_VARIABLES", 3)


def run(folder: Path, embedder: Embedder, texts: Iterable[str]) -> tuple[NDArray[np.float32], int]:
    found = CachedVectors(folder, embedder, texts, code=CODE)
    return np.concatenate([np.zeros((0, embedder.dim), dtype=np.float32), *found]), found.new


def alone(embedder: Embedder, texts: Iterable[str]) -> bytes:
    return b"".join(embedder.encode_document([text]).tobytes() for text in texts)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from([*TEXTS, "", "，", "a\ud800b"]), max_size=12), st.sets(st.sampled_from(TEXTS)))
def test_stored_or_made_now_a_vector_has_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, texts: list[str], stored: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_cache, "BATCH", 4)
        run(folder, embedder, sorted(stored))
        vectors, new = run(folder, embedder, texts)
    assert vectors.tobytes() == alone(embedder, texts)
    assert new == len(set(texts) - stored)


def test_batches_come_in_order_and_texts_are_read_as_they_are_needed(tmp_path: Path, embedder: Embedder) -> None:
    taken = []

    def texts() -> Iterator[str]:
        for text in TEXTS:
            taken.append(text)
            yield text

    done: list[int] = []
    found = CachedVectors(tmp_path, embedder, texts(), code=CODE, progress=done.append)
    batches = iter(found)
    assert next(batches).tobytes() == alone(embedder, TEXTS[:4])
    assert taken == TEXTS[:4]
    assert [len(batch) for batch in batches] == [4, 2]
    assert found.new == 10
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 10)
    again = CachedVectors(tmp_path, embedder, TEXTS, code=CODE, progress=done.append)
    del done[:]
    assert sum(len(batch) for batch in again) == 10
    assert (again.new, done) == (0, [4, 8, 10])


def test_fresh_makes_everything_anew(tmp_path: Path, embedder: Embedder) -> None:
    run(tmp_path, embedder, TEXTS)
    found = CachedVectors(tmp_path, embedder, TEXTS[:3], code=CODE, fresh=True)
    assert (np.concatenate(list(found)).tobytes(), found.new) == (alone(embedder, TEXTS[:3]), 3)
    assert run(tmp_path, embedder, TEXTS)[1] == 7


def garbage(file: Path) -> None:
    file.write_bytes(b"not a cache" * 1000)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def other_tables(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE vectors (id, name)")
    connection.close()


def read_only_header(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[18] = 9
    file.write_bytes(data)


def change(statement: str) -> Callable[[Path], None]:
    def changed(file: Path) -> None:
        with sqlite3.connect(file) as connection:
            connection.execute(statement)
        connection.close()

    return changed


# Each with how many texts are embedded again when it happens before a rebuild, and after the first batch of four.
DAMAGES = [
    (garbage, 10, 6),
    (cut, 10, 6),
    (other_tables, 10, 0),  # the file that was opened is still there for who opened it
    (read_only_header, 0, 0),  # everything can be read
    (change("UPDATE vectors SET vector = zeroblob(length(vector))"), 10, 6),
    (change("UPDATE vectors SET vector = CAST(x'ff' AS TEXT)"), 10, 6),
    (change("UPDATE vectors SET vector = 7"), 10, 6),
    # Every text gets the vector and the checksum of the next one; only the last (of the first batch) keeps its own.
    (change("""UPDATE vectors SET (vector, crc) = (SELECT vector, crc FROM vectors AS other
               WHERE other.hash > vectors.hash ORDER BY hash LIMIT 1) WHERE hash < (SELECT max(hash) FROM vectors)"""), 9, 6),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "new", "new_half_way"), DAMAGES)
@pytest.mark.parametrize("half_way", [False, True])
def test_a_damaged_cache_is_not_believed_and_filled_again(
    tmp_path: Path, embedder: Embedder, damage: Callable[[Path], None], new: int, new_half_way: int, half_way: bool
) -> None:
    run(tmp_path, embedder, TEXTS)
    file = cache_file(tmp_path, embedder.fingerprint, CODE)
    found = CachedVectors(tmp_path, embedder, TEXTS, code=CODE)
    batches = iter(found)
    first = [next(batches)] if half_way else []
    damage(file)
    assert np.concatenate([*first, *batches]).tobytes() == alone(embedder, TEXTS)
    assert found.new == (new_half_way if half_way else new)
    run(tmp_path, embedder, TEXTS)
    assert run(tmp_path, embedder, TEXTS)[1] == 0


def test_whatever_byte_is_changed_the_vectors_are_right(tmp_path: Path, embedder: Embedder) -> None:
    expected = run(tmp_path, embedder, TEXTS)[0].tobytes()
    file = cache_file(tmp_path, embedder.fingerprint, CODE)
    whole, chance = file.read_bytes(), random.Random(2)
    # The header, the beginnings of the pages, where cells are found, and anything.
    pages = [at + chance.randrange(12) for at in range(4096, len(whole), 4096)]
    for at in [*range(16, 100, 4), *pages, *(chance.randrange(len(whole)) for _ in range(30))]:
        data = bytearray(whole)
        data[at] ^= chance.randrange(1, 256)
        file.write_bytes(data)
        assert run(tmp_path, embedder, TEXTS)[0].tobytes() == expected, at
        for left in tmp_path.iterdir():
            left.unlink()


def test_a_missing_permission_is_no_damage(as_anyone: Path, embedder: Embedder) -> None:
    run(as_anyone, embedder, TEXTS[:5])
    file = cache_file(as_anyone, embedder.fingerprint, CODE)
    before = file.read_bytes()
    file.chmod(0o444)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        run(as_anyone, embedder, TEXTS)
    assert file.read_bytes() == before


def test_what_many_builds_did_not_use_is_dropped(tmp_path: Path, embedder: Embedder) -> None:
    run(tmp_path, embedder, TEXTS)
    for _ in range(KEEP_BUILDS - 1):
        assert run(tmp_path, embedder, TEXTS[:3])[1] == 0
    for given_up in range(3):  # a rebuild that ended early is no build
        next(iter(CachedVectors(tmp_path, embedder, [f"{given_up}", *TEXTS[:6]], code=CODE)))
    assert run(tmp_path, embedder, [*TEXTS[:3], TEXTS[4]])[1] == 0
    assert run(tmp_path, embedder, TEXTS)[1] == len(TEXTS) - 4
    connection = sqlite3.connect(cache_file(tmp_path, embedder.fingerprint, CODE))
    counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("vectors", "used")]
    connection.close()
    assert counts == [len(TEXTS), len(TEXTS)]


def test_caches_of_other_models_and_other_code_are_named(tmp_path: Path, embedder: Embedder) -> None:
    run(tmp_path, embedder, TEXTS[:1])
    others = [cache_file(tmp_path, embedder.fingerprint, "0ld" * 20), cache_file(tmp_path, "a" * 64, CODE)]
    for file in [*others, others[0].with_name(others[0].name + "-journal"), tmp_path / "something else"]:
        file.write_bytes(b"")
    named = sorted(file for file in tmp_path.iterdir() if file.name.startswith(tuple(other.name for other in others)))
    assert stale_caches(tmp_path, [embedder.fingerprint], CODE) == named
    assert others[1] not in stale_caches(tmp_path, [embedder.fingerprint, "a" * 64], CODE)
    assert stale_caches(tmp_path / "none", [], CODE) == []
