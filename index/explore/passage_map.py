"""The map of passages: each text as a point, like near like, in groups with names. Made once a build.

Near-identical passages are one point. Of more than MOST texts a sample is drawn: those whose passage ids have the
lowest hashes, so it is the same for everybody and knows nothing of the content. Where a point stands is decided by
`projection`, what group it is in by `clusters`; a position is for looking around and measures nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.explore.area import Area
from index.explore.clusters import MOST as MOST_CLUSTERS
from index.explore.clusters import group, how_many, name, spread
from index.explore.prepared import Part, Progress, made
from index.explore.projection import DECIMALS, WIDTH, project
from index.explore.words import PART as WORDS
from index.explore.words import word_counts

if TYPE_CHECKING:
    import pandas as pd

    from index.filters import Filters
    from index.kb import KnowledgeBase

# As many as a page can draw and a person can look at; more hide one another.
MOST = 50_000
_MAP, _CLUSTERS = "map.parquet", "clusters.json"
# Along each side of the map, to find where a group is densest.
_SQUARES = 12


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of points, from 1. `terms` mark it against the rest, `x` and `y` are where it is densest."""

    number: int
    terms: tuple[str, ...]
    points: int
    x: float
    y: float

    @property
    def label(self) -> str:
        """The terms in one line; of a group that nothing marks its number."""
        return "、".join(self.terms) or str(self.number)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        told = {"cluster": self.number, "label": self.label, "terms": list(self.terms)}
        return {**told, "points": self.points, "x": self.x, "y": self.y}


@dataclass(frozen=True, slots=True, eq=False)
class PassageMap:
    """The points of a map in the order of passage rows, and their groups, the largest first.

    Of the point `i`: `rows[i]` is its passage, `copies[i]` how many near-identical passages it stands for (itself
    among them), `cluster[i]` its group, `nearness[i]` how typical it is of that (cosine with the mean). `texts` is how
    many texts the build has: where it is more than the points of the whole map, they are a sample.
    """

    build: str
    texts: int
    rows: NDArray[np.int64]
    passage_ids: NDArray[np.object_]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    cluster: NDArray[np.int64]
    copies: NDArray[np.int64]
    nearness: NDArray[np.float32]
    clusters: tuple[Cluster, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_sample(self) -> bool:
        """Whether the build has more texts than a map shows."""
        return self.texts > MOST

    def only(self, points: NDArray[np.bool_]) -> PassageMap:
        """Return the map with some of its points; groups keep number, name and place, and lose their other points."""
        columns = ("rows", "passage_ids", "x", "y", "cluster", "copies", "nearness")
        counts = np.bincount(self.cluster[points], minlength=MOST_CLUSTERS + 1).tolist()
        left = tuple(replace(one, points=counts[one.number]) for one in self.clusters if counts[one.number])
        return replace(self, clusters=left, **{column: getattr(self, column)[points] for column in columns})

    def near(self, x: float, y: float, k: int = 10) -> NDArray[np.int64]:
        """Return the passage rows of the `k` points nearest to a place of the map, nearest first, ties by row."""
        distances = (self.x.astype(np.float64) - x) ** 2 + (self.y.astype(np.float64) - y) ** 2
        return self.rows[np.lexsort((self.rows, distances))[:k]]

    def within(self, *numbers: float) -> NDArray[np.int64]:
        """Return the passage rows of the points in a box (x, y, x, y) or a polygon (x, y, x, y, x, y, ...), ascending.

        Raises ValueError for another number of numbers.
        """
        return self.rows[Area(tuple(map(float, numbers))).holds(self.x, self.y)]

    def typical(self, points: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the passage rows of some points, those that are most typical of their group first, ties by row."""
        chosen = np.flatnonzero(points)
        return self.rows[chosen[np.argsort(-self.nearness[chosen], kind="stable")]]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a point."""
        import pandas as pd

        labels = {one.number: one.label for one in self.clusters}
        return pd.DataFrame(
            {
                "build": self.build,
                "row": self.rows,
                "passage_id": self.passage_ids,
                "x": self.x,
                "y": self.y,
                "cluster": self.cluster,
                "label": [labels[number] for number in self.cluster.tolist()],
                "copies": self.copies,
                "nearness": self.nearness,
            }
        )


def passage_map(kb: KnowledgeBase) -> PassageMap:
    """Return the map of a build, all of it. Raises NotPrepared."""
    import pandas as pd

    folder = made(kb, PART)
    table = pd.read_parquet(folder / _MAP)
    told = json.loads((folder / _CLUSTERS).read_text(encoding="utf-8"))
    clusters = tuple(
        Cluster(one["cluster"], tuple(one["terms"]), one["points"], one["x"], one["y"]) for one in told["clusters"]
    )
    kinds = {"row": np.int64, "passage_id": object, "cluster": np.int64, "copies": np.int64}
    column = {name: table[name].to_numpy(dtype=kinds.get(name, np.float32)) for name in table.columns}
    return PassageMap(kb.build, told["texts"], column.pop("row"), column.pop("passage_id"), **column, clusters=clusters)


def select(
    kb: KnowledgeBase,
    found: PassageMap,
    where: Filters | None = None,
    cluster: int | None = None,
    area: Area | None = None,
) -> NDArray[np.bool_]:
    """Return which points of the map are in a sub-corpus, in a group and in an area, shape (points,).

    A point is in a sub-corpus if one of the passages that it stands for is.
    """
    from index.filters import allowed_rows

    chosen = np.ones(len(found), dtype=np.bool_) if area is None else area.holds(found.x, found.y)
    if cluster is not None:
        chosen &= found.cluster == cluster
    if where:
        texts = np.zeros(len(kb.text_of), dtype=np.bool_)
        texts[kb.text_of[allowed_rows(kb, where)]] = True
        chosen &= texts[kb.text_of[found.rows]]
    return chosen


def sampled(rows: NDArray[np.int64], ids: NDArray[np.object_], most: int) -> NDArray[np.int64]:
    """Return at most `most` of the rows, ascending: those whose ids have the lowest SHA-256."""
    if len(rows) <= most:
        return rows
    hashes = [hashlib.sha256(one.encode()).digest() for one in ids.tolist()]
    lowest = sorted(range(len(rows)), key=hashes.__getitem__)[:most]
    kept: NDArray[np.int64] = rows[np.sort(lowest)]
    return kept


def _make(kb: KnowledgeBase, folder: Path, progress: Progress, most: int = MOST) -> None:
    import pandas as pd

    firsts = np.unique(kb.text_of)  # the number of a text is its first row
    ids = np.array([one["id"] for one in kb.records.stream("SELECT id FROM passages ORDER BY row")], dtype=object)
    rows = sampled(firsts, ids[firsts], most)
    vectors = kb.vectors.rows(rows)
    places = project(vectors, lambda done, total: progress("map", done, total))
    groups = group(vectors, how_many(len(rows)))
    table = {
        "row": rows.astype(np.int32),
        "passage_id": ids[rows],
        "x": places[:, 0],
        "y": places[:, 1],
        "cluster": (groups.numbers + 1).astype(np.int16),
        "copies": np.bincount(kb.text_of)[rows].astype(np.int32),
        "nearness": groups.nearness,
    }
    pd.DataFrame(table).to_parquet(folder / _MAP, index=False)
    told = {"texts": len(firsts), "clusters": [one.as_dict() for one in _clusters(kb, rows, groups.numbers, places)]}
    (folder / _CLUSTERS).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _clusters(
    kb: KnowledgeBase, rows: NDArray[np.int64], numbers: NDArray[np.int64], places: NDArray[np.float32]
) -> list[Cluster]:
    counted = word_counts(kb)
    of_passage = np.full(len(kb.text_of), -1, dtype=np.int64)
    of_passage[rows] = numbers
    sizes = np.bincount(numbers)
    stands = spread(counted.passages.bounds, counted.passages.places, of_passage, len(sizes))
    found = []
    for number, terms in enumerate(name(counted.words, stands, sizes)):
        x, y = np.round(middle(places[numbers == number]), DECIMALS).tolist()
        found.append(Cluster(number + 1, terms, int(sizes[number]), x, y))
    return found


def middle(places: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the median of those places (n, 2) that are in the fullest square of the map, the first of equal ones.

    The median of all lies beside the group where it is in several parts of the map.
    """
    squares = np.minimum((places / WIDTH * _SQUARES).astype(np.int64), _SQUARES - 1) @ [_SQUARES, 1]
    found: NDArray[np.float64] = np.median(places[squares == np.bincount(squares).argmax()].astype(np.float64), axis=0)
    return found


PART = Part(
    "map",
    (
        "index/explore/passage_map.py",
        "index/explore/projection.py",
        "index/explore/clusters.py",
        "index/explore/independent.py",
        "index/explore/keyness.py",
        *WORDS.code,
    ),
    _make,
    packages=("openTSNE", "scikit-learn", "scipy", "numpy", *WORDS.packages),
)
