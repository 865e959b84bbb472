"""The two collections of a build on a server: what they are called, made for, and when they are whole.

Passages and articles lie in collections of their own, `<prefix>_<build>_passages` and `<prefix>_<build>_articles`,
which never change once they are complete. The aliases `<prefix>_passages` and `<prefix>_articles` name those of the
published build; both switch in one step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.catalogue import FACETS
from index.store.plan import EXACT
from index.store.qdrant.fields import ARTICLE, DAY
from index.store.qdrant.points import ROW, Nearest, Points, Server, ServerError, Shape

# Another number where the points of a build lie or mean something else than before.
FORMAT = 1
KINDS = ("passages", "articles")
_LOAD = "run `policykb rebuild --store qdrant` with the same pages"
_ANEW = "run `policykb rebuild --store qdrant --full`"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the manifest of a build says its collections must hold."""

    build: str
    passages: int
    articles: int
    dim: int
    model: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Expected:
        """Return what the build with this manifest needs."""
        counts, model = manifest["counts"], manifest["model"]
        return cls(manifest["id"], counts["passages"], counts["articles"], model["dim"], model["fingerprint"])

    def points(self, kind: str) -> int:
        """Return how many points the collection of a kind has."""
        return self.passages if kind == "passages" else self.articles

    def facts(self, nearest: Nearest) -> dict[str, Any]:
        """Return what is noted of both collections from the start; `complete` comes last."""
        return {
            "format": FORMAT,
            "build": self.build,
            "dim": self.dim,
            "model": self.model,
            "nearest": nearest,
            "complete": False,
        }


def name_of(prefix: str, build: str, kind: str) -> str:
    """Return the name of a build's collection."""
    return f"{prefix}_{build}_{kind}"


def shape_of(kind: str, expected: Expected, nearest: Nearest) -> Shape:
    """Return what the collection of a kind is made for."""
    if kind == "passages":
        return Shape(expected.dim, (ROW, ARTICLE, DAY), FACETS, nearest)
    return Shape(0, (ROW, DAY), FACETS)


def nearest_for(passages: int, said: Nearest | None) -> Nearest:
    """Return how vectors are searched: as `said`, else exactly up to where the embedded store does so."""
    return said or ("exact" if passages <= EXACT else "graph")


def whole_collections(server: Server, prefix: str, expected: Expected) -> tuple[Points, Points, Nearest]:
    """Return the passages and the articles of a build, and how their vectors are searched.

    Raises ServerError where one is missing, half loaded, or of another model or version.
    """
    found = []
    nearest: Nearest = "exact"
    for kind in KINDS:
        name = name_of(prefix, expected.build, kind)
        facts, points = server.facts(name), server.open(name)
        if facts is None or points is None:
            there = ", ".join(builds_of(server, prefix)) or "none"
            raise ServerError(
                f"{server.where}: no collection {name}; builds there under {prefix!r}: {there}; {_LOAD}, or read the"
                " files of the build with --store embedded"
            )
        check_facts(server, name, facts, expected)
        if not facts.get("complete"):
            raise ServerError(
                f"{server.where}: {name} is half loaded, {points.count()} of {expected.points(kind)} points; {_LOAD}:"
                " it goes on where it ended"
            )
        if (count := points.count()) != expected.points(kind):
            raise ServerError(f"{server.where}: {name} holds {count} points, expected {expected.points(kind)}; {_LOAD}")
        nearest = facts["nearest"]
        found.append(points)
    return found[0], found[1], nearest


def check_facts(server: Server, name: str, facts: Mapping[str, Any], expected: Expected) -> None:
    """Raise ServerError where a collection is not what its name says."""
    if (found := facts.get("format")) != FORMAT:
        raise ServerError(
            f"{server.where}: {name} has format {found}, this version reads {FORMAT}; drop it and {_LOAD}"
        )
    if (found := facts.get("dim")) != expected.dim:
        raise ServerError(
            f"{server.where}: {name} holds vectors of {found} numbers, the model of the build gives {expected.dim};"
            f" {_ANEW}"
        )
    if (found := str(facts.get("model"))) != expected.model:
        raise ServerError(
            f"{server.where}: {name} was made with the model {found[:12]}, the build with {expected.model[:12]};"
            f" {_ANEW}"
        )


def builds_of(server: Server, prefix: str) -> list[str]:
    """Return the builds of which a server has collections, whole or not."""
    pattern = re.compile(rf"{re.escape(prefix)}_([0-9a-z]+)_(?:{'|'.join(KINDS)})")
    return sorted({match[1] for name in server.names() if (match := pattern.fullmatch(name))})


def published_on(server: Server, prefix: str) -> str | None:
    """Return the build that the aliases name, None where there are none."""
    aliases = server.aliases()
    names = [aliases.get(f"{prefix}_{kind}") for kind in KINDS]
    for build in builds_of(server, prefix):
        if names == [name_of(prefix, build, kind) for kind in KINDS]:
            return build
    return None


def publish_on(server: Server, prefix: str, build: str) -> None:
    """Make both aliases name the collections of a build, in one step."""
    server.switch({f"{prefix}_{kind}": name_of(prefix, build, kind) for kind in KINDS})


def drop_build(server: Server, prefix: str, build: str) -> None:
    """Remove the collections of a build."""
    for kind in KINDS:
        server.drop(name_of(prefix, build, kind))
