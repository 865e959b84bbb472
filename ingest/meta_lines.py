"""Reads the two kinds of lines that betray recommendations: meta lines and markers.

A meta line holds a category and a date, or counts, and nothing else; a marker does nothing but announce (相关推荐).
Which of them belong to a block of recommendations is left to `snippets`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_META_CHARS = 60
MAX_CATEGORY_CHARS = 16

_DATE = re.compile(
    r"(?P<full>(?P<y>(?:19|20)\d{2})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?)"
    r"|(?<!\d)(?P<y8>(?:19|20)\d{2})(?P<m8>0[1-9]|1[0-2])(?P<d8>0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)\d{1,2}\s*[-/]\s*\d{1,2}(?!\d)|\d{1,2}月\d{1,2}日"
    r"|\d+\s*(?:秒钟?|分钟|个?小时|天|周|个月|月|年)之?前|刚刚|昨天|前天|今天"
)
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_COUNT = re.compile(
    r"(?:阅读|浏览|点击|播放|评论|点赞|收藏|转发|回复|回答|查看|人气|热度|赞)(?:量|数|次数)?\s*[:：(（]?\s*\d[\d.,]*\s*[万亿wWkK]?\+?\s*次?[)）]?"
    r"|\d[\d.,]*\s*[万亿wWkK]?\+?\s*(?:次|人|个)?(?:阅读|浏览|点击|播放|评论|点赞|收藏|转发|回复|回答|查看|看过|赞)"
)
# 来源： 发布时间： 频道： …, whatever the site calls it
_LABEL = re.compile(r"(?<!\w)\w{1,4}\s*:\s*")
# A date that a sentence goes on behind (2025年1月1日起施行, 3个月前的费用, 9-1至9-30) is the date of no item.
_RUNS_ON = re.compile(r"[起至前后内的以之止到~]")
_BEFORE_CLOCK = re.compile(r"(?<=\d)T(?=\d)")
_ZERO_WIDTH = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]+")
_SENTENCE_MARK = re.compile(r"[。！？!?；;：:]")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")

_MARKER = re.compile(
    r"^[\W_]*(?:(?:相关|热门|精彩|更多|最新|推荐|延伸|扩展|拓展|猜你|为[您你]|编辑|今日|热点|同类|往期|其他|关联|精选|小编)"
    r"(?:的)?(?:推荐|阅读|文章|资讯|内容|新闻|问答|问题|喜欢|想看|精彩|知识|热点|专题|话题|链接|攻略|回顾)+"
    r"|猜你(?:喜欢|想看)|大家(?:都|还)?在?(?:看|搜|问|关注)|看了(?:又|还)看|[你您]可能(?:还|也)?(?:会)?(?:喜欢|感兴趣|想看|关心)"
    r"|(?:相关|热门)(?:推荐)?(?:阅读|文章)?(?:列表|排行|排行榜)?|推荐|热榜|排行榜)[\W_]*$"
)


@dataclass(frozen=True, slots=True)
class Meta:
    """What a meta line says. `date` is ISO where the line gives year, month and day, else as it stands; or empty."""

    category: str
    date: str


def is_marker(text: str) -> bool:
    """Say whether a line does nothing but announce recommendations."""
    squeezed = _INVISIBLE.sub("", text)
    return len(squeezed) <= 14 and _MARKER.match(squeezed) is not None


def read_meta(text: str) -> Meta | None:
    """Return what `text` says if it is a meta line: a date or a count, besides them no more than a category."""
    if len(text) > MAX_META_CHARS:
        return None
    line = _BEFORE_CLOCK.sub(" ", unicodedata.normalize("NFKC", _ZERO_WIDTH.sub("", text)))
    dates = list(_DATE.finditer(line))
    if not dates and not _COUNT.search(line):
        return None
    if any(_RUNS_ON.match(line, match.end()) for match in dates):
        return None
    rest = _LABEL.sub(" ", _TIME.sub(" ", _COUNT.sub(" ", _DATE.sub(" ", line))))
    words = [word for word in re.findall(r"\w+", rest) if not word.isdigit()]
    if len(words) > 3 or any(len(word) > MAX_CATEGORY_CHARS for word in words) or _SENTENCE_MARK.search(rest):
        return None
    return Meta(" ".join(words), _date_of(dates))


def _date_of(dates: list[re.Match[str]]) -> str:
    if not dates:
        return ""
    match = next((m for m in dates if m["full"] or m["y8"]), dates[0])
    if match["full"]:
        return f"{match['y']}-{int(match['m']):02d}-{int(match['d']):02d}"
    return f"{match['y8']}-{match['m8']}-{match['d8']}" if match["y8"] else match.group()


def meta_form(text: str) -> str:
    """Return the form of a meta line: what is left of it when figures and words lose their content."""
    return re.sub(r"[^\W\d]+", "w", re.sub(r"\d+", "0", re.sub(r"[年月日]", "-", _COUNT.sub("#", text))))
