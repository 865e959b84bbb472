"""Nothing is lost in silence: every character is in the article or in a removal that says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import Article, clean
from ingest.page import Page, page_from_bytes, read_page

PORTAL = """<!doctype html><html><head><title>补缴医保的三种情况 - 某某资讯网</title></head><body>
<div class="header"><a href="/">首页</a> <a href="/news">资讯</a> <a href="/about">关于</a></div>
<div class="crumbs">首页 &gt; 社保 &gt; 正文</div>
<h1>补缴医保的三种情况</h1><p class="info">来源：某某资讯网 2024年3月5日</p>
<div class="content"><h2>一、单位漏缴</h2><p>单位漏缴的,由单位向医保经办机构申报补缴,滞纳金由单位承担,职工不需要自己出钱。</p>
<h2>二、个人断缴</h2><p>个人断缴三个月以内的,可以按当地规定补缴,补缴后待遇可以追溯,超过三个月的要重新计算等待期。</p></div>
<div class="share">分享到 微信 微博</div>
<h3>猜你喜欢</h3><ul class="feed">
<li><h4>阳台种什么花好养活</h4><p>阳台光照充足时可以选择月季和三角梅,浇水要见干见湿,冬季减少浇水,避免</p><span>家居</span><span>2024-03-06</span></li>
<li><h4>旧手机怎么处理最划算</h4><p>旧手机可以参加以旧换新活动,也可以卖给回收平台,出售之前记得恢复出厂设置并</p><span>数码</span><span>2024-03-06</span></li>
<li><h4>补缴医保要交滞纳金吗</h4><p>个人补缴一律要交滞纳金,标准是每天千分之五,从断缴的次月起开始计算,直到</p><span>社保</span><span>2024-03-06</span></li>
</ul><div class="footer">版权所有 某某资讯网</div></body></html>"""


def tiled(page: Page, article: Article) -> str:
    pieces = sorted([*article.spans, *((removal.start, removal.end) for removal in article.removals)])
    assert pieces[0][0] == 0
    assert pieces[-1][1] == len(page.text)
    assert all(left[1] == right[0] for left, right in pairwise(pieces))
    return "".join(page.text[start:end] for start, end in pieces)


def rules(article: Article) -> list[str]:
    return [removal.rule for removal in article.removals]


def test_an_article_with_eight_snippets(dump: Callable[..., Page]) -> None:
    page = dump()
    article = clean(page)
    assert article.title == "灵活就业人员参保须知"
    assert article.body_text.startswith("灵活就业人员可以自愿参加")
    assert article.body_text.endswith("请向当地医保经办机构核实。")
    assert rules(article) == ["marker", *["snippet"] * 8]
    assert (article.as_of, article.as_of_kind) == ("2025-05-06", "captured")
    assert article.confidence == 1.0
    assert tiled(page, article) == page.text


def test_text_behind_a_block_in_the_middle_is_kept(dump: Callable[..., Page]) -> None:
    article = clean(dump(after=["参保后请保存好缴费凭证。", "", "遇到问题可以拨打12393咨询。"]))
    assert article.body_text.endswith("参保后请保存好缴费凭证。\n遇到问题可以拨打12393咨询。")
    assert rules(article).count("snippet") == 8


def test_a_block_at_the_top_goes_and_the_title_is_below_it(dump: Callable[..., Page]) -> None:
    below = ["灵活就业参保怎么办", "", "灵活就业人员持身份证到社保窗口登记即可参保。"]
    article = clean(dump((), after=below))
    assert article.title == "灵活就业参保怎么办"
    assert article.body_text == "灵活就业人员持身份证到社保窗口登记即可参保。"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("提示:本内容不能代替面诊,如有不适请尽快就医。", "tip"),
        ("【免责声明】：以上内容来自网络，仅供参考，如有侵权请联系我们删除", "tip"),
        ("点击查看完整版", "read_more"),
        ("展开全文", "read_more"),
        ("分享到：微信 QQ空间 新浪微博", "share"),
        ("当前位置：首页 > 社保 > 医保", "breadcrumb"),
        ("上一篇：生育津贴怎么申领", "neighbours"),
        ("Copyright © 2024 某某网 版权所有", "copyright"),
    ],
)
def test_furniture_goes_by_its_own_rule(dump: Callable[..., Page], line: str, rule: str) -> None:
    article = clean(dump(after=[line], snippets=0))
    assert rules(article) == [rule]
    assert line not in article.body_text


@pytest.mark.parametrize(
    "line",
    [
        "提示:参保前请先核对身份证信息。",
        "温馨提示:跨省就医请尽快备案。",
        "点击“查看更多”进入缴费页面,再选择险种。",
        "首页右上角可以切换参保地。",
        "版权所有人可以申请登记。",
    ],
)
def test_sentences_that_speak_of_furniture_stay(dump: Callable[..., Page], line: str) -> None:
    article = clean(dump(after=[line], snippets=0))
    assert article.removals == ()
    assert article.body_text.endswith(line)


def test_a_page_of_snippets_only_leaves_no_article(dump: Callable[..., Page]) -> None:
    page = dump(())
    article = clean(page)
    assert (article.body, article.confidence) == ((), 0.0)
    assert tiled(page, article) == page.text


@pytest.mark.parametrize(
    ("dates", "is_weak"),
    [
        (["2024-01-03", "2024-02-01", "2023-11-20", "2024-05-06"], False),  # a chronicle
        (["2024-01-03"] * 4, True),  # one date for all: somebody should look
    ],
)
def test_a_weak_run_stays_and_lowers_the_confidence(dump: Callable[..., Page], dates: list[str], is_weak: bool) -> None:
    lines = []
    for number, date in enumerate(dates):
        lines += [f"第{number}批目录调整", f"第{number}批目录调整新增药品若干种,自公布之日起执行。", date]
    article = clean(dump(snippets=0, after=lines))
    assert article.removals == ()
    assert (article.confidence < 0.5) == is_weak
    assert any("look like recommendations" in doubt for doubt in article.doubts) == is_weak


@pytest.mark.parametrize("name", ["header", "page-header", "side", "tools", "related", "share"])
def test_an_article_in_a_box_with_a_misleading_name_is_kept(name: str) -> None:
    story = "<p>断缴三个月以内补缴的,待遇可以追溯;超过三个月的,按规定重新计算等待期,等待期内的费用不予支付。</p>" * 3
    markup = f'<html><body><h1>补缴须知</h1><div class="{name}">{story}</div><p>{"本站转载文章仅供学习交流。" * 6}</p></body></html>'
    article = clean(page_from_bytes(markup.encode(), path="box.html"))
    assert article.body_text.count("断缴三个月以内补缴的") == 3


def test_the_header_of_an_article_keeps_its_lead() -> None:
    lead = "断缴三个月以内补缴的,待遇可以追溯。"
    markup = (
        f"<html><body><header><a href='/'>首页</a></header><article><header><h1>补缴须知</h1><p>{lead}</p></header>"
        "<p>超过三个月的,按规定重新计算等待期,等待期内发生的医疗费用,统筹基金不予支付。</p></article></body></html>"
    )
    article = clean(page_from_bytes(markup.encode(), path="lead.html"))
    assert article.body_text.splitlines()[0] == lead
    assert rules(article) == ["navigation"]


@pytest.mark.parametrize("line", ["微信扫一扫" * 31 + "乙", "首页" + ">" * 30 + "乙" * 30])
def test_hostile_lines_are_read_in_a_moment(dump: Callable[..., Page], line: str) -> None:
    assert clean(dump(after=[line], snippets=0)).body_text.endswith(line)


def test_what_was_not_recognised_below_a_marker_lowers_the_confidence(dump: Callable[..., Page]) -> None:
    article = clean(dump(snippets=0, after=["相关推荐", "阳台种什么花好养活"]))  # one line is no list
    assert article.removals == ()
    assert article.confidence < 0.5
    assert "announces recommendations" in article.doubts[0]


def test_a_tiny_page_loses_nothing_to_shape_alone(dump: Callable[..., Page]) -> None:
    lines = [
        text for n in range(4) for text in (f"第{n}服务点", f"地址在第{n}大街,每天都开门。", "便民网点 2025-05-06")
    ]
    article = clean(dump(("服务点一览",), snippets=0, after=lines))
    assert "第3服务点" in article.body_text
    assert article.confidence < 0.5


def test_a_fetch_date_that_is_no_date_is_not_believed(dump: Callable[..., Page]) -> None:
    data = dump(snippets=0).text.encode()
    for fetched, as_of in (("2025-04-13T08:00", "2025-04-13"), ("May 3rd 2019", None)):
        article = clean(page_from_bytes(data, path="page.txt", sidecar={"page.txt": {"fetched": fetched}}))
        assert article.as_of == as_of
    assert "May 3rd" in article.doubts[0]


def test_a_list_of_links_goes_and_one_link_stays() -> None:
    links = "".join(f"<li><a href='/{n}'>第{n}篇文章的题目</a></li>" for n in range(4))
    story = (
        "<p>断缴三个月以内补缴的,待遇可以追溯,详见<a href='/a'>办法</a>。</p><p>超过三个月的,按规定重新计算等待期。</p>"
    )
    markup = f"<html><body><h1>补缴须知</h1><div>{story}</div><p>推荐阅读</p><ul>{links}</ul></body></html>"
    article = clean(page_from_bytes(markup.encode(), path="links.html"))
    assert article.body_text == "断缴三个月以内补缴的,待遇可以追溯,详见办法。\n超过三个月的,按规定重新计算等待期。"
    assert rules(article) == ["marker", *["snippet"] * 4]
    assert [removal.fields["title"] for removal in article.removals[1:]] == [f"第{n}篇文章的题目" for n in range(4)]


def test_lines_above_the_heading_of_an_html_page_are_not_its_body() -> None:
    story = "<p>断缴三个月以内补缴的,待遇可以追溯;超过三个月的,按规定重新计算等待期。</p>" * 2
    markup = f"<html><body><p>某某资讯网</p><h1>补缴须知</h1>{story}</body></html>"
    article = clean(page_from_bytes(markup.encode(), path="above.html"))
    assert (article.title, article.body_text.count("某某资讯网")) == ("补缴须知", 0)
    assert article.removals == ()


def test_the_short_answer_under_the_title_is_kept_as_such(dump: Callable[..., Page]) -> None:
    body = (
        "医保断缴能补吗",
        "可以补缴",
        "医保断缴后补缴的办法如下:",
        "一、职工",
        "由单位补缴欠费。",
        "二、居民",
        "次年重新参保。",
    )
    article = clean(dump(body, snippets=0))
    assert article.short_answer == "可以补缴"
    assert [section.heading for section in article.sections] == ["一、职工", "二、居民"]
    assert article.body_text.startswith("可以补缴\n医保断缴后")


def test_an_html_page_keeps_its_article_and_nothing_else() -> None:
    page = page_from_bytes(PORTAL.encode(), path="portal.html")
    article = clean(page)
    assert article.title == "补缴医保的三种情况"
    assert article.body_text == (
        "一、单位漏缴\n单位漏缴的,由单位向医保经办机构申报补缴,滞纳金由单位承担,职工不需要自己出钱。\n"
        "二、个人断缴\n个人断缴三个月以内的,可以按当地规定补缴,补缴后待遇可以追溯,超过三个月的要重新计算等待期。"
    )
    assert (article.as_of, article.as_of_kind) == ("2024-03-05", "published")
    snippets = [removal for removal in article.removals if removal.rule == "snippet"]
    assert [s.fields["title"] for s in snippets] == [
        "阳台种什么花好养活",
        "旧手机怎么处理最划算",
        "补缴医保要交滞纳金吗",
    ]
    assert [s.fields["category"] for s in snippets] == ["家居", "数码", "社保"]
    assert [s.related.label for s in snippets if s.related] == ["unrelated", "unrelated", "same_question"]
    assert tiled(page, article) == page.text


_LINES = st.sampled_from(
    [
        "职工医保停缴以后怎么办",
        "一、办理停保",
        "由单位经办人员办理停保手续。",
        "  • 线下办理 :到社保窗口登记。",
        "健康新闻 2025-04-13",
        "相关推荐",
        "挑选水果时先看颜色再闻气味,还要留意果蒂是否新鲜,如果已经",
        "提示:本内容不能代替面诊,如有不适请尽快就医。",
        "点击查看完整版",
        "",
        "\u200b",
        "<p>医保</p><ul><li><a href='#'>更多</a></li></ul>",
        "﹏\r",
    ]
)


@given(st.lists(_LINES, min_size=1, max_size=40).map("\n".join), st.sampled_from(["page.txt", "page.html"]))
def test_kept_and_removed_are_the_whole_page(text: str, name: str) -> None:
    prefix = "<html><body>" if name.endswith("html") else "题"
    page = page_from_bytes((prefix + "医" + text).encode(), path=name)
    article = clean(page)
    assert tiled(page, article) == page.text
    for block in article.body:
        assert article.keeps(block.start, block.end)


@pytest.mark.shared
def test_the_seeds_lose_no_character_and_leak_none(shared: Path) -> None:
    for line in (shared / "bench/cleaning/seeds/gt.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        page = read_page(shared / gold["file"], path=gold["file"])
        article = clean(page)
        kept = {position for start, end in article.spans for position in range(start, end)}
        visible = {position for position, character in enumerate(page.text) if not character.isspace()}
        assert set(range(*gold["body"])) & visible <= kept
        assert not set(range(*gold["recommendations"])) & kept
        assert article.title == gold["title"]
        assert rules(article).count("snippet") == 20
        assert article.confidence == 1.0


@pytest.mark.shared
def test_related_snippets_of_the_seeds_are_told_from_the_others(shared: Path) -> None:
    scores: list[tuple[float, bool]] = []
    for line in (shared / "bench/cleaning/seeds/gt.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        article = clean(read_page(shared / gold["file"], path=gold["file"]))
        found = [removal.related for removal in article.removals if removal.related]
        relations = [snippet["relation"] != "unrelated" for snippet in gold["snippets"]]
        scores += [(related.score, is_related) for related, is_related in zip(found, relations, strict=True)]
    related = [score for score, is_related in scores if is_related]
    others = [score for score, is_related in scores if not is_related]
    wins = sum((ours > theirs) + 0.5 * (ours == theirs) for ours in related for theirs in others)
    assert (len(related), len(others)) == (42, 58)
    assert wins / (len(related) * len(others)) >= 0.96


@pytest.mark.parametrize("garble", ["\ufffd", "锟斤拷"])
def test_a_page_that_cannot_be_read_asks_for_a_look(dump: Callable[..., Page], garble: str) -> None:
    body = ("灵活就业人员参保须知", *(f"缴费满足规定年限{garble}后,办理退休手续即可享受待遇。" for _ in range(6)))
    article = clean(dump(body, snippets=0))
    assert article.confidence < 0.5
    assert any("cannot be read" in doubt for doubt in article.doubts)
