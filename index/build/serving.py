"""Where a base is served from: its own files, or collections on a Qdrant server that follow what is published.

A build is made and judged as always; then its collections are made whole, both aliases switch to them in one step, and
`CURRENT` is renamed. Killed anywhere, the next rebuild goes on: readers follow `CURRENT`, whose collections are whole
before it names them and stay until the build itself is cleared away. Which server it is stands beside `CURRENT`.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.build.durable import write_in_one
from index.build.journal import read
from index.build.manifest import read_manifest
from index.build.publish import build_folder, read_current
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
from index.store.qdrant.place import PREFIX, Place
from index.store.qdrant.points import Nearest
from index.store.qdrant.upload import upload

if TYPE_CHECKING:
    from index.build.gather import Progress

FILE = "store.json"
# What a command's --store and --url stand for; whoever opens a base looks there too.
STORE, URL = "POLICYKB_STORE", "POLICYKB_URL"
EMBEDDED, QDRANT = STORES = ("embedded", "qdrant")
LOAD = "load"  # the stage of a rebuild
# Between the aliases and `CURRENT` lies a moment; a reader who comes then looks again for so long.
_PATIENCE_S, _LOOK_S = 2.0, 0.1


@dataclass(frozen=True, slots=True)
class Serving:
    """Where builds of a base are served from: `place`, None for their own files.

    `nearest` is how vectors are searched there, None for what suits their number.
    """

    place: Place | None
    nearest: Nearest | None = None


def place_of(kb: Path, store: str | None = None, url: str | None = None, prefix: str | None = None) -> Place | None:
    """Return where a base is served from: what is said here, else in the environment, else beside `CURRENT`.

    None is its own files. A URL alone says qdrant. Raises StoreError for a store without a URL, or an unknown one.
    """
    store, url = store or os.environ.get(STORE) or None, url or os.environ.get(URL) or None
    known = _remembered(kb)
    if store is None:
        store = QDRANT if url or known else EMBEDDED
    if store not in STORES:
        raise StoreError(f"the store is {store!r}, expected {' or '.join(STORES)}")
    if store == EMBEDDED:
        return None
    if url is None and known is None:
        raise StoreError(f"{kb}: no Qdrant server is known yet; name one with --url http://HOST:6333 (docs/qdrant.md)")
    return Place(url or known.url if known else str(url), prefix or (known.prefix if known else PREFIX))


def remember(kb: Path, place: Place | None) -> None:
    """Note where a base is served from; the key of a server is not noted."""
    file = kb / FILE
    if place is None:
        file.unlink(missing_ok=True)
    elif _remembered(kb) != place:
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


def current_served(kb: Path, place: Place | None) -> str:
    """Return the published build of a base. Raises StoreError where its folder and the server do not agree on it."""
    build = read_current(kb)
    if place is None:
        return build
    server = place.server()
    end = time.monotonic() + _PATIENCE_S
    while (there := published_on(server, place.prefix)) != (build := read_current(kb)):
        if time.monotonic() > end:
            raise StoreError(
                f"{kb}: CURRENT names the build {build}, the aliases at {place.url} name {there or 'none'}; run"
                f" `policykb rebuild --store qdrant` to publish the newest build in both,"
                f" or read the files with --store embedded"
            )
        time.sleep(_LOOK_S)
    return build


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


def _remembered(kb: Path) -> Place | None:
    file = kb / FILE
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Place(said["url"], said["prefix"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{file}: cannot be read ({error}); remove it, and name the server again with --store qdrant --url"
        ) from error


def _own(kb: Path) -> set[str]:
    """Return the builds that the log of a base knows."""
    try:
        return {event["build"] for event in read(kb) if isinstance(event.get("build"), str)}
    except OSError:
        return set()
