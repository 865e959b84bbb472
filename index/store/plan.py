"""Chooses how the vectors of a build are searched, from how many there are and the memory they may take, and says why.

The choice never looks at the machine, so the same pages give the same build anywhere; whoever has less memory says so.
What is chosen is carried out by `near`; the float32 rows are always kept beside it and give every score that is told.

Measured at 250,000 rows of 256 numbers of real text (passages, sentences and clauses of the measuring collections, the
bundled model, one thread, processor time of one question, until 98 % of its 100 nearest are found):

    exact scan            30 ms, 256 MB read       built in 0 s
    IVF, 8-bit codes      11 ms,  67 MB            built in 6 s
    HNSW32, 8-bit codes   at 100,000 rows efSearch 2,000: 31 ms beside other work, the exact scan 36; built in 130 s

HNSW pays only where few nearest ones are wanted, must be rebuilt for every new page and collapses under filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2, sqrt
from typing import Literal

# Up to here an exact scan takes 6 ms or less, about as long as reading the words of a question.
EXACT = 50_000
# Codes of 8 bits and ids of some four million rows of 256; below what a small server leaves to one program.
MEMORY_MB = 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """How vectors are searched: every row (`flat`), or the rows of the nearest lists by their codes (`ivf`).

    `bits` are those of one number of a row as it is searched, `megabytes` what is read of them when all is searched.
    `reasons` are sentences.
    """

    kind: Literal["flat", "ivf"]
    bits: int
    lists: int
    megabytes: float
    reasons: tuple[str, ...]


def plan_vectors(rows: int, dim: int, *, memory_mb: int = MEMORY_MB, exact: int = EXACT) -> Plan:
    """Return the plan for `rows` vectors of `dim` numbers; `exact` is the number of rows searched without codes."""
    whole = _megabytes(4 * rows * dim)
    if rows <= exact:
        return Plan(
            "flat", 32, 0, whole, (f"{rows} vectors, at most {exact}: every one is compared, nothing is missed",)
        )
    # Twice the square root: fewer lists are told apart less well, more take longer to learn than they save.
    lists = 2 ** round(log2(2 * sqrt(rows)))
    reasons = [
        f"{rows} vectors, more than {exact}: reading all {whole} MB for every question is slow, so lists of similar"
        f" vectors are searched by short codes and the best are scored exactly",
        f"{lists} lists: the power of two nearest to twice the square root of {rows}",
    ]
    sizes = {bits: _megabytes(rows * ((dim * bits + 7) // 8 + 8) + 4 * lists * dim) for bits in (8, 4)}
    bits = 8 if sizes[8] <= memory_mb else 4
    if bits == 8:
        reasons.append(f"8 bits a number: {sizes[8]} MB of codes fit into the {memory_mb} MB allowed")
    else:
        reasons.append(f"4 bits a number: {sizes[8]} MB of 8-bit codes do not fit into the {memory_mb} MB allowed")
    if sizes[bits] > memory_mb:
        reasons.append(f"nor do the {sizes[bits]} MB of these: what is used often stays in memory, the rest is slower")
    return Plan("ivf", bits, lists, sizes[bits], tuple(reasons))


def _megabytes(size: int) -> float:
    return round(size / 1e6, 1)
