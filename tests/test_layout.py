"""Which box of a page holds the article, what stands outside, what inside it is noise; sample pages of our own."""

from __future__ import annotations

import pytest

from ingest.html.layout import find_layout
from ingest.page import Page, page_from_bytes

TITLE = "职工医保断缴以后怎么补"
STORY = (
    "断缴三个月以内补缴的，待遇可以追溯，断缴期间的费用到窗口报销。",
    "超过三个月的，按规定重新计算等待期，等待期内发生的费用，统筹基金不予支付。",
    "单位漏缴的，由单位向经办机构申报补缴，滞纳金由单位承担，职工不需要自己出钱。",
    "灵活就业人员可以在当年内补缴，也可以改为参加居民医保，两者不能同时享受待遇。",
)
MENU = "<div class=a1><a href=/>首页</a><a href=/n>资讯</a><a href=/q>问答</a></div>"
FOOT = "<div class=a9><p>本站内容来自网络，版权归原作者所有，使用时请注明出处，如有不妥请来信告知。</p><a href=/c>联系</a></div>"
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in STORY)
CARD = "<li><h3><a href=x>{}</a></h3><p>种花要选向阳的地方，浇水见干见湿，冬天少浇，夏天早晚各浇一次，平时注意通风和</p></li>"
CARDS = "".join(map(CARD.format, ("阳台种什么花比较好养活", "旧手机怎样处理才划算", "雨天开车要注意哪些事")))


def page_of(body: str, title: str = TITLE) -> Page:
    markup = f"<html><head><title>{title}_某某网</title></head><body>{body}</body></html>"
    return page_from_bytes(markup.encode(), path="page.html")


def kept(page: Page) -> list[str]:
    layout = find_layout(page)
    pairs = enumerate(page.blocks)
    return [page.text[block.start : block.end] for index, block in pairs if index not in layout.rulings]


def rules(page: Page) -> dict[str, str]:
    rulings = find_layout(page).rulings
    return {page.text[page.blocks[i].start : page.blocks[i].end][:12]: ruling.rule for i, ruling in rulings.items()}


@pytest.mark.parametrize(
    "body",
    [
        f"{MENU}<div class=m><h1>{TITLE}</h1><div class=t>{PARAGRAPHS}</div></div><ul>{CARDS}</ul>{FOOT}",
        f"{MENU}<div class=t><h1>{TITLE}</h1>{'<br>'.join(STORY)}</div><div class=k><ul>{CARDS * 4}</ul></div>{FOOT}",
        f"{MENU}<ul>{CARDS}</ul><h1>{TITLE}</h1><div class=t>{PARAGRAPHS}</div>{FOOT}",
        f"<table><tr><td>{MENU}</td></tr><tr><td><table><tr><td><h1>{TITLE}</h1>{'<br>'.join(STORY)}</td></tr></table>"
        f"</td><td><ul>{CARDS}</ul></td></tr><tr><td>{FOOT}</td></tr></table>",
        f"{MENU}<article><h1>{TITLE}</h1>{PARAGRAPHS}</article><aside><ul>{CARDS}</ul></aside>{FOOT}",
        f"{MENU}<h1>{TITLE}</h1><div class=t>{''.join(f'<section><p>{line}</p></section>' for line in STORY)}</div>{FOOT}",
    ],
)
def test_the_article_is_what_is_kept(body: str) -> None:
    assert kept(page_of(body)) == [TITLE, *STORY]


def test_title_and_byline_above_the_box_are_kept() -> None:
    head = (
        f"<div class=h><h1>{TITLE}</h1><div class=i>来源：某某网 2024年3月5日</div><div class=z>大字 小字</div></div>"
    )
    page = page_of(f"{MENU}{head}<div class=t>{PARAGRAPHS}</div>{FOOT}")
    assert kept(page) == [TITLE, "来源：某某网 2024年3月5日", *STORY]


def test_what_stands_outside_is_one_removal_a_stretch_with_its_evidence() -> None:
    page = page_of(f"{MENU}<h1>{TITLE}</h1><div class=text>{PARAGRAPHS}</div>{FOOT}")
    rulings = find_layout(page).rulings
    assert sorted({(ruling.rule, ruling.group) for ruling in rulings.values()}) == [
        ("outside_article", 0),
        ("outside_article", 6),
    ]
    assert rulings[0].evidence.startswith("outside the box div.text, which holds ")
    assert rulings[0].evidence.endswith("of the prose that counts; here 100% of the characters are links")


def test_a_place_outside_that_says_what_it_is_goes_by_its_own_rule() -> None:
    page = page_of(
        f"<nav><a href=/>首页</a><a href=/n>资讯</a></nav><h1>{TITLE}</h1><div class=t>{PARAGRAPHS}</div>{FOOT}"
    )
    rulings = find_layout(page).rulings
    assert (rulings[0].rule, rulings[0].evidence) == ("navigation", "stands in the navigation: nav")
    assert rulings[max(rulings)].rule == "outside_article"


@pytest.mark.parametrize(
    ("noise", "rule"),
    [
        ("<div class=share-bar><span>分享给好友</span><span>收藏本页</span></div>", "share"),
        ("<div class=pinglun><p>写得很好，谢谢分享。</p><p>学习了，正好用得上。</p></div>", "comments"),
        ("<div><a href=x>医保</a><br><a href=x>社保</a><br><a href=x>补缴</a></div>", "link_list"),
        ("</div><div><div>手机版</div><div>客户端</div>", "outside_article"),
        ("<p><a href=x>点击查看更多精彩内容</a></p>", "link_line"),
    ],
)
def test_noise_inside_the_box_goes(noise: str, rule: str) -> None:
    page = page_of(f"<div class=t><h1>{TITLE}</h1>{PARAGRAPHS}{noise}</div>{FOOT}")
    assert kept(page) == [TITLE, *STORY]
    assert rule in rules(page).values()


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("<ul><li>身份证</li><li>社保卡</li></ul>", ["身份证", "社保卡"]),
        (
            "<table><tr><td>一档</td><td>五成</td></tr><tr><td>二档</td><td>七成</td></tr></table>",
            ["一档\t五成", "二档\t七成"],
        ),
        (
            "<div><table><tr><td>一档</td><td>五成</td></tr><tr><td>二档</td><td>七成</td></tr></table></div>",
            ["一档\t五成", "二档\t七成"],
        ),
        ("<pre>第一步  登录\n第二步  填写</pre>", ["第一步  登录", "第二步  填写"]),
        ("<dl><dt>滞纳金</dt><dd>迟缴的费用，按日计算。</dd></dl>", ["滞纳金", "迟缴的费用，按日计算。"]),
        (
            "<p>可以查阅：</p><ul><li><a href=x>补缴办法</a><li><a href=x>参保办法</a></ul>",
            ["可以查阅：", "补缴办法", "参保办法"],
        ),
    ],
)
def test_content_that_is_no_prose_stays(content: str, lines: list[str]) -> None:
    page = page_of(f"{MENU}<div class=m><h1>{TITLE}</h1><div class=t>{PARAGRAPHS}{content}</div></div>{FOOT}")
    assert kept(page) == [TITLE, *STORY, *lines]


@pytest.mark.parametrize("name", ["header", "side", "tools", "related", "share", "comment-list"])
def test_a_misleading_name_costs_nothing(name: str) -> None:
    page = page_of(f"{MENU}<h1>{TITLE}</h1><div class={name}>{PARAGRAPHS}</div>{FOOT}")
    assert set(STORY) <= set(kept(page))


def test_an_article_in_two_boxes_is_kept_whole() -> None:
    first, second = ("".join(f"<p>{line}</p>" for line in part) for part in (STORY[:2], STORY[2:]))
    page = page_of(
        f"{MENU}<h1>{TITLE}</h1><div class=p1>{first}</div><i>广告</i><div class=p2>{second}</div><ul>{CARDS}</ul>"
    )
    assert [line for line in kept(page) if line in STORY] == list(STORY)
    assert not any("种什么花" in line for line in kept(page))


def test_all_posts_of_a_thread_are_kept() -> None:
    posts = "".join(f"<div class=post><div class=user>甲</div><div class=text>{line}</div></div>" for line in STORY)
    page = page_of(f"{MENU}<h1>{TITLE}</h1><div class=list>{posts}</div>{FOOT}")
    assert set(STORY) <= set(kept(page))


def test_a_second_article_on_the_page_goes() -> None:
    other = "<div class=d><h1 class=h>腌制咸菜要注意什么</h1><div class=n>{}</div></div>".format(
        "<p>腌制之前要把菜洗净晾干，容器不能有油，盐要放足，腌好以后放在阴凉的地方，过二十天再吃。</p>" * 6
    )
    page = page_of(
        f"<div class=d><h1 class=h>{TITLE}</h1><div class=t>{PARAGRAPHS}</div></div><div class=next>{other}</div>"
    )
    assert kept(page) == [TITLE, *STORY]


def test_certainty_falls_with_little_prose_and_with_prose_outside() -> None:
    clear = find_layout(page_of(f"{MENU}<div class=m><h1>{TITLE}</h1>{PARAGRAPHS * 2}</div>{FOOT}"))
    short = find_layout(page_of(f"{MENU}<div class=m><h1>{TITLE}</h1><p>{STORY[0]}</p></div>"))
    assert clear.certainty > 0.7
    assert short.certainty < 0.6 < clear.certainty
    assert short.doubts == ("the box of the article holds 33 characters of prose",)
    alone = f"{MENU}<h1>{TITLE}</h1><div class=t>{PARAGRAPHS}</div>"
    beside = find_layout(page_of(f"{alone}<div class=u><p>{STORY[0]}</p></div>"))
    assert beside.certainty < find_layout(page_of(alone)).certainty
    assert beside.doubts[0].endswith("stands outside or was taken for noise")


def test_blocks_that_are_ruled_on_already_are_left_alone() -> None:
    page = page_of(f"{MENU}<div class=m><h1>{TITLE}</h1>{PARAGRAPHS}</div>{FOOT}")
    assert 0 in find_layout(page).rulings
    assert 0 not in find_layout(page, {0}).rulings


def test_a_dump_and_a_page_without_prose_have_no_layout() -> None:
    dump = page_from_bytes("\n".join(STORY).encode(), path="dump.txt")
    assert find_layout(dump).rulings == {}
    bare = find_layout(page_of("<div><b>12</b></div><div><i>34</i></div>"))
    assert (bare.rulings, bare.certainty, bare.doubts) == ({}, 0.4, ("no block of the page reads like prose",))


def test_a_list_of_links_under_a_heading_of_the_article_stays() -> None:
    links = "<ul><li><a href=a>服务平台</a></li><li><a href=b>预约窗口</a></li></ul>"
    page = page_of(f"<div class=m><h1>{TITLE}</h1><h2>怎么补</h2>{PARAGRAPHS}<h2>在哪里办</h2>{links}</div>{FOOT}")
    assert kept(page)[-2:] == ["服务平台", "预约窗口"]
    other = page_of(f"<div class=m><h1>{TITLE}</h1><h2>怎么补</h2>{PARAGRAPHS}<h4>大家在看</h4>{links}</div>{FOOT}")
    assert "服务平台" not in kept(other)


def test_links_that_are_sentences_stay() -> None:
    links = "".join(f"<li><a href=x>{line}</a></li>" for line in STORY[:2])  # too few for cards
    page = page_of(f"{MENU}<div class=m><h1>{TITLE}</h1>{PARAGRAPHS}<ul>{links}</ul></div>{FOOT}")
    assert kept(page)[-2:] == list(STORY[:2])
