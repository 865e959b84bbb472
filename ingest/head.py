"""Reads the head of an article: title, byline and the short answer that some sites put under the title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.block import Block
from ingest.facts import iso_date
from ingest.headings import is_item
from ingest.meta_lines import read_meta
from ingest.page import Page
from ingest.sentences import sentence_spans

MAX_TITLE_CHARS = 80
MAX_SHORT_ANSWER_CHARS = 40
# A line near the title is a byline if it begins like one, or if it gives a date beside what only bylines say.
_BYLINE = re.compile(
    r"^(?:[文本][章稿])?(?:来源|作者|编辑|责编|记者|发布(?:时间|日期|机构|单位)?|时间|日期|更新时间|文号|索引号|信息来源|发文机关)\s*[:：/]"
)
_BYLINE_WORDS = re.compile(r"来源|作者|编辑|记者|发布|阅读|浏览|点击|字号|字体|更新|人气|评论")


@dataclass(frozen=True, slots=True)
class Head:
    """Title, byline and short answer: block indices into the page."""

    title: str
    outside_body: frozenset[int]
    has_title: bool
    bylines: tuple[int, ...]
    short_answer: str | None
    short_answer_block: Block | None


def read_head(page: Page, lines: Sequence[str], kept: Sequence[int]) -> Head:
    """Return the head of the page among its `kept` blocks (indices)."""
    title_index = _title_index(page, lines, kept)
    outside = set() if title_index is None else {title_index}
    after = [index for index in kept if title_index is None or index > title_index]
    bylines = []
    for index in after[:4]:
        if _is_byline(lines[index]):
            bylines.append(index)
            outside.add(index)
        elif len(lines[index]) > MAX_SHORT_ANSWER_CHARS or lines[index].endswith(("。", "；", ";")):
            break  # the article has begun; a date below is its own
    if page.kind == "html" and title_index is not None:
        above = [index for index in kept if index < title_index]
        if sum(len(lines[index]) for index in above) * 4 < sum(len(lines[index]) for index in after):
            outside.update(index for index in above if len(lines[index]) <= MAX_TITLE_CHARS)
    if title_index is not None:
        title = lines[title_index]
    elif kept:
        left, right = sentence_spans(lines[kept[0]])[0]
        title = page.title or lines[kept[0]][left : min(right, MAX_TITLE_CHARS)]
    else:
        title = page.title or ""
    rest = [index for index in after if index not in outside]
    answer = rest[0] if title_index is not None and _is_short_answer(page, lines, rest) else None
    return Head(
        title=" ".join(title.split()),
        outside_body=frozenset(outside),
        has_title=title_index is not None,
        bylines=tuple(bylines),
        short_answer=None if answer is None else lines[answer],
        short_answer_block=None if answer is None else page.blocks[answer],
    )


def _is_byline(line: str) -> bool:
    if len(line) > MAX_TITLE_CHARS or line.endswith(("。", "；", ";")):
        return False
    if _BYLINE.match(line) or read_meta(line):
        return True
    return iso_date(line) is not None and _BYLINE_WORDS.search(line) is not None


def _title_index(page: Page, lines: Sequence[str], kept: Sequence[int]) -> int | None:
    """Return the block that is the title: in HTML the h1 or what the metadata calls the page, in a dump the top."""
    if page.kind == "html":
        named = _squeeze(page.title or "")
        tops = [index for index in kept if page.blocks[index].kind == "h1"]
        if tops:
            return next((index for index in tops if _squeeze(lines[index]) in named), tops[0])
        for index in kept:
            if named and len(lines[index]) >= 4 and named.startswith(_squeeze(lines[index])):
                return index
        return None
    if kept and len(lines[kept[0]]) <= MAX_TITLE_CHARS and not lines[kept[0]].endswith(("。", "；", ";", "，", ",")):
        return kept[0]
    return None


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _is_short_answer(page: Page, lines: Sequence[str], rest: Sequence[int]) -> bool:
    """Say whether the first line under the title answers it in a few words: short, open, with a lead-in behind it."""
    if len(rest) < 2:
        return False
    line, below = lines[rest[0]], lines[rest[1]]
    if len(line) > MAX_SHORT_ANSWER_CHARS or is_item(line) or line.endswith((":", "：")):
        return False
    if page.blocks[rest[0]].kind not in ("line", "p", "text"):
        return False
    numbered = any(is_item(lines[index]) for index in rest[1:])
    leads = below.endswith((":", "：")) or (len(below) > len(line) and bool(re.search(r"[。:：]", below)))
    return numbered and leads and not is_item(below)
