"""What people call a build: its id, the beginning of it, `current`, or `previous`."""

from __future__ import annotations

from pathlib import Path

from index.build.builds import kept_builds, published_before
from index.build.publish import build_folders, read_current
from index.store import StoreError

CURRENT, PREVIOUS = "current", "previous"


def resolve_build(kb: Path, word: str) -> str:
    """Return the id of the kept build that `word` names. Raises StoreError where it names none or several.

    `previous` is the one that was published before the current one.
    """
    if word == CURRENT:
        return read_current(kb)
    if word == PREVIOUS:
        return previous_build(kb)
    kept = sorted(folder.name for folder in build_folders(kb))
    found = [build for build in kept if build.startswith(word)] if word else []
    if word in found or len(found) == 1:
        return word if word in found else found[0]
    what = f"{word!r} may be {' or '.join(found)}" if found else f"no build {word!r}"
    raise StoreError(
        f"{kb}: {what}; name one of {', '.join(kept) or 'none'} by its first letters, or {CURRENT} or {PREVIOUS}"
    )


def previous_build(kb: Path) -> str:
    """Return the kept build that was published before the current one. Raises StoreError where there is none."""
    found = published_before(kb, kept_builds(kb))
    if found is None:
        raise StoreError(f"{kb}: keeps no build published before {read_current(kb)}; `policykb builds` lists all")
    return found
