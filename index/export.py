"""Hits, or all passages of a base, become a file: csv, jsonl, parquet, bibtex, ris, csl or gbt7714.

Rows come in the order of the hits or of the build and are written as they come, `BATCH` at a time, so that a base of
any size needs the memory of one batch; the same rows give the same bytes. How a reference is written stands in
`references`, the columns stand in docs/formats.md.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from index.catalogue import About, facts_of
from index.filters import Filters, allowed_rows
from index.references import BATCH, Reference, numbered_lines, one_line, read_references, references_at

if TYPE_CHECKING:
    from index.hits import Hit
    from index.kb import KnowledgeBase

# Rows of a row group of a parquet file: a few megabytes of text, which is what its readers like to have at once.
_GROUP = 10 * BATCH
# A cell that begins so is a formula to a spreadsheet, in full width to those of East Asia, too.
_FORMULA = tuple("=+-@＝＋－＠")
_GUARD = "'"
_LISTS = ("heading_path", "regions", "schemes", "years")
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
        return {name: value and _storable(value) for name, value in values.items()}


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
    return allowed_rows(kb, filters).tolist() if filters else range(kb.manifest["counts"]["passages"])


def _storable(text: str) -> str:
    """Return `text` without halves of surrogate pairs, which no file holds; a shell can hand them over."""
    return text.encode("utf-8", "replace").decode()


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: one that might be begins with an apostrophe.

    So does one that began with an apostrophe, and `unguarded` gives back every cell as it was.
    """
    is_suspect = cell.startswith(("\t", "\r", "\n", _GUARD)) or cell.lstrip().startswith(_FORMULA)
    return f"{_GUARD}{cell}" if is_suspect else cell


def unguarded(cell: str) -> str:
    """Return a text cell of an exported CSV file as it was before it was guarded."""
    return cell.removeprefix(_GUARD)


def _write_csv(rows: Iterable[Row], origin: Origin, stream: BinaryIO) -> None:
    # With a byte order mark, because Excel reads Chinese as something else without one.
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    asked = origin.as_dict()
    for row in rows:
        writer.writerow(_cell(value) for value in (row.as_dict() | asked).values())
    text.flush()
    text.detach()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(value)
    return guarded(value) if isinstance(value, str) else value


def _write_jsonl(rows: Iterable[Row], origin: Origin, stream: BinaryIO) -> None:
    asked = origin.as_dict()
    for row in rows:
        stream.write(_json(row.as_dict() | asked) + b"\n")


def _json(value: object) -> bytes:
    line = json.dumps(value, ensure_ascii=False)
    # JSON allows these in strings, but many readers end a line at them.
    for character in "\u0085\u2028\u2029":
        line = line.replace(character, f"\\u{ord(character):04x}")
    return line.encode()


def _write_parquet(rows: Iterable[Row], origin: Origin, stream: BinaryIO) -> None:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    kinds = {"rank": pa.int32(), "score": pa.float64(), "start": pa.int32(), "end": pa.int32()}
    kinds |= dict.fromkeys(_LISTS, pa.list_(pa.string()))
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    asked, left = origin.as_dict(), iter(rows)
    with ParquetWriter(stream, schema, compression="zstd") as writer:
        while group := [row.as_dict() | asked for row in islice(left, _GROUP)]:
            writer.write_table(pa.Table.from_pylist(group, schema))


def _write_bibtex(rows: Iterable[Row], _: Origin, stream: BinaryIO) -> None:
    for row in rows:
        stream.write(f"{row.reference.bibtex()}\n".encode())


def _write_ris(rows: Iterable[Row], _: Origin, stream: BinaryIO) -> None:
    for row in rows:
        stream.write(f"{row.reference.ris()}\r\n".encode())


def _write_csl(rows: Iterable[Row], _: Origin, stream: BinaryIO) -> None:
    stream.write(b"[")
    for number, row in enumerate(rows):
        stream.write((b",\n" if number else b"\n") + _json(row.reference.csl()))
    stream.write(b"\n]\n")


def _write_gbt7714(rows: Iterable[Row], origin: Origin, stream: BinaryIO) -> None:
    for line in numbered_lines(row.reference for row in rows):
        stream.write(f"{line}\n".encode())
    stream.write(f"\n{origin_line(origin)}\n".encode())


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
