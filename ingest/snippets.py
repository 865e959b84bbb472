"""Finds the recommendation snippets of a page by their shape.

A recommendation block is a run of items of one grammar:

    title            a short line without an end mark
    summary          one line, usually cut in mid-sentence at about 200 characters; sometimes missing
    meta line        a category and a date, the same for the whole block on most sites; sometimes counts or a source
    title again      on some sites

The meta lines are what repeats with a period, so they are found first and items are read off between them. A marker
line (相关推荐) is evidence and never the criterion: cutting at a marker fails on most variants (docs/cleaning.md).
Which of the found runs are strong enough to remove is decided here too; what the article is, in `clean`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.block import Block

# The longest seed title has 30 characters, the longest summary 216; both with room for other sites.
MAX_TITLE_CHARS = 80
MAX_SUMMARY_CHARS = 320
MAX_META_CHARS = 60
# A run must be this strong to be removed; measured on the variants in tests/test_snippets.py.
MIN_CONFIDENCE = 0.6

_DATE = re.compile(
    r"(?P<full>(?P<y>(?:19|20)\d{2})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?)"
    r"|(?<!\d)\d{1,2}\s*[-/]\s*\d{1,2}(?!\d)|\d{1,2}月\d{1,2}日"
    r"|\d+\s*(?:秒钟?|分钟|个?小时|天|周|个月|月|年)之?前|刚刚|昨天|前天|今天"
)
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_COUNT = re.compile(
    r"(?:阅读|浏览|点击|播放|评论|点赞|收藏|转发|回复|回答|查看|人气|热度|赞)(?:量|数|次数)?\s*[:：(（]?\s*\d[\d.,]*\s*[万亿wWkK]?\+?\s*次?[)）]?"
    r"|\d[\d.,]*\s*[万亿wWkK]?\+?\s*(?:次|人|个)?(?:阅读|浏览|点击|播放|评论|点赞|收藏|转发|回复|回答|查看|看过|赞)"
)
_SOURCE = re.compile(r"(?:来源|作者|编辑|责编|发布|发布时间|发布日期|时间|日期|更新|更新时间|栏目|分类)\s*[:：]\s*")
_META_GLUE = re.compile(r"[\s|｜·•/\\,，、\-—–_>＞\[\]【】()（）#]+")
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


@dataclass(frozen=True, slots=True)
class Snippet:
    """One recommendation item: its blocks `[first, last]` (indices) and its fields as they stand on the page."""

    first: int
    last: int
    title: str
    summary: str
    category: str
    date: str

    def fields(self) -> dict[str, str]:
        """Return the fields under the names of the command contract."""
        return {"title": self.title, "summary": self.summary, "category": self.category, "date": self.date}


@dataclass(frozen=True, slots=True)
class Run:
    """A run of at least two snippets, the marker before it (block index, or None), how sure it is, and why in words."""

    snippets: tuple[Snippet, ...]
    marker: int | None
    confidence: float
    evidence: str


def is_marker(text: str) -> bool:
    """Say whether a line does nothing but announce recommendations."""
    squeezed = _INVISIBLE.sub("", text)
    return len(squeezed) <= 14 and _MARKER.match(squeezed) is not None


def read_meta(text: str) -> Meta | None:
    """Return what `text` says if it is a meta line: a date or a count, besides them no more than a category."""
    if len(text) > MAX_META_CHARS:
        return None
    dates = list(_DATE.finditer(text))
    if not dates and not _COUNT.search(text):
        return None
    rest = _TIME.sub(" ", _COUNT.sub(" ", _DATE.sub(" ", text)))
    rest = _SOURCE.sub(" ", rest)
    words = [word for word in _META_GLUE.split(rest) if word]
    if len(words) > 3 or any(len(word) > 12 for word in words) or _SENTENCE_MARK.search(rest):
        return None
    date = ""
    if dates:
        match = next((m for m in dates if m["full"]), dates[0])
        date = f"{match['y']}-{int(match['m']):02d}-{int(match['d']):02d}" if match["full"] else match.group()
    return Meta(" ".join(words), date)


def find_runs(text: str, blocks: Sequence[Block]) -> tuple[Run, ...]:
    """Return the runs of snippets among `blocks`, in page order, also those too weak to remove (see `confidence`)."""
    lines = [text[block.start : block.end] for block in blocks]
    metas = _meta_groups(lines)
    runs = []
    for group in _periodic(lines, metas):
        items = [_with_cut_end(text, blocks, item) for item in _items(lines, group)]
        if len(items) >= 2:
            runs.append(_weigh(lines, items))
    return tuple(runs)


@dataclass(frozen=True, slots=True)
class _MetaGroup:
    """Consecutive blocks `[first, last]` that make one meta line (some layouts give category and date a line each)."""

    first: int
    last: int
    meta: Meta


def _meta_groups(lines: Sequence[str]) -> list[_MetaGroup]:
    found = {index: meta for index, line in enumerate(lines) if (meta := read_meta(line)) is not None}
    before = Counter(lines[index - 1] for index, meta in found.items() if index and not meta.category)
    groups: list[_MetaGroup] = []
    for index, meta in sorted(found.items()):
        first, category, date = index, meta.category, meta.date
        if groups and groups[-1].last == index - 1 and not (groups[-1].meta.date and date):
            previous = groups.pop()
            first = previous.first
            category, date = previous.meta.category or category, previous.meta.date or date
        elif not category and index and index - 1 not in found:
            label = lines[index - 1]
            if before[label] >= 2 and len(label) <= 12 and not is_marker(label):
                first, category = index - 1, label
        groups.append(_MetaGroup(first, index, Meta(category, date)))
    return groups


def _is_title(line: str) -> bool:
    return len(line) <= MAX_TITLE_CHARS and not line.endswith(("。", "；", ";", "，", ","))


def _between_fits(lines: Sequence[str], first: int, last: int) -> bool:
    """Say whether the blocks `[first, last]` between two meta lines can be what an item holds besides its meta line."""
    count = last - first + 1
    if count < 1 or count > 4:
        return False
    return all(len(line) <= MAX_SUMMARY_CHARS for line in lines[first : last + 1]) and any(
        _is_title(line) for line in lines[first : last + 1]
    )


def _periodic(lines: Sequence[str], metas: Sequence[_MetaGroup]) -> list[list[_MetaGroup]]:
    """Return the maximal series of meta lines that follow one another at the distance of one item."""
    series: list[list[_MetaGroup]] = []
    for group in metas:
        if series and _between_fits(lines, series[-1][-1].last + 1, group.first - 1):
            series[-1].append(group)
        else:
            series.append([group])
    return [group for group in series if len(group) >= 2]


def _meta_comes_second(lines: Sequence[str], group: Sequence[_MetaGroup]) -> bool:
    """Say whether items read title, meta line, summary (some sites) rather than title, summary, meta line."""
    votes = 0
    for left, right in pairwise(group):
        between = lines[left.last + 1 : right.first]
        if len(between) == 2:
            votes += 1 if len(between[0]) > len(between[1]) and not _is_cut_title(between) else -1
    return votes > 0


def _is_cut_title(between: Sequence[str]) -> bool:
    return between[0].startswith(between[1]) or between[1].startswith(between[0])


def _items(lines: Sequence[str], group: Sequence[_MetaGroup]) -> list[Snippet]:
    """Read the items off around the meta lines of `group`."""
    if _meta_comes_second(lines, group):
        return _items_meta_second(lines, group)
    items: list[Snippet] = []
    for number, meta in enumerate(group):
        if number:
            first = group[number - 1].last + 1
            if items and meta.first - first > 1 and lines[first] == items[-1].title:
                items[-1] = _with_last(items[-1], first)
                first += 1
        else:
            first = _first_item_start(lines, meta.first, group)
        held = lines[first : meta.first]
        if not held:
            continue
        items.append(Snippet(first, meta.last, held[0], " ".join(held[1:]), meta.meta.category, meta.meta.date))
    return _with_cut_item(lines, items)


def _with_last(item: Snippet, last: int) -> Snippet:
    return Snippet(item.first, last, item.title, item.summary, item.category, item.date)


def _with_cut_end(text: str, blocks: Sequence[Block], item: Snippet) -> Snippet:
    """Keep the blank that cutting left at the end of a summary: fields stand as on the page."""
    for block in blocks[item.first : item.last + 1]:
        if item.summary and item.summary.endswith(text[block.start : block.end]):
            end = block.end
            while end < len(text) and text[end] in " \t\u3000":
                end += 1
            summary = item.summary + text[block.end : end]
            return Snippet(item.first, item.last, item.title, summary, item.category, item.date)
    return item


def _first_item_start(lines: Sequence[str], meta_first: int, group: Sequence[_MetaGroup]) -> int:
    """Return where the first item begins; before it stands the article, so no period tells."""
    gaps = Counter(
        min(right.first - left.last - 1, 2) for left, right in pairwise(group) if right.first - left.last > 1
    )
    with_summary = gaps.get(2, 0) >= gaps.get(1, 0)
    above, higher = meta_first - 1, meta_first - 2
    if above < 0:
        return meta_first
    # A summary longer than its title is the rule; without one, the line above the meta line is the title.
    is_summary = higher >= 0 and (len(lines[above]) > len(lines[higher]) or not _is_title(lines[above]))
    if is_summary and with_summary and _is_title(lines[higher]) and not is_marker(lines[higher]):
        return higher
    return above if not is_marker(lines[above]) else meta_first


def _with_cut_item(lines: Sequence[str], items: list[Snippet]) -> list[Snippet]:
    """Add the item that the end of the page cuts off before its meta line, and a repeated title behind the last one."""
    if not items:
        return items
    last = items[-1].last
    if last + 1 < len(lines) and lines[last + 1] == items[-1].title:
        items[-1] = _with_last(items[-1], last + 1)
        last += 1
    rest = lines[last + 1 :]
    with_summary = sum(bool(item.summary) for item in items) * 2 > len(items)
    cut = not rest[-1].endswith(("。", "！", "!", "？", "?", "”")) if rest else False
    if len(rest) == 2 and with_summary and cut and _is_title(rest[0]) and len(rest[1]) > len(rest[0]):
        items.append(Snippet(last + 1, last + 2, rest[0], rest[1], "", ""))
    return items


def _items_meta_second(lines: Sequence[str], group: Sequence[_MetaGroup]) -> list[Snippet]:
    items: list[Snippet] = []
    for number, meta in enumerate(group):
        first = meta.first - 1
        if first < 0 or (items and first <= items[-1].last):
            continue
        behind = group[number + 1].first - 2 if number + 1 < len(group) else meta.last + 1
        last = min(max(behind, meta.last), len(lines) - 1)
        if number + 1 == len(group) and (last == meta.last or len(lines[last]) > MAX_SUMMARY_CHARS):
            last = meta.last
        summary = " ".join(lines[meta.last + 1 : last + 1])
        items.append(Snippet(first, last, lines[first], summary, meta.meta.category, meta.meta.date))
    return items


def _share_of_commonest(values: Sequence[str]) -> float:
    said = [value for value in values if value]
    return Counter(said).most_common(1)[0][1] / len(values) if said else 0.0


def _is_cut(summary: str) -> bool:
    return not summary.endswith(("。", "！", "!", "？", "?", "”", "）", ")"))


def _weigh(lines: Sequence[str], items: Sequence[Snippet]) -> Run:
    """Say how sure it is that `items` are recommendations, and why."""
    same_date = _share_of_commonest([item.date for item in items])
    same_category = _share_of_commonest([item.category for item in items])
    summaries = [item.summary for item in items if item.summary]
    cut = sum(map(_is_cut, summaries)) / len(summaries) if summaries else 0.0
    above = items[0].first - 1
    marker = above if above >= 0 and is_marker(lines[above]) else None
    reasons: Mapping[str, tuple[float, bool]] = {
        f"{len(items)} items of one shape": (0.3, True),
        "at least 3 items": (0.1, len(items) >= 3),
        "at least 8 items": (0.1, len(items) >= 8),
        "one date for the whole block": (0.2, same_date >= 0.8),
        "one category for the whole block": (0.15, same_category >= 0.8),
        "summaries cut in mid-sentence": (0.15, cut >= 0.25),
        "a line announces recommendations": (0.3, marker is not None),
        "the page ends with it": (0.05, items[-1].last >= len(lines) - 3),
    }
    confidence = min(0.99, sum(weight for weight, holds in reasons.values() if holds))
    evidence = "; ".join(reason for reason, (_, holds) in reasons.items() if holds)
    return Run(tuple(items), marker, round(confidence, 2), evidence)
