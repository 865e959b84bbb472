"""Two near-duplicate articles in one column: what both say, what only one says, sentence by sentence.

Which sentences are the same decides `index.duplicates`; here the others are laid out, and where two of them stand in
each other's place their differing characters are marked. Every sentence of either article stands here, word for word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby, zip_longest

from index.duplicates import Part
from index.reading import Reading
from search_app.render import Stretch, escape, isolated, marked
from search_app.views.address import Address
from search_app.views.answer_html import date_html
from search_app.words import Words

# Equal sentences beside a difference that stay visible; the rest of a longer stretch is folded.
_BESIDE = 1
# Less alike, two sentences are not the same one in other words; their differing characters would be noise.
_ALIKE = 0.5
# Characters are compared in quadratic time.
_MAX_MARKED_CHARS = 600
_SIGNS = {"ours": "−", "theirs": "+"}


def compare_html(left: Reading, right: Reading, parts: Sequence[Part], here: Address, say: Words) -> str:
    """Return the comparison of two articles as `parts` tell it; `here` is the address of the left one."""
    runs = [(is_same, list(members)) for is_same, members in groupby(parts, key=lambda part: part.side == "both")]
    body = "".join(
        _same(members, say, is_first=number == 0, is_last=number == len(runs) - 1)
        if is_same
        else "".join(_changed(members, say))
        for number, (is_same, members) in enumerate(runs)
    )
    names = _name("ours", left, here.to(other=None), say) + _name(
        "theirs", right, here.to(other=None, article=right.id), say
    )
    return (
        f'<section class="pk pk-compare" lang="{say.tag}"><h1 class="pk-page-title">{escape(say("compare"))}</h1>'
        f'<ul>{names}</ul><p class="pk-meta pk-counts">{escape(_counts(parts, say))}</p>'
        f'<div lang="zh-CN">{body}</div></section>'
    )


def _name(side: str, reading: Reading, place: Address, say: Words) -> str:
    """Return one of the two articles: its sign, what the sign says, its title and where it comes from."""
    source = [isolated(reading.site)] if reading.site else []
    source += [date_html(reading.as_of, reading.as_of_kind, say), f"<code>{escape(reading.path)}</code>"]
    return (
        f'<li class="pk-{side}"><span aria-hidden="true">{_SIGNS[side]}</span> {escape(say(f"compare_name_{side}"))}'
        f' <a class="pk-go" href="{escape(place.href)}" target="_self" lang="zh-CN">{escape(reading.title)}</a>'
        f' <span class="pk-meta">{" · ".join(source)}</span></li>'
    )


def _counts(parts: Sequence[Part], say: Words) -> str:
    """Return how many sentences are the same and how many only one article has."""
    counts = Counter(part.side for part in parts)
    if counts["both"] == len(parts):
        return say("compare_equal")
    return say("compare_counts", both=counts["both"], ours=counts["left"], theirs=counts["right"])


def _same(parts: Sequence[Part], say: Words, *, is_first: bool, is_last: bool) -> str:
    """Return equal sentences, the inner ones of a long stretch folded."""
    shown = [f"<p>{escape(part.text)}</p>" for part in parts]
    head = 0 if is_first else _BESIDE
    tail = len(shown) if is_last else len(shown) - _BESIDE
    if tail - head < 3:  # folding takes a line itself
        return "".join(shown)
    summary = escape(say("compare_same", count=tail - head))
    folded = f'<details><summary lang="{say.tag}">{summary}</summary>{"".join(shown[head:tail])}</details>'
    return "".join([*shown[:head], folded, *shown[tail:]])


def _changed(parts: Sequence[Part], say: Words) -> Iterator[str]:
    """Yield what only one article says, the first with the first, the second with the second."""
    ours = [part.text for part in parts if part.side == "left"]
    theirs = [part.text for part in parts if part.side == "right"]
    for left, right in zip_longest(ours, theirs):
        ours_marks, theirs_marks = _differences(left or "", right or "")
        if left is not None:
            yield _line("ours", marked(left, 0, len(left), ours_marks), say)
        if right is not None:
            yield _line("theirs", marked(right, 0, len(right), theirs_marks), say)


def _differences(left: str, right: str) -> tuple[list[Stretch], list[Stretch]]:
    """Return the characters that differ between two sentences that say nearly the same; none for other pairs."""
    if not left or not right or max(len(left), len(right)) > _MAX_MARKED_CHARS:
        return [], []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return [], []
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        [Stretch(start, end, "pk-differs") for _, start, end, _, _ in codes],
        [Stretch(start, end, "pk-differs") for _, _, _, start, end in codes],
    )


def _line(side: str, inner: str, say: Words) -> str:
    tag = "del" if side == "ours" else "ins"
    spoken = f'<span class="pk-spoken" lang="{say.tag}">{escape(say(f"compare_{side}"))} </span>'
    return f'<p class="pk-{side}"><span aria-hidden="true">{_SIGNS[side]}</span>{spoken}<{tag}>{inner}</{tag}></p>'
