"""What the faces call a rule of the cleaner, and which kind of noise it removes: one kind has one colour everywhere.

Rules come and go in `ingest`; one that is not named here goes by its own name and counts as a line of the site.
"""

from __future__ import annotations

from typing import Literal

from search_app.words import LANGS, Words

# Recommendations, the site around the article, lines and boxes that stand on every page, and a person's word.
Kind = Literal["snippet", "site", "line", "overruled"]
KINDS: tuple[Kind, ...] = ("snippet", "site", "line", "overruled")

_RULES: dict[str, tuple[Kind, str, str]] = {
    "snippet": ("snippet", "推荐条目", "recommendation snippet"),
    "marker": ("snippet", "推荐区标题", "heading of recommendations"),
    "recommendation_box": ("snippet", "推荐栏", "recommendation box"),
    "link_list": ("snippet", "链接列表", "list of links"),
    "link_line": ("snippet", "链接行", "line that is a link"),
    "navigation": ("site", "网站导航", "navigation"),
    "breadcrumb": ("site", "位置导航", "breadcrumb"),
    "neighbours": ("site", "上下篇链接", "previous and next"),
    "sidebar": ("site", "侧栏", "sidebar"),
    "footer": ("site", "页脚", "page foot"),
    "pager": ("site", "翻页", "pager"),
    "comments": ("site", "评论区", "comments"),
    "comment_bar": ("site", "评论栏", "head of the comments"),
    "site_links": ("site", "网站链接", "links about the site"),
    "repeated": ("site", "全站重复", "repeats on the site"),
    "outside_article": ("site", "正文框之外", "outside the article's box"),
    "no_prose": ("site", "不成文的部分", "no prose"),
    "tags": ("site", "标签", "tags"),
    "author_box": ("site", "作者栏", "box about the author"),
    "dialog": ("site", "弹窗", "dialog"),
    "references": ("site", "参考链接", "references"),
    "tip": ("line", "通用提示", "stock disclaimer"),
    "disclaimer": ("line", "免责声明", "disclaimer"),
    "read_more": ("line", "展开按钮", "read-more button"),
    "share": ("line", "分享工具", "sharing tools"),
    "vote": ("line", "评价按钮", "rating buttons"),
    "follow": ("line", "引导关注", "asks to follow"),
    "newsletter": ("line", "引导订阅", "asks to subscribe"),
    "advertisement": ("line", "广告", "advertisement"),
    "copyright": ("line", "版权信息", "copyright"),
    "responsible": ("line", "责任编辑", "names of editors"),
    "no_article": ("line", "没有正文", "no article"),
    "overruled": ("overruled", "人工移除", "removed by hand"),
}


def kind_of(rule: str) -> Kind:
    """Return which kind of noise a rule removes; a refined rule of the family snippet_… belongs to the snippets."""
    if rule in _RULES:
        return _RULES[rule][0]
    return "snippet" if rule.startswith("snippet") else "line"


def rule_name(rule: str, say: Words) -> str:
    """Return what a rule is called; a refined one (snippet_…) without a name of its own has its family's."""
    known = _RULES.get(rule) or (_RULES["snippet"] if rule.startswith("snippet") else None)
    return known[1 + LANGS.index(say.lang)] if known else rule
