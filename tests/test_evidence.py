"""The rough sum, which may leave postings unread, and the passages of articles."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import index.evidence
import index.store.once
from index.evidence import Articles, Field, RoughSums, bm25f, heaviest, rough_scores, terms_read
from index.store.best import best_places, each_once
from index.store.once import Once, UnpackedTerms
from index.store.terms import Terms, build_terms, query_grams

pytestmark = pytest.mark.usefixtures("both_ways")

WORDS = ("医保", "养老", "报销", "缴费", "门诊", "住院", "退休", "生育", "津贴", "备案")


@pytest.fixture
def terms() -> Terms:
    source = np.random.default_rng(0)
    return build_terms(["，".join(source.choice(WORDS, 4)) + ("，断缴" * (row % 50 == 7)) for row in range(600)])


def test_all_words_are_read_where_they_are_few_enough(terms: Terms) -> None:
    grams = query_grams("门诊断缴报销")
    scores = terms.scores_of(grams)
    found = rough_scores([("passage", terms)], grams, None).of(None)
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
    best = best_places(rough_scores([("passage", terms)], grams, None, 100).scores, 12)
    assert (best % 50).tolist() == [7] * 12


def test_counting_occurrences_once_leaves_out_only_what_more_of_them_add(terms: Terms) -> None:
    def once(of: Terms, question: str) -> NDArray[np.float32]:
        return Once.add_up([of.standing(*of.weigh(query_grams(question)))]).everywhere()

    alone = build_terms(["门诊", "门诊，门诊", "养老，报销", "报销"])
    for word in ("门诊", "报销"):
        assert once(alone, word)[[0, 2, 3]].tolist() == pytest.approx(alone.scores(word)[[0, 2, 3]].tolist())
    assert once(alone, "门诊")[1] < alone.scores("门诊")[1]
    asked = "门诊断缴报销"
    assert np.all(once(terms, asked) <= terms.scores(asked) + 1e-5)
    assert (once(terms, asked) > 0).tolist() == (terms.scores(asked) > 0).tolist()


def test_a_sum_is_the_same_for_all_texts_and_for_a_few(terms: Terms, monkeypatch: pytest.MonkeyPatch) -> None:
    standing = terms.standing(*terms.weigh(query_grams("门诊断缴报销")))
    if isinstance(standing, UnpackedTerms):
        assert (len(standing.lists) > 0, len(standing.bits) > 0) == (True, True)
    else:
        assert set(standing.is_bits.tolist()) == {True, False}
    sums = Once.add_up([standing])
    whole = sums.everywhere()
    monkeypatch.setattr(index.store.once, "_STRETCH", 64)
    assert sums.everywhere().tolist() == whole.tolist()
    rows = np.array([599, 0, 7, 7, 300])
    assert sums.of(rows).tolist() == whole[rows].tolist()
    none = Once.add_up([terms.standing(np.empty(0, np.int64), np.empty(0, np.float32))])
    assert (none.everywhere().any(), none.of(rows).tolist()) == (False, [0] * 5)


def test_words_of_two_kinds_add_up_as_apart(terms: Terms) -> None:
    source = np.random.default_rng(1)
    titles = build_terms(["".join(source.choice(WORDS, source.integers(1, 6))) for _ in range(len(terms))])
    kinds = [own.standing(*own.weigh(query_grams("门诊断缴报销"))) for own in (terms, titles)]
    apart = sum(Once.add_up([kind]).everywhere() for kind in kinds)
    np.testing.assert_allclose(Once.add_up(kinds).everywhere(), apart, rtol=1e-5)
    assert not np.array_equal(kinds[0].weights, kinds[1].weights)


def test_a_large_collection_is_summed_everywhere_as_for_a_few(terms: Terms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.evidence, "ONCE", len(terms) - 1)
    grams, articles = query_grams("门诊断缴报销"), Articles(np.arange(len(terms)) // 3)
    whole = build_terms(["门诊断缴" if row == 5 else "养老" for row in range(200)])
    words = [("passage", terms), ("article", whole), ("context", terms)]
    everywhere = rough_scores(words, grams, articles)
    found = everywhere.of(None)
    assert (found.max(), len(found)) == (pytest.approx(1), len(terms))
    assert int(found.argmax()) in (15, 16, 17)  # the passages of the one article that has the words
    rows = np.array([0, int(found.argmax()), 599])
    few = RoughSums.read(words, grams, articles, 500_000)
    np.testing.assert_allclose(few.of(rows), found[rows], rtol=1e-6)
    np.testing.assert_allclose(few.of(None), found, rtol=1e-6)
    alone = rough_scores(words[:1], grams, None)
    np.testing.assert_allclose(alone.of(rows), RoughSums.read(words[:1], grams, None, 500_000).of(None)[rows])


def test_of_lent_words_those_that_say_most_are_counted_in_a_large_collection(
    terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    grams = query_grams("门诊断缴报销")
    assert heaviest(terms, grams, 2) is grams
    monkeypatch.setattr(index.evidence, "ONCE", len(terms) - 1)
    kept = heaviest(terms, grams, 2)
    weights = terms.idf_of(grams.keys) * grams.times
    assert sorted((terms.idf_of(kept.keys) * kept.times).tolist()) == sorted(weights.tolist())[-2:]
    assert kept.keys.tolist() == sorted(kept.keys.tolist())
    assert heaviest(terms, grams, len(grams.keys)) is grams


@pytest.mark.parametrize("of", [[0, 0, 1, 3, 3, 3], [3, 0, 1, 0, 3, 3]])
def test_passages_of_articles_are_found_in_any_order(of: list[int]) -> None:
    articles, cosines = Articles(np.array(of)), np.array([0.5, -0.1, -0.2, 0.3, 0.7, 0.1], dtype=np.float32)

    def found(rows: list[int]) -> tuple[list[float], list[float]]:
        own, best = articles.cosines(np.array(rows, dtype=np.int64), lambda members: cosines[members])
        return own.tolist(), best.tolist()

    best = [max(cosines[place] for place in range(6) if of[place] == of[row]) for row in (5, 2, 0)]
    assert found([5, 2, 0]) == (cosines[[5, 2, 0]].tolist(), pytest.approx(best))
    assert found([]) == ([], [])
    values = np.array([1, 2, 3, 4], dtype=np.float32)
    assert articles.spread(values).tolist() == [article + 1 for article in of]


@pytest.mark.parametrize("k", [1, 7, 100, 400, 1_000, 2_000, 5_000])
@pytest.mark.parametrize("values", [3, 1_000_000])
def test_the_best_of_many_are_those_of_sorting_all(k: int, values: int) -> None:
    scores: NDArray[np.float32] = np.random.default_rng(k).integers(0, values, 70_001).astype(np.float32)
    assert best_places(scores, k).tolist() == np.argsort(-scores, kind="stable")[:k].tolist()


def test_a_score_is_the_same_to_the_last_bit_whichever_others_are_looked_at(terms: Terms) -> None:
    fields, grams = [Field("passage", terms, None, 1.0)], query_grams("门诊断缴报销医保待遇怎么办理")
    rows = np.arange(0, 600, 7)
    together = bm25f(fields, grams, rows)[0]
    assert together.any()
    for some in (1, 2, 3, 50):
        apart = [bm25f(fields, grams, part)[0] for part in np.split(rows, range(some, len(rows), some))]
        assert np.concatenate(apart).tolist() == together.tolist()


@pytest.mark.parametrize("rows", [[], [4], [1, 2, 9], [1, 1, 2], [9, 2, 9, 1]])
def test_rows_are_each_once_and_found_again(rows: list[int]) -> None:
    asked = np.array(rows, dtype=np.int64)
    once, place = each_once(asked)
    assert once.tolist() == sorted(set(rows))
    assert once[place].tolist() == rows
