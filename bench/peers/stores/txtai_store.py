"""txtai with a hybrid index and content in SQLite; vectors come from outside, as its `external` method has it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from peers.exchange import Floats, Passage, Where
from peers.store import About, Hit
from txtai import Embeddings


class Txtai:
    """One `Embeddings` database."""

    about = About(
        name="txtai",
        packages=("txtai",),
        configuration="hybrid (BM25 and FAISS), content in SQLite, its default tokenizer; filters in its SQL",
        why="since 6.0 its tokenizer segments by Unicode rules, its answer to Chinese (txtai issue 506): a Han "
        "character is a token; FAISS with its defaults; `similar` with its default candidates",
        files=(("embeddings", "vectors"), ("scoring", "words"), ("documents", "texts")),
    )

    def build(self, folder: Path, passages: Sequence[Passage], vectors: Floats) -> None:
        """Index and save; the vectors are handed out in the order in which the texts are asked for."""
        given = iter(vectors)

        def transform(texts: Sequence[str]) -> Floats:
            return np.stack([next(given) for _ in texts])

        embeddings = Embeddings(method="external", transform=transform, content=True, hybrid=True)
        embeddings.index(
            (each.row, {"text": each.indexed, "region": each.region, "year": each.year, "site": each.site}, None)
            for each in passages
        )
        embeddings.save(str(folder))

    def open(self, folder: Path) -> None:
        """Load; a question's vector is the one that was handed over with it."""

        def transform(texts: Sequence[str]) -> Floats:
            return np.stack([self._vector for _ in texts])

        self._embeddings: Any = Embeddings()
        self._embeddings.load(str(folder), config={"transform": transform})

    def dense(self, vector: Floats, k: int) -> list[Hit]:
        """Return the nearest by its FAISS index, with their texts."""
        found = [int(row) for row, _ in self._embeddings.ann.search(vector[None], k)[0]]
        listed = ", ".join(f"'{row}'" for row in found)
        texts = self._embeddings.search(f"SELECT id, text FROM txtai WHERE id IN ({listed})", k)
        text_of = {int(each["id"]): each["text"] for each in texts}
        return [(row, text_of[row]) for row in found]

    def hybrid(self, text: str, vector: Floats, k: int) -> list[Hit]:
        """Return the best of both with equal weights."""
        self._vector = vector
        return _hits(self._embeddings.search(text, k))

    def filtered(self, text: str, vector: Floats, k: int, where: Where) -> list[Hit]:
        """Return the best of both that meet the filter, as its SQL has it."""
        self._vector = vector
        values = ", ".join(f"'{value}'" for value in where.values)
        sql = f"SELECT id, text, score FROM txtai WHERE similar(:asked) AND {where.facet} IN ({values})"
        return _hits(self._embeddings.search(sql, k, parameters={"asked": text}))


def _hits(found: Any) -> list[Hit]:
    return [(int(each["id"]), each["text"]) for each in found]


STORE = Txtai()
