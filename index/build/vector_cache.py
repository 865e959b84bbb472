"""Vectors by model, code and text, so that a rebuild embeds only new texts.

The cache is a convenience: a damaged one is thrown away and filled again.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.build.manifest import code_fingerprint
from index.model.embedder import Embedder

# Texts embedded between two commits: a killed rebuild loses at most this much work.
BATCH = 4096


def embed_cached(
    folder: Path, embedder: Embedder, texts: Sequence[str], *, fresh: bool, progress: Callable[[int, int], None]
) -> tuple[NDArray[np.float32], int]:
    """Return the document vectors of `texts`, shape `(len(texts), dim)`, and how many texts were newly embedded.

    With `fresh` the cache is emptied first. `progress` gets texts done and texts in all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"vectors-{embedder.fingerprint[:16]}-{code_fingerprint()[:8]}.sqlite"
    if fresh:
        file.unlink(missing_ok=True)
    try:
        return _embed(file, embedder, texts, progress)
    except sqlite3.OperationalError:
        raise  # full, locked, read-only: what is stored is not to blame
    except sqlite3.DatabaseError:
        file.unlink(missing_ok=True)
        return _embed(file, embedder, texts, progress)


def _embed(
    file: Path, embedder: Embedder, texts: Sequence[str], progress: Callable[[int, int], None]
) -> tuple[NDArray[np.float32], int]:
    hashes = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
    connection = sqlite3.connect(file)
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors (hash BLOB PRIMARY KEY, vector BLOB NOT NULL, crc INTEGER NOT NULL)"
        )
        known = _read(connection, set(hashes), embedder.dim)
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
            stored = []
            for row, vector in zip(rows, encoded, strict=True):
                known[hashes[row]] = vector
                blob = np.asarray(vector, "<f4").tobytes()
                stored.append((hashes[row], blob, crc32(blob)))
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", stored)
            connection.commit()
            done += len(rows)
            progress(done, len(texts))
    finally:
        connection.close()
    vectors = np.zeros((len(texts), embedder.dim), dtype=np.float32)
    for row, key in enumerate(hashes):
        vectors[row] = known[key]
    return vectors, len(missing)


def _read(connection: sqlite3.Connection, keys: set[bytes], dim: int) -> dict[bytes, NDArray[np.float32]]:
    """Return the stored vectors of `keys`; one whose checksum is wrong counts as missing."""
    found = {}
    for key, blob, crc in connection.execute("SELECT hash, vector, crc FROM vectors"):
        if key in keys and len(blob) == 4 * dim and crc32(blob) == crc:
            found[key] = np.frombuffer(blob, dtype="<f4")
    return found
