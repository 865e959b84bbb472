"""Builds and starts the stores, each in a process of its own, and keeps what was measured in one file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from peers.exchange import Corpus

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("worker.py")
CLI = ("-c", "from search_app.cli import main; main()")
# Threads of OpenMP that wait do so asleep: awake, as is their default, they would be counted as work on a busy machine.
ENVIRONMENT = os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
# A store that is not built after so long is left out; at 10,000 passages the slowest, LlamaIndex, took 41 s.
BUILD_S = 900


def say(text: str) -> None:
    """Tell how far the bench is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class StoreFailed(Exception):
    """A store ended where it should have answered; the message is the last line it wrote."""


class Results:
    """What was measured, kept in a JSON file after every step."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.kept: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}

    @property
    def folder(self) -> Path:
        """Where the file is."""
        return self._file.parent

    def forget(self, part: str, prefix: str = "") -> None:
        """Forget the entries of a part whose names begin with `prefix`."""
        for name in [name for name in self.kept.get(part, {}) if name.startswith(prefix)]:
            del self.kept[part][name]

    def keep(self, part: str, value: Any, name: str | None = None) -> None:
        """Keep a part, or the entry `name` of one, and write the file."""
        if name is None:
            self.kept[part] = value
        else:
            self.kept.setdefault(part, {})[name] = value
        self._file.with_suffix(".new").write_text(json.dumps(self.kept, ensure_ascii=False, indent=1), "utf-8")
        self._file.with_suffix(".new").replace(self._file)


@dataclass(frozen=True, slots=True)
class Seat:
    """A store with the number of passages it holds; `key` names it in the results."""

    store: str
    passages: int
    python: Path
    folder: Path
    corpus: Path
    is_own: bool

    @property
    def key(self) -> str:
        """The name in the results."""
        return f"{self.store}-{self.passages}"

    def command(self, action: str) -> list[str]:
        """Return the command line of a worker."""
        place, corpus = str(self.folder / "store"), str(self.corpus)
        return [str(self.python), str(WORKER), self.store, action, place, corpus, str(self.passages)]


def seats(stores: Iterable[str], folder: Path, python: Path, passages: int, small: int, results: Results) -> list[Seat]:
    """Return the stores at the sizes they are measured at, policykb at both; what each is goes into the results."""
    found: list[Seat] = []
    for store in stores:
        is_ours = store.startswith("policykb")
        own = Path(sys.executable) if is_ours else python
        about = results.kept.get("stores", {}).get(store) or _about(own, store)
        results.keep("stores", about, store)
        largest = min(passages, about["most"] or passages)
        for size in {largest, min(passages, small)} if is_ours else {largest}:
            place = folder / "stores" / f"{about['built_by'] or store}-{size}"
            found.append(Seat(store, size, own, place, folder / "corpus", about["built_by"] is None))
    return sorted(found, key=lambda seat: -seat.passages)


def _about(python: Path, store: str) -> dict[str, Any]:
    command = [str(python), str(WORKER), store, "about", ".", ".", "0"]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    about: dict[str, Any] = json.loads(told)
    return about


def build_all(found: Iterable[Seat], results: Results) -> None:
    """Build what is not built yet."""
    for seat in found:
        if not seat.is_own or "wall" in results.kept.get("builds", {}).get(seat.key, {}):
            continue
        say(f"building {seat.key}")
        shutil.rmtree(seat.folder, ignore_errors=True)
        (seat.folder / "store").mkdir(parents=True)
        try:
            with (seat.folder / "build.log").open("w") as log:
                process = subprocess.run(
                    seat.command("build"),
                    stdout=subprocess.PIPE,
                    stderr=log,
                    timeout=BUILD_S,
                    check=False,
                    env=ENVIRONMENT,
                )
            if process.returncode:
                raise StoreFailed(last_line(seat.folder / "build.log"))
            row = json.loads(process.stdout)
        except subprocess.TimeoutExpired:
            row = {"failed": f"was not built within {BUILD_S} s"}
        except StoreFailed as error:
            row = {"failed": str(error)}
        say("  " + (row.get("failed") or f"{row['cpu']:.1f} s of CPU in {row['wall']:.1f} s"))
        results.keep("builds", row, seat.key)


def start_all(found: list[Seat], corpus: Corpus, results: Results, python: Path, runs: int) -> None:
    """Start each store for one answer, `runs` times in turn, and keep the CPU and wall seconds of each process."""
    commands: dict[str, list[str]] = {
        "import sentence_transformers": [str(python), "-c", "import sentence_transformers"]
    }
    for seat in found:
        if seat.store == "policykb_store":
            search = [
                *(str(seat.python), *CLI, "search", corpus.questions[0]),
                *("--kb", str(seat.folder / "store"), "--json"),
            ]
            commands[f"{seat.key} first"] = search
        elif seat.is_own and "wall" in results.kept["builds"].get(seat.key, {}):
            commands[f"{seat.key} first"] = seat.command("first")
            commands[f"{seat.key} given"] = seat.command("first-given")
    done: dict[str, list[dict[str, float]]] = results.kept.get("first", {})
    for number in range(runs):
        for name, command in commands.items():
            if len(done.get(name, ())) > number:
                continue
            code, took = timed(command)
            if code:
                say(f"  {name}: ended with {code}")
                continue
            done.setdefault(name, []).append(took)
            results.keep("first", done)
        say(f"first answers: run {number + 1} of {runs}")


def timed(command: list[str], output: int | IO[str] = subprocess.DEVNULL) -> tuple[int, dict[str, float]]:
    """Run a command to its end; return its exit code and its seconds, `cpu` with those of its ended children."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, {"wall": time.perf_counter() - begun, "cpu": usage.ru_utime + usage.ru_stime}


def last_line(log: Path) -> str:
    """Return what a process that ended wrote last."""
    lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "ended without a word"
