"""Carries a build to a server: every passage and article becomes a point, in batches that may be sent again.

Points have ids that follow from what they are, so sending one twice changes nothing. Portions that are there in full
are passed over: an upload that was killed, or whose server went away, goes on where it ended. A collection is marked
complete only when the server counts as many points as the build has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from index.store.qdrant.collections import KINDS, Expected, check_facts, name_of, shape_of
from index.store.qdrant.fields import ARTICLE, ID, article_payloads
from index.store.qdrant.points import ROW, Nearest, Point, Points, Server, ServerError, Sparse, Within

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from index.opened import OpenedBuild

# Texts whose weights are read off the postings at a time: each time costs a pass over all of them.
_PORTION = 16_384
# Points sent at a time: some 2 MB, far below the 32 MB that a server takes.
_BATCH = 256
# A request that failed is sent again after so many seconds, then after twice as many: half a minute in all.
_WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0)

Told = Callable[[int, int], None]  # points that are there, and how many there will be


def upload(
    build: OpenedBuild,
    server: Server,
    prefix: str,
    nearest: Nearest,
    *,
    fresh: bool = False,
    progress: Told = lambda done, total: None,
    wait: Callable[[float], None] = time.sleep,
) -> int:
    """Make the collections of a build whole, and return how many points were sent.

    `fresh` sends every point again, and drops first what is not as it must be. `wait` is how time passes between
    attempts. Raises ServerError where the server does not take what is sent, after the last attempt, or counts another
    number of points than were sent.
    """
    expected = Expected.of(build.head)
    sent, total = 0, expected.passages + expected.articles
    done = 0
    payloads = article_payloads(build.catalogue)
    for kind in KINDS:
        name = name_of(prefix, expected.build, kind)
        count = expected.points(kind)
        points = _there(server, name, expected, nearest, fresh=fresh)
        if points is None:
            points = server.create(name, shape_of(kind, expected, nearest), expected.facts(nearest))
        elif not fresh and (server.facts(name) or {}).get("complete") and points.count() == count:
            done += count
            progress(done, total)
            continue
        for start, stop in pairwise([*range(0, count, _PORTION), count]):
            if fresh or points.count((Within(ROW, start, stop - 1),)) < stop - start:
                for batch in _batches(_points(build, kind, payloads, start, stop)):
                    _put(points, batch, wait)
                    sent += len(batch)
                    progress(done + batch[-1].payload[ROW] + 1, total)
        points.settle()
        if (found := points.count()) != count:
            raise ServerError(
                f"{server.where}: {name} holds {found} points when all {count} were sent; look at the server's log and"
                " run `policykb rebuild --store qdrant --full`"
            )
        server.note(name, {"complete": True})
        done += count
        progress(done, total)
    return sent


def point_id(kind: str, id_: str) -> str:
    """Return the id of a passage's or an article's point: a UUID made from its own id (RFC 9562, version 5)."""
    return str(uuid5(NAMESPACE_URL, f"policykb:{kind}:{id_}"))


def _there(server: Server, name: str, expected: Expected, nearest: Nearest, *, fresh: bool) -> Points | None:
    """Return the collection that is to be filled, None where it is to be created."""
    facts = server.facts(name)
    if facts is None:
        return None
    try:
        check_facts(server, name, facts, expected)
        if (found := facts.get("nearest")) != nearest:
            raise ServerError(
                f"{server.where}: in {name} vectors are searched by {found!r}, not {nearest!r}; run `policykb rebuild"
                " --store qdrant --full` to make it anew, while readers wait"
            )
    except ServerError:
        if fresh:
            return None
        raise
    return server.open(name)


def _put(points: Points, batch: list[Point], wait: Callable[[float], None]) -> None:
    """Store a batch, again and again where that may help."""
    for pause in _WAITS_S:
        try:
            points.put(batch)
        except ServerError as error:
            if not error.may_pass:
                raise
            wait(pause)
        else:
            return
    points.put(batch)


def _batches(points: Iterable[Point]) -> Iterator[list[Point]]:
    batch: list[Point] = []
    for point in points:
        batch.append(point)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _points(build: OpenedBuild, kind: str, payloads: list[dict[str, Any]], start: int, stop: int) -> Iterator[Point]:
    """Yield the points of the texts `start` to `stop - 1` of a kind."""
    table = "passages" if kind == "passages" else "articles"
    ids = [
        row["id"]
        for row in build.records.query(f"SELECT id FROM {table} WHERE row >= ? AND row < ? ORDER BY row", (start, stop))
    ]
    if kind == "articles":
        own = build.article_terms.weights(start, stop)
        for at, id_ in enumerate(ids):
            payload = {ROW: start + at, ID: id_, **payloads[start + at]}
            yield Point(point_id(kind, id_), payload, _line(own, at, 0))
        return
    own, above = build.passage_terms.weights(start, stop), build.context_terms.weights(start, stop)
    vectors = build.vectors.rows(np.arange(start, stop))
    for at, id_ in enumerate(ids):
        article = int(build.article_of[start + at])
        words = _line(own, at, 0).then(_line(above, at, own.shape[1]))
        payload = {ROW: start + at, ID: id_, ARTICLE: article, **payloads[article]}
        yield Point(point_id(kind, id_), payload, words, vectors[at])


def _line(weights: csr_array, at: int, first: int) -> Sparse:
    """Return one text's weights as a sparse vector, with ids that begin at `first`."""
    ids, values = (array[weights.indptr[at] : weights.indptr[at + 1]] for array in (weights.indices, weights.data))
    order = np.argsort(ids)
    return Sparse(ids[order].astype(np.int64) + first, values[order])
