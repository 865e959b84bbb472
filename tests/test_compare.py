"""The comparison: cells of a hand-made base, whose sentence may stand where, and the same words and verdict as `ask`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner

from index.answering.verdict import SPEAKS
from index.catalogue import NONE
from index.explore.about import Facet, Fit, Named, fit_of, may_speak
from index.explore.compare import BY, ComparisonError
from index.filters import Filters
from index.kb import KnowledgeBase
from search_app.cli import main
from search_app.commands.compare import BY as BY_OF_COMMAND

QUESTION = "职工医保断缴后等待期是多久"
FILL = "参保人可以在单位或者社区办理手续，也可以在网上办理，办理的时候带上身份证和社保卡。"
PAGES = (
    f"湖南省职工医保断缴怎么办\n\n湖南省职工医保断缴以后再缴费的，等待期是3个月。\n\n{FILL}",
    f"江西省职工医保断缴怎么办\n\n江西省职工医保断缴以后再缴费的，等待期是6个月。\n\n{FILL}",
    f"贵州省职工医保参保办法\n\n贵州省的职工医保由单位办理参保，缴费由单位和个人共同承担。\n\n{FILL}",
    # One page on two places, and one that copies the first word for word.
    f"各省职工医保断缴规定\n\n四川省职工医保断缴以后再缴费的，等待期是9个月。\n\n重庆市的职工医保由单位办理参保。\n\n{FILL}",
    f"湖南省职工医保断缴怎么办\n\n湖南省职工医保断缴以后再缴费的，等待期是3个月。\n\n{FILL}",
)


@pytest.fixture
def five(make_kb: Callable[..., KnowledgeBase]) -> KnowledgeBase:
    return make_kb(*PAGES)


def test_each_cell_says_what_its_own_pages_say(five: KnowledgeBase) -> None:
    found = five.compare(QUESTION)
    said = {cell.value: (cell.state, "".join(one.quote for one in cell.citations)) for cell in found.cells}
    assert said == {
        "湖南省": ("stated", "湖南省职工医保断缴以后再缴费的，等待期是3个月。"),
        "江西省": ("stated", "江西省职工医保断缴以后再缴费的，等待期是6个月。"),
        "四川省": ("stated", "四川省职工医保断缴以后再缴费的，等待期是9个月。"),
        "贵州省": ("not_stated", ""),
        "重庆市": ("not_stated", ""),  # its only article says 9 months, of 四川
    }
    assert found.cell("湖南省").sources.as_dict() == {
        "passages": 2, "texts": 1, "articles": 1, "sites": 0, "siteless": 2,
    }  # fmt: skip
    assert found.cell("江西省").figures == ("6个月",)
    assert found.cell("贵州省").confidence < found.speak_from <= found.cell("江西省").confidence
    assert found.cell("贵州省").nearest is not None
    assert set(found.by_figures()) == {("3个月",), ("6个月",), ("9个月",)}
    marked = {
        cell.value: [cell.citations[0].quote[start:end] for start, end in cell.marks[0]]
        for cell in found.cells
        if cell.citations
    }
    assert marked == {"湖南省": ["3个月"], "江西省": ["6个月"], "四川省": ["9个月"]}


def test_rows_are_those_chosen_and_one_without_articles_says_so(five: KnowledgeBase) -> None:
    found = five.compare(QUESTION, values=["江西", "西藏", "江西省"])
    assert found.values == ("江西省", "西藏自治区")
    assert [cell.state for cell in found.cells] == ["stated", "no_articles"]
    assert five.compare(QUESTION, where=Filters(regions=("湖南", "贵州"))).values == ("湖南省", "贵州省")
    assert five.compare(QUESTION, where=Filters(regions=("湖南",))).values == ("湖南省",)  # no place in it is named
    assert five.compare("", where=Filters(regions=("湖南",))).cells == ()
    with pytest.raises(ComparisonError, match="found 'colour' to compare by, expected region, year, scheme, site"):
        five.compare(QUESTION, by="colour")
    with pytest.raises(ComparisonError, match="two different ones"):
        five.compare(QUESTION, by="year", across="year")


def test_a_question_that_names_a_place_is_asked_of_every_place(five: KnowledgeBase) -> None:
    found = five.compare(f"湖南省{QUESTION}")
    assert found.cell("江西省").state == "stated"
    assert "江西省" in found.cell("江西省").citations[0].quote


QUESTIONS = ("医保断缴后等待期是多久", "居民医保一年交多少钱")


@pytest.mark.parametrize("by", BY)
def test_a_cell_speaks_only_where_ask_does_and_its_words_stand_in_the_page(sample_kb: KnowledgeBase, by: str) -> None:
    stated = alike = 0
    for question in QUESTIONS:
        found = sample_kb.compare(question, by)
        column = sample_kb.catalogue.columns[by]
        numbers: set[int] = set()
        for cell in found.cells:
            for one in (*cell.citations, *cell.others):
                page = sample_kb.records.query("SELECT text FROM pages WHERE path = ?", (one.path,))[0]["text"]
                assert page[one.start : one.end] == one.quote
                row = sample_kb.records.query("SELECT row FROM articles WHERE id = ?", (one.article_id,))[0]["row"]
                assert column.having([cell.value])[row], (cell.value, one.quote)
                numbers.add(one.number)
            if cell.state == "stated":
                answer = sample_kb.ask(question, filters=Filters.from_dict({by: [cell.value]}))
                stated += 1
                alike += cell.citations[0].quote in [sentence.text for sentence in answer.sentences]
                assert answer.verdict in SPEAKS, (question, cell.value)
                assert cell.confidence <= answer.confidence + 0.01  # "newest" is said of all cells together
        assert numbers == set(range(1, len(numbers) + 1))
    assert stated >= 4
    # Elsewhere `ask` takes a sentence on another value from an article that names both; a page has one site.
    assert alike == stated if by == "site" else alike >= stated / 2


def test_columns_cross_rows(sample_kb: KnowledgeBase) -> None:
    found = sample_kb.compare("居民医保一年交多少钱", by="region", across="year")
    assert len(found.cells) == len(found.values) * len(found.columns)
    assert found.columns == (*sorted(found.columns[:-1], reverse=True), NONE)
    cell = found.cell("湖南省", "2023")
    assert cell.citations[0].quote.startswith("2023年湖南省居民医保个人缴费标准为每人每年380元")
    assert found.cell("湖南省", "2026").state == "no_articles"
    frame = found.to_frame()
    own = frame[(frame["region"] == "湖南省") & (frame["year"] == "2023")]
    assert own["quote"].tolist() == [one.quote for one in cell.citations]
    assert own["texts"].tolist() == [cell.sources.texts] * len(cell.citations)
    assert frame["start"].dtype == "Int64"


def test_whom_a_sentence_is_about_is_said_by_the_nearest_that_names_one(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(
        "各地医保等待期\n\n湖南和湖北的规定不同。\n\n湖南的等待期是3个月。中断以后补缴的不算。"
        "湖北的等待期是6个月。补缴以后也要等。\n\n" + FILL
    )
    hit = kb.search("等待期")[0]

    def fit(place: str, sentence: str) -> Fit:
        start = hit.start + hit.text.index(sentence)
        return fit_of(Facet(place, Named("region")), hit, start, start + len(sentence), ())

    assert fit("湖南省", "湖南的等待期是3个月。") == Fit.OWN
    assert fit("湖北省", "湖南的等待期是3个月。") == Fit.FOREIGN
    assert fit("湖南省", "中断以后补缴的不算。") == Fit.OWN
    assert fit("湖北省", "补缴以后也要等。") == Fit.OWN
    assert fit("湖南省", "补缴以后也要等。") == Fit.FOREIGN
    assert fit("湖南省/长沙市", "湖南的等待期是3个月。") == Fit.OWN  # a rule of the province holds there
    assert fit("湖南省", "各地医保等待期" if "各地" in hit.text else "湖南和湖北的规定不同。") != Fit.FOREIGN
    assert may_speak(Facet("湖北省", Named("region")), hit)


def test_a_title_speaks_for_what_names_nothing(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(f"湖南省医保等待期\n\n等待期是3个月，和湖北省不一样。\n\n{FILL}\n\n中断以后补缴的也要等。")
    hit = kb.search("等待期")[0]
    assert hit.regions == ("湖南省", "湖北省")
    start = hit.start + hit.text.index(FILL)
    assert (
        fit_of(Facet("湖南省", Named("region")), replace(hit, text=FILL, start=start), start, start + 5, ()) == Fit.OWN
    )
    away = replace(hit, text=FILL, start=start, end=start + len(FILL))
    assert not may_speak(Facet("湖北省", Named("region")), away)
    assert may_speak(Facet("湖北省", Named("region")), replace(away, title="医保等待期"))
    assert (
        fit_of(Facet("湖北省", Named("region")), replace(away, title="医保等待期"), start, start + 5, ()) == Fit.SHARED
    )


def test_schemes_leave_open_what_is_no_insurance() -> None:
    scheme = Facet("职工医保", Named("scheme"))
    assert scheme.judge(["灵活就业参保"]) is None
    assert scheme.judge(["居民医保"]) == Fit.FOREIGN
    assert scheme.judge(["居民医保", "职工医保"]) == Fit.OWN
    assert Facet("养老保险", Named("scheme")).judge(["职工养老保险"]) == Fit.OWN
    assert Facet("异地就医", Named("scheme")).judge(["职工医保"]) is None


def test_the_command_prints_what_python_returns(sample_kb: KnowledgeBase) -> None:
    base = ["compare", QUESTIONS[0], "--kb", str(sample_kb.folder), "--by", "year", "--region", "北京"]
    expected = sample_kb.compare(QUESTIONS[0], "year", where=Filters(regions=("北京",)))
    done = CliRunner().invoke(main, [*base, "--json"])
    assert json.loads(done.stdout) == json.loads(json.dumps(expected.as_dict()))
    told = CliRunner().invoke(main, base)
    assert told.exit_code == 0
    assert expected.citations[0].quote in told.stdout
    lines = [json.loads(line) for line in CliRunner().invoke(main, [*base, "--format", "jsonl"]).stdout.splitlines()]
    assert [line["year"] for line in lines] == list(expected.values)
    assert "--by year" in lines[0]["command"]
    markdown = CliRunner().invoke(main, [*base, "--format", "md"]).stdout
    assert "[^1]" in markdown
    assert f"[^1]: {expected.citations[0].passage_id}" in markdown
    assert BY_OF_COMMAND == BY


def test_a_comparison_without_cells_keeps_its_columns(sample_kb: KnowledgeBase) -> None:
    nowhere = sample_kb.compare(QUESTION, "region", across="year", where=Filters(sites="没有的网站"))
    there = sample_kb.compare(QUESTION, "region", across="year")
    assert len(nowhere.to_frame()) == 0 < len(there.to_frame())
    assert list(nowhere.to_frame().columns) == list(there.to_frame().columns)
    assert list(there.rows()[0]) == list(there.to_frame().columns)[2:]
