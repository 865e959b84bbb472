"""What is kept of unpacked postings: the terms asked last, within a bound, and the same numbers as without."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from index.store.terms import build_terms, query_grams
from index.store.unpacked import Unpacked

Arrays = tuple[NDArray[np.int32]]
TEXTS = [f"参保人员{number}门诊报销{number % 7}，断缴{'后' * (number % 3)}补缴" for number in range(60)]


class Counted:
    """Unpacks a term as that many numbers, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, terms: Sequence[int]) -> list[Arrays]:
        self.asked.append(list(terms))
        return [(np.full(term, term, dtype=np.int32),) for term in terms]


def test_what_is_kept_is_not_unpacked_again() -> None:
    unpack, kept = Counted(), Unpacked[Arrays](80_000)
    kept.of([5, 9, 2], unpack)
    found = kept.of([9, 4, 5], unpack)
    assert [arrays[0].tolist() for arrays in found] == [[9] * 9, [4] * 4, [5] * 5]
    assert unpack.asked == [[5, 9, 2], [4]]


def test_what_was_asked_last_stays() -> None:
    unpack, kept = Counted(), Unpacked[Arrays](10 * (400 + 4 * 300))  # ten lists of 300 fit
    kept.of(range(295, 305), unpack)
    kept.of([295], unpack)
    kept.of([306], unpack)
    unpack.asked.clear()
    kept.of([295, 296], unpack)
    assert unpack.asked == [[296]]


def test_only_what_is_kept_is_given_where_nothing_may_be_unpacked() -> None:
    kept = Unpacked[Arrays](8_000)
    kept.of([10, 200], Counted())
    found = kept.kept([200, 10, 3])
    assert [None if arrays is None else arrays[0].tolist() for arrays in found] == [None, [10] * 10, None]


def test_a_list_too_long_to_keep_is_given_all_the_same() -> None:
    unpack, kept = Counted(), Unpacked[Arrays](8_000)
    for _ in range(2):
        assert len(kept.of([10, 200], unpack)[1][0]) == 200
    assert unpack.asked == [[10, 200], [200]]


def test_threads_that_ask_at_once_get_the_same() -> None:
    kept = Unpacked[Arrays](6_000)
    dice = np.random.default_rng(1)
    asked = [dice.integers(1, 60, 20).tolist() for _ in range(200)]
    with ThreadPoolExecutor(8) as pool:
        for terms, found in zip(asked, pool.map(lambda terms: kept.of(terms, Counted()), asked), strict=True):
            assert [len(arrays[0]) for arrays in found] == terms


@pytest.mark.parametrize("kept_bytes", [0, 4_000])
def test_sums_are_the_same_to_the_bit_however_much_is_kept(kept_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = [query_grams(text) for text in ("门诊报销", "断缴后补缴", "参保人员3", "门诊断缴")]
    warm = build_terms(TEXTS)
    expected = [warm.scores_of(grams) for grams in questions * 2]
    monkeypatch.setattr(Unpacked.__init__, "__defaults__", (kept_bytes,))
    cold = build_terms(TEXTS)
    for scores, again in zip(expected, (cold.scores_of(grams) for grams in questions * 2), strict=True):
        assert scores.any()
        np.testing.assert_array_equal(scores, again)
