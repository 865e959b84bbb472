#!/usr/bin/env python3
"""Measures what a rebuild on Ray costs beside one in one process and in two, on one machine, and that all are the same.

    python bench/on_ray.py [--pages N]

The pages (2,000) are made from the sample corpus by bench/large/pages.py. `CPU` is what the rebuild's process and all
below it used, Ray's own among them; `memory` their largest sum of proportional shares (Pss: what several share counts
once). Both are looked at every fifth of a second, so what a process did in its last moments is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from large.pages import write_pages

from index.build.manifest import checksums, read_head

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-c", "from search_app.cli import main; main()", "rebuild"]
EVERY_S = 0.2
RUNS = {
    "one process": ("--workers", "1"),
    "two processes": ("--workers", "2"),
    "Ray, two workers": ("--runner", "ray", "--workers", "2"),
}


def below(root: int) -> dict[int, float]:
    """Return the processes below `root`, itself included, with the CPU seconds of each."""
    parents, seconds = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        pid = int(entry.name)
        parents[pid] = int(fields[1])
        seconds[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: seconds[pid] for pid in found if pid in seconds}


def memory(pids: dict[int, float]) -> int:
    """Return the bytes that the processes hold, shared ones counted once."""
    total = 0
    for pid in pids:
        try:
            rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(row.split()[1]) * 1024 for row in rows if row.startswith("Pss:"))
    return total


def measure(pages: Path, kb: Path, *options: str) -> tuple[float, float, int, dict[str, str]]:
    """Rebuild; return seconds, CPU seconds, the most bytes held, and the checksums of the build's files."""
    begun, used, most = time.perf_counter(), dict[int, float](), 0
    with tempfile.TemporaryFile("w+") as output:
        command = [*COMMAND, str(pages), "--kb", str(kb), "--json", "--no-prepare", *options]
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            now = below(process.pid)
            used |= now
            most = max(most, memory(now))
            time.sleep(EVERY_S)
        output.seek(0)
        report = json.load(output)
    files = checksums(read_head(kb / "builds" / report["build"]))
    return time.perf_counter() - begun, sum(used.values()), most, files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    options = parser.parse_args()
    files = []
    with tempfile.TemporaryDirectory() as name:
        pages = Path(name) / "pages"
        write_pages(pages, options.pages, seed=1)
        print("| who works | seconds | CPU, s | memory, MB |\n|---|--:|--:|--:|")
        for number, (who, chosen) in enumerate(RUNS.items()):
            seconds, cpu, held, made = measure(pages, Path(name) / f"kb{number}", *chosen)
            files.append(made)
            print(f"| {who} | {seconds:.0f} | {cpu:.0f} | {held / 1e6:,.0f} |", flush=True)
    same = all(made == files[0] for made in files)
    print(f"\n{options.pages:,} pages; the builds are the same, byte for byte: {'yes' if same else 'NO'}.")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
