"""Which questions an empty page offers."""

from __future__ import annotations

from collections.abc import Callable

from index.examples import examples
from index.kb import KnowledgeBase

WRITTEN = {"失业金领几个月": "unemployment-benefit-guangdong.html", "补办社保卡": ""}


def test_written_questions_are_offered_where_their_pages_are(sample_kb: KnowledgeBase) -> None:
    assert examples(sample_kb, WRITTEN) == tuple(WRITTEN)
    assert examples(sample_kb, WRITTEN, most=1) == ("失业金领几个月",)


def test_another_base_offers_its_own_titles_those_that_ask_first(sample_kb: KnowledgeBase) -> None:
    offered = examples(sample_kb, {"别的问题": "elsewhere.html"})
    assert len(offered) == 5
    assert offered == examples(sample_kb, {"别的问题": "elsewhere.html"})
    titles = set(sample_kb.articles()["title"])
    assert set(offered) <= titles
    assert all(6 <= len(title) <= 28 for title in offered)


def test_titles_that_ask_come_first_and_alike_ones_once(make_kb: Callable[..., KnowledgeBase]) -> None:
    titles = (
        "城乡居民医保缴费公告",
        "生育津贴怎么计算和领取",
        "生育津贴怎么计算与领取？",
        "工伤认定需要哪些材料",
        "短",
        "很长的标题" * 8,
    )
    kb = make_kb(*(f"{title}\n\n{title}的说明如下，请按当地规定办理。\n" for title in titles))
    offered = examples(kb, {"x": "y.html"})
    assert offered[:2] == ("生育津贴怎么计算和领取", "工伤认定需要哪些材料")
    assert offered[2:] == ("城乡居民医保缴费公告",)
