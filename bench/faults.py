"""Makes one chosen call on the disk fail, or ends the process at it: what `bench/crash.py` injects into a rebuild.

Calls on a folder are counted in this process by replacing `os` functions and `open`: making and opening files, writing,
syncing, renaming, removing. What C libraries write by themselves is not counted; `limit_files` reaches those.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import random
import resource
import signal
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

# once: the disk fails for one call · full, readonly: from this call on · kill: the process is gone · power: and with it
# all that was not synced
How = Literal["once", "full", "readonly", "kill", "power"]
_GROWS = {"open", "write", "mkdir"}
_CHANGES = {*_GROWS, "rename", "remove", "truncate"}


class Disk:
    """Counts the calls on `folder`, and at call number `at` (from 1) lets happen what `how` says; 0: nothing."""

    def __init__(self, folder: Path, at: int = 0, how: How = "once") -> None:
        self.calls = 0
        self._folder = os.path.realpath(folder)
        self._at, self._how = at, how
        self._lock = threading.Lock()
        self._synced: set[int] = set()
        self._renamed: list[tuple[str, str, bytes | None]] = []
        self._before = {file.stat().st_ino: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}
        self._real: dict[str, Any] = {}

    def install(self) -> None:
        """Replace what writes in this process; it is meant to be a child that ends."""
        for name, kind in (("mkdir", "mkdir"), ("unlink", "remove"), ("remove", "remove"), ("rmdir", "remove")):
            self._replace(name, self._on_path(name, kind))
        for name in ("rename", "replace"):
            self._replace(name, self._on_rename(name))
        for name in ("write", "pwrite", "sendfile", "truncate", "ftruncate"):
            self._replace(name, self._on_handle(name, "truncate" if "truncate" in name else "write"))
        self._replace("fsync", self._on_sync())
        self._replace("open", self._on_os_open())
        self._real["io.open"] = io.open
        io.open = builtins.open = self._on_open  # type: ignore[assignment]

    def _replace(self, name: str, function: Callable[..., Any]) -> None:
        self._real[name] = getattr(os, name)
        setattr(os, name, function)

    def _reach(self, kind: str) -> None:
        """Count one call; fail or end where it is due."""
        with self._lock:
            self.calls += 1
            due = self.calls == self._at
            past = self._at and self.calls >= self._at
        if due and self._how == "power":
            self._lose_power()
        if due and self._how in ("kill", "power"):
            os.kill(os.getpid(), signal.SIGKILL)
        if due and self._how == "once":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if past and self._how == "full" and kind in _GROWS:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if past and self._how == "readonly" and kind in _CHANGES:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    def _is_ours(self, path: object, named: dict[str, Any]) -> bool:
        if named.get("dir_fd") is not None:  # as shutil.rmtree goes down
            return True
        return isinstance(path, str | os.PathLike) and os.path.realpath(os.fspath(path)).startswith(self._folder)

    def _on_path(self, name: str, kind: str) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, **named: Any) -> Any:
            if self._is_ours(path, named):
                self._reach(kind)
            return self._real[name](path, *rest, **named)

        return call

    def _on_handle(self, name: str, kind: str) -> Callable[..., Any]:
        def call(*rest: Any, **named: Any) -> Any:
            self._reach(kind)
            return self._real[name](*rest, **named)

        return call

    def _on_rename(self, name: str) -> Callable[..., Any]:
        def call(source: Any, target: Any, **named: Any) -> Any:
            if not self._is_ours(target, named):
                return self._real[name](source, target, **named)
            self._reach("rename")
            there = Path(target).read_bytes() if Path(target).is_file() else None
            result = self._real[name](source, target, **named)
            self._renamed.append((os.path.realpath(os.fspath(source)), os.path.realpath(os.fspath(target)), there))
            return result

        return call

    def _on_sync(self) -> Callable[..., Any]:
        def call(handle: Any) -> Any:
            self._reach("sync")
            result = self._real["fsync"](handle)
            found = os.fstat(handle if isinstance(handle, int) else handle.fileno())
            self._synced.add(found.st_ino)
            if stat.S_ISDIR(found.st_mode):
                with self._lock:
                    self._renamed = [
                        entry for entry in self._renamed if not _is_folder(Path(entry[1]).parent, found.st_ino)
                    ]
            return result

        return call

    def _on_os_open(self) -> Callable[..., Any]:
        def call(path: Any, flags: int, *rest: Any, **named: Any) -> Any:
            if self._is_ours(path, named):
                self._reach("open" if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) else "look")
            return self._real["open"](path, flags, *rest, **named)

        return call

    def _on_open(self, file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if not self._is_ours(file, {}):
            return self._real["io.open"](file, mode, *rest, **named)
        writes = any(letter in mode for letter in "wax+")
        self._reach("open" if writes else "look")
        opened = self._real["io.open"](file, mode, *rest, **named)
        return _Writing(opened, self) if writes else opened

    def torn(self, opened: Any, data: Any) -> int:
        """Write `data`; when this call is due, only its first half."""
        try:
            if self.calls + 1 == self._at and self._how in ("kill", "power"):
                opened.write(data[: len(data) // 2])
                opened.flush()
            self._reach("write")
        except OSError:
            opened.write(data[: len(data) // 2])
            raise
        self._synced.discard(os.fstat(opened.fileno()).st_ino)
        return int(opened.write(data))

    def _lose_power(self) -> None:
        """Undo what a power loss may undo: bytes that were not synced, and renames whose folder was not."""
        chance = random.Random(self._at)
        self._at = 0
        for source, target, there in reversed(self._renamed):
            if chance.random() < 0.5 and os.path.lexists(target) and not os.path.lexists(source):
                self._real["rename"](target, source)
                if there is not None:
                    with self._real["io.open"](target, "wb") as opened:
                        opened.write(there)
        for file in Path(self._folder).rglob("*"):
            found = file.stat()
            is_new = self._before.get(found.st_ino) != found.st_mtime_ns
            if stat.S_ISREG(found.st_mode) and is_new and found.st_ino not in self._synced:
                self._real["truncate"](file, int(found.st_size * chance.choice((0, 0, 0.5, 1))))


class _Writing:
    """A file opened for writing, each write counted."""

    def __init__(self, opened: Any, disk: Disk) -> None:
        self._opened, self._disk = opened, disk

    def write(self, data: Any) -> int:
        return self._disk.torn(self._opened, data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened, name)

    def __enter__(self) -> _Writing:
        return self

    def __exit__(self, *exc: object) -> None:
        self._opened.close()


def _is_folder(path: Path, inode: int) -> bool:
    try:
        return path.stat().st_ino == inode
    except OSError:
        return False


def limit_files(size: int) -> None:
    """Let no file of this process grow beyond `size` bytes, whoever writes it: for SQLite and FAISS a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
