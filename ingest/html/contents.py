"""Says whether a list of links is what a page is about (files, answers, sites to go to) and no recommendations.

Lists of both kinds repeat a linked title with perhaps a date, and neither their looks nor their topic part them. What
does: where the list stands (led into, with text behind, under a heading like the article's others), what it names, and
whether an article is left without it. A line that announces recommendations or one date for all items ends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ingest.furniture import line_finding
from ingest.html.tree import Tree, kind_of_path
from ingest.snippets.find import Snippet
from ingest.snippets.meta_lines import is_marker

CONTENT = 0.55
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
# Pages that say of themselves that they list.
_LISTING = re.compile(
    r"目录|汇总|大全|一览|清单|索引|合集|网址|名录|导航|列表|盘点|文件|附件|下载|汇编|常见问题|入口|指引"
)
_DOCUMENT = re.compile(
    r"(?:通知|公告|通告|决定|意见|办法|规定|细则|条例|方案|规划|批复|复函|规程|指南|目录|标准|纲要|公报|法|令|答复|预案|章程|制度"
    r"|清单|政策)(?:》|[（(【\[].{1,20}[)）】\]]|的?解读)*(?:\.\w{3,4})?$"
    r"|《.{4,}》|〔\d{4}〕|\.(?:pdf|docx?|xlsx?|wps|zip)$",
    re.IGNORECASE,
)
# A sentence above that speaks of the list.
_CUE = re.compile(
    r"下面|以下|下列|如下|下方|列在|点(?:击|开|名称|题目|标题|城市|文件|链接)|打开|全文|链接|网址|入口|附件|目录|清单|名单|参见|详见"
)
_SENTENCE = re.compile(r"[。！？；：.!?;:]$")
_MIN_SENTENCE, _LONG_SENTENCE = 8, 16
_MOST = 0.6
_ALL_LINK = 0.9
_CUT = re.compile(r"(?:…|\.{3}|[^。！？!?.；;”\"』」）)])$")
_CUT_SHARE = 0.25
_LITTLE_CHARS = 150  # a page that tells less beside the list is there for the list
_MIN_SAME_DATES, _ONE_DATE = 3, 0.3  # the day on which a block of recommendations was fetched


def content_evidence(tree: Tree, first: int, last: int, items: Sequence[Snippet], title: str) -> float:
    """Return how much speaks for content, from 0 on; from `CONTENT` on the list is taken for it."""
    dates = [item.date for item in items if item.date]
    has_one_date = len(dates) >= _MIN_SAME_DATES and len(set(dates)) == 1
    if any(is_marker(tree.line(index)) for index in range(max(0, first - 2), first)):
        return 0.0
    if sum(_CUT.search(item.summary) is not None for item in items) > _CUT_SHARE * len(items):
        return 0.0
    first, last = _whole_list(tree, first, last)
    if first and is_marker(tree.line(first - 1)):
        return 0.0
    around = tree.boxes[tree.box_around(first, last)]
    lead, is_own = _lead(tree, first, around.first, around.last)
    has_text_behind = last + 1 < around.last and _tells(tree, last + 1)
    is_under_title = first > around.first and tree.blocks[first - 1].kind == "h1"
    names = [item.title for item in items]
    chars = sum(map(len, names))
    reasons = {
        "a sentence leads into it": (0.15, lead is not None),
        "the sentence ends with a colon": (0.25, lead is not None and tree.line(lead).endswith(("：", ":"))),
        "the sentence speaks of it": (0.3, lead is not None and speaks_of_list(tree.line(lead))),
        "text goes on behind it": (0.15, has_text_behind),
        "a heading like the others stands above": (0.2, is_own),
        "the page says that it lists": (0.3, _LISTING.search(title) is not None),
        "it names documents": (0.4, _share(names, _is_document) >= _MOST),
        "it shares the subject of the title": (0.15, _share(names, _on_subject(title)) >= _MOST),
        "without it little is left": (0.25, _told(tree, around.first, around.last, lead) < max(_LITTLE_CHARS, chars)),
        "they are sentences": (0.4, are_sentences(names)),
    }
    if not (lead is not None or is_own or has_text_behind or is_under_title):
        return 0.0
    return round(sum(weight for weight, holds in reasons.values() if holds) - _ONE_DATE * has_one_date, 2)


def _whole_list(tree: Tree, first: int, last: int) -> tuple[int, int]:
    """Return the bounds of the list with the links of its kind around the items: names of groups, dates in a link."""
    kind, depth = kind_of_path(tree.blocks[first].path), tree.blocks[first].depth

    def belongs(index: int) -> bool:
        block = tree.blocks[index]
        return block.depth == depth and block.link_share >= _ALL_LINK and kind_of_path(block.path) == kind

    while first and belongs(first - 1):
        first -= 1
    while last + 1 < len(tree.blocks) and belongs(last + 1):
        last += 1
    return first, last


def are_sentences(lines: Sequence[str]) -> bool:
    """Say whether most of what links say are whole sentences, as no title is."""
    whole = sum(len(line) for line in lines if len(line) >= _LONG_SENTENCE and line.endswith(("。", "；", "！")))
    return 2 * whole >= sum(map(len, lines)) > 0


def speaks_of_list(line: str) -> bool:
    """Say whether a sentence leads into the list below it."""
    return (
        len(line) >= _MIN_SENTENCE
        and _SENTENCE.search(line) is not None
        and _CUE.search(line) is not None
        and line_finding(line) is None
    )


def is_own_heading(tree: Tree, index: int, first: int, last: int) -> bool:
    """Say whether a heading stands like another one in `[first, last)`: those of an article, not of a box."""
    block = tree.blocks[index]
    if block.kind not in _HEADINGS or is_marker(tree.line(index)):
        return False
    kind = kind_of_path(block.path)
    return any(
        other.kind == block.kind
        and other.depth == block.depth
        and other is not block
        and kind_of_path(other.path) == kind
        for other in tree.blocks[first:last]
    )


def _lead(tree: Tree, first: int, start: int, end: int) -> tuple[int | None, bool]:
    """Return the sentence above, over at most one heading, and whether that heading is one of the article's own."""
    index, is_own = first - 1, False
    if index >= start and tree.blocks[index].kind in _HEADINGS:
        is_own = is_own_heading(tree, index, start, end)
        index -= 1
        if not is_own:
            return None, False
    is_told = index >= start and (_tells(tree, index) or tree.blocks[index].kind == "tr")
    return (index if is_told else None), is_own


def _tells(tree: Tree, index: int) -> bool:
    line = tree.line(index)
    return (
        tree.blocks[index].link_share < 0.3
        and len(line) >= _MIN_SENTENCE
        and _SENTENCE.search(line) is not None
        and line_finding(line) is None
    )


def _told(tree: Tree, first: int, last: int, lead: int | None) -> int:
    """Return how many characters stand in sentences beside the list, in elements like that of its lead, if any."""
    depth = None if lead is None else tree.blocks[lead].depth
    return sum(
        len(tree.line(index))
        for index in range(first, last)
        if depth in (None, tree.blocks[index].depth) and _tells(tree, index)
    )


def _is_document(name: str) -> bool:
    return _DOCUMENT.search(name) is not None


def _share(names: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, names)) / len(names)


def _on_subject(title: str) -> Callable[[str], bool]:
    bare = "".join(re.findall(r"[\u4e00-\u9fff]", _LISTING.sub("", title)))
    pairs = {bare[place : place + 2] for place in range(len(bare) - 1)}
    return lambda name: sum(pair in name for pair in pairs) >= 2
