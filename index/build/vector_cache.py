"""Vectors by model fingerprint and text, so that a rebuild embeds only new texts.

The cache is a convenience: a damaged one is thrown away and filled again.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.model.embedder import Embedder

# Texts embedded between two commits: a killed rebuild loses at most this much work.
BATCH = 4096


def embed_cached(
    folder: Path, embedder: Embedder, texts: Sequence[str], *, fresh: bool, progress: Callable[[int, int], None]
) -> tuple[NDArray[np.float32], int]:
    """Return the document vectors of `texts`, shape `(len(texts), dim)`, and how many texts were newly embedded.

    With `fresh` nothing is read from the cache (it is still filled). `progress` gets texts done and texts in all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"vectors-{embedder.fingerprint[:16]}.sqlite"
    hashes = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
    vectors = np.zeros((len(texts), embedder.dim), dtype=np.float32)
    connection = _open(file)
    try:
        known = {} if fresh else _read(connection, set(hashes), embedder.dim)
        missing: dict[bytes, int] = {}
        for row, key in enumerate(hashes):
            if key not in known:
                missing.setdefault(key, row)
        done = len(texts) - len(missing)
        progress(done, len(texts))
        new = sorted(missing.values())
        for first in range(0, len(new), BATCH):
            rows = new[first : first + BATCH]
            encoded = embedder.encode_document([texts[row] for row in rows])
            for row, vector in zip(rows, encoded, strict=True):
                known[hashes[row]] = vector
            connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                [(hashes[row], np.asarray(vector, "<f4").tobytes()) for row, vector in zip(rows, encoded, strict=True)],
            )
            connection.commit()
            done += len(rows)
            progress(done, len(texts))
    finally:
        connection.close()
    for row, key in enumerate(hashes):
        vectors[row] = known[key]
    return vectors, len(missing)


def _open(file: Path) -> sqlite3.Connection:
    for attempt in (1, 2):
        connection = sqlite3.connect(file)
        try:
            connection.execute("CREATE TABLE IF NOT EXISTS vectors (hash BLOB PRIMARY KEY, vector BLOB NOT NULL)")
            connection.execute("SELECT count(*) FROM vectors").fetchone()
        except sqlite3.DatabaseError:
            connection.close()
            if attempt == 2:
                raise
            file.unlink()
        else:
            return connection
    raise AssertionError("unreachable")


def _read(connection: sqlite3.Connection, keys: set[bytes], dim: int) -> dict[bytes, NDArray[np.float32]]:
    found = {}
    for key, blob in connection.execute("SELECT hash, vector FROM vectors"):
        if key in keys and len(blob) == 4 * dim:
            found[key] = np.frombuffer(blob, dtype="<f4")
    return found
