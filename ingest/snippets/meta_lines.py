"""Reads the two kinds of lines that betray recommendations: meta lines and markers.

A meta line holds a category and a date, or counts, or names its source, and nothing else; a marker does nothing but
announce (相关推荐). Which of them belong to a block of recommendations is left to `snippets`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_META_CHARS = 60
MAX_CATEGORY_CHARS = 16
MAX_MARKER_CHARS = 24

_MONTHS = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_MONTH_NUMBER = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_DATE = re.compile(
    r"(?P<full>(?P<y>(?:19|20)\d{2})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?)"
    r"|(?<!\d)(?P<y8>(?:19|20)\d{2})(?P<m8>0[1-9]|1[0-2])(?P<d8>0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|\b(?P<en>(?P<en_m>{_MONTHS})\s*(?P<en_d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)(?P<en_y>(?:19|20)\d{{2}}))\b"
    rf"|\b(?P<uk>(?P<uk_d>\d{{1,2}})(?:st|nd|rd|th)?\s*(?P<uk_m>{_MONTHS})\s*,?\s*(?P<uk_y>(?:19|20)\d{{2}}))\b"
    r"|(?<!\d)\d{1,2}\s*[-/]\s*\d{1,2}(?!\d)|\d{1,2}月\d{1,2}日"
    r"|(?:\d+|半|[一两二三四五六七八九十几数]{1,3})\s*(?:多|来)?\s*(?:秒钟?|分钟?|个?小时|个?钟头|天|日|周|个?星期|个月|月|年)(?:之|以)?前"
    r"|(?<!\w)(?:刚刚|昨天|昨日|前天|今天|今日|上周|上个?月)(?=\W|\d|发布|更新|$)"
    r"|(?<!\w)(?:[上本这]周[一二三四五六日天末]|周[一二三四五六日]|[本这]周|上个?星期|[去前]年|[前昨]晚|今[早晨晚]|星期[一二三四五六日天])(?!\w)"
    r"|\b(?:\d+|an?)\s*(?:second|sec|minute|min|hour|hr|day|week|month|year)s?\s+ago\b|\byesterday\b|\bjust now\b",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_NUMBER = r"\d[\d.,]*\s*[万亿千wWkKmM]?\+?"
_COUNT = re.compile(
    r"(?:阅读|浏览|点击|播放|评论|点赞|收藏|转发|分享|回复|回答|查看|人气|热度|赞|在看|访问|围观|观看|讨论|跟帖|阅)(?:量|数|次数)?"
    rf"\s*[:(]?\s*{_NUMBER}\s*次?[)]?"
    rf"|{_NUMBER}\s*(?:次|人|个|条)?\s*(?:已|都|正)?\s*(?:阅读|浏览|点击|播放|评论|点赞|收藏|转发|分享|回复|回答|查看|看过|赞|在看|访问|围观|观看|讨论|跟帖)"
    r"|(?<!\S)\d+(?:\.\d+)?[万wWkK]?\+(?!\S)"
    rf"|(?:阅读|预计|全文)+约?(?:需)?\s*{_NUMBER}\s*分钟|{_NUMBER}\s*分钟(?:阅读|读完)"
    rf"|{_NUMBER}\s*(?:views?|reads?|comments?|likes?|shares?|repl(?:y|ies))\b|\d+\s*min(?:ute)?s?\s*read\b"
    rf"|\b(?:views?|reads?|comments?|likes?|shares?)\s*[:(]?\s*{_NUMBER}[)]?"
    rf"|[\U0001F440-\U0001F441\U0001F4AC\U0001F44D\u2764\u2661\u2665\U0001F525]\ufe0f?\s*{_NUMBER}",
    re.IGNORECASE,
)
# A date, a time or a count, for those who search in longer lines.
STAMPS = "|".join(re.sub(r"\?P<\w+>", "?:", part.pattern) for part in (_DATE, _TIME, _COUNT))
# 来源： 发布时间： 频道： …, whatever the site calls it
_LABEL = re.compile(r"(?<!\w)\w{1,4}\s*:\s*")
# Lines without a date or count that still are nothing but a meta line: who wrote it, where it is filed.
_NAMED = re.compile(
    r"(?:(?:来源|作者|编辑|责编|责任编辑|分类|标签|栏目|频道|出处|发布者|发布人|记者|文|By|Source|Author|Posted in)"
    r"\s*[:|]"
    r"\s*[\w·.\-]{1,16}(?:\s|/|\||·|$)\s*)+",
    re.IGNORECASE,
)
# Who wrote it and where it is from is no category.
_CREDIT = re.compile(
    r"(?<!\w)(?:来源|作者|编辑|责编|责任编辑|出处|发布者|发布人|记者|供稿|文|By|Source|Author)(?:\s*[:|]\s*|\s+)[\w·.\-]{1,16}",
    re.IGNORECASE,
)
_CREDITED = re.compile(r"来源|作者|编|出处|发布|记者|供稿|文|By|Source|Author", re.IGNORECASE)
_RELATIVE = re.compile(r"[前刚昨今上本这周去]|ago|yesterday|now", re.IGNORECASE)
# A date that a sentence goes on behind (2025年1月1日起施行, 3个月前的费用, 9-1至9-30) is the date of no item.
_RUNS_ON = re.compile(r"[起至前后内的以之止到~]")
_BEFORE_CLOCK = re.compile(r"(?<=\d)T(?=\d)")
_ZERO_WIDTH = re.compile(r"[\u200b-\u200f\u2060-\u2064\ufeff\u00ad]+")
_SENTENCE_MARK = re.compile(r"[。！？!?；;：:]")
_WORDS = re.compile(r"\w+")
# What a meta line has one of, before anything dearer looks at it: one set of characters is searched at C speed.
_ANY_DATED = re.compile(r"[\d半刚昨前今上本这周去星aAyYnN]")
_DATED = re.compile(
    r"\d|[半刚昨]|前天|[去前]年|今[天日早晨晚]|周[一二三四五六日]|[上本这][周个月星]|星期|[一两二三四五六七八九十几数]\s?(?:分钟|个?小时|天|日|周|个?月|年)|ago|[Yy]esterday|[Nn]ow"
)
_MAY_DATE = re.compile(r"[a-zA-Z前刚昨今上本这周去星]|\d\s*[-/.年月]\s*\d|\d{8}")
_MAY_COUNT = re.compile(
    r"[+a-zA-Z阅读浏点播评赞收转分回查气热看访预全围观讨论跟帖\U0001F440\U0001F441\U0001F4AC\U0001F44D\u2764\u2661\u2665\U0001F525]"
)
# Sentences: no meta line has one of these, whatever else it has.
_SAYS = re.compile(r"[。！？!?；;]")

# Markers that say in so many words that something else is recommended here.
_KNOWN = re.compile(
    r"(?:相关|热门|热点|精彩|更多|最新|推荐|延伸|扩展|拓展|猜你|[为给][您你]|编辑|今日|本周|本月|本站|同类|同城|往期|其他|其它|关联|精选"
    r"|小编|站内|近期|热文|好文|优质|系统|智能|个性化|相似|类似|大家)*(?:的)?"
    r"(?:推荐|推送|阅读|文章|资讯|内容|新闻|问答|问题|喜欢|想看|精彩|知识|热点|专题|话题|链接|攻略|回顾|必读|必看|精选|排行榜?|热榜|热搜|热帖)+"
    r"(?:列表|排行榜?)?"
)
_ADDRESS = re.compile(
    r"猜?[你您](?:可能)?(?:还|也|会|都|正在|最)*(?:喜欢|感兴趣|想看|想知道|想了解|想问|关心|在找|要找|需要)(?:的|这些|以下|下列|内容|文章|问题)*"
    r"|(?:大家|网友|他们|别人|人们|小伙伴|用户)(?:都|还|也|正)*(?:在)?(?:看|搜|问|读|关注|关心|讨论|喜欢)(?:的|什么|了|过|这些)*"
    r"|看[了过](?:又|还|本文|这篇|该文|此文|文章|的|人|用户|网友|也|都|在)*看(?:了|过)?(?:这些|什么|以下)?(?:文章|内容)?"
    r"|(?:[读看]完|[看读]过)?(?:本文|这篇|此文)?的?(?:人|用户|网友)还(?:看|读|喜欢|关注|搜)(?:了|过)?"
    r"|(?:热榜|排行榜|点击排行榜?|热搜榜?|一周热门|24小时热[门文点])|换一[换批组]|(?:查看)?更多(?:精彩|内容|推荐|文章)*"
)
_ENGLISH = re.compile(
    r"(?:related|recommended|trending|popular|most(?:read|popular|viewed)|latest|more|further|youmayalso|youmightalso"
    r"|editor'?s?picks?|readnext|upnext|alsoread|hot|top|suggested|moreon|morefrom|fromtheweb|aroundtheweb)"
    r"(?:like|forus|foryou|articles?|posts?|news|stories|reading|topics?|content|links?|stuff|items?|picks|now|this|thistopic|thissite|thisauthor|thissection|the(?:author|section|site)|us)*",
    re.IGNORECASE,
)
# One of these is in every line that the two patterns above match: one search tells most titles.
_MARKER_WORD = re.compile(
    r"推荐|推送|读|文章|资讯|内容|新闻|问|喜欢|看|精|知识|热|题|链接|攻略|回顾|排行|榜|感兴趣|想|关|找|需要|搜|讨论|换一|更多"
)
# A reading 相关问题 or 健康知识 may also head a part of the article.
_ALSO_HEADINGS = re.compile(
    r"问题|问答|知识|攻略|内容|链接|专题|话题|延伸|扩展|拓展|列表|资讯|最新|热点|回顾|必读|必看"
)
_PARTING = re.compile(r"[\W_]+")
# Buttons that stand on the marker's line.
_TAILS = ("换一换", "换一批", "换一组", "查看更多", "更多")
_FUNCTION_WORDS = frozenset(
    {"推荐理由", "阅读", "推荐", "内容", "问题", "知识", "文章", "链接", "资讯", "新闻", "更多"}
)
# Words of which a marker that was never seen before has one. It counts only directly above sure recommendations.
_HINT = re.compile(
    r"推荐|推送|猜|喜欢|感兴趣|热|更多|换一[换批组]|相关|相似|类似|精彩|精选|大家|网友|小编|小伙伴|同城|往期|看了|还看|在看|想看|想知道|想了解"
    r"|必看|必读|好文|延伸|拓展|扩展|排行|榜|为[你您]|给[你您]|阅读|文章|资讯|发现|related|recommend|more|read|popular|trend|hot|latest"
    r"|推广|赞助|广告|sponsor|promot|[你您]可能",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Meta:
    """What a meta line says. `date` is ISO where the line gives year, month and day, else as it stands; or empty.

    `is_live`: it counts readers, or tells the date from the day when the page was made, as no article does.
    """

    category: str
    date: str
    is_live: bool = False


def is_marker(text: str) -> bool:
    """Say whether a line does nothing but announce recommendations."""
    return marker_strength(text) > 0


def marker_strength(text: str) -> int:
    """Return 2 for a line that can only announce recommendations, 1 for one that may also be a heading, else 0."""
    if len(text) > 2 * MAX_MARKER_CHARS:
        return 0
    squeezed = text if text.isalnum() else _PARTING.sub("", unicodedata.normalize("NFKC", text))
    if not 2 <= len(squeezed) <= MAX_MARKER_CHARS:
        return 0
    bare = _without_english(squeezed) if squeezed[-1].isascii() else squeezed
    if bare == "":
        return 2
    if not _MARKER_WORD.search(bare):
        return 0
    if _ADDRESS.fullmatch(bare) or (_KNOWN.fullmatch(bare) and bare.rstrip("的") not in _FUNCTION_WORDS - {"推荐"}):
        return 1 if _ALSO_HEADINGS.search(bare) and not re.search(r"[你您猜]|大家|推荐|热门", bare) else 2
    for tail in _TAILS:
        if bare.endswith(tail) and len(bare) >= 4 + len(tail):
            return marker_strength(bare[: -len(tail)])
    return 0


def _without_english(squeezed: str) -> str:
    """Take off an English marker that doubles a Chinese one (相关阅读 RELATED)."""
    found = re.fullmatch(r"(\D*?)([a-zA-Z'][a-zA-Z'0-9]*)", squeezed)
    if found and _ENGLISH.fullmatch(found[2]) and (found[1] or len(found[2]) > 4):
        return found[1]
    return squeezed


def hints_at_more(text: str) -> bool:
    """Say whether a short line may be a marker that was never seen; only what stands below it can tell."""
    squeezed = _PARTING.sub("", text)
    return 0 < len(squeezed) <= 18 and _HINT.search(squeezed) is not None


def read_meta(text: str) -> Meta | None:
    """Return what `text` says if it is a meta line: a date, a count or a source, and no more than a category beside."""
    if len(text) > MAX_META_CHARS:
        return None
    if not _ANY_DATED.search(text) or not _DATED.search(text):
        return _read_named(text)
    if _SAYS.search(text):
        return None
    line = text
    if not unicodedata.is_normalized("NFKC", text) or _ZERO_WIDTH.search(text):
        line = unicodedata.normalize("NFKC", _ZERO_WIDTH.sub("", text))
    if "T" in line:
        line = _BEFORE_CLOCK.sub(" ", line)
    dates = list(_DATE.finditer(line)) if _MAY_DATE.search(line) else []
    counts = _MAY_COUNT.search(line) is not None
    if not dates and not (counts and _COUNT.search(line)):
        return _read_named(text)
    if any(_RUNS_ON.match(line, match.end()) for match in dates):
        return None
    rest = _DATE.sub(" ", line) if dates else line
    if counts:
        rest = _COUNT.sub(" ", rest)
    if _CREDITED.search(rest):
        rest = _CREDIT.sub(" ", rest)
    if ":" in rest:
        rest = _LABEL.sub(" ", _TIME.sub(" ", rest))
    words = [word for word in _WORDS.findall(rest) if not word.isdigit()]
    if len(words) > 3 or any(len(word) > MAX_CATEGORY_CHARS for word in words) or _SENTENCE_MARK.search(rest):
        return None
    date = _date_of(dates)
    return Meta(" ".join(words), date, (counts and not dates) or _RELATIVE.search(date) is not None)


def _read_named(text: str) -> Meta | None:
    if ":" not in text and "：" not in text and "|" not in text:
        return None
    line = unicodedata.normalize("NFKC", text).strip()
    return (
        Meta(" ".join(_WORDS.findall(_LABEL.sub(" ", _CREDIT.sub(" ", line)))), "") if _NAMED.fullmatch(line) else None
    )


def _date_of(dates: list[re.Match[str]]) -> str:
    if not dates:
        return ""
    match = next((m for m in dates if m["full"] or m["y8"] or m["en"] or m["uk"]), dates[0])
    if match["full"]:
        return f"{match['y']}-{int(match['m']):02d}-{int(match['d']):02d}"
    if match["y8"]:
        return f"{match['y8']}-{match['m8']}-{match['d8']}"
    for kind in ("en", "uk"):
        if match[kind]:
            month = _MONTH_NUMBER[match[f"{kind}_m"][:3].lower()]
            return f"{match[f'{kind}_y']}-{month:02d}-{int(match[f'{kind}_d']):02d}"
    return match.group()


def meta_form(text: str) -> str:
    """Return the form of a meta line: what is left of it when figures and words lose their content."""
    return re.sub(r"[^\W\d]+", "w", re.sub(r"\d+", "0", re.sub(r"[年月日]", "-", _COUNT.sub("#", text))))
