"""Opens shards of Qdrant in this process: the server's own storage and search, out of a wheel (qdrant-edge-py).

A folder holds the collections, each one or more shards, with their facts and all aliases in JSON files beside them. One
process at a time: a shard has one owner. It serves to try the engine, to test and to measure it, and a small site.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as edge

from index.store.qdrant.points import (
    MEANING,
    ROW,
    WORDS,
    AnyOf,
    Ask,
    Floats,
    Found,
    Point,
    Points,
    Rows,
    ServerError,
    Shape,
    Sparse,
    Where,
    meaning_by_row,
    words_by_row,
)
from index.store.qdrant.sharded import Sharded

_FACTS, _ALIASES = "facts.json", "aliases.json"
# Neighbours in the graph and candidates while it is built: Qdrant's own defaults. None: no graph is built.
_GRAPH_M, _GRAPH_EF = 16, 100
# KB of vectors from which a segment has indexes rather than being read through; None: Qdrant's own default.
_INDEX_KB: int | None = None
# Points of a graph that are compared one by one rather than walked, in KB of vectors: Qdrant's own default.
_FULL_SCAN_KB = 10_000


class EdgeFolder:
    """A folder of collections of `shards` shards each; one made with another number of shards keeps it."""

    def __init__(self, folder: Path, shards: int = 1) -> None:
        self.where = f"edge:{folder}"
        self._folder, self._shards = folder, shards
        self._open: dict[str, list[Any]] = {}

    def create(self, name: str, shape: Shape, facts: Mapping[str, Any]) -> Points:
        """Create a collection."""
        self.drop(name)
        place = self._folder / name
        place.mkdir(parents=True)
        shards = []
        for number in range(self._shards):
            # Qdrant's log is left out: `settle` makes durable what was put, and an upload that ended before goes on.
            config = edge.EdgeConfig(
                vectors=_dense(shape),
                sparse_vectors={WORDS: edge.EdgeSparseVectorParams(memory=edge.Memory.Cached)},
                optimizers=edge.EdgeOptimizersConfig(default_segment_number=1, indexing_threshold=_INDEX_KB),
                wal_enabled=False,
            )
            shard = edge.EdgeShard.create(str(place / f"shard-{number}"), config)
            for field in shape.numbers:
                _index(shard, field, edge.IntegerIndexParams(enable_hnsw=False, memory=edge.Memory.Cached))
            for field in shape.words:
                is_graph = shape.nearest == "graph"
                _index(shard, field, edge.KeywordIndexParams(enable_hnsw=is_graph, memory=edge.Memory.Cached))
            shard.flush()
            shards.append(shard)
        self._open[name] = shards
        self.note(name, {**facts, "shards": self._shards})  # last: without it the collection is not there
        return self._points(name)

    def open(self, name: str) -> Points | None:
        """Return a collection, None where there is none."""
        if name not in self._open:
            facts = self.facts(name)
            if facts is None:
                return None
            try:
                self._open[name] = [
                    edge.EdgeShard.load(str(self._folder / name / f"shard-{number}"))
                    for number in range(facts["shards"])
                ]
            except Exception as error:  # the library has one kind of error for all
                raise ServerError(
                    f"{self.where}: the collection {name} cannot be opened ({_brief(error)}); end another"
                    " process that writes there, or run `policykb rebuild --store qdrant --full`"
                ) from error
        return self._points(name)

    def facts(self, name: str) -> dict[str, Any] | None:
        """Return what was noted of a collection."""
        return self._read(f"{name}/{_FACTS}")

    def note(self, name: str, facts: Mapping[str, Any]) -> None:
        """Note facts of a collection."""
        self._write(f"{name}/{_FACTS}", {**(self.facts(name) or {}), **facts})

    def drop(self, name: str) -> None:
        """Remove a collection."""
        for shard in self._open.pop(name, ()):
            shard.close()
        place = self._folder / name
        (place / _FACTS).unlink(missing_ok=True)  # first: what is half removed is not there
        shutil.rmtree(place, ignore_errors=True)

    def names(self) -> list[str]:
        """Return the names of all collections."""
        return sorted(file.parent.name for file in self._folder.glob(f"*/{_FACTS}"))

    def aliases(self) -> dict[str, str]:
        """Return which collection each alias names."""
        return self._read(_ALIASES) or {}

    def switch(self, aliases: Mapping[str, str]) -> None:
        """Make aliases name these collections: one file is put in the place of another."""
        self._write(_ALIASES, {**self.aliases(), **aliases})

    def close(self) -> None:
        """Close every shard that is open."""
        for name in [*self._open]:
            for shard in self._open.pop(name):
                shard.close()

    def _points(self, name: str) -> Points:
        parts = [EdgePoints(shard, f"{self.where}, collection {name}") for shard in self._open[name]]
        return parts[0] if len(parts) == 1 else Sharded(parts)

    def _read(self, name: str) -> dict[str, Any] | None:
        file = self._folder / name
        try:
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ServerError(f"{file}: cannot be read ({error}); remove it and run `policykb rebuild`") from error
        return found

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        file = self._folder / name
        aside = file.with_name(f"{file.name}.new")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            aside.replace(file)
        except OSError as error:
            raise ServerError(f"{file}: cannot be written ({error.strerror}); check folder and free space") from error


class EdgePoints:
    """One shard. Safe to share between threads for questions."""

    def __init__(self, shard: Any, where: str) -> None:
        self._shard, self._where = shard, where

    def ask(self, asks: Sequence[Ask]) -> list[Found]:
        """Answer several questions in one pass over the segments."""
        requests = [
            edge.QueryRequest(
                limit=ask.limit,
                query=_query(ask.vector),
                filter=_filter(ask.where),
                with_payload=[ROW],
                params=edge.SearchParams(exact=ask.exact),
            )
            for ask in asks
        ]
        return [_found(points) for points in self._do(self._shard.query_batch, edge.QueryBatchRequest(requests))]

    def words_of(self, rows: Sequence[int]) -> dict[int, Sparse]:
        """Return the sparse vectors of `rows`."""
        return words_by_row(self._records(rows, WORDS))

    def meaning_of(self, rows: Sequence[int]) -> dict[int, Floats]:
        """Return the dense vectors of `rows`."""
        return meaning_by_row(self._records(rows, MEANING))

    def put(self, points: Sequence[Point]) -> None:
        """Store points."""
        self._do(
            self._shard.update,
            edge.UpdateOperation.upsert_points(
                [edge.Point(point.id, _vectors(point), dict(point.payload)) for point in points]
            ),
        )

    def count(self, where: Where = ()) -> int:
        """Count points exactly."""
        return int(self._do(self._shard.count, edge.CountRequest(exact=True, filter=_filter(where))))

    def settle(self) -> None:
        """Write and index what was put: until then a shard is searched by brute force."""
        self._do(self._shard.flush)
        self._do(self._shard.optimize)
        self._do(self._shard.flush)

    def _records(self, rows: Sequence[int], vector: str) -> list[Any]:
        request = edge.ScrollRequest(
            limit=len(rows),
            filter=_filter((AnyOf(ROW, tuple(rows)),)),
            with_payload=[ROW],
            with_vector=[vector],
        )
        records: list[Any] = self._do(self._shard.scroll, request)[0]
        return records

    def _do(self, what: Any, *values: Any) -> Any:
        try:
            return what(*values)
        except Exception as error:  # the library has one kind of error for all
            raise ServerError(f"{self._where}: {_brief(error)}") from error


def _dense(shape: Shape) -> dict[str, Any] | None:
    if not shape.dim:
        return None
    edges = _GRAPH_M if shape.nearest == "graph" else 0
    graph = edge.HnswIndexConfig(m=edges, ef_construct=_GRAPH_EF, full_scan_threshold=_FULL_SCAN_KB)
    # The inner product as it is: our rows are of length one, or zero where the model knows nothing of a text.
    return {MEANING: edge.EdgeVectorParams(size=shape.dim, distance=edge.Distance.Dot, hnsw_config=graph)}


def _index(shard: Any, field: str, params: Any) -> None:
    shard.update(edge.UpdateOperation.create_field_index(field, params))


def _vectors(point: Point) -> dict[str, Any]:
    vectors: dict[str, Any] = {WORDS: edge.SparseVector(point.words.ids.tolist(), point.words.weights.tolist())}
    if point.meaning is not None:
        vectors[MEANING] = point.meaning.tolist()
    return vectors


def _query(vector: Sparse | Floats) -> Any:
    if isinstance(vector, Sparse):
        return edge.Query.Nearest(edge.SparseVector(vector.ids.tolist(), vector.weights.tolist()), using=WORDS)
    return edge.Query.Nearest(vector.tolist(), using=MEANING)


def _filter(where: Where) -> Any:
    if not where:
        return None
    return edge.Filter(
        must=[
            edge.FieldCondition(key=one.field, match=edge.MatchAny(one.listed()))
            if isinstance(one, AnyOf)
            else edge.FieldCondition(key=one.field, range=edge.RangeFloat(gte=one.low, lte=one.high))
            for one in where
        ]
    )


def _found(points: Sequence[Any]) -> Found:
    rows: Rows = np.array([point.payload[ROW] for point in points], dtype=np.int64)
    return rows, np.array([point.score for point in points], dtype=np.float32)


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
