"""What a passage costs: bytes of each part of a base, processor time of each stage, memory, as straight lines.

The lines stand in `capacity.tsv`, measured by bench/slopes.py, and no figure of a plan stands anywhere else. A base of
one's own tells what its pages cost on disk, which differs from corpus to corpus more than anything else here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.build.manifest import read_manifest
from index.build.publish import build_folder
from index.explore.prepared import FOLDER as PREPARED
from index.store import StoreError

TABLE = Path(__file__).with_name("capacity.tsv")
# What of the words says which there are, without where: the machine before a cluster needs no more of them.
_KEYS = ("terms.json", "keys.npy", "starts.npy", "frequency.npy")
COLUMNS = ("name", "unit", "fixed", "each", "off", "sizes", "command")


@dataclass(frozen=True, slots=True)
class Line:
    """`fixed` + `each` for each passage, in `unit`; `off` is the largest share by which a measured value differs.

    `sizes` are the numbers of passages it was measured at, `command` measures it again.
    """

    name: str
    unit: str
    fixed: float
    each: float
    off: float
    sizes: tuple[int, ...]
    command: str

    def at(self, passages: float) -> float:
        """Return the value at so many passages."""
        return self.fixed + self.each * passages

    def is_measured(self, passages: float) -> bool:
        """Whether so many passages lie within what was measured."""
        return passages <= max(self.sizes)


Lines = Mapping[str, Line]


@dataclass(frozen=True, slots=True)
class Amount:
    """`value` in `unit` (`B`, `s` or nothing) of what is called `name`: the sum of the table's `lines`.

    `is_measured` says that so many passages were measured; else the lines are drawn on.
    """

    name: str
    value: float
    unit: str
    lines: tuple[str, ...]
    is_measured: bool


def amount(
    name: str, lines: Lines, names: Iterable[str], passages: float, *, times: float = 1, more: float = 0
) -> Amount:
    """Return the sum of some lines at so many passages, `times` as much and `more`, which no line tells."""
    added = tuple(names)
    value = times * sum(lines[line].at(passages) for line in added) + more
    return Amount(name, value, lines[added[0]].unit, added, all(lines[line].is_measured(passages) for line in added))


def total(name: str, amounts: Sequence[Amount]) -> Amount:
    """Return the sum of amounts of one unit."""
    lines = tuple(dict.fromkeys(line for one in amounts for line in one.lines))
    value = sum(one.value for one in amounts)
    return Amount(name, value, amounts[0].unit, lines, all(one.is_measured for one in amounts))


# The bytes that one more number in every vector adds to a passage: float16 in a build, float32 elsewhere, 8-bit codes.
_NUMBER_BYTES = {"disk.vectors": 2, "disk.cache.vectors": 4, "qdrant.disk.vectors": 4, "qdrant.disk.codes": 1}


def of_length(lines: Lines, dim: int, *, was: int) -> Lines:
    """Return the lines for vectors of `dim` numbers where they were measured with vectors of `was`."""
    longer = {
        name: replace(lines[name], each=lines[name].each + size * (dim - was))
        for name, size in _NUMBER_BYTES.items()
        if name in lines
    }
    return {**lines, **longer}


def read_lines(file: Path = TABLE) -> Lines:
    """Return the lines of the table by name. Raises StoreError for a table that is damaged."""
    rows = [row.split("\t") for row in file.read_text("utf-8").splitlines() if row and not row.startswith("#")]
    if not rows or tuple(rows[0]) != COLUMNS:
        raise StoreError(f"{file}: begins with {rows[:1]}, expected the columns {COLUMNS}; run bench/slopes.py")
    lines = {}
    for name, unit, fixed, each, off, sizes, command in rows[1:]:
        measured = tuple(map(int, sizes.split()))
        lines[name] = Line(name, unit, float(fixed), float(each), float(off), measured, command)
    return lines


def of_base(lines: Lines, kb: Path, build: str, *, dim: int) -> Lines:
    """Return `lines` with the disk and the pages a passage takes in this build instead of those of the table.

    A part the build has not, one not prepared for example, keeps the line of the table. `dim` is the length of the
    vectors the table was measured with, and that of the lines given back. Raises StoreError.
    """
    manifest = read_manifest(build_folder(kb, build))
    passages = int(manifest["counts"]["passages"])
    command = f"policykb plan --kb {kb}"
    own = {
        name: replace(lines[name], fixed=0.0, each=size / passages, off=0.0, sizes=(passages,), command=command)
        for name, size in sizes_of(kb, build).items()
        if name in lines and size
    }
    return {**lines, **of_length(own, dim, was=int(manifest["model"]["dim"]))}


def sizes_of(kb: Path, build: str) -> dict[str, int]:
    """Return the bytes on disk of each part of a base with this build, and its `count.pages`. Raises StoreError.

    Raw pages are those the build cites, caches those of the whole base. A file counts with the blocks it takes.
    """
    folder = build_folder(kb, build)
    manifest = read_manifest(folder)
    pages = {page["sha256"] for page in manifest["inputs"]["pages"]}
    prepared = sorted((folder / PREPARED).glob("*-*"))
    return {
        "count.pages": int(manifest["counts"]["pages"]),
        "disk.manifest": sum(_size(folder / name) for name in ("manifest.json", "pages.json", "places.json")),
        "disk.records": _size(folder / "records.sqlite"),
        "disk.keys": sum(_size(file) for name in _KEYS for file in (folder / "terms").glob(f"*/{name}")),
        "disk.vectors": _size(folder / "vectors.faiss"),
        "disk.near": _size(folder / "near.faiss"),
        **{f"disk.terms.{name}": _size(folder / "terms" / name) for name in ("passages", "context", "articles")},
        **{f"disk.prepared.{part.name.rpartition('-')[0]}": _size(part) for part in prepared},
        "disk.raw": sum(_size(kb / "pages" / name) for name in pages),
        **{f"disk.cache.{name}": _newest(kb / "cache", f"{name}-*.sqlite") for name in ("pages", "vectors")},
    }


def _newest(folder: Path, pattern: str) -> int:
    found = sorted(folder.glob(pattern), key=lambda file: file.stat().st_mtime)
    return _size(found[-1]) if found else 0


def _size(place: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in _files(place))


def _files(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from (file for file in place.rglob("*") if file.is_file())
    elif place.is_file():
        yield place
