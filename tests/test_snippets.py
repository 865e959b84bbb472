"""Recommendation items are found by their shape: with and without a marker, in every order, cut off, in the middle."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.lines import read_lines
from ingest.page import Page, read_page
from ingest.snippets.find import MIN_CONFIDENCE, Run, find_runs
from ingest.snippets.meta_lines import is_marker, read_meta
from ingest.snippets.roles import cut_grade


def sure_runs(page: Page) -> list[Run]:
    return [run for run in find_runs(page.text, page.blocks) if run.confidence >= MIN_CONFIDENCE]


def titles(page: Page) -> list[str]:
    return [snippet.title for run in sure_runs(page) for snippet in run.snippets]


EIGHT = [f"第{number}种水果怎么挑选才新鲜" for number in range(8)]


@pytest.mark.parametrize(
    ("line", "category", "date"),
    [
        ("健康新闻 2025-04-13", "健康新闻", "2025-04-13"),
        ("健康新闻2025年4月3日", "健康新闻", "2025-04-03"),
        ("2025/04/13", "", "2025-04-13"),
        ("社保 04-13", "社保", "04-13"),
        ("3天前 阅读 1.2万", "", "3天前"),
        ("阅读(1203) 评论(4)", "", ""),
        ("来源：民生网 2025-04-13 08:00", "", "2025-04-13"),
        ("健康 上周五", "健康", "上周五"),
        ("去年", "", "去年"),
        ("两周前", "", "两周前"),
        ("昨天 10:20", "", "昨天"),
        ("10万+", "", ""),
        ("3021人围观", "", ""),
        ("频道：社保 20250413", "社保", "2025-04-13"),
        ("健康新闻 2025\u200b-04-13T08:00", "健康新闻", "2025-04-13"),
        ("２０２５-04-13 城乡居民医保政策问答专栏", "城乡居民医保政策问答专栏", "2025-04-13"),
    ],
)
def test_reads_meta_lines(line: str, category: str, date: str) -> None:
    meta = read_meta(line)
    assert meta is not None
    assert (meta.category, meta.date) == (category, date)


@pytest.mark.parametrize(
    "line",
    [
        "居民医保需在每年11月30日前缴纳下一年度费用。",
        "2025年调整如下:",
        "社区刷卡",
        "自2025年1月1日起施行；",
        "本办法自2025年1月1日起施行",
        "3个月前的费用",
        "办理时间 9-1至9-30",
        "参保人应在2025-04-13前到经办机构办理登记手续并提交全部材料",
    ],
)
def test_sentences_with_dates_are_no_meta_lines(line: str) -> None:
    assert read_meta(line) is None


@pytest.mark.parametrize(
    "line", ["相关推荐", "【猜你喜欢】", "相\u200b关推荐", "大家还在看：", "热门文章推荐", "延伸阅读"]
)
def test_knows_markers(line: str) -> None:
    assert is_marker(line)


@pytest.mark.parametrize("line", ["推荐理由", "相关材料", "相关推荐由算法生成", "更多材料见下文"])
def test_other_lines_are_no_markers(line: str) -> None:
    assert not is_marker(line)


def test_finds_all_items_with_their_fields(dump: Callable[..., Page]) -> None:
    runs = sure_runs(dump())
    assert [len(run.snippets) for run in runs] == [8]
    first = runs[0].snippets[0]
    assert first.fields() == {
        "title": "第0种水果怎么挑选才新鲜",
        "summary": "挑选第0种水果时先看颜色再闻气味,成熟的果实表皮光亮,用手轻按略有弹性,还要留意果蒂是否新鲜,如果已经",
        "category": "生活百科",
        "date": "2025-05-06",
    }


@pytest.mark.parametrize("marker", ["", "大家都在搜", "相\u200b关推荐", "———"])
def test_needs_no_marker(dump: Callable[..., Page], marker: str) -> None:
    assert titles(dump(marker=marker)) == EIGHT


def test_two_items_with_one_date_and_category_are_enough(dump: Callable[..., Page]) -> None:
    assert titles(dump(snippets=2, marker="")) == EIGHT[:2]


def test_a_repeated_title_belongs_to_its_item(dump: Callable[..., Page]) -> None:
    page = dump(snippets=0, after=_items(lambda t, s, m: [t, s, m, t]))
    runs = sure_runs(page)
    assert [snippet.title for snippet in runs[0].snippets] == EIGHT
    assert page.blocks[runs[0].snippets[-1].last].end == len(page.text)


def test_reads_title_meta_summary_order(dump: Callable[..., Page]) -> None:
    page = dump(snippets=0, after=_items(lambda t, s, m: [t, m, s]))
    runs = sure_runs(page)
    assert [s.title for s in runs[0].snippets] == EIGHT
    assert all(s.summary.startswith("挑选第") for s in runs[0].snippets)


def test_reads_items_without_summaries(dump: Callable[..., Page]) -> None:
    page = dump(snippets=0, after=["相关推荐", *_items(lambda t, s, m: [t, m])])
    assert titles(page) == EIGHT


def test_reads_category_and_date_on_lines_of_their_own(dump: Callable[..., Page]) -> None:
    page = dump(snippets=0, after=_items(lambda t, s, m: [t, s, *m.split(" ")]))
    runs = sure_runs(page)
    assert [s.title for s in runs[0].snippets] == EIGHT
    assert {s.category for s in runs[0].snippets} == {"生活百科"}


def test_the_item_that_the_end_of_the_page_cuts_off_is_an_item(dump: Callable[..., Page]) -> None:
    page = dump(after=["夏天的衣服怎么收纳不发黄", "", "收纳前先洗净晾干,按材质分类,真丝和棉麻分开放,防潮剂要"])
    assert titles(page) == [*EIGHT, "夏天的衣服怎么收纳不发黄"]


def test_text_behind_a_block_in_the_middle_is_no_item(dump: Callable[..., Page]) -> None:
    page = dump(after=["参保后请保存好缴费凭证。", "", "遇到问题可以拨打12393咨询。"])
    assert titles(page) == EIGHT
    assert page.text[page.blocks[sure_runs(page)[0].snippets[-1].last + 1].start :].startswith("参保后")


def test_the_last_date_of_a_body_is_no_item_of_the_block_below(dump: Callable[..., Page]) -> None:
    chronicle = ["2023年的调整", "2023年起,当地把普通门诊费用纳入统筹基金支付范围。", "2023-07-01"]
    page = dump(("门诊统筹", *chronicle, "2024年的调整", "2024年起,支付比例提高五个百分点。", "2024-07-01"))
    assert titles(page) == EIGHT


def test_a_marker_parts_two_blocks(dump: Callable[..., Page]) -> None:
    second = [line for number in range(3) for line in (f"第{number}座公园几点开门", "健身资讯 2025-05-06")]
    page = dump(after=["热门推荐", *second])
    assert [[s.title for s in run.snippets][-1] for run in sure_runs(page)] == [EIGHT[-1], "第2座公园几点开门"]


def test_two_closing_lines_without_an_end_mark_are_no_cut_item(dump: Callable[..., Page]) -> None:
    assert titles(dump(after=["咨询电话", "12393医保服务热线"])) == EIGHT


def test_a_chronicle_with_dates_is_content(dump: Callable[..., Page]) -> None:
    lines: list[str] = []
    for year in range(2019, 2025):
        lines += [
            f"{year}年的调整",
            f"{year}年起,当地把普通门诊费用纳入统筹基金支付范围,并逐年提高比例。",
            f"{year}-07-01",
        ]
    assert sure_runs(dump(snippets=0, after=lines)) == []


def test_a_page_that_discusses_recommendations_loses_nothing(dump: Callable[..., Page]) -> None:
    page = dump(
        ("什么是相关推荐", "相关推荐", "网站常在文章下方放相关推荐,它们与正文无关。", "读者应当分辨。"), snippets=0
    )
    assert find_runs(page.text, page.blocks) == ()


@pytest.mark.shared
def test_the_seeds_hundred_snippets_have_all_their_fields(shared: Path) -> None:
    for line in (shared / "bench/cleaning/seeds/gt.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        page = read_page(shared / gold["file"], path=gold["file"])
        found = [snippet.fields() for run in sure_runs(page) for snippet in run.snippets]
        names = ("title", "summary", "category", "date")
        assert found == [{name: snippet[name] for name in names} for snippet in gold["snippets"]]


def _items(order: Callable[[str, str, str], list[str]]) -> list[str]:
    lines = []
    for number, title in enumerate(EIGHT):
        summary = (
            f"挑选第{number}种水果时先看颜色再闻气味,成熟的果实表皮光亮,用手轻按略有弹性,还要留意果蒂是否新鲜,如果已经"
        )
        lines += order(title, summary, "生活百科 2025-05-06")
    return lines


@pytest.mark.parametrize("line", ["今日热榜", "去年医保报销比例", "昨天参保的人怎么办", "上周五起执行"])
def test_a_day_inside_other_words_is_no_date(line: str) -> None:
    assert read_meta(line) is None


def test_addresses_without_end_marks_are_not_cut() -> None:
    assert cut_grade("东城区人民路十八号二楼,联系电话0731-88880001,工作日全天") == 0
    assert cut_grade("参保人在定点医院就医时按规定比例报销,起付线以上的部分由基金支付的") == 2


def test_a_line_that_nobody_knows_is_a_marker_only_where_the_article_has_ended() -> None:
    items = [
        line
        for n in range(5)
        for line in (f"第{n}盆花怎么养", f"花盆里第{n}层土的养分有限,开花之前薄肥勤施,天热的时候要", "生活 2025-03-02")
    ]
    body = ["参保须知", *["断缴三个月以内补缴的,待遇可以追溯;超过三个月的重新计算等待期。"] * 4]
    for above, is_taken in (("街坊最近在打听", True), ("某市医疗保障局", False), ("一共3条", False)):
        text = "\n".join([*body, above, *items]) + "\n"
        (run,) = find_runs(text, read_lines(text))
        assert (run.marker == len(body)) == is_taken, above
