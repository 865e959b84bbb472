"""The fusion against its formula in plain Python, and what it promises: parts that add up, filters that only remove."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.embedded import Embedded
from index.evidence import bm25f
from index.ranking import POOL, Part, Weights, fields_of, pool, rank
from index.store.terms import Terms, build_terms, query_grams
from index.store.vectors import Vectors, write_vectors

pytestmark = pytest.mark.usefixtures("both_ways")

PASSAGES = [
    "参保人可在窗口办理",
    "申请时携带身份证",
    "待遇按月发放到账",
    "参保人携带身份证到窗口办理",
    "门诊费用按比例报销",
    "到账时间以银行为准",
]
ARTICLES = ["生育津贴怎么申领\n" + "\n".join(PASSAGES[:3]), PASSAGES[3], "医保门诊报销\n" + "\n".join(PASSAGES[4:])]
ARTICLE_OF = np.array([0, 0, 0, 1, 2, 2])
CONTEXT = [
    "生育津贴怎么申领 办理地点",
    "生育津贴怎么申领 材料",
    "生育津贴怎么申领 到账时间",
    "",
    "医保门诊报销 比例",
    "医保门诊报销 到账",
]
QUERY = "生育津贴什么时候到账"
VECTORS = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 1, 0], [0, 0, 1], [-0.6, 0, 0.8], [0, 0.6, 0.8]], dtype=np.float32)
VECTORS = VECTORS.astype(np.float16).astype(np.float32)  # as they are stored
ASKED = np.array([0.28, 0.96, 0], dtype=np.float32)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    file = tmp_path_factory.mktemp("ranking") / "vectors.faiss"
    write_vectors(VECTORS, file)
    return Vectors.open(file)


@pytest.fixture(scope="module")
def engine(vectors: Vectors) -> Embedded:
    return Embedded(
        build_terms(PASSAGES), build_terms(ARTICLES), build_terms(CONTEXT), ARTICLE_OF, read_vectors=lambda: vectors
    )


def legs_of(hits: list[Any]) -> dict[int, dict[str, float]]:
    return {hit.row: {part.leg: part.share for part in hit.parts} for hit in hits}


def by_the_formula(weights: Weights, dense: float) -> list[float]:
    """BM25F gram by gram in plain Python, from the weights that terms store, then the fusion."""
    fields = (
        (build_terms(PASSAGES), list(range(6)), 1.0),
        (build_terms(ARTICLES), ARTICLE_OF.tolist(), weights.article),
        (build_terms(CONTEXT), list(range(6)), weights.context),
    )
    grams = query_grams(QUERY)
    lexical = [0.0] * 6
    for key, times in zip(grams.keys, grams.times, strict=True):
        asked = np.array([key])
        idf = float(fields[0][0].idf_of(asked)[0])
        for row in range(6):
            amount = 0.0
            for terms, place, factor in fields:
                stored = next((w for k, w in stored_weights(terms, place[row]) if k == key), 0.0)
                ratio = min(float(terms.idf_of(asked)[0]) / idf, 2.0)
                amount += factor * ratio * stored / (2.2 - stored)
            lexical[row] += float(times) * idf * 2.2 * amount / (1 + amount)
    cosine = VECTORS @ ASKED
    best = [max(cosine[a == ARTICLE_OF]) for a in range(3)]
    share = weights.dense_article
    return [
        (1 - dense) * lexical[i] / max(lexical)
        + dense * ((1 - share) * max(cosine[i], 0) + share * max(best[ARTICLE_OF[i]], 0))
        for i in range(6)
    ]


def stored_weights(terms: Terms, row: int) -> list[tuple[int, float]]:
    """BM25 weights of one text, read off its contributions to a query that names every gram once."""
    keys = query_grams(QUERY).keys
    return list(zip(keys.tolist(), terms.stored(keys, np.array([row]))[:, 0].tolist(), strict=True))


def test_hybrid_scores_are_those_of_the_formula(engine: Embedded) -> None:
    weights = Weights(article=0.4, context=0.25, dense=0.3, dense_article=0.2)
    hits = rank(QUERY, ASKED, engine, weights=weights, k=6)
    expected = by_the_formula(weights, 0.3)
    order = sorted((i for i in range(6) if expected[i] > 0), key=lambda i: -expected[i])
    assert [hit.row for hit in hits] == order
    assert [hit.score for hit in hits] == pytest.approx([expected[i] for i in order], abs=1e-5)
    assert hits[0].row == 2  # the passage on payment, in the article on the allowance, under the heading on time


def test_parts_carry_raw_scores_and_add_up_to_the_score(engine: Embedded) -> None:
    hits = rank(QUERY, ASKED, engine, k=6)
    for hit in hits:
        assert [part.leg for part in hit.parts] == ["passage", "article", "context", "dense", "dense_article"]
        assert sum(part.share for part in hit.parts) == pytest.approx(hit.score, abs=1e-12)
        for part in hit.parts:
            assert part.share == part.weight * part.normalised
        raw = {part.leg: part.raw for part in hit.parts}
        assert raw["dense"] == pytest.approx(float(VECTORS[hit.row] @ ASKED), abs=1e-6)
        lexical = [part for part in hit.parts if not part.leg.startswith("dense")]
        assert {part.weight for part in lexical} == {1 - Weights().dense}
    top = max(sum(part.raw for part in hit.parts[:3]) for hit in hits)
    assert hits[0].parts[0].normalised == pytest.approx(hits[0].parts[0].raw / top, rel=1e-5)


def test_a_word_counts_once_wherever_it_stands() -> None:
    # Both passages stand in one article; the first repeats its title, the second says what was asked.
    texts = ["生育津贴申领办法说明", "产假期满后十个工作日内到账"]
    title = "生育津贴申领办法"
    hits = rank(
        "生育津贴申领办法 几日到账",
        None,
        Embedded(
            build_terms([*texts, "门诊费用", "工伤认定", "异地备案"]),
            build_terms(["\n".join(texts), "门诊费用", "工伤认定", "异地备案"]),
            build_terms([title, title, "", "", ""]),
            np.array([0, 0, 1, 2, 3]),
        ),
        weights=Weights(article=0.5, context=2.0),
        k=2,
    )
    gap = hits[0].score - hits[1].score
    alone = build_terms([*texts, "门诊费用", "工伤认定", "异地备案"]).scores("生育津贴申领办法 几日到账")
    assert {hit.row for hit in hits} == {0, 1}
    # By its own words alone the second has a third of the first; with the title above both they lie close together.
    assert alone[1] / alone[0] < 0.5
    assert gap < 0.25


def test_an_article_word_that_all_articles_have_says_little() -> None:
    texts = ["缴费满十五年", "按月缴费"]
    common = ["医保政策\n" + text for text in texts]
    only_one = ["医保政策\n" + texts[0], texts[1]]
    shares = []
    for articles in (common, only_one):
        hits = rank(
            "医保",
            None,
            Embedded(build_terms(texts), build_terms(articles), article_of=np.array([0, 1])),
            k=2,
        )
        shares.append(next(part.raw for hit in hits if hit.row == 0 for part in hit.parts if part.leg == "article"))
    assert shares[0] < 0.6 * shares[1]


def test_a_negative_cosine_counts_nothing(engine: Embedded) -> None:
    hits = rank("门诊", np.array([1, 0, 0], dtype=np.float32), engine, k=6)
    dense = next(part for hit in hits if hit.row == 4 for part in hit.parts if part.leg == "dense")
    assert (round(dense.raw, 3), dense.normalised, dense.share) == (-0.6, 0, 0)


def test_lexical_keeps_article_and_context_and_leaves_out_the_dense_leg(engine: Embedded) -> None:
    hits = rank(QUERY, ASKED, engine, mode="lexical", k=6)
    assert [part.leg for part in hits[0].parts] == ["passage", "article", "context"]
    assert hits[0].score == pytest.approx(1)
    # Passage 0 shares no word with the question: it is found by its article and title alone.
    shares = legs_of(hits)[0]
    assert shares["passage"] == 0
    assert shares["article"] > 0
    assert shares["context"] > 0


def test_dense_is_the_cosine_of_the_passage_alone(engine: Embedded) -> None:
    hits = rank(QUERY, ASKED, engine, mode="dense", k=6)
    assert [hit.row for hit in hits] == [2, 1, 5, 0]  # 3 and 4 are at a right angle or beyond
    assert [hit.score for hit in hits] == pytest.approx([0.96, 0.936, 0.576, 0.28], abs=2e-4)
    assert [(part.leg, part.weight) for part in hits[0].parts] == [("dense", 1)]


@pytest.mark.parametrize("vector", [None, np.zeros(3, dtype=np.float32)])
def test_without_a_query_vector_hybrid_is_lexical_and_dense_is_empty(
    engine: Embedded, vector: NDArray[np.float32] | None
) -> None:
    assert rank(QUERY, vector, engine) == rank(QUERY, ASKED, engine, mode="lexical")
    assert rank(QUERY, vector, engine, mode="dense") == []


def test_a_question_of_unknown_words_is_found_by_meaning_only(engine: Embedded) -> None:
    assert rank("xyz", ASKED, engine, mode="lexical") == []
    hits = rank("xyz", ASKED, engine, k=2)
    assert [hit.row for hit in hits] == [2, 1]
    assert hits[0].score == pytest.approx(Weights().dense * 0.96, abs=1e-6)  # little of the whole: the words are silent


def test_what_evidence_there_is_shares_the_whole_in_proportion(vectors: Vectors) -> None:
    passages = build_terms(PASSAGES)
    hits = rank("窗口办理", ASKED, Embedded(passages, read_vectors=lambda: vectors))
    assert [(part.leg, part.weight) for part in hits[0].parts] == [
        ("passage", 1 - Weights().dense),
        ("dense", Weights().dense),
    ]
    # The same words above the passage count as its own do, times their factor.
    context = rank("窗口办理", None, Embedded(passages, context_terms=passages), weights=Weights(context=0.25))
    own, above = context[0].parts
    assert (own.leg, above.leg) == ("passage", "context")
    assert above.share == pytest.approx(0.25 * own.share, rel=1e-5)
    lexical = rank("窗口办理", None, Embedded(passages))
    scores = passages.scores("窗口办理")
    assert [hit.row for hit in lexical] == [0, 3] == sorted(np.flatnonzero(scores), key=lambda row: -scores[row])


def test_a_title_that_shares_one_character_is_weak_evidence() -> None:
    texts = ["门诊费用的报销比例为百分之七十", "住院押金的退还"]
    titles = ["办事指南", "报名"]  # 报 is all that any title shares with the question
    hits = rank("门诊报销比例", None, Embedded(build_terms(texts), context_terms=build_terms(titles)), k=2)
    assert [hit.row for hit in hits] == [0, 1]
    assert legs_of(hits)[1]["context"] < 0.2  # divided by its own maximum it would have all there is


def test_title_and_heading_decide_between_equal_passages() -> None:
    texts = ["每月十五日前。"] * 3
    context = ["养老金 申请材料", "养老金 发放时间", "失业金 发放时间"]
    hits = rank("养老金发放时间", None, Embedded(build_terms(texts), context_terms=build_terms(context)), k=3)
    assert hits[0].row == 1


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_a_filter_removes_hits_and_never_reorders_or_rescores(engine: Embedded, mode: Any) -> None:
    everything = rank(QUERY, ASKED, engine, mode=mode, k=6)
    for allowed in ([5, 1, 1], [0], [4, 3, 2], []):
        found = rank(QUERY, ASKED, engine, mode=mode, k=6, allowed=np.array(allowed, dtype=np.int64))
        assert found == [hit for hit in everything if hit.row in allowed]


def test_equal_scores_come_in_the_order_of_rows() -> None:
    terms = build_terms(["医保", "养老", "医保", "医保", "养老"])
    assert [hit.row for hit in rank("医保", None, Embedded(terms), k=2)] == [0, 2]
    assert [hit.row for hit in rank("医保", None, Embedded(terms), k=9)] == [0, 2, 3]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(st.sampled_from("医保卡补办生育津贴，"), max_size=8), min_size=1, max_size=7), st.integers(1, 8)
)
def test_articles_that_count_nothing_change_nothing(texts: list[str], k: int) -> None:
    terms = build_terms(texts)
    alone = rank("医保津贴", None, Embedded(terms), k=k)
    beside = rank(
        "医保津贴",
        None,
        Embedded(terms, terms, article_of=np.arange(len(texts))),
        weights=Weights(article=0),
        k=k,
    )
    assert [hit.row for hit in beside] == [hit.row for hit in alone]
    assert [hit.score for hit in beside] == pytest.approx([hit.score for hit in alone])
    # One field is plain BM25.
    plain = terms.scores("医保津贴")
    assert [hit.parts[0].raw for hit in alone] == pytest.approx([plain[hit.row] for hit in alone], rel=1e-4)


def test_more_hits_than_the_pool_holds_are_ranked_by_the_same_scores() -> None:
    texts = [f"医保{'卡' * (number % 7)}补办{number}" for number in range(3 * POOL)]
    terms = build_terms(texts)
    few, many = (rank("医保卡补办", None, Embedded(terms), k=k) for k in (POOL, 3 * POOL))
    assert many[:POOL] == few
    assert len(many) == 3 * POOL


def test_common_grams_do_not_decide_which_passages_of_a_large_collection_are_looked_at() -> None:
    texts = ["医保"] * 6000 + ["医保断缴"]
    terms = build_terms(texts)
    assert rank("医保断缴", None, Embedded(terms), k=1)[0].row == 6000
    # Where there are only common ones they do, and the score counts them all.
    hits = rank("医保", None, Embedded(terms), k=2)
    assert [hit.row for hit in hits] == [0, 1]
    assert hits[0].parts[0].raw == pytest.approx(float(terms.scores("医保")[0]), rel=1e-4)


def test_a_filter_keeps_passages_of_a_large_collection_that_have_only_common_words() -> None:
    texts = [f"医保待遇{number}" for number in range(5_000)] + ["养老金", "门诊报销的医保待遇"]
    engine = Embedded(build_terms(texts))
    assert [hit.row for hit in rank("医保门诊报销", None, engine, k=1)] == [5_001]
    hits = rank("医保门诊报销", None, engine, k=5, allowed=np.array([7, 70, 5_000, 5_001]))
    assert [hit.row for hit in hits] == [5_001, 7, 70]  # row 5,000 has nothing of the question
    assert all(hit.score > 0 for hit in hits)
    assert [hit.row for hit in rank("医保门诊报销", None, engine, k=2, allowed=np.arange(60))] == [0, 1]


def test_of_many_that_a_filter_keeps_with_only_common_words_the_best_come_first(tmp_path: Path) -> None:
    dice = np.random.default_rng(3)
    texts = [f"鳜鱼{'医保报销' * (number % 3)}待遇第{number}条" for number in range(200)]
    for number in range(200, 6_000):
        asked, others = dice.integers(0, 6, 2)
        texts.append(f"{'医保' * asked}{'养老金' * others}{'报销' * dice.integers(0, 6)}第{number}条")
    vectors = dice.normal(size=(6_000, 8)).astype(np.float32)
    write_vectors(vectors / np.linalg.norm(vectors, axis=1)[:, None], tmp_path / "vectors.faiss")
    opened = Vectors.open(tmp_path / "vectors.faiss")
    engine = Embedded(build_terms(texts), read_vectors=lambda: opened)
    question, vector = "鳜鱼，医保，报销", opened.rows([0])[0]
    allowed = np.arange(5_400, 6_000)
    score = sum(bm25f(fields_of(engine, Weights()), query_grams(question), allowed))
    for mode, asked_vector in (("lexical", None), ("hybrid", vector)):
        found = rank(question, asked_vector, engine, mode=mode, k=10, allowed=allowed)
        part = found[0].parts[0]
        exact = score * part.normalised / part.raw
        if mode == "hybrid":
            exact = 0.75 * exact + 0.25 * np.maximum(opened.scores(vector, allowed), 0)
        order = np.lexsort((allowed, -exact))[:10]
        assert [hit.row for hit in found] == allowed[order].tolist()
        assert [hit.score for hit in found] == pytest.approx(exact[order], abs=1e-6)
        assert len(rank(question, asked_vector, engine, mode=mode, k=600, allowed=allowed)) == np.sum(exact > 0)


def test_common_words_count_in_a_large_collection_where_few_passages_have_a_rare_one() -> None:
    texts = [f"{'职工医保报销比例' if number % 3 == 0 else '养老金'}第{number}条" for number in range(6_000)]
    for number in (5, 8, 11):
        texts[number] = f"鳜鱼条目{number:03d}"
    engine = Embedded(build_terms(texts))
    question = "鳜 职工医保报销比例"
    few, many = (rank(question, None, engine, mode="lexical", k=k) for k in (3, 10))
    assert many[:3] == few
    assert all(hit.score <= 1 + 1e-6 for hit in many)
    assert {texts[hit.row][:8] for hit in few} == {"职工医保报销比例"}
    kept = rank(question, None, engine, mode="lexical", k=3, allowed=np.array([1, 2, 5, 3_000, 3_001, 3_003]))
    assert [hit.row for hit in kept] == [3_000, 3_003, 5]


def test_passages_of_a_large_collection_that_have_only_common_words_are_found_behind_those_with_more() -> None:
    texts = [f"医保待遇{number}" for number in range(5_000)] + ["养老金", "门诊报销的医保待遇", "医保，医保"]
    engine = Embedded(build_terms(texts))
    hits = rank("医保门诊报销", None, engine, k=4)
    assert [hit.row for hit in hits] == [5_001, 5_002, 0, 1]
    assert hits[0] == rank("医保门诊报销", None, engine, k=1)[0]
    assert len(rank("医保门诊报销", None, engine, k=6_000)) == 5_002  # all but row 5,000, which has nothing of it
    assert [hit.row for hit in rank("养老金", None, engine, k=4)] == [5_000]


def test_a_leg_added_to_the_pool_reorders_it_and_stays_in_the_sum(engine: Embedded) -> None:
    found = pool(QUERY, ASKED, engine)
    before = found.best(6)
    last = before[-1].row
    raised = found.with_leg("extra", 2.0, found.rows * 1.0, (found.rows == last) * 1.0)
    after = raised.best(6)
    assert after[0].row == last
    assert after[0].score == pytest.approx(before[-1].score + 2)
    assert after[0].parts[-1] == Part("extra", float(last), 1.0, 2.0, 2.0)


def test_weights_go_into_a_file_and_come_back() -> None:
    weights = Weights(article=0.7, dense=0.35)
    assert Weights.from_dict(json.loads(json.dumps(weights.as_dict()))) == weights
    assert Weights.from_dict({"dense": 0.4}) == Weights(dense=0.4)
    with pytest.raises(
        ValueError, match="the weights are article, context, dense, dense_near, dense_article, bank; found speed"
    ):
        Weights.from_dict({"speed": 1})
    with pytest.raises(ValueError, match=r"the weight dense is a number from 0 to 1; found '0\.2'"):
        Weights.from_dict({"dense": "0.2"})


def test_no_passages_have_no_hits(tmp_path: Path) -> None:
    write_vectors(np.empty((0, 3)), tmp_path / "vectors.faiss")
    empty = Vectors.open(tmp_path / "vectors.faiss")
    for mode in ("hybrid", "dense", "lexical"):
        assert rank("医保", ASKED, Embedded(build_terms([]), read_vectors=lambda: empty), mode=mode) == []


def test_wrong_arguments_are_refused(engine: Embedded) -> None:
    with pytest.raises(ValueError, match="k is the number of hits wanted, at least 1; found 0"):
        rank(QUERY, ASKED, engine, k=0)
    with pytest.raises(ValueError, match="article_terms came without article_of"):
        Embedded(engine.passage_terms, engine.article_terms)
    for name, value, most in (("dense", 1.1, 1), ("article", -0.1, 4), ("context", 4.5, 4), ("dense_article", True, 1)):
        with pytest.raises(ValueError, match=f"the weight {name} is a number from 0 to {most}; found {value}"):
            Weights(**{name: value})
