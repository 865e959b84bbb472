"""The filters on the command line: one option a facet, several values of each, and what they give to a command."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from index.filters import BANDS, FACETS, NONE, Filters
from index.kb import KnowledgeBase
from search_app import options
from search_app.cli import main
from search_app.options import filter_words, filters_option

words = st.lists(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=5), max_size=3)
years = st.lists(st.sampled_from(("1998", "2025", NONE)), max_size=3)
dates = st.none() | st.sampled_from(("2025", "2025-04", "2025-04-13"))


@click.command()
@filters_option
@click.argument("query")
@click.option("-k", type=int)
def command(query: str, k: int, filters: Filters) -> None:
    click.echo(json.dumps([query, k, filters.as_dict()]))


def test_the_names_are_those_of_the_index() -> None:
    assert (*FACETS, "since", "until") == options._FILTERS
    assert options._BANDS == BANDS


@given(words, words, years, words, st.lists(st.sampled_from(BANDS)), dates, dates)
def test_filters_become_options_and_options_filters(
    regions: Any, schemes: Any, years: Any, sites: Any, confidence: Any, since: str | None, until: str | None
) -> None:
    filters = Filters(regions, schemes, since, until, years, sites, confidence)
    result = CliRunner().invoke(command, [*filter_words(filters), "-k", "3", "--", "-x"], catch_exceptions=False)
    assert json.loads(result.stdout) == ["-x", 3, filters.as_dict()]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("--since", "2025-13"), "found '2025-13', expected a date such as 2025, 2025-04 or 2025-04-13."),
        (("--until", "soon"), "found 'soon', expected a date"),
        (("--year", "25"), "found '25', expected a year such as 2025."),
        (("--year", "２０２５"), "expected a year such as 2025."),
        (("--confidence", "high"), "'high' is not one of 'sure', 'doubtful'."),
        (("--region", ""), "expected a word or a list of words"),
    ],
)
def test_what_is_no_filter_is_wrong_usage(said: tuple[str, ...], message: str) -> None:
    result = CliRunner().invoke(command, ["x", *said])
    assert (result.exit_code, result.exception is None or isinstance(result.exception, SystemExit)) == (2, True)
    assert message in " ".join(result.stderr.split())


def search(kb: KnowledgeBase, *words: str) -> Result:
    result = CliRunner().invoke(main, ["search", *words, "--kb", str(kb.folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result


def test_search_takes_several_values_of_a_filter(sample_kb: KnowledgeBase) -> None:
    asked = ("待遇", "-k", "500", "--json", "--year", "2024", "--until", "2025-06")
    both = json.loads(search(sample_kb, *asked, "--region", "北京", "--region", "上海").stdout)["hits"]
    alone = [
        {hit["passage_id"] for hit in json.loads(search(sample_kb, *asked, "--region", one).stdout)["hits"]}
        for one in ("北京", "上海")
    ]
    assert {hit["passage_id"] for hit in both} == alone[0] | alone[1]
    assert alone[0] - alone[1]
    assert alone[1] - alone[0]
    assert all("2024" in hit["years"] and hit["as_of"] < "2025-07" for hit in both)


def test_search_counts_facets_and_sorts_by_date(sample_kb: KnowledgeBase) -> None:
    asked = ("居民医保缴费", "-k", "5", "--scheme", "居民医保", "--sort", "date", "--facets")
    found = json.loads(search(sample_kb, *asked, "--json").stdout)
    hits = sample_kb.search("居民医保缴费", k=5, filters=Filters(schemes=("居民医保",)), sort="date")
    counted = sample_kb.facets(Filters(schemes=("居民医保",)), hits)
    assert found["sort"] == "date"
    assert found["facets"] == json.loads(json.dumps(counted.as_dict()))
    assert found["hits"] == json.loads(json.dumps(hits.as_dict()["hits"]))
    told = search(sample_kb, *asked).stdout
    first = counted.of("scheme").values[0]
    assert f"\n{counted.articles} articles, {counted.passages} passages under these filters\n" in told
    assert f"\n  x 居民医保  {first.articles}, {first.in_hits} of the passages above\n" in told
    assert "facets" not in json.loads(search(sample_kb, "医保", "--json").stdout)


def test_search_reads_an_earlier_build_by_name(sample_kb: KnowledgeBase) -> None:
    found = json.loads(search(sample_kb, "医保", "--build", sample_kb.build[:6], "--json").stdout)
    assert found["build"] == sample_kb.build
