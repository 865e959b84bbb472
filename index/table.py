"""Any list of the exploring pages becomes a file: a table of data, a table to read, or the references that it cites.

Every file says from which build it is and which command gave it, with which filters: tables of data in columns of every
row, tables to read at their end, references as `reference_kinds` has it. The same table gives the same bytes.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from index.filters import Filters
from index.reference_kinds import write_bibtex, write_csl, write_gbt7714, write_ris
from index.references import BATCH, Reference, references_at
from index.table_kinds import Holds, storable, write_csv, write_jsonl, write_parquet
from index.table_text import CITES, write_html, write_markdown

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

# Written behind the columns of every table of data.
_ORIGIN = ("build", "command", "filters")


@dataclass(frozen=True, slots=True)
class Origin:
    """From which build a table is, the shell line that gives it again, and the sub-corpus it speaks of."""

    build: str
    command: str
    filters: Filters = field(default_factory=Filters)

    def values(self) -> list[str | None]:
        """Return the columns `build`, `command` and `filters`, which are the same in every row."""
        filters = json.dumps(self.filters.as_dict(), ensure_ascii=False) if self.filters else None
        return [storable(value) if value else None for value in (self.build, self.command, filters)]


@dataclass(frozen=True, slots=True)
class Table:
    """A list of an exploring page. `name` begins the name of its file, `title` stands over it.

    A value is a text, a number, a truth value, None, or several texts. What a row cites stands in the columns whose
    names end in `passage_id` or `passage_ids`; `passages` are rows of the build that the table cites as a whole.
    `shown` are the columns of a table to read, all without it; files of data have every column.
    Raises ValueError where a row has another number of values than there are columns, or `shown` names none of these.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    origin: Origin
    passages: Sequence[int] = ()
    title: str = ""
    shown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.shown) - set(self.columns)):
            raise ValueError(f"table {self.name}: shows {', '.join(unknown)}, which it has no columns for")
        if taken := sorted(set(_ORIGIN) & set(self.columns)):
            raise ValueError(f"table {self.name}: found the columns {', '.join(taken)}, which every table gets anyway")
        wrong = next((row for row in self.rows if len(row) != len(self.columns)), None)
        if wrong is not None:
            raise ValueError(f"table {self.name}: found {len(wrong)} values, expected {len(self.columns)}: {wrong!r}")

    @property
    def cites(self) -> bool:
        """Whether there may be references."""
        return bool(self.passages) or any(name.endswith(CITES) for name in self.columns)

    def readable(self) -> Table:
        """Return the table with the columns that are `shown`, for a person to read."""
        if not self.shown:
            return self
        places = [self.columns.index(name) for name in self.shown]
        rows = [[row[place] for place in places] for row in self.rows]
        return replace(self, columns=self.shown, rows=rows)

    def plain_rows(self) -> Iterator[list[Any]]:
        """Yield the rows with plain values: lists for tuples, None for what is no number, whole texts."""
        for row in self.rows:
            yield [_plain(value) for value in row]

    def cited_ids(self, row: Sequence[Any]) -> list[str]:
        """Return the ids of the passages that a row cites, in the order of its columns."""
        found: list[str] = []
        for name, value in zip(self.columns, row, strict=True):
            if name.endswith(CITES) and value:
                found += [value] if isinstance(value, str) else value
        return found

    def to_frame(self) -> pd.DataFrame:
        """Return the table with the build in every row."""
        import pandas as pd

        frame = pd.DataFrame([list(row) for row in self.rows], columns=list(self.columns))
        frame.insert(0, "build", self.origin.build)
        return frame


def table_of_frame(frame: pd.DataFrame, name: str, origin: Origin, title: str = "") -> Table:
    """Return a frame of the knowledge base as a table; its column `build` is said by `origin` already."""
    kept = frame.drop(columns=[column for column in _ORIGIN if column in frame.columns])
    plain = kept.astype(object).where(kept.notna(), None)  # pandas has three values for what is missing
    rows = [tuple(row) for row in plain.itertuples(index=False, name=None)]
    return Table(name, tuple(map(str, kept.columns)), rows, origin, title=title)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if value is None or isinstance(value, bool | int):
        return value
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [storable(str(one)) for one in value]
    return value if isinstance(value, bool | int) else storable(str(value))


def cited(kb: KnowledgeBase, table: Table) -> dict[str, Reference]:
    """Return the references of the passages that a table cites, by id, each once, in the order of their appearance.

    An id that no passage of the build has is left out.
    """
    ids = list(dict.fromkeys(one for row in table.plain_rows() for one in table.cited_ids(row)))
    rows: dict[str, int] = {}
    for first in range(0, len(ids), BATCH):
        part = ids[first : first + BATCH]
        rows |= kb.records.rows_of(part)
    wanted = dict.fromkeys([*(rows[one] for one in ids if one in rows), *(int(row) for row in table.passages)])
    return {reference.id: reference for reference in references_at(kb, list(wanted))}


def _holds(table: Table) -> dict[str, Holds]:
    """Return what each column holds, by its values; a column without any holds texts."""
    kinds: list[set[str]] = [set() for _ in table.columns]
    for row in table.plain_rows():
        for found, value in zip(kinds, row, strict=True):
            if value is not None:
                found.add(type(value).__name__)
    names: dict[frozenset[str], Holds] = {
        frozenset(["bool"]): "bool",
        frozenset(["int"]): "int64",
        frozenset(["float"]): "float64",
        frozenset(["int", "float"]): "float64",
        frozenset(["list"]): "list",
        frozenset(["str"]): "string",
        frozenset(): "string",
    }
    held: dict[str, Holds] = {}
    for name, found in zip(table.columns, kinds, strict=True):
        if frozenset(found) not in names:
            raise ValueError(f"table {table.name}: column {name} holds {', '.join(sorted(found))}, expected one kind")
        held[name] = names[frozenset(found)]
    return {**held, "build": "string", "command": "string", "filters": "string"}


def _data_rows(table: Table) -> Iterator[list[Any]]:
    origin = table.origin.values()
    for row in table.plain_rows():
        yield [*row, *origin]


def _write_csv(_: KnowledgeBase, table: Table, stream: BinaryIO) -> None:
    write_csv((*table.columns, *_ORIGIN), _data_rows(table), stream)


def _write_jsonl(_: KnowledgeBase, table: Table, stream: BinaryIO) -> None:
    write_jsonl((*table.columns, *_ORIGIN), _data_rows(table), stream)


def _write_parquet(_: KnowledgeBase, table: Table, stream: BinaryIO) -> None:
    write_parquet(_holds(table), _data_rows(table), stream)


def _write_markdown(kb: KnowledgeBase, table: Table, stream: BinaryIO) -> None:
    shown = table.readable()
    write_markdown(shown, cited(kb, shown), stream)


def _write_html(kb: KnowledgeBase, table: Table, stream: BinaryIO) -> None:
    shown = table.readable()
    write_html(shown, cited(kb, shown), stream)


def _writing(write: Callable[[Iterable[Reference], BinaryIO, str], None]) -> Callable[..., None]:
    return lambda kb, table, stream: write(cited(kb, table).values(), stream, table.origin.command)


def _write_gbt7714(kb: KnowledgeBase, table: Table, stream: BinaryIO) -> None:
    origin = f"来源：policykb 构建 {table.origin.build}；命令：{table.origin.command}"
    write_gbt7714(cited(kb, table).values(), origin, stream)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: the ending of its name, its media type, and what writes a table into a stream.

    `cites` is one that only holds references, `is_binary` one that is not for a terminal.
    """

    suffix: str
    mime: str
    write: Callable[[KnowledgeBase, Table, BinaryIO], None]
    cites: bool = False
    is_binary: bool = False


KINDS: Mapping[str, Kind] = {
    "csv": Kind("csv", "text/csv", _write_csv),
    "jsonl": Kind("jsonl", "application/jsonl", _write_jsonl),
    "parquet": Kind("parquet", "application/vnd.apache.parquet", _write_parquet, is_binary=True),
    "md": Kind("md", "text/markdown", _write_markdown),
    "html": Kind("html", "text/html", _write_html),
    "bibtex": Kind("bib", "application/x-bibtex", _writing(write_bibtex), cites=True),
    "ris": Kind("ris", "application/x-research-info-systems", _writing(write_ris), cites=True),
    "csl": Kind("json", "application/vnd.citationstyles.csl+json", _writing(write_csl), cites=True),
    "gbt7714": Kind("txt", "text/plain", _write_gbt7714, cites=True),
}


def kinds_of(table: Table) -> tuple[str, ...]:
    """Return what a table can become: every kind, or those without references where it cites nothing."""
    return tuple(name for name, kind in KINDS.items() if table.cites or not kind.cites)


def table_file(kb: KnowledgeBase, table: Table, kind: str) -> bytes:
    """Return a table as the bytes of a file of `kind`, one of KINDS."""
    stream = io.BytesIO()
    KINDS[kind].write(kb, table, stream)
    return stream.getvalue()
