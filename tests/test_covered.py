"""What a base covers: the counts are those of the filters, the gaps are the provinces that nothing names."""

from __future__ import annotations

import json
from collections.abc import Callable

from click.testing import CliRunner

from index.catalogue import NONE
from index.covered import covered
from index.filters import Filters
from index.kb import KnowledgeBase
from search_app.cli import main


def test_counts_are_what_the_filter_of_a_value_leaves(sample_kb: KnowledgeBase) -> None:
    found = covered(sample_kb.build, sample_kb.catalogue)
    for name, counts in (("scheme", found.schemes), ("year", found.years), ("site", found.sites)):
        told = {value.value: value.articles for value in sample_kb.facets().of(name).values}
        assert dict(counts) == told
    named = {province: count for province, count in found.provinces.items() if count}
    for province, count in named.items():
        filters = Filters(regions=(province,))
        assert sample_kb.facets(filters).articles == count
        years = {value.value: value.articles for value in sample_kb.facets(filters).of("year").values}
        assert dict(found.by_year[province]) == years
    assert named.keys() == found.by_year.keys()


def test_gaps_and_order(make_kb: Callable[..., KnowledgeBase]) -> None:
    text = "{place}职工医保怎么缴费\n\n{place}的职工基本医疗保险由单位按月缴纳,{year}年起个人缴费比例为百分之二,逾期的按日加收滞纳金。"
    kb = make_kb(
        text.format(place="湖南省长沙市", year=2024),
        text.format(place="湖南省", year=2023),
        text.format(place="浙江省杭州市", year=2024),
    )
    found = covered(kb.build, kb.catalogue)
    assert found.articles == 3
    assert list(found.provinces.items())[:3] == [("湖南省", 2), ("浙江省", 1), ("北京市", 0)]
    assert len(found.provinces) == 34
    assert dict(found.years) == {"2024": 2, "2023": 1}
    assert list(found.years) == ["2024", "2023"]
    assert {name: dict(years) for name, years in found.by_year.items()} == {
        "湖南省": {"2023": 1, "2024": 1},
        "浙江省": {"2024": 1},
    }
    assert len(found.gaps) == 32
    assert found.gaps[0] == "北京市"
    assert {"湖南省", "浙江省"}.isdisjoint(found.gaps)
    assert dict(found.sites) == {NONE: 3}


def test_the_command_says_the_same(sample_kb: KnowledgeBase) -> None:
    words = ["coverage", "--kb", str(sample_kb.folder)]
    told = json.loads(CliRunner().invoke(main, [*words, "--json"], catch_exceptions=False).stdout)
    found = covered(sample_kb.build, sample_kb.catalogue)
    assert (told["build"], told["provinces"], told["gaps"]) == (
        sample_kb.build,
        dict(found.provinces),
        list(found.gaps),
    )
    shown = CliRunner().invoke(main, words, catch_exceptions=False).stdout
    assert f"no article names {len(found.gaps)} provinces" in shown
    assert "北京市" in shown
