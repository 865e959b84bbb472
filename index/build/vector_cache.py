"""Vectors by model, code and text, so that a rebuild embeds only new texts.

The cache is a convenience: a damaged one is thrown away and filled again. It is one SQLite file for each model and
code. `user_version` counts the builds embedded with it to the end, and `used` says which of them had a text last; what
none of the last KEEP_BUILDS had is dropped, and its space in the file is used again. Files of other models and other
code are named by `stale_caches`.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.model.embedder import Embedder

# Texts embedded between two commits: a killed rebuild loses at most this much work.
BATCH = 4096
# A page that comes back, or a corpus that was rolled back, finds its vectors for so many builds.
KEEP_BUILDS = 10

# Apart, so that marking what a build used does not touch the pages where the vectors are.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS vectors (hash BLOB PRIMARY KEY, vector BLOB NOT NULL, crc INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS used (hash BLOB PRIMARY KEY, build INTEGER NOT NULL) WITHOUT ROWID",
)
_HASH_BYTES = 32
_VARIABLES = 512  # in one statement: every SQLite allows 999
_Found = TypeVar("_Found")


class CachedVectors:
    """The document vectors of `texts`, to be iterated once: matrices of at most BATCH rows in the order of the texts.

    A vector has the same bits whether it was stored or is made now, as far as `embedder` gives a text the same bits
    in any company. Equal texts are embedded once. `code` is the fingerprint of the code that turns text into vectors.
    With `fresh` the cache is emptied first. `progress` is told how many texts are done.
    """

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        texts: Iterable[str],
        *,
        code: str,
        fresh: bool = False,
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        self._cache = _Cache(cache_file(folder, embedder.fingerprint, code))
        self._embedder, self._texts, self._fresh, self._progress = embedder, texts, fresh, progress
        self.new = 0
        """How many texts were embedded because they were not stored; complete when the iteration has ended."""

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        if self._fresh:
            self._cache.throw_away()
        texts, done, used = iter(self._texts), 0, bytearray()
        try:
            while batch := list(islice(texts, BATCH)):
                hashes = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in batch]
                vectors = self._vectors(dict(zip(hashes, batch, strict=True)), done + len(batch))
                used += b"".join(hashes)
                done += len(batch)
                yield np.stack([vectors[key] for key in hashes])
            self._cache.attempt(lambda connection: _end_build(connection, used))
        finally:
            self._cache.close()

    def _vectors(self, texts: dict[bytes, str], done: int) -> dict[bytes, NDArray[np.float32]]:
        """Return the vector of each of `texts`, which are given by their hashes; with them `done` texts are done."""
        vectors = self._cache.attempt(lambda connection: _read(connection, texts, self._embedder.dim))
        missing = [key for key in texts if key not in vectors]
        left = len(missing)

        def tell(more: int) -> None:
            nonlocal left
            left -= more
            self._progress(done - left)

        tell(0)
        if missing:
            encoded = self._embedder.encode_document([texts[key] for key in missing], progress=tell)
            new = dict(zip(missing, encoded, strict=True))
            self._cache.attempt(lambda connection: _store(connection, new))
            vectors |= new
            self.new += len(new)
        return vectors


class _Cache:
    """The connection to a file that may turn out to be damaged at any statement."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None

    def attempt(self, step: Callable[[sqlite3.Connection], _Found]) -> _Found:
        """Return what `step` returns; where the file is damaged, on an empty one."""
        try:
            return step(self._opened())
        except sqlite3.DatabaseError as error:
            if not self._is_damaged(error):
                raise
            self.throw_away()
            return step(self._opened())

    def _is_damaged(self, error: sqlite3.DatabaseError) -> bool:
        """Say whether what is stored is to blame for `error`, and not a full disk, a lock or a missing permission."""
        if not isinstance(error, sqlite3.OperationalError):
            return True
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        # A flipped bit in its header makes a file look read-only.
        writable = os.access(self._file, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
        return code == sqlite3.SQLITE_ERROR or (code == sqlite3.SQLITE_READONLY and writable)

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._file)
            for table in _TABLES:
                self._connection.execute(table)
        return self._connection

    def throw_away(self) -> None:
        self.close()
        for suffix in ("", "-journal", "-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def cache_file(folder: Path, model: str, code: str) -> Path:
    """Return the file in `folder` that keeps the vectors of the model and the code with these fingerprints."""
    return folder / f"vectors-{model[:16]}-{code[:8]}.sqlite"


def stale_caches(folder: Path, models: Collection[str], code: str) -> list[Path]:
    """Return the cache files, in order, of other models than those with the fingerprints `models`, or of other code."""
    current = tuple(cache_file(folder, model, code).name for model in models)
    return sorted(file for file in folder.glob("vectors-*.sqlite*") if not file.name.startswith(current))


def _read(connection: sqlite3.Connection, hashes: Iterable[bytes], dim: int) -> dict[bytes, NDArray[np.float32]]:
    """Return the stored vectors of `hashes`; one whose checksum is wrong counts as missing."""
    found = {}
    hashes = iter(hashes)
    while some := list(islice(hashes, _VARIABLES)):
        marks = ", ".join("?" * len(some))
        rows = connection.execute(f"SELECT hash, vector, crc FROM vectors WHERE hash IN ({marks})", some)
        for key, blob, crc in rows:
            if isinstance(blob, bytes) and len(blob) == 4 * dim and _checksum(key, blob) == crc:
                found[key] = np.frombuffer(blob, dtype="<f4")
    return found


def _store(connection: sqlite3.Connection, vectors: dict[bytes, NDArray[np.float32]]) -> None:
    rows = []
    for key in sorted(vectors):  # neighbours in the index of hashes one after another
        blob = np.asarray(vectors[key], "<f4").tobytes()
        rows.append((key, blob, _checksum(key, blob)))
    connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
    connection.commit()


def _checksum(key: bytes, blob: bytes) -> int:
    """Return the checksum of a vector and of the text it belongs to: a damaged index may lead to the wrong one."""
    return crc32(blob, crc32(key))


def _end_build(connection: sqlite3.Connection, used: bytearray) -> None:
    """Note that a build had the texts whose hashes `used` joins, and drop what was not used for KEEP_BUILDS builds."""
    (before,) = connection.execute("PRAGMA user_version").fetchone()
    hashes = sorted({bytes(used[at : at + _HASH_BYTES]) for at in range(0, len(used), _HASH_BYTES)})
    connection.executemany("INSERT OR REPLACE INTO used VALUES (?, ?)", ((key, before + 1) for key in hashes))
    connection.execute("DELETE FROM used WHERE build <= ?", (before + 1 - KEEP_BUILDS,))
    # Found in the index of hashes alone, without reading a vector.
    unused = "SELECT rowid FROM vectors WHERE hash NOT IN (SELECT hash FROM used)"
    connection.execute(f"DELETE FROM vectors WHERE rowid IN ({unused})")
    connection.execute(f"PRAGMA user_version = {before + 1}")
    connection.commit()
