"""Hits that say something new come before hits that say the same again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from index.diversity import PENALTY, diversify
from index.kb import KnowledgeBase
from index.ranking import Part, Ranked
from index.search import search

VECTORS = np.array([[1, 0], [0.98, 0.199], [0, 1], [0.6, 0.8]], dtype=np.float32)


def ranked(*scores: float) -> list[Ranked]:
    return [Ranked(10 + at, score, (Part("passage", score, score, 1.0, score),)) for at, score in enumerate(scores)]


def test_each_next_hit_has_the_best_score_less_its_nearest_neighbour() -> None:
    items = ranked(0.9, 0.85, 0.7, 0.6)
    chosen = diversify(items, VECTORS, 4)
    assert [at for at, _ in chosen] == [0, 2, 1, 3]
    lost = [sum(part.share for part in item.parts[1:]) for _, item in chosen]
    assert lost == pytest.approx([0, 0, -PENALTY * 0.98, -PENALTY * 0.8], abs=1e-6)
    assert [item.score for _, item in chosen] == pytest.approx([0.9, 0.7, 0.85 - 0.294, 0.36], abs=1e-6)


def test_scores_fall_and_are_the_sum_of_their_parts() -> None:
    chosen = [item for _, item in diversify(ranked(0.9, 0.9, 0.5, 0.5), VECTORS, 4)]
    scores = [item.score for item in chosen]
    assert scores == sorted(scores, reverse=True)
    for item in chosen:
        assert sum(part.share for part in item.parts) == pytest.approx(item.score)


def test_no_more_than_there_are_and_no_more_than_wanted() -> None:
    assert [at for at, _ in diversify(ranked(0.9, 0.8), VECTORS[:2], 9)] == [0, 1]
    assert len(diversify(ranked(0.9, 0.8, 0.7, 0.6), VECTORS, 2)) == 2
    assert diversify([], VECTORS[:0], 3) == []


def test_the_second_hit_of_a_diverse_search_is_another_matter(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(
        "医保断缴怎么补缴\n\n医保断缴以后可以在三个月内补缴，补缴以后待遇连续计算，到窗口或网上办理补缴。",
        "医保断缴后怎么补缴\n\n医保断缴之后可在三个月以内补缴，补缴之后待遇连续计算，在网上或窗口办理补缴。",
        "医保断缴有什么后果\n\n医保断缴期间住院费用统筹基金不予支付，个人账户里的余额仍能在药店使用。",
        "医保断缴提醒短信\n\n社区会给医保断缴的人员发送提醒短信，回复本人姓名就能登记参保意愿。",
    )
    question = "医保断缴 住院 窗口 网上"
    # By words alone, so that another model changes nothing.
    plain = [hit.path for hit in search(kb, question, k=4, mode="lexical")]
    hits = search(kb, question, k=4, mode="lexical", diverse=True)
    assert plain == ["page0.txt", "page1.txt", "page2.txt", "page3.txt"]
    assert [hit.path for hit in hits] == ["page0.txt", "page2.txt", "page1.txt", "page3.txt"]
    lost = [hit.reasons.legs["diversity"].share for hit in hits[1:]]
    assert min(lost) == lost[1] < -0.2
    assert "diversity" not in hits[0].reasons.legs
