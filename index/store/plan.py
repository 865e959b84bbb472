"""Chooses how the vectors of a build are searched, from how many there are and the memory they may take, and says why.

The choice never looks at the machine, so the same pages give the same build anywhere; whoever has less memory says so.
What is chosen is carried out by `near`; the float16 rows are always kept beside it and give every score that is told.

Measured at 1,000,000 rows of 256 numbers (bench/million.py, the bundled model, one thread, processor time of one
question, until 98 % of its 100 nearest are found):

    exact scan, float32              98 ms, 1,024 MB read    built in  0 s
    exact scan, float16              0.43 of that,   512 MB (measured in turn with float32, on another day)
    IVF, 8-bit codes, 300 exactly    17 ms,   264 MB         built in 29 s
    4-bit codes of two, all read     11 ms,    64 MB         built in 14 s
    IVF, 4-bit codes of two           4 ms,    72 MB         built in 28 s, the nearest 2,000 by codes scored exactly

The last are built in 9 s now (`codes`). HNSW pays only where few nearest ones are wanted (at 100,000 rows efSearch
2,000: 31 ms beside other work, the exact scan 36; built in 130 s), must be rebuilt for every new page and collapses
under filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2, sqrt
from typing import Literal

from index.store.layout import CODE_BITS, NUMBER_BYTES, NUMBERS

# Up to here the scores of all rows take less than reading the words of a question: those of 100,000 take 4.5 ms.
EXACT = 50_000
# Codes and ids of some fourteen million rows of 256; below what a small server leaves to one program.
MEMORY_MB = 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """How vectors are searched: every row (`flat`), or the rows of the nearest lists by their codes (`ivf`).

    `bits` are those of one number of a row as it is searched, `megabytes` what is read when all of them are.
    `reasons` are sentences.
    """

    kind: Literal["flat", "ivf"]
    bits: int
    lists: int
    megabytes: float
    reasons: tuple[str, ...]


def plan_vectors(rows: int, dim: int, *, memory_mb: int = MEMORY_MB, exact: int = EXACT) -> Plan:
    """Return the plan for `rows` vectors of `dim` numbers; `exact` is the number of rows searched without codes."""
    whole = _megabytes(NUMBER_BYTES * rows * dim)
    if rows <= exact:
        return Plan(
            "flat",
            8 * NUMBER_BYTES,
            0,
            whole,
            (f"{rows} vectors, at most {exact}: every one is compared, nothing is missed",),
        )
    if dim % NUMBERS:
        return Plan(
            "flat",
            8 * NUMBER_BYTES,
            0,
            whole,
            (f"{dim} numbers a vector do not pair up into codes: every one is compared",),
        )
    # Fewer lists are told apart less well, more take longer to learn than they save.
    lists = 2 ** round(log2(sqrt(rows)))
    size = _megabytes(rows * (dim * CODE_BITS // NUMBERS // 8 + 8) + 4 * lists * dim)
    reasons = [
        f"{rows} vectors, more than {exact}: reading all {whole} MB for every question is slow, so lists of similar"
        f" vectors are searched by short codes and the best are scored exactly",
        f"{lists} lists: the power of two nearest to the square root of {rows}",
    ]
    if size <= memory_mb:
        reasons.append(f"{CODE_BITS // NUMBERS} bits a number: {size} MB of codes fit into the {memory_mb} MB allowed")
    else:
        reasons.append(
            f"{CODE_BITS // NUMBERS} bits a number: {size} MB of codes, more than the {memory_mb} MB allowed"
        )
    return Plan("ivf", CODE_BITS // NUMBERS, lists, size, tuple(reasons))


def _megabytes(size: int) -> float:
    return round(size / 1e6, 1)
