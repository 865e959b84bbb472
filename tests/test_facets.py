"""Filters and counts of facets against what a look at every article gives, on the sample corpus with pages added."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.build.build import rebuild
from index.catalogue import BANDS, FACETS, NONE, facts_of, read_catalogue
from index.facets import FEW_PLACES, facets
from index.filters import Filters, allowed_articles, allowed_rows
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.store.records import Records
from ingest.doubtful import DOUBTFUL_BELOW
from ingest.facts.regions import region_paths

ROOT = Path(__file__).resolve().parents[1]
MORE = "办理时带上身份证,先在窗口或者手机上核对姓名和金额,再确认付款;缴费记录可以随时查到并且下载,有疑问请到窗口询问经办人员。\n"
PAGES = {
    "yuelu.txt": f"岳麓区居民医保缴费\n\n湖南省长沙市岳麓区的居民医保在2024年9月开始缴费,每人每年400元。{MORE}",
    "two.txt": f"两地转移医保\n\n从长沙市转到北京市的职工医保,先在长沙市停保,再到北京市的单位登记。{MORE}",
    "hint.txt": f"在手机上缴医保\n\n打开湘医保应用,选择居民医保缴费。{MORE}",
    "hint-and-place.txt": f"湖北的缴费应用\n\n湖北省参保人用楚税通缴费,湘医保不办这里的登记。{MORE}",
    "short.txt": "看病\n\n先挂号。\n",
}


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    folder = tmp_path_factory.mktemp("facets")
    pages = Path(shutil.copytree(ROOT / "corpus" / "pages", folder / "pages"))
    for name, text in PAGES.items():
        (pages / name).write_text(text, encoding="utf-8")
    rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
    return open_kb(folder / "kb")


Known = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def known(kb: KnowledgeBase) -> Known:
    """What the frames say of each article: the values of each facet, and its date."""
    facts = kb.facts()
    found = {}
    for article in kb.articles().to_dict("records"):
        own = facts[facts.article_id == article["id"]]
        said = {kind: set(own[own.kind == kind].value) for kind in ("region", "region_hint", "scheme", "year")}
        site = article["site"] if isinstance(article["site"], str) else None
        found[article["id"]] = {
            "region": said["region"] or said["region_hint"],
            "scheme": said["scheme"],
            "year": said["year"],
            "site": {site} if site else set(),
            "confidence": {BANDS[article["confidence"] < DOUBTFUL_BELOW]},
            "as_of": article["as_of"] if isinstance(article["as_of"], str) else None,
        }
    return found


def has(article: Mapping[str, Any], facet: str, value: str) -> bool:
    if value == NONE:
        return not article[facet]
    if facet == "region":
        paths = region_paths(value) or (value,)
        return any(f"{place}/".startswith(f"{path}/") for place in article[facet] for path in paths)
    return value in article[facet]


def meets(article: Mapping[str, Any], filters: Filters) -> bool:
    said = filters.as_dict()
    day = article["as_of"]
    since, until = said.pop("since", None), said.pop("until", None)
    if since and not (day and day[: len(since)] >= since):
        return False
    if until and not (day and day[: len(until)] <= until):
        return False
    return all(any(has(article, facet, value) for value in values) for facet, values in said.items())


days = st.sampled_from(("2022", "2024-12", "2025", "2025-05-30", "2025-06", "1900", "2099-12-31"))


@st.composite
def chosen(draw: st.DrawFn, known: Known) -> Filters:
    """Draw filters of values that there are, of names that people type, and of some that nothing has."""
    typed = {
        "region": ("湖南", "长沙", "430100", "北京", "某地", "湖"),
        "scheme": ("飞行险",),
        "confidence": ("maybe",),
    }
    values = {}
    for facet in FACETS:
        own = sorted({value for article in known.values() for value in article[facet]})
        pool = st.sampled_from((*own, NONE, *typed.get(facet, ())))
        values[facet] = draw(st.lists(pool, max_size=3)) if draw(st.integers(0, 2)) else []
    return Filters(
        tuple(values["region"]),
        tuple(values["scheme"]),
        draw(st.none() | days),
        draw(st.none() | days),
        tuple(values["year"]),
        tuple(values["site"]),
        tuple(values["confidence"]),
    )


quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@quick
@given(data=st.data())
def test_filters_and_counts_are_those_of_a_look_at_every_article(
    kb: KnowledgeBase, known: Known, data: st.DataObject
) -> None:
    filters = data.draw(chosen(known))
    left = {article for article, about in known.items() if meets(about, filters)}
    ids = kb.articles().id
    assert set(ids[allowed_articles(kb.catalogue, filters)]) == left
    passages = kb.passages()
    assert allowed_rows(kb, filters).tolist() == passages[passages.article_id.isin(left)].row.tolist()
    counted = facets(kb, filters)
    assert (counted.articles, counted.passages) == (len(left), int(passages.article_id.isin(left).sum()))
    for facet in counted:
        others = [about for about in known.values() if meets(about, filters.without(facet.name))]
        assert {value.value: value.articles for value in facet.values} == {
            value.value: sum(has(about, facet.name, value.value) for about in others) for value in facet.values
        }
        listed = {value.value for value in facet.values}
        assert listed >= set(filters.chosen(facet.name))
        there_are = {value for about in others for value in about[facet.name]}
        if facet.name == "region":
            there_are = {place.split("/")[0] for place in there_are}
        if any(not about[facet.name] for about in others):
            there_are.add(NONE)
        assert listed >= there_are
        assert {value.value for value in facet.values if value.is_chosen} == set(filters.chosen(facet.name))
        held = tuple(f"{value}/" for value in filters.chosen(facet.name))
        assert all(value.articles or any(one.startswith(f"{value.value}/") for one in held) for value in facet.values)


def id_of(kb: KnowledgeBase, path: str) -> str:
    articles = kb.articles()
    found: str = articles[articles.path == path].id.item()
    return found


def found_under(kb: KnowledgeBase, **filters: Any) -> set[str]:
    articles = kb.articles()
    return set(articles.path[allowed_articles(kb.catalogue, Filters(**filters))]) & set(PAGES)


def test_an_app_hints_at_a_place_only_where_the_text_names_none(kb: KnowledgeBase) -> None:
    assert found_under(kb, regions="湖南") == {"yuelu.txt", "two.txt", "hint.txt"}
    assert found_under(kb, regions="湖北") == {"hint-and-place.txt"}
    about = facts_of(kb.records, [id_of(kb, name) for name in PAGES])
    assert [about[id_of(kb, name)].regions for name in PAGES] == [
        ("湖南省/长沙市/岳麓区", "湖南省", "湖南省/长沙市"), ("湖南省/长沙市", "北京市"), ("湖南省",), ("湖北省",), (),
    ]  # fmt: skip


def test_what_an_article_is_about_keeps_the_order_of_its_text(kb: KnowledgeBase) -> None:
    about = facts_of(kb.records, [id_of(kb, "yuelu.txt")] * 2)
    assert about[id_of(kb, "yuelu.txt")].schemes == ("居民医保",)
    assert about[id_of(kb, "yuelu.txt")].years == ("2024",)
    hit = kb.search("岳麓区居民医保缴费")[0]
    assert (hit.path, hit.regions[0], hit.schemes) == ("yuelu.txt", "湖南省/长沙市/岳麓区", ("居民医保",))
    assert (hit.years, hit.confidence, hit.is_doubtful) == (("2024",), 1.0, False)
    assert hit.as_dict()["regions"] == hit.regions
    assert kb.search("看病先挂号")[0].is_doubtful


def test_none_stands_for_articles_that_name_nothing(kb: KnowledgeBase) -> None:
    assert found_under(kb, regions=NONE) == {"short.txt"}
    assert found_under(kb, regions=[NONE, "岳麓区"]) == {"short.txt", "yuelu.txt"}
    assert found_under(kb, schemes=NONE) >= {"short.txt"}
    assert found_under(kb, sites=NONE) == set(PAGES)
    assert found_under(kb, sites="问保网") == set()
    assert found_under(kb, confidence="doubtful") == {"short.txt"}
    assert found_under(kb, since="1900") == found_under(kb, until="2099") == set()


def test_until_takes_the_whole_year_or_month(kb: KnowledgeBase) -> None:
    dates = sorted(kb.articles().as_of.dropna())
    for until in ("2024", "2024-12", "2024-12-20", "2024-12-19"):
        left = kb.articles()[allowed_articles(kb.catalogue, Filters(until=until))]
        assert sorted(left.as_of) == [day for day in dates if day[: len(until)] <= until]
    assert "2024-12-20" in dates


def test_places_are_a_tree_that_unfolds_where_it_is_chosen(kb: KnowledgeBase) -> None:
    def labels(**filters: Any) -> list[str]:
        values = kb.facets(Filters(**filters)).of("region").values
        return [f"{'>' * value.depth}{value.label}{'*' * value.is_chosen}" for value in values]

    assert len(kb.catalogue.columns["region"].places) > FEW_PLACES
    assert not any(name.startswith(">") for name in labels())
    assert labels(regions="湖南")[:4] == ["湖南省*", ">长沙市", ">株洲市", "北京市"]
    assert labels(regions="岳麓区")[:3] == ["湖南省", ">长沙市", ">>岳麓区*"]
    assert labels()[-1] == "-"


def test_a_few_places_are_all_shown(kb: KnowledgeBase) -> None:
    counted = kb.facets(Filters(sites=NONE))
    assert len({value.value for value in counted.of("region").values}) <= FEW_PLACES
    assert ("湖南省/长沙市/岳麓区", 1, 2) in [
        (value.value, value.articles, value.depth) for value in counted.of("region").values
    ]


def test_order_is_chosen_then_hits_then_articles_then_name(kb: KnowledgeBase) -> None:
    hits = kb.search("工伤认定申请", k=3)
    schemes = kb.facets(Filters(schemes="生育保险"), hits).of("scheme").values
    assert (schemes[0].value, schemes[0].is_chosen) == ("生育保险", True)
    keys = [(value.value == NONE, -value.in_hits, -value.articles, value.value) for value in schemes[1:]]
    assert keys == sorted(keys)
    assert len({value.in_hits for value in schemes}) > 1
    years = [value.value for value in kb.facets(None, hits).of("year").values]
    coming = kb.catalogue.coming
    assert coming == str(int(max(day[:4] for day in kb.catalogue.days)) + 1)
    ahead = [year for year in years if coming < year != NONE]
    assert ahead == ["2039", "2030"]
    assert years == [*sorted(set(years) - {*ahead, NONE}, reverse=True), *ahead, NONE]
    assert [value.value for value in kb.facets().of("confidence").values] == list(BANDS)


def test_hits_are_counted_as_the_catalogue_counts_articles(kb: KnowledgeBase) -> None:
    hits = kb.search("湖南省长沙市医保怎么缴费", k=20)
    counted = kb.facets(Filters(regions="岳麓区"), hits)
    for facet in counted:
        column = kb.catalogue.columns[facet.name]
        for value in facet.values:
            has_value = column.having([value.value])
            assert value.in_hits == sum(bool(has_value[kb.article_of[hit.row]]) for hit in hits), value
    assert counted.of("region").values[0].in_hits > 0


def test_at_most_so_many_values_are_listed_and_the_chosen_ones_always(kb: KnowledgeBase) -> None:
    every = facets(kb, most=1000).of("site")
    last = every.values[-2].value
    some = facets(kb, Filters(sites=(NONE, last)), most=3).of("site")
    listed = [value.value for value in some.values]
    assert (listed[0], listed[-1]) == (last, NONE)
    assert (len(listed), some.more, every.more) == (4, len(every.values) - 4, 0)


def test_frame_and_dict_carry_all(kb: KnowledgeBase) -> None:
    counted = kb.facets(Filters(regions="北京", until="2025"))
    frame = counted.to_frame()
    assert list(frame.columns) == ["build", "facet", "value", "articles", "is_chosen", "in_hits", "depth"]
    assert list(dict.fromkeys(frame.facet)) == list(FACETS)
    assert len(frame) == sum(len(facet.values) for facet in counted)
    said = counted.as_dict()
    assert said["filters"] == {"region": ["北京"], "until": "2025"}
    assert said["region"][0] == {
        "value": "北京市", "articles": counted.articles, "is_chosen": True, "in_hits": 0, "depth": 0,
    }  # fmt: skip


def test_facts_are_read_from_end_to_end_and_not_article_by_article(sample_kb: KnowledgeBase) -> None:
    asked: list[str] = []
    with closing(Records(sample_kb.records.file)) as records:
        records._connection.set_trace_callback(asked.append)
        found = read_catalogue(records)
        records._connection.set_trace_callback(None)
        (facts,) = (sql for sql in asked if "FROM facts" in sql)
        plan = [row["detail"] for row in records.query(f"EXPLAIN QUERY PLAN {facts}")]
    assert plan == ["SCAN facts"]
    assert found.columns["year"].places.keys() > {"2024", "2025"}
