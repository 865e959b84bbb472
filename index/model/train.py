"""Trains the table model of embedder.py from pairs of texts, from nothing or from an existing model.

Every row begins as a random direction whose length is the gram's inverse document frequency, which is a lexical model
already; training then moves together what pairs say belongs together. The loss is the usual one of dense retrieval
(in-batch negatives, both directions; Karpukhin et al. 2020, Henderson et al. 2017), the rows are moved by a lazy Adam
that touches only what a batch used. Numbers beside the knobs are from the log of experiments in docs/decisions.md.

Reading pairs is left to pairs.py, storing and running the table to embedder.py.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from index.model.embedder import ModelError, TableEmbedder, quantise
from index.model.pairs import Ids, PairsError, draw, number, reach, read_pairs
from index.ngrams import gram_keys

__all__ = ["PairsError", "train"]

_KEY_BITS = np.uint64(42)  # a bigram's key has 42 bits, so text number and key share one word
_SLICE_TEXTS = 2048
_LEAST_FREQUENCY = 2  # a gram of one text can bring nothing together
_EPOCHS = 4.0  # 12 learn the pairs by heart and lose a point everywhere else
_LEAST_STEPS = 100  # a few hundred pairs make one batch, and four steps would move nothing
_WARM_UP = 0.05  # share of the training in which the rate rises
_RATE = 0.004  # Adam's peak rate; entries begin near 1 / sqrt(dim) = 0.06, and 0.01 forgets more than it learns
_RATE_WITH_BASE = 0.002  # half, so that a small corpus bends the model and does not replace it


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often each known gram occurs in each text: text i owns the places starts[i]:starts[i + 1]."""

    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[np.float32]

    def gather(self, texts: Ids) -> tuple[Ids, Ids]:
        """Return the places of all grams of `texts`, one text after the other, and for each place the text's turn."""
        begin = self.starts[texts]
        lengths = self.starts[texts + 1] - begin
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) - np.repeat(ends - lengths - begin, lengths)
        return places, np.repeat(np.arange(len(texts)), lengths)


def train(
    pairs: Sequence[Path],
    out: Path,
    *,
    base: Path | None = None,
    seed: int = 7,
    epochs: float | None = None,
    minutes: float | None = None,
    dim: int = 256,  # 128 loses six points alone and none beside words
    rows: int = 48_000,  # with 256 numbers each, 13 MB in a wheel
    new_rows: int = 8_000,  # what a corpus of a few thousand pages has in grams of its own
    per_query: int = 2,  # local regulations have six articles a title, half of all pairs: they would set the tone
    batch: int = 1024,
    temperature: float = 1 / 25,  # 1 / 15 is as good, 1 / 40 loses a point
    dropout: float = 0.25,  # of grams, so that no single one carries a pair; 0.4 loses half a point
    count_power: float = 0.7,  # 1 counts a repeated word too often (-0.9 points), 0.5 loses long passages (-4)
    rate: float | None = None,
    threads: int = 1,  # a second one wins little (memory is the limit) and would change the bytes
    progress: Callable[[int, int, float], None] | None = None,
) -> dict[str, Any]:
    """Train on `pairs` (files or folders), write a loadable model to the new folder `out` and return its record.

    Without `epochs` it goes through the pairs four times, and through few pairs more often (100 steps).
    The same pairs, seed, machine and threads give the same bytes, unless `minutes` sets the length by the clock.
    With `base` the model there is continued: it keeps its grams and its counting, takes in up to `new_rows` frequent
    new ones, and learns at a lower rate. `progress` is told (steps done, steps planned, running loss).
    Raises PairsError, and ModelError for a base that cannot be read or an `out` that holds something already.
    """
    if out.exists() and any(out.iterdir()):
        raise ModelError(f"{out}: found files there already, expected a new or empty folder. Name another --out.")
    begun = time.monotonic()
    sets = read_pairs(pairs)
    start = TableEmbedder.load(base) if base is not None else None
    texts, numbered = number(sets)
    random = np.random.default_rng(seed)
    if start is None:
        keys, vectors, importance = _begin(texts, rows, dim, seed)
    else:
        keys, vectors, importance = _continue(texts, start, new_rows, seed)
        count_power = start.count_power
    counts = _count(texts, keys, count_power)
    rate = rate if rate is not None else _RATE if start is None else _RATE_WITH_BASE
    model = _Rows(torch.from_numpy(vectors), torch.from_numpy(importance), rate)
    steps = [max(1, round(reach(pairs, per_query) / batch)) for pairs in numbered]
    if epochs is None:
        epochs = max(_EPOCHS, _LEAST_STEPS / sum(steps))
    total = max(1, round(sum(steps) * epochs))
    threads_before = torch.get_num_threads()
    torch.set_num_threads(threads)
    step, loss, clock = 0, math.nan, time.monotonic()
    try:
        for ids in draw(numbered, steps, batch, random):
            spent = step / total if minutes is None else (time.monotonic() - clock) / 60 / minutes
            if spent >= 1:
                break
            model.slow_down(spent)
            now = model.learn(ids, counts, temperature, dropout, random)
            step += 1
            loss = now if step == 1 else 0.98 * loss + 0.02 * now
            if progress is not None:
                progress(step, total if minutes is None else max(step, round(step / max(spent, 1e-3))), loss)
    finally:
        torch.set_num_threads(threads_before)
    table = TableEmbedder(keys, *quantise(model.folded()), count_power=count_power, name=str(out))
    table.save(out)
    record: dict[str, Any] = {
        "out": str(out),
        "base": None if base is None else str(base),
        "fingerprint": table.fingerprint,
        "rows": len(keys),
        "dim": table.dim,
        "sets": [{"name": pair_set.name, "pairs": len(pair_set.pairs)} for pair_set in sets],
        "steps": step,
        "loss": round(loss, 4),
        "seconds": round(time.monotonic() - begun, 1),
        "recipe": {
            "seed": seed,
            "epochs": epochs if minutes is None else None,
            "minutes": minutes,
            "per_query": per_query,
            "batch": batch,
            "temperature": temperature,
            "dropout": dropout,
            "count_power": count_power,
            "rate": rate,
        },
    }
    (out / "README.md").write_text(_card(record), encoding="utf-8")
    return record


class _Rows:
    """The rows being learned: directions (n, dim), the logarithm of their importance (n,), Adam's memory of both.

    Adam is lazy (as SparseAdam in PyTorch): rows a batch does not use keep still, and so does their memory.
    """

    def __init__(self, vectors: Tensor, importance: Tensor, rate: float) -> None:
        self._weights = (vectors, importance)
        self._first = tuple(torch.zeros_like(weight) for weight in self._weights)
        self._second = tuple(torch.zeros_like(weight) for weight in self._weights)
        self._peak, self._rate, self._steps = rate, 0.0, 0

    def slow_down(self, spent: float) -> None:
        """Set the rate for the given share of the training: five per cent of warm-up, then a straight line to zero."""
        self._rate = self._peak * min(1.0, (spent + 1e-3) / _WARM_UP) * (1 - spent)

    def learn(
        self, pairs: Ids, counts: _Counts, temperature: float, dropout: float, random: np.random.Generator
    ) -> float:
        """Take one step on `pairs` (n, 2), numbers of texts, and return the loss before it."""
        places, turns = counts.gather(pairs.T.ravel())
        keep = random.random(len(places), dtype=np.float32) >= dropout
        places, turns = places[keep], turns[keep]
        rows = counts.rows[places]
        touched = np.zeros(len(self._weights[1]), dtype=bool)
        touched[rows] = True
        used = torch.from_numpy(np.flatnonzero(touched))
        vectors, importance = (weight[used] for weight in self._weights)
        weight = importance.exp()[:, None]
        folded = (vectors * weight).requires_grad_()
        sums = functional.embedding_bag(
            torch.from_numpy((np.cumsum(touched) - 1)[rows]),
            folded,
            torch.from_numpy(np.searchsorted(turns, np.arange(2 * len(pairs)))),
            mode="sum",
            per_sample_weights=torch.from_numpy(counts.counts[places]),
        )
        loss = _loss(functional.normalize(sums), torch.from_numpy(pairs), temperature)
        loss.backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it without annotations
        gradient = folded.grad
        assert gradient is not None  # folded asks for it three lines above
        self._steps += 1
        self._move(0, used, vectors, gradient * weight)
        self._move(1, used, importance, (gradient * folded.detach()).sum(1))
        return float(loss.detach())

    def _move(self, which: int, used: Tensor, weight: Tensor, gradient: Tensor) -> None:
        first = self._first[which][used].mul_(0.9).add_(gradient, alpha=0.1)
        second = self._second[which][used].mul_(0.999).addcmul_(gradient, gradient, value=0.001)
        self._first[which][used], self._second[which][used] = first, second
        size = (second / (1 - 0.999**self._steps)).sqrt_().add_(1e-8)
        self._weights[which][used] = weight - self._rate / (1 - 0.9**self._steps) * first / size

    def folded(self) -> NDArray[np.float32]:
        """Return the rows with their importance as their length."""
        vectors, importance = self._weights
        return np.asarray((vectors * importance.exp()[:, None]).numpy(), dtype=np.float32)


def _loss(vectors: Tensor, pairs: Tensor, temperature: float) -> Tensor:
    """Return the loss of unit `vectors` (2n, dim), questions first, where pair i must find its own partner.

    What equals the question or its positive is no negative: local regulations ask one question for eight articles.
    """
    questions, positives = pairs[:, 0], pairs[:, 1]
    scores = vectors[: len(pairs)] @ vectors[len(pairs) :].T / temperature
    same = questions[:, None] == questions[None]
    same |= positives[:, None] == positives[None]
    same |= questions[:, None] == positives[None]
    same.fill_diagonal_(False)
    scores = scores.masked_fill(same, -1e4)
    partner = torch.arange(len(pairs))
    return (functional.cross_entropy(scores, partner) + functional.cross_entropy(scores.T, partner)) / 2


def _document_frequency(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return every gram of `texts`, sorted, and in how many of them it occurs."""
    parts = []
    for begin in range(0, len(texts), _SLICE_TEXTS):
        keys, text_of = gram_keys(texts[begin : begin + _SLICE_TEXTS])
        once = np.unique((text_of.astype(np.uint64) << _KEY_BITS) | keys) & ((np.uint64(1) << _KEY_BITS) - np.uint64(1))
        parts.append(np.unique(once, return_counts=True))
    keys, place = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
    return keys, np.bincount(place, np.concatenate([part[1] for part in parts])).astype(np.int64)


def _choose(keys: NDArray[np.uint64], frequency: NDArray[np.int64], rows: int) -> Ids:
    """Return the places of the `rows` grams to learn: characters first, then by document frequency; rare ones never."""
    known = np.flatnonzero(frequency >= _LEAST_FREQUENCY)
    is_character = keys[known] < np.uint64(1 << 21)
    order = np.lexsort((keys[known], -frequency[known], ~is_character))
    return np.sort(known[order[:rows]])


def _begin(
    texts: Sequence[str], rows: int, dim: int, seed: int
) -> tuple[NDArray[np.uint64], NDArray[np.float32], NDArray[np.float32]]:
    """Return grams, random directions (n, dim) and log importance (n,) to begin from."""
    keys, frequency = _document_frequency(texts)
    chosen = _choose(keys, frequency, rows)
    if not len(chosen):
        raise PairsError(f"found no character that {_LEAST_FREQUENCY} texts share, expected more pairs. Add some.")
    idf = np.log(1 + len(texts) / frequency[chosen])
    directions = np.random.default_rng([seed, 1]).standard_normal((len(chosen), dim), dtype=np.float32)
    return keys[chosen], directions / np.float32(math.sqrt(dim)), np.log(idf).astype(np.float32)


def _continue(
    texts: Sequence[str], base: TableEmbedder, new_rows: int, seed: int
) -> tuple[NDArray[np.uint64], NDArray[np.float32], NDArray[np.float32]]:
    """Return the grams of `base` and frequent new ones, with directions and log importance to go on from.

    A new gram begins as a random direction with the median importance of the bigrams known: it is rare by definition.
    """
    old = base.vectors(slice(None))
    lengths = np.maximum(np.sqrt(np.sum(old * old, axis=1)), np.float32(1e-6))
    keys, frequency = _document_frequency(texts)
    unknown = ~np.isin(keys, base.keys)
    added = keys[unknown][_choose(keys[unknown], frequency[unknown], new_rows)]
    directions = np.random.default_rng([seed, 1]).standard_normal((len(added), base.dim), dtype=np.float32)
    vectors = np.concatenate([old / lengths[:, None], directions / np.float32(math.sqrt(base.dim))])
    importance = np.concatenate([np.log(lengths), np.full(len(added), np.log(np.median(lengths)), dtype=np.float32)])
    order = np.argsort(all_keys := np.concatenate([base.keys, added]))
    return all_keys[order], vectors[order], importance[order]


def _count(texts: Sequence[str], keys: NDArray[np.uint64], count_power: float) -> _Counts:
    nothing = np.zeros((len(keys), 1), dtype=np.int8), np.zeros(len(keys), dtype=np.float32)
    counter = TableEmbedder(keys, *nothing, count_power=count_power)
    parts = [counter.count(texts[begin : begin + _SLICE_TEXTS]) for begin in range(0, len(texts), _SLICE_TEXTS)]
    lengths = np.concatenate([np.diff(part.indptr) for part in parts])
    return _Counts(
        np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]),
        np.concatenate([part.indices for part in parts]),
        np.concatenate([part.data for part in parts]),
    )


def _card(record: dict[str, Any]) -> str:
    """Return the model card's first version; licences of the data and measured figures are for a person to add."""
    sets = "\n".join(f"| {entry['name']} | {entry['pairs']:,} |" for entry in record["sets"])
    origin = f" from `{record['base']}`" if record["base"] else ""
    recipe = ", ".join(f"{key} {value}" for key, value in record["recipe"].items() if value is not None)
    return f"""---
library_name: sentence-transformers
language: zh
tags: [sentence-similarity, static-embeddings, character-bigrams]
---

# A table of characters and bigrams

Made by `policykb train`{origin}: {record["rows"]:,} rows of {record["dim"]} numbers in 8 bits.
A text's vector is the sum of the rows of its characters and bigrams, scaled to length one.

Load it with `policykb rebuild --model FOLDER`, `index.model.load_embedder(FOLDER)` or, where policykb is installed,
`SentenceTransformer(FOLDER, trust_remote_code=True)`.

Trained in {record["steps"]:,} steps on:

| set | pairs |
|---|---:|
{sets}

Recipe: {recipe}.
Fingerprint: `{record["fingerprint"]}`.
"""
