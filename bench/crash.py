#!/usr/bin/env python3
"""Kills rebuilds, and makes every call on the disk fail in turn: what is published must stay readable, whole and one.

    python bench/crash.py [--kills N] [--every N] [--folder DIR] [--json]

A night's work is a rebuild of changed pages and a clearing up that keeps one build besides the published one; another
goes back to the build before. Each is run in a forked child, ends there in some way, and then the base must answer as
the old or as the new build does, every build published before must be whole, and the next rebuild must succeed and
equal one made in an empty folder. `--every 7` injects every seventh fault only. Minutes; seconds of them for the tests.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults import Disk, How, limit_files

from index.build.build import rebuild
from index.build.builds import build_problems, roll_back
from index.build.leftovers import leftovers
from index.build.manifest import FILE
from index.build.publish import build_folder, build_folders, read_current
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.model.embedder import Embedder
from ingest.problem import Problem

COLUMNS = ("runs", "died", "refused", "finished", "unclear", "unreadable", "mixed", "lost", "next failed")
FAULTS: dict[How, str] = {
    "kill": "killed at each call in turn",
    "power": "power lost at each call, what was not synced gone",
    "once": "each call in turn fails once (EIO)",
    "full": "disk full from each call on (ENOSPC)",
    "readonly": "nothing may be written from each call on (EACCES)",
}
GROWTH = "no file may grow beyond each size in turn (SQLite, FAISS)"
QUESTION = "灵活就业人员 医保 缴费"
MATTERS = (
    "医保关系转移",
    "生育津贴申领",
    "异地就医备案",
    "门诊慢特病认定",
    "失业期间参保",
    "退休医保待遇",
    "家庭共济绑定",
)


def write_pages(folder: Path, state: int) -> None:
    """Write the pages of one state of a small collection: from state to state one changes, comes or goes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    chance = random.Random(state)
    for number, matter in enumerate(MATTERS):
        if chance.random() < 0.3:
            continue
        edition = chance.randrange(3)
        text = (
            f"{matter}办事须知\n\n"
            f"灵活就业人员办理{matter}，每月缴费{300 + 10 * edition}元，自办理次月起按规定享受医保待遇。\n\n"
            f"所需材料：身份证原件、{matter}申请表，窗口{number + 1}号受理，{5 + edition}个工作日内办结。\n"
        )
        (folder / f"page{number}.txt").write_text(text, encoding="utf-8")
    (folder / "always.txt").write_text(
        f"参保登记指南\n\n第{state}次修订。参保人员应当办理参保登记。\n", encoding="utf-8"
    )


class Harness:
    """One base that is rebuilt and hurt again and again, and what a rebuild in an empty folder makes of each state."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pages, self.kb = folder, folder / "pages", folder / "kb"
        self.embedder: Embedder = load_embedder()
        self.clean: dict[int, tuple[str, dict[str, str]]] = {}
        self.answers: dict[str, list[tuple[str, float]]] = {}
        self.table: dict[str, Counter[str]] = {}
        self.examples: list[str] = []
        self.shared: dict[str, object] = {}

    def expect(self, state: int) -> str:
        """Return the id of the build of a state, and remember its files and answers as made in an empty folder."""
        if state not in self.clean:
            kb = self.folder / "clean"
            shutil.rmtree(kb, ignore_errors=True)
            write_pages(self.pages, state)
            build = rebuild([self.pages], kb, embedder=self.embedder).build
            self.clean[state] = build, contents(kb, build)
            self.answers[build] = self.ask(open_kb(kb))
        write_pages(self.pages, state)
        return self.clean[state][0]

    def ask(self, kb: KnowledgeBase) -> list[tuple[str, float]]:
        """Return what a search finds. What does not depend on the build is loaded once for all."""
        kb.__dict__.update(self.shared)
        found = [(hit.passage_id, hit.score) for hit in kb.search(QUESTION, k=5)]
        self.shared = {
            name: kb.__dict__[name] for name in ("embedder", "table", "bank", "lexicon") if name in kb.__dict__
        }
        return found

    def night(self) -> None:
        """Rebuild and clear up."""
        rebuild([self.pages], self.kb, embedder=self.embedder, keep=1)

    def back(self) -> None:
        """Go back to the build before."""
        roll_back(self.kb)

    def check(self, row: str, possible: set[str], kept: set[str], state: int, *, asks: bool) -> None:
        """Look at the base after something happened to it, rebuild it, look again, and count what is wrong."""
        count = self.table[row]
        wanted, files = self.clean[state]
        known = dict(self.clean.values())
        try:
            current = read_current(self.kb)
            found = contents(self.kb, current)
            answers = self.ask(open_kb(self.kb)) if asks else self.answers[current]
        except Exception:
            self.note(count, "unreadable", row)
        else:
            if current not in possible or found != known[current] or answers != self.answers[current]:
                self.note(count, "mixed", row, f"{current} of {possible}")
        for build in kept:
            if contents(self.kb, build) != known[build] or build_problems(self.kb, build):
                self.note(count, "lost", row, build)
        for folder in build_folders(self.kb):
            if folder.name not in kept and build_problems(self.kb, folder.name):
                self.note(count, "mixed", row, f"{folder.name} is kept and damaged")
        try:
            report = rebuild([self.pages], self.kb, embedder=self.embedder)
            whole = all(not build_problems(self.kb, folder.name) for folder in build_folders(self.kb))
            if (report.build, contents(self.kb, wanted)) != (wanted, files) or leftovers(self.kb) or not whole:
                self.note(count, "next failed", row, f"{report.build} is not {wanted}, or {leftovers(self.kb)} stay")
        except Exception:
            self.note(count, "next failed", row)

    def note(self, count: Counter[str], what: str, row: str, told: str = "") -> None:
        """Count something wrong, and keep the first few for the reader."""
        count[what] += 1
        if len(self.examples) < 20:
            self.examples.append(f"{row}: {what}: {told or traceback.format_exc(limit=-4)}")

    def run(self, row: str, work: Callable[[], None], *, seconds: float | None = None) -> str:
        """Do the work in a child, killed after `seconds` if it takes longer; return how it ended."""
        child = os.fork()
        if child == 0:
            code = 0
            try:
                work()
            except Problem:
                code = 1
            except BaseException:
                code = 3
                sys.stderr.write(traceback.format_exc(limit=-6))
            finally:
                os._exit(code)
        if seconds is not None:
            deadline = time.monotonic() + seconds
            while (
                time.monotonic() < deadline and os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
            ):
                time.sleep(0.001)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        died = os.WIFSIGNALED(status)
        ended = "died" if died else {0: "finished", 1: "refused"}.get(os.WEXITSTATUS(status), "unclear")
        count = self.table.setdefault(row, Counter())
        count["runs"] += 1
        count[ended] += 1
        return ended

    def kill_at_random(self, kills: int, *, seed: int = 5) -> None:
        """Kill rebuilds of an ever changing collection until `kills` of them died; one in ten has a rival."""
        row = "killed at a random moment"
        chance = random.Random(seed)
        shutil.rmtree(self.kb, ignore_errors=True)
        self.expect(0)
        self.night()
        took, state = 1.0, 0
        self.table[row] = Counter()
        while self.table[row]["died"] < kills:
            reader, old = open_kb(self.kb), read_current(self.kb)
            state = chance.randrange(40)
            new = self.expect(state)
            begun = time.monotonic()
            rival = os.fork() if chance.random() < 0.1 else None
            if rival == 0:
                with contextlib.suppress(BaseException):
                    self.night()
                os._exit(0)
            if self.run(row, self.night, seconds=chance.uniform(0, 1.1 * took)) == "finished":
                took = 0.5 * took + 0.5 * (time.monotonic() - begun)
            if rival:
                os.waitpid(rival, 0)
            if self.ask(reader) != self.answers[old]:
                self.note(self.table[row], "mixed", row, "an open reader answers otherwise")
            reader.close()
            self.check(row, {old, new}, {old}, state, asks=True)

    def inject(self, every: int, hows: tuple[How, ...] = get_args(How)) -> None:
        """Let every call of a night, and of going back, fail or end it, each from the same beginning."""
        first, second, third = (self.expect(state) for state in (1, 2, 3))
        begin = self.folder / "begin"
        shutil.rmtree(self.kb, ignore_errors=True)
        for state in (1, 2):
            self.expect(state)
            rebuild([self.pages], self.kb, embedder=self.embedder)
        shutil.copytree(self.kb, begin, dirs_exist_ok=True)
        self.expect(3)
        for name, work, possible in (
            ("rebuild", self.night, {second, third}),
            ("rollback", self.back, {first, second}),
        ):
            kept = {second} if name == "rebuild" else {first, second}
            calls = self.count(work, begin)
            places = range(1, calls + 1)
            for how in hows:
                for at in places[hows.index(how) % every :: every]:
                    self.reset(begin)
                    self.run(FAULTS[how], lambda at=at, how=how, work=work: self.hurt(work, at, how))
                    self.check(FAULTS[how], possible, kept, 3, asks=at % 20 == 0)
        sizes = sorted({size for file in self.kb.rglob("*") if file.is_file() for size in cuts(file)})
        for size in sizes[::every]:
            self.reset(begin)
            self.run(GROWTH, lambda size=size: self.limited(size))
            self.check(GROWTH, {second, third}, {second}, 3, asks=False)

    def reset(self, begin: Path) -> None:
        """Put the base back to how it was in the beginning."""
        shutil.rmtree(self.kb)
        shutil.copytree(begin, self.kb)

    def count(self, work: Callable[[], None], begin: Path) -> int:
        """Return how many calls the work makes."""
        self.reset(begin)
        reading, writing = os.pipe()
        if (child := os.fork()) == 0:
            disk = Disk(self.kb)
            disk.install()
            work()
            calls = disk.calls
            os.write(writing, str(calls).encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(writing)
        with os.fdopen(reading) as opened:
            return int(opened.read())

    def hurt(self, work: Callable[[], None], at: int, how: How) -> None:
        """Do the work on a disk that fails at one call."""
        Disk(self.kb, at, how).install()
        work()

    def limited(self, size: int) -> None:
        """Do a night's work with files that cannot grow beyond a size."""
        limit_files(size)
        self.night()


def cuts(file: Path) -> tuple[int, int]:
    return file.stat().st_size // 2, max(0, file.stat().st_size - 1)


def contents(kb: Path, build: str) -> dict[str, str]:
    """Return the checksums of a build's files as they are now; of the manifest without what merely happened."""
    folder = build_folder(kb, build)
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            if file.name == FILE:
                manifest = json.loads(data)
                del manifest["made"]
                manifest.pop("sha256", None)  # its own, over what merely happened as well
                data = json.dumps(manifest, sort_keys=True).encode()
            found[file.relative_to(folder).as_posix()] = hashlib.sha256(data).hexdigest()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="rebuilds to kill at random moments")
    parser.add_argument("--every", type=int, default=1, help="inject every n-th fault only")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        harness = Harness(Path(scratch))
        harness.kill_at_random(options.kills)
        harness.inject(options.every)
    wrong = sum(count[what] for count in harness.table.values() for what in COLUMNS[4:])
    if options.json:
        print(json.dumps({row: {name: count[name] for name in COLUMNS} for row, count in harness.table.items()}))
    else:
        print("| what happens | " + " | ".join(COLUMNS) + " |\n|---|" + "--:|" * len(COLUMNS))
        for row, count in harness.table.items():
            print(f"| {row} | " + " | ".join(str(count[name]) for name in COLUMNS) + " |")
    for example in harness.examples:
        print(example, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
