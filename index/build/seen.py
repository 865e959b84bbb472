"""What the first pass made of each page, kept for the second pass of the same rebuild: the page and what it shows.

Reading a page and finding the shapes on it is two thirds of what both passes do, and the same in both. It is kept on
disk, one file a page in a folder that goes with the pass, so memory does not grow with the pages. Nothing depends on
it: what is missing, on another machine or after a restart, is made again.
"""

from __future__ import annotations

import os
import pickle
import zlib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ingest.ladder import Shown
from ingest.page import Page


@dataclass(frozen=True, slots=True)
class Seen:
    """The pages that were seen in this rebuild, in files of `folder` that nobody else writes."""

    folder: Path

    def keep(self, page: Page, shown: Shown) -> None:
        """Keep what was made of `page`; on a machine without the folder nothing is kept."""
        content = zlib.compress(pickle.dumps((page, shown), protocol=pickle.HIGHEST_PROTOCOL), level=1)
        file = self._file(page.path)
        aside = file.with_name(f"{file.name}.{os.getpid()}")  # a worker that died may be at work again elsewhere
        try:
            aside.write_bytes(content)
        except FileNotFoundError:
            return
        aside.replace(file)

    def take(self, path: str) -> tuple[Page, Shown] | None:
        """Return what was made of the page known as `path`; None where nothing was."""
        try:
            content = self._file(path).read_bytes()
        except FileNotFoundError:
            return None
        page, shown = pickle.loads(zlib.decompress(content))
        return page, shown

    def _file(self, path: str) -> Path:
        return self.folder / sha256(path.encode("utf-8", "surrogateescape")).hexdigest()
