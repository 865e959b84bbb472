"""Writes the vectors of a build as its plan says, and measures what search finds of what is there.

The rows are compared with numpy here, so that neither FAISS nor our use of it is believed: for every index the share
of the nearest rows that search finds is measured before the build is published, and again by `verify --deep`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.bank.bank import read_bank
from index.model.embedder import Embedder
from index.ranking import POOL
from index.store import StoreError
from index.store.halves import widened
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
# How many lists a search reads is chosen in steps of a 64th of them.
_STEPS = 64
# A score from a product of matrices and from one of rows differ by less.
_ROUNDING = 1e-5
# Recall measured on another kind of processor, whose sums round otherwise, may differ by so much.
_DRIFT = 1e-3
# Rows compared at a time: 4 MB of float32, which stay in the cache.
_BATCH = 4_096

_Floats = NDArray[np.float32]
_Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Nearest:
    """What is nearest to questions: of each all `rows` that are as near as the last of the nearest `AT`, ascending.

    They are more than `AT` where scores are equal. `bounds` (questions,) are the scores of those last ones, or -inf
    where there are fewer rows than `AT`.
    """

    rows: tuple[_Rows, ...]
    bounds: _Floats


def index_vectors(
    batches: Iterable[NDArray[np.float32]],
    folder: Path,
    embedder: Embedder,
    *,
    memory_mb: int = MEMORY_MB,
    exact: int = EXACT,
) -> dict[str, Any]:
    """Write the vectors of a build into `folder`, and what `index_written` does. Returns what the manifest says.

    `batches` are matrices whose rows follow one another. Raises StoreError.
    """
    write_vectors(batches, folder / FILE)
    return index_written(folder, embedder, memory_mb=memory_mb, exact=exact)


def index_written(
    folder: Path, embedder: Embedder, *, memory_mb: int = MEMORY_MB, exact: int = EXACT
) -> dict[str, Any]:
    """Write the lists of the vectors that lie in `folder`, and return what the manifest says of the vectors.

    Up to `exact` rows are compared one by one; more get lists whose codes fit into `memory_mb`, and as many of these
    are read as the recall needs. Raises StoreError.
    """
    (folder / NEAR_FILE).unlink(missing_ok=True)
    vectors = Vectors.open(folder / FILE)
    plan = plan_vectors(len(vectors), vectors.dim, memory_mb=memory_mb, exact=exact)
    if plan.kind == "flat":
        return _entry(plan, folder, vectors, _recall(folder, vectors, embedder, ASKED_EXACTLY))
    questions = held_questions(embedder, vectors, ASKED)
    near = Near.build(vectors, plan)
    searched = vectors.with_near(near)
    recall = choose_probes(folder, searched, near, questions)
    if recall < RECALL:
        reason = f"but with all {plan.lists} lists read {recall:.3f} of the nearest {AT} were found, expected {RECALL}"
        reasons = (*plan.reasons, f"{reason}: so every vector is compared")
        plan = replace(plan_vectors(len(vectors), vectors.dim, exact=len(vectors)), reasons=reasons)
        return _entry(plan, folder, vectors, (measure(folder, vectors, questions), len(questions)))
    near.write(folder / NEAR_FILE)
    steps = min(_STEPS, near.lists)
    reason = (
        f"{near.probes} of them are read: the fewest, counted in {steps}ths of all, that find {AIM} of the nearest {AT}"
    )
    plan = replace(plan, reasons=(*plan.reasons, reason))
    return _entry(plan, folder, searched, (recall, len(questions)), near.probes)


def choose_probes(folder: Path, searched: Vectors, near: Near, questions: _Floats) -> float:
    """Set how many lists of `near` a search reads, and return which share of the nearest rows is found then.

    They are the fewest that find `AIM` of what is nearest to either half of `held_questions`, or nearly all. A row is
    found only where its list is read, so fewer than hold that share of the nearest rows are not tried.
    """
    true = nearest_of(folder, questions)
    wanted = min(AT, len(searched))
    places = near.places(questions, true.rows)
    steps = min(_STEPS, near.lists)
    for step in count(1):
        near.probes = near.lists * step // steps
        held = np.array([min(wanted, np.count_nonzero(own < near.probes)) for own in places])
        if step < steps and _least(held) < AIM * wanted:
            continue
        found = _found(folder, searched, questions, true)
        if step == steps or _least(found) >= AIM * wanted:
            break
    return _share(found, wanted)


def _least(found: _Rows) -> float:
    """Return the mean of the worse half of what was found for `held_questions`."""
    return min(float(half.mean()) for half in np.array_split(found, 2) if len(half))


def _recall(folder: Path, vectors: Vectors, embedder: Embedder, asked: int) -> tuple[float, int]:
    """Return the recall of `held_questions` and how many they are."""
    questions = held_questions(embedder, vectors, asked)
    return measure(folder, vectors, questions), len(questions)


def _entry(plan: Plan, folder: Path, vectors: Vectors, measured: tuple[float, int], probes: int = 0) -> dict[str, Any]:
    """Return what the manifest says. Raises StoreError where every vector is compared and near ones are missed."""
    recall, asked = measured
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
        "recall": {"at": AT, "found": recall, "asked": asked},
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


def measure(folder: Path, vectors: Vectors, questions: _Floats) -> float:
    """Return which share of the nearest rows (`AT`, or as many as there are) search finds for `questions`.

    A row counts that is as near as the last of them, so equal rows may stand for each other.
    """
    return _share(_found(folder, vectors, questions, nearest_of(folder, questions)), min(AT, len(vectors)))


def _share(found: _Rows, wanted: int) -> float:
    return round(float(found.sum()) / (len(found) * wanted), 4) if len(found) * wanted else 1.0


def _found(folder: Path, vectors: Vectors, questions: _Floats, true: Nearest) -> _Rows:
    """Return how many of the nearest rows search finds for each question, with their true scores."""
    matrix = _matrix(folder)
    scores, rows = vectors.search(questions, AT)
    own = np.einsum("qkd,qd->qk", matrix[rows].astype(np.float32), questions)
    is_found = (own >= true.bounds[:, None] - _ROUNDING) & (np.abs(own - scores) <= _ROUNDING)
    counts: _Rows = np.count_nonzero(is_found, axis=1)
    return counts


def nearest_of(folder: Path, questions: _Floats) -> Nearest:
    """Return what is nearest to each question, by numpy alone."""
    matrix = _matrix(folder)
    best = np.full((len(questions), AT), -np.inf, dtype=np.float32)
    near = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))]  # questions, rows, scores
    for start in range(0, len(matrix), _BATCH):
        own = questions @ widened(matrix[start : start + _BATCH]).T
        best = np.partition(np.concatenate([best, own], axis=1), -AT, axis=1)[:, -AT:]
        asked, rows = np.divmod(np.flatnonzero(own >= best[:, :1] - _ROUNDING), own.shape[1])
        near.append((asked, start + rows, own[asked, rows]))
    asked, rows, scores = (np.concatenate(part) for part in zip(*near, strict=True))
    bounds = best[:, 0]  # the worst of the best stands first
    order = np.argsort(asked, kind="stable")
    order = order[scores[order] >= bounds[asked[order]] - _ROUNDING]
    ends = np.cumsum(np.bincount(asked[order], minlength=len(questions)))
    return Nearest(tuple(np.split(rows[order], ends[:-1])[: len(questions)]), bounds)


def _matrix(folder: Path) -> NDArray[np.float16]:
    rows, dim = read_rows(folder / FILE)
    if rows == 0:
        return np.empty((0, dim), dtype=np.float16)
    return np.memmap(folder / FILE, "<f2", mode="r", offset=ROWS_HEAD, shape=(rows, dim))
