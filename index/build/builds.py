"""The builds that a knowledge base keeps, newest first, and the way back to an earlier one.

What a build is stands in its manifest; when it was published, and whether the gate refused it, stands in the log of
the base (`journal`), which may be lost without harm: then the order is that of making.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.build.journal import append, read
from index.build.lease import is_in_use
from index.build.lock import rebuild_lock
from index.build.manifest import damaged_files, manifest_problems, read_manifest
from index.build.publish import build_folder, build_folders, publish, read_current
from index.build.raw import cited_raw, lacking_raw
from index.build.served import place_of
from index.build.serving import Serving, load, switch
from index.model import BUNDLED, load_embedder
from index.store import StoreError
from ingest.problem import Problem

# The events of the log that say what became of a build; each names it as `build`.
MADE, REFUSED, PUBLISHED, ROLLED_BACK = "made", "refused", "published", "rolled_back"
# Those after which readers saw it.
SHOWN = (PUBLISHED, ROLLED_BACK)


class CannotRollBack(Problem):
    """The build asked for cannot be published again; the message says why."""


@dataclass(frozen=True, slots=True)
class Build:
    """One kept build. `published` is when it last became the published one, None where the log does not know it.

    `raw_pages` are the hashes of the pages it was made from. A `problem` says why its manifest cannot be read; then
    nothing is known of counts, model and pages, and `made` is when its folder was written.
    """

    id: str
    made: str
    published: str | None
    is_current: bool
    is_refused: bool
    is_unjudged: bool
    is_in_use: bool
    counts: Mapping[str, int]
    model: Mapping[str, Any]
    size: int
    raw_pages: frozenset[str]
    problem: str | None

    def as_dict(self) -> dict[str, object]:
        """Return the build under the names that `policykb builds --json` prints."""
        return {
            "id": self.id,
            "current": self.is_current,
            "made": self.made,
            "published": self.published,
            "refused": self.is_refused,
            "unjudged": self.is_unjudged,
            "in_use": self.is_in_use,
            "counts": self.counts,
            "model": self.model,
            "bytes": self.size,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a rollback did: which build is published now, which was before, and what the maintainer should know."""

    build: str
    previous: str | None
    notes: tuple[str, ...]


def check_base(kb: Path) -> None:
    """Raise StoreError where there is no folder, which a lock would make."""
    if not kb.is_dir():
        raise StoreError(f"{kb}: is no knowledge base: there is no such folder; run `policykb rebuild PATH --kb {kb}`")


def kept_builds(kb: Path) -> tuple[Build, ...]:
    """Return all kept builds: first what was published or, where it never was, made last. Files are not hashed.

    Raises StoreError where there is no base.
    """
    check_base(kb)
    current = current_build(kb)
    published: dict[str, tuple[str, int]] = {}
    last: dict[str, str] = {}
    for place, event in enumerate(_events(kb)):
        if event["event"] in SHOWN:
            published[event["build"]] = event["at"], place
        last[event["build"]] = event["event"]
    found = []
    for folder in build_folders(kb):
        at, place = published.get(folder.name, (None, -1))
        try:
            build = _read(folder, at, last.get(folder.name), is_current=folder.name == current)
        except FileNotFoundError:  # cleared away just now
            continue
        found.append((at or build.made, place, build.made, build.id, build))
    return tuple(item[-1] for item in sorted(found, key=lambda item: item[:-1], reverse=True))


def last_published(kb: Path) -> str | None:
    """Return the kept build that the log says readers saw last; None where it says nothing of those that are kept."""
    kept = {folder.name for folder in build_folders(kb)}
    shown = [event["build"] for event in _events(kb) if event["event"] in SHOWN and event["build"] in kept]
    return shown[-1] if shown else None


def published_before(kb: Path, builds: Sequence[Build]) -> str | None:
    """Return which of the kept `builds` a rollback leads to by itself: the one whose place the current one took.

    Going back drops what came after, so that a second rollback leads further back and not forth again. Of builds that
    the log does not mention, made before there was one, the newest counts as published before all others.
    """
    current = current_build(kb)
    events = _events(kb)
    shown: list[str] = []
    for event in events:
        build = event["build"]
        if event["event"] == ROLLED_BACK and build in shown:
            del shown[shown.index(build) :]
        if event["event"] in SHOWN:
            shown = [*(other for other in shown if other != build), build]
    if current in shown:  # else a process was killed when it had published and could not say so
        del shown[shown.index(current) :]
    mentioned = {event["build"] for event in events}
    kept = [build.id for build in builds if not build.is_current]
    return next(
        (build for build in reversed(shown) if build in kept),
        next((build for build in kept if build not in mentioned), None),
    )


def roll_back(kb: Path, build: str | None = None, serving: Serving | None = None) -> RolledBack:
    """Publish an earlier build again, by default the one published before, where the base is served from as well.

    Raises CannotRollBack where there is none, where the build is published already, was refused by the gate, is
    damaged, or was made with a bundled model that this version does not have, and where the base cannot be written;
    RebuildRunning where another process changes it; StoreError where there is no base.
    """
    check_base(kb)
    try:
        with rebuild_lock(kb, "rollback"):
            return _roll_back(kb, build, serving or Serving(place_of(kb)))
    except OSError as error:
        raise CannotRollBack(
            f"{kb}: cannot be written ({error}); check permissions and free space; `policykb status` names the build"
            " that is published"
        ) from error


def _roll_back(kb: Path, build: str | None, serving: Serving) -> RolledBack:
    current = current_build(kb)
    builds = kept_builds(kb)
    kept = {found.id: found for found in builds}
    wanted = build or published_before(kb, builds)
    if wanted is None:
        raise CannotRollBack(f"{kb}: keeps no build published before {current}; `policykb builds` lists what it keeps")
    if wanted not in kept:
        raise CannotRollBack(f"{kb}: keeps no build {wanted!r}, only {', '.join(kept) or 'none'}; name one of them")
    if wanted == current:
        raise CannotRollBack(f"{kb}: {wanted} is the published build; `policykb builds` lists the others")
    if kept[wanted].is_refused and kept[wanted].published is None:
        raise CannotRollBack(
            f"{kb}: {wanted} was refused by the quality gate and never published; to publish it all the same run"
            " `policykb rebuild --force-publish`"
        )
    if kept[wanted].is_unjudged:
        raise CannotRollBack(
            f"{kb}: {wanted} was made by a rebuild that ended before it was judged, and never published; run"
            " `policykb rebuild`"
        )
    if problems := build_problems(kb, wanted):
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise CannotRollBack(
            f"{kb}: {wanted} is damaged and stays unpublished: {problems[0]}{more}; name another build"
        )
    model = kept[wanted].model
    if model["name"] == BUNDLED and model["fingerprint"] != load_embedder(BUNDLED).fingerprint:
        raise CannotRollBack(
            f"{kb}: {wanted} was made with the bundled model of another version, so this one cannot search it; install"
            " that version, or name another build"
        )
    load(kb, wanted, serving, lambda stage, done, total: None)  # its collections may have been cleared away
    switch(kb, wanted, serving.place)
    publish(kb, wanted)
    notes = []
    if current is not None:
        again = f"a rebuild of the same pages publishes {current} again, if the gate lets it"
        notes.append(f"{again}: mend first what was wrong with it")
        if current in kept and kept[current].model != model:
            notes.append(f"{wanted} was made with another model: {model['name']}")
    try:
        append(kb, ROLLED_BACK, build=wanted, previous=current)
    except OSError as error:  # it is published all the same
        notes.append(f"the log could not be written ({error})")
    return RolledBack(wanted, current, tuple(notes))


def build_problems(kb: Path, build: str) -> list[str]:
    """Return what is damaged in a build or in the raw pages it cites, every file hashed; nothing where it is whole."""
    folder = build_folder(kb, build)
    try:
        manifest = read_manifest(folder)
    except StoreError as error:
        return [str(error)]
    lacking = [f"{path}: its raw page is missing or damaged" for path in lacking_raw(kb, manifest)]
    return [*manifest_problems(folder, manifest), *damaged_files(folder, manifest), *lacking]


def current_build(kb: Path) -> str | None:
    """Return the published build, or None where there is none."""
    try:
        return read_current(kb)
    except StoreError:
        return None


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _read(folder: Path, published: str | None, last: str | None, *, is_current: bool) -> Build:
    made = datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat(timespec="seconds")
    counts: Mapping[str, int] = {}
    model: Mapping[str, Any] = {}
    raw_pages: frozenset[str] = frozenset()
    problem = None
    try:
        manifest = read_manifest(folder)
        made, counts, model = manifest["made"]["at"], manifest["counts"], manifest["model"]
        raw_pages = frozenset(cited_raw(manifest))
    except StoreError as error:
        problem = str(error)
    except (KeyError, TypeError) as error:  # JSON, but nothing that we wrote
        problem = f"{folder}: its manifest is damaged ({error!r}); run `policykb rebuild --full`"
    return Build(
        id=folder.name,
        made=made,
        published=published,
        is_current=is_current,
        is_refused=last == REFUSED,
        is_unjudged=last == MADE and published is None and not is_current,
        is_in_use=is_in_use(folder),
        counts=counts,
        model=model,
        size=size_of(folder),
        raw_pages=raw_pages,
        problem=problem,
    )


def _events(kb: Path) -> list[dict[str, Any]]:
    """Return what the log says of builds, oldest first; nothing where it cannot be read."""
    try:
        events = read(kb)
    except OSError:
        return []
    wanted = (MADE, REFUSED, *SHOWN)
    return [event for event in events if event["event"] in wanted and isinstance(event.get("build"), str)]
