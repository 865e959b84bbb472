"""The script that people write first: sentence-transformers, a flat FAISS index and a list of texts in a JSON file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from peers.exchange import Floats, Passage, Where
from peers.store import About, Hit


class FaissScript:
    """`IndexFlatIP` over unit vectors; texts and facets beside it."""

    about = About(
        name="FAISS script",
        packages=("faiss-cpu", "sentence-transformers"),
        configuration="IndexFlatIP, texts in a JSON file; a filter is an IDSelectorBatch of the rows that meet it",
        why="the index that needs no tuning and misses nothing, which scripts begin with",
        has_words=False,
        files=((".faiss", "vectors"), (".json", "texts")),
    )

    def build(self, folder: Path, passages: Sequence[Passage], vectors: Floats) -> None:
        """Write the index and the texts."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        faiss.write_index(index, str(folder / "vectors.faiss"))
        kept = [{"text": p.indexed, "region": p.region, "year": p.year, "site": p.site} for p in passages]
        (folder / "passages.json").write_text(json.dumps(kept, ensure_ascii=False), "utf-8")

    def open(self, folder: Path) -> None:
        """Read both into memory."""
        self._index: Any = faiss.read_index(str(folder / "vectors.faiss"))
        self._kept = json.loads((folder / "passages.json").read_text("utf-8"))

    def dense(self, vector: Floats, k: int) -> list[Hit]:
        """Return the nearest."""
        return self._search(vector, k, None)

    def hybrid(self, text: str, vector: Floats, k: int) -> list[Hit]:  # noqa: ARG002 - it has no words
        """Return the nearest."""
        return self._search(vector, k, None)

    def filtered(self, text: str, vector: Floats, k: int, where: Where) -> list[Hit]:  # noqa: ARG002
        """Return the nearest that meet the filter."""
        rows = [row for row, each in enumerate(self._kept) if each[where.facet] in where.values]
        selector = faiss.IDSelectorBatch(np.array(rows, dtype=np.int64))
        parameters: Any = faiss.SearchParameters
        return self._search(vector, k, parameters(sel=selector))

    def _search(self, vector: Floats, k: int, params: Any) -> list[Hit]:
        _, rows = self._index.search(vector[None], k, params=params)
        return [(row, self._kept[row]["text"]) for row in rows[0].tolist() if row >= 0]


STORE = FaissScript()
