"""Packed postings against plain lists, of every kind and of collections with few and many blocks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from index.store import packing
from index.store.packed import Packed
from index.store.packing import BITS

pytestmark = pytest.mark.usefixtures("both_ways")

# The share of the texts that each term is in: rare ones are lists of four or two bytes, common ones of one, or bits.
SHARES = (0.0, 0.0001, 0.001, 0.01, 0.05, 0.1, 0.3, 0.9, 1.0)


def lists(texts: int) -> tuple[list[NDArray[np.int32]], list[NDArray[np.int32]]]:
    """Return rows and times of each term; some stand hundreds of times in a text."""
    source = np.random.default_rng(texts)
    rows, times = [], []
    for share in SHARES:
        found = np.flatnonzero(source.random(texts) < share)
        rows.append((found if len(found) else np.array([texts - 1])).astype(np.int32))
        more = source.integers(2, 400, len(rows[-1]))
        times.append(np.where(source.random(len(rows[-1])) < 0.2, more, 1).astype(np.int32))
    return rows, times


def packed(rows: list[NDArray[np.int32]], times: list[NDArray[np.int32]], texts: int) -> Packed:
    starts = np.cumsum([0, *map(len, rows)])
    return Packed.of(np.concatenate(rows), np.concatenate(times), starts, texts)


@pytest.mark.parametrize("texts", [1, 2, 255, 256, 257, 513, 5_000, 65_536, 65_537, 200_000])
def test_what_is_packed_is_found_again(texts: int) -> None:
    rows, times = lists(texts)
    found = packed(rows, times, texts)
    wanted = np.unique(np.random.default_rng(0).integers(0, texts, 150)).astype(np.int32)
    dense = np.zeros((len(rows), texts), dtype=np.int64)
    for term, (own, often) in enumerate(zip(rows, times, strict=True)):
        dense[term, own] = np.minimum(often, 255)
        assert found.rows_of(term).tolist() == own.tolist()
    order = np.random.default_rng(1).permutation(len(rows))
    seen: list[int] = []
    for places, part in found.lists(order):
        terms = order[places].tolist()
        counts = np.ones(len(part.rows), dtype=np.int64)
        counts[part.places] = part.times
        assert part.rows.tolist() == [row for term in terms for row in rows[term].tolist()]
        assert counts.tolist() == [min(often, 255) for term in terms for often in times[term].tolist()]
        assert part.sizes.tolist() == [len(rows[term]) for term in terms]
        assert part.more.tolist() == [np.count_nonzero(times[term] > 1) for term in terms]
        seen += places.tolist()
    assert sorted(seen) == list(range(len(rows)))
    assert found.times(order, wanted).tolist() == dense[order][:, wanted].tolist()
    assert found.times(order, wanted[:0]).shape == (len(rows), 0)
    assert found.times(order[:0], wanted).shape == (0, len(wanted))


@pytest.mark.parametrize("texts", [1, 257, 5_000, 65_537, 200_000])
def test_terms_written_together_are_those_written_one_by_one(texts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, times = lists(texts)
    written = []
    for short in (0, 512, 1 << 30):
        monkeypatch.setattr(packing, "_SHORT", short)
        written.append(packed(rows, times, texts))
    for name in ("kinds", "places", "rows", "is_more", "ranks", "more"):
        assert len({getattr(each, name).tobytes() for each in written}) == 1, name


def test_each_term_is_written_in_the_least_space() -> None:
    found = packed(*lists(200_000), 200_000)
    assert found.kinds.tolist() == [4, 2, 2, 2, 1, 1, BITS, BITS, BITS]
    # Offsets of 391 blocks of bits and one more, and 200,192 bits.
    assert np.diff(found.places)[-1] == 4 * 392 + 200_192 // 8
    assert np.diff(found.places)[0] == 2 * 4 + 4 + 4  # two offsets, a posting, and up to a whole word


def test_no_postings_are_packed_too() -> None:
    nothing = np.empty(0, dtype=np.int32)
    found = Packed.of(nothing, nothing, np.zeros(1, dtype=np.int64), 0)
    assert found.times(np.empty(0, dtype=np.int64), nothing).shape == (0, 0)
    assert found.count_more() == 0
