"""All statements with a number of a build, and the groups of those that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.explore.prepared import Part, Progress, made

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

_ALL, _GROUPED, _PAIRS = "statements.parquet", "grouped.parquet", "pairs.npz"


@dataclass(frozen=True, slots=True)
class Grouped:
    """The statements that stand in a group (columns of `table.read_table` with `group` and `cell`), and the pairs.

    `pairs` (n, 2) are cells that contradict each other, `likeness` (n,) how alike their sentences are, `apart` (n,) how
    far their values are, as the natural logarithm of the greater by the smaller.
    """

    table: pd.DataFrame
    pairs: NDArray[np.int32]
    likeness: NDArray[np.float32]
    apart: NDArray[np.float32]


def all_statements(kb: KnowledgeBase) -> pd.DataFrame:
    """Return all statements of a build as `table.read_table` has them, with `group` and `cell`. Raises NotPrepared."""
    import pandas as pd

    return pd.read_parquet(made(kb, PART) / _ALL)


def grouped(kb: KnowledgeBase) -> Grouped:
    """Return the statements of a build that are in groups. Raises NotPrepared."""
    import pandas as pd

    folder = made(kb, PART)
    with np.load(folder / _PAIRS) as arrays:
        pairs, likeness, apart = (arrays[name] for name in ("pairs", "likeness", "apart"))
    return Grouped(pd.read_parquet(folder / _GROUPED), pairs, likeness, apart)


def _make(kb: KnowledgeBase, folder: Path, progress: Progress) -> None:
    from index.conflicts.align import align
    from index.conflicts.table import read_table
    from index.conflicts.values import how_far

    table = read_table(kb, lambda done, total: progress("statements", done, total))
    rows, starts, ends = (table[name].to_numpy() for name in ("row", "start", "end"))

    def quote(place: int, before: int = 0) -> str:
        return kb.corpus_text.passage(int(rows[place]))[max(0, starts[place] - before) : ends[place]]

    aligned = align(table, kb.article_of[rows], kb.original_of[rows], quote)
    table["group"], table["cell"] = aligned.group, aligned.cell
    table.to_parquet(folder / _ALL, index=False)
    kept = table[table["group"] >= 0]
    kept.to_parquet(folder / _GROUPED, index=False)
    np.savez(folder / _PAIRS, pairs=aligned.pairs, likeness=aligned.likeness, apart=how_far(kept, aligned.pairs))
    progress("statements", 1, 1)


_READ = ("amounts", "bounds", "conditions", "cues", "figures", "matters", "statements", "table", "wording")
_LAID = ("align", "gather", "values")
PART = Part(
    "statements",
    (
        "index/explore/statements.py",
        *(f"index/conflicts/{name}.py" for name in (*_READ, *_LAID)),
        *("index/question/numbers.py", "index/places.py", "index/explore/independent.py"),
        *("index/ngrams.py", "ingest/facts/named.py", "ingest/facts/regions.py"),
    ),
    _make,
    packages=("numpy", "opencc", "pandas", "pyarrow", "scipy"),
)
