"""Results of pages that came before their turn, in files: what a killed rebuild leaves, and the next one takes up.

A shard is the results of some neighbouring pages, as entries of the page cache, and its file is named by the hash of
its content. So a shard that is made twice is one file, and a file that was cut short is not believed. What is taken up
goes into the page cache, where an entry is used only while it still holds (`page_cache`): how pages were grouped, by
whom, and for which build is of no matter. The folder is cleared when a build is made.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from index.build.manifest import code_fingerprint

FOLDER = "shards"
_KEY_BYTES = 32
_SIZE_BYTES = 8


class Shards:
    """The shards in the folder `cache` that this version of the code made."""

    def __init__(self, cache: Path) -> None:
        self._all = cache / FOLDER
        self._folder = self._all / code_fingerprint()[:8]

    def keep(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Write a shard of entries (key, content) aside and show it under its name."""
        content = b"".join(key + len(packed).to_bytes(_SIZE_BYTES, "little") + packed for key, packed in entries)
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / sha256(content).hexdigest()
        aside = file.with_name(f"{file.name}.{os.getpid()}")
        # Not synced: what a power loss takes is made again.
        aside.write_bytes(content)
        aside.replace(file)

    def files(self) -> list[Path]:
        """Return the files of whole shards, and remove what a killed rebuild did not finish."""
        whole = []
        for file in sorted(self._folder.glob("*")):
            if file.suffix:
                file.unlink()
            else:
                whole.append(file)
        return whole

    def clear(self) -> None:
        """Remove all shards, also those of other code."""
        shutil.rmtree(self._all, ignore_errors=True)


def entries_in(file: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield the entries (key, content) of a shard; none where its content is not what its name says."""
    data = file.read_bytes()
    if sha256(data).hexdigest() != file.name:
        return
    at = 0
    while at < len(data):
        key = data[at : at + _KEY_BYTES]
        begin = at + _KEY_BYTES + _SIZE_BYTES
        at = begin + int.from_bytes(data[begin - _SIZE_BYTES : begin], "little")
        yield key, data[begin:at]
