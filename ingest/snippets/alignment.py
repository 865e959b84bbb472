"""Finds the runs of recommendation items that score best in a stretch of lines: a local alignment with item grammars.

A line of the article scores 0 and a line of an item what `role_scores` says, so the best runs are the stretches of
highest sum, as in Smith and Waterman's alignment of sequences; time is linear in the lines. How sure a run is that was
found so is left to `evidence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.snippets.grammars import BARE_END, GAP_ROLE, GRAMMARS, MISSING, State
from ingest.snippets.role_scores import NEVER, RoleScores
from ingest.snippets.roles import Line

# Where a run begins or ends it must pay for itself: two weak items are no run.
_NEW_RUN = 1.0
_BELOW_MARKER = 1.0
_CUT_SHORT = 0.1
_FROM_ARTICLE, _FROM_GAP, _STAYS = -1, -2, -1
# How many lines at each end of a stretch are tried with all grammars.
_PROBE_LINES = 12


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the grammar reads it: positions in the stretch, each with its role."""

    roles: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Parse:
    """The best runs in a stretch: which grammar, their score and items. `is_cut` if the page's end cuts the last."""

    grammar: str
    score: float
    runs: tuple[tuple[Item, ...], ...]
    is_cut: bool


def best_parse(lines: Sequence[Line], *, starts_below_marker: bool, ends_page: bool, is_open: bool) -> Parse | None:
    """Return the best-scoring runs among `lines` (a stretch without markers and without decoration), or None.

    `starts_below_marker`: the line above the first one announces recommendations. `ends_page`: nothing stands below.
    `is_open`: the page ends with the last line, without a line end, as a page does that was cut off.
    """
    scores = RoleScores(lines, starts_below_marker, is_open)
    names = scores.grammars()
    if len(lines) <= 2 * _PROBE_LINES or len(names) == 1:
        parses = [_align(name, scores, range(len(lines)), starts_below_marker, ends_page) for name in names]
        return max((parse for parse in parses if parse), key=lambda parse: parse.score, default=None)
    # Where items begin and end tells the grammars apart, so the ends of a long stretch choose the one that goes on; a
    # marker above says where they begin.
    head, tail = range(_PROBE_LINES), range(len(lines) - _PROBE_LINES, len(lines))

    def score_at_the_ends(name: str) -> float:
        probes = [_align(name, scores, head, starts_below_marker, ends_page=False)]
        if not starts_below_marker:
            probes.append(_align(name, scores, tail, below_marker=False, ends_page=ends_page))
        return sum(probe.score for probe in probes if probe)

    name = max(names, key=score_at_the_ends)
    return _align(name, scores, range(len(lines)), starts_below_marker, ends_page)


def _align(name: str, scores: RoleScores, span: range, below_marker: bool, ends_page: bool) -> Parse | None:
    """Return the runs of highest sum under one grammar."""
    states = GRAMMARS[name]
    gaps = scores.of(GAP_ROLE)
    bare = BARE_END.get(name, ())
    ends = [(j, MISSING if j in bare else 0.0) for j, state in enumerate(states) if state.ends]
    count = len(states)
    plan = [(j, state.begins, state.after) for j, state in enumerate(states)]
    rows = zip(*[scores.of(state.role)[span.start : span.stop] for state in states], strict=True)
    article, gap = 0.0, NEVER  # the best sum that has left its last run; the best that waits behind a gap
    values = [NEVER] * count
    final, final_state = NEVER, 0
    trace = _Trace(span.start, [], [], [])
    for i, row in zip(span, rows, strict=True):
        fresh, source = article, _FROM_ARTICLE
        if i == 0 and below_marker:
            fresh += _BELOW_MARKER
        if final > fresh:
            fresh, source = final, count + final_state
        if gap > fresh:
            fresh, source = gap, _FROM_GAP
        gap = final + gaps[i] if final > article else NEVER
        trace.gaps.append(final_state)
        current = [NEVER] * count
        came = [_FROM_ARTICLE] * count
        for (j, begins, after), emission in zip(plan, row, strict=True):
            if emission <= NEVER:
                continue
            value, here = (fresh, source) if begins else (NEVER, _FROM_ARTICLE)
            for k, cost in after:
                if values[k] + cost > value:
                    value, here = values[k] + cost, k
            current[j] = value + emission
            came[j] = here
        trace.states.append(came)
        values = current
        final, final_state = NEVER, 0
        for j, cost in ends:
            if current[j] + cost > final:
                final, final_state = current[j] + cost, j
        left = final - _NEW_RUN > article
        trace.left.append(final_state if left else _STAYS)
        if left:
            article = final - _NEW_RUN
    is_cut = False
    if ends_page and len(span):
        # Not a lone meta line or label: they begin items of a grammar that reads all others one line off.
        open_ends = [
            (value, j) for j, value in enumerate(values) if states[j].role not in ("meta", "label", "more meta")
        ]
        value, state_number = max(open_ends)
        if value - _CUT_SHORT - _NEW_RUN > article:  # an item that the end of the page cuts
            article = value - _CUT_SHORT - _NEW_RUN
            trace.left[-1] = state_number
            is_cut = not states[state_number].ends
    runs = trace.runs(states)
    return Parse(name, article, runs, is_cut) if runs else None


@dataclass(frozen=True, slots=True)
class _Trace:
    """How each line was reached: the state before each state, the end of an item before a gap, the run left there."""

    first: int
    states: list[list[int]]
    gaps: list[int]
    left: list[int]

    def runs(self, states: Sequence[State]) -> tuple[tuple[Item, ...], ...]:
        """Return the items of all runs, in order."""
        runs: list[tuple[Item, ...]] = []
        at = len(self.left) - 1
        while at >= 0:
            if self.left[at] == _STAYS:
                at -= 1
                continue
            at, items = self._run(states, at, self.left[at])
            runs.append(items)
        return tuple(reversed(runs))

    def _run(self, states: Sequence[State], at: int, state: int) -> tuple[int, tuple[Item, ...]]:
        """Return the line above the run that ends at `at` in `state`, and its items."""
        count = len(states)
        items: list[Item] = []
        roles: list[tuple[int, str]] = []
        while True:
            roles.append((self.first + at, states[state].role))
            source = self.states[at][state]
            at -= 1
            if 0 <= source < count:
                state = source
                continue
            items.append(Item(tuple(reversed(roles))))
            roles = []
            if source == _FROM_ARTICLE:
                return at, tuple(reversed(items))
            if source == _FROM_GAP:
                state = self.gaps[at]
                at -= 1
            else:
                state = source - count
