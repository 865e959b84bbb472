"""Reads the head of an article: title, byline and the short answer that some sites put under the title.

A byline is what tells where an article comes from: source, author, date, the number of an official document, the rows
of the table that stands above one, the size of the letters. It may stand above the title and take many lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.asking import asks
from ingest.block import Block
from ingest.facts.dates import iso_date
from ingest.headings import is_item
from ingest.naming import squeeze, strip_site
from ingest.page import Page
from ingest.sentences import sentence_spans
from ingest.snippets.meta_lines import read_meta

MAX_TITLE_CHARS = 80
MAX_SHORT_ANSWER_CHARS = 40
MAX_ROW_CHARS = 160  # a row of the table above an official document
# Lines under the title that are looked at, and how many may be something else (a short answer, the name of an author).
MAX_BYLINES = 14
MAX_OTHERS = 3
MAX_LINES_ABOVE = 12
# Beside its date a byline says who or where; longer is the title of a document in a list of them.
MAX_NAME_CHARS = 10

# A line near the title is a byline if it begins with one of these labels …
_LABELS = (
    r"来\s*源|稿件来源|信息来源|文章来源|稿源|作\s*者|撰稿|供稿|通讯员|责任编辑|责编|编\s*辑|审\s*核|校\s*对|记\s*者|摄影|发布(?:时间|日期|机构|单位|人|部门)?"
    r"|更新(?:时间|日期)|成文日期|生成日期|公开日期|印发日期|发文(?:机关|单位|字号|日期)|文\s*号|索\s*引\s*号|主题(?:词|分类)|信息类别|公文种类|体裁分类"
    r"|统一编号|有效性|生效日期|废止日期|字\s*号|字\s*体|浏览(?:次数|量)?|阅读(?:次数|量)?|点击(?:次数|量|率)?|访问(?:次数|量)"
)
_BYLINE = re.compile(rf"^[【\[（(]?(?:[文本][章稿])?(?:{_LABELS})\s*[:：/\t]")
_LABEL_ONLY = re.compile(rf"^(?:{_LABELS})\s*[:：]$")
# … or with these and a date; an article tells times of its own …
_DATED = re.compile(r"^(?:时\s*间|日\s*期)\s*[:：/\t]")
# … or gives a date beside what only bylines say, or is the number of an official document, or buttons for the reader.
_BYLINE_WORDS = re.compile(r"来源|作者|编辑|记者|发布|阅读|浏览|点击|字号|字体|更新|人气|评论")
_DOCUMENT = re.compile(
    r"^[\u3400-\u9fffA-Za-z]{1,20}\s*[〔\[（(【［]\s*(?:19|20)\d\d\s*[〕\])）】］]\s*第?\s*\d{1,5}\s*号$"
)
_BUTTONS = re.compile(
    r"^[【\[（(]?\s*(?:(?:字[体号]\s*[:：]?|(?:缩小|放大|增大)字体|[大中小]|[A-Za]\s*[-+＋－]|打印(?:本页|此页)?|关闭(?:窗口)?|收藏|举报|朗读|听全文|繁体|简体)"
    r"[\s|｜/、\]】）)]*){2,10}$"
)
_ENDS = ("。", "；", ";", "！", "？", "!", "?", "：", ":", "，", ",")


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
    above = [index for index in kept if title_index is not None and index < title_index]
    after = [index for index in kept if title_index is None or index > title_index]
    bylines = [index for index in above if _is_byline(lines[index])] + _bylines_below(lines, after)
    outside = {*bylines} if title_index is None else {*bylines, title_index}
    if page.kind == "html" and sum(len(lines[i]) for i in above) * 4 < sum(len(lines[i]) for i in after):
        outside.update(index for index in above if len(lines[index]) <= MAX_TITLE_CHARS)
    if title_index is not None:
        title = strip_site(lines[title_index], page.site)
        outside.update(_repeated_title(title, lines, [index for index in after if index not in outside]))
    elif kept:
        left, right = sentence_spans(lines[kept[0]])[0]
        title = strip_site(page.title or lines[kept[0]][left : min(right, MAX_TITLE_CHARS)], page.site)
    else:
        title = strip_site(page.title or "", page.site)
    rest = [index for index in after if index not in outside]
    answer = rest[0] if title_index is not None and _is_short_answer(page, title, lines, rest) else None
    return Head(
        title=" ".join(title.split()),
        outside_body=frozenset(outside),
        has_title=title_index is not None,
        bylines=tuple(bylines),
        short_answer=None if answer is None else lines[answer],
        short_answer_block=None if answer is None else page.blocks[answer],
    )


def _bylines_below(lines: Sequence[str], after: Sequence[int]) -> list[int]:
    """Return the bylines under the title, up to where the article begins."""
    found: list[int] = []
    others = 0
    for index in after[:MAX_BYLINES]:
        follows_label = bool(found) and found[-1] == index - 1 and _LABEL_ONLY.match(lines[index - 1]) is not None
        if _is_byline(lines[index]) or (follows_label and len(lines[index]) <= MAX_SHORT_ANSWER_CHARS):
            found.append(index)
            continue
        others += 1
        if others > MAX_OTHERS or _is_text(lines[index]):
            break  # the article has begun; a date below is its own
    return found


def _is_text(line: str) -> bool:
    return len(line) > MAX_SHORT_ANSWER_CHARS or line.endswith(("。", "；", ";"))


def _is_byline(line: str) -> bool:
    if len(line) > (MAX_ROW_CHARS if "\t" in line else MAX_TITLE_CHARS) or line.endswith(("。", "；", ";")):
        return False
    if _BYLINE.match(line) or _DOCUMENT.match(line) or _BUTTONS.match(line):
        return True
    if (meta := read_meta(line)) and len(meta.category) <= MAX_NAME_CHARS:
        return True
    if iso_date(line) is None:
        return False
    return _DATED.match(line) is not None or _BYLINE_WORDS.search(line) is not None


def _repeated_title(title: str, lines: Sequence[str], rest: Sequence[int]) -> list[int]:
    """Return the lines before the first text that say the title again."""
    repeated = []
    for index in rest[: MAX_OTHERS + 1]:
        if squeeze(strip_site(lines[index])) == squeeze(title):
            repeated.append(index)
        elif _is_text(lines[index]):
            break
    return repeated if len(repeated) < len(rest) else []


def _title_index(page: Page, lines: Sequence[str], kept: Sequence[int]) -> int | None:
    """Return the block that is the title: in HTML the h1 or what the metadata calls the page, in a dump the top."""
    if page.kind == "html":
        return _html_title(page, lines, kept)
    for index in kept[:MAX_LINES_ABOVE]:
        if _is_byline(lines[index]):
            continue
        is_title = len(lines[index]) <= MAX_TITLE_CHARS and not lines[index].endswith(("。", "；", ";", "，", ","))
        return index if is_title else None
    return None


def _html_title(page: Page, lines: Sequence[str], kept: Sequence[int]) -> int | None:
    named = squeeze(page.title or "")
    called = squeeze(strip_site(page.title or "", page.site))
    tops = [index for index in kept if page.blocks[index].kind == "h1"]
    for index in tops:
        if called and squeeze(lines[index]).startswith(called):
            return index
    for index in tops:
        # The name of the site stands in an h1 on some pages, and behind the title in the metadata.
        line = squeeze(lines[index])
        is_most = line in called and len(line) * 2 >= len(called)
        if (called.startswith(line) or is_most) and line != squeeze(page.site or ""):
            return index
    for index in kept if len(called) >= 4 else ():
        if squeeze(lines[index]) == called:
            return index
    if tops:
        return next((index for index in tops if squeeze(lines[index]) in named), tops[0])
    for index in kept:
        if named and len(lines[index]) >= 4 and named.startswith(squeeze(lines[index])):
            return index
    return None


def _is_short_answer(page: Page, title: str, lines: Sequence[str], rest: Sequence[int]) -> bool:
    """Say whether the first line under the title answers it in a few words: short, open, with a lead-in behind it.

    A first heading looks the same. So the article must have numbers for its headings, or a title that asks and no other
    line like it.
    """
    if len(rest) < 2:
        return False
    line, below = lines[rest[0]], lines[rest[1]]
    if len(line) > MAX_SHORT_ANSWER_CHARS or is_item(line) or line.endswith((":", "：")):
        return False
    if page.blocks[rest[0]].kind not in ("line", "p", "text"):
        return False
    leads = below.endswith((":", "：")) or (len(below) > len(line) and bool(re.search(r"[。:：]", below)))
    numbered = any(is_item(lines[index]) for index in rest[1:])
    return leads and not is_item(below) and (numbered or (asks(title) and _stands_alone(lines, rest)))


def _stands_alone(lines: Sequence[str], rest: Sequence[int]) -> bool:
    """Say whether no other line is short and open: among headings, the first one is a heading too."""
    others = [lines[index] for index in rest[1:]]
    return all(len(line) > MAX_SHORT_ANSWER_CHARS or line.endswith(_ENDS) for line in others)
