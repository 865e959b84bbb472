"""Rows of any table become csv, jsonl or parquet, as they come: a table of any size needs the memory of one group.

A value is a text, a number, a truth value, None or a list of texts. What a row says is up to who calls: `export` writes
passages, `table` every list of the exploring pages.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO, Literal

from index.references import BATCH

# What a column of a parquet file may hold; `list` is one of texts.
Holds = Literal["string", "list", "bool", "int32", "int64", "float64"]
# Rows of a row group of a parquet file: a few megabytes of text, which is what its readers like to have at once.
_GROUP = 10 * BATCH
# A cell that begins so is a formula to a spreadsheet, in full width to those of East Asia, too.
_FORMULA = tuple("=+-@＝＋－＠")
_GUARD = "'"
_HALF = re.compile(r"[\ud800-\udfff]")


def storable(text: str) -> str:
    """Return `text` without halves of surrogate pairs, which no file holds; a shell can hand them over."""
    return text.encode("utf-8", "replace").decode() if _HALF.search(text) else text


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: one that might be begins with an apostrophe.

    So does one that began with an apostrophe, and `unguarded` gives back every cell as it was.
    """
    is_suspect = cell.startswith(("\t", "\r", "\n", _GUARD)) or cell.lstrip().startswith(_FORMULA)
    return f"{_GUARD}{cell}" if is_suspect else cell


def unguarded(cell: str) -> str:
    """Return a text cell of an exported CSV file as it was before it was guarded."""
    return cell.removeprefix(_GUARD)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]], stream: BinaryIO) -> None:
    """Write a table for spreadsheets: several values of one cell stand behind each other, parted by semicolons."""
    # With a byte order mark, because Excel reads Chinese as something else without one.
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(_cell(value) for value in row)
    text.flush()
    text.detach()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(value)
    return guarded(value) if isinstance(value, str) else value


def write_jsonl(columns: Sequence[str], rows: Iterable[Sequence[Any]], stream: BinaryIO) -> None:
    """Write an object a line."""
    for row in rows:
        stream.write(json_line(dict(zip(columns, row, strict=True))) + b"\n")


def json_line(value: object) -> bytes:
    """Return JSON in one line, also for readers that end a line where Unicode does; NaN is no JSON: ValueError."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # JSON allows these in strings, but many readers end a line at them.
    for character in "\u0085\u2028\u2029":
        line = line.replace(character, f"\\u{ord(character):04x}")
    return line.encode()


def write_parquet(holds: Mapping[str, Holds], rows: Iterable[Sequence[Any]], stream: BinaryIO) -> None:
    """Write a table of typed columns; `holds` names them in order with what each holds."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    kinds = {"string": pa.string(), "list": pa.list_(pa.string()), "bool": pa.bool_()}
    kinds |= {"int32": pa.int32(), "int64": pa.int64(), "float64": pa.float64()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in holds.items()])
    left = iter(rows)
    with ParquetWriter(stream, schema, compression="zstd") as writer:
        while group := list(islice(left, _GROUP)):
            columns = zip(*group, strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
