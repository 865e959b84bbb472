"""Reads training pairs (`{"query", "positive"}`, one a line, in .jsonl or .jsonl.gz files) and deals them in batches.

A file is a set: batches are drawn from one set at a time, so that a question is told apart from its neighbours and not
from another subject. Training is left to train.py; this file imports no torch, so a bad file is named at once.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import error as ZlibError  # noqa: N812 - an exception, named like one

import numpy as np
from numpy.typing import NDArray

from ingest.problem import Problem

Ids = NDArray[np.int64]

_WAY_OUT = 'Expected one JSON object a line with the texts "query" and "positive".'


class PairsError(Problem):
    """A file of pairs that cannot be used: names file and line, what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class PairSet:
    """The pairs of one file, in its order: question (or title, or paraphrase) and the text that answers it."""

    name: str
    pairs: tuple[tuple[str, str], ...]


def read_pairs(paths: Sequence[Path]) -> list[PairSet]:
    """Return one set for each file in `paths`, folders opened, in the order of names within a folder.

    Raises PairsError where a file is missing, empty, damaged or holds anything but pairs.
    """
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise PairsError("found no files of pairs, expected at least one .jsonl or .jsonl.gz file. Name one.")
    return [PairSet(file.name.split(".jsonl")[0], tuple(_read(file))) for file in files]


def number(sets: Sequence[PairSet]) -> tuple[list[str], list[Ids]]:
    """Return the different texts of all sets, and each set's pairs (n, 2) as numbers of texts."""
    numbers: dict[str, int] = {}
    numbered = [
        np.array([[numbers.setdefault(text, len(numbers)) for text in pair] for pair in pair_set.pairs], dtype=np.int64)
        for pair_set in sets
    ]
    return list(numbers), numbered


def reach(pairs: Ids, per_query: int) -> int:
    """Return how many pairs of a set count towards its share of an epoch: at most `per_query` for one question."""
    return int(np.minimum(np.unique(pairs[:, 0], return_counts=True)[1], per_query).sum())


def draw(numbered: Sequence[Ids], steps: Sequence[int], batch: int, random: np.random.Generator) -> Iterator[Ids]:
    """Yield batches without end, each from one set; a set's pairs are all seen before one comes again."""
    left = [pairs[:0] for pairs in numbered]
    while True:
        for which in random.permutation(np.repeat(np.arange(len(numbered)), steps)):
            pairs = numbered[which]
            if len(left[which]) < min(batch, len(pairs)):
                left[which] = np.concatenate([left[which], random.permutation(pairs)])
            yield left[which][:batch]
            left[which] = left[which][batch:]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.name.endswith((".jsonl", ".jsonl.gz")))
    if not found:
        raise PairsError(f"{path}: found no .jsonl or .jsonl.gz file in this folder. {_WAY_OUT}")
    return found


def _read(path: Path) -> list[tuple[str, str]]:
    pairs = [pair for number, line in _lines(path) if (pair := _pair(path, number, line)) is not None]
    if not pairs:
        raise PairsError(f"{path}: found no pairs, the file is empty. {_WAY_OUT}")
    return pairs


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        if path.name.endswith(".gz"):
            with gzip.open(path, "rt", encoding="utf-8-sig") as file:
                yield from enumerate(file, 1)
        else:
            with path.open(encoding="utf-8-sig") as file:
                yield from enumerate(file, 1)
    except UnicodeDecodeError as error:
        raise PairsError(f"{path}: found bytes that are not UTF-8 ({error.reason}). Save the file as UTF-8.") from error
    except (OSError, EOFError, ZlibError) as error:
        raise PairsError(f"{path}: cannot be read ({error}). {_WAY_OUT}") from error


def _pair(path: Path, number: int, line: str) -> tuple[str, str] | None:
    if not line.strip():
        return None
    try:
        record = json.loads(line)
    except ValueError as error:
        raise PairsError(
            f"{path}, line {number}: found no valid JSON ({error}). {_WAY_OUT} Mend or drop it."
        ) from error
    texts = [record.get(key) for key in ("query", "positive")] if isinstance(record, dict) else []
    if len(texts) != 2 or not all(isinstance(text, str) and text.strip() for text in texts):
        found = sorted(record) if isinstance(record, dict) else type(record).__name__
        raise PairsError(f"{path}, line {number}: found {found} without two filled texts. {_WAY_OUT} Mend or drop it.")
    return str(texts[0]), str(texts[1])
