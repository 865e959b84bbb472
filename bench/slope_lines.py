"""Draws the lines of index/capacity.tsv through what bench/slopes.py measured, and puts them into docs/scale.md."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "python bench/slopes.py"
_UNITS = {"disk": "B", "records": "B", "memory": "B", "qdrant.disk": "B", "count": ""}

Values = dict[str, float]


def fitted(sizes: np.ndarray, values: np.ndarray) -> tuple[float, float, float]:
    """Return what a line begins with, what it gains a passage, and its largest relative error.

    Neither is negative: where the least squares say so, the line goes through zero, or is level.
    """
    weights = 1 / np.maximum(values, 1e-12)
    design = np.stack([np.ones(len(sizes)), sizes], axis=1)
    fixed, each = np.linalg.lstsq(design * weights[:, None], values * weights, rcond=None)[0]
    if len(sizes) == 1 or fixed < 0:
        ratio = values / sizes
        fixed, each = 0.0, float((ratio * weights**2 * sizes**2).sum() / (weights**2 * sizes**2).sum())
    elif each < 0:
        fixed, each = float(values.mean()), 0.0
    off = np.abs((fixed + each * sizes) * weights - 1).max()
    return float(fixed), float(each), float(off)


def table_of(points: Mapping[str, Values]) -> str:
    """Return the table: a line through all points of each name, and how well it fits."""
    from index.capacity_slopes import COLUMNS

    known: dict[str, dict[float, float]] = defaultdict(dict)
    for point in points.values():
        for key, value in point.items():
            name, _, at = key.partition("@")  # most lines are drawn over passages, some over something else
            if name != "passages" and value:
                known[name][float(at or point["passages"])] = value
    rows = ["\t".join(COLUMNS)]
    for name in sorted(known):
        sizes, values = np.array(sorted(known[name].items())).T
        fixed, each, off = fitted(sizes, values)
        unit = next((unit for start, unit in _UNITS.items() if name.startswith(start)), "s")
        where = " ".join(f"{int(size)}" for size in sizes)
        rows.append("\t".join((name, unit, f"{fixed:.4g}", f"{each:.4g}", f"{off:.2g}", where, COMMAND)))
    return "\n".join(rows) + "\n"


def paste_tables() -> None:
    """Put what `policykb plan` and `policykb plan --lines` print now in the place of the tables of docs/scale.md."""
    document = ROOT / "docs" / "scale.md"
    text = document.read_text("utf-8")
    for words in ((), ("--lines",)):
        command = [sys.executable, "-c", "from search_app.cli import main; main()", "plan", *words]
        table = subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, check=True, encoding="utf-8").stdout
        first = table[: table.index("|", 2)]  # the first column tells the tables apart
        text = re.sub(rf"^{re.escape(first)}.*\n(?:\|.*\n)+", lambda _, new=table: new, text, flags=re.MULTILINE)
    document.write_text(text, "utf-8")
