"""Trains the table model of embedder.py from pairs of texts, from nothing or from an existing model.

The first rows (first_rows.py) are a lexical model with some meaning already; training then moves together what pairs
say belongs together. The loss is the usual one of dense retrieval (in-batch and hard negatives; Karpukhin et al. 2020,
Henderson et al. 2017), the rows are moved by Adam, and what is kept is the mean of the rows over the last part of the
training (Polyak and Juditsky 1992). Numbers beside the knobs are from the log of experiments in docs/decisions.md.

Reading pairs is left to pairs.py, hard negatives to negatives.py, storing and running the table to embedder.py.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor
from torch.nn import functional

from index.model.card import model_card
from index.model.embedder import ModelError, TableEmbedder, quantise
from index.model.first_rows import FirstRows, begin, go_on
from index.model.negatives import mine
from index.model.pairs import Ids, PairsError, PairSet, Source, draw, number, pool, reach, read_pairs

__all__ = ["PairsError", "train", "train_on"]

_EPOCHS = 5.0  # 4 to 6 alike; 12 at a higher rate learn the pairs by heart
_EPOCHS_WITH_BASE = 4.0
_LEAST_STEPS = 100  # a few hundred pairs make one batch, and four steps would move nothing
_WARM_UP = 0.05  # share of the training in which the rate rises
_AVERAGED = 0.6  # share of the training, its last, over which the rows are averaged
_RATE = 0.004  # Adam's peak rate; entries begin near 1 / sqrt(dim) = 0.06, and 0.01 forgets more than it learns
_RATE_WITH_BASE = 0.002  # half, so that a small corpus bends the model and does not replace it

Progress = Callable[[int, int, float], None]


def train(pairs: Sequence[Path | Source], out: Path, **settings: Any) -> dict[str, Any]:
    """Train on `pairs` (files or folders, with weights or without) as `train_on` does, with its settings."""
    _refuse_used(out)
    return train_on(read_pairs(pairs), out, **settings)


def train_on(
    sets: Sequence[PairSet],
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
    negatives: int = 1,  # hard ones beside each positive
    temperature: float = 1 / 25,  # 1 / 15 is as good, 1 / 40 loses a point
    dropout: float = 0.25,  # of grams, so that no single one carries a pair; 0.4 loses half a point
    count_power: float = 0.7,  # 1 counts a repeated word too often (-0.9 points), 0.5 loses long passages (-4)
    analysed: float = 0.3,  # of a first direction is latent semantic analysis: 0 loses meaning, 0.5 loses words
    rate: float | None = None,
    threads: int = 1,  # a second one wins little (memory is the limit) and would change the bytes
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train on `sets`, write a loadable model to the new folder `out` and return its record.

    Without `epochs` it goes through the pairs five times, with `base` four, through few pairs more often (100 steps).
    The same pairs, seed, machine and threads give the same bytes, unless `minutes` sets the length by the clock.
    With `base` the model there is continued: it keeps its grams and its counting, takes in up to `new_rows` frequent
    new ones, and learns at a lower rate. `progress` is told (steps done, steps planned, running loss).
    Raises PairsError, and ModelError for a base that cannot be read or an `out` that holds something already.
    """
    _refuse_used(out)
    begun = time.monotonic()
    start = TableEmbedder.load(base) if base is not None else None
    dealt = pool(sets, batch)
    texts, numbered = number(dealt)
    random = np.random.default_rng(seed)
    if start is None:
        first, counts = begin(texts, rows=rows, dim=dim, seed=seed, count_power=count_power, analysed=analysed)
    else:
        first, counts = go_on(texts, start, new_rows=new_rows, seed=seed)
        count_power = start.count_power
    hard = {question: found for pairs in numbered if negatives for question, found in mine(texts, pairs).items()}
    rate = rate if rate is not None else _RATE if start is None else _RATE_WITH_BASE
    model = _Rows(first, rate)
    steps = [
        max(1, round(reach(pairs, per_query) * pair_set.weight / batch))
        for pair_set, pairs in zip(dealt, numbered, strict=True)
    ]
    if epochs is None:
        epochs = max(_EPOCHS if start is None else _EPOCHS_WITH_BASE, _LEAST_STEPS / sum(steps))
    total = max(1, round(sum(steps) * epochs))
    threads_before = torch.get_num_threads()
    torch.set_num_threads(threads)
    step, loss, clock = 0, math.nan, time.monotonic()
    try:
        for ids in draw(numbered, steps, batch, random):
            spent = step / total if minutes is None else (time.monotonic() - clock) / 60 / minutes
            if spent >= 1:
                break
            others = _deal_negatives(ids, hard, negatives, random)
            now = model.learn(ids, others, counts, spent, temperature, dropout, random)
            step += 1
            loss = now if step == 1 else 0.98 * loss + 0.02 * now
            if progress is not None:
                progress(step, total if minutes is None else max(step, round(step / max(spent, 1e-3))), loss)
    finally:
        torch.set_num_threads(threads_before)
    table = TableEmbedder(first.keys, *quantise(model.folded()), count_power=count_power, name=str(out))
    table.save(out)
    record: dict[str, Any] = {
        "out": str(out),
        "base": None if base is None else str(base),
        "fingerprint": table.fingerprint,
        "rows": len(first.keys),
        "dim": table.dim,
        "sets": [{"name": part.name, "pairs": len(part.pairs), "weight": part.weight} for part in sets],
        "steps": step,
        "loss": round(loss, 4),
        "seconds": round(time.monotonic() - begun, 1),
        "recipe": {
            "seed": seed,
            "epochs": epochs if minutes is None else None,
            "minutes": minutes,
            "per_query": per_query,
            "batch": batch,
            "negatives": negatives,
            "temperature": temperature,
            "dropout": dropout,
            "count_power": count_power,
            "analysed": analysed if start is None else None,
            "rate": rate,
        },
    }
    (out / "README.md").write_text(model_card(record), encoding="utf-8")
    return record


def _refuse_used(out: Path) -> None:
    if out.exists() and any(out.iterdir()):
        raise ModelError(f"{out}: found files there already, expected a new or empty folder. Name another --out.")


def _deal_negatives(pairs: Ids, hard: Mapping[int, Ids], each: int, random: np.random.Generator) -> Ids:
    """Return up to `each` hard negatives of every question of a batch, each text once, none a positive of the batch."""
    dealt = [random.permutation(hard[question])[:each] for question in pairs[:, 0].tolist() if question in hard]
    return np.setdiff1d(np.concatenate([pairs[:0, 0], *dealt]), pairs)


class _Rows:
    """The rows being learned: directions (n, dim), the logarithm of their importance (n,), and the mean of both."""

    def __init__(self, first: FirstRows, rate: float) -> None:
        self._peak = rate
        self._weights = [torch.from_numpy(first.directions.copy()), torch.from_numpy(first.importance.copy())]
        for weight in self._weights:
            weight.grad = torch.zeros_like(weight)
        self._adam = torch.optim.Adam(self._weights, lr=rate, fused=True)  # one pass over the table, not twelve
        self._means: list[Tensor] = []
        self._meant = 0

    def learn(
        self,
        pairs: Ids,
        others: Ids,
        counts: csr_matrix,
        spent: float,
        temperature: float,
        dropout: float,
        random: np.random.Generator,
    ) -> float:
        """Take one step on `pairs` (n, 2) and negatives `others` (m,), numbers of texts, and return the loss before it.

        `spent` is the share of the training that is over: it sets the rate and begins the mean.
        """
        texts = counts[np.concatenate([pairs.T.ravel(), others])]
        keep = random.random(len(texts.data), dtype=np.float32) >= dropout
        touched = np.zeros(texts.shape[1], dtype=bool)
        touched[texts.indices[keep]] = True
        used, place = np.flatnonzero(touched), np.cumsum(touched) - 1
        ends = np.concatenate([[0], np.cumsum(keep)])[texts.indptr]
        sample = csr_matrix((texts.data[keep], place[texts.indices[keep]], ends), shape=(texts.shape[0], len(used)))
        rows = torch.from_numpy(used.astype(np.int64))
        directions, importance = (weight[rows] for weight in self._weights)
        weight = importance.exp()[:, None]
        folded = directions * weight
        sums = _sum_rows(sample, folded)
        lengths = sums.norm(dim=1, keepdim=True).clamp_min(1e-6)
        vectors = sums / lengths
        loss, slope = contrast(vectors, torch.from_numpy(pairs), torch.from_numpy(others), temperature)
        slope = (slope - (slope * vectors).sum(1, keepdim=True) * vectors) / lengths
        gradient = _sum_rows(sample.T.tocsr(), slope)
        for whole, part in zip(self._weights, (gradient * weight, (gradient * folded).sum(1)), strict=True):
            assert whole.grad is not None  # given in __init__
            whole.grad.zero_()
            whole.grad[rows] = part
        self._adam.param_groups[0]["lr"] = self._peak * min(1.0, (spent + 1e-3) / _WARM_UP) * (1 - spent)
        self._adam.step()
        if spent >= 1 - _AVERAGED:
            self._average()
        return loss

    def _average(self) -> None:
        self._meant += 1
        if not self._means:
            self._means = [weight.clone() for weight in self._weights]
        for mean, weight in zip(self._means, self._weights, strict=True):
            mean.lerp_(weight, 1 / self._meant)

    def folded(self) -> NDArray[np.float32]:
        """Return the rows with their importance as their length."""
        directions, importance = self._means or self._weights
        return np.asarray((directions * importance.exp()[:, None]).numpy(), dtype=np.float32)


def _sum_rows(sample: csr_matrix, rows: Tensor) -> Tensor:
    """Return `sample @ rows`; an embedding bag is twice as fast as scipy's product."""
    indices, starts = (torch.from_numpy(part.astype(np.int64)) for part in (sample.indices, sample.indptr[:-1]))
    return functional.embedding_bag(
        indices, rows, starts, mode="sum", per_sample_weights=torch.from_numpy(sample.data.astype(np.float32))
    )


def contrast(vectors: Tensor, pairs: Tensor, others: Tensor, temperature: float) -> tuple[float, Tensor]:
    """Return the loss of unit `vectors` and its slope, shape (2n + m, dim): n questions, their positives, m `others`.

    Question i must find its own positive among all positives and others, positive i its own question. What equals the
    question or its positive is no negative: local regulations ask one question for eight articles. The slope is written
    out because automatic differentiation takes four times as long.
    """
    n = len(pairs)
    questions, found = pairs[:, 0], torch.cat([pairs[:, 1], others])
    asked, answers = vectors[:n], vectors[n:]
    scores = asked @ answers.T / temperature
    same = pairs[:, 1, None] == found[None]
    same |= questions[:, None] == found[None]
    same[:, :n] |= questions[:, None] == questions[None]
    same.diagonal()[:n] = False
    scores.masked_fill_(same, -1e4)
    partner = torch.arange(n)
    forward, back = scores.log_softmax(1), scores[:, :n].log_softmax(0)
    loss = -(forward.diagonal()[:n].mean() + back.diagonal().mean()) / 2
    slope = forward.exp()
    slope[:, :n] += back.exp()
    slope[partner, partner] -= 2
    slope /= 2 * n * temperature
    return float(loss), torch.cat([slope @ answers, slope.T @ asked])
