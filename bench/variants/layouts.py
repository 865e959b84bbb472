"""HTML layouts: the same articles and snippets in the ways Chinese sites build pages, each with its answer key.

A layout takes a `Parts` and returns the page. Bodies are rendered in bodies.py; the
rest of a page (navigation, share bars, footers) is noted as noise, which belongs to neither body nor recommendations.
"""

# ruff: noqa: E501 - markup reads better unbroken
from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html import escape

from bodies import body_lines, body_sections, body_tags
from dumps import Made
from material import Article, Material, Snippet, labelled
from metas import CATEGORIES, COMMON, CRUMBS, INVENTED, TIPS, any_day, byline, meta

NAV = ("首页", "医保", "养老", "就业", "工伤", "生育", "问答", "地方", "健康", "生活", "视频", "登录", "注册")


@dataclass(slots=True)
class Parts:
    """What a layout puts on the page."""

    rng: random.Random
    article: Article
    snippets: list[Snippet]
    metas: list[str]
    marker: str
    noise: list[str] = field(default_factory=list)

    def also(self, text: str) -> str:
        """`text` escaped, and noted as noise."""
        self.noise.append(text)
        return escape(text)


def make(material: Material, layout: str, number: int, rng: random.Random) -> Made:
    """The page `number` of a layout."""
    article = labelled(rng, rng.choice(material.articles), html=True)
    if layout == "content_links":
        article = _listed(material.innocents[("policylist-1", "policylist-2", "chronicle-1")[number % 3]])
    count = {"mobile_feed": rng.randint(30, 45), "side_before": rng.randint(12, 20)}.get(layout, rng.randint(6, 16))
    form = rng.choice(("category iso", "category iso", "category chinese", "relative", "reads", "source", "dotted"))
    day, category = any_day(rng), rng.choice(CATEGORIES)
    shown, metas = [], []
    for snippet in material.recommend(rng, article, count if layout != "no_block" else 0):
        line, printed_category, printed_day = meta(rng, form, day, category)
        shown.append(replace(snippet, category=printed_category, date=printed_day))
        metas.append(line)
    marker = rng.choice(COMMON + COMMON + INVENTED)
    parts = Parts(rng, article, shown, metas, marker)
    markup = LAYOUTS[layout](parts)
    if layout in BARE:
        shown = [replace(s, summary="", category="", date="") for s in shown]
        rec = "\n".join([parts.marker, *(s.title for s in shown)])
    else:
        rec = "\n".join(
            [parts.marker, *(f"{s.title}\n{s.summary}\n{line}" for s, line in zip(shown, metas, strict=True))]
        )
    if layout == "cut_off":
        markup, rec, shown = _cut_off(rng, markup, rec, shown)
    if not shown:
        rec = ""
    data = markup.encode("gb18030" if 'charset="gb2312"' in markup else "utf-8", errors="ignore")
    return Made(data, article.title, "\n".join(article.lines), rec, shown, parts.noise, ".html")


def _cut_off(rng: random.Random, markup: str, rec: str, shown: list[Snippet]) -> tuple[str, str, list[Snippet]]:
    """The page as it was when the connection broke: after at least two items, in mid-block or mid-tag."""
    start = markup.index(escape(shown[2].title)) if len(shown) > 2 else len(markup)
    end = markup.index(escape(shown[-1].title))
    markup = markup[: rng.randint(start, max(start, end))]
    if rng.random() < 0.5:
        markup = markup[: max(markup.rfind("<") + 2, start)]
    kept = [s for s in shown if escape(s.title) in markup[start:] or s in shown[:2]]
    lines = rec.split("\n")
    rec = "\n".join(lines[: 1 + 3 * len(kept)])
    return markup, rec, [s for s in kept if escape(s.summary) in markup]


def _listed(article: Article) -> Article:
    """`article` with all lines but the first and last as list items (content that is a list of links)."""
    first, *middle, last = article.blocks
    return replace(article, blocks=(first, *(replace(block, kind="li") for block in middle), last))


# Items


def _each(parts: Parts, template: str, *, start: int = 0, end: int | None = None) -> str:
    chosen = list(zip(parts.snippets, parts.metas, strict=True))[start:end]
    return "\n".join(
        template.format(t=escape(s.title), s=escape(s.summary), m=escape(line), n=1000 + 7 * n)
        for n, (s, line) in enumerate(chosen)
    )


# The rest of a page


def nav(parts: Parts, wrapper: str = "div class=nav") -> str:
    names = parts.rng.sample(NAV, 7)
    parts.noise.append(" ".join(names))
    links = "".join(f'<a href="/{n}/">{name}</a>' for n, name in enumerate(names))
    return f"<{wrapper}>{links}</{wrapper.split()[0]}>"


def foot(parts: Parts) -> str:
    return "".join(
        f"<p>{parts.also(text)}</p>"
        for text in ("关于我们 | 联系方式 | 网站地图 | 友情链接", "版权所有 © 示例信息网 备案号示例00000000号")
    )


def head(parts: Parts, extra: str = "", charset: str = "utf-8") -> str:
    title = escape(parts.article.title + parts.rng.choice(("_示例网", " - 民生频道", "", " | 问答")))
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="{charset}"><title>{title}</title>{extra}'
        "<script>var _hmt = _hmt || [];</script><style>.a{color:#333}</style></head>\n"
    )


def portal_pinyin(p: Parts) -> str:
    return head(p) + (
        f"<body><div class='toubu'>{nav(p, 'div class=daohang')}</div><div class='mianbao'>{p.also(p.rng.choice(CRUMBS))}</div>"
        f"<div class='zhongjian'><div class='zuoce'><div class='biaoti'>{escape(p.article.title)}</div>"
        f"<div class='laiyuan'>{p.also(byline(p.rng))}</div><div class='neirong'>"
        f"{body_tags(p.article, h1='div class=xiaobiaoti', h2='div class=cibiaoti', p='div')}</div>"
        f"<div class='fenxiang'>{p.also('分享到：微信 微博 QQ空间')}</div>"
        f"<div class='xgtj'><div class='xgtj_bt'>{p.marker}</div>"
        + _each(p, "<div class='tuijian'><a href='/a/{n}.html'>{t}</a><div class='jianjie'>{s}</div><div class='shijian'>{m}</div></div>")
        + f"</div></div></div><div class='dibu'>{foot(p)}</div></body></html>"
    )  # fmt: skip


def semantic(p: Parts) -> str:
    return head(p) + (
        f"<body><header>{nav(p, 'nav')}</header><main><article><header><h1>{escape(p.article.title)}</h1>"
        f"<p class='meta'>{p.also(byline(p.rng))}</p></header>{body_tags(p.article)}</article>"
        f"<aside><h2>{p.marker}</h2>"
        + _each(p, "<article><h3><a href='/p/{n}'>{t}</a></h3><p>{s}</p><footer>{m}</footer></article>")
        + f"</aside></main><footer>{foot(p)}</footer></body></html>"
    )


def wordpress(p: Parts) -> str:
    return head(p) + (
        f"<body class='post-template single'><div id='page' class='site'>{nav(p)}<div id='content' class='site-content'>"
        f"<article class='post hentry'><h1 class='entry-title'>{escape(p.article.title)}</h1>"
        f"<div class='entry-meta'>{p.also(byline(p.rng))}</div><div class='entry-content'>{body_tags(p.article)}</div>"
        f"<div class='post-tags'>{p.also('标签：医保 社保 政策')}</div></article>"
        f"<nav class='post-navigation'>{p.also('上一篇：关于办公时间调整的说明')} {p.also('下一篇：没有了')}</nav>"
        f"<div class='yarpp related-posts'><h3>{p.marker}</h3><ul>"
        + _each(p, "<li class='post-item'><a href='/archives/{n}' rel='bookmark'>{t}</a><div class='excerpt'>{s}</div><span class='date'>{m}</span></li>")
        + f"</ul></div></div><footer class='site-footer'>{foot(p)}</footer></div></body></html>"
    )  # fmt: skip


def government(p: Parts) -> str:
    rows = _each(p, "<tr><td><a href='t{n}.shtml'>{t}</a><br>{s}</td><td nowrap>{m}</td></tr>")
    return head(p, charset="gb2312") + (
        f"<body><table width='980' align='center'><tr><td colspan='2'>{nav(p)}</td></tr><tr><td>{p.also(p.rng.choice(CRUMBS))}</td></tr>"
        f"<tr><td><table width='100%'><tr><td align='center' class='title'>{escape(p.article.title)}</td></tr>"
        f"<tr><td align='center'>{p.also(byline(p.rng))} {p.also('【字体：大 中 小】')}</td></tr>"
        f"<tr><td><div class='TRS_Editor'>{body_tags(p.article, h1='p align=center', h2='p')}</div></td></tr>"
        f"<tr><td align='right'>{p.also('【打印本页】【关闭窗口】')}</td></tr></table></td></tr>"
        f"<tr><td><table width='100%'><tr><td colspan='2'>{p.marker}</td></tr>{rows}</table></td></tr>"
        f"<tr><td>{foot(p)}</td></tr></table></body></html>"
    )


def br_font(p: Parts) -> str:
    items = _each(p, "<a href='{n}.htm'>{t}</a><br><br>{s}<br><br>{m}<br><br>")
    return head(p) + (
        f"<body bgcolor=#ffffff><center><b><font size=5>{escape(p.article.title)}</font></b></center><br>"
        f"<font size=3>{body_lines(p.article, join='<br><br>&nbsp;&nbsp;')}<br><br>{p.also(p.rng.choice(TIPS))}<br>"
        f"{p.marker}<br><br>{items}</font><hr>{foot(p)}</body></html>"
    )


def pre_text(p: Parts) -> str:
    body = body_lines(p.article, join="\n\n    ", bold="")
    items = _each(p, "{t}\n\n{s}\n\n{m}\n")
    return head(p) + (
        f"<body><h1>{escape(p.article.title)}</h1><pre>{body}\n\n{p.also(p.rng.choice(TIPS))}\n{p.marker}\n\n{items}</pre></body></html>"
    )


def one_container(p: Parts) -> str:
    items = _each(p, "<p><a href='/{n}'>{t}</a></p>\n<p>{s}</p>\n<p>{m}</p>")
    return head(p) + (
        f"<body><div><p>{escape(p.article.title)}</p>\n{body_tags(p.article, h1='p', h2='p')}\n"
        f"<p>{p.also(p.rng.choice(TIPS))}</p>\n<p>{p.marker}</p>\n{items}</div></body></html>"
    )


def one_container_plain(p: Parts) -> str:
    items = _each(p, "<p>{t}</p>\n<p>{s}</p>\n<p>{m}</p>")
    return head(p) + (
        f"<body>\n<h1>{escape(p.article.title)}</h1>\n{body_tags(p.article, h1='p', h2='p')}\n<p>{p.marker}</p>\n{items}</body></html>"
    )


def _hash(p: Parts) -> str:
    return "css-" + "".join(p.rng.choice("abcdefghijkmnpqrstuvwxyz0123456789") for _ in range(6))


def hashed(p: Parts) -> str:
    outer, left, line, card, small, title = (_hash(p) for _ in range(6))
    text = body_tags(p.article, h1=f'div class="{title}"', h2=f'div class="{title}"', p=f'div class="{line}"')
    items = _each(
        p,
        f'<div class="{card}"><div class="{left}"><div class="{title}">{{t}}</div><div class="{small}">{{s}}</div>'
        f'<div class="{small}">{{m}}</div></div></div>',
    )
    return head(p) + (
        f'<body><div id="root"><div class="{outer}">{nav(p, "div")}<div class="{left}"><div class="{outer}">{escape(p.article.title)}</div>'
        f'<div class="{left}">{text}</div></div><div class="{outer}"><div class="{small}">{p.marker}</div>{items}</div></div></div></body></html>'
    )


def cards_grid(p: Parts) -> str:
    items = _each(
        p,
        '<div class="col-md-4"><a class="card" href="/n/{n}"><img src="/i/{n}.jpg" alt="{t}"><div class="card-body">'
        '<h5 class="card-title">{t}</h5><p class="card-text">{s}</p><small>{m}</small></div></a></div>',
    )
    return head(p) + (
        f'<body><div class="container">{nav(p, "ul class=navbar")}<div class="row"><div class="col-md-12"><h1>{escape(p.article.title)}</h1>'
        f'<div class="content-text">{body_tags(p.article)}</div></div></div><h4>{p.marker}</h4><div class="row">{items}</div></div>{foot(p)}</body></html>'
    )


def cards_list(p: Parts) -> str:
    items = _each(p, "<li><a href='/d-{n}.html'><b>{t}</b><p>{s}</p><i>{m}</i></a></li>")
    return head(p) + (
        f"<body>{nav(p)}<div class='box'><h1>{escape(p.article.title)}</h1><div class='txt'>{body_tags(p.article)}</div></div>"
        f"<div class='box'><h2>{p.marker}</h2><ul>{items}</ul></div>{foot(p)}</body></html>"
    )


def cards_dl(p: Parts) -> str:
    items = _each(p, "<dt><a href='/v/{n}'>{t}</a></dt><dd>{s}</dd><dd class='c'>{m}</dd>")
    return head(p) + (
        f"<body>{nav(p)}<h1>{escape(p.article.title)}</h1><div class='w1'>{body_tags(p.article, h1='h4', h2='h5')}</div>"
        f"<div class='w2'><strong>{p.marker}</strong><dl>{items}</dl></div>{foot(p)}</body></html>"
    )


def cards_rows(p: Parts) -> str:
    items = _each(p, "<tr><td><a href='{n}.aspx'>{t}</a></td><td>{s}</td><td>{m}</td></tr>")
    return head(p) + (
        f"<body>{nav(p)}<div id='info'><h2>{escape(p.article.title)}</h2>{body_tags(p.article, h1='h3', h2='h4')}</div>"
        f"<table id='more'><caption>{p.marker}</caption>{items}</table>{foot(p)}</body></html>"
    )


def mobile_feed(p: Parts) -> str:
    items = _each(
        p,
        '<section class="feed-item" data-id="{n}" onclick="go({n})"><div class="feed-tit">{t}</div><div class="feed-abs">{s}</div>'
        '<div class="feed-info"><span>{m}</span></div></section>',
    )
    return head(p, '<meta name="viewport" content="width=device-width">') + (
        f'<body><div id="app"><div class="top-bar">{p.also("打开APP 看更多精彩内容")}</div><div class="detail"><h1 class="d-title">{escape(p.article.title)}</h1>'
        f'<div class="d-content">{body_tags(p.article, h1="p class=sub", h2="p class=sub2")}</div></div>'
        f'<div class="expand-btn">{p.also("展开全文")}</div><div class="feed"><div class="feed-head">{p.marker}</div>{items}</div>'
        f'<div class="loading">{p.also("正在加载...")}</div></div></body></html>'
    )


def _halves(article: Article) -> tuple[Article, Article]:
    heads = [i for i, block in enumerate(article.blocks) if block.kind == "h1" and i > 2]
    at = heads[len(heads) // 2]
    return replace(article, blocks=article.blocks[:at]), replace(article, answer="", blocks=article.blocks[at:])


def rec_middle(p: Parts) -> str:
    first, second = _halves(p.article)
    items = _each(p, "<div class='it'><p><a href='/q/{n}'>{t}</a></p><p>{s}</p><p>{m}</p></div>")
    return head(p) + (
        f"<body>{nav(p)}<div class='art'><h1>{escape(p.article.title)}</h1>{body_tags(first)}"
        f"<div class='ins'><p>{p.marker}</p>{items}</div>{body_tags(second)}</div>{foot(p)}</body></html>"
    )


def rec_top(p: Parts) -> str:
    items = _each(p, "<li><h4><a href='/u/{n}'>{t}</a></h4><p>{s}</p><em>{m}</em></li>")
    return head(p) + (
        f"<body>{nav(p)}<div class='hot'><h3>{p.marker}</h3><ul>{items}</ul></div><div class='main'><h1>{escape(p.article.title)}</h1>"
        f"{body_tags(p.article)}</div>{foot(p)}</body></html>"
    )


def side_before(p: Parts) -> str:
    items = _each(p, "<div class='n'><a href='/s/{n}'>{t}</a><span>{s}</span><span>{m}</span></div>")
    return head(p) + (
        f"<body>{nav(p)}<div class='wrap'><div class='col-l'><div class='tt'>{p.marker}</div>{items}</div><div class='col-r'>"
        f"<h1>{escape(p.article.title)}</h1><div class='by'>{p.also(byline(p.rng))}</div>{body_tags(p.article)}</div></div>{foot(p)}</body></html>"
    )


def title_lists(p: Parts) -> str:
    items = _each(p, "<li><a href='/t/{n}'>{t}</a></li>")
    return head(p) + (
        f"<body>{nav(p)}<div class='left'><h1>{escape(p.article.title)}</h1><div class='cont'>{body_tags(p.article)}</div></div>"
        f"<div class='right'><h3>{p.marker}</h3><ul>{items}</ul></div>{foot(p)}</body></html>"
    )


def qa_site(p: Parts) -> str:
    p.marker = p.rng.choice(("其他问题", "相似问题", "大家都在问", "待您回答"))
    items = _each(
        p, "<div class='q-item'><a href='/question/{n}.html'>{t}</a><p class='q-ans'>{s}</p><span>{m}</span></div>"
    )
    return head(p) + (
        f"<body>{nav(p)}<div class='question'><h1>{escape(p.article.title)}</h1><span>{p.also('提问者：匿名网友')}</span></div>"
        f"<div class='best-answer'><div class='hd'>{p.also('最佳答案')}</div><div class='answer-text'>{body_tags(p.article, h1='p', h2='p')}</div>"
        f"<div class='ft'>{p.also('已赞过 已踩过 你对这个回答的评价是？')}</div></div><div class='other-questions'><h2>{p.marker}</h2>{items}</div>"
        f"{foot(p)}</body></html>"
    )  # fmt: skip


def official_account(p: Parts) -> str:
    items = _each(
        p,
        '<section style="border-top: 1px solid #eee;"><p><a href="https://mp.example/s/{n}"><strong>{t}</strong></a></p>'
        '<p style="color:#888">{s}</p><p style="font-size:12px">{m}</p></section>',
    )
    return head(p) + (
        f'<body id="activity-detail"><div id="js_article"><h1 id="activity-name">{escape(p.article.title)}</h1>'
        f'<div id="meta_content"><span>{p.also("示例医保")}</span><em id="publish_time">{p.also("2025-04-18 17:30")}</em></div>'
        f'<div id="js_content" style="visibility: visible;">{body_sections(p.article)}'
        f'<section style="text-align:center"><span>{p.marker}</span></section>{items}</div>'
        f"<div>{p.also('预览时标签不可点 微信扫一扫 关注该公众号')}</div></div></body></html>"
    )


def content_links(p: Parts) -> str:
    items = _each(p, "<div class='rel'><a href='/r/{n}'>{t}</a><p>{s}</p><p>{m}</p></div>")
    return head(p) + (
        f"<body>{nav(p)}<div class='detail'><h1>{escape(p.article.title)}</h1>{body_tags(p.article, linked=True)}</div>"
        f"<div class='relates'><h3>{p.marker}</h3>{items}</div>{foot(p)}</body></html>"
    )


def tables_and_links(p: Parts) -> str:
    items = _each(p, "<div class='rel'><a href='/r/{n}'>{t}</a><p>{s}</p><p>{m}</p></div>")
    return head(p) + (
        f"<body>{nav(p)}<div class='detail'><h1>{escape(p.article.title)}</h1>{body_tags(p.article, linked=True)}</div>"
        f"<div class='more-box'><h3>{p.marker}</h3>{items}</div>{foot(p)}</body></html>"
    )


COMMENTS = (
    "写得清楚，照着做一次就办成了，谢谢。", "我们这里窗口说的和文章不一样，到底听谁的？", "沙发！", "老家的比例低多了，真羡慕。",
    "请问在外地工作的也能办吗", "已收藏，回头给我爸看看", "上个月刚办完，用了二十分钟。", "楼上说得对，先打电话问最稳当",
)  # fmt: skip


def comments(p: Parts) -> str:
    said = "".join(
        f"<li class='comment'><b>{p.also(name)}</b><span>{p.also(when)}</span><p>{p.also(text)}</p><a>{p.also('回复')}</a></li>"
        for name, when, text in zip(
            ("网友8841", "晴天", "老张头", "xiao_mi", "路人甲"), ("3天前", "昨天", "04-02", "2小时前", "刚刚"), p.rng.sample(COMMENTS, 5), strict=True
        )
    )  # fmt: skip
    items = _each(p, "<div class='post'><h4><a href='/x/{n}'>{t}</a></h4><div>{s}</div><div>{m}</div></div>")
    return head(p) + (
        f"<body>{nav(p)}<div class='content'><h1>{escape(p.article.title)}</h1>{body_tags(p.article)}</div>"
        f"<div id='comments' class='comment-list'><h3>{p.also('全部评论（5）')}</h3><ul>{said}</ul><textarea placeholder='说点什么'></textarea></div>"
        f"<div class='hot-posts'><h3>{p.marker}</h3>{items}</div>{foot(p)}</body></html>"
    )


def cut_off(p: Parts) -> str:
    return p.rng.choice((portal_pinyin, cards_list, br_font, hashed, cards_grid))(p)


def spans_only(p: Parts) -> str:
    """An application shell: custom elements and spans, no headings, no paragraphs."""
    lines = [p.article.answer] * bool(p.article.answer) + [block.line for block in p.article.blocks]
    text = "".join(f"<x-line><span>{escape(line)}</span></x-line>\n" for line in lines)
    items = _each(p, "<x-card><x-title>{t}</x-title><x-text>{s}</x-text><x-info>{m}</x-info></x-card>\n")
    return head(p) + (
        f"<body><x-page><x-head><span>{escape(p.article.title)}</span></x-head><x-body>{text}</x-body>"
        f"<x-list><x-name>{p.marker}</x-name>{items}</x-list></x-page></body></html>"
    )


def two_blocks(p: Parts) -> str:
    half = len(p.snippets) // 2
    template = "<div class='piece'><a href='/k/{n}'><span>{t}</span></a><span>{s}</span><span>{m}</span></div>"
    return head(p) + (
        f"<body>{nav(p)}<div class='side'><h3>{p.marker}</h3>{_each(p, template, end=half)}</div><div class='page'><h1>{escape(p.article.title)}</h1>"
        f"{body_tags(p.article)}</div><div class='bottom'>{_each(p, template, start=half)}</div>{foot(p)}</body></html>"
    )


def no_block(p: Parts) -> str:
    return (
        head(p)
        + f"<body>{nav(p)}<div class='main'><h1>{escape(p.article.title)}</h1>{body_tags(p.article)}</div>{foot(p)}</body></html>"
    )


LAYOUTS: dict[str, Callable[[Parts], str]] = {
    layout.__name__: layout
    for layout in (
        portal_pinyin, semantic, wordpress, government, br_font, pre_text, one_container, one_container_plain, hashed,
        cards_grid, cards_list, cards_dl, cards_rows, mobile_feed, rec_middle, rec_top, side_before, title_lists, qa_site,
        official_account, content_links, tables_and_links, comments, cut_off, spans_only, two_blocks,
        no_block,
    )
}  # fmt: skip
BARE = ("title_lists",)
