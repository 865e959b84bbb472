"""Clears a knowledge base: builds beyond those to keep, raw pages that none of them cites, caches of other code.

The published build stays, and so does any build that a reader holds. A build is renamed before it is deleted, and its
raw pages go when that is durable; so whatever moment a clearing is killed at, each build is whole or gone.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from index.build.builds import Build, check_base, kept_builds, published_before, size_of
from index.build.journal import append
from index.build.lease import sole_hold
from index.build.leftovers import leftovers
from index.build.lock import rebuild_lock, running
from index.build.manifest import code_fingerprint, embedding_fingerprint
from index.build.publish import KEEP, build_folder, move_to_trash
from index.build.raw import FOLDER as RAW
from index.build.served import place_of
from index.build.serving import drop_unkept
from index.build.trial import FOLDER as GATE
from index.store import StoreError
from ingest.problem import Problem

CACHE = "cache"
_OF_CODE = re.compile(r"(?:vectors-(?P<model>[0-9a-f]{16})|[a-z]+)-(?P<code>[0-9a-f]{8})\.sqlite")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, or would be: ids of builds, hashes of raw pages, files of caches, leftovers, bytes in all.

    `in_use` are builds that would have gone, had no reader held them; `kept` all that stay, newest first.
    """

    builds: tuple[str, ...]
    raw_pages: tuple[str, ...]
    caches: tuple[str, ...]
    leftovers: tuple[str, ...]
    freed: int
    in_use: tuple[str, ...]
    kept: tuple[str, ...]
    notes: tuple[str, ...]


class CannotClear(Problem):
    """The knowledge base could not be cleared; the message says why."""


def clear(kb: Path, *, keep: int = KEEP, dry_run: bool = False) -> Pruned:
    """Take the lock of the knowledge base, clear what killed processes left, prune it, and log what went.

    With `dry_run` nothing is changed or locked. Raises StoreError where there is no base, RebuildRunning where another
    process changes it, and CannotClear.
    """
    check_base(kb)
    try:
        left = [] if running(kb) else [(path.relative_to(kb).as_posix(), size_of(path)) for path in leftovers(kb)]
        with nullcontext() if dry_run else rebuild_lock(kb, "gc"):
            pruned = prune(kb, keep=keep, dry_run=dry_run)
            freed = pruned.freed + sum(size for _, size in left)
            pruned = replace(pruned, leftovers=tuple(name for name, _ in left), freed=freed)
            if not dry_run:
                append(kb, "cleared", builds=pruned.builds, freed=freed, keep=keep)
    except OSError as error:
        raise CannotClear(
            f"{kb}: cannot be cleared ({error}); every build that is still there is whole; check permissions and disk"
            " and run `policykb gc` again"
        ) from error
    return pruned


def prune(kb: Path, *, keep: int = KEEP, dry_run: bool = False) -> Pruned:
    """Remove what is not to be kept: the published build stays, `keep` others, and any that a reader holds.

    The others are the one to which a rollback leads, then the newest of those that were published, then the rest. Call
    it under the lock, unless with `dry_run`, which changes nothing. Raises OSError.
    """
    builds = kept_builds(kb)
    gone, in_use = _remove_builds(kb, _beyond(builds, keep, published_before(kb, builds)), dry_run=dry_run)
    kept = [build for build in builds if build not in gone]
    raw, notes = _uncited(kb, kept)
    caches = _stale_caches(kb, kept)
    if not dry_run:
        try:
            drop_unkept(kb, place_of(kb), [build.id for build in kept])
        except StoreError as problem:  # a server that does not answer; the next clearing finds its collections
            notes = (*notes, f"collections of builds that are gone may still be there: {problem}")
    freed = sum(build.size for build in gone)
    for file in (*raw, *caches):
        freed += size_of(file)
        if not dry_run:
            file.unlink()
    return Pruned(
        builds=tuple(build.id for build in gone),
        raw_pages=tuple(file.name for file in raw),
        caches=tuple(file.relative_to(kb).as_posix() for file in caches),
        leftovers=(),
        freed=freed,
        in_use=tuple(build.id for build in in_use),
        kept=tuple(build.id for build in kept),
        notes=notes,
    )


def _beyond(builds: Sequence[Build], keep: int, before: str | None) -> list[Build]:
    """Return the builds beyond the published one and `keep` others; all are kept where none is published."""
    if not any(build.is_current for build in builds):
        return []
    others = [build for build in builds if not build.is_current]
    # What readers never saw goes before what they may have cited.
    return sorted(others, key=lambda build: (build.id != before, build.published is None))[keep:]


def _remove_builds(kb: Path, doomed: Iterable[Build], *, dry_run: bool) -> tuple[list[Build], list[Build]]:
    """Return which builds are gone, and which stay because a reader holds them."""
    gone: list[Build] = []
    in_use: list[Build] = []
    for build in doomed:
        folder = build_folder(kb, build.id)
        with sole_hold(folder) as is_free:
            trash = move_to_trash(folder) if is_free and not dry_run else None
        (gone if is_free else in_use).append(build)
        if trash is not None:
            shutil.rmtree(trash)
    return gone, in_use


def _uncited(kb: Path, kept: Iterable[Build]) -> tuple[list[Path], tuple[str, ...]]:
    """Return the raw pages that no kept build cites; where a build cannot tell, all stay, and a note says so."""
    cited: set[str] = set()
    for build in kept:
        if build.problem is not None:
            return [], (f"all raw pages stay, for build {build.id} cannot tell which it cites: {build.problem}",)
        cited |= build.raw_pages
    return [file for file in sorted((kb / RAW).glob("*")) if file.is_file() and file.name not in cited], ()


def _stale_caches(kb: Path, kept: Iterable[Build]) -> list[Path]:
    """Return the caches of other code, of models that no kept build has, and of builds that are gone."""
    kept = list(kept)
    models = {build.model["fingerprint"][:16] for build in kept if build.model}
    codes = {code_fingerprint()[:8], embedding_fingerprint()[:8]}
    stale = []
    for file in sorted((kb / CACHE).glob("*.sqlite")):
        name = _OF_CODE.fullmatch(file.name)
        if name and (name["code"] not in codes or (name["model"] and name["model"] not in models)):
            stale.append(file)
    ids = {build.id for build in kept}
    stale += [file for file in sorted((kb / GATE).glob("*.json")) if file.name.split("-")[0] not in ids]
    return stale
