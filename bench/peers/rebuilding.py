"""Measures a whole rebuild of policykb from pages, beside the index stages that the peers are compared with."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from large.pages import write_pages
from peers.measuring import CLI, Results, say, timed

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
    with (folder / "rebuild.json").open("w+") as output:
        code, took = timed([sys.executable, *CLI, "rebuild", str(place), "--kb", str(kb), "--json"], output)
        output.seek(0)
        printed = output.read()
    if code:
        say(f"  the rebuild ended with {code}: {printed}")
        return
    told = json.loads(printed)
    results.keep("rebuild", {**took, "made_of": pages, "passages": told["passages"], "stages": told["stages"]})
    for each in (place, kb):
        shutil.rmtree(each)
