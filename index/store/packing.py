"""Packs postings into little space: which texts hold a term, and how often where it is more than once.

The rows of all texts are cut into blocks, and of a posting only the place in its block is written, so that few bytes
do. The texts of a term are written in the shortest of four ways (compare Chambi et al., Better bitmap performance with
Roaring bitmaps, 2016):

    1 byte a posting        blocks of 256 texts; before the postings a byte a block with how many it has
    2 or 4 bytes a posting  blocks of 65,536 texts, or one of all; before them an offset a block, and their number
    bits                    one a text, 1 where it holds the term, in blocks of 512 texts; then offsets of the blocks

A block has up to 256 postings, which a byte cannot say: a term that stands in 256 texts in a row is written otherwise.

Four postings in five stand for one occurrence. So one bit a posting says whether there are more, and only those have
four bits with their number less two; 15 says that it is above 16, and then it stands in a byte beside (one in a hundred
and twenty at 100,000 passages). More than 255 count as 255, a hundredth of a weight away from any higher number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BITS = 0
"""The kind of a term that is written as bits; other kinds are the bytes of a posting."""
# How far the number of a text is shifted for that of its block.
SHIFTS = {1: 8, 2: 16, 4: 32, BITS: 9}
_KINDS = np.array(list(SHIFTS), dtype=np.uint8)
LOW: dict[int, np.dtype[Any]] = {1: np.dtype("u1"), 2: np.dtype("<u2"), 4: np.dtype("<u4")}
OFFSET, WORD = np.dtype("<u4"), np.dtype("<u8")
MOST_MORE = 1 << 32
"""Postings of more than one occurrence that are numbered in four bytes: those of a hundred million passages."""
WORDS = 8  # of 64 bits, in a block of bits
MOST_TIMES = 255
SHORT_TIMES = 16
"""The highest number of occurrences that fits into four bits; two are written as 0."""
_SHORT = 512  # postings; writing a longer term by itself takes less time than its share of writing many together

_Bytes = NDArray[np.uint8]
_Rows = NDArray[np.int32]
_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Packed postings of a few terms: the kind of each, the bytes it takes, and all bytes.

    `is_more` says of each posting whether it is more than one occurrence, `more` how many those are, a byte each.
    """

    kinds: _Bytes
    sizes: _Places
    rows: _Bytes
    is_more: NDArray[np.bool_]
    more: _Bytes


def pack(rows: _Rows, times: NDArray[np.integer[Any]], starts: _Places, texts: int) -> Stretch:
    """Return the postings of terms packed; those of term i are `rows[starts[i]:starts[i + 1]]`, ascending.

    `rows` are below `texts`, `times` at least one; no term is without postings.
    """
    is_more = times > 1
    more = np.minimum(times[np.flatnonzero(is_more)], MOST_TIMES).astype(np.uint8)  # by places: half the time
    frequency = np.diff(starts)
    choice = np.stack([bytes_of(kind, frequency, texts) for kind in SHIFTS])
    choice[list(SHIFTS).index(1), _in_a_row(rows, starts)] = np.iinfo(np.int64).max
    chosen = np.argmin(choice, axis=0)  # the first of equals
    kinds, sizes = _KINDS[chosen], choice[chosen, np.arange(len(chosen))]
    begins = np.cumsum(sizes) - sizes
    packed = np.zeros(int(sizes.sum()), dtype=np.uint8)
    for kind in SHIFTS:
        terms = np.flatnonzero(kinds == kind)
        is_long = frequency[terms] > (_SHORT if kind != BITS else 0)
        _write_each(packed, kind, terms[is_long], begins, rows, starts, texts)
        _write_together(packed, kind, terms[~is_long], begins, rows, starts, texts)
    return Stretch(kinds, sizes, packed, is_more, more)


def _in_a_row(rows: _Rows, starts: _Places) -> _Places:
    """Return the terms that stand in as many texts in a row as a block of one byte a posting has."""
    whole = (1 << SHIFTS[1]) - 1
    first = np.flatnonzero(rows[whole:] - rows[:-whole] == whole)
    terms = starts.searchsorted(first, side="right") - 1
    return terms[first + whole < starts[terms + 1]]


def _write_each(
    packed: _Bytes, kind: int, terms: _Places, begins: _Places, rows: _Rows, starts: _Places, texts: int
) -> None:
    """Write terms of a kind one after the other."""
    blocks = blocks_of(kind, texts)
    bounds = np.minimum(np.arange(blocks + 1, dtype=np.int64) << SHIFTS[kind], texts).astype(np.int32)
    offsets, data = parts_of(kind, texts)
    all_data = packed if kind == BITS else packed.view(LOW[kind])
    bits = np.zeros(64 * WORDS * blocks if kind == BITS else 0, dtype=bool)
    for begin, start, end in zip(
        begins[terms].tolist(), starts[terms].tolist(), starts[terms + 1].tolist(), strict=True
    ):
        own, before = rows[start:end], begin + offsets
        ends = own.searchsorted(bounds)
        if kind == 1:
            packed[before : before + blocks] = np.diff(ends)
        else:
            packed[before : before + OFFSET.itemsize * (blocks + 1)].view(OFFSET)[:] = ends
        if kind == BITS:
            bits.fill(False)
            bits[own.astype(np.intp)] = True  # NumPy takes half as long again to index by anything else
            packed[begin + data : begin + data + len(bits) // 8] = np.packbits(bits, bitorder="little")
        else:
            first = (begin + data) // kind
            all_data[first : first + end - start] = own  # the low bytes


def _write_together(
    packed: _Bytes, kind: int, terms: _Places, begins: _Places, rows: _Rows, starts: _Places, texts: int
) -> None:
    """Write terms of a kind all at once: most are rare, and each NumPy call costs as much as many postings."""
    if not len(terms):
        return
    blocks, (offsets, data) = blocks_of(kind, texts), parts_of(kind, texts)
    counts = starts[terms + 1] - starts[terms]
    before = np.cumsum(counts) - counts
    among = np.arange(int(counts.sum()))
    own = rows[np.repeat(starts[terms] - before, counts) + among]
    packed.view(LOW[kind])[np.repeat((begins[terms] + data) // kind - before, counts) + among] = own
    block = np.repeat(np.arange(len(terms)) * blocks, counts) + (own >> SHIFTS[kind])
    in_blocks = np.bincount(block, minlength=len(terms) * blocks).reshape(len(terms), blocks)
    if kind == 1:
        packed[(begins[terms] + offsets)[:, None] + np.arange(blocks)] = in_blocks
    else:
        places = ((begins[terms] + offsets) // OFFSET.itemsize)[:, None] + np.arange(1, blocks + 1)
        packed.view(OFFSET)[places] = np.cumsum(in_blocks, axis=1)


def blocks_of(kind: int, texts: int) -> int:
    """Return into how many blocks so many texts are cut for a term of this kind."""
    return max(1, -(-texts >> SHIFTS[kind]))


def parts_of(kind: int, texts: int) -> tuple[int, int]:
    """Return where in its bytes the offsets (of kind 1 the numbers) of its blocks and the postings of a term begin."""
    blocks = blocks_of(kind, texts)
    if kind == BITS:
        return 8 * WORDS * blocks, 0  # bits begin with a whole word
    return 0, blocks if kind == 1 else OFFSET.itemsize * (blocks + 1)


def bytes_of(kind: int, frequency: _Places, texts: int) -> _Places:
    """Return the bytes that terms in so many texts take, in whole words of eight."""
    blocks = blocks_of(kind, texts)
    postings = kind * frequency if kind != BITS else np.full(len(frequency), 8 * WORDS * blocks)
    size: _Places = -(-((blocks if kind == 1 else OFFSET.itemsize * (blocks + 1)) + postings) // 8) * 8
    return size


def halve(more: _Bytes) -> _Bytes:
    """Return how many occurrences postings are, two or more, in half a byte each: the first of two in the low half."""
    short = np.minimum(more, SHORT_TIMES + 1) - np.uint8(2)
    if len(short) % 2:
        short = np.append(short, np.uint8(0))
    return short[::2] | short[1::2] << np.uint8(4)


def whole_blocks(bits: _Bytes, *, before: int = 0) -> _Bytes:
    """Return packed bits with zeros behind: with so many bytes `before` them they are whole blocks, one not full."""
    size = ((before + len(bits)) // (8 * WORDS) + 1) * 8 * WORDS
    return np.concatenate([bits, np.zeros(size - before - len(bits), dtype=np.uint8)])


def ranks_of(bits: _Bytes) -> NDArray[np.uint32]:
    """Return how many bits are 1 before each block of whole blocks: fewer than `MOST_MORE`."""
    ones = np.bitwise_count(bits.view(WORD)).reshape(-1, WORDS).sum(axis=1, dtype=np.uint32)
    ranks: NDArray[np.uint32] = np.cumsum(ones, dtype=np.uint32) - ones
    return ranks
