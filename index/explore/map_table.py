"""What is chosen on the map of passages as a list: its passages with their places, and what stands behind a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.explore.area import Area
from index.explore.independent import Sources, sources_of
from index.explore.passage_map import Cluster, PassageMap, select
from index.references import BATCH, Reference, references_at
from index.table import Origin, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.filters import Filters
    from index.kb import KnowledgeBase

COLUMNS = (
    *("cluster", "label", "x", "y", "nearness", "copies", "passage_id", "title", "heading_path", "text"),
    *("site", "published", "captured", "path", "start", "end"),
)


def map_table(
    kb: KnowledgeBase,
    *,
    command: str,
    where: Filters | None = None,
    cluster: int | None = None,
    area: Area | None = None,
) -> Table:
    """Return the points that are chosen with their passages, those that are most typical of their group first."""
    from index.filters import Filters as NoFilters

    whole = kb.map()
    rows = whole.typical(select(kb, whole, where, cluster, area))
    place = np.searchsorted(whole.rows, rows)
    labels = {one.number: one.label for one in whole.clusters}
    points = zip(
        whole.cluster[place].tolist(),
        _told(whole.x[place], 2),
        _told(whole.y[place], 2),
        _told(whole.nearness[place], 4),
        whole.copies[place].tolist(),
        _references(kb, rows),
        strict=True,
    )
    listed = [
        (
            *(number, labels[number], x, y, nearness, copies, cited.id, cited.title, cited.heading_path, cited.text),
            *(cited.site, cited.published, cited.captured, cited.path, cited.start, cited.end),
        )
        for number, x, y, nearness, copies, cited in points
    ]
    return Table("map", COLUMNS, listed, Origin(kb.build, command, where or NoFilters()))


def _told(values: NDArray[np.float32], decimals: int) -> list[float]:
    """Return numbers as they were rounded, without what float32 adds behind."""
    found: list[float] = np.round(values.astype(np.float64), decimals).tolist()
    return found


def _references(kb: KnowledgeBase, rows: NDArray[np.int64]) -> Iterator[Reference]:
    for first in range(0, len(rows), BATCH):
        yield from references_at(kb, rows[first : first + BATCH].tolist())


def sources_by_cluster(
    kb: KnowledgeBase, found: PassageMap, chosen: NDArray[np.bool_]
) -> tuple[tuple[Cluster, Sources], ...]:
    """Return every group with what stands behind those of its points that are chosen, copies counted with them."""
    return tuple(
        (one, sources_of(kb, found.rows[chosen & (found.cluster == one.number)], copies=True)) for one in found.clusters
    )
