"""Where a base is read from: its own files, or the Qdrant server that is noted beside `CURRENT`.

How a build gets there stands in `serving`. What speaks with a server is imported where there is one: a base read from
its own files, which most are, is found a good deal sooner without.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from index.build.publish import read_current
from index.store import StoreError

if TYPE_CHECKING:
    from index.store.qdrant.place import Place

FILE = "store.json"
# What a command's --store and --url stand for; whoever opens a base looks there too.
STORE, URL = "POLICYKB_STORE", "POLICYKB_URL"
EMBEDDED, QDRANT = STORES = ("embedded", "qdrant")
# Between the aliases and `CURRENT` lies a moment; a reader who comes then looks again for so long.
_PATIENCE_S, _LOOK_S = 2.0, 0.1


def place_of(kb: Path, store: str | None = None, url: str | None = None, prefix: str | None = None) -> Place | None:
    """Return where a base is served from: what is said here, else in the environment, else beside `CURRENT`.

    None is its own files. A URL alone says qdrant. Raises StoreError for a store without a URL, or an unknown one.
    """
    store, url = store or os.environ.get(STORE) or None, url or os.environ.get(URL) or None
    known = remembered(kb)
    if store is None:
        store = QDRANT if url or known else EMBEDDED
    if store not in STORES:
        raise StoreError(f"the store is {store!r}, expected {' or '.join(STORES)}")
    if store == EMBEDDED:
        return None
    if url is None and known is None:
        raise StoreError(f"{kb}: no Qdrant server is known yet; name one with --url http://HOST:6333 (docs/qdrant.md)")
    from index.store.qdrant.place import PREFIX, Place

    return Place(url or known.url if known else str(url), prefix or (known.prefix if known else PREFIX))


def current_served(kb: Path, place: Place | None) -> str:
    """Return the published build of a base. Raises StoreError where its folder and the server do not agree on it."""
    build = read_current(kb)
    if place is None:
        return build
    from index.store.qdrant.collections import published_on

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


def remembered(kb: Path) -> Place | None:
    """Return the place that is noted beside `CURRENT`, None where a base is served from its own files."""
    file = kb / FILE
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        from index.store.qdrant.place import Place

        return Place(said["url"], said["prefix"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{file}: cannot be read ({error}); remove it, and name the server again with --store qdrant --url"
        ) from error
