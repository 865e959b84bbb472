#!/usr/bin/env python3
"""Measures policykb beside its peers: the same passages and vectors, one machine, one run; writes bench/README.md.

    python bench/peers/run.py [--passages N] [--runs N] [--peers NAME…] [--folder DIR] [--anew] [--json]

Every store is built in a process of its own, asked in another that stays, and started afresh for its first answer. All
stores are asked in turn, ten questions at a time, so that what else the machine does hits all alike. Stores that keep
everything in memory get 10,000 passages and are compared with policykb at 10,000. The peers' environment is
.venv-peers, made from requirements.txt when it is not there. What was measured is kept in the folder (bench/results/
peers): a run that was stopped goes on where it was, and begins again with policykb where its code is other than it was.
With 10,000 passages it took 37 minutes on two busy cores; a quick look:

    python bench/peers/run.py --passages 2000 --runs 2 --readme /tmp/peers.md
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[0] = str(ROOT / "bench")  # and not this folder, whose file names would be modules
sys.path.insert(1, str(ROOT))

from peers import asking, measuring, quality, rebuilding, report  # noqa: E402 - found by the lines above
from peers.corpus import make_corpus  # noqa: E402
from peers.exchange import read_corpus, write_corpus  # noqa: E402
from peers.measuring import Results, Seat, say  # noqa: E402

from index.build.manifest import code_fingerprint  # noqa: E402

STORES = (
    "policykb_store",
    "policykb_ranking",
    "faiss_script",
    "chroma_store",
    "lance_store",
    "txtai_store",
    "qdrant_edge_store",
    "haystack_store",
    "llama_store",
)
# What stores that keep everything in memory are given; policykb is measured there as well.
SMALL = 10_000
QUESTIONS = 100


def peers_python(folder: Path) -> Path:
    """Return the Python of the peers' environment, made where it is not there."""
    python = folder / "bin" / "python"
    if not (folder / "installed").is_file():
        say(f"installing the peers into {folder} (some minutes)")
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--upgrade", "pip"], check=True)
        subprocess.run([*install, "--requirement", str(HERE / "requirements.txt")], check=True)
        (folder / "installed").touch()
    return python


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3, help="starts of each store for its first answer (3)")
    parser.add_argument("--pages", type=int, default=2_000, help="pages of the whole rebuild; 0: none (2000)")
    parser.add_argument("--peers", nargs="+", choices=STORES, default=STORES, metavar="NAME", help=", ".join(STORES))
    parser.add_argument("--no-quality", action="store_true", help="leave out the collections of POLICYKB_SHARED")
    parser.add_argument("--folder", type=Path, help="work here (bench/results/peers/PASSAGES)")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv-peers", help="the peers' environment")
    parser.add_argument("--readme", type=Path, default=ROOT / "bench" / "README.md", help="where the tables go")
    parser.add_argument("--anew", action="store_true", help="forget what an earlier run measured")
    parser.add_argument("--json", action="store_true", help="print what was measured as one line of JSON")
    options = parser.parse_args()
    folder = options.folder or ROOT / "bench" / "results" / "peers" / str(options.passages)
    if options.anew:
        shutil.rmtree(folder, ignore_errors=True)
    python = peers_python(options.venv)
    if not (folder / "corpus" / "filters.json").is_file():
        say(f"making {options.passages:,} passages")
        write_corpus(folder / "corpus", make_corpus(options.passages, QUESTIONS))
    corpus = read_corpus(folder / "corpus")
    results = Results(folder / "results.json")
    if results.kept.get("code", code_fingerprint()) != code_fingerprint():
        say("policykb's code is other than it was: the peers stay built, the rest is measured again")
        asking.forget_policykb(results)
    results.keep("code", code_fingerprint())
    seats = measuring.seats(dict.fromkeys(options.peers), folder, python, len(corpus.passages), SMALL, results)
    measuring.build_all(seats, results)
    asking.ask_all(built(seats, results), corpus, results)
    measuring.start_all(seats, corpus, results, python, options.runs)
    if options.pages:
        rebuilding.rebuild_whole(folder, options.pages, results)
    shared = Path(os.environ.get("POLICYKB_SHARED", ROOT.parent / "shared"))
    quality.measure_quality([] if options.no_quality else quality.collections(shared), python, results)
    results.keep("about", report.describe_run(len(corpus.passages), corpus))
    report.write_between(options.readme, report.tables(results.kept))
    say(f"wrote {options.readme}")
    if options.json:
        print(json.dumps(results.kept, ensure_ascii=False))
    return 1 if any("failed" in row for part in ("builds", "asked") for row in results.kept[part].values()) else 0


def built(seats: list[Seat], results: Results) -> list[Seat]:
    """Return the seats whose store was built, by themselves or by the one whose files they open."""
    folders = {seat.folder for seat in seats if "wall" in results.kept["builds"].get(seat.key, {})}
    return [seat for seat in seats if seat.folder in folders]


if __name__ == "__main__":
    sys.exit(main())
