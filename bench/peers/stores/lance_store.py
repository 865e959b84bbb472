"""LanceDB embedded: a table with an inverted index over the text, bitmaps over the facets, and exact vector search."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa
from lancedb.index import FTS, Bitmap
from lancedb.rerankers import RRFReranker
from peers.exchange import Floats, Passage, Where
from peers.store import About, Hit

_FACETS = ("region", "year", "site")
_SHOWN = ["row", "text"]


class Lance:
    """One table."""

    about = About(
        name="LanceDB",
        packages=("lancedb",),
        configuration="FTS with the ICU tokenizer, no stemming and no stop words; bitmap indexes; exact vectors; RRF",
        why="its documentation: ICU is the dictionary segmentation that needs no download (jieba needs a model), and "
        "up to about 100,000 rows a vector index is unnecessary overhead",
        files=(("/_indices/", "words"), ("/data/", "texts")),
        holds_plain_vectors=True,
    )

    def build(self, folder: Path, passages: Sequence[Passage], vectors: Floats) -> None:
        """Write the table and its indexes."""
        columns: dict[str, Any] = {"row": [each.row for each in passages], "text": [each.indexed for each in passages]}
        columns |= {facet: [getattr(each, facet) for each in passages] for facet in _FACETS}
        columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
        table = lancedb.connect(folder).create_table("passages", pa.table(columns))
        words = FTS(base_tokenizer="icu", stem=False, remove_stop_words=False, ascii_folding=False)
        table.create_index("text", config=words)
        for facet in _FACETS:
            table.create_index(facet, config=Bitmap())

    def open(self, folder: Path) -> None:
        """Open the table."""
        self._table: Any = lancedb.connect(folder).open_table("passages")
        self._fusion = RRFReranker()

    def dense(self, vector: Floats, k: int) -> list[Hit]:
        """Return the nearest."""
        return _hits(self._table.search(vector).distance_type("dot").limit(k))

    def hybrid(self, text: str, vector: Floats, k: int) -> list[Hit]:
        """Return the best of both, fused by their ranks."""
        return _hits(self._both(text, vector).limit(k))

    def filtered(self, text: str, vector: Floats, k: int, where: Where) -> list[Hit]:
        """Return the best of both among the rows that meet the filter."""
        values = ", ".join(f"'{value}'" for value in where.values)
        return _hits(self._both(text, vector).where(f"{where.facet} IN ({values})", prefilter=True).limit(k))

    def _both(self, text: str, vector: Floats) -> Any:
        return (
            self._table.search(query_type="hybrid").vector(vector).text(text).distance_type("dot").rerank(self._fusion)
        )


def _hits(query: Any) -> list[Hit]:
    found = query.select(_SHOWN).to_list()
    return [(each["row"], each["text"]) for each in found]


STORE = Lance()
