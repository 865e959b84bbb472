"""A reader holds the build that it reads: a shared lock on its manifest, and what is held is not cleared away.

The lock is the operating system's (flock), so it ends with the reader however that ends, and needs no right to write.
Where a file system has no locks there is no lease, and reading works as before.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.build.manifest import FILE
from index.store import StoreError

_FLAGS = os.O_CLOEXEC | os.O_NONBLOCK  # a base someone else made must not block who opens it


class Lease:
    """One reader's hold on the build in `folder`, until `close` or until nobody refers to the lease any more.

    Raises StoreError where the build was removed a moment ago. One that is missing or damaged is told by who reads it.
    """

    def __init__(self, folder: Path) -> None:
        descriptor = _hold(folder / FILE)
        self._end = None if descriptor is None else weakref.finalize(self, os.close, descriptor)

    def close(self) -> None:
        """Let go of the build: from now on it may be removed."""
        if self._end is not None:
            self._end()


def _hold(file: Path) -> int | None:
    """Return the open descriptor that holds a manifest, or None where there is nothing to hold or no way to."""
    try:
        descriptor = os.open(file, os.O_RDONLY | _FLAGS)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # waits at most for the moment of a renaming
    except OSError:
        os.close(descriptor)
        return None
    try:
        is_there = os.path.samestat(os.fstat(descriptor), file.stat())
    except OSError:
        is_there = False
    if not is_there:
        os.close(descriptor)
        raise StoreError(f"{file.parent}: this build was just removed; open the published one")
    return descriptor


@contextmanager
def sole_hold(folder: Path) -> Iterator[bool]:
    """Give whether no reader holds the build in `folder`; a reader that comes meanwhile waits until the block ends."""
    descriptor = _open_to_keep_out(folder / FILE)
    try:
        if descriptor is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held by a reader; or who knows: no locks here
        yield False
    else:
        yield True
    finally:
        if descriptor is not None:
            os.close(descriptor)


def is_in_use(folder: Path) -> bool:
    """Say whether a reader holds the build in `folder`."""
    with sole_hold(folder) as is_free:
        return not is_free


def _open_to_keep_out(file: Path) -> int | None:
    """Return a manifest's descriptor, or None where there is none to hold. Network file systems want it writable."""
    for access in (os.O_RDWR, os.O_RDONLY):
        try:
            return os.open(file, access | _FLAGS)
        except OSError:
            continue
    return None
