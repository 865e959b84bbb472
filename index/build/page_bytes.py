"""Reads the pages of a build as they were hashed, with what people wrote beside them, and keeps their bytes.

All that touches the folders of pages and of the base is here; the work on a page (`page_work`) is given bytes, so it
may be done in another process or on another machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from index.build.failed import RebuildFailed
from index.build.raw import holds_raw, keep_raw
from ingest.corpus import Corpus
from ingest.find import PageFile
from ingest.overrules import Overrule
from ingest.page import BadPage, read_bytes


@dataclass(frozen=True, slots=True)
class RawPage:
    """The bytes of the page known as `path`, its entry in the sidecar, and what a person overruled on it."""

    path: str
    data: bytes
    sidecar: Mapping[str, str]
    overrules: Sequence[Overrule]


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a build by their numbers, and the base `kb` where their bytes are kept."""

    kb: Path
    corpus: Corpus
    entries: Sequence[Mapping[str, Any]]
    files: Mapping[str, PageFile]

    @classmethod
    def of(cls, kb: Path, corpus: Corpus, inputs: Mapping[str, Any]) -> Pages:
        """Return the pages that were hashed."""
        return cls(kb, corpus, inputs["pages"], {page.path: page for page in corpus.found.pages})

    def read(self, number: int) -> RawPage:
        """Return a page as it was hashed: the id of the build speaks of those bytes and no others.

        Raises RebuildFailed where it changed since.
        """
        path = self.entries[number]["path"]
        try:
            data = read_bytes(self.files[path].file, path=path)
        except BadPage as error:
            raise RebuildFailed(f"{path}: vanished while the rebuild ran ({error.reason}); run it again") from error
        if sha256(data).hexdigest() != self.entries[number]["sha256"]:
            raise RebuildFailed(f"{path}: changed while the rebuild ran; run it again")
        return RawPage(path, data, self.corpus.found.sidecar.get(path, {}), self.corpus.overrules.of(path))

    def read_and_keep(self, number: int) -> RawPage:
        """Return a page like `read`, and keep its bytes."""
        page = self.read(number)
        keep_raw(self.kb, self.entries[number]["sha256"], page.data)
        return page

    def keep(self, number: int) -> None:
        """Keep the bytes of a page that is not read now, where they are missing or damaged."""
        digest = self.entries[number]["sha256"]
        if not holds_raw(self.kb, digest):
            keep_raw(self.kb, digest, self.read(number).data)
