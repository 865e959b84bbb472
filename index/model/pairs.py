"""Reads training pairs (`{"query", "positive"}`, one a line, in .jsonl or .jsonl.gz files) and deals them in batches.

A file is a set: batches are drawn from one set at a time, so that a question is told apart from its neighbours and not
from another subject. Several small files of one folder are dealt together, since a batch of eighty tells little apart.
Training is left to train.py; this file imports no torch, so a bad file is named at once.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import error as ZlibError  # noqa: N812 - an exception, named like one

import numpy as np
from numpy.typing import NDArray

from ingest.problem import Problem

Ids = NDArray[np.int64]

_MOST_WEIGHT = 1000
_WAY_OUT = 'Expected one JSON object a line with the texts "query" and "positive".'


class PairsError(Problem):
    """A file of pairs that cannot be used: names file and line, what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder of pairs and how often its pairs count: `weight` 4 deals each four times in an epoch."""

    path: Path
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.weight <= _MOST_WEIGHT:
            raise PairsError(f"{self.path}: found weight {self.weight}, expected above 0 and at most {_MOST_WEIGHT}.")


@dataclass(frozen=True, slots=True)
class PairSet:
    """The pairs of one file, in its order: question (or title, or paraphrase) and the text that answers it."""

    name: str
    pairs: tuple[tuple[str, str], ...]
    weight: float = 1.0
    folder: str = ""  # as named by the user; empty where the file was named itself


def parse_source(text: str) -> Source:
    """Return what `PATH` or `PATH:WEIGHT` names; a path that exists as written has no weight in its name."""
    found = re.fullmatch(r"(.+):(\d+(?:\.\d+)?)", text)
    if found is None or Path(text).exists():
        return Source(Path(text))
    return Source(Path(found[1]), float(found[2]))


def read_pairs(sources: Sequence[Path | Source]) -> list[PairSet]:
    """Return one set for each file in `sources`, folders opened, in the order of names within a folder.

    Raises PairsError where a file is missing, empty, damaged or holds anything but pairs.
    """
    sets = []
    for source in (Source(given) if isinstance(given, Path) else given for given in sources):
        folder = str(source.path) if source.path.is_dir() else ""
        for file in _files(source.path):
            sets.append(PairSet(file.name.split(".jsonl")[0], tuple(_read(file)), source.weight, folder))
    if not sets:
        raise PairsError("found no files of pairs, expected at least one .jsonl or .jsonl.gz file. Name one.")
    return sets


def pool(sets: Sequence[PairSet], least: int) -> list[PairSet]:
    """Return `sets` with those below `least` pairs that come from one folder as one, named after that folder.

    A set that stands alone keeps its name, however small it is.
    """
    small: dict[str, list[PairSet]] = {}
    for pair_set in sets:
        if pair_set.folder and len(pair_set.pairs) < least:
            small.setdefault(pair_set.folder, []).append(pair_set)
    pooled = []
    for pair_set in sets:
        together = small.get(pair_set.folder, []) if len(pair_set.pairs) < least else []
        if len(together) < 2:
            pooled.append(pair_set)
        elif pair_set is together[0]:
            pairs = tuple(pair for member in together for pair in member.pairs)
            pooled.append(PairSet(Path(pair_set.folder).name, pairs, pair_set.weight, pair_set.folder))
    return pooled


def hold_out(sets: Sequence[PairSet], share: float) -> tuple[list[PairSet], list[PairSet]]:
    """Return `sets` without the pairs of about `share` of their positives, and those pairs.

    A positive's own hash decides, so the same text is held out of every set and in every run.
    """

    def held(text: str) -> bool:
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big") < share * 2**64

    kept: list[PairSet] = []
    out: list[PairSet] = []
    for pair_set in sets:
        for parts, wanted in ((kept, False), (out, True)):
            pairs = tuple(pair for pair in pair_set.pairs if held(pair[1]) == wanted)
            if pairs:
                parts.append(PairSet(pair_set.name, pairs, pair_set.weight, pair_set.folder))
    return kept, out


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
