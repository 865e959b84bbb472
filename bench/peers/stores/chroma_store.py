"""Chroma in its local mode, which ranks by vectors alone: sparse vectors and their fusion need its cloud."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings
from peers.exchange import Floats, Passage, Where
from peers.store import About, Hit


class Chroma:
    """One collection of a `PersistentClient`."""

    about = About(
        name="Chroma",
        packages=("chromadb",),
        configuration="PersistentClient, HNSW by inner product with its defaults, filters by `where` with `$in`",
        why="no hybrid search: local mode has no sparse index (chroma issue 6185), so its words are not ranked",
        has_words=False,
        files=((".bin", "vectors"), (".sqlite3", "texts")),
    )

    def build(self, folder: Path, passages: Sequence[Passage], vectors: Floats) -> None:
        """Add everything in the largest batches the client takes."""
        client = _client(folder)
        collection = client.create_collection(
            "passages", embedding_function=None, configuration={"hnsw": {"space": "ip"}}
        )
        batch = client.get_max_batch_size()
        for start in range(0, len(passages), batch):
            some = passages[start : start + batch]
            collection.add(
                ids=[str(each.row) for each in some],
                embeddings=vectors[start : start + batch],
                documents=[each.indexed for each in some],
                metadatas=[{"region": each.region, "year": each.year, "site": each.site} for each in some],
            )

    def open(self, folder: Path) -> None:
        """Open the collection."""
        self._collection = _client(folder).get_collection("passages", embedding_function=None)

    def dense(self, vector: Floats, k: int) -> list[Hit]:
        """Return the nearest."""
        return self._query(vector, k, None)

    def hybrid(self, text: str, vector: Floats, k: int) -> list[Hit]:  # noqa: ARG002 - it does not rank by words
        """Return the nearest."""
        return self._query(vector, k, None)

    def filtered(self, text: str, vector: Floats, k: int, where: Where) -> list[Hit]:  # noqa: ARG002
        """Return the nearest that meet the filter."""
        return self._query(vector, k, {where.facet: {"$in": list(where.values)}})

    def _query(self, vector: Floats, k: int, where: Any) -> list[Hit]:
        found: Any = self._collection.query(
            query_embeddings=vector[None], n_results=k, where=where, include=["documents"]
        )
        return [(int(row), text) for row, text in zip(found["ids"][0], found["documents"][0], strict=True)]


def _client(folder: Path) -> Any:
    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


STORE = Chroma()
