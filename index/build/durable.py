"""What is written survives a power loss: files and the names of files are synced, in the order that makes them safe.

A name that appears in a folder is durable only when the folder is synced, and what it names only when the file is: so
files come before folders, and both before the rename that shows them to readers.
"""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Make the bytes of a file, or the names in a folder, durable. Raises OSError where the disk refuses."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Make a folder and all in it durable, what lies deepest first."""
    for path in sorted(folder.rglob("*"), key=lambda path: -len(path.parts)):
        sync(path)
    sync(folder)


def write_in_one(file: Path, text: str) -> None:
    """Replace the text of a file in one rename: readers see the old text or the new one, also after a power loss."""
    aside = file.with_name(f"{file.name}.new")
    aside.write_text(text, encoding="utf-8")
    sync(aside)
    aside.replace(file)
    sync(file.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, each name durable."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for made in reversed(missing):
        made.mkdir(exist_ok=True)
        sync(made.parent)
