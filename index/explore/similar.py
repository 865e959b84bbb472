"""The passages nearest to a passage in meaning: by the cosine of their vectors, near-identical ones folded into one.

For "who else writes about this", where a search would need words. What is near speaks of the same; it need not say the
same: differing figures stand a hair apart. All vectors are compared, also where a search would ask the lists alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from index.explore.independent import Sources, sources_of
from index.filters import Filters, allowed_rows
from index.hits import Hit
from index.store import StoreError
from index.store.best import best_places

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from index.kb import KnowledgeBase

# Passages looked at for each that is wanted: copies and passages of the same article stand first.
_MORE = 4


@dataclass(frozen=True, slots=True)
class Near:
    """A passage near another one: `cosine` of their vectors, `copies` near-identical passages folded into it."""

    rank: int
    cosine: float
    copies: int
    row: int
    passage_id: str
    article_id: str
    title: str
    heading_path: tuple[str, ...]
    text: str
    path: str
    start: int
    end: int
    as_of: str | None
    as_of_kind: str | None
    site: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        values = asdict(self) | {"cosine": round(self.cosine, 5)}
        del values["row"]
        return values


@dataclass(frozen=True, slots=True)
class Similar(Sequence[Near]):
    """What is near the passage `of`, nearest first, with the sources behind it, copies among them."""

    build: str
    of: Near
    near: tuple[Near, ...]
    sources: Sources

    def __len__(self) -> int:
        return len(self.near)

    def __getitem__(self, index: Any) -> Any:
        return self.near[index]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "build": self.build,
            "of": self.of.as_dict(),
            "sources": self.sources.as_dict(),
            "near": [one.as_dict() for one in self.near],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a passage, with the build and the passage they are near to in every row."""
        import pandas as pd

        of = {"build": self.build, "of": self.of.passage_id}
        columns = [*of, *(name for name in Near.__slots__ if name != "row")]
        return pd.DataFrame([{**of, **one.as_dict()} for one in self.near], columns=columns)


def similar(
    kb: KnowledgeBase,
    passage: str | int | Hit,
    *,
    k: int = 10,
    where: Filters | None = None,
    same_article: bool = False,
) -> Similar:
    """Return the `k` passages nearest to one, given by its id, its row or a hit; ties in the order of rows.

    Its near-identical copies are left out, and so are the other passages of its article unless `same_article`. Of
    near-identical passages the nearest stands for all. Raises StoreError for a passage that the build does not have.
    """
    if k < 1:
        raise ValueError(f"k counts passages, at least 1, found {k}")
    row = _row_of(kb, passage)
    allowed = _allowed(kb, row, where, same_article=same_article)
    few = _nearest(kb, allowed, kb.vectors.scores(kb.vectors.rows([row])[0], allowed), k)
    passages = kb.records.passages([row, *(one for one, _ in few)])
    near = tuple(
        _near(number, cosine, _copies(kb, one), passages[one]) for number, (one, cosine) in enumerate(few, start=1)
    )
    of = _near(0, 1.0, _copies(kb, row), passages[row])
    return Similar(kb.build, of, near, sources_of(kb, [one for one, _ in few], copies=True))


def _nearest(
    kb: KnowledgeBase, rows: NDArray[np.int64], cosines: NDArray[np.float32], k: int
) -> list[tuple[int, float]]:
    """Return rows and cosines of the nearest `k` of `rows`, near-identical ones once."""
    wanted = _MORE * k
    while True:
        found: dict[int, tuple[int, float]] = {}
        for place in best_places(cosines, wanted).tolist():
            found.setdefault(int(kb.text_of[rows[place]]), (int(rows[place]), float(cosines[place])))
        if len(found) >= k or wanted >= len(rows):
            return list(found.values())[:k]
        wanted *= _MORE


def _row_of(kb: KnowledgeBase, passage: str | int | Hit) -> int:
    passage = passage.passage_id if isinstance(passage, Hit) else passage  # a hit may be of another build
    found = (
        kb.records.query("SELECT row FROM slices WHERE row = ?", (passage,))
        if isinstance(passage, int)
        else [{"row": row} for row in kb.records.rows_of([passage]).values()]
    )
    if not found:
        raise StoreError(
            f"{kb.folder}: found no passage {passage} in build {kb.build}, expected an id as `policykb search --json`"
            " lists it"
        )
    row: int = found[0]["row"]
    return row


def _allowed(kb: KnowledgeBase, row: int, where: Filters | None, *, same_article: bool) -> NDArray[np.int64]:
    """Return the rows that may be near: those that meet the filters, without the passage and its copies."""
    rows = allowed_rows(kb, where) if where else np.arange(len(kb.text_of))
    apart = kb.text_of[rows] != kb.text_of[row]
    if not same_article:
        apart &= kb.article_of[rows] != kb.article_of[row]
    kept: NDArray[np.int64] = rows[apart]
    return kept


def _copies(kb: KnowledgeBase, row: int) -> int:
    return int(np.count_nonzero(kb.text_of == kb.text_of[row])) - 1


def _near(rank: int, cosine: float, copies: int, passage: dict[str, Any]) -> Near:
    return Near(
        rank=rank,
        cosine=cosine,
        copies=copies,
        row=passage["row"],
        passage_id=passage["id"],
        article_id=passage["article_id"],
        title=passage["title"],
        heading_path=passage["heading_path"],
        text=passage["text"],
        path=passage["path"],
        start=passage["start"],
        end=passage["end"],
        as_of=passage["as_of"],
        as_of_kind=passage["as_of_kind"],
        site=passage["site"],
    )
