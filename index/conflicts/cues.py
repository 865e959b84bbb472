"""Finds what a number is of by the cues of the matters before and behind it, then by the headings above it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.conflicts.matters import FAMILY, MATTERS, Matter

_OF_FAMILY = {family: tuple(m for m in MATTERS if m.family == family) for family in set(FAMILY.values())}
_BY_NAME = {(m.family, m.name): m for m in MATTERS}
# How far a cue is: characters between, and this for each clause between; a cue behind the number counts a little more.
_CLAUSE, _BEHIND = 10, 2
_BREAK = re.compile("[,、]")
# From when a term runs says nothing of what it is: 自补缴到账之日起3个月后享受待遇.
_SINCE = re.compile(r"(?:自|从|在)?[^,。;]{1,14}之[日月]起[^,。;]{0,2}$")
# What a number of these families is of where no cue stands by.
_ELSE = {"岁": "年龄", "calendar_year": "年度"}


def find_matter(unit: str, before: str, behind: str) -> Matter | None:
    """Return the matter of a figure by the cues of its sentence, None where there is none.

    `before` and `behind` are its sentence up to and from the number.
    """
    since = _SINCE.search(before)
    if since and (told := find_matter(unit, before[: since.start()] + "#", behind)):
        return told
    best, nearest = None, 10**6
    family = FAMILY[unit]
    for matter in _OF_FAMILY[family]:
        far = _distance(matter, before, behind)
        if far is not None and far < nearest:
            best, nearest = matter, far
    return best


def matter_above(unit: str, above: Sequence[str]) -> Matter | None:
    """Return the matter that the headings over a figure tell, the nearest first, else what its unit alone says."""
    family = FAMILY[unit]
    told = (matter for heading in above for matter in _OF_FAMILY[family] if _is_told(matter, heading))
    return next(told, None) or _BY_NAME.get((family, _ELSE.get(family, "")))


# What a heading may tell of the numbers under it.
_IN_HEADINGS = (
    *(
        "待遇等待期",
        "报销比例",
        "起付线",
        "封顶线",
        "个人缴费",
        "财政补助",
        "缴费年限",
        "办理时限",
        "缴费比例",
        "退休年龄",
        "产假天数",
    ),
    *("公示期", "有效期", "报销时限", "失业金领取期限", "补缴时限", "免赔额", "滞纳金"),
)


def _is_told(matter: Matter, heading: str) -> bool:
    return matter.name in _IN_HEADINGS and matter.before is not None and matter.before.search(heading) is not None


def _distance(matter: Matter, before: str, behind: str) -> int | None:
    far: int | None = None
    if matter.before is not None and before:
        last = None
        for last in matter.before.finditer(before):  # noqa: B007 - the last one counts
            pass
        if last is not None:
            # A cue that reaches up to the number by its pattern is as far as its own words end.
            words = matter.words and matter.words.match(before, last.start())
            rest = before[words.end() if words else last.end() :]
            far = len(rest) + _CLAUSE * len(_BREAK.findall(rest))
    if matter.behind is not None and (found := matter.behind.match(behind.lstrip())):
        near = _BEHIND + found.end() // 2
        far = near if far is None else min(far, near)
    return far
