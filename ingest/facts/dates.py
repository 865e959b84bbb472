"""Reads dates as they are written on Chinese pages, and finds the one that says when a page was published.

Figures of both widths and Chinese numerals, with signs or words between them; every date found has its place, so that a
fact can quote it. Only what is handed over is read: dates of recommendations never reach this file. A date counts as
the day of publication by what stands around it (发布时间, 成文日期, a signature under the text); a day on which
something takes effect, ends or is due never does. docs/cleaning.md has the rules with their costs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date

from ingest.facts.years import CENTURY, NUMERALS, SPACE, ZERO, arabic

HEAD_LINES = 30  # a government page has up to some 15 lines of registration data above its title
LABEL_REACH = 20  # characters before a date in which its label is looked for: 首次发布时间 and some white space
FOOT_LINES = 8  # under a signature follow a note, an attachment, a list of recipients

_SIGN = r"[-/.－／．]"
_DATE = re.compile(
    r"[12１２一二](?:"
    rf"(?<!\d.){CENTURY}\d{{2}}(?P<y>){SPACE}(?:{_SIGN}|年){SPACE}(?P<m>\d{{1,2}}){SPACE}(?:{_SIGN}|月){SPACE}"
    rf"(?P<d>\d{{1,2}})(?!\d)(?:{SPACE}[日号])?"
    rf"|(?<=[一二])[九{ZERO}][{NUMERALS}]{{2}}(?P<cy>){SPACE}年{SPACE}(?P<cm>十[一二]?|[一二三四五六七八九元])"
    rf"{SPACE}月{SPACE}(?P<cd>二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|三十一?|卅一?|十[一二三四五六七八九]?"
    rf"|[一二三四五六七八九]){SPACE}[日号]"
    # Eight figures are a date only where nothing hangs on to them: neither a telephone number nor a file number does.
    r"|(?<![\dA-Za-z_./-].)(?:(?<=1)9|(?<=2)0)\d{2}(?P<y8>)(?P<m8>0[1-9]|1[0-2])(?P<d8>0[1-9]|[12]\d|3[01])"
    r"(?![\dA-Za-z_./-]))"
)
_TIME = re.compile(rf"{SPACE}(?:T|星期[一二三四五六日天])?{SPACE}\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}})?")

_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_LABEL_END = r"[\s:：】\]）)|丨]*$"
_PUBLISHED = re.compile(
    r"(?:(?:发布|发表|公布|公开|刊发|推送|上传|首发|发稿)(?:时间|日期)|(?:发布|发表|刊登|首发)于|(?:发布|发表|首发)\s*[:：])"
    + _LABEL_END
)
_ISSUED = re.compile(r"(?:印发|发文|成文|生成|签发|制发)(?:时间|日期)" + _LABEL_END)
_UPDATED = re.compile(
    r"(?:(?:更新|修改|修订|最后编辑|最后更新)(?:时间|日期)?|最近更新|(?:更新|编辑|修改)于)" + _LABEL_END
)
# A day with another meaning: when something begins, ends, is due or was looked at.
_OTHER = re.compile(
    r"(?:截[止至]|施行|实施|生效|执行|有效|废止|失效|报名|申报|办理|开始|结束|到期|打印|访问|采集|抓取|检索|出生|缴费|活动|会议)"
    r"(?:时间|日期|期限|期|于|至|到|自)*" + _LABEL_END
)
_SAID_BEHIND = re.compile(r"\s*(?:首次)?发[布表](?=$|[\s。)）|丨])")
_RUNS_ON = re.compile(r"\s*(?:[起至止前后内以之到~～—]|[-－]\s*\d|施行|实施|生效|执行)")

_OFFICE = re.compile(
    r"^[^。；;，,:：!！?？]{2,40}(?:局|委|委员会|政府|办公室|办公厅|厅|部|中心|院|署|会|处|社|公司|集团|学校|大学|银行|办|所|馆|司|街道|镇|乡)"
    r"(?:[(（](?:盖?章|印章|公章|代章)[)）])?$"
)
_PRINTED = re.compile(r"\s*印发[。\s]*$")
_GOES_ON = re.compile(r"\s*(?:附件|附[:：]|[(（]此件|抄送|主送|信息公开|[(（]?联系)")

_OWN = (
    r"本(?:(?:实施|暂行|试行)?(?:办法|规定|条例|细则|意见|方案|规则)|通知|规程|规范|决定|公告|通告|制度|标准|法"
    r"|政策|文件)"
)
_FROM = re.compile(rf"{_OWN}(?:[(（][^()（）]{{1,8}}[)）])?(?:从|自)\s*$")
_IN_FORCE = re.compile(r"\s*起?\s*(?:正式)?(?:施行|实施|执行|生效|试行)")
_UNTIL = re.compile(rf"{_OWN}[^。；;\n]{{0,40}}有效期[^。；;\n]{{0,30}}[至到]\s*$")


@dataclass(frozen=True, slots=True)
class Day:
    """A date at `[start, end)`; `value` is ISO."""

    value: str
    start: int
    end: int


def find_dates(text: str, start: int = 0, end: int | None = None) -> Iterator[Day]:
    """Yield every full date (year, month, day) in `text[start:end]`, in order, but for days that do not exist."""
    for match in _DATE.finditer(text, start, len(text) if end is None else end):
        if value := _iso(match):
            yield Day(value, match.start(), match.end())


def iso_date(text: str) -> str | None:
    """Return the first full date in `text` as `YYYY-MM-DD`, or None."""
    return next((day.value for day in find_dates(text)), None)


def published_day(
    text: str,
    spans: Sequence[tuple[int, int]],
    bylines: Sequence[tuple[int, int]] = (),
    *,
    latest: str | None = None,
) -> Day | None:
    """Return the day on which the kept `spans` of `text` say that they were published, with its label, or None.

    In this order: a date labelled so in a byline, then in the head or foot of the text; the day a document was issued;
    another date in a byline; the date under a signature; 印发 in a footer. A date after `latest` (the day the page was
    fetched) cannot be it. Labels in the head that give several days say nothing: a list of other pages does that.
    """
    for day in _published_days(text, spans, bylines):
        if (latest is None or day.value <= latest) and is_kept(day.start, day.end, spans):
            return day
    return None


def _published_days(text: str, spans: Sequence[tuple[int, int]], bylines: Sequence[tuple[int, int]]) -> Iterator[Day]:
    lines = kept_lines(text, spans)
    dated = _dated(text, spans, lines)
    ends = [line for line in (*lines[:HEAD_LINES], *lines[HEAD_LINES:][-FOOT_LINES:]) if line in dated]
    yield from _days(text, bylines, _PUBLISHED)
    yield from _agreed(_days(text, ends, _PUBLISHED))
    yield from _days(text, bylines, _ISSUED)
    yield from _agreed(_days(text, ends, _ISSUED))
    yield from _days(text, bylines, None)
    if dated:
        yield from _signed(text, lines, dated)
        yield from _printed(text, [line for line in lines[-FOOT_LINES:] if line in dated])


def updated_day(text: str, spans: Sequence[tuple[int, int]]) -> Day | None:
    """Return the day on which the head or foot of the kept text says that it was changed last, or None."""
    lines = kept_lines(text, spans)
    dated = _dated(text, spans, lines)
    ends = [line for line in (*lines[:HEAD_LINES], *lines[HEAD_LINES:][-FOOT_LINES:]) if line in dated]
    found = _agreed(_days(text, ends, _UPDATED))
    return next((day for day in found if is_kept(day.start, day.end, spans)), None)


def validity(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[str, Day]]:
    """Yield `effective` and `expires` with the day, where the document says it of itself (本办法自…起施行)."""
    for start, end in spans:
        for day in find_dates(text, start, end):
            before = text[max(start, day.start - 90) : day.start]
            if _FROM.search(before) and _IN_FORCE.match(text, day.end, end):
                yield "effective", day
            elif _UNTIL.search(before):
                yield "expires", day


def is_kept(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Say whether one of the `spans`, which are in order and apart, holds `[start, end)` whole."""
    place = bisect_right(spans, start, key=lambda span: span[0]) - 1
    return place >= 0 and end <= spans[place][1]


def _agreed(days: Iterable[Day]) -> list[Day]:
    found = list(days)
    return found if len({day.value for day in found}) == 1 else []


def _days(text: str, places: Sequence[tuple[int, int]], label: re.Pattern[str] | None) -> Iterator[Day]:
    """Yield the dates in `places` that `label` stands before, with it; without a label those that nothing opposes."""
    for start, end in places:
        for day in find_dates(text, start, end):
            reach = max(0, day.start - LABEL_REACH)
            before = text[reach : day.start]
            time = _TIME.match(text, day.end, end)
            behind = time.end() if time else day.end
            if _RUNS_ON.match(text, behind, end):
                continue
            if label is None:
                if not any(other.search(before) for other in (_OTHER, _UPDATED)):
                    yield day
            elif found := label.search(before):  # perhaps on the line above: a table with a cell a line
                yield Day(day.value, reach + found.start(), day.end)
            elif label is _PUBLISHED and (found := _SAID_BEHIND.match(text, behind, end)):
                yield Day(day.value, day.start, found.end())


def _dated(text: str, spans: Sequence[tuple[int, int]], lines: Sequence[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """Return those of the `lines` of `spans` that have a date: one search a span, for no date goes over a line end."""
    starts = [start for start, _ in lines]
    days = (day for start, end in spans for day in find_dates(text, start, end))
    return frozenset(lines[bisect_right(starts, day.start) - 1] for day in days)


def _signed(text: str, lines: Sequence[tuple[int, int]], dated: Set[tuple[int, int]]) -> list[Day]:
    """Return the dates under or behind the name of an office, the one nearest to the end first."""
    found: list[Day] = []
    for number, (start, end) in enumerate(lines):
        if (start, end) not in dated:
            continue
        day = next(find_dates(text, start, end), None)
        if day is None or day.end != end or not re.search(r"[日号]$", text[day.start : day.end]):
            continue
        office = text[start : day.start].strip()
        above = [text[left:right] for left, right in lines[max(0, number - 2) : number]]
        is_signed = _OFFICE.match(office) if office else any(_OFFICE.match(line) for line in above)
        is_last = number >= len(lines) - FOOT_LINES
        if is_signed and (is_last or _goes_on(text, lines[number + 1 : number + 3])):
            found.append(day)
    return found[::-1]


def _goes_on(text: str, lines: Sequence[tuple[int, int]]) -> bool:
    return any(_GOES_ON.match(text, start, end) for start, end in lines)


def _printed(text: str, lines: Sequence[tuple[int, int]]) -> Iterator[Day]:
    for start, end in lines:
        for day in find_dates(text, start, end):
            if _PRINTED.fullmatch(text, day.end, end):
                yield day


def kept_lines(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the lines of the kept text that say anything, without the white space around them."""
    lines = []
    for start, end in spans:
        lines += [match.span() for match in _LINE.finditer(text, start, end)]
    return lines


def _iso(match: re.Match[str]) -> str | None:
    """Return the day that is found, None where there is no such day. The groups of years mark where the year ends."""
    form = next(name for name in ("y", "cy", "y8") if match[name] is not None)
    year = int(arabic(match.string[match.start() : match.end(form)]))
    month, day = (
        ((match["m"], match["d"]) if form == "y" else (match["m8"], match["d8"]))
        if form != "cy"
        else (
            _counted(match["cm"]),
            _counted(match["cd"]),
        )
    )
    try:
        return date(year, int(month), int(day)).isoformat()
    except ValueError:
        return None


def _counted(numeral: str) -> int:
    """Return the number that a numeral to 39 counts: 十二, 二十, 廿一, 卅, 元 (of a month)."""
    numeral = numeral.replace("廿", "二十").replace("卅", "三十").replace("元", "一")
    tens, ten, ones = numeral.rpartition("十")
    units = "零一二三四五六七八九".find(ones) if ones else 0
    return (("零一二三四五六七八九".find(tens) if tens else 1) * 10 if ten else 0) + units
