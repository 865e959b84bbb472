"""Filters as values: chosen, toggled, written down and read again; and that a filter only takes hits away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.filters import BANDS, FACETS, NONE, Filters, allowed_rows, is_date
from index.kb import KnowledgeBase
from index.search import MODES, SORTS, search

words = st.lists(st.sampled_from(("湖南省", "湖南省/长沙市", "北京", "职工医保", NONE, "a b", "'\"")), max_size=4)
dates = st.none() | st.sampled_from(("2025", "2025-04", "2025-04-13"))
some = st.builds(
    Filters,
    regions=words,
    schemes=words,
    since=dates,
    until=dates,
    years=words,
    sites=words,
    confidence=st.lists(st.sampled_from(BANDS)),
)


@given(some)
def test_filters_are_written_down_and_read_again(filters: Filters) -> None:
    assert Filters.from_dict(filters.as_dict()) == filters
    assert hash(Filters.from_dict(filters.as_dict())) == hash(filters)
    assert eval(repr(filters)) == filters
    assert bool(filters) == bool(filters.as_dict())


def test_a_list_and_one_word_are_taken_as_values() -> None:
    assert Filters(regions=["湖南", "湖南", "北京"]) == Filters(("湖南", "北京"))  # type: ignore[arg-type]
    assert Filters(schemes="职工医保").schemes == ("职工医保",)  # type: ignore[arg-type]
    assert repr(Filters(("湖南",), until="2025")) == "Filters(regions=('湖南',), until='2025')"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"place": "湖南"}, "found the filters place; expected region, scheme, year, site, confidence, since, until"),
        ({"region": [1]}, r"region is \[1\], expected a word or a list of words"),
        ({"year": 2025}, "year is 2025, expected a word"),
        ({"site": [""]}, r"site is \[''\], expected a word"),
        ({"confidence": "high"}, "confidence is 'high', expected sure or doubtful"),
        ({"since": "last year"}, "since is 'last year', expected a date"),
        ({"until": 2025}, "until is 2025, expected a date"),
    ],
)
def test_what_is_no_filter_is_named(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Filters.from_dict(said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025", True), ("2025-04", True), ("2024-02-29", True), ("2025-02-29", False), ("2025-13", False),
        ("2025-4", False), ("20250413", False), ("2025-W01-1", False), ("", False), ("二〇二五", False), ("２０２５", False),
    ],
)  # fmt: skip
def test_a_date_is_a_year_a_month_or_a_day_that_there_is(text: str, expected: bool) -> None:
    assert is_date(text) is expected


def test_places_are_chosen_as_paths() -> None:
    assert Filters(("湖南", "湖南省", "某地")).chosen("region") == ("湖南省", "某地")
    assert len(Filters(("鼓楼区",)).chosen("region")) > 1
    assert Filters(years=("2025",)).chosen("year") == ("2025",)


@given(some, st.sampled_from(FACETS), st.sampled_from(("湖南省", "湖南省/长沙市", "职工医保", NONE)))
def test_a_value_is_added_and_taken_away(filters: Filters, facet: str, value: str) -> None:
    then = filters.toggled(facet, value)
    assert (value in then.chosen(facet)) != (value in filters.chosen(facet))
    assert not then.toggled(facet, value).without(facet) or then.without(facet) == filters.without(facet)
    for other in set(FACETS) - {facet}:
        assert then.chosen(other) == filters.chosen(other)
    assert (then.since, then.until) == (filters.since, filters.until)
    if facet != "region":
        assert set(then.toggled(facet, value).chosen(facet)) == set(filters.chosen(facet))


def test_a_place_replaces_those_around_it_and_in_it() -> None:
    filters = Filters(("湖南", "北京", "湖南省/长沙市/岳麓区"))
    assert filters.toggled("region", "湖南省/长沙市").regions == ("北京市", "湖南省/长沙市")
    assert filters.toggled("region", "湖南省").regions == ("北京市", "湖南省/长沙市/岳麓区")
    assert Filters(("湖南省/长沙市",)).toggled("region", "湖南省").regions == ("湖南省",)
    assert Filters(("海南",)).toggled("region", NONE).regions == ("海南省", NONE)


def test_a_name_that_several_places_share_is_let_go_one_by_one() -> None:
    places = Filters(("鼓楼区",)).chosen("region")
    assert Filters(("鼓楼区",)).toggled("region", places[0]).regions == places[1:]


filtered = st.builds(
    Filters,
    regions=st.lists(st.sampled_from(("北京", "上海", "湖南", NONE)), max_size=2),
    schemes=st.lists(st.sampled_from(("职工医保", "失业保险", "生育保险", NONE)), max_size=2),
    years=st.lists(st.sampled_from(("2022", "2024", "2025", NONE)), max_size=2),
    since=st.none() | st.sampled_from(("2023", "2025-06")),
    until=st.none() | st.sampled_from(("2024", "2025-05")),
).filter(bool)
QUESTIONS = ("医保断缴三个月还能报销吗", "生育津贴怎么算", "2024年北京退休要缴多少年", "缴费")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(filtered, st.sampled_from(QUESTIONS), st.sampled_from(MODES))
def test_a_filter_only_takes_hits_away(sample_kb: KnowledgeBase, filters: Filters, question: str, mode: Any) -> None:
    """The filtered ranking is the ranking of all passages without those that are not allowed, scores and all.

    Without boosts: those speak to the best hundred, and who is newest is told among them. A group of near-duplicates
    whose best member is not allowed shows its best allowed one, so ranks are compared before folding, by groups.
    """
    allowed = set(allowed_rows(sample_kb, filters).tolist())
    every = search(sample_kb, question, k=1000, mode=mode, boosts=False)
    left = search(sample_kb, question, k=1000, mode=mode, boosts=False, filters=filters)
    assert {hit.row for hit in left} <= allowed
    scores = {hit.row: hit.score for hit in left}
    kept = [hit for hit in every if hit.row in allowed]
    alone = {hit.row for hit in every if not hit.duplicate_count}
    assert [hit.row for hit in left if hit.row in alone] == [hit.row for hit in kept if hit.row in alone]
    for hit in kept:
        if hit.row in scores:
            assert scores[hit.row] == pytest.approx(hit.score, abs=1e-6)
    first = search(sample_kb, question, k=3, mode=mode, boosts=False, filters=filters)
    assert len(first) == min(3, len(left))
    assert [hit.row for hit in first if not hit.duplicate_count] == [
        hit.row for hit in left[:3] if not hit.duplicate_count
    ]


@pytest.mark.parametrize("mode", MODES)
def test_by_date_are_the_same_hits_from_the_newest(sample_kb: KnowledgeBase, mode: Any) -> None:
    best = sample_kb.search("医保缴费", k=12, mode=mode)
    by_date = sample_kb.search("医保缴费", k=12, mode=mode, sort="date")
    assert (best.sort, by_date.sort, by_date.as_dict()["sort"]) == ("relevance", "date", "date")
    assert {hit.rank: hit.row for hit in by_date} == {hit.rank: hit.row for hit in best}
    dates = [hit.as_of or "" for hit in by_date]
    assert dates == sorted(dates, reverse=True)
    assert len(set(dates)) > 3
    for day in set(dates):
        ranks = [hit.rank for hit in by_date if (hit.as_of or "") == day]
        assert ranks == sorted(ranks)


def test_what_is_of_no_date_comes_last(make_kb: Any) -> None:
    kb = make_kb(
        "缴费须知\n\n发布时间:2024-03-01\n\n居民医保缴费每人每年400元,在社区办理登记以后缴纳。\n",
        "缴费说明\n\n居民医保缴费可以在手机上办理,核对姓名和金额以后付款。\n",
        "缴费通知\n\n发布时间:2025-03-01\n\n居民医保缴费在9月开始,12月底结束,逾期有三个月的等待期。\n",
    )
    assert [hit.as_of for hit in kb.search("居民医保缴费", sort="date")] == ["2025-03-01", "2024-03-01", None]


def test_another_order_is_refused(sample_kb: KnowledgeBase) -> None:
    assert SORTS == ("relevance", "date")
    with pytest.raises(ValueError, match="sort is one of relevance, date, found 'age'"):
        sample_kb.search("医保", sort="age")  # type: ignore[arg-type]
