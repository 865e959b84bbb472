"""Whether a number is a limit (不超过, 以上, 之前), and per what it counts (每人每年), by the words around it."""

from __future__ import annotations

import re
from typing import Literal

Bound = Literal["exact", "at_least", "at_most", "more_than", "less_than", "about"]
BOUNDS: tuple[Bound, ...] = ("exact", "at_least", "at_most", "more_than", "less_than", "about")

_SUFFIXES: tuple[tuple[re.Pattern[str], Bound], ...] = (
    (re.compile(r"(?:\(含\))?(?:及|或|和)?以上|起步|保底|及更"), "at_least"),
    (re.compile(r"(?:\([^()]{1,4}\))?(?:及|或|和)?(?:以下|以内|之内|内(?![容部科])|封顶|为限)"), "at_most"),
    (re.compile(r"左右|上下(?!班)|前后"), "about"),
)
_OF_DATES: tuple[tuple[re.Pattern[str], Bound], ...] = (
    (re.compile(r"(?:\(含\))?(?:之前|以前|前|止|截止)"), "at_most"),
    (re.compile(r"(?:\(含\))?(?:起|开始|及以后)"), "at_least"),
    (re.compile(r"(?:之后|以后|后)"), "at_least"),
)
_FILL = r"[为是按达到约有交缴报发领加提高增\s]{0,3}"
# The words that bind stand right before the number; 最多 and 最长 let a verb stand between (最多能领24个月).
_PREFIXES: tuple[tuple[re.Pattern[str], Bound], ...] = (
    (
        re.compile(
            rf"(?:不(?:得|应|能|会|可)?(?:低|少|小|短|早)于|(?<![不人])至少|最少|起码|不下|≥|>=){_FILL}(?:每[每人年月日次]+)?$"
        ),
        "at_least",
    ),
    (
        re.compile(
            rf"(?:不(?:得|应|能|会|可)?(?:超过|超出|高于|多于|大于|长于|晚于|迟于)|不超|≤|<=){_FILL}(?:每[每人年月日次]+)?$"
        ),
        "at_most",
    ),
    (re.compile(r"(?:最[高多长晚迟]|至多)(?!支付限额)[^\d,。;:]{0,5}$"), "at_most"),
    (re.compile(r"(?<![年期上下时仅额])限[报领办开]$"), "at_most"),
    (re.compile(r"超过[^\d,。;:]{1,6}工资的?$"), "more_than"),
    (re.compile(r"可(?:放宽)?[到至]$"), "at_most"),
    (re.compile(r"最低[为是按交缴]{0,1}$"), "at_least"),
    (re.compile(rf"(?:超过|超出|高于|大于|多于|突破|逾|(?<!不)超|>){_FILL}$"), "more_than"),
    (re.compile(rf"(?:不足|不满|未满|不到|没满|未到|低于|少于|小于|未达到?|不够|没到|<){_FILL}$"), "less_than"),
    (re.compile(r"(?:满|够|达到|足)了?$"), "at_least"),
    (re.compile(r"(?:大约|约|大概|(?<![最附])近|将近|接近|差不多|大致)(?:为|是|能|可|报|在){0,2}$"), "about"),
)
_UNTIL = re.compile(r"(?:[到至]|截止|截至|截止到|止于|截止日期)[:为是于]{0,2}$")
_PER = re.compile(
    r"(?:每|按|单|折合每|人(?=均(?!可|收|工|消|缴|预))|(?<![统第])一(?=[年月天日次](?:下来|最[多高]|合计|可|就|能|报|\s?\d|$)))"
    r"((?:每?(?:人|均|年|月|日|天|次|档|户|周|胎|孩|季|床日|小时)"
    r"(?![级代性份末中底初以之内医口龄满足])){1,3})|([年月])(?:度限额|缴费)"
)
_PERIODS = re.compile("人|年|月|日|天|次|档|户|周|胎|孩|季|床日|小时")
_PER_UNIT = re.compile(r"\s?/\s?[(]?(人|年|月|日|天|次|户|档|季|周|床日|小时)(?:[·./、,]?(年|月|日|天|次|人))?")


def clause_before(folded: str, start: int) -> str:
    """Return what stands before a number in its clause, at most 24 characters."""
    before = folded[max(0, start - 24) : start]
    cut = max((match.end() for match in re.finditer(r"[,。;:!?、\n]", before)), default=0)
    return before[cut:]


def bound_of(before: str, folded: str, start: int, end: int, unit: str) -> Bound:
    """Return which limit a number `[start, end)` is; `before` is what stands before it in its clause."""
    after = folded[end : end + 8].lstrip()
    before = before.rstrip()
    is_date = unit in ("date", "calendar_year")
    for pattern, bound in _PREFIXES:
        if pattern.search(before):
            if bound == "about" and before.endswith("近") and unit in ("年", "月", "日", "周"):
                return "exact"  # 近3年 are the last three
            return bound
    if is_date and _UNTIL.search(folded[max(0, start - 6) : start].rstrip()):
        return "at_most"
    for pattern, bound in (*_SUFFIXES, *(_OF_DATES if is_date else ())):
        if pattern.match(after):
            return bound
    return "exact"


def per_of(before: str, after: str) -> str | None:
    """Return per what a number counts: 人, 年, 月, 日, 次, 档 or two of them (人/年)."""
    if behind := _PER_UNIT.match(after):
        parts = [part for part in behind.groups() if part]
    elif found := list(_PER.finditer(before)):
        last = found[-1][1] or found[-1][2]
        parts = _PERIODS.findall("人" if last == "均" else last)
    else:
        return None
    parts = ["日" if part == "天" else part for part in parts]
    return "/".join(dict.fromkeys(parts)) or None
