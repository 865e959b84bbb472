"""policykb itself: a published base, made from passages and vectors by the code that a rebuild runs after cleaning.

What a rebuild does before that (cleaning, the ledger, grouping of copies, embedding) is measured beside it, from pages.
Asked is `open_kb(…).search`, which reads the question, embeds it itself, weighs five kinds of evidence, folds copies
and gives the reasons of each hit; `dense` is the dense leg alone, for the vector it is given, as for the peers.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from peers.exchange import Floats, Passage, Where
from peers.store import About, Hit, Stages

from index import open_kb
from index.build.manifest import write_manifest
from index.build.publish import keep_build, publish, stage
from index.build.write_index import write_index
from index.filters import Filters
from index.model import load_embedder
from index.store.recording import Rows, write_rows
from index.store.vectors import FILE as VECTORS_FILE
from index.store.vectors import write_vectors
from ingest.facts.regions import region_paths

# The tables of texts (a passage is a slice of its page) and of what filters read; the rest, the ledger and what leads
# from article to article, no peer keeps.
_TEXTS = ("pages", "slices", "articles", "facts")
_BETWEEN = "\n"


class _About(About):
    """Tells the tables of the records apart, which are one file."""

    def disk(self, folder: Path, vectors: int) -> dict[str, int]:
        """Return the bytes of each part; what the records keep besides texts and facets counts as other."""
        sizes = About.disk(self, folder, vectors)
        for file in folder.rglob("records.sqlite"):
            with closing(sqlite3.connect(file)) as records:
                besides = records.execute(
                    "SELECT sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name)"
                    f" WHERE tbl_name NOT IN ({', '.join('?' * len(_TEXTS))})",
                    _TEXTS,
                ).fetchone()[0]
            sizes["texts"] -= besides
            sizes["other"] += besides
        return sizes


class PolicyKb:
    """A base under the folder."""

    about = _About(
        name="policykb",
        packages=("policykb",),
        configuration="as it is; words of passage, article and title, vectors, all reasons",
        why="the defaults; its times include embedding the question, which the peers are given",
        files=(
            ("/vectors.faiss", "vectors"),
            ("/near.faiss", "vectors"),
            ("/terms/passages/", "words"),
            ("/terms/context/", "words"),
            (".sqlite", "texts"),
        ),
    )

    def build(self, folder: Path, passages: Sequence[Passage], vectors: Floats) -> Stages:
        """Write and publish a build whose index files are those of a rebuild."""
        took: Stages = {}

        def done(name: str) -> None:
            took[name] = time.process_time() - begun - sum(took.values())

        begun = time.process_time()
        embedder = load_embedder("bundled")
        staging = stage(folder)
        write_rows(staging / "records.sqlite", _rows(passages))
        done("records")
        write_vectors(vectors, staging / VECTORS_FILE)
        done("vectors")
        indexed = write_index(staging / "records.sqlite", staging, embedder)
        done("lists and words")
        articles = len({each.article for each in passages})
        build = hashlib.sha256(f"bench {len(passages)}".encode()).hexdigest()[:12]
        groups = {"article": 0, "passage": 0}
        write_manifest(
            staging,
            {
                "id": build,
                "inputs": {"pages": [], "bench": len(passages)},
                "counts": {"pages": articles, "articles": articles, "passages": len(passages)}
                | {"duplicate_groups": groups, "repeats": 0},
                "removals": {},
                "overruled": {},
                "skipped": [],
                "warnings": [],
                "vectors": indexed,
                "model": {"name": embedder.name, "fingerprint": embedder.fingerprint, "dim": embedder.dim},
                "made": {"files": {}},
            },
        )
        keep_build(folder, staging, build)
        publish(folder, build)
        done("publishing")
        return took

    def open(self, folder: Path) -> None:
        """Open the published build."""
        self.kb = open_kb(folder)

    def dense(self, vector: Floats, k: int) -> list[Hit]:
        """Return what the dense leg finds, with its texts."""
        return self.with_texts(self.kb.engine.nearest(vector, k, None, None)[1].tolist())

    def hybrid(self, text: str, vector: Floats, k: int) -> list[Hit]:  # noqa: ARG002 - it embeds the question itself
        """Return the hits of a search."""
        return [(hit.row, hit.text) for hit in self.kb.search(text, k=k)]

    def filtered(self, text: str, vector: Floats, k: int, where: Where) -> list[Hit]:  # noqa: ARG002
        """Return the hits of a search with a filter."""
        return [(hit.row, hit.text) for hit in self.kb.search(text, k=k, filters=filters_of(where))]

    def with_texts(self, rows: Sequence[int]) -> list[Hit]:
        """Return rows with the texts of their passages."""
        passages = self.kb.records.passages(rows)
        return [(row, passages[row]["text"]) for row in rows]


def filters_of(where: Where) -> Filters:
    """Return the filter in policykb's words."""
    return Filters.from_dict({where.facet: list(where.values)})


def _rows(passages: Sequence[Passage]) -> Iterator[Rows]:
    """Yield what a rebuild hands over when these stages begin: of each article the rows that cleaning it gave.

    Their values stand in the order of the columns in `index/store/tables.py`, without the numbers of a build. The hash
    is not that of the text: a rebuild has it from the bytes, which it read before.
    """
    paths = {place: next(iter(region_paths(place)), place) for place in {each.region for each in passages}}
    headings = {each.heading for each in passages}
    heading_paths = {each: json.dumps([each] if each else [], ensure_ascii=False) for each in headings}
    for article, group in groupby(passages, key=attrgetter("article")):
        own = list(group)
        first, behind = own[0], len(article)
        slices = []
        start = 0
        for each in own:
            end = start + len(each.text)
            slices.append([each.id[behind:], heading_paths[each.heading], start, end])
            start = end + len(_BETWEEN)
        text = _BETWEEN.join([each.text for each in own])
        sha256 = hashlib.sha256(article.encode()).hexdigest()
        spans = f"[[0,{len(text)}]]"
        yield {
            "pages": [
                [article, f"{article}.txt", sha256, "utf-8", "text", None, first.site, None, None, None, "[]", text]
            ],
            "removals": [],
            "articles": [
                [article, first.title, None, None, None, 1.0, "[]", spans, "[]", len(text), "unknown", ""],
            ],
            "facts": [
                [article, "region", paths[first.region], -1, -1, first.region],
                [article, "year", first.year, -1, -1, first.year],
            ],
            "slices": slices,
        }


STORE = PolicyKb()
