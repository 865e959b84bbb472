"""Where a base is served from: its own files, or collections on a Qdrant server that follow what is published.

A build is made and judged as always; then its collections are made whole, both aliases switch to them in one step, and
`CURRENT` is renamed. Killed anywhere, the next rebuild goes on: readers follow `CURRENT`, whose collections are whole
before it names them and stay until the build itself is cleared away. Which server it is stands beside `CURRENT`.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.build.durable import write_in_one
from index.build.journal import read
from index.build.manifest import read_manifest
from index.build.publish import build_folder
from index.build.served import FILE, QDRANT, current_served, remembered
from index.store import StoreError
from index.store.qdrant.collections import (
    Expected,
    builds_of,
    drop_build,
    nearest_for,
    publish_on,
    published_on,
    whole_collections,
)
from index.store.qdrant.place import Place
from index.store.qdrant.points import Nearest
from index.store.qdrant.upload import upload

if TYPE_CHECKING:
    from index.build.gather import Progress

LOAD = "load"  # the stage of a rebuild


@dataclass(frozen=True, slots=True)
class Serving:
    """Where builds of a base are served from: `place`, None for their own files.

    `nearest` is how vectors are searched there, None for what suits their number.
    """

    place: Place | None
    nearest: Nearest | None = None


def remember(kb: Path, place: Place | None) -> None:
    """Note where a base is served from; the key of a server is not noted."""
    file = kb / FILE
    if place is None:
        file.unlink(missing_ok=True)
    elif remembered(kb) != place:
        write_in_one(file, json.dumps({"store": QDRANT, "url": place.url, "prefix": place.prefix}, indent=1) + "\n")


def load(kb: Path, build: str, serving: Serving, progress: Progress, *, fresh: bool = False) -> int:
    """Make the collections of a kept build whole, and return how many points were sent; none for its own files.

    `fresh` makes them anew. Raises ServerError.
    """
    from index.opened import OpenedBuild

    if serving.place is None:
        return 0
    opened = OpenedBuild(kb, build)
    try:
        counts = opened.head["counts"]
        progress(LOAD, 0, counts["passages"] + counts["articles"])
        return upload(
            opened,
            serving.place.server(),
            serving.place.prefix,
            nearest_for(counts["passages"], serving.nearest),
            fresh=fresh,
            progress=lambda done, total: progress(LOAD, done, total),
        )
    finally:
        opened.close()


def switch(kb: Path, build: str, place: Place | None) -> None:
    """Make the aliases name a build whose collections are whole. Raises StoreError where another base has them."""
    if place is None:
        return
    server = place.server()
    now = published_on(server, place.prefix)
    if now is not None and now != build and now not in _own(kb):
        raise StoreError(
            f"{place.url}: under the prefix {place.prefix!r} another base is published (build {now}); name a prefix of"
            " your own with --prefix"
        )
    whole_collections(server, place.prefix, Expected.of(read_manifest(build_folder(kb, build))))
    if now != build:
        publish_on(server, place.prefix, build)


def drop_unkept(kb: Path, place: Place | None, kept: Collection[str]) -> list[str]:
    """Remove the collections of this base's builds that are not `kept`, and return those builds."""
    if place is None:
        return []
    server = place.server()
    published = published_on(server, place.prefix)
    own = _own(kb) - {*kept, published}
    gone = [build for build in builds_of(server, place.prefix) if build in own]
    for build in gone:
        drop_build(server, place.prefix, build)
    return gone


def served_problems(kb: Path, place: Place | None) -> list[str]:
    """Return what keeps the published build from being served from its place; nothing where all is well."""
    if place is None:
        return []
    try:
        build = current_served(kb, place)
        expected = Expected.of(read_manifest(build_folder(kb, build)))
        whole_collections(place.server(), place.prefix, expected)
    except StoreError as error:
        return [str(error)]
    return []


def _own(kb: Path) -> set[str]:
    """Return the builds that the log of a base knows."""
    try:
        return {event["build"] for event in read(kb) if isinstance(event.get("build"), str)}
    except OSError:
        return set()
