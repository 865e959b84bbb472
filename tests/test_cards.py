"""Repeated siblings with linked titles are cards, whatever the elements are called; lists that are content are not."""

from __future__ import annotations

import pytest

from ingest.html.cards import find_cards
from ingest.html.dom import read_html
from ingest.html.tree import build_tree
from ingest.snippets.find import MIN_CONFIDENCE, Run

STORY = "<p>断缴三个月以内补缴的，待遇可以追溯；超过三个月的，按规定重新计算等待期，等待期内的费用不予支付。</p>" * 3
TITLES = ("阳台种什么花比较好养活", "旧手机怎样处理才划算", "雨天开车要注意哪些事", "新买的铁锅第一次怎么用")
SUMMARIES = (
    "阳台光照充足时可以选择月季和三角梅，浇水要见干见湿，冬季减少",
    "旧手机可以参加以旧换新的活动，也可以卖给回收平台，出售之前记得",
    "雨天路滑，刹车的距离会变长，应当降低车速，和前车保持两倍以上的",
    "新铁锅要先用温水洗净，小火烧干，再用肥肉擦拭内壁，反复擦到不再",
)


def runs(markup: str) -> tuple[Run, ...]:
    page = read_html(f"<html><body>{markup}</body></html>")
    return find_cards(build_tree(page.text, page.blocks), page.title or "").runs


def cards(pattern: str) -> str:
    pairs = zip(TITLES, SUMMARIES, strict=True)
    return "".join(pattern.replace("TITLE", title).replace("SUM", summary) for title, summary in pairs)


@pytest.mark.parametrize(
    "pattern",
    [
        "<li><h3><a href=x>TITLE</a></h3><p>SUM</p><span>生活</span> <span>2024-03-06</span></li>",
        "<div class=c><img src=x><div><a href=x>TITLE</a></div><div>SUM</div><div>生活 2024-03-06</div></div>",
        "<dl><dt><a href=x>TITLE</a></dt><dd>SUM</dd><dd>生活 2024-03-06</dd></dl>",
        "<h4><a href=x>TITLE</a></h4><p>SUM</p><p>生活 2024-03-06</p>",
        "<tr><td><img src=x></td><td><a href=x>TITLE</a><br>SUM</td><td>生活 2024-03-06</td></tr>",
        "<a href=x><div>TITLE</div><div>SUM</div><div>生活 2024-03-06</div></a>",
        "<div><div>生活 2024-03-06</div><h3><a href=x>TITLE</a></h3><p>SUM</p></div>",
        "<div class=n><a href=x>TITLE</a> <span>SUM</span> <em>生活 2024-03-06</em></div>",
    ],
)
@pytest.mark.parametrize("wrap", ["<div class=m>{}</div><div class=k>{}</div>", "<div class=m>{}{}</div>"])
def test_cards_are_read_with_all_their_fields(pattern: str, wrap: str) -> None:
    inner = cards(pattern)
    run = runs(wrap.format(STORY, f"<table>{inner}</table>" if pattern.startswith("<tr") else inner))
    assert len(run) == 1
    assert [item.fields() for item in run[0].snippets] == [
        {"title": title, "summary": summary, "category": "生活", "date": "2024-03-06"}
        for title, summary in zip(TITLES, SUMMARIES, strict=True)
    ]
    assert run[0].confidence >= MIN_CONFIDENCE


@pytest.mark.parametrize(
    ("pattern", "date"),
    [
        ("<li><a href=x>TITLE</a></li>", ""),
        ("<li><a href=x>TITLE</a> <span>03-06</span></li>", "03-06"),
        ("<li><i>1</i><a href=x>TITLE</a></li>", ""),
        ("<div><span>[2024-03-06]</span> <a href=x>TITLE</a></div>", "2024-03-06"),
    ],
)
def test_titles_alone_are_cards_too(pattern: str, date: str) -> None:
    found = runs(f"<div>{STORY}</div><div class=hot><ul>{cards(pattern)}</ul></div>")
    assert [[(item.title, item.summary, item.date) for item in run.snippets] for run in found] == [
        [(title, "", date) for title in TITLES]
    ]
    assert found[0].confidence >= MIN_CONFIDENCE


def test_a_marker_above_is_told_and_weighs() -> None:
    pattern = "<h4><a href=x>TITLE</a></h4><p>SUM</p>"
    with_marker = runs(f"<div>{STORY}<h3>猜你喜欢</h3>{cards(pattern)}</div>")[0]
    without = runs(f"<div>{STORY}{cards(pattern)}</div>")[0]
    assert with_marker.marker == 3
    assert without.marker is None
    assert with_marker.confidence >= without.confidence + 0.2


def test_an_advertisement_between_cards_parts_nothing() -> None:
    pattern = "<li><h3><a href=x>TITLE</a></h3><p>SUM</p></li>"
    half = cards(pattern).index("<li>", 60 + len(SUMMARIES[0]))
    inner = cards(pattern)[:half] + "<li>广告</li>" + cards(pattern)[half:]
    assert [len(run.snippets) for run in runs(f"<div>{STORY}</div><ul>{inner}</ul>")] == [4]


@pytest.mark.parametrize(
    "markup",
    [
        "<ul>" + "".join(f"<li>{title}</li>" for title in TITLES) + "</ul>",  # no links
        "<ul><li><a href=x>首页</a><li><a href=x>资讯</a><li><a href=x>问答</a><li><a href=x>关于</a></ul>",  # a menu
        STORY,
        "<p>断缴可以<a href=x>按规定办理补缴手续</a>，补缴以后待遇可以追溯。</p>" * 4,
    ],
)
def test_content_without_linked_titles_is_no_card(markup: str) -> None:
    assert runs(f"<div>{markup}</div>") == ()


@pytest.mark.parametrize(
    "markup",
    [
        # sections of an article, a digest of questions, a list that the text leads into
        cards("<div class=sec><h3>TITLE</h3><p>SUM。</p></div>"),
        cards("<h3>TITLE</h3><p>SUM。</p>"),
        f"{STORY}<p>以下文件可供查阅：</p><ul>{cards('<li><a href=x>TITLE</a></li>')}</ul>{STORY}",
    ],
)
def test_what_is_content_in_doubt_stays(markup: str) -> None:
    assert all(run.confidence < MIN_CONFIDENCE for run in runs(f"<div>{markup}</div>"))


def test_headings_without_links_are_cards_where_a_box_says_so() -> None:
    pattern = "<div class=n><h3>TITLE</h3><p>SUM</p></div>"
    assert runs(f"<div>{STORY}</div><div class=related>{cards(pattern)}</div>")[0].confidence >= MIN_CONFIDENCE


FILES = (
    "关于补缴登记办理流程的通知 2019-02-11",
    "断缴人员参保管理办法 2021-07-30",
    "医保补缴经办规程（试行） 2022-11-05",
    "关于调整补缴基数的公告 2024-03-06",
)
LINKED = "<ul>" + "".join(f"<li><a href=x>{name}</a></li>" for name in FILES) + "</ul>"
OTHERS = "<ul>" + cards("<li><a href=x>TITLE</a> <i>2024-03-06</i></li>") + "</ul>"
BEHIND = "<p>失效的文件已经去掉，有更新会补在这里。</p>"


def contents(markup: str, title: str = "") -> tuple[tuple[int, int], ...]:
    page = read_html(f"<html><body><div class=d>{markup}</div></body></html>")
    return find_cards(build_tree(page.text, page.blocks), title).contents


@pytest.mark.parametrize(
    ("markup", "title", "expected"),
    [
        (f"<p>常用的文件列在这里。</p>{LINKED}{BEHIND}", "", ((1, 4),)),  # led into, text behind, documents
        (f"<p>常用的文件列在这里。</p>{LINKED}", "断缴补缴文件汇总", ((1, 4),)),
        (f"<h2>国家</h2>{LINKED}<h2>地方</h2>{LINKED}", "断缴补缴文件汇总", ((1, 9),)),  # the heading between them too
        (f"{STORY}<p>文件列在这里。</p><div class=related>{LINKED}</div>", "", ()),  # a place speaks against it
        (f"{STORY}<p>相关推荐</p>{LINKED}{BEHIND}", "断缴补缴文件汇总", ()),  # a line announces it
        (f"{STORY * 2}{OTHERS}{BEHIND}", "断缴以后怎么补", ()),  # other subjects, one date
        (f"{STORY * 2}{OTHERS.replace('<i>2024-03-06</i>', '')}{BEHIND}", "断缴以后怎么补", ()),  # other subjects
    ],
)
def test_a_list_of_links_may_be_what_the_page_is_about(
    markup: str, title: str, expected: tuple[tuple[int, int], ...]
) -> None:
    assert contents(markup, title) == expected


def test_paragraphs_that_begin_with_a_link_are_no_cards() -> None:
    paragraphs = "".join(
        f"<p><a href=x>{title}</a> {summary}，详见说明。</p>" for title, summary in zip(TITLES, SUMMARIES, strict=True)
    )
    assert runs(f"<div>{paragraphs}</div>") == ()
