"""Works on pages, and embeds with large models, on a Ray cluster: shards of work as Ray Core tasks.

A task is a pure function. It is given the bytes of some pages, or some texts, and gives back what comes of them, so a
worker needs no folder in common with others, and one that dies costs nothing: the task runs again elsewhere. This
process reads the pages and writes all that is kept. Tasks rather than Ray Data, whose blocks are tables of Arrow, whose
checkpoints need a folder that all machines share, and which has no say over a page that ends its worker
(docs/decisions.md).

Ray's documentation: tasks and their retries, https://docs.ray.io/en/latest/ray-core/fault_tolerance/tasks.html.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

import ray
from ray._private import ray_constants
from ray.exceptions import OutOfMemoryError, RayError

from index.build.in_order import Job
from index.build.manifest import code_fingerprint
from index.build.page_bytes import RawPage
from index.build.page_cache import Unread
from index.build.ray_runner_model import ClusterModel
from index.build.ray_runner_tasks import DIED, RETRIES, RayFailed, expect_code, resources, result_of
from index.model.embedder import Embedder, TableEmbedder

Context = TypeVar("Context")
Result = TypeVar("Result")

# Pages a shard: half a second of work (1,000 pages take 38 CPU seconds, docs/ray.md); a task costs milliseconds.
_PAGES = 32
# A page may have 20 MB (ingest/page.py): the one with which a shard comes to so many bytes is its last.
_SHARD_BYTES = 4_000_000
# Shards ahead for each processor: 2.5 MB of pages, and work for the others while one has a page of seconds.
_AHEAD = 8
# To reach a machine of the same network takes milliseconds.
_CONNECT_S = 5.0


@contextmanager
def ray_runner(*, address: str | None = None, workers: int | None = None) -> Iterator[RayRunner]:
    """Yield a runner on the cluster at `address`, else on one started here with `workers` processors, all by default.

    The connection ends with the context, and with it the cluster that was started here. Raises RayFailed.
    """
    with ExitStack() as ending:
        options: dict[str, Any] = {"address": address}
        if address is not None:
            _expect_cluster(address)
        else:
            # Ray's sockets lie in the folder, and the path of a socket has 107 bytes at most.
            temporary = tempfile.TemporaryDirectory(prefix="policykb-ray-", dir="/tmp", ignore_cleanup_errors=True)
            folder = ending.enter_context(temporary)
            os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
            # Without a token given, Ray would write one into the home folder. It knows the first of a process for good.
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
            options = {"address": "local", "num_cpus": workers, "include_dashboard": False, "_temp_dir": folder}
        # What Ray does on systems whose firewalls ask: a cluster of one machine listens to that machine alone, and who
        # looks for it there must not be sent to the machine's address in the network.
        ray_constants.ENABLE_RAY_CLUSTER = not (address is None or address.startswith(("127.", "localhost:")))
        ending.callback(ray.shutdown)
        try:
            ray.init(**options, log_to_driver=False, logging_level=logging.ERROR)
        except Exception as error:  # Ray raises what it likes, a bare one for a machine too busy to start it in 30 s
            where = f"--address {address}" if address else "--runner ray"
            raise RayFailed(f"{where}: Ray says: {' '.join(str(error).split())[:400]}") from error
        # Ray prints what happens to workers on standard output, where a command has its answer and nothing else.
        ending.enter_context(redirect_stdout(sys.stderr))
        yield RayRunner()


def _expect_cluster(address: str) -> None:
    """Raise RayFailed where nothing listens at `address`: Ray itself would try for two minutes."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or "/" in host:
        raise RayFailed(
            f"--address {address}: expected HOST:PORT of the cluster's head, as `ray start --head` prints it, or auto,"
            " given on a machine of the cluster"
        )
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
    except OSError as error:
        raise RayFailed(
            f"--address {address}: found no cluster within {_CONNECT_S:g} s ({error}), expected the head of one; start"
            " it with `ray start --head`, or leave --address out"
        ) from error


@dataclass(slots=True)
class _Shard(Generic[Context, Result]):
    """Neighbouring jobs: the pages that are still to be worked on, and the results that are there, by number."""

    jobs: list[Job[Context, Result | Unread]]
    pages: dict[int, RawPage]
    results: dict[int, Result | Unread] = field(default_factory=dict)


class RayRunner:
    """Works on the cluster that this process is connected to."""

    def in_order(
        self,
        jobs: Iterable[Job[Context, Result | Unread]],
        read: Callable[[int], RawPage],
        work: Callable[[RawPage], Result | Unread],
        arrived: Callable[[Sequence[tuple[int, Result | Unread]]], None],
    ) -> Iterator[tuple[Job[Context, Result | Unread], Result | Unread]]:
        """Yield every job with its result, in the order of the jobs.

        A page whose worker died each time it was worked on alone gives an `Unread` that says so; the bytes of a page
        do not decide that, so it counts as one that took too long.
        """
        tasks: _Tasks[Context, Result] = _Tasks(work, arrived)
        waiting: deque[_Shard[Context, Result]] = deque()
        try:
            for shard in _shards(jobs, read):
                tasks.begin(shard)
                waiting.append(shard)
                if len(waiting) >= _AHEAD * max(1, int(resources().get("CPU", 0))):
                    yield from tasks.finish(waiting.popleft())
            while waiting:
                yield from tasks.finish(waiting.popleft())
        finally:
            tasks.cancel()

    def embedder(self, embedder: Embedder) -> Embedder:
        """Return a model that embeds on the cluster; one of ours is so quick that the way there would take longer."""
        if isinstance(embedder, TableEmbedder):
            return embedder
        return ClusterModel(embedder.name, embedder.fingerprint, embedder.dim)


def _shards(
    jobs: Iterable[Job[Context, Result | Unread]], read: Callable[[int], RawPage]
) -> Iterator[_Shard[Context, Result]]:
    """Group neighbouring jobs, reading the pages of those that have no result yet."""
    shard: _Shard[Context, Result] = _Shard([], {})
    size = 0
    for job in jobs:
        shard.jobs.append(job)
        if job.known is None:
            page = shard.pages[job.number] = read(job.number)
            size += len(page.data)
        else:
            shard.results[job.number] = job.known
        if len(shard.jobs) >= _PAGES or size >= _SHARD_BYTES:
            yield shard
            shard, size = _Shard([], {}), 0
    if shard.jobs:
        yield shard


class _Tasks(Generic[Context, Result]):
    """The tasks of one pass: what is at work, and what becomes of a shard whose worker died."""

    def __init__(
        self,
        work: Callable[[RawPage], Result | Unread],
        arrived: Callable[[Sequence[tuple[int, Result | Unread]]], None],
    ) -> None:
        self._arrived = arrived
        self._task = ray.remote(_results).options(max_retries=RETRIES)
        # Stored once and fetched once by each machine; in a list, or Ray would hand it to every task anew.
        self._work = [ray.put(work)]
        self._at_work: dict[Any, tuple[_Shard[Context, Result], list[int]]] = {}

    def begin(self, shard: _Shard[Context, Result]) -> None:
        """Send the pages of a shard to the cluster."""
        if shard.pages:
            self._send(shard, list(shard.pages))

    def finish(self, shard: _Shard[Context, Result]) -> Iterator[tuple[Job[Context, Result | Unread], Result | Unread]]:
        """Yield the jobs of a shard with their results as soon as all are there; others that come are kept."""
        while shard.pages:
            ready, _ = ray.wait(list(self._at_work))
            for task in ready:
                self._take(task, *self._at_work.pop(task))
        for job in shard.jobs:
            yield job, shard.results[job.number]

    def cancel(self) -> None:
        """End what is at work, where nobody waits for it any more."""
        for task in self._at_work if ray.is_initialized() else ():  # else Ray would start a cluster for this
            ray.cancel(task)

    def _send(self, shard: _Shard[Context, Result], numbers: list[int]) -> None:
        pages = [shard.pages[number] for number in numbers]
        self._at_work[self._task.remote(code_fingerprint(), self._work, pages)] = shard, numbers

    def _take(self, task: Any, shard: _Shard[Context, Result], numbers: list[int]) -> None:
        try:
            results: list[Result | Unread] = result_of(task)
        except DIED as error:
            if len(numbers) > 1:
                for number in numbers:
                    self._send(shard, [number])
                return
            results = [Unread(_deadly(error), slow=True)]
        found = list(zip(numbers, results, strict=True))
        self._arrived(found)
        for number, result in found:
            shard.results[number] = result
            del shard.pages[number]


def _results(code: str, work: list[Any], pages: list[RawPage]) -> list[Any]:
    """Return what `work`, which is stored on the cluster, makes of each page. Runs on a worker."""
    expect_code(code)
    do = _fetched(work[0])
    return [do(page) for page in pages]


@lru_cache(maxsize=1)  # a pass has one thing that all its pages share
def _fetched(work: Any) -> Callable[[RawPage], Any]:
    return cast("Callable[[RawPage], Any]", ray.get(work))


def _deadly(error: RayError) -> str:
    why = "for want of memory" if isinstance(error, OutOfMemoryError) else "from outside or by a crash"
    return (
        f"found a page whose worker was ended {why} each of {RETRIES + 1} times, expected a page to read, split it or"
        " take it out"
    )
