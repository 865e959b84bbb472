"""LlamaIndex's in-memory vector index and its BM25 retriever, fused by their ranks; 10,000 passages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bm25s
from llama_index.core import StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.core.schema import QueryBundle, TextNode
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters
from llama_index.retrievers.bm25 import BM25Retriever
from peers.exchange import Floats, Passage, Where
from peers.store import About, Hit

_FACETS = ["region", "year", "site"]
_WORDS = "words"
# A token is a Han character or a run of other letters and digits: the pattern that comes with it sees a clause as one.
TOKENS = r"(?u)[\u3400-\u9fff]|[^\W\u3400-\u9fff]+"


class Llama:
    """`VectorStoreIndex` and `BM25Retriever` under `QueryFusionRetriever`."""

    about = About(
        name="LlamaIndex",
        packages=("llama-index-core", "llama-index-retrievers-bm25", "bm25s"),
        configuration="SimpleVectorStore, BM25Retriever without stemming and with a token a Han character, reciprocal "
        "rank fusion, one retriever for each filter, kept",
        why="its default pattern finds nothing in Chinese (llama_index issue 13866); `token_pattern` is the setting it "
        "has for that; the store is kept in memory, so it is given 10,000 passages",
        most=10_000,
        files=((f"{_WORDS}/corpus", "texts"), (_WORDS, "words"), ("vector_store", "vectors"), ("docstore", "texts")),
    )

    def build(self, folder: Path, passages: Sequence[Passage], vectors: Floats) -> None:
        """Index and persist both."""
        nodes = [
            TextNode(
                id_=str(each.row),
                text=each.indexed,
                metadata={"region": each.region, "year": each.year, "site": each.site},
                excluded_embed_metadata_keys=_FACETS,
                embedding=vector.tolist(),
            )
            for each, vector in zip(passages, vectors, strict=True)
        ]
        index = VectorStoreIndex(nodes=nodes, embed_model=MockEmbedding(embed_dim=vectors.shape[1]))
        index.storage_context.persist(str(folder))
        BM25Retriever(nodes=nodes, skip_stemming=True, token_pattern=TOKENS).persist(str(folder / _WORDS))

    def open(self, folder: Path) -> None:
        """Load both."""
        context = StorageContext.from_defaults(persist_dir=str(folder))
        self._index: Any = load_index_from_storage(context, embed_model=MockEmbedding(embed_dim=1))
        self._bm25 = bm25s.BM25.load(str(folder / _WORDS), load_corpus=True)
        self._of: dict[tuple[Where | None, int], Any] = {}

    def dense(self, vector: Floats, k: int) -> list[Hit]:
        """Return the nearest."""
        found = self._index.as_retriever(similarity_top_k=k).retrieve(QueryBundle("-", embedding=vector.tolist()))
        return _hits(found)

    def hybrid(self, text: str, vector: Floats, k: int) -> list[Hit]:
        """Return the best of both."""
        return _hits(self._fused(None, k).retrieve(QueryBundle(text, embedding=vector.tolist())))

    def filtered(self, text: str, vector: Floats, k: int, where: Where) -> list[Hit]:
        """Return the best of both that meet the filter."""
        return _hits(self._fused(where, k).retrieve(QueryBundle(text, embedding=vector.tolist())))

    def _fused(self, where: Where | None, k: int) -> Any:
        if (where, k) not in self._of:
            filters = where and MetadataFilters(
                filters=[MetadataFilter(key=where.facet, value=[*where.values], operator=FilterOperator.IN)]
            )
            words = BM25Retriever(
                existing_bm25=self._bm25, similarity_top_k=k, skip_stemming=True, token_pattern=TOKENS, filters=filters
            )
            near = self._index.as_retriever(similarity_top_k=k, filters=filters)
            self._of[where, k] = QueryFusionRetriever(
                [near, words],
                similarity_top_k=k,
                num_queries=1,
                mode=FUSION_MODES.RECIPROCAL_RANK,
                use_async=False,
                llm=MockLLM(),
            )
        return self._of[where, k]


def _hits(found: Any) -> list[Hit]:
    return [(int(each.node.node_id), each.node.text) for each in found]


STORE = Llama()
