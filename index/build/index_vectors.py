"""Writes the vectors of a build as its plan says, and measures what search finds of what is there.

The rows are compared with numpy here, so that neither FAISS nor our use of it is believed: for every index the share
of the nearest rows that search finds is measured before the build is published, and again by `verify --deep`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.bank.bank import read_bank
from index.model.embedder import Embedder
from index.ranking import POOL
from index.store import StoreError
from index.store.layout import ROWS_HEAD, read_rows
from index.store.near import Near
from index.store.plan import EXACT, MEMORY_MB, Plan, plan_vectors
from index.store.vectors import FILE, NEAR_FILE, Vectors, write_vectors

# The share of the nearest rows that search must find; below it every row is compared.
RECALL = 0.98
# The share demanded of each kind of question when the lists to read are chosen: of a million passages where 0.985 is
# found of what is nearest to passages, 0.9825 is found of what is nearest to titles and 0.994 to questions of the bank.
AIM = 0.985
# As many rows as the ranking looks at closely.
AT = POOL
# Questions asked: the mean of half of them is known to 0.4 points. Where every row is compared, some show it is so.
ASKED = 128
ASKED_EXACTLY = 16
# How many lists a search reads is chosen in steps of a 32nd of them.
_STEPS = 32
# A score from a product of matrices and from one of rows differ by less.
_ROUNDING = 1e-5
# Recall measured on another kind of processor, whose sums round otherwise, may differ by so much.
_DRIFT = 1e-3
_BATCH = 16_384

_Floats = NDArray[np.float32]


def index_vectors(
    batches: Iterable[NDArray[np.float32]],
    folder: Path,
    embedder: Embedder,
    *,
    memory_mb: int = MEMORY_MB,
    exact: int = EXACT,
) -> dict[str, Any]:
    """Write the vectors of a build into `folder`, and return what the manifest says of them.

    `batches` are matrices whose rows follow one another. Up to `exact` rows are compared one by one; more get lists
    whose codes fit into `memory_mb`, and as many of these are read as the recall needs. Raises StoreError.
    """
    (folder / NEAR_FILE).unlink(missing_ok=True)
    rows, dim = write_vectors(batches, folder / FILE)
    vectors = Vectors.open(folder / FILE)
    plan = plan_vectors(rows, dim, memory_mb=memory_mb, exact=exact)
    questions = held_questions(embedder, vectors, ASKED_EXACTLY if plan.kind == "flat" else ASKED)
    bounds = bounds_of(folder, questions)
    if plan.kind == "flat":
        return _entry(plan, folder, vectors, questions, bounds)
    near = Near.build(vectors, plan)
    searched = vectors.with_near(near)
    recall = choose_probes(folder, searched, near, questions, bounds)
    if recall < RECALL:
        reason = f"but with all {plan.lists} lists read {recall:.3f} of the nearest {AT} were found, expected {RECALL}"
        reasons = (*plan.reasons, f"{reason}: so every vector is compared")
        return _entry(replace(plan_vectors(rows, dim, exact=rows), reasons=reasons), folder, vectors, questions, bounds)
    near.write(folder / NEAR_FILE)
    reason = (
        f"{near.probes} of them are read: the fewest, in steps of a {_STEPS}nd, that find {AIM} of the nearest {AT}"
    )
    return _entry(replace(plan, reasons=(*plan.reasons, reason)), folder, searched, questions, bounds, near.probes)


def choose_probes(folder: Path, searched: Vectors, near: Near, questions: _Floats, bounds: _Floats) -> float:
    """Set how many lists of `near` a search reads, and return which share of the nearest rows is found then.

    They are the fewest that find `AIM` of what is nearest to either half of `held_questions`, or nearly all. `bounds`
    are those of `bounds_of`.
    """
    halves = list(zip(np.array_split(questions, 2), np.array_split(bounds, 2), strict=True))
    kinds = [half for half in halves if len(half[0])]

    @cache  # the step that is chosen was mostly measured on the way there
    def recall_of(step: int) -> float:
        near.probes = _probes(near, step)
        return min(measure(folder, searched, *kind) for kind in kinds)

    step = bisect_left(range(1, _STEPS), AIM, key=recall_of) + 1
    recall = recall_of(step)
    near.probes = _probes(near, step)
    return recall


def _probes(near: Near, step: int) -> int:
    return max(1, near.lists * step // _STEPS)


def _entry(
    plan: Plan, folder: Path, vectors: Vectors, questions: _Floats, bounds: _Floats, probes: int = 0
) -> dict[str, Any]:
    """Return what the manifest says. Raises StoreError where every vector is compared and near ones are missed."""
    recall = measure(folder, vectors, questions, bounds)
    if vectors.is_exact and recall < 1:
        raise StoreError(
            f"{folder / FILE}: search finds {recall:.4f} of the nearest {AT}, expected all of them: FAISS and numpy do"
            " not agree on this machine; install the versions of constraints.txt"
        )
    return {
        "kind": plan.kind,
        "rows": len(vectors),
        "dim": vectors.dim,
        "bits": plan.bits,
        "lists": plan.lists,
        "probes": probes,
        "megabytes": plan.megabytes,
        "reasons": list(plan.reasons),
        "recall": {"at": AT, "found": recall, "asked": len(questions)},
    }


def check_vectors(folder: Path, manifest: Mapping[str, Any], embedder: Embedder) -> tuple[float, list[str]]:
    """Return the recall measured now on a build, and one line for each way in which its vectors are not as they said.

    Raises StoreError for damaged vectors.
    """
    vectors = Vectors.open(folder / FILE, rows=manifest["counts"]["passages"], dim=manifest["model"]["dim"])
    said = manifest["vectors"]
    problems = []
    if vectors.is_exact != (said["kind"] == "flat"):
        found = "missing" if vectors.is_exact else "there"
        problems.append(f"{folder / NEAR_FILE}: is {found}, the manifest names {said['kind']} vectors")
    recall = measure(folder, vectors, held_questions(embedder, vectors, said["recall"]["asked"]))
    least = 1.0 if vectors.is_exact else said["recall"]["found"] - _DRIFT
    if recall < least:
        problems.append(
            f"{folder / FILE}: search finds {recall:.4f} of the nearest {AT}, expected at least {least:.4f};"
            " run `policykb rebuild --full`"
        )
    return recall, problems


def held_questions(embedder: Embedder, vectors: Vectors, asked: int) -> _Floats:
    """Return the vectors of at most `asked` questions that recall is measured with, shape (questions, dim).

    The first half are questions of the bank, worded as people ask, none of them among the vectors. The others are rows
    of the vectors: what is asked in the words of a passage or a title lies in the midst of rows that are alike, whose
    lists are many, and finding what is nearest to it is harder. Both are taken at even distances. A model that knows
    none of the bank's words is asked for rows alone.
    """
    pairs = read_bank()
    count = min(len(pairs), asked // 2)
    questions = embedder.encode_query([pairs[len(pairs) * number // count].question for number in range(count)])
    known: _Floats = questions[np.any(questions, axis=1)]
    own = min(asked - len(known), len(vectors))
    return np.concatenate([known, vectors.rows(np.arange(own) * len(vectors) // max(1, own))])


def measure(folder: Path, vectors: Vectors, questions: _Floats, bounds: _Floats | None = None) -> float:
    """Return which share of the nearest rows (`AT`, or as many as there are) search finds for `questions`.

    A row counts that is as near as the last of them, so equal rows may stand for each other. `bounds` are those of
    `bounds_of`, where they are known already.
    """
    bounds = bounds_of(folder, questions) if bounds is None else bounds
    matrix = _matrix(folder)
    scores, rows = vectors.search(questions, AT)
    if not rows.size:
        return 1.0
    true = np.einsum("qkd,qd->qk", matrix[rows], questions)
    is_found = (true >= bounds[:, None] - _ROUNDING) & (np.abs(true - scores) <= _ROUNDING)
    return round(float(is_found.sum()) / (len(questions) * min(AT, len(matrix))), 4)


def bounds_of(folder: Path, questions: _Floats) -> _Floats:
    """Return the score of the last of the nearest rows of each question, shape (questions,), by numpy alone."""
    matrix = _matrix(folder)
    best = np.empty((len(questions), 0), dtype=np.float32)
    for start in range(0, len(matrix), _BATCH):
        best = np.concatenate([best, questions @ matrix[start : start + _BATCH].T], axis=1)
        best = -np.partition(-best, min(AT, best.shape[1]) - 1, axis=1)[:, :AT]
    bounds: _Floats = best.min(axis=1, initial=np.inf)
    return bounds


def _matrix(folder: Path) -> NDArray[np.float16]:
    rows, dim = read_rows(folder / FILE)
    if rows == 0:
        return np.empty((0, dim), dtype=np.float16)
    return np.memmap(folder / FILE, "<f2", mode="r", offset=ROWS_HEAD, shape=(rows, dim))
