"""Reads the heads of our two FAISS files and says whether the rest can be what they promise.

FAISS believes the sizes a file names: a flipped byte may end the process or ask for terabytes. So nothing is handed to
it whose kind, sizes and length do not fit together here first. The layout is that of faiss/impl/index_write.cpp.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from index.store import StoreError

# Kind, numbers a row, rows, two fields out of use, whether it is trained, metric (0: inner product).
_HEAD = struct.Struct("<4siqqqBi")
_SIZE = struct.Struct("<Q")
_LISTS = struct.Struct("<QQ")
# Type of the codes, range statistic and its argument, numbers a row, bytes a code, how many bounds follow.
_CODES = struct.Struct("<iifQQQ")
_UNUSED = 1 << 20
_QUANTIZERS = {0: 8, 1: 4}  # FAISS's number for a type of code: its bits

FLAT_HEAD = _HEAD.size + _SIZE.size
"""Bytes before the first row in a file of flat vectors."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What a file of lists holds: `rows` codes of `bits` a number, in `lists` lists; a search reads `probes`."""

    rows: int
    dim: int
    lists: int
    probes: int
    bits: int


def flat_head(rows: int, dim: int) -> bytes:
    """Return what a file of `rows` flat vectors begins with, before the float32 numbers themselves."""
    return _HEAD.pack(b"IxFI", dim, rows, _UNUSED, _UNUSED, 1, 0) + _SIZE.pack(rows * dim)


def read_flat(file: Path) -> tuple[int, int]:
    """Return rows and numbers a row of a file of flat vectors. Raises StoreError where it is anything else."""
    size = _size_of(file)
    try:
        with file.open("rb") as opened:
            rows, dim = _flat(opened)
        _expect(FLAT_HEAD + 4 * rows * dim == size)
    except (_Unfit, struct.error):
        raise StoreError(
            f"{file} ({size} bytes) is damaged or no FAISS index of its kind, expected a flat inner-product index;"
            " run `policykb rebuild --full`"
        ) from None
    return rows, dim


def read_lists(file: Path) -> Lists:
    """Return what a file of lists holds. Raises StoreError where it is anything else or a row is not in one list."""
    size = _size_of(file)
    try:
        with file.open("rb") as opened:
            return _lists(opened, size)
    except (_Unfit, struct.error):
        raise StoreError(
            f"{file} ({size} bytes) is damaged or no FAISS index of its kind, expected inverted lists of scalar codes;"
            " run `policykb rebuild --full`"
        ) from None


def _size_of(file: Path) -> int:
    """Return the bytes of a file that can be opened. Raises StoreError where it cannot."""
    try:
        with file.open("rb") as opened:
            return opened.seek(0, 2)
    except OSError as error:
        raise StoreError(f"{file}: cannot be read ({error.strerror}); check its permissions") from error


class _Unfit(Exception):
    """Something in a file is not as it must be."""


def _expect(holds: bool) -> None:
    if not holds:
        raise _Unfit


def _flat(opened: BinaryIO) -> tuple[int, int]:
    head = opened.read(FLAT_HEAD)
    _, dim, rows, *_ = _HEAD.unpack(head[: _HEAD.size])
    _expect(dim > 0 and 0 <= rows < 1 << 48 and head == flat_head(rows, dim))
    return rows, dim


def _lists(opened: BinaryIO, size: int) -> Lists:
    head = opened.read(_HEAD.size)
    _, dim, rows, *_ = _HEAD.unpack(head)
    _expect(dim > 0 and 0 < rows < 1 << 48 and head == _HEAD.pack(b"IwSq", dim, rows, _UNUSED, _UNUSED, 1, 0))
    lists, probes = _LISTS.unpack(opened.read(_LISTS.size))
    _expect(1 <= probes <= lists <= rows and _flat(opened) == (lists, dim))
    opened.seek(4 * lists * dim, 1)
    _expect(opened.read(9) == bytes(9))  # no map from rows to places
    codes = opened.read(_CODES.size)
    bits = _QUANTIZERS.get(_CODES.unpack(codes)[0], 0)
    width = (dim * bits + 7) // 8
    _expect(bits > 0 and codes == _CODES.pack(_CODES.unpack(codes)[0], 0, 0.0, dim, width, 2 * dim))
    opened.seek(4 * 2 * dim, 1)
    _expect(opened.read(9) == _SIZE.pack(width) + b"\0")
    _expect(opened.read(20) == b"ilar" + _SIZE.pack(lists) + _SIZE.pack(width))
    sizes = _sizes(opened, lists, size)
    start = opened.tell()
    _expect(int(sizes.sum()) == rows and start + rows * (width + 8) == size)
    _expect(_is_each_row_once(opened, sizes, width, rows))
    return Lists(rows, dim, lists, probes, bits)


def _sizes(opened: BinaryIO, lists: int, size: int) -> NDArray[np.int64]:
    """Return the number of rows in each list: all of them, or pairs of list and number where most lists are empty."""
    kind, (count,) = opened.read(4), _SIZE.unpack(opened.read(_SIZE.size))
    _expect(kind in (b"full", b"sprs") and 8 * count <= size)
    values = np.frombuffer(opened.read(8 * count), dtype="<i8")
    _expect(len(values) == count)
    if kind == b"sprs":
        _expect(count % 2 == 0)
        places, values = values[::2], values[1::2]
        _expect(bool(np.all((places >= 0) & (places < lists)) and np.all(places[1:] > places[:-1])))
    else:
        _expect(count == lists)
    _expect(bool(np.all((values >= 0) & (values <= size))))
    return values


def _is_each_row_once(opened: BinaryIO, sizes: NDArray[np.int64], width: int, rows: int) -> bool:
    seen = np.zeros(rows, dtype=bool)
    for count in sizes.tolist():
        opened.seek(count * width, 1)
        ids = np.frombuffer(opened.read(8 * count), dtype="<i8")
        if not np.all((ids >= 0) & (ids < rows)):
            return False
        seen[ids] = True
    return bool(seen.all())  # as many ids as rows, so none stands twice
