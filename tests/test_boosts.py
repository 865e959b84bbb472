"""What a named place, year or scheme does to a ranking: bounded, shown, and never a filter."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest

from index.boosts import (
    BOOSTED,
    REGION,
    SCHEME,
    TIE,
    YEAR,
    Known,
    Named,
    Sources,
    boost,
    fit_region,
    fit_scheme,
    fit_year,
)
from index.boosts import read_named as named_in
from index.kb import KnowledgeBase
from index.ranking import Pool
from index.search import search
from index.store import StoreError
from index.store.records import Records

CHANGSHA = "湖南省/长沙市"


def pool_of(*scores: float) -> Pool:
    values = np.array(scores)
    return Pool(np.arange(len(scores)), (("passage", 1.0, values, values),))


def boosted(asked: Named, *known: Known, scores: tuple[float, ...] = ()) -> dict[int, dict[str, float]]:
    """Return the shares of the legs that were added, by row."""
    pool = boost(pool_of(*(scores or (0.5,) * len(known))), asked, range(len(known)), known)
    return {hit.row: {part.leg: part.share for part in hit.parts[1:]} for hit in pool.best(len(known))}


@pytest.mark.parametrize(
    ("named", "fit"),
    [
        ({CHANGSHA}, 1.0),
        ({f"{CHANGSHA}/岳麓区"}, 1.0),  # a district of the city asked for
        ({"湖南省"}, 0.5),  # the province around it
        ({"湖南省/株洲市"}, -1.0),
        ({"湖南省", "湖南省/株洲市"}, -1.0),
        ({"湖北省"}, -1.0),
        ({"湖北省", CHANGSHA}, 1.0),
        (set(), 0.0),  # a national article is for everybody
    ],
)
def test_a_place_fits_what_names_it_or_lies_around_it(named: set[str], fit: float) -> None:
    assert fit_region(frozenset({CHANGSHA}), frozenset(named)) == fit
    assert fit_region(frozenset(), frozenset(named)) == 0


def test_a_name_that_only_begins_alike_is_another_place() -> None:
    assert fit_region(frozenset({"海南省"}), frozenset({"海南省份"})) == -1


def test_a_year_fits_what_names_it_or_is_of_it() -> None:
    asked = frozenset({"2024"})
    assert fit_year(asked, Known(Named(years=frozenset({"2023", "2024"})))) == 1
    assert fit_year(asked, Known(as_of="2024-03-01")) == 1
    assert fit_year(asked, Known(Named(years=frozenset({"2022"})), as_of="2023-01-01")) == -1
    assert fit_year(asked, Known()) == 0
    assert fit_year(frozenset(), Known(as_of="2023-01-01")) == 0


def test_only_a_rival_scheme_contradicts() -> None:
    asked = frozenset({"居民医保"})
    assert fit_scheme(asked, frozenset({"居民医保", "职工医保"})) == 1
    assert fit_scheme(asked, frozenset({"职工医保"})) == -1
    assert fit_scheme(asked, frozenset({"生育保险"})) == 0
    assert fit_scheme(frozenset({"生育保险"}), frozenset({"职工医保"})) == 0


def test_a_question_is_read_with_the_readers_of_articles() -> None:
    named = named_in("2024年长沙居民医保缴费标准")
    assert named == Named(frozenset({CHANGSHA}), frozenset({"2024"}), frozenset({"居民医保"}))
    assert named_in("怎么缴费", ["湖北省"]).regions == {"湖北省"}
    assert not named_in("怎么缴费")


def test_each_boost_is_a_leg_with_its_bound() -> None:
    asked = Named(frozenset({CHANGSHA}), frozenset({"2024"}), frozenset({"居民医保"}))
    fits = Named(frozenset({CHANGSHA}), frozenset({"2024"}), frozenset({"居民医保"}))
    other = Named(frozenset({"北京市"}), frozenset({"2020"}), frozenset({"职工医保"}))
    legs = boosted(asked, Known(fits, "government"), Known(other, "news"), Known())
    assert legs == {
        0: {"region": REGION, "year": YEAR, "scheme": SCHEME, "source": TIE},
        1: {"region": -REGION, "year": -YEAR, "scheme": -SCHEME, "source": pytest.approx(0.4 * TIE)},
        2: {"region": 0, "year": 0, "scheme": 0, "source": 0},
    }


def test_newer_pages_win_ties_and_nothing_more() -> None:
    old, new = Known(as_of="2019-01-01"), Known(as_of="2024-01-01")
    pool = boost(pool_of(0.5, 0.5, 0.52), Named(), range(3), [old, new, old])
    assert [hit.row for hit in pool.best(3)] == [2, 1, 0]
    assert boosted(Named(), old, new) == {0: {"recency": 0}, 1: {"recency": TIE}}
    # Who asks for a year does not want the newest.
    assert "recency" not in boosted(Named(years=frozenset({"2019"})), old, new)[0]


def test_a_question_that_names_nothing_leaves_unknown_articles_alone() -> None:
    pool = pool_of(0.5, 0.4)
    assert boost(pool, Named(), range(2), [Known(), Known()]) is pool


def test_what_stands_below_the_head_is_not_raised() -> None:
    pool = pool_of(*np.linspace(1, 0.1, BOOSTED + 2))
    named = Known(Named(frozenset({CHANGSHA})))
    asked = Named(frozenset({CHANGSHA}))
    best = boost(pool, asked, range(BOOSTED), [named] * BOOSTED).best(BOOSTED + 2)
    assert [hit.row for hit in best if hit.parts[-1].share == 0] == [BOOSTED, BOOSTED + 1]


def page(place: str, amount: int) -> str:
    return f"{place}居民医保缴费标准\n\n{place}城乡居民基本医疗保险个人缴费标准为每人每年{amount}元，缴费期截止到年底。"


def test_a_named_place_raises_its_page_and_lowers_the_others_without_hiding_them(
    make_kb: Callable[..., KnowledgeBase],
) -> None:
    kb = make_kb(page("湖南省株洲市", 380), page("湖南省长沙市", 400), page("全国", 350))
    question = "长沙居民医保缴费标准"
    plain = {hit.path: hit for hit in search(kb, question, boosts=False)}
    hits = {hit.path: hit for hit in search(kb, question)}
    assert set(hits) == set(plain) == {"page0.txt", "page1.txt", "page2.txt"}
    gained = {path: hit.reasons.legs.get("region") for path, hit in hits.items()}
    assert [leg and leg.share for leg in (gained["page0.txt"], gained["page1.txt"])] == [-REGION, REGION]
    assert gained["page2.txt"] is None
    for path, hit in hits.items():
        assert sum(leg.share for leg in hit.reasons.legs.values()) == pytest.approx(hit.score)
        assert "region" not in plain[path].reasons.legs


def test_source_and_date_of_an_article_are_read_once(make_kb: Callable[..., KnowledgeBase]) -> None:
    dated = [
        f"<!-- source: https://www.hunan.gov.cn/a{day}.html -->\n发布日期：{day}\n\n"
        for day in ("2024-03-01", "2023-05-02")
    ]
    kb = make_kb(dated[0] + page("湖南省长沙市", 400), dated[1] + page("湖南省株洲市", 380), page("全国", 350))
    expected = [
        Known(source=row["source_kind"], as_of=row["as_of"])
        for row in kb.records.query("SELECT source_kind, as_of FROM articles ORDER BY row")
    ]
    assert len(set(expected)) > 1
    rows = np.array([2, 0, 2])
    assert kb.sources.of(rows) == [expected[2], expected[0], expected[2]]
    kb.records.close()
    assert kb.sources.of(rows[:2]) == [expected[2], expected[0]]
    with pytest.raises(StoreError):
        kb.sources.of(np.array([0, 1]))


def test_an_article_that_is_missing_is_told(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(page("湖南省长沙市", 400), page("湖南省株洲市", 380))
    with closing(sqlite3.connect(kb.records.file)) as plain:
        plain.execute("DELETE FROM articles WHERE row = 1")
        plain.commit()
    with closing(Records(kb.records.file)) as records, pytest.raises(StoreError, match="holds no article 1"):
        Sources(records, 2).of(np.array([0, 1, 0]))
