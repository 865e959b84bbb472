"""The rough sum, which may leave postings unread, and the passages of articles."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from index.evidence import Articles, rough_scores, terms_read
from index.store.best import best_places
from index.store.terms import Terms, build_terms, query_grams

WORDS = ("医保", "养老", "报销", "缴费", "门诊", "住院", "退休", "生育", "津贴", "备案")


@pytest.fixture(scope="module")
def terms() -> Terms:
    source = np.random.default_rng(0)
    return build_terms(["，".join(source.choice(WORDS, 4)) + ("，断缴" * (row % 50 == 7)) for row in range(600)])


def test_all_words_are_read_where_they_are_few_enough(terms: Terms) -> None:
    grams = query_grams("门诊断缴报销")
    scores = terms.scores_of(grams)
    found = rough_scores([("passage", terms)], grams, None)
    np.testing.assert_allclose(found, scores / scores.max(), rtol=1e-6)


def test_the_rarest_words_are_read_where_there_are_too_many(terms: Terms) -> None:
    grams = query_grams("门诊断缴报销")
    every = int(terms.vocabulary.frequency(terms.weigh(grams)[0]).sum())
    whole, few, one = (terms_read([("passage", terms)], grams, 1.0, postings)[0] for postings in (every, 100, 1))
    assert whole[0].tolist() == terms.weigh(grams)[0].tolist()
    rare = terms.vocabulary.frequency(few[0])
    assert (len(rare) < len(whole[0]), int(rare.sum()) <= 100) == (True, True)
    assert rare.max() < np.setdiff1d(terms.vocabulary.frequency(whole[0]), rare).min()
    assert len(one[0]) == 1  # the rarest, whatever it takes
    best = best_places(rough_scores([("passage", terms)], grams, None, 100), 12)
    assert (best % 50).tolist() == [7] * 12


def test_counting_occurrences_once_leaves_out_only_what_more_of_them_add(terms: Terms) -> None:
    numbers, factors = terms.weigh(query_grams("门诊断缴报销"))
    alone = build_terms(["门诊", "门诊，门诊", "养老，报销", "报销"])
    for one in ("门诊", "报销"):
        asked = alone.weigh(query_grams(one))
        assert alone.sum_once(*asked)[[0, 2, 3]].tolist() == pytest.approx(alone.sum_of(*asked)[[0, 2, 3]].tolist())
    assert alone.sum_once(*alone.weigh(query_grams("门诊")))[1] < alone.sum_of(*alone.weigh(query_grams("门诊")))[1]
    assert np.all(terms.sum_once(numbers, factors) <= terms.sum_of(numbers, factors) + 1e-5)
    assert (terms.sum_once(numbers, factors) > 0).tolist() == (terms.sum_of(numbers, factors) > 0).tolist()


@pytest.mark.parametrize("of", [[0, 0, 1, 3, 3, 3], [3, 0, 1, 0, 3, 3]])
def test_passages_of_articles_are_found_in_any_order(of: list[int]) -> None:
    articles, cosines = Articles(np.array(of)), np.array([0.5, -0.1, -0.2, 0.3, 0.7, 0.1], dtype=np.float32)

    def best(rows: list[int]) -> list[float]:
        found: list[float] = articles.best(np.array(rows, dtype=np.int64), lambda members: cosines[members]).tolist()
        return found

    expected = [max(cosines[place] for place in range(6) if of[place] == of[row]) for row in (5, 2, 0)]
    assert best([5, 2, 0]) == pytest.approx(expected)
    assert best([]) == []
    values = np.array([1, 2, 3, 4], dtype=np.float32)
    assert articles.spread(values).tolist() == [article + 1 for article in of]


@pytest.mark.parametrize("k", [1, 7, 100, 400, 5_000])
@pytest.mark.parametrize("values", [3, 1_000_000])
def test_the_best_of_many_are_those_of_sorting_all(k: int, values: int) -> None:
    scores: NDArray[np.float32] = np.random.default_rng(k).integers(0, values, 70_001).astype(np.float32)
    assert best_places(scores, k).tolist() == np.argsort(-scores, kind="stable")[:k].tolist()
