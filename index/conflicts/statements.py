"""Statements of a text: each number with its sentence, its matter, its condition and what that compares by."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.conflicts.conditions import Span, condition_of, facets_of, spans_of
from index.conflicts.cues import find_matter, matter_above
from index.conflicts.figures import Figure, figures_in
from index.conflicts.matters import FAMILY, Matter

# A sentence that is longer is quoted by its clause between two semicolons, not as a whole paragraph.
MAX_QUOTE_CHARS = 180
# Words farther from a number than this say nothing of it.
_WINDOW, _AHEAD = 90, 40
_END = re.compile(r"[。!?\n]+[”\"'’)]*|[;]+")
_HARD = re.compile(r"[。!?\n]")
_BULLET = re.compile(r"[\s•·●○◦▪■*\-]*(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）、.](?!\d)\s*)?")
# A number that tells what was before, what is an example, or what somebody asks, states no rule.
_NO_RULE = re.compile(
    r"例如|比如|举例|假设|假如|示例|为例|先生|女士|阿姨|大爷|[?]|吗$|多少|据统计|同比|增长|累计(?:支出|收入|结余)|万人次"
)
_WAS = re.compile(r"(?:由|从)(?:原来的?|原先的?)?$|原(?:来|先)?(?:为|是|的)?$|(?:由|从)[^,。;]{0,4}$")
_BECAME = re.compile(r"^[^,。;]{0,6}(?:提高|降|调整|增加|缩短|延长|下调|上调|提|改)[^,。;]{0,3}[到至为]")
# 满1年不足5年 parts cases; 每提高1个百分点 and 前3年平均 are measures of something else.
_BRACKET = re.compile("满[^,。;]*不[足满]|不[足满][^,。;]*但")
_OF_EACH = re.compile(r"每(?:满|增|提|降|超|多|少|减|加|再|逾|缴)[^,。;]{0,8}$|(?:前|近|过去)$")
_CHANGES = re.compile(
    r"(?:提高|增加|增发|再加|加发|加|延长|上浮|上调|高出?|多报|多领|再多)(?:了|不低于|不超过|至少|最多|约|的幅度)?$"
    r"|(下降|降低|减少|下调|缩短|少报|要少|低|下浮|降幅(?:不超过)?)(?:了|不低于|不超过|至少|最多|约)?$"
)
_NAME = re.compile(r"[\u4e00-\u9fff]{2,}")
_IDLE = re.compile(
    r"万?元|以[上下内]|[年月日]|不得|[少低高多超大小]于|的|了|为|是|在|按|由|以|可|能|应|须|需|要|不|满|超过|每|约|等|后|前|内|且|和|及|与|或|共|达|到|至|其中"
    r"|最[高低多长短]|至[少多]|一般|原则上|规定"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A number of a text: `quote` `[start, end)` is the sentence that holds `figure`, all offsets are into that text.

    `matter` is a name of `matters`, or, where none is known, the words before the number; then `is_known` is False.
    `condition` is a span or None. `facets` and `spans` are what two conditions are compared by. `is_rule` is False
    where the number says who is meant, tells of the past, of an example or of somebody.
    """

    figure: Figure
    start: int
    end: int
    matter: str
    is_known: bool
    by_cases: bool
    is_rule: bool
    condition: tuple[int, int] | None
    facets: Mapping[str, frozenset[str]]
    spans: tuple[Span, ...]


def read_statements(folded: str, above: Sequence[str] = ()) -> tuple[Statement, ...]:
    """Return the statements of a text in search form; `above` are the headings over it, nearest first."""
    figures = tuple(figures_in(folded))
    return tuple(statements_of(folded, figures, above)) if figures else ()


def statements_of(folded: str, figures: Sequence[Figure], above: Sequence[str]) -> Iterator[Statement]:
    """Yield the statement of each of the figures of a text."""
    for group in _by_sentence(folded, figures):
        first, last, members = group
        told: dict[str, Matter] = {}  # the matter of the last number of each family: 三级85%、二级90%
        reached = first
        for figure in members:
            family = FAMILY[figure.unit]
            before = folded[max(first, figure.start - _WINDOW) : figure.start]
            matter = find_matter(figure.unit, before, folded[figure.end : min(last, figure.end + _AHEAD)])
            matter = matter or told.get(family)
            is_said = matter is not None
            matter = matter or matter_above(figure.unit, above)
            if matter is not None and is_said:
                told[family] = matter
            yield _statement(folded, first, last, figure, members, above, matter, is_said=is_said, reached=reached)
            reached = figure.end


def _by_sentence(folded: str, figures: Sequence[Figure]) -> Iterator[tuple[int, int, list[Figure]]]:
    """Yield sentences with numbers, without bullet and blanks at their ends, and their numbers."""
    ends = [0, *(match.end() for match in _HARD.finditer(folded)), len(folded)]
    groups: dict[int, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(bisect_right(ends, figure.start) - 1, []).append(figure)
    for place, members in groups.items():
        first, last = ends[place], ends[min(place + 1, len(ends) - 1)]
        bullet = _BULLET.match(folded, first, members[0].start)
        first = bullet.end() if bullet else first
        while last > first and folded[last - 1].isspace():
            last -= 1
        yield first, last, members


def _statement(
    folded: str,
    first: int,
    last: int,
    figure: Figure,
    members: Sequence[Figure],
    above: Sequence[str],
    matter: Matter | None,
    *,
    is_said: bool,
    reached: int,
) -> Statement:
    behind = folded[figure.end : min(last, figure.end + _AHEAD)]
    condition = condition_of(folded, first, figure, members)
    start, end = _quote(folded, first, last, figure)
    said = folded[slice(*condition)] if condition else ""
    own = folded[_clause_start(folded, start, figure.start) : figure.start]
    case = own[-max(0, figure.start - reached) :] if reached < figure.start else ""  # 男满30年、女满25年
    tail = re.split("[,。;!?]", behind, maxsplit=1)[0]
    spans = spans_of(
        one
        for one in members
        if (condition and condition[0] <= one.start and one.end <= condition[1])
        or (one.unit == "date" and one.end <= figure.start)
    )
    is_rule = not (
        (matter is not None and matter.is_condition)
        or figure.unit == "calendar_year"
        or _NO_RULE.search(folded, start, end)
        or "\t" in folded[start:end]  # a row of a table is a case by itself
        or (figure.unit == "date" and not is_said)
        or (_is_met(own, tail, figure) and not (matter is not None and matter.is_asked))
        or _BRACKET.search(f"{own}#{tail}")
        or _OF_EACH.search(own)
        or (len(members) > 1 and "分别" in folded[start : figure.start])  # which number is of which name, nobody reads
        or (_WAS.search(own) and _BECAME.search(behind))
    )
    return Statement(
        figure,
        start,
        end,
        (matter.name if matter else _name(own, folded[start : figure.start], above)) + _change(own),
        matter is not None,
        matter is not None and matter.by_cases and is_said,
        is_rule,
        condition,
        facets_of(f"{said},{case},{tail.partition('、')[0]}", [folded[start : figure.start], *above]),
        spans,
    )


def _change(own: str) -> str:
    """Return what a number that raises or lowers something adds to the name of its matter: it is no level of it."""
    found = _CHANGES.search(own)
    return "" if found is None else "降幅" if found[1] else "增幅"


def _is_met(own: str, tail: str, figure: Figure) -> bool:
    """Say whether a number is part of a condition: 中断不超过3个月的, 满2年后, 断缴3个月以上的."""
    return bool(
        (
            figure.bound in ("more_than", "less_than", "at_least", "at_most")
            and re.search(r"的(?:人|职工|居民|部分|人员|[^,。;]{0,8})?$", tail)
        )
        or re.match(r"(?:以上|以下|以内|的|后|且|、|及)*(?:才|方可|的$|的部分|者|且)", tail)
        or (figure.unit in ("年", "月", "日") and re.search(r"(?:如果|若|凡|当|一旦|每)[^,。;]{0,12}$", own))
    )


def _quote(folded: str, first: int, last: int, figure: Figure) -> tuple[int, int]:
    if last - first <= MAX_QUOTE_CHARS:
        return first, last
    left = max((m.end() for m in re.finditer(";", folded[first : figure.start])), default=0) + first
    right = folded.find(";", figure.end, last)
    right = last if right < 0 else right + 1
    while left < figure.start and folded[left].isspace():
        left += 1
    if right - left > 2 * MAX_QUOTE_CHARS:  # a table in one line
        left = max(left, figure.start - MAX_QUOTE_CHARS // 2)
        right = min(right, figure.end + MAX_QUOTE_CHARS // 2)
    return left, right


def _clause_start(folded: str, first: int, end: int) -> int:
    return max(folded.rfind(mark, first, end) for mark in ",;:。") + 1 or first


def _name(own: str, before: str, above: Sequence[str]) -> str:
    """Return the words that a number without a known matter is of: the last before it, else the heading."""
    for text in (own, before):
        if words := _NAME.findall(_IDLE.sub(" ", text)):
            return str(words[-1][-10:])
    return above[0][-16:] if above else ""
