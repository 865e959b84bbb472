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

from index.store import StoreError

# Kind, numbers a row, rows, two fields out of use, whether it is trained, metric (0: inner product).
_HEAD = struct.Struct("<4siqqqBi")
_SIZE = struct.Struct("<Q")
_LISTS = struct.Struct("<QQ")
# Whether the distance to the centre is coded (no, the row itself), bytes a code, rows a block, codes a row and two
# choices of FAISS for a scan; numbers a row, codes a row, bits a code, how many numbers all centres of codes have.
_CODES = struct.Struct("<?QiQiQQQQQ")
_BLOCKS = struct.Struct("<4sQQQQ")
_UNUSED = 1 << 20
NUMBERS = 2
"""Numbers of a row that one code stands for."""
CODE_BITS = 4
"""Bits of a code."""
_BLOCK = 32  # rows whose codes stand together

# Numbers coded one by one: how (4: as float16), three fields of what is learned for other codes, numbers a row, bytes a
# row, how many numbers were learned.
_SCALARS = struct.Struct("<iifQQQ")
_FLOAT16 = 4
_FLAT_HEAD = _HEAD.size + _SIZE.size
ROWS_HEAD = _HEAD.size + _SCALARS.size + _SIZE.size
"""Bytes before the first row in a file of vectors."""
NUMBER_BYTES = 2
"""Bytes of a number there: rows of length one keep their inner products to 1e-4 in float16."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What a file of lists holds: `rows` coded rows in `lists` lists, of which a search reads `probes`."""

    rows: int
    dim: int
    lists: int
    probes: int


def rows_head(rows: int, dim: int) -> bytes:
    """Return what a file of `rows` vectors begins with, before the float16 numbers themselves."""
    size = NUMBER_BYTES * dim
    head = _HEAD.pack(b"IxSQ", dim, rows, _UNUSED, _UNUSED, 1, 0)
    return head + _SCALARS.pack(_FLOAT16, 0, 0.0, dim, size, 0) + _SIZE.pack(rows * size)


def read_rows(file: Path) -> tuple[int, int]:
    """Return rows and numbers a row of a file of vectors. Raises StoreError where it is anything else."""
    size = _size_of(file)
    try:
        with file.open("rb") as opened:
            head = opened.read(ROWS_HEAD)
        _, dim, rows, *_ = _HEAD.unpack(head[: _HEAD.size])
        _expect(dim > 0 and 0 <= rows < 1 << 48 and head == rows_head(rows, dim))
        _expect(ROWS_HEAD + NUMBER_BYTES * rows * dim == size)
    except (_Unfit, struct.error):
        raise StoreError(
            f"{file} ({size} bytes) is damaged or no FAISS index of its kind, expected inner products of float16 rows;"
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
            f"{file} ({size} bytes) is damaged or no FAISS index of its kind, expected inverted lists of short codes;"
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
    """Return rows and numbers a row of the flat float32 vectors that begin here: the centres of lists."""
    head = opened.read(_FLAT_HEAD)
    _, dim, rows, *_ = _HEAD.unpack(head[: _HEAD.size])
    expected = _HEAD.pack(b"IxFI", dim, rows, _UNUSED, _UNUSED, 1, 0) + _SIZE.pack(rows * dim)
    _expect(dim > 0 and 0 <= rows < 1 << 48 and head == expected)
    return rows, dim


def _lists(opened: BinaryIO, size: int) -> Lists:
    head = opened.read(_HEAD.size)
    _, dim, rows, *_ = _HEAD.unpack(head)
    _expect(dim > 0 and 0 < rows < 1 << 48 and head == _HEAD.pack(b"IwPf", dim, rows, _UNUSED, _UNUSED, 1, 0))
    lists, probes = _LISTS.unpack(opened.read(_LISTS.size))
    _expect(1 <= probes <= lists <= rows and 8 * rows < size and _flat(opened) == (lists, dim))
    opened.seek(4 * lists * dim, 1)
    _expect(opened.read(9) == bytes(9))  # no map from rows to places
    codes = dim // NUMBERS
    padded = codes + codes % 2  # codes are read in pairs
    centres = codes * (1 << CODE_BITS) * NUMBERS
    width = (codes * CODE_BITS + 7) // 8
    expected = _CODES.pack(False, width, _BLOCK, padded, 0, 0, dim, codes, CODE_BITS, centres)
    _expect(dim % NUMBERS == 0 and opened.read(_CODES.size) == expected)
    opened.seek(4 * centres, 1)
    block = _BLOCK * padded * CODE_BITS // 8
    _expect(opened.read(_BLOCKS.size) == _BLOCKS.pack(b"ilbl", lists, (1 << 64) - 1, _BLOCK, block))
    _expect(_is_each_row_once(opened, lists, block, rows, size) and opened.tell() == size)
    return Lists(rows, dim, lists, probes)


def _is_each_row_once(opened: BinaryIO, lists: int, block: int, rows: int, size: int) -> bool:
    """Say whether every row is in one list, and the codes behind each list's rows are as many as they are."""
    seen = np.zeros(rows, dtype=bool)
    told = 0
    for _ in range(lists):
        (count,) = _SIZE.unpack(opened.read(_SIZE.size))
        told += count
        if told > rows:
            return False
        ids = np.frombuffer(opened.read(8 * count), dtype="<i8")
        if len(ids) != count or not np.all((ids >= 0) & (ids < rows)):
            return False
        seen[ids] = True
        (codes,) = _SIZE.unpack(opened.read(_SIZE.size))
        if codes != -(-count // _BLOCK) * block or opened.tell() + codes > size:
            return False
        opened.seek(codes, 1)
    return told == rows and bool(seen.all())  # as many ids as rows, so none stands twice
