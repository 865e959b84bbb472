#!/usr/bin/env python3
"""Measures what a passage costs: the lines of index/capacity.tsv, which `policykb plan` draws on (docs/scale.md).

    python bench/slopes.py [--passages N…] [--base KB@BUILD…] [--folder DIR] [--only PART…] [--dry-run]
    python bench/slopes.py --folder DIR --passages --base KB@BUILD --only query     (adds a large base to those in DIR)

Corpora of about N passages (2,000, 10,000 and 52,000) are made from the sample corpus by bench/large/pages.py and
rebuilt from nothing by one process with one thread; each measurement is a process of its own. A base that is there
already (`--base`, such as that of bench/million.py) adds a point for what can be read off it: bytes, memory, queries.
Times are processor seconds of the process and its children, which other work on the machine changes little. Memory of a
server is what it holds beside mapped files; memory of a rebuild is its highest resident size.

Through the points of each measurement goes the straight line with the least relative errors, and the largest relative
error stands in the table: 0.02 says that at no measured size the line is off by more than 2 %. Points are kept in
`points.json` in the folder, so a part can be measured again (`--only` with names of PARTS).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from slope_lines import Values, paste_tables, table_of  # lies beside this file

ROOT = Path(__file__).resolve().parents[1]
SIZES = (2_000, 10_000, 52_000)  # the last one above index/store/plan.py's EXACT, so that lists of vectors are built
PASSAGES_A_PAGE = 4.93  # of bench/large/pages.py, to make corpora of about that size; what came out is counted
PARTS = ("rebuild", "prepare", "serve", "encode", "qdrant", "query")
QUESTIONS = 100
ROUND = 20
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def cpu_seconds() -> float:
    """Return the processor seconds of this process and of its children that ended."""
    return sum(os.times()[:4])


class CpuClock:
    """Adds up the processor seconds of each stage that a rebuild tells of."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._stage, self._since = "", cpu_seconds()

    def __call__(self, stage: str, *_: int) -> None:
        """Note the stage that is at work."""
        if stage != self._stage:
            now = cpu_seconds()
            if self._stage:
                self.spent[self._stage] += now - self._since
            self._stage, self._since = stage, now

    def values(self) -> Values:
        """Return the seconds of each stage, the last one up to now."""
        self("")
        return {f"cpu.{stage}": seconds for stage, seconds in self.spent.items()}


def measure_rebuild(work: Path) -> Values:
    """Rebuild from nothing and return processor time by stage, the highest memory and the bytes of each part."""
    from index.build.build import rebuild
    from index.model import load_embedder

    clock = CpuClock()
    shutil.rmtree(work / "kb", ignore_errors=True)
    rebuild([work / "pages"], work / "kb", embedder=load_embedder(), workers=1, progress=clock)
    return {**clock.values(), "memory.rebuild": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def measure_prepare(work: Path) -> Values:
    """Prepare for exploring and return the processor time."""
    from index.explore.prepare import prepare
    from index.kb import open_kb

    base = open_kb(work / "kb")
    shutil.rmtree(base.path / "explore", ignore_errors=True)
    begun = cpu_seconds()
    prepare(base)
    return {"cpu.prepare": cpu_seconds() - begun}


def measure_serve(kb: Path, build: str | None = None) -> Values:
    """Open a base as a server does, ask it, and return sizes and memory."""
    from index.capacity_slopes import sizes_of
    from index.kb import open_kb

    base = open_kb(kb, build=build)
    values: Values = {"passages": base.head["counts"]["passages"], **sizes_of(kb, base.build)}
    values |= records_by_group(base.path / "records.sqlite")
    base.load()
    for question in questions()[:ROUND]:  # so that what is loaded at first use, and what a question leaves, is there
        base.ask(question)
    values["memory.serving"] = anonymous_bytes()
    return values


def measure_queries(places: list[str]) -> dict[str, Values]:
    """Return the processor seconds of a question to each of the bases (KB@BUILD), the median of many.

    Every question goes to all bases in turn, so other work on the machine slows all of them alike: the line is right
    where its beginning is not.
    """
    from index.kb import open_kb

    opened = {
        place: open_kb(Path(kb), build=build or None) for place in places for kb, _, build in [place.partition("@")]
    }
    *asking, first = questions()[: QUESTIONS + 1]
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for question in (first, *asking):
        for place, base in opened.items():
            puts: dict[str, Callable[[str], object]] = {"search": base.search, "ask": base.ask}
            for name, put in puts.items():
                begun = time.process_time()
                put(question)
                if question != first:  # that one loads what is loaded at first use
                    times[place, name].append(time.process_time() - begun)
    return {place: {f"query.{name}": median(times[place, name]) for name in ("search", "ask")} for place in opened}


def questions() -> list[str]:
    """Return the everyday questions of the sample corpus."""
    lines = (ROOT / "corpus" / "gold" / "questions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def anonymous_bytes() -> int:
    """Return the resident bytes of this process that are no mapped file."""
    found = re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())
    if found is None:
        raise SystemExit("/proc/self/status tells no RssAnon: measure on Linux")
    return 1024 * int(found[1])


def records_by_group(file: Path) -> Values:
    """Return the bytes of the tables of records with their indexes, by what they hold."""
    groups: Values = defaultdict(float)
    with sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True) as connection:
        owner = dict(connection.execute("SELECT name, tbl_name FROM sqlite_master"))
        parts = {"slices": "passages", "removed": "removals", "reasons": "removals"}
        owner = {name: parts.get(table, table) for name, table in owner.items()}
        for name, size in connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"):
            table = owner.get(name, "other")
            known = ("pages", "passages", "articles", "removals", "facts", "see_also")
            groups[f"records.{table if table in known else 'other'}"] += size
    return dict(groups)


def measure_encode(work: Path) -> Values:
    """Return the processor seconds that a passage takes transformers, each by the parameters of its layers."""
    from random_transformer import encoding_seconds

    from index.kb import open_kb

    texts = [row["text"] for row in open_kb(work / "kb").records.query("SELECT text FROM passages LIMIT 256")]
    return {f"encode.transformer@{size}": seconds for size, seconds in encoding_seconds(texts).items()}


def measure_qdrant(work: Path) -> Values:
    """Return what the same base takes in one shard of Qdrant."""
    from shard_sizes import shard_values

    return shard_values(work / "kb", questions()[: QUESTIONS + 1])


CHILDREN: Mapping[str, Callable[[Path], Values]] = {
    "rebuild": measure_rebuild,
    "prepare": measure_prepare,
    "serve": lambda work: measure_serve(work / "kb"),
    "encode": measure_encode,
    "qdrant": measure_qdrant,
}


def in_child(*words: str) -> dict[str, Any]:
    """Run one measurement as a process of its own and return what it prints."""
    command = [sys.executable, __file__, "--child", *words]
    child = subprocess.run(command, stdout=subprocess.PIPE, env={**os.environ, **_ONE_THREAD}, cwd=ROOT, check=True)
    return dict(json.loads(child.stdout))


def measure_size(passages: int, folder: Path, parts: list[str], points: dict[str, Values]) -> None:
    """Measure the parts at one size and add what they gave to the points of that size."""
    from large.pages import write_pages

    work = folder / str(passages)
    if not (work / "pages").is_dir():
        write_pages(work / "pages", round(passages / PASSAGES_A_PAGE))
    point = points.setdefault(str(passages), {})
    for part in PARTS:
        if part in parts and part in CHILDREN:
            print(f"{passages:,} passages: {part}", file=sys.stderr, flush=True)
            point |= in_child(part, str(work))
            (folder / "points.json").write_text(json.dumps(points, indent=1) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--base", nargs="*", default=[], metavar="KB@BUILD", help="also read these bases")
    parser.add_argument("--folder", type=Path, help="work here and leave it; else in a folder that goes afterwards")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--dry-run", action="store_true", help="print the table instead of writing it")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        part, work, *build = options.child
        if part == "query":
            print(json.dumps(measure_queries([work, *build])))
        else:
            print(json.dumps(measure_serve(Path(work), build[0]) if build else CHILDREN[part](Path(work))))
        return 0
    folder = options.folder or Path(tempfile.mkdtemp(prefix="policykb-slopes-"))
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "points.json"
    points: dict[str, Values] = json.loads(kept.read_text()) if kept.is_file() else {}
    try:
        for passages in options.passages:
            measure_size(passages, folder, options.only, points)
        for base in options.base:
            print(f"{base}: serve", file=sys.stderr, flush=True)
            kb, _, build = base.rpartition("@")
            points[base] = in_child("serve", kb, build)
        if "query" in options.only:
            # Points of made corpora are named by their size, those of bases by where they lie.
            places = {name if "@" in name else f"{folder / name / 'kb'}": name for name in points}
            print(f"all sizes in turn: {QUESTIONS} questions", file=sys.stderr, flush=True)
            for place, values in in_child("query", *places).items():
                points[places[place]] |= values
        kept.write_text(json.dumps(points, indent=1) + "\n")
        table = table_of(points)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    if options.dry_run:
        print(table, end="")
    else:
        (ROOT / "index" / "capacity.tsv").write_text(table, "utf-8")
        paste_tables()
    return 0


if __name__ == "__main__":
    sys.exit(main())
