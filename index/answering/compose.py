"""Chooses which sentences are said: whole in their conditions, lists as lists, differing figures side by side.

What belongs together stays together: an item comes with the lead-in that announces it, a row with the names of its
columns, a sentence that begins with 其中 or 但 with the one before it, and a sentence with the 但 that limits it.
Sentences are weighed in candidates.py; whether anything is said is decided in verdict.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.answering.candidates import Candidate
from index.ngrams import fold

# What a person reads in about twenty seconds.
MAX_CHARS = 260
MAX_SENTENCES = 6
# Sentences of other articles that answer with another figure stand beside it: at most this many, with their own room,
# and none whose evidence is further behind the best that has a figure (the odds that it answers too are one to twelve
# there) or that covers so much less of the question. Chosen on everyday questions about the seeds and the sample pages;
# docs/decisions.md.
MAX_BESIDE = 4
BESIDE = 2.5
MAX_BESIDE_CHARS = 480
_COVERS_AS_MUCH = 0.25
# Characters that two neighbouring sentences end in alike, figures aside, where one rule has a case each.
_SAME_END_CHARS = 7
# Two sentences with this share of their pairs of characters in common, numbers aside, say the same of the same thing.
SAME_WORDS = 0.6

# What refers to the sentence before it, and what takes back part of it; not 其中心, 即时 and 除夕.
REFERS = re.compile(
    r"^(?:其中(?!心)|但|不过|然而|此外还|否则|这|该|上述|以上|前款|前述|同时|也就是说|即(?!时)|对此|反之|相反)"
)
_LIMITS = re.compile(r"^(?:但|不过|然而|否则|其中(?!心)|逾期|超过|超出|未|除(?!夕)|如果不|若不|不足|不满)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# What a figure of each kind of question looks like: of time a span, or the day or month after, not a date.
_FIGURES = {
    "duration": re.compile(
        r"(?<![\d月])\d{1,3}\s*(?:个工作日|工作日|个月|日|天|周岁|周|小时|年|岁)|当[日天月]|次[日月年]|第\d+个月"
    ),
    "money": re.compile(r"\d[\d,.]*\s*(?:元|万|块)|\d[\d.]*\s*[%‰]"),
    "share": re.compile(r"\d[\d.]*\s*[%‰]|[一二三四五六七八九]成"),
    "times": re.compile(r"\d+\s*[次趟回遍]"),
}
# 中断不超过3个月的， says who is meant; the figure that answers stands behind it.
_CONDITION = re.compile(r"[^，,。；;]*的[，,]")
# Questions that a list answers as a whole.
_WANTS_LIST = frozenset({"steps", "papers", "who"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """The sentences to say, in reading order; `differing` are pairs of their indices whose figures differ."""

    sentences: tuple[Candidate, ...]
    differing: tuple[tuple[int, int], ...] = ()


def asks_figure(kinds: Sequence[str]) -> bool:
    """Say whether a question of these kinds asks for a figure, on which sources may differ."""
    return any(kind in _FIGURES for kind in kinds)


def compose(
    candidates: Sequence[Candidate], kinds: Sequence[str], *, within: float, farther: Sequence[Candidate] = ()
) -> Chosen:
    """Return what to say of `candidates`, of which there is at least one.

    That is the best sentence with what belongs to it, then others whose evidence is at most `within` behind it, while
    they fit in MAX_CHARS and MAX_SENTENCES; the best one is said however long it is. Where a figure is asked for, what
    other articles answer with another figure stands beside it; that is sought in `farther` passages as well.
    """
    ordered = _ordered(candidates)
    best = ordered[0]
    beside = _beside(_ordered((*candidates, *farther)), kinds)
    chosen: list[Candidate] = []
    for candidate in ordered:
        if candidate.evidence < best.evidence - within:
            break
        if candidate in chosen or any(repeats(candidate.text, other.text) for other in chosen):
            continue
        _add(chosen, _whole(candidates, candidate, kinds))
    for candidate in ordered:  # the same said with another figure elsewhere belongs beside it, if it is any evidence
        if candidate.evidence >= best.evidence - 2 * within - 1 and any(_contradicts(candidate, c) for c in chosen):
            _add(chosen, [candidate])
    cases = [case for candidate in beside for case in _other_cases((*candidates, *farther), candidate)]
    _add(chosen, [*beside, *cases], room=MAX_BESIDE_CHARS)
    said = sorted(chosen, key=lambda c: (c.hit.rank, c.start))
    apart = [c for c in (*beside, *cases) if c in said]
    differing = tuple(
        (left, right)
        for left in range(len(said))
        for right in range(left + 1, len(said))
        if _contradicts(said[left], said[right]) or (said[left] in apart and said[right] in apart)
    )
    return Chosen(tuple(said), differing)


def _ordered(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda c: (-c.evidence, c.hit.rank, c.number))


def _beside(ordered: Sequence[Candidate], kinds: Sequence[str]) -> list[Candidate]:
    """Return sentences of several articles that answer with different figures, the best of each; none if they agree."""
    for kind in (kind for kind in kinds if kind in _FIGURES):
        found: dict[str, Candidate] = {}
        told: list[frozenset[str]] = []
        for candidate in ordered:
            first = next(iter(found.values()), candidate)
            nearest = first if found else ordered[0]
            if candidate.evidence < nearest.evidence - BESIDE or len(found) > MAX_BESIDE:
                break
            figures = _figures(kind, candidate.text)
            if not figures or candidate.hit.article_id in found or candidate.kind == "lead":
                continue
            is_said = any(figures <= other or other <= figures for other in told)
            if is_said or candidate.feature("together") < first.feature("together") - _COVERS_AS_MUCH:
                continue
            found[candidate.hit.article_id] = candidate
            told.append(figures)
        if len(found) > 1:
            return list(found.values())
    return []


def _figures(kind: str, text: str) -> frozenset[str]:
    """Return the figures of a sentence that its conditions do not hold; none where no number stands in it at all.

    补缴当月就能用 of those who paused at most 3个月 stands beside 180日; 次月恢复 alone has nothing to compare.
    """
    if not _NUMBER.search(fold(text)):
        return frozenset()
    told = _CONDITION.sub("", fold(text))
    return frozenset("".join(match.split()) for match in _FIGURES[kind].findall(told))


def _other_cases(candidates: Sequence[Candidate], candidate: Candidate) -> list[Candidate]:
    """Return the sentences beside it that give another case of the same rule: other figures, the same end."""
    return [
        one
        for one in candidates
        if one.hit is candidate.hit
        and abs(one.number - candidate.number) == 1
        and one.path == candidate.path
        and _numbers(one.text) != _numbers(candidate.text)
        and _end(one.text) == _end(candidate.text)
        and "#" in _end(one.text)
    ]


def _end(text: str) -> str:
    """Return the last letters of a sentence, one # for each figure."""
    return "".join(c for c in _NUMBER.sub("#", fold(text)) if c.isalnum() or c == "#")[-_SAME_END_CHARS:]


def _add(chosen: list[Candidate], members: Sequence[Candidate], *, room: int = MAX_CHARS) -> None:
    """Add the members that are not there yet, all or (for a list too long) as many as fit."""
    first = not chosen
    chars = sum(c.end - c.start for c in chosen)
    new: list[Candidate] = []
    for member in members:
        if member not in chosen and not any(repeats(member.text, other.text) for other in (*chosen, *new)):
            new.append(member)
    for number, member in enumerate(new):
        size = member.end - member.start
        if not (first and number == 0) and (chars + size > room or len(chosen) >= MAX_SENTENCES):
            break
        chosen.append(member)
        chars += size


def _whole(candidates: Sequence[Candidate], candidate: Candidate, kinds: Sequence[str]) -> list[Candidate]:
    """Return the candidate first and then what it cannot be said without."""
    row = [c for c in candidates if c.hit is candidate.hit]
    here = row.index(candidate)
    whole = [candidate]
    if candidate.kind == "lead":
        return [candidate, *_list_after(row, here)]
    if candidate.kind in ("item", "row"):
        first = here
        while first > 0 and row[first - 1].kind == candidate.kind and row[first - 1].path == candidate.path:
            first -= 1
        lead = first - 1
        if candidate.kind == "row":
            return [candidate, row[first]] if first != here else whole
        if lead >= 0 and row[lead].kind == "lead" and row[lead].path == candidate.path:
            whole.append(row[lead])
            if _WANTS_LIST.intersection(kinds):
                whole += _list_after(row, lead)
        elif _WANTS_LIST.intersection(kinds):
            whole += [c for c in _list_after(row, first - 1) if c.path == candidate.path]
        return whole
    if here > 0 and REFERS.search(candidate.text) and row[here - 1].path == candidate.path:
        whole.append(row[here - 1])
    if here + 1 < len(row) and _LIMITS.search(row[here + 1].text) and row[here + 1].path == candidate.path:
        whole.append(row[here + 1])
    return whole


def _list_after(row: Sequence[Candidate], lead: int) -> list[Candidate]:
    """Return the items or rows that follow place `lead` without a break."""
    items: list[Candidate] = []
    for candidate in row[lead + 1 :]:
        if candidate.kind not in ("item", "row") or candidate.path != row[max(lead, 0)].path:
            break
        items.append(candidate)
    return items


def repeats(left: str, right: str) -> bool:
    """Whether two sentences say the same with the same figures."""
    return _numbers(left) == _numbers(right) and _alike(left, right) >= SAME_WORDS


def _contradicts(left: Candidate, right: Candidate) -> bool:
    """Whether two sentences of different articles say the same of the same thing with other figures."""
    if left.hit.article_id == right.hit.article_id:
        return False
    numbers = _numbers(left.text), _numbers(right.text)
    return all(numbers) and numbers[0] != numbers[1] and _alike(left.text, right.text) >= SAME_WORDS


def _numbers(text: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(fold(text)))


def _alike(left: str, right: str) -> float:
    """Return the share of pairs of characters that two sentences have in common (Jaccard), numbers aside."""
    grams = []
    for text in (left, right):
        letters = "".join(c for c in _NUMBER.sub("#", fold(text)) if c.isalnum() or c == "#")
        grams.append({letters[i : i + 2] for i in range(len(letters) - 1)} or {letters})
    return len(grams[0] & grams[1]) / len(grams[0] | grams[1])
