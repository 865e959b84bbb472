"""Asks all stores the same questions in turn, and counts how long they take, what they miss and what they lose.

Every answer is kept in `answers.jsonl` in the order it came, so a run that was stopped goes on with the batch after it.
"""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from peers.exchange import Corpus, Floats
from peers.measuring import ENVIRONMENT, Results, Seat, StoreFailed, last_line, say

K = 10
ROUNDS = 10
# A batch ends after so long, so that a slow store does not hold up the others; how many were answered is told.
BATCH_S = 1.5
# A store that opens or answers a batch no sooner is ended; LlamaIndex, the slowest, opened and answered in 77 s.
_PATIENCE_S = 300
# Scores of FAISS and of a matrix product differ by less.
_ROUNDING = 1e-5
FILE = "answers.jsonl"
# An answer that was kept: `seat`, `kind`, `where`, `questions` and what the worker told (`ms`, `cpu_ms`, `rows`, …).
Answer = dict[str, Any]


class Asked:
    """A store that was opened and answers batches."""

    def __init__(self, seat: Seat) -> None:
        self._log = seat.folder / f"{seat.store}.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                seat.command("ask"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=ENVIRONMENT,
            )
        self._read(_PATIENCE_S)

    def ask(self, kind: str, questions: Iterable[int], where: str | None, seconds: float = BATCH_S) -> dict[str, Any]:
        """Return times, rows and memory of a batch."""
        task = {"kind": kind, "questions": list(questions), "where": where, "k": K, "seconds": seconds}
        assert self._process.stdin is not None  # it was asked for
        try:
            self._process.stdin.write(json.dumps(task) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise StoreFailed(last_line(self._log)) from error
        answer: dict[str, Any] = self._read(_PATIENCE_S)
        return answer

    def _read(self, seconds: float) -> Any:
        assert self._process.stdout is not None  # it was asked for
        if not select.select([self._process.stdout], [], [], seconds)[0]:  # a task has one line for an answer
            self._process.kill()
            self.close()
            raise StoreFailed(f"did not answer within {seconds:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise StoreFailed(last_line(self._log))
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def ask_all(found: list[Seat], corpus: Corpus, results: Results) -> None:
    """Ask all stores all questions in turn, and keep times, recall and the completeness of filtered answers.

    What was asked already is not asked again, and a store that failed is tried once more in every run.
    """
    kept = list(_kept(results.folder / FILE, corpus))
    asked = {(answer["seat"], *_batch(answer)) for answer in kept}
    kinds = [("dense", None), ("hybrid", None), *(("filtered", where.name) for where in corpus.wheres)]
    say(f"asking {len(found)} stores {len(corpus.questions)} questions in {len(kinds)} ways")
    opened: dict[str, Asked] = {}
    failed: dict[str, str] = {}
    try:
        with (results.folder / FILE).open("a", encoding="utf-8") as file:
            for number in range(ROUNDS):
                questions = list(range(number, len(corpus.questions), ROUNDS))
                for kind, where in kinds:
                    for seat in found:
                        task = {"kind": kind, "where": where, "questions": questions}
                        if seat.key in failed or (seat.key, *_batch(task)) in asked:
                            continue
                        try:
                            if seat.key not in opened:
                                opened[seat.key] = _warmed(Asked(seat), kinds, questions)
                            answer = {"seat": seat.key, **task, **opened[seat.key].ask(kind, questions, where)}
                        except StoreFailed as error:
                            failed[seat.key] = str(error)
                            say(f"  {seat.key}: {error}")
                            continue
                        kept.append(answer)
                        file.write(json.dumps(answer, ensure_ascii=False) + "\n")
                        file.flush()
                say(f"  round {number + 1} of {ROUNDS}")
    finally:
        for each in opened.values():
            each.close()
    for seat in found:
        own = [answer for answer in kept if answer["seat"] == seat.key]
        row = {"failed": failed[seat.key]} if seat.key in failed else figures(own, corpus, seat.passages)
        results.keep("asked", row, seat.key)


def _kept(file: Path, corpus: Corpus) -> Iterator[Answer]:
    """Yield what an earlier run kept; a last line that it did not finish is cut off."""
    if not file.is_file():
        return
    whole = file.read_text("utf-8").rpartition("\n")[0]
    file.write_text(whole + "\n" if whole else "", "utf-8")
    names = {None, *(where.name for where in corpus.wheres)}
    yield from (answer for answer in map(json.loads, whole.splitlines()) if answer["where"] in names)


def _batch(answer: Answer) -> tuple[Any, ...]:
    return answer["kind"], answer["where"], answer["questions"][0]


def _warmed(asked: Asked, kinds: Iterable[tuple[str, str | None]], questions: list[int]) -> Asked:
    """Ask a batch of every kind that is not counted: what is loaded at its first use is loaded then."""
    for kind, where in kinds:
        asked.ask(kind, questions, where)
    return asked


def forget_policykb(results: Results) -> None:
    """Forget what was measured with other code, and all times: they were taken side by side with it."""
    for part, prefix in (("builds", "policykb"), ("asked", ""), ("first", ""), ("rebuild", ""), ("quality", "")):
        results.forget(part, prefix)
    (results.folder / FILE).unlink(missing_ok=True)


def figures(answers: list[Answer], corpus: Corpus, passages: int) -> dict[str, Any]:
    """Return what the answers of a store of the first `passages` come to, by kind of question."""
    rows: dict[str, Any] = {"memory": max(answer["memory"] for answer in answers)}
    vectors, held = corpus.vectors[:passages], corpus.passages[:passages]
    allowed = {where.name: where.rows(held) for where in corpus.wheres}
    for kind, where in dict.fromkeys((answer["kind"], answer["where"]) for answer in answers):
        batches = [answer for answer in answers if (answer["kind"], answer["where"]) == (kind, where)]
        times = [ms for answer in batches for ms in answer["ms"]]
        row: dict[str, Any] = {
            "p50": float(np.percentile(times, 50)),
            "p95": float(np.percentile(times, 95)),
            "cpu": float(np.percentile([ms for answer in batches for ms in answer["cpu_ms"]], 50)),
            "answered": len(times),
        }
        pairs = [pair for answer in batches for pair in zip(answer["questions"], answer["rows"], strict=False)]
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
