"""What any task on a Ray cluster needs: the same code on every machine, and errors in one line.

Ray wraps what a task raises, and raises errors of its own for a worker, a machine or a network that failed.
"""

from __future__ import annotations

import socket
from typing import Any

import ray
from ray.exceptions import OutOfMemoryError, RayError, RayTaskError, WorkerCrashedError

from index.build.failed import RebuildFailed
from index.build.manifest import code_fingerprint
from ingest.problem import Problem

# How often work is begun again when its worker died.
RETRIES = 2
# What Ray raises after that.
DIED = (WorkerCrashedError, OutOfMemoryError)


class RayFailed(RebuildFailed):
    """The cluster cannot do the work; the message says why and what to do."""


def expect_code(expected: str) -> None:
    """Raise RayFailed where this worker has other code than the rebuild, by its fingerprint."""
    if code_fingerprint() != expected:
        raise RayFailed(
            f"{machine()}: found policykb with other code or parsers ({code_fingerprint()[:8]}), expected those of the"
            f" rebuild ({expected[:8]}); install the same version on every machine of the cluster"
        )


def result_of(task: Any) -> Any:
    """Return the result of a task. Raises what it raised, WorkerCrashedError, OutOfMemoryError and RayFailed."""
    try:
        return ray.get(task)
    except DIED:
        raise
    except RayTaskError as error:
        if isinstance(error.cause, Problem):
            raise error.cause from error
        if isinstance(error.cause, (ImportError, RayError)):  # of Ray's own: what was sent could not be read there
            raise RayFailed(
                f"a worker could not begin ({str(error.cause).splitlines()[0]}), expected policykb and what it needs;"
                " install the same version on every machine of the cluster"
            ) from error
        raise
    except RayError as error:
        raise RayFailed(
            f"the Ray cluster failed ({' '.join(str(error).split())}); run the rebuild again, it goes on where it was"
        ) from error


def machine() -> str:
    """Return the name and the address of the machine this runs on."""
    address = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
    return f"{socket.gethostname()} ({address})"


def resources() -> dict[str, float]:
    """Return what the cluster has now, by Ray's names of it: machines may join while the rebuild runs."""
    return dict(ray.cluster_resources())  # type: ignore[no-untyped-call]
