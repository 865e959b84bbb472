"""What a search gives: hits in order, each a passage with its place in its page and the reasons for its rank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from index.reasons import Reasons
from ingest.doubtful import DOUBTFUL_BELOW

if TYPE_CHECKING:
    import pandas as pd

# By relevance, or the same hits from the newest; what is of no date comes last.
Sort = Literal["relevance", "date"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. `start` and `end` are offsets into the text of the page `path`; rank counts from 1.

    `duplicates` are ids of passages that say the same (`MAX_DUPLICATES` at most, the preferred first),
    `duplicate_count` is how many there are. `regions`, `schemes`, `years` are what its article names, the places as
    paths, `confidence` is how sure its cleaning is, from 0 to 1.
    """

    rank: int
    score: float
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
    url: str | None
    site: str | None
    duplicates: tuple[str, ...]
    reasons: Reasons
    duplicate_count: int = 0
    regions: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    confidence: float = 1.0

    @property
    def is_doubtful(self) -> bool:
        """Whether the cleaning of the article asks for a look at its page."""
        return self.confidence < DOUBTFUL_BELOW

    def as_dict(self) -> dict[str, object]:
        """Return the hit under the names of the command contract."""
        values: dict[str, object] = {
            name: getattr(self, name) for name in self.__slots__ if name not in ("row", "reasons")
        }
        return {**values, "score": round(self.score, 5), "reasons": self.reasons.as_dict()}


@dataclass(frozen=True, slots=True)
class Hits(Sequence[Hit]):
    """The hits of a query, best first or newest first, with the build they come from.

    `suggestion` is the query with slips mended, None where none was seen; the hits are those of what was typed.
    """

    build: str
    query: str
    hits: tuple[Hit, ...]
    suggestion: str | None = None
    sort: Sort = "relevance"

    def __len__(self) -> int:
        return len(self.hits)

    def __getitem__(self, index: Any) -> Any:
        return self.hits[index]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def as_dict(self) -> dict[str, object]:
        """Return the hits under the names of the command contract."""
        return {
            "build": self.build,
            "query": self.query,
            "suggestion": self.suggestion,
            "sort": self.sort,
            "hits": [hit.as_dict() for hit in self.hits],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a hit, with the build in every row."""
        import pandas as pd

        rows = [{"build": self.build, "query": self.query, **hit.as_dict()} for hit in self.hits]
        return pd.DataFrame(rows)
