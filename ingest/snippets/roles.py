"""What each line could be in a recommendation item, told from the line alone: title, summary, meta line, decoration.

Nothing is decided here. `alignment` finds the runs that these roles fit best; `evidence` says how sure a run is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.block import Block
from ingest.furniture import line_finding
from ingest.snippets.meta_lines import MAX_META_CHARS, Meta, marker_strength, read_meta

# The longest seed title has 30 characters, the longest summary 216; both with room for other sites.
MAX_TITLE_CHARS = 80
MAX_SUMMARY_CHARS = 320
# Some templates do not cut; beyond this no line is a summary.
MAX_LINE_CHARS = 700
# Shorter lines without an end mark are titles and list items as often as summaries that were cut.
MIN_CUT_CHARS = 24
# A comma at the end says so of a shorter line too.
MIN_COMMA_CHARS = 10
# Markers and furniture are shorter.
MAX_FURNITURE_CHARS = 160
# Furniture that stands between blocks, never inside an item.
_PARTING_RULES = frozenset({"tip", "breadcrumb", "neighbours", "copyright", "site_links", "comment_bar"})

_INNER_STOP = re.compile(r"[，,。；;：:、.!?！？]")
_CLOSING = "”’」』）)]】》>\"'"
_FULL_STOPS = frozenset("。！!？?；;")
_ELLIPSES = ("…", "⋯", "..", "。。")
# No sentence ends in one of these: the line was cut behind it.
_CANNOT_END = frozenset("，,、·的是在和与或把被将从对为及并但而且如则就才再由向给让使到于以因若虽该某每各其这那之所")
_COMMAS = "，,、"
_ORDERED = re.compile(
    r"[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]|第[一二三四五六七八九十百\d]{1,3}[章节条款步]|[①-⑳]"
)
_NUMBERED = re.compile(r"\d{1,2}[.、．)）](?!\d)|[QA][:：]|[问答][:：]|步骤")
_BULLETED = re.compile(r"[•·●○■□◆▪▶►➤*\-–—]\s?")
# Whom to ask and where: such a line ends without an end mark and is not cut.
_RECORD = re.compile(r"\d{7}|地址|电话|热线|传真|邮编|邮箱|网址|上午|下午|周一|星期一|\d[楼层室号][）)]?$")
_MAX_RECORD_CHARS = 120
_LABEL_STARTS = frozenset("一二三四五六七八九十百第（(0123456789QA问答步•·●○■□◆▪▶►➤*-–—①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
_RANK_STARTS = frozenset("#[【(（nNtT第①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
_RANK = re.compile(r"[#\[【(（]?(?:no\.?|top|第)?\s?(?:\d{1,3}|[①-⑳])\s?[名位条]?[.、．\])）】]?", re.IGNORECASE)
# One word or two that sites set between or inside items: buttons, badges, image placeholders.
_DECORATIONS = (
    "图片|图|image|img|photo|缩略图|封面|配图|视频|广告|推广|ads|ad|advertisement|sponsored|promoted|置顶|推荐|热门|热|新|荐"
    "|原创|精华|精|独家|分享|收藏|点赞|赞|评论|回复|转发|关注|举报|不感兴趣|展开|收起|详情|更多|全文|查看详情|查看全文|查看更多|查看"
    "|阅读全文|阅读更多|阅读原文|点击查看|点击阅读|了解更多|了解详情|继续阅读|readmore|more|details|learnmore|continuereading|share"
)
_DECORATION = re.compile(f"(?:{_DECORATIONS})+", re.IGNORECASE)
_DECORATION_STARTS = frozenset("".join(word[0] + word[0].upper() for word in _DECORATIONS.split("|")))
_ALT = re.compile(r"!?[\[【(（<][^\[\]【】()（）<>]{0,12}[\]】)）>]")
_NOT_WORD = re.compile(r"[\W_]+")
_ANY_DATED = re.compile(r"[\d前昨今刚周去aAyY]")  # one set of characters is searched at C speed
_MAYBE_DATED = re.compile(
    r"\d|[秒钟时天日周月年]之?前|昨[天日]|前天|今[天日]|刚刚|[前昨今]晚|[上本这]周|去年|ago|yesterday", re.IGNORECASE
)
_END_CHARS = 14
_BRACKETS_BEFORE = re.compile(r"[\[【(（]([^\]】)）]{3,24})[\]】)）]\s*(\S.{3,})$")
_BRACKETS_BEHIND = re.compile(r"(\S.{3,}?)\s*[\[【(（]([^\[\]【】()（）]{3,24})[\]】)）]$")
_GAP = re.compile(r"[\s|｜](?:\s*[|｜·•/\-—]\s+|\s*)")
_FIELD_GAP = re.compile(r"\t+|\s*[|｜]\s*|\u3000+|\s{2,}")
# A longer line is a title with its summary, and the title ends at the first gap or question mark.
MIN_PACKED_CHARS = 60
_FIRST_FIELD = re.compile(r"([^\s。；;？?]{4,40}[？?]?)(?:(?<=[？?])|\s+)(?=\S{4})")
# A category beside a date on the title's line has at most this many characters; the longest in the seeds has 4.
MAX_SHORT_CATEGORY = 8
MIN_TITLE_CHARS = 4
_NOT_IN_META = re.compile(r"[，。？！?!《》“”]|,(?!\s*\d{4})")


@dataclass(frozen=True, slots=True)
class Inline:
    """A line that holds a title or a summary (or both) and its meta line beside each other: `text` is without it."""

    text: str
    meta: Meta

    def fields(self) -> tuple[str, str]:
        """Return title and summary, where a wide gap parts them, or any in a line too long for a title alone."""
        title, *rest = _FIELD_GAP.split(self.text, maxsplit=1)
        if not rest and len(title) > MIN_PACKED_CHARS and (first := _FIRST_FIELD.match(title)):
            return first[1], title[first.end() :]
        return title, rest[0] if rest else ""


@dataclass(slots=True)  # a page has hundreds, and a frozen one takes four times as long to make
class Line:
    """One line with what it could be. `cut` is 0, 1 (no end mark) or 2 (surely cut); `marker` see `marker_strength`."""

    index: int
    text: str
    meta: Meta | None
    inline: Inline | None
    marker: int
    parts: bool
    decorates: bool
    ends_full: bool
    ends_colon: bool
    cut: int
    label: str
    link_share: float
    is_row: bool


def read_roles(text: str, blocks: Sequence[Block]) -> list[Line]:
    """Return a `Line` for every block of a page."""
    metas: dict[str, tuple[Meta, Inline | None]] = {}  # blocks repeat theirs
    return [_read(index, text[block.start : block.end], block, metas) for index, block in enumerate(blocks)]


def _read(index: int, line: str, block: Block, metas: dict[str, tuple[Meta, Inline | None]]) -> Line:
    size = len(line)
    meta = inline = None
    marker = 0
    parts = decorates = False
    if size <= MAX_META_CHARS:
        if line in metas:
            meta, inline = metas[line]
        elif meta := read_meta(line):
            inline = _read_inline(line) if len(meta.category) > MIN_TITLE_CHARS else None
            metas[line] = meta, inline
    # A meta line with a label (来源) may look like furniture; as part of an item it is more.
    if meta is None and size <= MAX_FURNITURE_CHARS:
        marker = marker_strength(line)
        if not marker:
            finding = line_finding(line)
            parts = finding is not None and finding.rule in _PARTING_RULES
            decorates = (finding is not None and not parts) or (size <= 24 and _is_decoration(line))
    if size <= MAX_LINE_CHARS and meta is None:
        inline = _read_inline(line)
    if inline and block.kind == "tr" and not cut_grade(inline.text):
        inline = None  # tables of an article have dates, but no summaries that were cut
    ends_full, ends_colon = ends_a_sentence(line), line[-1] in ":："
    cut = 0 if meta is not None or ends_full or ends_colon else _cut_of_open_end(line)
    return Line(
        index, line, meta, inline, marker, parts, decorates, ends_full, ends_colon, cut, _label(line),
        block.link_share, block.kind == "tr",
    )  # fmt: skip


def _label(line: str) -> str:
    if line[0] not in _LABEL_STARTS:
        return ""
    if _ORDERED.match(line):
        return "ordered"
    if _NUMBERED.match(line):
        return "numbered"
    return "bullet" if _BULLETED.match(line) else ""


def ends_a_sentence(text: str) -> bool:
    """Say whether `text` ends as a paragraph does: an end mark, perhaps with closing quotes behind it."""
    last = text[-1]
    if last in _CLOSING:
        text = text.rstrip(_CLOSING)
        last = text[-1] if text else ""
    return (last in _FULL_STOPS or (last == "." and not text[:-1].isdigit())) and not text.endswith(_ELLIPSES)


def cut_grade(text: str) -> int:
    """Return how surely a summary stops in mid-sentence: 2, 1 (it only has no end mark), 0."""
    text = text.rstrip()
    return 0 if not text or text[-1] in ":：" or ends_a_sentence(text) else _cut_of_open_end(text)


def _cut_of_open_end(text: str) -> int:
    if len(text) < MIN_CUT_CHARS:
        return 2 if text[-1] in _COMMAS and len(text) >= MIN_COMMA_CHARS else 0
    if text[-1] in _CANNOT_END or text.endswith(_ELLIPSES):
        return 2
    if len(text) < _MAX_RECORD_CHARS and _RECORD.search(text):
        return 0
    return 1 if text[-1] not in _CLOSING and _INNER_STOP.search(text) else 0


def _is_decoration(line: str) -> bool:
    bare = line if line.isalnum() else _NOT_WORD.sub("", line)
    if not bare:
        return True
    if (line[0].isdecimal() or line[0] in _RANK_STARTS) and _RANK.fullmatch(line):
        return True
    return bare[0] in _DECORATION_STARTS and (
        _DECORATION.fullmatch(bare) is not None
        or (line[0] in "![【(（<" and _ALT.fullmatch(line) is not None and _DECORATION.match(bare) is not None)
    )


def _read_inline(line: str) -> Inline | None:
    """Read a title with a date before or behind it, a summary with its meta line behind it, an item on one line."""
    last_chars = max(0, len(line) - _END_CHARS)
    head, tail = _ANY_DATED.search(line, 0, _END_CHARS) is not None, _ANY_DATED.search(line, last_chars) is not None
    if not head and not tail:
        return None
    head = head and _MAYBE_DATED.search(line, 0, _END_CHARS) is not None
    tail = tail and _MAYBE_DATED.search(line, last_chars) is not None
    bracketed = _BRACKETS_BEFORE.match(line) if head else None
    if bracketed and (meta := read_meta(bracketed[1])) and not meta.category:
        return Inline(bracketed[2], meta)
    behind = _BRACKETS_BEHIND.match(line) if tail and line[-1] in _CLOSING else None
    if behind and (meta := read_meta(behind[2])) and not meta.category:
        return Inline(behind[1], meta)
    return (_with_meta_behind(line) if tail else None) or (_with_meta_before(line) if head else None)


def _with_meta_behind(line: str) -> Inline | None:
    """Take a meta line off the end: a date or a count, and a category before it where one stands apart."""
    gaps = [match.span() for match in _GAP.finditer(line, max(1, len(line) - MAX_META_CHARS))]
    found: tuple[int, Meta] | None = None
    for number in range(len(gaps) - 1, -1, -1):
        left, right = gaps[number]
        tail = line[right:]
        if _NOT_IN_META.search(tail):
            break
        meta = read_meta(tail)
        if meta is None or not (meta.date or any(map(str.isdigit, tail))):
            if found:
                break
            continue
        if found and (len(meta.category) > MAX_SHORT_CATEGORY or left < MIN_TITLE_CHARS):
            break
        if found and meta.category.isascii() and line[left:right] == " ":
            break  # English words: the last one of the title is no category
        found = left, meta
    if not found or found[0] < MIN_TITLE_CHARS:
        return None
    return Inline(line[: found[0]], found[1])


def _with_meta_before(line: str) -> Inline | None:
    gap = _GAP.search(line, 0, 2 * _END_CHARS)
    if not gap or not MIN_TITLE_CHARS <= gap.start() <= 24 or len(line) - gap.end() < MIN_TITLE_CHARS:
        return None
    meta = read_meta(line[: gap.start()])
    return Inline(line[gap.end() :], meta) if meta and meta.date and not meta.category else None
