"""Why a hit was found, in parts: they are the score itself, and what is told of words, places and years is so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from index.boosts import Named
from index.evidence import Field, bm25f
from index.kb import KnowledgeBase
from index.question.question import read_question
from index.reasons import Leg, Reasons
from index.search import Hit
from index.store.terms import query_grams
from index.telling import PIECES, Fit, Piece, Telling, pieces, tell, tell_hit, wording_shares

QUESTIONS = ("医保断了三个月还能报销吗", "2024年上海居民医保缴费标准", "北京生育津贴怎么领", "zzzz", "异地就医备案")


def made(**changes: object) -> Hit:
    hit = Hit(
        rank=1, score=0.5, row=0, passage_id="a1.1", article_id="a1", title="断缴以后", heading_path=("等待期",),
        text="断缴3个月以内补缴的,等待期不变。", path="a.txt", start=0, end=17, as_of="2025-05-22", as_of_kind="captured",
        url=None, site=None, duplicates=(), reasons=Reasons({"passage": Leg(2.0, 0.5, 0.5)}, (), ()),
    )  # fmt: skip
    return replace(hit, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_the_parts_add_up_to_the_score_and_their_percents_to_a_hundred(sample_kb: KnowledgeBase, mode: str) -> None:
    for question in QUESTIONS:
        hits = sample_kb.search(question, k=8, mode=mode)  # type: ignore[arg-type]
        told = tell(sample_kb, question, hits)
        assert set(told) == {hit.passage_id for hit in hits}
        for hit in hits:
            parts = told[hit.passage_id].pieces
            assert sum(part.share for part in parts) == pytest.approx(hit.score, abs=1e-6)
            assert sum(part.percent for part in parts) == 100
            assert all(abs(part.percent - 100 * part.share / hit.score) < 1 for part in parts)
            assert [part.share for part in parts] == sorted((part.share for part in parts), reverse=True)
            assert all(part.share for part in parts)
            assert set(hit.reasons.legs) <= {leg for legs in PIECES.values() for leg in legs}


def test_other_wordings_have_exactly_what_their_own_grams_scored(sample_kb: KnowledgeBase) -> None:
    question = sample_kb.read_question("医保断缴三个月还能报销吗")
    hits = sample_kb.search(question.text, k=6)
    assert sample_kb.expansions(question)
    fields = [
        Field("passage", sample_kb.passage_terms, None, 1.0),
        Field("article", sample_kb.article_terms, sample_kb.article_of, sample_kb.weights.article),
        Field("context", sample_kb.context_terms, None, sample_kb.weights.context),
    ]
    rows = np.array([hit.row for hit in hits])
    typed = bm25f(fields, query_grams(question.text), rows)
    seen = 0
    for place, (hit, reworded) in enumerate(zip(hits, wording_shares(sample_kb, question, hits), strict=True)):
        for field, raw in zip(fields, typed, strict=True):
            leg = hit.reasons.legs[field.leg]
            # What the typed words scored and what the others did is the whole leg, as the search ranked by it.
            assert leg.share * raw[place] / leg.raw + reworded.get(field.leg, 0.0) == pytest.approx(leg.share, abs=1e-6)
            seen += field.leg in reworded
    assert seen > 3


def test_a_question_without_other_wordings_parts_nothing(sample_kb: KnowledgeBase) -> None:
    hits = sample_kb.search("医疗费用", k=3)
    assert wording_shares(sample_kb, read_question("医疗费用"), hits) in ([{}, {}, {}], [])
    assert tell(sample_kb, "医疗费用", []) == {}


def test_legs_become_parts_and_what_takes_off_comes_last() -> None:
    legs = {
        "passage": Leg(2.0, 0.5, 0.30), "context": Leg(1.0, 0.2, 0.10), "article": Leg(1.0, 0.2, 0.05),
        "dense_article": Leg(0.5, 0.5, 0.05), "region": Leg(-1.0, -1.0, -0.10), "scheme": Leg(0.0, 0.0, 0.0),
        "newcomer": Leg(1.0, 1.0, 0.02),
    }  # fmt: skip
    found = pieces(legs, {"passage": 0.06, "article": 0.01})
    assert [(one.name, round(one.share, 6), one.percent) for one in found] == [
        ("words", 0.34, 81),
        ("article", 0.09, 21),
        ("wordings", 0.07, 17),
        ("newcomer", 0.02, 5),
        ("region", -0.1, -24),
    ]
    assert pieces({}, {}) == ()


def test_words_are_told_where_they_stand() -> None:
    reasons = Reasons(
        {"passage": Leg(2.0, 0.5, 0.5)},
        (("等待期", 0.4), ("断缴", 0.3), ("3个月", 0.2), ("补缴", 0.1)),
        (),
        (("三个月", "3个月"), ("断了", "断缴")),
    )
    told = tell_hit(made(reasons=reasons), "断缴三个月以后等待期补缴", Named(), {}, ["三个月"])
    assert told == Telling(
        both=("等待期", "断缴"),
        text_words=("补缴",),
        title_words=("以后",),
        wordings=(("三个月", "3个月"), ("断了", "断缴")),
        fits=(),
        pieces=(Piece("words", 0.5, 100),),
    )


def test_a_part_of_a_quantity_is_no_word() -> None:
    reasons = Reasons({"passage": Leg(2.0, 0.5, 0.5)}, (("个月", 0.9), ("补缴", 0.1)), ())
    hit = made(title="标题", heading_path=(), reasons=reasons)
    assert tell_hit(hit, "三个月补缴", Named(), {}, ["三个月"]).text_words == ("补缴",)
    assert tell_hit(hit, "三个月补缴", Named(), {}).text_words == ("个月", "补缴")


def test_place_year_and_scheme_are_named_with_what_was_asked() -> None:
    asked = Named(frozenset({"湖南省/长沙市"}), frozenset({"2026"}), frozenset({"居民医保"}))
    legs = {"region": Leg(1, 1, 0.1), "year": Leg(-1, -1, -0.05), "scheme": Leg(1, 1, 0.05)}
    hit = made(
        reasons=Reasons(legs, (), ()),
        regions=("湖北省", "湖南省/长沙市"),
        schemes=("居民医保", "大病保险"),
        years=("2024",),
    )
    assert tell_hit(hit, "长沙", asked, {}).fits == (
        Fit("region", True, ("长沙市",), ("长沙市",)),
        Fit("year", False, ("2026",), ("2024", "2025")),
        Fit("scheme", True, ("居民医保",), ("居民医保",)),
    )
    legs = {"region": Leg(-1, -1, -0.1), "year": Leg(1, 1, 0.05)}
    hit = made(reasons=Reasons(legs, (), ()), regions=("湖北省/武汉市",), years=("2024",), as_of="2026-01-01")
    assert tell_hit(hit, "长沙", asked, {}).fits == (
        Fit("region", False, ("长沙市",), ("武汉市",)),
        Fit("year", True, ("2026",), ("2026",)),
    )


def test_a_search_with_a_place_tells_which(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(
        "湖南居民医保缴费标准\n\n湖南省居民医保的个人缴费标准由省里统一公布，参保人按年缴费即可。\n",
        "湖北居民医保缴费标准\n\n湖北省居民医保的个人缴费标准由省里统一公布，参保人按年缴费即可。\n",
    )
    question = "湖南居民医保缴费标准"
    hits = kb.search(question, k=2)
    told = kb.beside(question, hits).telling
    assert [told[hit.passage_id].fits[0] for hit in hits] == [
        Fit("region", True, ("湖南省",), ("湖南省",)),
        Fit("region", False, ("湖南省",), ("湖北省",)),
    ]
