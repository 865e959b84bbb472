"""Hits, or all passages of a base, become a file: csv, jsonl, parquet, bibtex, ris, csl or gbt7714.

Rows come in the order of the hits or of the build and are written as they come, `BATCH` at a time, so that a base of
any size needs the memory of one batch; the same rows give the same bytes. How rows are written stands in `table_kinds`,
how references are in `reference_kinds`, the columns stand in docs/formats.md.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from index.catalogue import About, facts_of
from index.filters import Filters, allowed_rows
from index.reference_kinds import write_bibtex, write_csl, write_gbt7714, write_ris
from index.references import BATCH, Reference, one_line, read_references, references_at
from index.table_kinds import Holds, guarded, storable, unguarded, write_csv, write_jsonl, write_parquet

if TYPE_CHECKING:
    from index.hits import Hit
    from index.kb import KnowledgeBase

__all__ = [
    "COLUMNS",
    "FORMATS",
    "Format",
    "Origin",
    "Row",
    "file_of",
    "guarded",
    "origin_line",
    "passages_under",
    "rows_at",
    "rows_of",
    "unguarded",
]

# What the columns hold that are no text.
_HOLDS: Mapping[str, Holds] = {
    "rank": "int32",
    "score": "float64",
    "start": "int32",
    "end": "int32",
    "heading_path": "list",
    "regions": "list",
    "schemes": "list",
    "years": "list",
}
COLUMNS = (
    *("rank", "score", "title", "heading_path", "text", "date", "date_kind", "site", "publisher", "url"),
    *("path", "start", "end", "regions", "schemes", "years", "published", "captured", "passage_id", "article_id"),
    *("build", "query", "mode", "sort", "filters"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """What was asked of which build; without a query all passages that `filters` allow."""

    build: str
    query: str | None = None
    mode: str | None = None
    sort: str | None = None
    filters: Filters = field(default_factory=Filters)

    def as_dict(self) -> dict[str, Any]:
        """Return the columns that are the same in every row."""
        filters = json.dumps(self.filters.as_dict(), ensure_ascii=False) if self.filters else None
        values = {"build": self.build, "query": self.query, "mode": self.mode, "sort": self.sort, "filters": filters}
        return {name: value and storable(value) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """One passage of an export. `rank` and `score` are None where nothing was ranked."""

    reference: Reference
    about: About
    rank: int | None = None
    score: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the columns that differ from row to row; several values of one column are a list."""
        cited, about = self.reference, self.about
        return {
            "rank": self.rank,
            "score": self.score,
            "title": cited.title,
            "heading_path": list(cited.heading_path),
            "text": cited.text,
            "date": cited.published or cited.captured,
            "date_kind": "published" if cited.published else "captured" if cited.captured else None,
            "site": cited.site,
            "publisher": cited.publisher,
            "url": cited.url,
            "path": cited.path,
            "start": cited.start,
            "end": cited.end,
            "regions": list(about.regions),
            "schemes": list(about.schemes),
            "years": list(about.years),
            "published": cited.published,
            "captured": cited.captured,
            "passage_id": cited.id,
            "article_id": cited.article_id,
        }


def rows_of(kb: KnowledgeBase, hits: Iterable[Hit]) -> Iterator[Row]:
    """Yield a row for each hit, in their order."""
    found = list(hits)
    for hit, reference in zip(found, read_references(kb, found), strict=True):
        yield Row(reference, About(hit.regions, hit.schemes, hit.years), hit.rank, round(hit.score, 5))


def rows_at(kb: KnowledgeBase, passages: Sequence[int]) -> Iterator[Row]:
    """Yield the passages of these rows of the build, in this order; `passages_under` names all of them."""
    for first in range(0, len(passages), BATCH):
        references = tuple(references_at(kb, passages[first : first + BATCH]))
        about = facts_of(kb.records, (reference.article_id for reference in references))
        for reference in references:
            yield Row(reference, about[reference.article_id])


def passages_under(kb: KnowledgeBase, filters: Filters | None = None) -> Sequence[int]:
    """Return the rows of all passages that `filters` allow, in the order of the build."""
    return allowed_rows(kb, filters).tolist() if filters else range(kb.head["counts"]["passages"])


def _values_of(rows: Iterable[Row], origin: Origin) -> Iterator[list[Any]]:
    asked = origin.as_dict()
    for row in rows:
        yield [*row.as_dict().values(), *asked.values()]


def _write_csv(rows: Iterable[Row], origin: Origin, stream: BinaryIO) -> None:
    write_csv(COLUMNS, _values_of(rows, origin), stream)


def _write_jsonl(rows: Iterable[Row], origin: Origin, stream: BinaryIO) -> None:
    write_jsonl(COLUMNS, _values_of(rows, origin), stream)


def _write_parquet(rows: Iterable[Row], origin: Origin, stream: BinaryIO) -> None:
    write_parquet({name: _HOLDS.get(name, "string") for name in COLUMNS}, _values_of(rows, origin), stream)


def _write_bibtex(rows: Iterable[Row], _: Origin, stream: BinaryIO) -> None:
    write_bibtex((row.reference for row in rows), stream)


def _write_ris(rows: Iterable[Row], _: Origin, stream: BinaryIO) -> None:
    write_ris((row.reference for row in rows), stream)


def _write_csl(rows: Iterable[Row], _: Origin, stream: BinaryIO) -> None:
    write_csl((row.reference for row in rows), stream)


def _write_gbt7714(rows: Iterable[Row], origin: Origin, stream: BinaryIO) -> None:
    write_gbt7714((row.reference for row in rows), origin_line(origin), stream)


def origin_line(origin: Origin) -> str:
    """Return where a list of references comes from, in Chinese as the list itself."""
    query = f"检索“{one_line(origin.query)}”" if origin.query else "全部段落"
    filters = "、".join(one_line(str(value)) for value in _values(origin.filters)) if origin.filters else ""
    return "；".join(filter(None, (f"来源：policykb 构建 {origin.build}", query, filters and f"筛选：{filters}")))


def _values(filters: Filters) -> Iterator[str]:
    for name, chosen in filters.as_dict().items():
        for value in [chosen] if isinstance(chosen, str) else chosen:
            yield f"{name}={value}"


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: the ending of its name, its media type, and what writes rows into a stream."""

    suffix: str
    mime: str
    write: Callable[[Iterable[Row], Origin, BinaryIO], None]


FORMATS: Mapping[str, Format] = {
    "csv": Format("csv", "text/csv", _write_csv),
    "jsonl": Format("jsonl", "application/jsonl", _write_jsonl),
    "parquet": Format("parquet", "application/vnd.apache.parquet", _write_parquet),
    "bibtex": Format("bib", "application/x-bibtex", _write_bibtex),
    "ris": Format("ris", "application/x-research-info-systems", _write_ris),
    "csl": Format("json", "application/vnd.citationstyles.csl+json", _write_csl),
    "gbt7714": Format("txt", "text/plain", _write_gbt7714),
}


def file_of(rows: Iterable[Row], origin: Origin, kind: str) -> bytes:
    """Return rows as the bytes of a file of `kind`, one of FORMATS."""
    stream = io.BytesIO()
    FORMATS[kind].write(rows, origin, stream)
    return stream.getvalue()
