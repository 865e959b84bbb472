"""How alike two statements are put: their words without numbers, places and years, compared by pairs of characters."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from index.conflicts.statements import Statement

# What changes from place to place and from year to year, and is no part of what is said.
_NUMBER = re.compile(
    r"(?:\d+(?:[.,]\d+)*|[零〇一二两三四五六七八九十百千万亿半]{1,6}(?=个|摄|度|平|米|公|年|月|日|天|元|%|周|岁|倍|次|人))"
)
_PLACE = re.compile(r"[\u4e00-\u9fff]{2,4}(?:省|市|州|县|区)(?!外|内|级|域)")
_NOTHING = re.compile(r"[^\u4e00-\u9fff#]|[的了等]")
_REACH = 60


def wording_of(folded: str, statement: Statement) -> str:
    """Return the words of a statement: its condition, its clause up to the number and what follows it there."""
    figure = statement.figure
    start = max(statement.start, figure.start - _REACH)
    condition = statement.condition
    left = max(folded.rfind(mark, start, figure.start) for mark in ",;。:") + 1 or start
    if condition is not None and condition[0] < left:
        left = max(condition[0], start)
    right = min(
        [place for mark in ",;。" if (place := folded.find(mark, figure.end, statement.end)) >= 0] or [statement.end]
    )
    said = f"{folded[left : figure.start]}#{folded[figure.end : min(right, figure.end + _REACH)]}"
    return plain(said)


def plain(folded: str) -> str:
    """Return the words of a text, # for each number, without places, marks and blanks."""
    return _NOTHING.sub("", _PLACE.sub("", _NUMBER.sub("#", folded)))


def pairs_of(wording: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters of a wording."""
    return frozenset(wording[place : place + 2] for place in range(len(wording) - 1)) or frozenset((wording,))


def alike(left: frozenset[str], right: frozenset[str]) -> float:
    """Return the share of pairs that two wordings have in common (Jaccard), from 0 to 1."""
    return len(left & right) / len(left | right)


def speak_of_two(left: str, right: str) -> bool:
    """Say whether two wordings that are otherwise alike put one word for another: 异议 here, 修复 there.

    That is a stretch of two characters or more in whose place the other has as many with none of them in common.
    """
    for tag, start, end, since, until in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        one, other = left[start:end].replace("#", ""), right[since:until].replace("#", "")
        if tag == "replace" and len(one) > 1 and len(other) > 1 and not set(one) & set(other):
            return True
    return False
