"""Speaks to a Qdrant server or cluster with qdrant-client; the client's local mode stands in for one in tests.

Everything that can go wrong on the way becomes one line: who did not answer, what was asked of it and what to do.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

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

API_KEY = "POLICYKB_QDRANT_API_KEY"
# How often a server is asked whether it has indexed what was put.
_POLL_S = 1.0
_PASSING = (408, 429, 500, 502, 503, 504)
_REFUSED = (401, 403)


class ClientServer:
    """A server behind a URL. `timeout_s` is how long one request may take."""

    def __init__(self, client: QdrantClient, where: str, *, is_local: bool) -> None:
        self.where = where
        self._client, self._is_local = client, is_local

    @classmethod
    def at(cls, url: str, timeout_s: int) -> ClientServer:
        """Return the server at `url`; its key is in the environment (`API_KEY`). Nothing is asked of it yet."""
        client = QdrantClient(url=url, api_key=os.environ.get(API_KEY), timeout=timeout_s, check_compatibility=False)
        return cls(client, url, is_local=False)

    @classmethod
    def local(cls, folder: str) -> ClientServer:
        """Return the client's own imitation of a server in a folder, or in memory for `:memory:`."""
        client = QdrantClient(":memory:") if folder == ":memory:" else QdrantClient(path=folder)
        return cls(client, f"local:{folder}", is_local=True)

    def create(self, name: str, shape: Shape, facts: Mapping[str, Any]) -> Points:
        """Create a collection; a cluster spreads it over its nodes as it was told to."""
        with self._telling():
            self._client.delete_collection(name)
            is_graph = shape.nearest == "graph"
            self._client.create_collection(
                name,
                vectors_config=_dense(shape),
                sparse_vectors_config={
                    WORDS: models.SparseVectorParams(index=models.SparseIndexParams(memory=models.Memory.CACHED))
                },
                on_disk_payload=True,
                metadata={**facts},
            )
            if not self._is_local:  # which scans, and would warn of an index
                for field in shape.numbers:
                    number = models.IntegerIndexParams(type=models.IntegerIndexType.INTEGER, enable_hnsw=False)
                    self._client.create_payload_index(name, field, number)
                for field in shape.words:
                    word = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, enable_hnsw=is_graph)
                    self._client.create_payload_index(name, field, word)
        return self._points(name)

    def open(self, name: str) -> Points | None:
        """Return a collection, None where there is none."""
        with self._telling():
            is_there = self._client.collection_exists(name)
        return self._points(name) if is_there else None

    def facts(self, name: str) -> dict[str, Any] | None:
        """Return what was noted of a collection."""
        with self._telling():
            if not self._client.collection_exists(name):
                return None
            return dict(self._client.get_collection(name).config.metadata or {})

    def note(self, name: str, facts: Mapping[str, Any]) -> None:
        """Note facts of a collection."""
        with self._telling():
            self._client.update_collection(name, metadata=dict(facts))

    def drop(self, name: str) -> None:
        """Remove a collection."""
        with self._telling():
            self._client.delete_collection(name)

    def names(self) -> list[str]:
        """Return the names of all collections."""
        with self._telling():
            return sorted(found.name for found in self._client.get_collections().collections)

    def aliases(self) -> dict[str, str]:
        """Return which collection each alias names."""
        with self._telling():
            return {one.alias_name: one.collection_name for one in self._client.get_aliases().aliases}

    def switch(self, aliases: Mapping[str, str]) -> None:
        """Make aliases name these collections, in one request, which the server carries out whole or not at all."""
        there = self.aliases()
        steps: list[Any] = []
        for alias, name in aliases.items():
            if alias in there:
                steps.append(models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias)))
            create = models.CreateAlias(collection_name=name, alias_name=alias)
            steps.append(models.CreateAliasOperation(create_alias=create))
        with self._telling():
            self._client.update_collection_aliases(change_aliases_operations=steps)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _points(self, name: str) -> Points:
        return ClientPoints(self._client, name, self._telling, is_local=self._is_local)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell what goes wrong in one line."""
        try:
            yield
        except (ResponseHandlingException, ResourceExhaustedResponse) as error:
            reason = getattr(error, "source", error)
            raise ServerError(
                f"{self.where}: no answer ({type(reason).__name__}: {_brief(reason)}); check that Qdrant runs there and"
                " that this machine reaches it",
                may_pass=True,
            ) from error
        except UnexpectedResponse as error:
            status = error.status_code or 0
            if status in _REFUSED:
                is_set = "is refused" if os.environ.get(API_KEY) else "is not set"
                raise ServerError(
                    f"{self.where}: refused ({status}); the key in ${API_KEY} {is_set}: set the one the server expects"
                ) from error
            raise ServerError(
                f"{self.where}: answered {status} ({_brief(error.content.decode(errors='replace'))})",
                may_pass=status in _PASSING,
            ) from error


class ClientPoints:
    """One collection of a server."""

    def __init__(self, client: QdrantClient, name: str, telling: Callable[[], Any], *, is_local: bool) -> None:
        self._client, self._name, self._telling, self._is_local = client, name, telling, is_local

    def ask(self, asks: Sequence[Ask]) -> list[Found]:
        """Answer several questions in one request."""
        requests = [
            models.QueryRequest(
                query=_query(ask.vector),
                using=WORDS if isinstance(ask.vector, Sparse) else MEANING,
                limit=ask.limit,
                filter=_filter(ask.where),
                with_payload=[ROW],
                params=None if self._is_local else models.SearchParams(exact=ask.exact),  # it compares all, and warns
            )
            for ask in asks
        ]
        with self._telling():
            answers = self._client.query_batch_points(self._name, requests)
        return [_found(answer.points) for answer in answers]

    def words_of(self, rows: Sequence[int]) -> dict[int, Sparse]:
        """Return the sparse vectors of `rows`."""
        return words_by_row(self._records(rows, WORDS))

    def meaning_of(self, rows: Sequence[int]) -> dict[int, Floats]:
        """Return the dense vectors of `rows`."""
        return meaning_by_row(self._records(rows, MEANING))

    def put(self, points: Sequence[Point]) -> None:
        """Store points, and return when they are."""
        structs = [models.PointStruct(id=one.id, vector=_vectors(one), payload=dict(one.payload)) for one in points]
        with self._telling():
            self._client.upsert(self._name, structs, wait=True)

    def count(self, where: Where = ()) -> int:
        """Count points exactly."""
        with self._telling():
            return int(self._client.count(self._name, count_filter=_filter(where), exact=True).count)

    def settle(self) -> None:
        """Wait until the server has indexed what was put. Raises ServerError where it says that it cannot."""
        while True:
            with self._telling():
                status = self._client.get_collection(self._name).status
            if status == models.CollectionStatus.GREEN:
                return
            if status == models.CollectionStatus.RED:
                raise ServerError(f"the collection {self._name} is red: Qdrant cannot index it; see the server's log")
            time.sleep(_POLL_S)

    def _records(self, rows: Sequence[int], vector: str) -> list[Any]:
        with self._telling():
            return self._client.scroll(
                self._name,
                scroll_filter=_filter((AnyOf(ROW, tuple(rows)),)),
                limit=max(1, len(rows)),
                with_payload=[ROW],
                with_vectors=[vector],
            )[0]


def _dense(shape: Shape) -> dict[str, Any]:
    if not shape.dim:
        return {}
    # Without a graph every vector is compared; with one, the server's own settings say how it is built.
    graph = None if shape.nearest == "graph" else models.HnswConfigDiff(m=0)
    # The inner product as it is: our rows are of length one, or zero where the model knows nothing of a text.
    return {MEANING: models.VectorParams(size=shape.dim, distance=models.Distance.DOT, hnsw_config=graph)}


def _vectors(point: Point) -> dict[str, Any]:
    ids, weights = point.words.ids.tolist(), point.words.weights.tolist()
    vectors: dict[str, Any] = {WORDS: models.SparseVector(indices=ids, values=weights)}
    if point.meaning is not None:
        vectors[MEANING] = point.meaning.tolist()
    return vectors


def _query(vector: Sparse | Floats) -> Any:
    if isinstance(vector, Sparse):
        return models.SparseVector(indices=vector.ids.tolist(), values=vector.weights.tolist())
    return vector.tolist()


def _filter(where: Where) -> models.Filter | None:
    if not where:
        return None
    return models.Filter(
        must=[
            models.FieldCondition(key=one.field, match=models.MatchAny(any=one.listed()))
            if isinstance(one, AnyOf)
            else models.FieldCondition(key=one.field, range=models.Range(gte=one.low, lte=one.high))
            for one in where
        ]
    )


def _found(points: Sequence[Any]) -> Found:
    rows: Rows = np.array([point.payload[ROW] for point in points], dtype=np.int64)
    return rows, np.array([point.score for point in points], dtype=np.float32)


def _brief(error: object) -> str:
    return " ".join(str(error).split())[:200]
