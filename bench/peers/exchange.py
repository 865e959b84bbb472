"""What every store is given, as files: passages, their vectors, questions with theirs, and filters.

A folder holds `passages.jsonl` and `questions.jsonl` (a line each), `vectors.npy` and `question_vectors.npy` (float32,
unit rows in the order of the lines) and `filters.json`. Read here with numpy alone, because the peers run in an
environment without policykb; written by `corpus.py`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage and the facets of its article; `row` is its place in the file and in the vectors.

    `indexed` is what is embedded and what peers search by words: title and heading in front of the text.
    """

    row: int
    id: str
    article: str
    title: str
    heading: str
    text: str
    indexed: str
    region: str
    year: str
    site: str


@dataclass(frozen=True, slots=True)
class Where:
    """A filter: the passages whose `facet` (region, year or site) is one of `values`."""

    name: str
    facet: str
    values: tuple[str, ...]

    def rows(self, passages: Sequence[Passage]) -> NDArray[np.int64]:
        """Return the rows that meet it, ascending."""
        wanted = set(self.values)
        return np.array([each.row for each in passages if getattr(each, self.facet) in wanted], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything of a folder; `vectors` (passages, dim), `question_vectors` (questions, dim)."""

    passages: tuple[Passage, ...]
    vectors: Floats
    questions: tuple[str, ...]
    question_vectors: Floats
    wheres: tuple[Where, ...]


def write_corpus(folder: Path, corpus: Corpus) -> None:
    """Write the files of a folder, the filters last: where they are, the rest is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "passages.jsonl", (asdict(each) for each in corpus.passages))
    _write_lines(folder / "questions.jsonl", corpus.questions)
    np.save(folder / "vectors.npy", corpus.vectors)
    np.save(folder / "question_vectors.npy", corpus.question_vectors)
    _write_lines(folder / "filters.json", [[asdict(each) for each in corpus.wheres]])


def read_corpus(folder: Path, limit: int | None = None) -> Corpus:
    """Return the corpus in `folder`, of its passages only the first `limit`."""
    with (folder / "passages.jsonl").open(encoding="utf-8") as lines:
        passages = tuple(Passage(**json.loads(line)) for line, _ in zip(lines, range(limit or 1 << 40), strict=False))
    return Corpus(
        passages,
        np.load(folder / "vectors.npy")[: len(passages)],
        tuple(json.loads(line) for line in (folder / "questions.jsonl").read_text("utf-8").splitlines()),
        np.load(folder / "question_vectors.npy"),
        tuple(
            Where(each["name"], each["facet"], tuple(each["values"]))
            for each in json.loads((folder / "filters.json").read_text("utf-8"))
        ),
    )


def _write_lines(file: Path, values: object) -> None:
    lines = (json.dumps(value, ensure_ascii=False) for value in values)  # type: ignore[attr-defined]
    file.write_text("\n".join(lines) + "\n", "utf-8")
