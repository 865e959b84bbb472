"""The raw bytes of every page that a kept build cites, by their hash, so that an old citation can still be proved.

Pages are staged while a build is made and shown under their names together, once all are synced: so a name in `pages/`
stands for whole bytes, also after a power loss. One sync a page while they stream by would cost 50,000 waits on the
disk, one after the other; at the end they wait together.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.build.durable import sync
from index.build.manifest import file_sha256

FOLDER = "pages"
STAGED = ".new"
# Journals commit for all who wait: 3,000 pages of 10 kB took 0.72 s synced as they came, 0.38 s one after the other at
# the end, 0.24 s with 8 waiting at once, 0.20 s with 32.
_WAITING = 16


def keep_raw(kb: Path, sha256: str, data: bytes) -> None:
    """Stage the raw bytes of a page, unless they are kept already; several processes may do so at once.

    They are kept when `sync_raw` has run.
    """
    if _holds_bytes(kb / FOLDER / sha256, data):
        return
    staged = kb / FOLDER / STAGED / sha256
    staged.parent.mkdir(parents=True, exist_ok=True)
    aside = staged.with_name(f"{sha256}.{os.getpid()}")
    aside.write_bytes(data)
    aside.replace(staged)


def sync_raw(kb: Path) -> None:
    """Make all staged pages durable, then show them under their names; call it before the build is kept."""
    from concurrent.futures import ThreadPoolExecutor  # who reads a base does without, and without `logging`

    folder = kb / FOLDER
    staged = folder / STAGED
    if staged.is_dir():
        files = [file for file in sorted(staged.iterdir()) if file.suffix == ""]  # others were never written whole
        with ThreadPoolExecutor(_WAITING) as pool:
            for _ in pool.map(sync, files):
                pass
        for file in files:
            file.replace(folder / file.name)
        shutil.rmtree(staged)
    if folder.is_dir():
        sync(folder)
        sync(kb)


def holds_raw(kb: Path, sha256: str, *, size: int | None = None, since: float | None = None) -> bool:
    """Say whether the raw bytes with this hash are kept, undamaged.

    Of `size` bytes and not written since the time `since` (of the manifest of a build that cites them), they are
    believed: a name is given to whole bytes only, and who writes to them later leaves a later time. To hash 50,000
    pages of 10 kB would take 2 s of each rebuild, to look at them takes 0.2 s. What a failing disk changes without a
    trace, `policykb verify` finds and `policykb rebuild --full` mends.
    """
    file = kb / FOLDER / sha256
    try:
        found = file.stat()
    except OSError:
        return False
    if size is not None and found.st_size != size:
        return False
    if size is not None and since is not None and found.st_mtime <= since:
        return True
    return file.is_file() and file_sha256(file) == sha256


def cited_raw(manifest: Mapping[str, Any]) -> set[str]:
    """Return the hashes of all pages that went into a build."""
    return {page["sha256"] for page in manifest["inputs"]["pages"]}


def lacking_raw(
    kb: Path, manifest: Mapping[str, Any], *, sizes: Mapping[str, int] | None = None, since: float | None = None
) -> list[str]:
    """Return the paths of the pages that a build cites and whose raw bytes are missing or damaged.

    With `sizes` by path and `since` they are looked at rather than hashed; see `holds_raw`.
    """
    skipped = {item["path"] for item in manifest["skipped"]}  # of some of them there was nothing to keep
    known = sizes or {}
    return [
        page["path"]
        for page in manifest["inputs"]["pages"]
        if page["path"] not in skipped and not holds_raw(kb, page["sha256"], size=known.get(page["path"]), since=since)
    ]


def _holds_bytes(file: Path, data: bytes) -> bool:
    try:
        return file.stat().st_size == len(data) and file.read_bytes() == data
    except OSError:
        return False
