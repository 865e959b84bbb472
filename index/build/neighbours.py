"""What changed from each kept build to the next, as far as their manifests tell; `diff` tells all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.between import changed_pages
from index.build.builds import Build
from index.build.manifest import read_manifest
from index.build.publish import build_folder
from index.store import StoreError


@dataclass(frozen=True, slots=True)
class Step:
    """What a build has other than `other`, the kept one before it; `removals` are more or fewer, by rule."""

    other: str
    pages: int
    removals: Mapping[str, int]
    is_other_model: bool
    is_other_code: bool


def steps(kb: Path, builds: Sequence[Build]) -> tuple[Step | None, ...]:
    """Return for each of `builds` (newest first) what changed since the next in the list; None where nobody can tell.

    Two manifests are held at a time: that of a large build takes a hundred megabytes.
    """
    found: list[Step | None] = []
    newer: tuple[str, dict[str, Any] | None] | None = None
    for build in builds:
        manifest = _manifest(kb, build)
        if newer is not None:
            after = newer[1]
            found.append(_step(build.id, manifest, after) if manifest is not None and after is not None else None)
        newer = build.id, manifest
    return (*found, None) if builds else ()


def _manifest(kb: Path, build: Build) -> dict[str, Any] | None:
    if build.problem is not None:
        return None
    try:
        return read_manifest(build_folder(kb, build.id))
    except StoreError:  # cleared away just now
        return None


def _step(other: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Step:
    counts = [manifest["removals"] for manifest in (before, after)]
    changes = {rule: counts[1].get(rule, 0) - counts[0].get(rule, 0) for rule in sorted(counts[0].keys() | counts[1])}
    return Step(
        other,
        changed_pages(before, after),
        {rule: change for rule, change in changes.items() if change},
        before["model"] != after["model"],
        before["inputs"].get("code") != after["inputs"].get("code"),
    )
