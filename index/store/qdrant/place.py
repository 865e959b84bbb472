"""Where the collections of a base lie, read from a URL, and the engine of a build that was loaded there.

    http://host:6333, https://…   a server or a cluster (extra `qdrant`)
    edge:FOLDER, edge:FOLDER?shards=4   shards in this process, in a folder (the same extra)
    local:FOLDER, local::memory:   the client's own imitation of a server: small, slow, for tests

The key of a server is read from the environment and never stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from index.store.qdrant.points import Server, ServerError

if TYPE_CHECKING:
    from index.opened import OpenedBuild
    from index.store.qdrant.engine import Served

PREFIX = "policykb"
# How long one request may take. A search takes milliseconds; storing a batch waits for the server's disk.
TIMEOUT_S = 20
_MEMORY = ":memory:"  # in the place of a folder
_EXPECTED = "http://HOST:6333, https://… or edge:FOLDER"


@dataclass(frozen=True, slots=True)
class Place:
    """A server by its `url`, and what the names of a base's collections there begin with.

    A folder in the URL is made absolute.
    """

    url: str
    prefix: str = PREFIX

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", self.prefix):
            raise ServerError(f"the prefix is {self.prefix!r}, expected small letters, digits and hyphens")
        if not re.match(r"(https?://[^/]|edge:.|local:.)", self.url):
            raise ServerError(f"the URL is {self.url!r}, expected {_EXPECTED}")
        kind, _, rest = self.url.partition(":")
        if kind in ("edge", "local") and rest != _MEMORY:
            # A base remembers its place: a folder must be the same one from wherever it is read.
            object.__setattr__(self, "url", f"{kind}:{Path(rest).absolute()}")

    def server(self) -> Server:
        """Return the server, the same one for every caller of this process. Nothing is asked of it yet."""
        return _server(self.url)


def open_engine(build: OpenedBuild, place: Place) -> Served:
    """Return the engine of a build on a server.

    Raises ServerError where the server does not answer, or has the build not, not whole or not as it is here.
    """
    from index.store.qdrant.collections import Expected, whole_collections
    from index.store.qdrant.engine import Served
    from index.store.qdrant.words import ServedWords, StoredWords
    from index.store.vocabulary import Vocabulary

    passages, articles, compares = whole_collections(place.server(), place.prefix, Expected.of(build.head))
    own, above, whole = (Vocabulary.open(build.path / "terms" / kind) for kind in ("passages", "context", "articles"))
    stored = StoredWords(passages)
    return Served(
        passages,
        articles,
        passage_terms=ServedWords(own, stored),
        context_terms=ServedWords(above, stored, first=len(own.keys)),
        article_terms=ServedWords(whole, StoredWords(articles)),
        article_of=build.article_of,
        compares=compares,
    )


def close_servers() -> None:
    """Let go of every server that this process has opened."""
    for server in _opened:
        server.close()
    _opened.clear()
    _server.cache_clear()


_opened: list[Server] = []


@cache  # a folder of shards has one owner, and connections are for all
def _server(url: str) -> Server:
    kind, _, rest = url.partition(":")
    try:
        if kind == "edge":
            from index.store.qdrant.edge import EdgeFolder

            folder, _, shards = rest.partition("?shards=")
            if shards and not (shards.isdigit() and 1 <= int(shards) <= 64):
                raise ServerError(f"the URL is {url!r}, expected a number of shards from 1 to 64 behind ?shards=")
            server: Server = EdgeFolder(Path(folder), int(shards or 1))
        else:
            from index.store.qdrant.client import ClientServer

            server = ClientServer.local(rest) if kind == "local" else ClientServer.at(url, TIMEOUT_S)
    except ImportError as error:
        raise ServerError(
            f"{url}: {error.name} is not installed, which Qdrant needs; run `pip install 'policykb[qdrant]'`, or leave"
            " out --store qdrant"
        ) from error
    _opened.append(server)
    return server
