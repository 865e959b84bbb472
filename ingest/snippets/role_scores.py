"""How well each line of a stretch fits each role of a recommendation item.

A line of the article scores 0; a line in a role scores how much better the role explains it than an article would (log
odds, roughly, in nats). The numbers stand for what articles do: their paragraphs end in full stops, their titles are
not in the middle, and their lines seldom repeat with a period.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.snippets.grammars import GAP_ROLE, GRAMMARS, ON_ONE_LINE, WITHOUT_META
from ingest.snippets.meta_lines import Meta, hints_at_more, meta_form
from ingest.snippets.roles import MAX_LINE_CHARS, MAX_SUMMARY_CHARS, MAX_TITLE_CHARS, Inline, Line

NEVER = -1000.0
_ISSUER = re.compile(r"^[^\W\d_]{3,20}(?:[局厅委署院]|部|中心|政府|办公室|委员会|领导小组)$")
# A category on a line of its own; the longest in the seeds has 4 characters.
MAX_LABEL_CHARS = 12
# Where a template cuts at one length, it now and then cuts behind a full stop.
_MIN_CUT_LENGTH, _NEAR = 45, 6
# Below the last title nothing else can stand but its summary, cut or not; a bit more likely than an item without one.
_LAST_SUMMARY = -0.6


class RoleScores:
    """How well each line of a stretch fits each role; computed once, when a grammar first asks."""

    def __init__(self, lines: Sequence[Line], below_marker: bool, is_cut: bool) -> None:
        self.lines = lines
        self._is_cut = is_cut
        self._below_marker = below_marker
        metas = [line.meta for line in lines if line.meta]
        self._shared = _Shared.of(metas, [line.text for line in lines if line.meta])
        inlines = [inline.meta for line in lines if (inline := self._inline(line))]
        self._shared_inline = _Shared.of(inlines, [])
        self._has_meta, self._has_inline = bool(metas), len(inlines) >= 2 and len(inlines) * 4 > len(lines)
        cut = sum(line.cut > 0 for line in lines)
        self._has_bare = len(metas) * 2 <= cut or (below_marker and not metas)
        full = sum(line.ends_full and len(line.text) >= 24 for line in lines)
        self._cuts_rule = cut >= 3 and cut >= 1.5 * full
        self._labels = _labels(lines)
        self._are_ranks = _are_ranks(lines)
        led = [number for number in range(1, len(lines)) if lines[number].index - lines[number - 1].index > 1]
        self._led = frozenset(led if len(led) >= 3 else ())
        lengths = sorted(len(line.text) for line in lines if not line.meta)
        self._usual = lengths[len(lengths) * 2 // 3] if lengths else 0
        self._made: dict[str, list[float]] = {}

    def grammars(self) -> list[str]:
        """Return the grammars that can be read here at all."""
        names = []
        for name in GRAMMARS:
            if name in WITHOUT_META:
                if self._has_bare:
                    names.append(name)
            elif name in ON_ONE_LINE:
                if self._has_inline:
                    names.append(name)
            elif name.startswith("label"):
                if self._labels and self._has_meta:
                    names.append(name)
            elif (self._has_meta or self._labels) and name not in self._ruled_out():
                names.append(name)
        return names

    def _ruled_out(self) -> tuple[str, ...]:
        """Return the grammars that the distances between meta lines speak against."""
        places = [number for number, line in enumerate(self.lines) if line.meta]
        gaps = [right - left - 1 for left, right in pairwise(places) if right - left > 1]
        longer = sum(gap > 1 for gap in gaps)
        if len(gaps) >= 3 and longer >= 0.8 * len(gaps):
            return "title, meta line", "meta line, title"
        if len(gaps) >= 3 and longer == 0:
            return "title, meta line, summary", "meta line, title, summary"
        return ()

    def of(self, role: str) -> list[float]:
        """Return the scores of all lines in `role`; `NEVER` where a line cannot have it."""
        if role not in self._made:
            score: dict[str, Callable[[int], float]] = {
                "title": self._title,
                "again": self._again,
                "summary": self._summary,
                "meta": self._meta,
                "more meta": self._more_meta,
                "label": self._label,
                "title+meta": self._title_meta,
                "summary+meta": self._summary_meta,
                GAP_ROLE: self._gap,
            }
            self._made[role] = [score[role](number) for number in range(len(self.lines))]
        return self._made[role]

    def _title(self, number: int) -> float:
        line = self.lines[number]
        if line.meta or line.is_row:
            return NEVER if line.is_row else -3.0
        score = title_score(line.text, line, is_rank=self._are_ranks)
        if score > -1 and number and self.of("again")[number] > 0:
            score -= 1.5
        if line.text in self._labels:
            score -= 1.0
        elif number == 0 and self._below_marker:
            score += 0.8
        below = self.lines[number + 1].meta if number + 1 < len(self.lines) else None
        if below and below.date and not below.category and not below.is_live and _ISSUER.search(line.text):
            score -= 3.0  # who signs a notice, and the day
        if number in self._led:
            score += 0.6  # a number or a picture stands above it, as above others
        return score

    def _again(self, number: int) -> float:
        """A title once more: directly or up to five lines below itself, perhaps shortened."""
        text = self.lines[number].text
        if len(text) > 2 * MAX_TITLE_CHARS or self.lines[number].meta or text in self._labels:
            return NEVER
        stem = text.rstrip(".…") if len(text) >= 6 else ""
        for line in self.lines[max(0, number - 5) : number]:
            other = line.text
            if other == text or (stem and other.startswith(stem) and len(other) <= 2 * MAX_TITLE_CHARS):
                return 0.8
        return NEVER

    def _summary(self, number: int) -> float:
        line = self.lines[number]
        if line.meta or line.is_row:
            return NEVER
        if number + 1 == len(self.lines) and self._is_cut and len(line.text) <= MAX_SUMMARY_CHARS:
            return max(0.15, self._summary_of(line.text, line))  # cut short by the end of the page
        score = self._summary_of(line.text, line)
        if number + 1 == len(self.lines) and line.ends_full and 40 <= len(line.text) <= MAX_SUMMARY_CHARS:
            return max(score, _LAST_SUMMARY)
        return score

    def _summary_of(self, text: str, line: Line) -> float:
        size = len(text)
        if size > MAX_LINE_CHARS:
            return NEVER
        if line.cut:
            score = 2.0 if line.cut == 2 else 1.5
        elif line.ends_full:
            score = -1.2 if self._cuts_rule else (0.3 if self._below_marker else -0.4)
            if self._cuts_rule and self._usual >= _MIN_CUT_LENGTH and abs(size - self._usual) <= _NEAR:
                score = -0.2
        elif line.ends_colon:
            score = -1.5
        else:
            score = -0.2 if size >= 15 else -1.0
        if size > MAX_SUMMARY_CHARS:
            score -= 0.5 if line.cut else 1.5
        if line.label and not line.cut:
            score -= 1.0
        if size < 0.3 * self._usual:
            score -= 1.0
        return score

    def _meta(self, number: int) -> float:
        line = self.lines[number]
        if line.meta is None:
            return 0.6 if line.text in self._labels else self._cut_meta(number)
        return 1.2 + self._shared.agreement(line.meta, line.text)

    def _more_meta(self, number: int) -> float:
        """Another line of the same meta line: a category, a date, a count, each once."""
        line, above = self.lines[number], self.lines[number - 1] if number else None
        if line.meta is None:
            return 0.4 if line.text in self._labels and above and above.meta else self._cut_meta(number)
        return NEVER if line.meta.date and above and above.meta and above.meta.date else 0.6

    def _cut_meta(self, number: int) -> float:
        """The last line of a page may be the beginning of a meta line."""
        text = self.lines[number].text
        if number + 1 == len(self.lines) and any(
            line.meta and line.text.startswith(text) for line in self.lines[max(0, number - 12) : number]
        ):
            return 1.5
        return NEVER

    def _label(self, number: int) -> float:
        return 0.5 if self.lines[number].text in self._labels else NEVER

    def _inline(self, line: Line) -> Inline | None:
        """What a line holds beside its meta line; nothing if it is one, with the category that all have."""
        shared = line.meta is not None and line.meta.category == self._shared.category
        return None if shared else line.inline

    def _title_meta(self, number: int) -> float:
        inline = self._inline(self.lines[number])
        if inline is None:
            return NEVER
        title, rest = inline.fields()
        score = title_score(title, self.lines[number]) + 0.8
        score += self._shared_inline.agreement(inline.meta)
        return score + (0.5 if rest else 0.0)

    def _summary_meta(self, number: int) -> float:
        line = self.lines[number]
        if line.inline is None:
            return NEVER
        agreement = self._shared_inline.agreement(line.inline.meta)
        whole = line.inline.text.rstrip()
        base = 1.5 if len(whole) >= 24 and whole[-1] not in "。！？!?" else -0.4
        return 1.0 + agreement + (base if len(whole) >= 15 else -1.0)

    def _gap(self, number: int) -> float:
        line = self.lines[number]
        if line.meta or line.label or len(line.text) > 24 or line.ends_full or line.ends_colon:
            return NEVER
        return -0.2 if hints_at_more(line.text) else -0.9


@dataclass(frozen=True, slots=True)
class _Shared:
    """What most meta lines of a stretch have in common."""

    date: str | None
    category: str | None
    form: str | None
    is_live: bool

    @staticmethod
    def of(metas: Sequence[Meta], texts: Sequence[str]) -> _Shared:
        date, category = most_say([meta.date for meta in metas]), most_say([meta.category for meta in metas])
        form = None if date and category else most_say([meta_form(text) for text in texts])
        return _Shared(date, category, form, sum(meta.is_live for meta in metas) * 2 > len(metas))

    def agreement(self, meta: Meta, text: str = "") -> float:
        """Return how well one meta line agrees with the others."""
        if self.date and meta.date == self.date:
            return 0.6
        if self.category and meta.category == self.category:
            return 0.3
        if self.is_live and meta.is_live:
            return 0.3
        if self.form and text and meta_form(text) == self.form:
            return 0.3
        return -1.8 if self.date or self.category or self.form else 0.0


def most_say(values: Sequence[str]) -> str | None:
    """Return what more than half of `values`, two at least, have in common."""
    if not values:
        return None
    value, count = Counter(values).most_common(1)[0]
    return value if value and count >= 2 and count * 2 > len(values) else None


def _labels(lines: Sequence[Line]) -> frozenset[str]:
    """Return short lines that come again and again at the distance of an item: the category on a line of its own."""
    places: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        if line.meta is None and len(line.text) <= MAX_LABEL_CHARS and not line.label and not line.ends_full:
            places.setdefault(line.text, []).append(number)
    # Twice within three lines is a title that is repeated, or a list.
    often = {
        text: found
        for text, found in places.items()
        if len(found) >= 2 and min(right - left for left, right in pairwise(found)) >= (3 if len(found) > 2 else 4)
    }
    total = sum(map(len, often.values()))
    return frozenset(often) if total >= 3 and total * 8 >= len(lines) else frozenset()


def _are_ranks(lines: Sequence[Line]) -> bool:
    """Say whether the numbers before lines count items: what stands below most of them is cut."""
    below = [after.cut > 0 for line, after in pairwise(lines) if line.label and len(line.text) <= MAX_TITLE_CHARS]
    return len(below) >= 3 and sum(below) >= 0.6 * len(below)


def title_score(text: str, line: Line, *, is_rank: bool = False) -> float:
    """Return how much `text` looks like the title of another page; below 0 it looks like a line of an article.

    `is_rank`: the number in front of `text`, if there is one, is no heading's.
    """
    size = len(text)
    score = 0.2
    if size > MAX_TITLE_CHARS:
        score -= 1.5 if size <= 140 else 3.0
    elif size <= 3:
        score -= 1.0
    last = text[-1]
    if last in "。；;.，,、":
        score -= 3.0
    elif last in ":：":
        score -= 2.5
    elif last in "？?":
        score += 0.2
    if "。" in text[:-1]:
        score -= 1.0
    if line.label and not is_rank:
        score -= {"ordered": 2.0, "numbered": 1.0}.get(line.label, 0.5)
    if line.cut and size > 30:
        score -= 1.5
    if line.index == 0:
        score -= 0.8  # the page's own title, more often than not
    if line.link_share >= 0.8:
        score += 0.6
    return score
