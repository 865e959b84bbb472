"""How healthy a knowledge base is: what is published, whether its files are whole, and what a maintainer should know.

Unhealthy is what readers suffer from: no published build, or a damaged one. What needs a person but leaves readers well
served is a warning: a rebuild that failed, was refused or was killed, a disk that is nearly full.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.build.builds import PUBLISHED, REFUSED, ROLLED_BACK, size_of
from index.build.journal import read
from index.build.leftovers import leftovers
from index.build.lock import Owner, died, running
from index.build.manifest import FILE, checksums, damaged_files, manifest_problems, read_manifest
from index.build.publish import build_folder, build_folders, read_current
from index.build.raw import FOLDER as RAW
from index.store import StoreError
from index.store.records import Records

# What the log calls the end of a rebuild: `rebuilt` alone is one that found nothing new.
_ENDS = ("rebuilt", PUBLISHED, REFUSED, "failed")
_TOLD = ("at", "event", "build", "reason")
# On the disk a rebuild takes the new build, its raw pages and sorted runs of terms: at most as much again, and some.
_TIMES, _BESIDE = 2, 400_000_000


@dataclass(frozen=True, slots=True)
class Known:
    """The manifest of a build and what is wrong with it, read when its file was of `changed` (ns)."""

    build: str
    manifest: dict[str, Any]
    problems: tuple[str, ...]
    changed: int

    def is_of(self, kb: Path, build: str) -> bool:
        """Whether this is still what the manifest of `build` says."""
        return self.build == build and self.changed == (build_folder(kb, build) / FILE).stat().st_mtime_ns


def know(kb: Path, build: str, manifest: dict[str, Any] | None = None) -> Known:
    """Check the manifest of a build, read here unless it is given. Raises StoreError where it cannot be read."""
    folder = build_folder(kb, build)
    if manifest is None:
        manifest = read_manifest(folder)
    changed = (folder / FILE).stat().st_mtime_ns
    return Known(build, manifest, tuple(manifest_problems(folder, manifest)), changed)


@dataclass(frozen=True, slots=True)
class Health:
    """What `policykb status` tells; `manifest` is that of the published build, None where none can be read."""

    kb: Path
    build: str | None
    manifest: Mapping[str, Any] | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    published: str | None
    running: Owner | None
    last: Mapping[str, Any] | None
    builds: tuple[str, ...]
    leftovers: tuple[str, ...]
    size: int
    free: int

    @property
    def is_healthy(self) -> bool:
        """Whether readers are served by a build that is whole."""
        return not self.problems

    def as_dict(self) -> dict[str, object]:
        """Return it under the names that `policykb status --json` prints."""
        manifest = self.manifest or {}
        return {
            "kb": str(self.kb),
            "build": self.build,
            "healthy": self.is_healthy,
            "problems": self.problems,
            "warnings": self.warnings,
            "made": manifest["made"].get("at") if manifest else None,
            "published": self.published,
            "model": manifest.get("model"),
            **manifest.get("counts", {}),
            "removals": manifest.get("removals", {}),
            "skipped": manifest.get("skipped", []),
            "vectors": manifest.get("vectors"),
            "rebuild": {"running": asdict(self.running) if self.running else None, "last": self.last},
            "builds": self.builds,
            "leftovers": self.leftovers,
            "bytes": self.size,
            "free_bytes": self.free,
        }


def look_at(kb: Path, *, quick: bool = False, known: Known | None = None) -> Health:
    """Return how healthy a knowledge base is.

    Every file of the published build is hashed; with `quick` only those written to after the manifest, which is
    written last, so what is missing, cut or overwritten shows all the same. A manifest that is `known` is not read
    again: that of a large build takes seconds.
    """
    problems: list[str] = []
    warnings: list[str] = []
    build: str | None = None
    manifest: dict[str, Any] | None = None
    try:
        build = read_current(kb)
        if known is None or not known.is_of(kb, build):
            known = know(kb, build)
        manifest = known.manifest
        problems += known.problems
        problems += damaged_files(build_folder(kb, build), _suspects(kb, build, manifest) if quick else manifest)
        Records(build_folder(kb, build) / "records.sqlite").close()
        problems += _missing_raw(kb, manifest)
    except StoreError as error:
        problems.append(str(error))
    try:
        events = read(kb)
    except OSError as error:
        warnings.append(f"the log cannot be read ({error.strerror})")
        events = ()
    shown = [event for event in events if event["event"] in (PUBLISHED, ROLLED_BACK) and event.get("build") == build]
    last = next((_briefly(event) for event in reversed(events) if event["event"] in _ENDS), None)
    owner = running(kb)
    if last is not None and last["event"] in (REFUSED, "failed"):
        did = "failed" if last["event"] == "failed" else "was refused by the gate"
        warnings.append(f"the last rebuild {did} ({last['at']}): {last['reason'] or 'the log says more'}")
    turns = [event for event in events if event["event"] in (PUBLISHED, ROLLED_BACK)]
    if turns and turns[-1]["event"] == ROLLED_BACK:
        again = turns[-1].get("previous")
        warnings.append(f"rolled back at {turns[-1]['at']}; a rebuild of the same pages publishes {again} again")
    if owner is None and (dead := died(kb)) is not None:
        warnings.append(
            f"a {dead.command} was killed (process {dead.pid} on {dead.host}, since {dead.since}); the next clears up"
        )
    size = size_of(build_folder(kb, build)) if build else 0
    free = shutil.disk_usage(kb).free if kb.is_dir() else 0
    if kb.is_dir() and free < _TIMES * size + _BESIDE:
        need = _TIMES * size + _BESIDE
        warnings.append(f"{free:,} bytes are free, a rebuild may need {need:,}; `policykb gc` frees some")
    return Health(
        kb=kb,
        build=build,
        manifest=manifest,
        problems=tuple(problems),
        warnings=tuple(warnings),
        published=shown[-1]["at"] if shown else None,
        running=owner,
        last=last,
        builds=tuple(folder.name for folder in build_folders(kb)),
        leftovers=() if owner else tuple(path.relative_to(kb).as_posix() for path in leftovers(kb)),
        size=size,
        free=free,
    )


def _missing_raw(kb: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Return a line where raw pages are missing; whether those that are there are whole, `verify` proves."""
    # Names alone: of 50,000 pages, paths took half a second.
    there = set(os.listdir(kb / RAW)) if (kb / RAW).is_dir() else set()  # noqa: PTH208
    skipped = {item["path"] for item in manifest["skipped"]}  # of some of them there was nothing to keep
    gone = [page["path"] for page in manifest["inputs"]["pages"] if page["sha256"] not in there]
    gone = [path for path in gone if path not in skipped]
    more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    return [f"{kb / RAW}: the raw page of {gone[0]}{more} is missing; run `policykb rebuild`"] if gone else []


def _briefly(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an event of the log belongs into a line of status; the gate's reason stands in its verdict."""
    verdict = event.get("gate")
    reason = verdict.get("reason") if isinstance(verdict, dict) else None
    return {"reason": reason} | {name: event[name] for name in _TOLD if name in event}


def _suspects(kb: Path, build: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest with those of its files that are missing or were written to after it."""
    folder = build_folder(kb, build)
    written = (folder / FILE).stat().st_mtime
    return {
        "files": {
            name: checksum
            for name, checksum in checksums(manifest).items()
            if not (folder / name).is_file() or (folder / name).stat().st_mtime > written
        }
    }
