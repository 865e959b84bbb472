import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.html.dom import UnreadableHtml, read_html
from ingest.html.markup import MAX_DEPTH
from ingest.lines import WHITE


def texts(markup: str) -> list[str]:
    page = read_html(markup)
    return [page.text[block.start : block.end] for block in page.blocks]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>甲<p>乙", ["甲", "乙"]),
        ("甲<br>乙<br/>丙", ["甲", "乙", "丙"]),
        ("<div>甲<div>乙</div>丙</div>", ["甲", "乙", "丙"]),
        ("<p>满 <b>2</b> 年</p>", ["满 2 年"]),
        ("<p> 甲 \n\t 乙&nbsp;&nbsp; 丙 </p>", ["甲 乙 丙"]),
        ("<p>\u3000\u3000第一条\u3000内容\u200b</p><p>\u200b</p>", ["第一条\u3000内容"]),
        ("<pre>\n  一\n    二\t 三</pre>", ["一\n    二\t 三"]),
        ("<pre>第一条\n\n  第二条\n第三条</pre>", ["第一条", "第二条", "第三条"]),
        ("<pre>if x:\n    y  # 乙\n</pre>", ["if x:\n    y  # 乙"]),
        ("<pre>档次   补贴\n一档   30元</pre>", ["档次   补贴\n一档   30元"]),
        ("甲<hr>乙<img alt=图>丙", ["甲", "乙丙"]),
        ("<h1>题</h1><ul><li>一<li>二</ul>", ["题", "一", "二"]),
        ("<p>1 &lt; 2 &amp; 3&#x3002;</p>", ["1 < 2 & 3。"]),
        ("<p>1&#xFFFE;2&#x0ffff;3&#65534;4&#065535</p>", ["1\ufffd2\ufffd3\ufffd4\ufffd"]),
        ("<p>&amp;#xFFFE;&#655340;&#xFFFE0;&#xFFFD;</p>", ["&#xFFFE;\U0009ffec\U000fffe0\ufffd"]),
    ],
)
def test_what_breaks_a_block_and_what_does_not(markup: str, expected: list[str]) -> None:
    assert texts(markup) == expected
    assert read_html(markup).text == "\n".join(expected)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<span>健康新闻</span><span>2025-04-13</span>", "健康新闻 2025-04-13"),
        ("<a href=a>首页</a><a href=b>新闻</a>", "首页 新闻"),
        ("<a href=a>首页</a><img><a href=b><b>新闻</b></a>", "首页 新闻"),
        ("<b>注意</b><a href=a>办法</a>", "注意 办法"),
        ("<span>甲</span>、<span>乙</span>", "甲、乙"),
        ("<span>甲</span>乙", "甲乙"),
        ("<em>Chat</em><em>GPT</em>", "ChatGPT"),
        ("<b>医</b><b>保</b>", "医保"),
        ("<span style='color:red'>职工</span><span lang=EN-US>2</span>", "职工2"),
        ("文字<a name=x></a><span>乙</span>", "文字乙"),
        ("文字<span><img></span><span>乙</span>", "文字乙"),
        ("<pre><span class=k>if</span><span class=p>(</span></pre>", "if("),
    ],
)
def test_neighbours_are_parted_but_words_are_not(markup: str, expected: str) -> None:
    assert read_html(markup).text == expected


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>密</script>",
        "<style>密</style>",
        "<noscript>密</noscript>",
        "<template><p>密</p></template>",
        "<svg><text>密</text></svg>",
        "<math><mi>密</mi></math>",
        "<iframe>密</iframe>",
        "<object>密</object>",
        "<!-- 密 -->",
        "<div hidden>密<p>密</p></div>",
        "<title>密</title>",
        "<img alt=密 title=密>",
    ],
)
def test_what_no_browser_shows_is_left_out(hidden: str) -> None:
    page = read_html(f"<p>甲</p>{hidden}<p>乙</p>")
    assert (page.text, page.warnings) == ("甲\n乙", ())


def test_styles_are_not_read() -> None:
    assert texts("<div style='display:none;visibility:hidden'>正文</div>") == ["正文"]


def test_text_in_a_broken_head_is_kept() -> None:
    assert texts("<html><head><title>题</title><x-a>甲</x-a><p>乙</p></head></html>") == ["甲", "乙"]


def test_kinds_paths_indent() -> None:
    page = read_html(
        '<div class="main a>b" id="content" role="main"><h2>题</h2><ul class=list><li>一<ol><li><div>二</div></ol></ul>'
        "<section>三</section><dl><dt>四<dd>五</dl><a href=x><div>六</div></a></div>"
    )
    main = "html>body>div.main.a_b#content[role=main]"
    assert [(b.kind, b.path, b.indent) for b in page.blocks] == [
        ("h2", f"{main}>h2", 0),
        ("li", f"{main}>ul.list>li", 1),
        ("li", f"{main}>ul.list>li>ol>li>div", 2),
        ("text", f"{main}>section", 0),
        ("dt", f"{main}>dl>dt", 1),
        ("dd", f"{main}>dl>dd", 1),
        ("text", f"{main}>a>div", 0),
    ]


def test_a_path_keeps_its_last_twelve_steps() -> None:
    page = read_html("<main>" + "<div>" * 14 + "<p class=x>深")
    assert page.blocks[0].path == ">".join(["div"] * 11 + ["p.x"])


@pytest.mark.parametrize(
    ("markup", "share"),
    [
        ("<p>全文 没有</p>", 0.0),
        ("<p>详见<a href=x>办法</a></p>", 0.5),
        ("<p><a href=a>首页</a> <a href=b>新闻</a></p>", 1.0),
        ("<a href=a><p>标题</p></a>", 1.0),
        ("<p><a name=top>标题</a></p>", 0.0),
    ],
)
def test_link_share_counts_characters_in_links(markup: str, share: float) -> None:
    assert [block.link_share for block in read_html(markup).blocks] == [share]


def test_a_data_table_is_one_block_a_row() -> None:
    page = read_html(
        "<table><caption>比例</caption><tr><th>项目<th>比例<tr><td><p>门诊</p><p>统筹</p><td>50%<br>以上"
        "<tr><td><td>住院</table>"
    )
    assert page.text == "比例\n项目\t比例\n门诊 统筹\t50% 以上\n住院"
    assert [b.kind for b in page.blocks] == ["text", "tr", "tr", "tr"]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<table><tr><td>左<td><table><tr><td>甲<td>乙</table></table>", ["左", "甲\t乙"]),
        ("<table><tr><td>独<p>段</table>", ["独", "段"]),
        ("<table role=presentation><tr><td>左<td>右</table>", ["左", "右"]),
        ("<table><tr><td>左<td><h3>题</h3>右</table>", ["左", "题", "右"]),
        (f"<table><tr><td>左<td><p>{'长' * 200}<p>{'文' * 101}</table>", ["左", "长" * 200, "文" * 101]),
        (f"<table><tr><td>左<td><p>{'长' * 200}<p>{'文' * 100}</table>", ["左\t" + "长" * 200 + " " + "文" * 100]),
        (f"<table><tr><td>左<td>{'长' * 400}</table>", ["左\t" + "长" * 400]),
    ],
)
def test_a_layout_table_is_walked_into(markup: str, expected: list[str]) -> None:
    assert texts(markup) == expected


@pytest.mark.parametrize(
    ("markup", "warning"),
    [
        (
            "<p>甲</p><!-- 没完 <p>乙</p>",
            "a comment is never closed: the 16 characters after it were taken for its content",
        ),
        (
            "<p>甲<script>x='<p>乙</p>'",
            "a <script> is never closed: the 20 characters after it were taken for its content",
        ),
        ("<p>甲<object><p>乙", "an invisible <object> is never closed: the page after it was taken for its content"),
        ("<p>甲<div hidden><p>乙", "an invisible <div> is never closed: the page after it was taken for its content"),
        (
            "<script>x</script><p>甲</p><div cla",
            "the end of the page was not reached: the file may be cut off inside a tag",
        ),
    ],
)
def test_a_page_whose_end_is_not_reached_says_so(markup: str, warning: str) -> None:
    page = read_html(markup)
    assert page.text == "甲"
    assert [found.startswith(warning) for found in page.warnings] == [True], page.warnings


@pytest.mark.parametrize("markup", ["", " ", "<!-- x -->", "<html></html>", "<frameset><frame src=a></frameset>"])
def test_nothing_visible_is_no_blocks(markup: str) -> None:
    page = read_html(markup)
    assert (page.text, page.blocks, page.warnings) == ("", (), ())


STORY = "职工医保断缴三个月以内补缴的，待遇不中断，补缴期间发生的费用可以到窗口手工报销。" * 3


@pytest.mark.parametrize(
    ("markup", "source"),
    [
        (f"<div id=app>加载中</div><template><p>{STORY}</p></template>", "template or noscript"),
        (f"<p>请打开脚本</p><noscript><div>{STORY}</div></noscript>", "template or noscript"),
        (
            '<script type=application/ld+json>{"@graph": [{"articleBody": "STORY"}]}</script>'.replace("STORY", STORY),
            "JSON-LD",
        ),
        (
            '<script type=application/ld+json>{"articleBody": "<p>STORY</p>"}</script>'.replace("STORY", STORY),
            "JSON-LD",
        ),
    ],
)
def test_a_page_that_shows_nothing_gives_what_it_keeps_out_of_sight(markup: str, source: str) -> None:
    page = read_html(markup)
    assert page.text.splitlines()[-1] == STORY
    assert len(page.warnings) == 1
    assert source in page.warnings[0]


def test_a_page_that_shows_its_text_keeps_the_rest_out_of_sight() -> None:
    linked = '<script type=application/ld+json>{"articleBody": "STORY"}</script>'.replace("STORY", STORY * 2)
    page = read_html(f"{linked}<p>{STORY}</p><template><p>{STORY}</p></template>")
    assert (page.text, page.warnings) == (STORY, ())


def test_a_table_of_cards_is_layout_and_a_table_with_links_is_data() -> None:
    card = "<tr><td><img src=x><td><a href=x>补缴要多少钱</a><br>补缴的费用由单位和个人各自承担，滞纳金由单位承担</tr>"
    assert len(texts(f"<table>{card * 3}</table>")) == 6
    row = "<tr><td><a href=x>补缴办法</a><td>2024年施行</tr>"
    assert texts(f"<table>{row * 3}</table>") == ["补缴办法\t2024年施行"] * 3


@pytest.mark.parametrize(
    ("markup", "shared"),
    [
        ("<p>甲<p>乙", [(3, 0), (3, 2)]),
        ("<div>甲<p>乙</p>丙</div>丁", [(3, 0), (4, 3), (3, 3), (2, 2)]),
        ("<ul><li>一<li>二</ul><ul><li>三</ul>", [(4, 0), (4, 3), (4, 2)]),
    ],
)
def test_blocks_say_which_elements_they_share_with_the_block_before(markup: str, shared: list[tuple[int, int]]) -> None:
    assert [(block.depth, block.shared) for block in read_html(markup).blocks] == shared


HOSTILE = {
    "nested elements with text": ('"<div>字。" * 20000', "20000 blocks"),
    "nested tables": ('"<table><tr><td>" * 1500 + "深"', "1 blocks"),
    "one text of 18 MB": ('"<p>" + "医保政策，" * 1200000', "characters of text, expected at most"),
    "one text of 2 MB": ('"<p>" + "医保政策，" * 130000', "1 blocks"),
    "lone brackets": ('"<" * 900000', "1 blocks"),
    "siblings": ('"<p>字</p>" * 35000', "35000 blocks"),
    "more siblings": ('"<p>字</p>" * 400000', "more than"),
    "elements never closed": ('"<p><b><i><font>字。" * 20000', "nested more than"),
    "a comment never closed": ('"<!--" + "x" * 9000000', "a comment is never closed"),
    "a row without end": ('"<table><tr>" + "<td>a" * 35000', "1 blocks"),
    "too big": ('"<p>字</p>" * 3000000', "expected at most"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read_or_refused_in_bounded_memory(name: str) -> None:
    expression, outcome = HOSTILE[name]
    code = f"""
import resource, sys, tempfile
from pathlib import Path
from ingest.html.layout import find_layout
from ingest.page import BadPage, read_page
file = Path(tempfile.mkdtemp()) / "page.html"
data = ("<html><body>" + {expression}).encode()
file.write_bytes(data)
size = len(data)
del data
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    page = read_page(file, path="page.html")
    find_layout(page)
    outcome = f"{{len(page.blocks)}} blocks"
except BadPage as error:
    outcome = error.reason
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
print(outcome, grown <= 2 * size + 300_000_000, sep="\\n")
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said, within = found.stdout.rsplit("\n", 2)[:2]
    assert outcome in said
    assert within == "True"


def test_twenty_thousand_nested_elements_lose_nothing() -> None:
    page = read_html("<div>" * 20_000 + "深" + "</div>" * 20_000 + "<p>后文")
    assert (page.text, page.warnings) == ("深\n后文", ())


def test_eighteen_million_characters_in_one_node_lose_nothing() -> None:
    page = read_html("<p>" + "医保政策" * 4_500_000 + "</p><p>后文")
    assert (len(page.text), page.text[-6:]) == (18_000_003, "保政策\n后文"[-6:])


def test_nested_tables_are_read() -> None:
    assert read_html("<table><tr><td>" * 8_000 + "深").text == "深"


def test_too_deep_and_too_many_are_refused() -> None:
    with pytest.raises(UnreadableHtml, match="elements nested more than 30000 deep, expected a page made for reading"):
        read_html("<div>" * (MAX_DEPTH + 1))


def test_too_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.html.markup.MAX_ELEMENTS", 1_000)
    assert read_html("<p>甲</p>" * 900).text.count("甲") == 900
    with pytest.raises(UnreadableHtml, match="more than 1000 elements"):
        read_html("<p>甲</p>" * 1_001)


@pytest.mark.parametrize(
    ("head", "field", "expected"),
    [
        ("<title>题 \n 名</title>", "title", "题 名"),
        ("<title>题</title><meta property=og:title content=名>", "title", "名"),
        ("<title>题</title><meta name=ArticleTitle content=名>", "title", "名"),
        ("<p>无", "title", None),
        (
            "<link rel=canonical href=https://a.cn/1><meta property=og:url content=https://a.cn/2>",
            "url",
            "https://a.cn/1",
        ),
        ("<link rel=canonical href=/1><meta property=og:url content=https://a.cn/2>", "url", "https://a.cn/2"),
        ("<link rel=canonical href=/1>", "url", None),
        ("<meta property=og:site_name content=医保局>", "site", "医保局"),
        ("<meta name=SiteName content=医保局>", "site", "医保局"),
        ("<meta name=author content=张三>", "publisher", "张三"),
        ("<meta name=author content=张三><meta name=ContentSource content=新华社>", "publisher", "新华社"),
        ("<meta property=article:publisher content=https://facebook.com/x>", "publisher", None),
        ("<meta property=article:published_time content=2023-12-01T10:00:00+08:00>", "published", "2023-12-01"),
        ("<meta name=PubDate content='2023-12-1 10:00'>", "published", "2023-12-01"),
        ("<meta name=PubDate content='2023年12月1日'>", "published", "2023-12-01"),
        ("<meta name=PubDate content=20231201100000>", "published", "2023-12-01"),
        ("<meta name=PubDate content=1701398400>", "published", None),
        ("<meta name=PubDate content=2023-13-01>", "published", None),
        ("<time datetime=2023-12-01>", "published", "2023-12-01"),
        ("<time datetime=2023-12-01></time><time datetime=2023-12-02></time>", "published", None),
        ("<time datetime=2023-12-01></time><time pubdate datetime=2023-12-02></time>", "published", "2023-12-02"),
        ("<p>2023-12-01</p>", "published", None),
    ],
)
def test_what_the_page_says_of_itself(head: str, field: str, expected: str | None) -> None:
    assert getattr(read_html(head + "<p>文"), field) == expected


def test_linked_data_gives_date_and_publisher() -> None:
    ld = "<script type=application/ld+json>%s</script>"
    graph = (
        '{"@graph": [{"@type": "WebPage", "datePublished": "2020-01-01"}, {"@type": "NewsArticle", "datePublished": '
    )
    page = read_html(ld % (graph + '"2023-12-01T00:00", "publisher": {"name": "新华社"}}]}'))
    assert (page.published, page.publisher) == ("2023-12-01", "新华社")
    page = read_html(ld % "{broken" + ld % ("[" * 100_000) + ld % '[1, {"datePublished": "2023-12-02"}]')
    assert (page.published, page.publisher) == ("2023-12-02", None)


INLINE = [
    "甲",
    "乙",
    "。",
    "\u3000",
    "\u200b",
    "&nbsp;",
    " ",
    "\n",
    "<",
    "&",
    "&lt;",
    "<b>",
    "</b>",
    "<a href=x>",
    "</a>",
]
BLOCK = [
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<br>",
    "<ul>",
    "<li>",
    "</ul>",
    "<h2>",
    "</h2>",
    "<pre>",
    "</pre>",
    "<span>",
]
OTHER = ["<table>", "<tr>", "<td>", "</table>", "<!--", "-->", "<script>", "</script>", "<object>", "</object>", "<div"]
PIECES = st.sampled_from([*INLINE, *BLOCK, *OTHER])


@given(st.lists(PIECES, max_size=40).map("".join))
def test_blocks_are_in_order_apart_and_hold_all_that_shows(markup: str) -> None:
    page = read_html(markup)
    assert read_html(markup) == page
    end = -1
    for block in page.blocks:
        assert block.start == end + 1  # one line break between two blocks
        piece = page.text[block.start : block.end]
        assert piece == piece.strip(WHITE) != ""
        assert 0 <= block.link_share <= 1
        end = block.end
    assert end == (len(page.text) if page.blocks else -1)


@given(st.lists(st.text(st.sampled_from("甲乙丙丁1a"), min_size=1, max_size=5), max_size=12), st.data())
def test_no_visible_character_is_lost(words: list[str], data: st.DataObject) -> None:
    wrap = st.sampled_from(
        ["<p>%s</p>", "<b>%s</b>", "<div><span>%s</span></div>", "%s<br>", "<a href=x>%s</a>", "<li>%s"]
    )
    markup = "".join(data.draw(wrap) % word for word in words)
    assert "".join(read_html(markup).text.split()) == "".join(words)


SENTENCE = "断缴三个月以内补缴的，待遇可以追溯，断缴期间的费用到窗口报销。"
ITEMS = [
    f"<a href={n}>第{n}个可以看看的题目</a><span>说的是别的事情，写到一半就断{n * '了'}</span>" for n in range(1, 5)
]


@pytest.mark.parametrize("outer", ["<div>{}</div>", "<span class=page>{}</span>", "<div><h2>头</h2>{}</div>"])
def test_inline_elements_that_stand_for_blocks_make_blocks(outer: str) -> None:
    spans = f"<span class=t>断缴以后怎么补</span><span class=p>{SENTENCE}</span><span class=p>{SENTENCE}</span>"
    items = "".join(f"<span class=i>{item}</span>" for item in ITEMS)
    found = texts(outer.format(f"{spans}<span class=r>{items}</span>"))
    assert found[-7:-4] == ["断缴以后怎么补", SENTENCE, SENTENCE]
    assert [line.split()[0] for line in found[-4:]] == [f"第{n}个可以看看的题目" for n in range(1, 5)]


@pytest.mark.parametrize(
    "paragraph",
    [
        f"<div>{SENTENCE}<span class=a>{SENTENCE}</span><a href=x>{SENTENCE}</a><span class=a>{SENTENCE}</span></div>",
        f"<p><span class=a>{SENTENCE}</span><span class=b>{SENTENCE}</span><span class=c>{SENTENCE * 3}</span></p>",
        "<div>" + "<span class=a>断缴以后补缴的，</span><span class=b>按规定办理，</span>" * 9 + "</div>",
        f"<div>{ITEMS[0]}<span>{SENTENCE * 4}</span><span>健康 2024-03-06</span></div>",
    ],
)
def test_inline_elements_of_one_paragraph_stay_together(paragraph: str) -> None:
    assert len(texts(paragraph)) == 1


def test_an_element_shown_as_a_block_is_one() -> None:
    shown = "<span style='display:block'>甲</span><span style='display: inline'>乙</span><b style='DISPLAY:flex'>丙</b>"
    assert texts(shown) == ["甲", "乙", "丙"]


@pytest.mark.parametrize(
    ("markup", "lead"),
    [
        ("<p><a href=x>补缴办法</a> 说明</p>", 4),
        ("<p>见<a href=x>补缴办法</a></p>", 0),
        ("<p><a href=x>补缴<b>办法</b></a></p>", 4),
        ("<p><a name=x>补缴办法</a> 说明</p>", 0),
        ("<p><a href=x>甲乙</a><a href=y>丙丁</a></p>", 2),
    ],
)
def test_a_block_knows_how_long_the_link_is_that_it_begins_with(markup: str, lead: int) -> None:
    assert [block.lead for block in read_html(markup).blocks] == [lead]
