#!/usr/bin/env python3
"""Measures rebuilds of a large corpus: all pages new, 1 % of them edited, nothing changed, and everything made anew.

    python bench/scale.py [--pages N] [--workers N] [--folder DIR] [--json]

The pages (50,000) are made from the sample corpus by bench/large/pages.py. Each rebuild is a process of its own, one
after the other on the same machine, so the ratios hold where the seconds do not. `memory` is the highest resident size
of the rebuild's own process, mapped files included, beside what it may be: twice the published size plus 400 MB. The
build of the edited corpus is compared with one made with --full: the same files, byte for byte.
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
import time
from pathlib import Path
from typing import Any

from large.pages import write_pages

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-c", "from search_app.cli import main; main()"]
SEED = 1
MEGABYTE = 1_000_000
SPARE_MB = 400

Row = dict[str, Any]


def measure(name: str, pages: Path, kb: Path, *options: str) -> Row:
    """Rebuild in a process of its own and return what it took."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [*COMMAND, "rebuild", str(pages), "--kb", str(kb), "--json", *options],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
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
        "passages": report["passages"],
        "embedded": report["embedded"],
    }


def files_of(kb: Path, build: str) -> dict[str, str]:
    """Return the checksum of every file of a build."""
    manifest = json.loads((kb / "builds" / build / "manifest.json").read_text("utf-8"))
    return dict(manifest["files"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=50_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="work here and leave it; else in a folder that goes afterwards")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    work = options.folder or Path(tempfile.mkdtemp(prefix="policykb-scale-"))
    pages, kb = work / "pages", work / "kb"
    workers = ("--workers", str(options.workers))
    try:
        write_pages(pages, options.pages, seed=SEED)
        rows = [measure("all new", pages, kb, *workers)]
        rows.append(measure("nothing changed", pages, kb, *workers))
        write_pages(pages, options.pages, seed=SEED, only=range(0, options.pages, 100), version=1)
        rows.append(measure("1 % changed", pages, kb, *workers))
        edited = files_of(kb, rows[-1]["build"])
        shutil.rmtree(kb / "builds" / rows[-1]["build"])
        rows.append(measure("the same with --full", pages, kb, *workers, "--full"))
        same = edited == files_of(kb, rows[-1]["build"])
    finally:
        if not options.folder:
            shutil.rmtree(work, ignore_errors=True)
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
    print(f"\nThe build of the edited corpus equals the one made anew, byte for byte: {'yes' if same else 'NO'}.")
    return 0 if same else 1


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
