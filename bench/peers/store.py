"""What every store of the bench does, so that one loop measures them all.

A store is built from passages and vectors into a folder, opened from it in another process, and asked. Each stands in
a file of its own under `stores/`, with its configuration and the reason for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from peers.exchange import Floats, Passage, Where

# A hit is the row of a passage and the text that a reader would be shown.
Hit = tuple[int, str]
# The CPU seconds of each stage of a build, by name.
Stages = dict[str, float]
PARTS = ("vectors", "words", "texts", "other")


@dataclass(frozen=True, slots=True)
class About:
    """What a store is: its name, the packages that make it, its configuration and why it is so (with the source).

    `has_words` says whether it ranks by words as well; where it does not, `hybrid` is its dense search and filters
    narrow that. `most` is how many passages it is given, None for all. `files` maps a pattern of its files to the part
    of the store they are, the first match counts; `holds_plain_vectors` says that its texts are in one file with the
    vectors, which are neither packed nor repeated there. `built_by` names the store whose files it opens, where it is
    not its own.
    """

    name: str
    packages: tuple[str, ...]
    configuration: str
    why: str
    has_words: bool = True
    most: int | None = None
    files: tuple[tuple[str, str], ...] = ()
    holds_plain_vectors: bool = False
    built_by: str | None = None

    def versions(self) -> str:
        """Return the packages with their installed versions."""
        return ", ".join(f"{package} {version(package)}" for package in self.packages)

    def disk(self, folder: Path, vectors: int) -> dict[str, int]:
        """Return the bytes of each of PARTS under `folder`, where the plain vectors take `vectors` bytes."""
        sizes = dict.fromkeys(PARTS, 0)
        for file in folder.rglob("*"):
            if file.is_file():
                place = file.relative_to(folder).as_posix()
                part = next((part for pattern, part in self.files if pattern in place), "other")
                sizes[part] += file.stat().st_blocks * 512  # a file that was only reserved takes no place
        if self.holds_plain_vectors:
            sizes["texts"] -= vectors
            sizes["vectors"] += vectors
        return sizes


class Store(Protocol):
    """A store; `open` comes before the questions, and not in the process that built it."""

    about: About

    def build(self, folder: Path, passages: Sequence[Passage], vectors: Floats) -> Stages | None:
        """Write everything that `open` and the questions need into the empty `folder`; it may tell its stages."""

    def open(self, folder: Path) -> None:
        """Make the store ready to be asked."""

    def dense(self, vector: Floats, k: int) -> list[Hit]:
        """Return the `k` passages nearest to `vector` (dim,), best first."""

    def hybrid(self, text: str, vector: Floats, k: int) -> list[Hit]:
        """Return the `k` best passages by words and meaning, best first."""

    def filtered(self, text: str, vector: Floats, k: int, where: Where) -> list[Hit]:
        """Return the `k` best passages that meet `where`, by words and meaning, best first."""


def load_store(name: str) -> Store:
    """Return the store in `stores/<name>.py`."""
    store: Store = import_module(f"peers.stores.{name}").STORE
    return store
