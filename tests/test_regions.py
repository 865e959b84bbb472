"""Places: the list, the paths, and which words of a text mean a division."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.facts.region_mentions import find_regions
from ingest.facts.regions import load_divisions, region_paths


def places(text: str, *context: str) -> list[str]:
    """Return what `text` names, open names with their candidates parted by |."""
    divisions = load_divisions()
    found = find_regions(text, [(0, len(text))], context=context)
    return ["|".join(divisions.path(code) for code in m.codes) for m in found if not m.is_hint]


def test_the_list_is_a_tree() -> None:
    divisions = load_divisions()
    assert sum(code.endswith("0000") for code in divisions.names) == 34
    assert all(divisions.chain(code)[0] in divisions.names for code in divisions.names)
    assert divisions.path("430104") == "湖南省/长沙市/岳麓区"
    assert divisions.path("110105") == "北京市/朝阳区"  # no prefecture in a municipality
    assert divisions.path("429004") == "湖北省/仙桃市"  # nor above a county under its province


def test_no_word_is_a_single_character() -> None:
    assert [word for word in load_divisions().words if len(word) < 2] == []


@pytest.mark.parametrize(
    ("place", "paths"),
    [
        ("湖南", ("湖南省",)),
        ("湖南省", ("湖南省",)),
        ("长沙", ("湖南省/长沙市",)),
        ("岳麓区", ("湖南省/长沙市/岳麓区",)),
        ("湖南/长沙", ("湖南省/长沙市",)),
        ("湖南省/长沙市/岳麓区", ("湖南省/长沙市/岳麓区",)),
        ("430100", ("湖南省/长沙市",)),
        ("恩施州", ("湖北省/恩施土家族苗族自治州",)),
        ("海南", ("海南省",)),  # not the prefecture of that name in Qinghai
        ("青海/海南", ("青海省/海南藏族自治州",)),
        ("吉林市", ("吉林省/吉林市",)),
        ("朝阳区", ("北京市/朝阳区", "吉林省/长春市/朝阳区")),
        ("北京/朝阳区", ("北京市/朝阳区",)),
        ("湖南/朝阳区", ()),
        ("火星", ()),
        ("湘医保", ()),
        ("", ()),
    ],
)
def test_what_a_person_means_by_a_place(place: str, paths: tuple[str, ...]) -> None:
    assert region_paths(place) == paths


@settings(deadline=None)
@given(st.sampled_from(sorted(load_divisions().names)))
def test_a_path_means_itself(code: str) -> None:
    path = load_divisions().path(code)
    assert region_paths(path) == (path,)
    assert region_paths(code) == (path,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("湖南省长沙市岳麓区医保局", ["湖南省", "湖南省/长沙市", "湖南省/长沙市/岳麓区"]),
        ("参保人在长沙、武汉和成都可以备案", ["湖南省/长沙市", "湖北省/武汉市", "四川省/成都市"]),
        ("办理武汉医保", ["湖北省/武汉市"]),  # no border in front, but a word that asks for a place behind
        ("内蒙古呼和浩特市", ["内蒙古自治区", "内蒙古自治区/呼和浩特市"]),
        ("恩施州利川市", ["湖北省/恩施土家族苗族自治州", "湖北省/恩施土家族苗族自治州/利川市"]),
        ("在长阳县和长阳土家族自治县", ["湖北省/宜昌市/长阳土家族自治县"] * 2),
        ("浙江义乌", ["浙江省", "浙江省/金华市/义乌市"]),
        ("吉林居民，吉林省吉林市", ["吉林省", "吉林省", "吉林省/吉林市"]),
        ("青海省海南州", ["青海省", "青海省/海南藏族自治州"]),
        ("天津市河北区", ["天津市", "天津市/河北区"]),
        ("甘肃白银，白银涨价", ["甘肃省", "甘肃省/白银市"]),
        ("晋城市城区医保局", ["山西省/晋城市", "山西省/晋城市/城区"]),
        ("成都市民", ["四川省/成都市"]),
        ("长沙市场", ["湖南省/长沙市"]),
        ("长沙县医院，长沙县级医院", ["湖南省/长沙市/长沙县", "湖南省/长沙市"]),
    ],
)
def test_names_that_mean_places(text: str, expected: list[str]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "医保定点医院",
        "完成县级统筹，市和县两级",
        "各市，和县里的医院",
        "形成都市圈",
        "隆重庆祝",
        "网上海量信息",
        "建设幸福建设家园",
        "指南通知",
        "适合肥胖人群",
        "最新乡镇名单",
        "，大连锁药店",
        "出海口岸",
        "太湖南岸与黄河北岸",
        "长江西路",
        "住在北京路和上海大道",
        "西南山区与沿海城市",
        "北京时间八点",
        "日照充足，开封有奖，祝大家安康",
        "各市城区居民",
        "义乌的店",
    ],
)
def test_words_that_mean_none(text: str) -> None:
    assert places(text) == []


def test_a_common_noun_is_no_county_even_behind_its_city() -> None:
    assert places("晋城市城区居民") == ["山西省/晋城市"]


def test_a_county_whose_name_is_shared_is_told_apart_by_its_surroundings() -> None:
    both = "北京市/朝阳区|吉林省/长春市/朝阳区"
    assert places("朝阳区居民") == [both]
    assert places("长春市的通知。\n朝阳区居民") == ["吉林省/长春市", "吉林省/长春市/朝阳区"]
    assert places("海淀区、朝阳区") == ["北京市/海淀区", "北京市/朝阳区"]  # a neighbour in the same city
    assert places("吉林省的通知。\n朝阳区居民") == ["吉林省", "吉林省/长春市/朝阳区"]
    assert places("朝阳区居民", "北京市医保局") == ["北京市/朝阳区"]
    # both cities are named, and neither is nearer
    assert places("北京市与长春市。\n朝阳区居民") == ["北京市", "吉林省/长春市", both]
    # what stands in the same line is nearer
    assert places("长春市。\n北京市，朝阳区") == ["吉林省/长春市", "北京市", "北京市/朝阳区"]
    # another province does not decide
    assert places("湖南省。\n朝阳区居民") == ["湖南省", both]


def test_a_place_in_front_goes_before_one_that_is_named_elsewhere() -> None:
    assert places("石家庄市长安区与西安市长安区") == [
        "河北省/石家庄市",
        "河北省/石家庄市/长安区",
        "陕西省/西安市",
        "陕西省/西安市/长安区",
    ]


def test_an_app_hints_and_does_not_name() -> None:
    text = "可在湘医保办理"
    (mention,) = find_regions(text, [(0, len(text))])
    assert (mention.is_hint, mention.codes, text[mention.start : mention.end]) == (True, ("430000",), "湘医保")


def test_only_spans_are_read() -> None:
    text = "长沙市\n武汉市\n"
    (mention,) = find_regions(text, [(4, 8)])
    assert (mention.codes, mention.start, mention.end) == (("420100",), 4, 7)


@given(
    st.lists(
        st.sampled_from([*"，。、在和市区县", "长沙", "朝阳区", "湖南省", "白银", "湘医保", "北京市", "和县"]),
        max_size=12,
    )
)
def test_mentions_are_in_order_and_are_words_of_the_list(parts: list[str]) -> None:
    text = "".join(parts)
    end = 0
    for mention in find_regions(text, [(0, len(text))]):
        assert mention.start >= end
        end = mention.end
        word = text[mention.start : mention.end]
        assert set(mention.codes) <= {name.code for name in load_divisions().words[word]}
