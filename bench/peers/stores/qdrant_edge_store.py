"""Qdrant Edge: Qdrant's engine in a wheel, with a dense vector, its own BM25 as a sparse one, and fusion by ranks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from peers.exchange import Floats, Passage, Where
from peers.store import About, Hit
from qdrant_edge import (
    Bm25,
    Bm25Config,
    DisabledStemmer,
    Distance,
    EdgeConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    FieldCondition,
    Filter,
    Fusion,
    MatchAny,
    Modifier,
    PayloadSchemaType,
    Point,
    Prefetch,
    Query,
    QueryRequest,
    StopwordsSet,
    TokenizerType,
    UpdateOperation,
)

_BATCH = 2_000
# Hits of each leg that are fused, for each that is wanted, and the constant of the fusion in its paper.
_PREFETCH, _RRF = 5, 60


class QdrantEdge:
    """One shard."""

    about = About(
        name="Qdrant Edge",
        packages=("qdrant-edge-py",),
        configuration="dense (HNSW) and its BM25 with the multilingual tokenizer as a sparse vector with IDF; keyword "
        "indexes; RRF of 50 and 50; optimized after loading",
        why="its documentation of BM25: a sparse vector with the IDF modifier; its multilingual tokenizer, as Chinese "
        "has no spaces; stemming and stop words off, which are English by default",
        files=(
            ("vector_storage-dense", "vectors"),
            ("vector_index-dense", "vectors"),
            ("vector_storage-words", "words"),
            ("vector_index-words", "words"),
            ("payload_storage", "texts"),
        ),
    )

    def build(self, folder: Path, passages: Sequence[Passage], vectors: Floats) -> None:
        """Load the shard, index the facets, optimize."""
        words = _words()
        shard = EdgeShard.create(
            str(folder),
            EdgeConfig(
                vectors={"dense": EdgeVectorParams(size=vectors.shape[1], distance=Distance.Dot)},
                sparse_vectors={"words": EdgeSparseVectorParams(modifier=Modifier.Idf)},
            ),
        )
        for facet in ("region", "year", "site"):
            shard.update(UpdateOperation.create_field_index(facet, PayloadSchemaType.Keyword))
        for start in range(0, len(passages), _BATCH):
            points = [
                Point(
                    id=each.row,
                    vector={"dense": vectors[each.row].tolist(), "words": words.embed_document(each.indexed)},
                    payload={"text": each.indexed, "region": each.region, "year": each.year, "site": each.site},
                )
                for each in passages[start : start + _BATCH]
            ]
            shard.update(UpdateOperation.upsert_points(points))
        shard.flush()
        while shard.optimize():
            pass
        shard.close()

    def open(self, folder: Path) -> None:
        """Load the shard."""
        self._words = _words()
        self._shard = EdgeShard.load(str(folder))

    def dense(self, vector: Floats, k: int) -> list[Hit]:
        """Return the nearest."""
        near = Query.Nearest(vector.tolist(), using="dense")
        return self._hits(QueryRequest(limit=k, query=near, with_payload=True))

    def hybrid(self, text: str, vector: Floats, k: int) -> list[Hit]:
        """Return the best of both."""
        return self._fused(text, vector, k, None)

    def filtered(self, text: str, vector: Floats, k: int, where: Where) -> list[Hit]:
        """Return the best of both that meet the filter."""
        return self._fused(text, vector, k, Filter(must=[FieldCondition(where.facet, match=MatchAny([*where.values]))]))

    def _fused(self, text: str, vector: Floats, k: int, allowed: Filter | None) -> list[Hit]:
        legs = (
            Query.Nearest(vector.tolist(), using="dense"),
            Query.Nearest(self._words.embed_query(text), using="words"),
        )
        prefetches = [Prefetch(limit=_PREFETCH * k, query=leg, filter=allowed) for leg in legs]
        fusion: Any = Fusion.Rrf(k=_RRF)  # its stub does not say that it is a Fusion
        return self._hits(QueryRequest(limit=k, query=fusion, prefetches=prefetches, with_payload=True))

    def _hits(self, request: QueryRequest) -> list[Hit]:
        found: Any = self._shard.query(request)
        return [(point.id, point.payload["text"]) for point in found]


def _words() -> Bm25:
    return Bm25(Bm25Config(tokenizer=TokenizerType.Multilingual, stopwords=StopwordsSet(), stemmer=DisabledStemmer()))


STORE = QdrantEdge()
