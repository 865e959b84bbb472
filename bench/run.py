#!/usr/bin/env python3
"""Reproduces every figure of the README: `make bench`, or `python bench/run.py [NAME…]`.

Runs cleaning, answers, retrieval, embedding and start one after the other and prints their tables as Markdown. Takes
about ten minutes on two cores. Without the collections of POLICYKB_SHARED only what the sample corpus shows is printed.
What takes longer runs when it is named: `python bench/run.py crash scale fuzz million slopes`. The stores of others are
measured by `python bench/peers/run.py`, which `make bench` runs as well.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS = ("cleaning", "answers", "retrieval", "embedding", "start")
ON_REQUEST = ("crash", "scale", "fuzz", "million", "slopes")  # minutes to an hour each


def main() -> int:
    wanted = sys.argv[1:] or PARTS
    unknown = [name for name in wanted if name not in PARTS + ON_REQUEST]
    if unknown:
        print(f"no bench is called {unknown[0]}; there are {', '.join(PARTS + ON_REQUEST)}", file=sys.stderr)
        return 2
    failed = 0
    for name in wanted:
        print(f"\n## {name}\n", flush=True)
        failed += subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
