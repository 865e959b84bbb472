"""The title is the article's, whatever stands around it; what tells where it comes from is no body."""

from __future__ import annotations

import pytest

from ingest.head import Head, read_head
from ingest.naming import strip_site
from ingest.page import page_from_bytes

STORY = "断缴三个月以内补缴的,待遇可以追溯;超过三个月的,按规定重新计算等待期,等待期内的费用不予支付。"


def read(text: str, name: str = "page.txt") -> tuple[Head, list[str]]:
    """Return the head of a page and the lines of its body."""
    page = page_from_bytes(text.encode(), path=name)
    lines = [page.text[block.start : block.end] for block in page.blocks]
    head = read_head(page, lines, range(len(lines)))
    return head, [line for index, line in enumerate(lines) if index not in head.outside_body]


def html(body: str, title: str = "补缴须知 - 某某资讯网") -> tuple[Head, list[str]]:
    return read(f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>", "page.html")


@pytest.mark.parametrize(
    "byline",
    [
        "来源：某某资讯网",
        "作 者：张三",
        "责任编辑：李四",
        "发布日期：2024年3月5日 08:00",
        "时间：2024-03-05",
        "2024-03-05 来源 某某网 阅读 1.2万",
        "字号：大 中 小",
        "【字体：大 中 小】 打印 关闭",
        "举报 缩小字体 放大字体 收藏",
        "某医保发〔2025〕1号",
        "某府办函[2024]第15号",
        "索引号：000014349",
        "发文机关\t某某市医疗保障局\t成文日期\t2024年3月5日",
        "浏览次数：1024",
    ],
)
def test_bylines_are_no_body(byline: str) -> None:
    head, body = read(f"补缴须知\n{byline}\n{STORY}\n{STORY}")
    assert (head.title, head.bylines, body) == ("补缴须知", (1,), [STORY, STORY])


@pytest.mark.parametrize(
    "line",
    [
        "时间：周一至周五上午",
        "来源于基金的收入按规定计算。",
        "编辑好短信后发送",
        "第一章 总则",
        "大病保险",
        "某某市〔2025〕年度标准",
        "小",
    ],
)
def test_a_line_of_the_article_is_no_byline(line: str) -> None:
    head, body = read(f"补缴须知\n{line}\n{STORY}\n{STORY}")
    assert (head.bylines, body) == ((), [line, STORY, STORY])


def test_bylines_on_many_lines_with_values_of_their_own() -> None:
    head, body = read(
        f"补缴须知\n来源：\n某某资讯网\n作者：\n张三\n发布时间：\n2024-03-05\n字号：大 中 小\n浏览次数：12\n{STORY}"
    )
    assert head.bylines == tuple(range(1, 9))
    assert body == [STORY]


def test_a_byline_above_the_title() -> None:
    head, body = read(
        f"索引号：000014349\n发文机关：某某市医疗保障局\n某医保发〔2025〕1号\n补缴须知\n2024-03-05\n{STORY}"
    )
    assert (head.title, head.has_title, head.bylines) == ("补缴须知", True, (0, 1, 2, 4))
    assert body == [STORY]


def test_a_date_below_the_first_text_is_the_articles_own() -> None:
    head, body = read(f"补缴须知\n{STORY}\n2024-03-05\n{STORY}")
    assert (head.bylines, body) == ((), [STORY, "2024-03-05", STORY])


def test_a_first_line_of_text_is_no_title() -> None:
    head, body = read(f"{STORY}\n{STORY}")
    assert (head.has_title, head.title, body) == (False, STORY, [STORY, STORY])


def test_the_title_said_again_is_no_body() -> None:
    head, body = read(f"补缴须知_某某资讯网\n补缴 须知\n{STORY}\n补缴须知\n{STORY}")
    assert head.title == "补缴须知"
    assert body == [STORY, "补缴须知", STORY]


def test_a_page_that_only_repeats_its_title_keeps_a_body() -> None:
    assert read("补缴须知\n补缴须知")[1] == ["补缴须知"]


def test_the_name_of_the_site_in_an_h1_is_not_the_title() -> None:
    head, body = html(f"<h1>某某资讯网</h1><h2>补缴须知</h2><p>{STORY}</p><p>{STORY}</p>")
    assert (head.title, body) == ("补缴须知", [STORY, STORY])
    head, _ = html(f"<h1>某某资讯网</h1><div class='title'>补缴须知</div><p>{STORY}</p><p>{STORY}</p>")
    assert head.title == "补缴须知"


def test_the_h1_that_the_metadata_names_is_the_title() -> None:
    head, body = html(f"<h1>今日要闻</h1><h1>补缴须知</h1><p>{STORY}</p><p>{STORY}</p>")
    assert (head.title, body) == ("补缴须知", [STORY, STORY])


def test_an_h1_may_say_more_than_the_metadata() -> None:
    head, _ = html(f"<h1>今日要闻</h1><h1>补缴须知（全文）</h1><p>{STORY}</p><p>{STORY}</p>")
    assert head.title == "补缴须知（全文）"


def test_an_h1_that_says_most_of_the_title_comes_before_a_line_that_says_all_of_it() -> None:
    body = f"<p>社保 | 补缴医保须知</p><h1>补缴医保须知</h1><p>{STORY}</p><p>{STORY}</p>"
    assert html(body, title="社保 | 补缴医保须知")[0].title == "补缴医保须知"


def test_an_only_h1_is_the_title_whatever_the_metadata_say() -> None:
    assert html(f"<h1>医保补缴的三种情况</h1><p>{STORY}</p>", title="资讯")[0].title == "医保补缴的三种情况"


def test_the_title_of_the_metadata_loses_the_site_where_no_line_is_the_title() -> None:
    head, _ = html(f"<p>{STORY}</p><p>{STORY}</p>", title="补缴须知_社保频道_某某资讯网")
    assert (head.title, head.has_title) == ("补缴须知", False)


@pytest.mark.parametrize(
    ("title", "stripped"),
    [
        ("补缴须知_某某网", "补缴须知"),
        ("补缴须知 - 社保频道 - 某某日报", "补缴须知"),
        ("补缴须知|某某市人民政府", "补缴须知"),
        ("补缴须知-某某新闻", "补缴须知"),
        ("补缴须知 [ 编辑 ]", "补缴须知"),
        ("2024-2025年度缴费标准", "2024-2025年度缴费标准"),
        ("职工医保 - 居民医保怎么转", "职工医保 - 居民医保怎么转"),
        ("怎么上网", "怎么上网"),
        ("医保|报销", "医保|报销"),
        ("某网_某某网", "某网_某某网"),
        ("", ""),
    ],
)
def test_names_of_sites_are_parted_from_titles(title: str, stripped: str) -> None:
    assert strip_site(title) == stripped


def test_a_site_that_is_known_is_parted_whatever_it_is_called() -> None:
    assert strip_site("补缴须知 - 老李说社保", "老李说社保") == "补缴须知"
    assert strip_site("补缴须知 - 老李说社保") == "补缴须知 - 老李说社保"


def test_the_short_answer_is_found_below_many_bylines() -> None:
    head, body = read(
        f"断缴能补吗\n来源：某某网\n作者：张三\n字号：大 中 小\n可以补缴\n补缴的办法如下:\n1. 职工\n{STORY}"
    )
    assert head.short_answer == "可以补缴"
    assert body[0] == "可以补缴"
