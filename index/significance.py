"""Whether a difference between two systems is more than the luck of the questions: a paired bootstrap.

The questions are drawn again with replacement, 10,000 times, and both systems are measured on each draw (Efron and
Tibshirani 1993; for retrieval Sakai 2006). One draw serves all figures. `scipy.stats.bootstrap` gives the same
intervals (the test compares them digit by digit) but no p value, draws anew for every figure and takes two seconds to
import, so it is the oracle and not the implementation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The customary number: the second digit of a p value near 0.05 holds still.
RESAMPLES = 10_000
SEED = 0
CONFIDENCE = 0.95
# So many drawn questions at once: 32 MB of 8-byte counts.
_BATCH_CELLS = 4_000_000
# Sums that differ by less differ in rounding only.
_DIGITS = 12

# What a question adds to a figure: (numerator, denominator). A figure is the sum of the first over that of the second,
# so that a mean has 1 below, a share its own count, and a question that says nothing to the figure (0, 0).
Tally = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Difference:
    """`difference` is `this` less `other`, `[low, high]` its 95 % interval, `p` that it is nothing but luck, two-sided.

    `wins`, `ties` and `losses` count the questions on which this figure is higher, equal and lower than the other's.
    """

    this: float
    other: float
    difference: float
    low: float
    high: float
    p: float
    wins: int
    ties: int
    losses: int

    def as_dict(self) -> dict[str, float]:
        """Return plain values, rounded to five places."""
        return {name: round(getattr(self, name), 5) for name in self.__slots__}


def figure(tallies: Sequence[Tally]) -> float | None:
    """Return the figure of all questions together, None where none of them says anything to it."""
    below = sum(tally[1] for tally in tallies)
    return sum(tally[0] for tally in tallies) / below if below else None


def compare(
    this: Mapping[str, Sequence[Tally]],
    other: Mapping[str, Sequence[Tally]],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Difference]:
    """Return the difference of every figure that both have, by name.

    The tallies of a figure are those of the same questions in the same order; ValueError where their numbers differ. A
    figure that one of both cannot have is left out. Resamples in which a figure has nothing below are not counted.
    """
    names = [
        name for name in this if name in other and figure(this[name]) is not None and figure(other[name]) is not None
    ]
    if not names:
        return {}
    sizes = {len(tallies) for name in names for tallies in (this[name], other[name])}
    if len(sizes) != 1:
        raise ValueError(f"a paired comparison needs the same questions on both sides, found {sorted(sizes)} of them")
    table = np.array(
        [[*this_one, *other_one] for name in names for this_one, other_one in zip(this[name], other[name], strict=True)]
    ).reshape(len(names), sizes.pop(), 4)
    drawn = _draw(table, resamples, np.random.default_rng(seed))
    return {name: _difference(rows, values) for name, rows, values in zip(names, table, drawn, strict=True)}


def _draw(table: NDArray[np.float64], resamples: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return the difference of each figure in each resample, shape (figures, resamples), nan where it has none."""
    figures, questions, _ = table.shape
    flat = table.transpose(1, 0, 2).reshape(questions, -1)
    found = []
    left = resamples
    while left:
        batch = min(left, max(1, _BATCH_CELLS // questions))
        chosen = random.integers(0, questions, (batch, questions))
        # How often each question was drawn: one bincount, a stretch of its own for every resample.
        chosen += questions * np.arange(batch)[:, None]
        times = np.bincount(chosen.ravel(), minlength=batch * questions).reshape(batch, questions)
        sums = (times.astype(np.float64) @ flat).reshape(batch, figures, 4)
        with np.errstate(invalid="ignore"):  # 0 / 0 is nan, which is left out below
            found.append(sums[..., 0] / sums[..., 1] - sums[..., 2] / sums[..., 3])
        left -= batch
    return np.round(np.concatenate(found).T, _DIGITS)


def _difference(rows: NDArray[np.float64], drawn: NDArray[np.float64]) -> Difference:
    this, this_below, other, other_below = rows.sum(axis=0)
    values = drawn[~np.isnan(drawn)]
    both = (rows[:, 1] > 0) & (rows[:, 3] > 0)
    gains = np.round(rows[both, 0] / rows[both, 1] - rows[both, 2] / rows[both, 3], _DIGITS)
    edge = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, (edge, 1 - edge))
    # The level at which the interval would just reach zero; the one added above and below keeps it from being 0, which
    # no number of resamples can show (Davison and Hinkley 1997).
    tail = min(np.count_nonzero(values <= 0), np.count_nonzero(values >= 0))
    return Difference(
        this=float(this / this_below),
        other=float(other / other_below),
        difference=float(this / this_below - other / other_below),
        low=float(low),
        high=float(high),
        p=min(1.0, 2 * (tail + 1) / (len(values) + 1)),
        wins=int(np.count_nonzero(gains > 0)),
        ties=int(np.count_nonzero(gains == 0)),
        losses=int(np.count_nonzero(gains < 0)),
    )
