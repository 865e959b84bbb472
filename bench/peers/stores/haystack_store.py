"""Haystack's in-memory store with its BM25 and embedding retrievers, joined by their ranks; 10,000 passages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from peers.exchange import Floats, Passage, Where
from peers.store import About, Hit

_FILE = "documents.json"


class Haystack:
    """A pipeline over one store."""

    about = About(
        name="Haystack",
        packages=("haystack-ai",),
        configuration="InMemoryDocumentStore, its own tokenization, BM25L, DocumentJoiner by reciprocal rank fusion",
        why="its default splits Chinese into one token a character; the store is kept in memory and meant for trials, "
        "so it is given 10,000 passages",
        most=10_000,
        files=((_FILE, "other"),),
    )

    def build(self, folder: Path, passages: Sequence[Passage], vectors: Floats) -> None:
        """Fill the store and save it."""
        store = InMemoryDocumentStore(embedding_similarity_function="dot_product", return_embedding=False)
        store.write_documents(
            [
                Document(
                    id=str(each.row),
                    content=each.indexed,
                    meta={"region": each.region, "year": each.year, "site": each.site},
                    embedding=vector.tolist(),
                )
                for each, vector in zip(passages, vectors, strict=True)
            ]
        )
        store.save_to_disk(str(folder / _FILE))

    def open(self, folder: Path) -> None:
        """Load the store and make the pipeline."""
        store = InMemoryDocumentStore.load_from_disk(str(folder / _FILE))
        self._near = InMemoryEmbeddingRetriever(store)
        self._pipeline = Pipeline()
        self._pipeline.add_component("words", InMemoryBM25Retriever(store))
        self._pipeline.add_component("near", InMemoryEmbeddingRetriever(store))
        self._pipeline.add_component("joined", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        self._pipeline.connect("words", "joined")
        self._pipeline.connect("near", "joined")

    def dense(self, vector: Floats, k: int) -> list[Hit]:
        """Return the nearest."""
        return _hits(self._near.run(query_embedding=vector.tolist(), top_k=k)["documents"])

    def hybrid(self, text: str, vector: Floats, k: int) -> list[Hit]:
        """Return the best of both."""
        return self._run(text, vector, k, None)

    def filtered(self, text: str, vector: Floats, k: int, where: Where) -> list[Hit]:
        """Return the best of both that meet the filter."""
        return self._run(text, vector, k, {"field": f"meta.{where.facet}", "operator": "in", "value": [*where.values]})

    def _run(self, text: str, vector: Floats, k: int, filters: Any) -> list[Hit]:
        found = self._pipeline.run(
            {
                "words": {"query": text, "filters": filters, "top_k": k},
                "near": {"query_embedding": vector.tolist(), "filters": filters, "top_k": k},
                "joined": {"top_k": k},
            }
        )
        return _hits(found["joined"]["documents"])


def _hits(found: Any) -> list[Hit]:
    return [(int(each.id), each.content) for each in found]


STORE = Haystack()
