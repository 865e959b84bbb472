#!/usr/bin/env python3
"""Measures rebuilds of a large corpus: all pages new, 1 % of them edited, nothing changed, and everything made anew.

    python bench/scale.py [--pages N] [--passages-per-page N] [--once] [--workers N] [--folder DIR] [--json]

The pages (50,000 of about five passages) are made from the sample corpus by bench/large/pages.py. Each rebuild is a
process of its own, one after the other on the same machine, so the ratios hold where the seconds do not; what the
exploring pages read is not made. `memory` is the highest resident size of the rebuild's own process, mapped files
included, beside what it may be: twice the published size plus 400 MB. The build of the edited corpus is compared with
one made with --full: the same files, byte for byte. With --once only the first rebuild is made: one million passages
are --pages 100000 --passages-per-page 10 --once. Of each rebuild seconds, CPU seconds of all its processes (as /proc
counts them, to half a second) and, at the end, the disk of each part are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from large.pages import PASSAGES, write_pages

from index.build.manifest import checksums, read_head
from index.build.underway import underway

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-c", "from search_app.cli import main; main()"]
SEED = 1
MEGABYTE = 1_000_000
SPARE_MB = 400
SAMPLED_S = 0.5
TICKS = os.sysconf("SC_CLK_TCK")

Row = dict[str, Any]


class StageCpu(threading.Thread):
    """Adds up in `seconds` the CPU time of process `pid` and those below it, by the stage the base says it is at."""

    def __init__(self, pid: int, kb: Path) -> None:
        super().__init__(daemon=True)
        self.seconds: Counter[str] = Counter()
        self._pid, self._kb, self._known, self._ended = pid, kb, 0.0, threading.Event()

    def run(self) -> None:
        """Look every half second until `end`."""
        stage = "start"
        while not self._ended.wait(SAMPLED_S):
            self._add(stage, cpu_of(self._pid))
            now = underway(self._kb)
            stage = (now and now.stage) or stage

    def end(self, total: float) -> dict[str, float]:
        """Return the seconds of each stage, and as `rest` those up to `total` that came after the last look."""
        self._ended.set()
        self.join()
        self._add("rest", total)
        return {stage: round(seconds, 1) for stage, seconds in self.seconds.items()}

    def _add(self, stage: str, known: float) -> None:
        self.seconds[stage] += max(0.0, known - self._known)
        self._known = max(known, self._known)


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process, of those it waited for, and of those below it that run."""
    spent, parents = {}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        number = int(place.parent.name)
        parents[number], spent[number] = int(fields[1]), sum(map(int, fields[11:15])) / TICKS
    below = {pid}
    for number in sorted(parents):  # a child has a higher number than its parent, but where numbers begin anew
        if parents[number] in below:
            below.add(number)
    return sum(spent.get(number, 0.0) for number in below)


def disk_of(kb: Path, folder: Path) -> dict[str, int]:
    """Return the megabytes of each part of a build, of the raw pages beside it, and of what is kept for the next."""
    parts: Counter[str] = Counter()
    for place in (folder, kb / "pages", kb / "cache"):
        for file in place.rglob("*"):
            if file.is_file():
                inside = file.relative_to(folder).parts[0] if place == folder else f"{place.name}/ of the base"
                parts[inside] += file.stat().st_size
    return {name: round(size / MEGABYTE) for name, size in parts.most_common()}


def measure(name: str, pages: Path, kb: Path, *options: str) -> Row:
    """Rebuild in a process of its own and return what it took."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [*COMMAND, "rebuild", str(pages), "--kb", str(kb), "--no-prepare", "--json", *options],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        watch = StageCpu(process.pid, kb)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if process.returncode:
        raise SystemExit(f"{name}: the rebuild ended with {process.returncode}: {printed}")
    report = json.loads(printed)
    folder = kb / "builds" / report["build"]
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {
        "rebuild": name,
        "seconds": round(time.perf_counter() - begun, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "memory_mb": round(usage.ru_maxrss * 1024 / MEGABYTE),
        "allowed_mb": round(2 * size / MEGABYTE + SPARE_MB),
        "published_mb": round(size / MEGABYTE),
        "build": report["build"],
        "pages": report["pages"],
        "passages": report["passages"],
        "stages": report["stages"],
        "stages_cpu": watch.end(usage.ru_utime + usage.ru_stime),
        "disk_mb": disk_of(kb, folder),
        "embedded": report["embedded"],
    }


def files_of(kb: Path, build: str) -> dict[str, str]:
    """Return the checksum of every other file of a build than its manifest."""
    return checksums(read_head(kb / "builds" / build))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=50_000)
    parser.add_argument("--passages-per-page", type=int, default=PASSAGES, metavar="N")
    parser.add_argument("--once", action="store_true", help="only the first rebuild, of all pages")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="work here and leave it; else in a folder that goes afterwards")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    work = options.folder or Path(tempfile.mkdtemp(prefix="policykb-scale-"))
    pages, kb = work / "pages", work / "kb"
    workers = ("--workers", str(options.workers))
    try:
        write_pages(pages, options.pages, seed=SEED, passages=options.passages_per_page)
        rows = [measure("all new", pages, kb, *workers)]
        if options.once:
            return tell(options, rows, same=True)
        rows.append(measure("nothing changed", pages, kb, *workers))
        edited_ones = range(0, options.pages, 100)
        write_pages(pages, options.pages, seed=SEED, only=edited_ones, version=1, passages=options.passages_per_page)
        rows.append(measure("1 % changed", pages, kb, *workers))
        edited = files_of(kb, rows[-1]["build"])
        shutil.rmtree(kb / "builds" / rows[-1]["build"])
        rows.append(measure("the same with --full", pages, kb, *workers, "--full"))
        same = edited == files_of(kb, rows[-1]["build"])
    finally:
        if not options.folder:
            shutil.rmtree(work, ignore_errors=True)
    return tell(options, rows, same=same)


def tell(options: argparse.Namespace, rows: list[Row], *, same: bool) -> int:
    """Print what was measured, and return the status to end with."""
    if options.json:
        print(json.dumps({"pages": options.pages, "workers": options.workers, "same": same, "rebuilds": rows}))
        return 0 if same else 1
    print(f"{options.pages:,} pages, {rows[0]['passages']:,} passages, {options.workers} workers\n")
    print("| rebuild | seconds | of all new | passages embedded | memory, MB | may be |\n|---|--:|--:|--:|--:|--:|")
    for row in rows:
        share = row["seconds"] / rows[0]["seconds"]
        print(
            f"| {row['rebuild']} | {row['seconds']:.0f} | {share:.2f} | {row['embedded']:,} | {row['memory_mb']:,} |"
            f" {row['allowed_mb']:,} |"
        )
    print("\n| rebuild | stage | seconds | CPU seconds |\n|---|---|--:|--:|")
    for row in rows:
        for stage in dict.fromkeys([*row["stages"], *row["stages_cpu"]]):
            seconds = row["stages"].get(stage)
            print(
                f"| {row['rebuild']} | {stage} | {'' if seconds is None else round(seconds)} |"
                f" {row['stages_cpu'].get(stage, 0.0):.0f} |"
            )
    print("\n| part of the last build | disk, MB |\n|---|--:|")
    for part, size in rows[-1]["disk_mb"].items():
        print(f"| {part} | {size:,} |")
    if options.once:
        return 0
    print(f"\nThe build of the edited corpus equals the one made anew, byte for byte: {'yes' if same else 'NO'}.")
    return 0 if same else 1


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
