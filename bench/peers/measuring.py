"""Builds, asks and starts the stores, each in processes of its own, and keeps what was measured in one file."""

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
from typing import Any

import numpy as np
from peers.exchange import Corpus, Floats

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("worker.py")
CLI = ("-c", "from search_app.cli import main; main()")
K = 10
ROUNDS = 10
# A batch ends after so long, so that a slow store does not hold up the others; how many were answered is told.
BATCH_S = 1.5
BUILD_S = 900
# Scores of FAISS and of a matrix product differ by less.
_ROUNDING = 1e-5


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
                    seat.command("build"), stdout=subprocess.PIPE, stderr=log, timeout=BUILD_S, check=False
                )
            if process.returncode:
                raise StoreFailed(_last_line(seat.folder / "build.log"))
            row = json.loads(process.stdout)
        except subprocess.TimeoutExpired:
            row = {"failed": f"was not built within {BUILD_S} s"}
        except StoreFailed as error:
            row = {"failed": str(error)}
        say("  " + (row.get("failed") or f"{row['wall']:.1f} s"))
        results.keep("builds", row, seat.key)


class Asked:
    """A store that was opened and answers batches."""

    def __init__(self, seat: Seat) -> None:
        self._log = seat.folder / f"{seat.store}.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                seat.command("ask"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self._read()

    def ask(self, kind: str, questions: Iterable[int], where: str | None, seconds: float = BATCH_S) -> dict[str, Any]:
        """Return times, rows and memory of a batch."""
        task = {"kind": kind, "questions": list(questions), "where": where, "k": K, "seconds": seconds}
        assert self._process.stdin is not None  # it was asked for
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = self._read()
        return answer

    def _read(self) -> Any:
        assert self._process.stdout is not None  # it was asked for
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise StoreFailed(_last_line(self._log))
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def ask_all(found: list[Seat], corpus: Corpus, results: Results) -> None:
    """Ask all stores all questions in turn, and keep times, recall and the completeness of filtered answers."""
    if results.kept.get("asked", {}).keys() >= {seat.key for seat in found}:
        return
    kinds = [("dense", None), ("hybrid", None), *(("filtered", where.name) for where in corpus.wheres)]
    say(f"asking {len(found)} stores {len(corpus.questions)} questions in {len(kinds)} ways")
    opened: dict[str, Asked] = {}
    answers: dict[str, list[tuple[str, str | None, list[int], dict[str, Any]]]] = {}
    failed: dict[str, str] = {}
    try:
        for number in range(-1, ROUNDS):  # the first round warms up and is not counted
            batch = list(range(max(number, 0), len(corpus.questions), ROUNDS))
            for kind, where in kinds:
                for seat in found:
                    if seat.key in failed:
                        continue
                    try:
                        if seat.key not in opened:
                            opened[seat.key] = Asked(seat)
                        given = opened[seat.key].ask(kind, batch, where)
                    except StoreFailed as error:
                        failed[seat.key] = str(error)
                        continue
                    if number >= 0:
                        answers.setdefault(seat.key, []).append((kind, where, batch, given))
            say(f"  round {number + 1} of {ROUNDS}")
    finally:
        for asked in opened.values():
            asked.close()
    for seat in found:
        row = {"failed": failed[seat.key]} if seat.key in failed else figures(answers[seat.key], corpus, seat.passages)
        results.keep("asked", row, seat.key)


def figures(
    answers: list[tuple[str, str | None, list[int], dict[str, Any]]], corpus: Corpus, passages: int
) -> dict[str, Any]:
    """Return what the answers of a store of the first `passages` come to, by kind of question."""
    rows: dict[str, Any] = {"memory": max(given["memory"] for *_, given in answers)}
    vectors, held = corpus.vectors[:passages], corpus.passages[:passages]
    allowed = {where.name: where.rows(held) for where in corpus.wheres}
    for kind, where in dict.fromkeys((kind, where) for kind, where, *_ in answers):
        batches = [(batch, given) for its, name, batch, given in answers if (its, name) == (kind, where)]
        times = [ms for _, given in batches for ms in given["ms"]]
        row: dict[str, Any] = {
            "p50": float(np.percentile(times, 50)),
            "p95": float(np.percentile(times, 95)),
            "cpu": float(np.mean([given["cpu_ms"] for _, given in batches])),
            "answered": len(times),
        }
        pairs = [pair for batch, given in batches for pair in zip(batch, given["rows"], strict=False)]
        if kind == "dense":
            row["recall"] = recall(pairs, corpus.question_vectors, vectors)
        if where is not None:
            row |= completeness(pairs, allowed[where].tolist())
        rows[where or kind] = row
    return rows


def recall(found: list[tuple[int, list[int]]], questions: Floats, vectors: Floats) -> float:
    """Return the share of the `K` nearest rows that was found; a row as near as the last of them counts."""
    hits = 0
    for number, rows in found:
        scores = vectors @ questions[number]
        bound = np.partition(scores, -min(K, len(scores)))[-min(K, len(scores))]
        hits += int(np.sum(scores[list(dict.fromkeys(rows))] >= bound - _ROUNDING))
    return hits / max(1, len(found) * min(K, len(vectors)))


def completeness(found: list[tuple[int, list[int]]], allowed: list[int]) -> dict[str, int]:
    """Return how many hits exist (`K` a question at most), how many came, how many of others came besides."""
    wanted = set(allowed)
    inside = [len(wanted.intersection(rows)) for _, rows in found]
    due = min(K, len(wanted))
    return {
        "exist": due * len(found),
        "came": sum(inside),
        "outside": sum(len(rows) for _, rows in found) - sum(inside),
        "short": sum(count < due for count in inside),
        "allowed": len(wanted),
    }


def start_all(found: list[Seat], corpus: Corpus, results: Results, python: Path, runs: int) -> None:
    """Start each store for one answer, `runs` times in turn, and keep the seconds of the whole process."""
    commands: dict[str, list[str]] = {
        "import sentence_transformers": [str(python), "-c", "import sentence_transformers"]
    }
    for seat in found:
        if seat.store == "policykb_store":
            search = [
                str(seat.python),
                *CLI,
                "search",
                corpus.questions[0],
                "--kb",
                str(seat.folder / "store"),
                "--json",
            ]
            commands[f"{seat.key} first"] = search
        elif seat.is_own and "failed" not in results.kept["builds"][seat.key]:
            commands[f"{seat.key} first"] = seat.command("first")
            commands[f"{seat.key} given"] = seat.command("first-given")
    done: dict[str, list[float]] = results.kept.get("first", {})
    for number in range(runs):
        for name, command in commands.items():
            if len(done.get(name, ())) > number:
                continue
            begun = time.perf_counter()
            process = subprocess.run(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, env=os.environ
            )
            seconds = time.perf_counter() - begun
            if process.returncode:
                say(f"  {name}: ended with {process.returncode}")
                continue
            done.setdefault(name, []).append(seconds)
            results.keep("first", done)
        say(f"first answers: run {number + 1} of {runs}")


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "ended without a word"
