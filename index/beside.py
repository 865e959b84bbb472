"""Reads for the hits of one page all that stands beside them, together: few queries however many hits there are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.around import Around, around_all
from index.copies import Twin, copies_of
from index.explore.independent import NO_SOURCES, Sources, sources_of
from index.references import Reference, read_references
from index.telling import Telling, tell
from ingest.traces import HARMLESS

if TYPE_CHECKING:
    from index.explore.similar import Similar
    from index.hits import Hit
    from index.kb import KnowledgeBase
    from index.store.records import Records

# Near-identical passages that are read for a hit; how many there are stands in the hit.
MOST_COPIES = 10
# Hits whose neighbours are read: who has read twenty passages asks again, and each costs 2.5 kB of the page.
MOST_AROUND = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """What speaks for an article and against it: the kind of its source, and whether a text generator left traces."""

    source: str
    source_evidence: str
    doubts: tuple[str, ...]
    has_traces: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside hits: `articles` by article id, all else by passage id. What is not there is not known.

    `sources` stand behind all hits and their copies; `similar` are passages near to a hit, where a reader asked.
    """

    around: Mapping[str, Around] = field(default_factory=dict)
    copies: Mapping[str, tuple[Twin, ...]] = field(default_factory=dict)
    articles: Mapping[str, Standing] = field(default_factory=dict)
    telling: Mapping[str, Telling] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    sources: Sources = NO_SOURCES
    similar: Mapping[str, Similar] = field(default_factory=dict)


def read_beside(kb: KnowledgeBase, query: str, hits: Sequence[Hit]) -> Beside:
    """Return what stands beside the hits of `query`: neighbours of the first `MOST_AROUND`, all else of all."""
    return Beside(
        around=around_all(kb.records, [hit.passage_id for hit in hits[:MOST_AROUND]]),
        copies=copies_of(kb.records, hits, MOST_COPIES),
        articles=_standing(kb.records, hits),
        telling=tell(kb, query, hits),
        references={reference.id: reference for reference in read_references(kb, hits)},
        sources=sources_of(kb, [hit.row for hit in hits], copies=True),
    )


def _standing(records: Records, hits: Sequence[Hit]) -> dict[str, Standing]:
    wanted = json.dumps(sorted({hit.article_id for hit in hits}))
    traced = {
        row["article_id"]
        for row in records.query(
            "SELECT article_id, kind FROM traces WHERE article_id IN (SELECT value FROM json_each(?))", (wanted,)
        )
        if row["kind"] not in HARMLESS
    }
    rows = records.query(
        "SELECT id, source_kind, source_evidence, doubts FROM articles WHERE id IN (SELECT value FROM json_each(?))",
        (wanted,),
    )
    return {
        row["id"]: Standing(
            row["source_kind"], row["source_evidence"], tuple(json.loads(row["doubts"])), row["id"] in traced
        )
        for row in rows
    }
