"""Ranks a collection by the words of txtai and LlamaIndex as they come: `words_worker.py METHOD COLLECTION RUN`.

Needs no download and no model. COLLECTION is JSON with `ids`, `texts`, `query_ids` and `queries`; RUN receives
`{query id: [passage id, …]}` with at most 100 each, and the mean milliseconds of a question.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_DEPTH = 100
Rank = Callable[[str], Sequence[int]]


def txtai_words(texts: Sequence[str]) -> Rank:
    """Return the ranking of txtai's keyword index."""
    from txtai import Embeddings

    embeddings = Embeddings(keyword=True)
    embeddings.index((row, text, None) for row, text in enumerate(texts))
    return lambda query: [int(row) for row, _ in embeddings.search(query, _DEPTH)]


def llama_words(texts: Sequence[str], **settings: Any) -> Rank:
    """Return the ranking of LlamaIndex's BM25 retriever; hits without a word of the question are left out."""
    from llama_index.core.schema import TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes = [TextNode(id_=str(row), text=text) for row, text in enumerate(texts)]
    retriever = BM25Retriever(nodes=nodes, similarity_top_k=_DEPTH, **settings)
    return lambda query: [int(each.node.node_id) for each in retriever.retrieve(query) if (each.score or 0) > 0]


def main() -> None:
    method, collection, run = sys.argv[1:]
    given = json.loads(Path(collection).read_text("utf-8"))
    if method == "txtai":
        rank = txtai_words(given["texts"])
    elif method == "llama":
        rank = llama_words(given["texts"])
    else:
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
        from peers.stores.llama_store import TOKENS

        rank = llama_words(given["texts"], skip_stemming=True, token_pattern=TOKENS)
    begun = time.perf_counter()
    found = {
        name: [given["ids"][row] for row in rank(text)]
        for name, text in zip(given["query_ids"], given["queries"], strict=True)
    }
    ms = 1000 * (time.perf_counter() - begun) / max(1, len(found))
    Path(run).write_text(json.dumps({"run": found, "ms_per_query": round(ms, 3)}), "utf-8")


if __name__ == "__main__":
    main()
