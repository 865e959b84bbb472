#!/usr/bin/env python3
"""Measures how long a question takes from process start, beside what importing sentence_transformers alone costs.

    python bench/start.py [--runs N] [--json]

Medians over whole processes, the two commands in turn, so that the ratio holds on a noisy machine. The base is built
from the sample corpus first; building is not counted.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-c", "from search_app.cli import main; main()"]
QUESTION = "失业以后医保谁来交"


def seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each command")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        kb = str(Path(scratch) / "kb")
        subprocess.run(
            [*COMMAND, "rebuild", "corpus/pages", "--kb", kb, "--json"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        commands = {
            "policykb search": [*COMMAND, "search", QUESTION, "--kb", kb, "--json"],
            "policykb ask": [*COMMAND, "ask", QUESTION, "--kb", kb, "--json"],
            "import sentence_transformers": [sys.executable, "-c", "import sentence_transformers"],
        }
        for command in commands.values():  # once, so that files are in the page cache for all alike
            seconds(command)
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(options.runs):
            for name, command in commands.items():
                taken[name].append(seconds(command))
    medians = {name: round(statistics.median(values), 2) for name, values in taken.items()}
    if options.json:
        print(json.dumps(medians))
        return
    base = medians["import sentence_transformers"]
    print("| whole process | median seconds | of importing sentence_transformers |\n|---|--:|--:|")
    for name, median in medians.items():
        print(f"| {name} | {median:.2f} | {median / base:.2f} |")


if __name__ == "__main__":
    main()
