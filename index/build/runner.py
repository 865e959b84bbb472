"""Who does the work of a build: this process, several on this machine (`in_order`), or a cluster (`ray_runner`).

A build is the same whoever makes it; what differs is where pages are worked on and texts are embedded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from index.build.failed import RebuildFailed
from index.build.in_order import Job, in_order
from index.build.page_bytes import RawPage
from index.build.page_cache import Unread
from index.model.embedder import Embedder

Context = TypeVar("Context")
Result = TypeVar("Result")


class Runner(Protocol):
    """Does the work on pages, and says which embedder is to be used."""

    def in_order(
        self,
        jobs: Iterable[Job[Context, Result | Unread]],
        read: Callable[[int], RawPage],
        work: Callable[[RawPage], Result | Unread],
        arrived: Callable[[Sequence[tuple[int, Result | Unread]]], None],
    ) -> Iterator[tuple[Job[Context, Result | Unread], Result | Unread]]:
        """Yield every job with its result, `work(read(number))` where none is known, in the order of the jobs.

        `arrived` is told results that are there before their turn, by the numbers of their pages. Raises what `read`
        and `work` raise, and RebuildFailed.
        """

    def embedder(self, embedder: Embedder) -> Embedder:
        """Return what gives the vectors of `embedder`, and is quickest at it."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Works on pages in so many processes of this machine; 1 is this one."""

    workers: int

    def in_order(
        self,
        jobs: Iterable[Job[Context, Result | Unread]],
        read: Callable[[int], RawPage],
        work: Callable[[RawPage], Result | Unread],
        arrived: Callable[[Sequence[tuple[int, Result | Unread]]], None],  # noqa: ARG002 - little is ever ahead
    ) -> Iterator[tuple[Job[Context, Result | Unread], Result | Unread]]:
        """Yield every job with its result, in the order of the jobs."""
        return in_order(jobs, lambda number: work(read(number)), workers=self.workers)

    def embedder(self, embedder: Embedder) -> Embedder:
        """Return `embedder`, which is at home here."""
        return embedder


@contextmanager
def open_ray(*, address: str | None, workers: int | None) -> Iterator[Runner]:
    """Yield a runner on the Ray cluster at `address`, else on one of its own with so many workers, ended afterwards.

    Raises RebuildFailed where the extra is not installed or no cluster answers.
    """
    try:
        from index.build.ray_runner import ray_runner  # imports ray: half a second, for those who ask for it
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise RebuildFailed(
            "--runner ray: found no package `ray`, expected it beside policykb; run `pip install 'policykb[ray]'`"
        ) from error
    with ray_runner(address=address, workers=workers) as runner:
        yield runner
