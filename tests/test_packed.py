"""Packed postings against plain lists, of every kind and of collections with few and many blocks."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.store import StoreError, packing
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
    for name in ("kinds", "places", "rows", "is_more", "ranks", "more", "often_at", "often"):
        assert len({getattr(each, name).tobytes() for each in written}) == 1, name


def test_each_term_is_written_in_the_least_space() -> None:
    found = packed(*lists(200_000), 200_000)
    assert found.kinds.tolist() == [4, 2, 2, 1, 1, 1, BITS, BITS, BITS]
    # Offsets of 391 blocks of bits and one more, and 200,192 bits.
    assert np.diff(found.places)[-1] == 4 * 392 + 200_192 // 8
    assert np.diff(found.places)[0] == 2 * 4 + 4 + 4  # two offsets, a posting, and up to a whole word


def test_no_postings_are_packed_too() -> None:
    nothing = np.empty(0, dtype=np.int32)
    found = Packed.of(nothing, nothing, np.zeros(1, dtype=np.int64), 0)
    assert found.times(np.empty(0, dtype=np.int64), nothing).shape == (0, 0)
    assert found.count_more() == 0


def test_a_term_in_256_texts_in_a_row_has_no_bytes_for_blocks() -> None:
    more = np.arange(3_000, 9_000, 6)
    for first in (512, 700):  # a whole block of 256, and what lies in two
        for length, kind in ((255, 1), (256, BITS)):
            rows = [np.concatenate([np.arange(first, first + length), more]).astype(np.int32)]
            found = packed(rows, [np.ones(len(rows[0]), dtype=np.int32)], 10_000)
            assert found.kinds.tolist() == [kind]
            assert found.rows_of(0).tolist() == rows[0].tolist()
    # Two terms that stand behind one another are not one in a row.
    rows = [np.arange(100, dtype=np.int32), np.arange(100, 300, dtype=np.int32)]
    assert packed(rows, [np.ones(len(own), dtype=np.int32) for own in rows], 10_000).kinds.tolist() == [1, 1]


def test_what_stands_more_than_16_times_is_kept_beside() -> None:
    times = np.array([1, 2, 16, 17, 1, 255, 3, 300, 18], dtype=np.int32)
    rows = [np.arange(4, dtype=np.int32), np.arange(5, dtype=np.int32)]
    found = packed(rows, [times[:4], times[4:]], 9)
    assert found.more.tolist() == [0 | 14 << 4, 15 | 15 << 4, 1 | 15 << 4, 15]
    assert (found.often_at.tolist(), found.often.tolist()) == ([2, 3, 5, 6], [17, 255, 255, 18])
    assert found.times(np.array([1, 0]), np.array([1, 3], dtype=np.int32)).tolist() == [[255, 255], [2, 17]]


def test_texts_that_do_not_exist_are_an_error() -> None:
    rows, times = lists(300)
    found = packed(rows, times, 300)
    for row in (-1, 300):
        with pytest.raises(IndexError, match=f"text {row} does not exist: texts are 0 to 299"):
            found.times(np.array([3]), np.array([2, row], dtype=np.int32))


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["starts", "kinds", "places", "rows", "is_more", "ranks", "more", "often_at", "often"]),
    st.integers(0, 1 << 30),
    st.integers(0, 255),
    st.sampled_from([300, 70_000]),
    st.sampled_from([1, 3, 300]),
)
def test_damaged_postings_are_read_or_refused(name: str, at: int, byte: int, texts: int, most: int) -> None:
    rows, times = lists(texts)
    whole = packed(rows, [np.minimum(often, most) for often in times], texts)
    data = np.frombuffer(getattr(whole, name).tobytes(), dtype=np.uint8).copy()
    if len(data):
        data[at % len(data)] ^= byte
    found = replace(whole, **{name: data.view(getattr(whole, name).dtype)})
    terms = np.arange(len(SHARES))
    with suppress(StoreError):
        found.times(terms, np.arange(0, texts, 7, dtype=np.int32))
    for term in terms.tolist():
        with suppress(StoreError):
            list(found.lists(np.array([term])))
    with suppress(StoreError):
        list(found.lists(terms))
