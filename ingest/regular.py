"""Opens regular files, and nothing else: what a folder holds may be replaced between listing and reading.

A symbolic link could lead out of the folder, a pipe could wait for ever, a device could do anything.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


class NotRegular(OSError):
    """A folder, a link, a pipe or a device where a file was expected; `strerror` says which."""

    def __str__(self) -> str:
        return str(self.strerror)


def open_regular(file: Path) -> BinaryIO:
    """Open `file` for reading. Raises NotRegular for anything else, a link is not followed; and OSError."""
    _check(file.lstat().st_mode, file)  # before it is opened: opening a device may already do something
    opened = os.fdopen(os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY), "rb")
    try:
        _check(os.fstat(opened.fileno()).st_mode, file)
    except OSError:
        opened.close()
        raise
    return opened


def _check(mode: int, file: Path) -> None:
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"
        raise NotRegular(errno.EINVAL, kind, str(file))
