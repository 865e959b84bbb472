"""Measures a whole rebuild of policykb from pages, beside the index stages that the peers are compared with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from large.pages import write_pages
from peers.measuring import CLI, ROOT, Results, say

SEED = 1


def rebuild_whole(folder: Path, pages: int, results: Results) -> None:
    """Make `pages` pages, rebuild from them in a fresh base, and keep what it took, by stage."""
    if results.kept.get("rebuild", {}).get("made_of") == pages:
        return
    place, kb = folder / "pages", folder / "whole"
    for each in (place, kb):
        shutil.rmtree(each, ignore_errors=True)
    write_pages(place, pages, seed=SEED)
    say(f"rebuilding from {pages:,} pages")
    begun = time.perf_counter()
    with (folder / "rebuild.json").open("w+") as output:
        process = subprocess.Popen(
            [sys.executable, *CLI, "rebuild", str(place), "--kb", str(kb), "--json"],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if process.returncode:
        raise SystemExit(f"the rebuild ended with {process.returncode}: {printed}")
    told = json.loads(printed)
    wall, cpu = time.perf_counter() - begun, usage.ru_utime + usage.ru_stime
    figures = {"wall": wall, "cpu": cpu, "made_of": pages, "passages": told["passages"], "stages": told["stages"]}
    results.keep("rebuild", figures)
    for each in (place, kb):
        shutil.rmtree(each)
