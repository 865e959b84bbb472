"""References become a file: BibTeX, RIS, CSL-JSON, or the list by GB/T 7714, one after the other as they come.

`command` is the shell line that gave them, for who asks later where they are from. Reference managers keep it with
each of them: in `usera` of BibLaTeX, in RN (research notes) of RIS, in `custom` of CSL-JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from index.references import Reference, numbered_lines, one_line
from index.table_kinds import json_line


def write_bibtex(references: Iterable[Reference], stream: BinaryIO, command: str | None = None) -> None:
    """Write an entry for each reference, parted by empty lines."""
    for reference in references:
        stream.write(f"{reference.bibtex(command)}\n".encode())


def write_ris(references: Iterable[Reference], stream: BinaryIO, command: str | None = None) -> None:
    """Write a record for each reference."""
    for reference in references:
        stream.write(f"{reference.ris(command)}\r\n".encode())


def write_csl(references: Iterable[Reference], stream: BinaryIO, command: str | None = None) -> None:
    """Write an array with an item for each reference, one a line."""
    stream.write(b"[")
    for number, reference in enumerate(references):
        stream.write((b",\n" if number else b"\n") + json_line(reference.csl(command)))
    stream.write(b"\n]\n")


def write_gbt7714(references: Iterable[Reference], origin: str, stream: BinaryIO) -> None:
    """Write a numbered line for each article that is cited, and at the end `origin`: where the list comes from."""
    for line in numbered_lines(references):
        stream.write(f"{line}\n".encode())
    stream.write(f"\n{one_line(origin)}\n".encode())
