"""What is prepared once a build for exploring: folders `explore/<name>-<fingerprint>` beside the files of the build.

A part follows from the build and from its own code alone, so it is no part of the manifest: it is made after the build
is published, or when it is first wanted, and a part of older code is made anew beside the old one. A folder is written
aside and renamed, so one that is there is whole; two processes that make the same part make the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.build.durable import sync_tree
from index.build.manifest import package_version
from ingest.problem import Problem

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

FOLDER = "explore"
# Up to here everything is made in the seconds that a reader waits without a word; see `policykb prepare` for more.
SMALL = 5_000
_ROOT = Path(__file__).resolve().parents[2]

# progress(stage, done, total), as everywhere
Progress = Callable[[str, int, int], None]


class NotPrepared(Problem):
    """A large build has not been prepared for exploring, or what was prepared cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to prepare: `make(kb, folder, progress)` fills an empty folder; `code` are the files that decide it.

    `code` are paths from the root of the repository, `packages` the libraries whose versions decide as well.
    """

    name: str
    code: Sequence[str]
    make: Callable[[KnowledgeBase, Path, Progress], None]
    packages: Sequence[str] = ()

    def folder(self, kb: KnowledgeBase) -> Path:
        """Return where the part of a build lies once it is made."""
        digest = hashlib.sha256()
        for name in self.code:
            digest.update((_ROOT / name).read_bytes().replace(b"\r\n", b"\n"))
        for package in self.packages:
            digest.update(f"{package} {package_version(package)}".encode())
        return kb.path / FOLDER / f"{self.name}-{digest.hexdigest()[:12]}"


def is_made(kb: KnowledgeBase, part: Part) -> bool:
    """Say whether a part of a build is there."""
    return part.folder(kb).is_dir()


def made(
    kb: KnowledgeBase, part: Part, *, most: int | None = SMALL, progress: Progress = lambda stage, done, total: None
) -> Path:
    """Return the folder of a part, making it first where it is not there.

    A build of more than `most` passages is not made here: that raises NotPrepared, as does a place that cannot be
    written. None makes it whatever its size.
    """
    folder = part.folder(kb)
    if folder.is_dir():
        return folder
    if most is not None and kb.head["counts"]["passages"] > most:
        raise NotPrepared(
            f"{kb.folder}: build {kb.build} is not prepared for exploring ({part.name} is missing); run `policykb"
            f" prepare --kb {kb.folder}` once"
        )
    try:
        folder.parent.mkdir(exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{part.name}-", dir=folder.parent))
        try:
            part.make(kb, aside, progress)
            aside.chmod(0o755)
            sync_tree(aside)
            _rename(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise NotPrepared(
            f"{folder}: cannot be written ({error.strerror}); let the owner of the base run `policykb prepare`"
        ) from error
    _remove_older(folder, part)
    return folder


def _rename(aside: Path, folder: Path) -> None:
    try:
        aside.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process has made the same meanwhile
            raise


def _remove_older(folder: Path, part: Part) -> None:
    for older in folder.parent.glob(f"{part.name}-*"):
        if older != folder:
            shutil.rmtree(older, ignore_errors=True)
