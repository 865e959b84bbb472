"""Does the work on pages in this process or in several, and gives the results in page order whatever was ready first.

Only so many pages are ahead of the one that is waited for, so memory does not grow with their number. Processes are
forked: they know everything that is known here without being told. They end when this process ends, however it does.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, Generic, TypeVar

from index.build.failed import RebuildFailed

Context = TypeVar("Context")
Result = TypeVar("Result")

# Pages that may be ahead for each process: with results of some 10 kB no memory to speak of, and enough that none
# waits while a page a hundred times as long as the others is at work.
_AHEAD = 64


@dataclass(frozen=True, slots=True)
class Job(Generic[Context, Result]):
    """Page `number`, known as `path`: what is known of it, None where work has to be done, and what is needed after."""

    number: int
    path: str
    context: Context
    known: Result | None = None


def in_order(
    jobs: Iterable[Job[Context, Result]], work: Callable[[int], Result], *, workers: int
) -> Iterator[tuple[Job[Context, Result], Result]]:
    """Yield every job with its result, `work(number)` where none is known, in the order of the jobs.

    With one worker the work is done in this process. Raises what `work` raises, and RebuildFailed where a process dies.
    """
    if workers == 1:
        for job in jobs:
            yield job, work(job.number) if job.known is None else job.known
        return
    waiting: deque[tuple[Job[Context, Result], Future[Result] | None]] = deque()
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("fork"), initializer=_begin, initargs=(work,)
    )
    try:
        for job in jobs:
            waiting.append((job, pool.submit(_work, job.number) if job.known is None else None))
            if len(waiting) >= _AHEAD * workers:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)
    except BrokenProcessPool as error:
        raise RebuildFailed(_death(waiting, workers)) from error
    except BaseException:  # nobody waits for what is at work any more
        for process in multiprocessing.active_children():
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _first(waiting: deque[tuple[Job[Context, Result], Future[Result] | None]]) -> tuple[Job[Context, Result], Result]:
    job, future = waiting[0]
    result = job.known if future is None else future.result()
    assert result is not None  # no work gives None
    waiting.popleft()
    return job, result


def _death(waiting: Iterable[tuple[Job[Any, Any], Future[Any] | None]], workers: int) -> str:
    open_ = [job.path for job, future in waiting if future is not None and not _is_done(future)]
    return (
        f"{', '.join(open_[:workers])}: a process that worked on one of these pages was ended from outside, perhaps for"
        " want of memory; run the rebuild again, with fewer --workers"
    )


def _is_done(future: Future[Any]) -> bool:
    return future.done() and future.exception() is None


_of_this_process: list[Callable[[int], Any]] = []


def _begin(work: Callable[[int], Any]) -> None:
    """Make this process a worker: Ctrl+C is its parent's business, and it ends when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _of_this_process.append(work)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end_with_parent() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _work(number: int) -> Any:
    return _of_this_process[0](number)
