"""A table of the command line goes to the output or into a file, as `policykb export` writes its own.

A file appears under its name when it is whole; what was there before stays until then. What is not for eyes goes to no
terminal.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from ingest.problem import Problem
from search_app.options import filter_words
from search_app.reproduce import shell_line

if TYPE_CHECKING:
    from index.filters import Filters
    from index.kb import KnowledgeBase
    from index.table import Table

# What a file of these endings is, where nobody says it; `.json` may be two things and `.txt` anything.
_BY_ENDING = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet", ".md": "md", ".html": "html", ".bib": "bibtex"}
_BY_ENDING |= {".ris": "ris"}


class NotWritten(Problem):
    """A table or a picture that cannot be written where it shall go."""


def write_table(kb: KnowledgeBase, table: Table, kind: str | None, output: Path | None) -> None:
    """Write a table to `output`, or to the standard output. Without `kind` the ending of the file says what it is.

    Raises click.UsageError where the kind is unknown, cannot hold this table, or is not for a terminal.
    """
    from index.table import KINDS, kinds_of

    kind = kind or _kind_of(output)
    if kind not in kinds_of(table):
        raise click.UsageError(f"{kind} holds references, and {table.name} cites no passage; take csv or html.")
    if output is None and KINDS[kind].is_binary:
        expect_no_terminal(kind)
    with writing(output) as stream:
        KINDS[kind].write(kb, table, stream)
        stream.flush()
    if output is not None:
        click.echo(f"{output}: {len(table.rows)} rows of build {table.origin.build}", err=True)


def write_picture(svg: str, output: Path | None, *, note: str = "") -> None:
    """Write a picture to `output` (.svg or .png), or as SVG to the standard output; `note` says where it is from.

    Raises click.UsageError where the ending of the file is another one.
    """
    from index.picture_file import png, standalone

    if output is not None and output.suffix.lower() not in (".svg", ".png"):
        raise click.UsageError(f"found {output.name}, expected the name of a picture that ends in .svg or .png.")
    is_png = output is not None and output.suffix.lower() == ".png"
    with writing(output) as stream:
        stream.write(png(svg, note=note) if is_png else f"{standalone(svg, note=note)}\n".encode())
        stream.flush()


def command_line(command: str, kb: KnowledgeBase, filters: Filters | None, *words: str) -> str:
    """Return `policykb <command> …`, pinned to the build and with the filters: what `table.Origin` wants to know."""
    where = ("--kb", str(kb.folder), "--build", kb.build)
    return shell_line("policykb", command, *where, *(filter_words(filters) if filters else ()), *words)


def expect_no_terminal(kind: str) -> None:
    """Raise click.UsageError where the standard output is a terminal."""
    if sys.stdout.isatty():
        raise click.UsageError(f"{kind} is not for a terminal; name a file with --output FILE.")


def _kind_of(output: Path | None) -> str:
    if output is None:
        return "csv"
    kind = _BY_ENDING.get(output.suffix.lower())
    if kind is None:
        raise click.UsageError(
            f"found {output.name}, expected a name that ends in {', '.join(_BY_ENDING)}, or --format KIND beside it."
        )
    return kind


@contextmanager
def writing(output: Path | None) -> Iterator[BinaryIO]:
    """Give the stream to write into. A file appears under its name when it is whole; a device is written as it is.

    Raises NotWritten where the place cannot be written.
    """
    if output is None:
        yield sys.stdout.buffer
        return
    file = output.resolve()
    is_file = file.is_file() or not file.exists()
    aside = file.with_name(f".{file.name}.{os.getpid()}.new") if is_file else file
    try:
        with aside.open("wb") as stream:
            yield stream
        if is_file:
            aside.replace(file)
    except OSError as error:
        if error.errno == errno.ENOSPC or error.filename is None:
            raise
        raise NotWritten(
            f"{output}: cannot be written ({error.strerror}); name a file in a folder that exists and may be written"
        ) from error
    finally:
        if is_file:
            aside.unlink(missing_ok=True)
