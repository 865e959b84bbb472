"""Finds every place of a phrase or a pattern in the text of all passages: `[start, end)`, none across two passages.

A phrase is found by arrays alone. Of a regular expression arrays find the stretches that can hold a match
(`pattern`), and only those are read. What is found is what `finditer` finds in each passage by itself, without empty
matches.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from index.explore.pattern import Element, Pattern
from index.explore.text import SEPARATOR, CorpusText
from ingest.problem import Problem

# A pattern that takes longer is stopped. `\\w+` in 246,592 passages, 5 million matches, takes about that.
MAX_SECONDS = 10.0
# A piece is tried while other threads wait, until one is not done by then: it is tried again and all after it are read
# without holding them up, which costs every match some microseconds when they are busy.
_PATIENCE = 0.5
_PIECE = 1 << 20  # characters, 0.1 s of an ordinary pattern
_FEW = 2

_Places = NDArray[np.int64]


class PatternTooSlow(Problem):
    """A pattern was stopped."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The text of all passages as code units, shape (characters,), and how often each of the 65,536 occurs in it."""

    text: CorpusText
    codes: NDArray[np.uint16]
    counts: NDArray[np.int64]


def letters_of(text: CorpusText) -> Letters:
    """Return the code units of a text."""
    codes = np.frombuffer(text.text.encode("utf-16-le", "surrogatepass"), dtype="<u2")
    return Letters(text, codes, np.bincount(codes, minlength=1 << 16))


def find_phrase(letters: Letters, phrase: str) -> tuple[_Places, _Places]:
    """Return where a phrase in search form stands, from left to right, none overlapping the one before."""
    if not phrase or max(phrase) > "\uffff":  # no such character stands in this text
        return _spans([])
    starts, ends = _find_runs(letters, [[ord(character) for character in phrase]])
    if SEPARATOR not in phrase:
        return starts, ends
    keep = ends < letters.text.starts[letters.text.rows_of(starts) + 1]
    return starts[keep], ends[keep]


def find_pattern(
    letters: Letters, pattern: Pattern, allowed: NDArray[np.bool_] | None = None, *, most_s: float = MAX_SECONDS
) -> tuple[_Places, _Places]:
    """Return where a pattern matches in the passages that `allowed` (shape (passages,)) names; None allows all.

    Raises PatternTooSlow after `most_s` seconds.
    """
    if pattern.is_runs:
        starts, ends = _find_runs(letters, pattern.runs)
        if allowed is not None:
            keep = allowed[letters.text.rows_of(starts)]
            starts, ends = starts[keep], ends[keep]
        return starts, ends
    until = time.monotonic() + most_s
    text = letters.text.text
    firsts, lasts = _stretches(letters, pattern, allowed)
    if pattern.is_stretch:
        return firsts, lasts
    if pattern.alphabet is None:
        found: list[tuple[int, int]] = []
        bounds = list(zip(firsts.tolist(), lasts.tolist(), strict=True))
        alone = ((text[first:last], 0, last - first) for first, last in bounds)
        for (first, _), spans in zip(bounds, _matches(pattern, alone, until), strict=True):
            found += [(first + start, first + end) for start, end in spans]
        return _spans(found)
    joined = SEPARATOR.join([text[first:last] for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)])
    pieces = ((joined, start, end) for start, end in _pieces(joined))
    starts, ends = _spans(list(chain.from_iterable(_matches(pattern, pieces, until))))
    # Where each stretch begins in what was joined, and how much further right it stands in the text.
    begins = np.cumsum(lasts - firsts + len(SEPARATOR)) - (lasts - firsts + len(SEPARATOR))
    shift = (firsts - begins)[np.searchsorted(begins, starts, side="right") - 1] if len(starts) else 0
    return starts + shift, ends + shift


def _spans(found: Sequence[tuple[int, int]]) -> tuple[_Places, _Places]:
    """Return starts and ends of spans, without empty ones."""
    places = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=2 * len(found))
    starts, ends = places[::2], places[1::2]
    return starts[ends > starts], ends[ends > starts]


def _matches(
    pattern: Pattern, pieces: Iterable[tuple[str, int, int]], until: float
) -> Iterator[Sequence[tuple[int, int]]]:
    """Yield the spans of the matches in each piece `text[start:end]`. One that is not done in time slows the rest."""
    is_slow = False
    for text, start, end in pieces:
        spans = None if is_slow else _matches_of(pattern, text, start, end, min(until, time.monotonic() + _PATIENCE))
        if spans is None:
            is_slow = True
            spans = _matches_of(pattern, text, start, end, until, is_shared=True)
        if spans is None:
            raise PatternTooSlow(
                f"the pattern {pattern.typed!r} was stopped after {MAX_SECONDS:.0f} s; say more of what must stand in a"
                " match, use fewer + and * inside brackets, or narrow the sub-corpus"
            )
        yield spans


def _matches_of(
    pattern: Pattern, text: str, start: int, end: int, until: float, *, is_shared: bool = False
) -> Sequence[tuple[int, int]] | None:
    """Return the spans of the matches in `text[start:end]`, None where it takes longer than until `until`.

    Other threads go on meanwhile where `is_shared`.
    """
    left = until - time.monotonic()
    if left <= 0:
        return None
    try:
        found = pattern.compiled.finditer(text, start, end, timeout=left, concurrent=is_shared)
        return [match.span() for match in found]
    except TimeoutError:
        return None


def _stretches(letters: Letters, pattern: Pattern, allowed: NDArray[np.bool_] | None) -> tuple[_Places, _Places]:
    """Return the parts of the text that may hold a match, in order: passages, or stretches of its alphabet."""
    text = letters.text
    places = np.concatenate([_candidates(letters, run) for run in pattern.runs]) if pattern.runs else None
    if pattern.alphabet is None:
        passages = len(text.starts) - 1
        rows = _distinct(text.rows_of(places), passages) if places is not None else np.arange(passages)
        rows = rows if allowed is None else rows[allowed[rows]]
        return text.starts[rows], text.starts[rows + 1] - len(SEPARATOR)
    can_stand = _fits(letters.codes, pattern.alphabet)
    # The text ends with a line end, which is in no alphabet: what begins ends.
    edges = np.flatnonzero(can_stand[1:] != can_stand[:-1]) + 1
    edges = np.concatenate([[0], edges]) if can_stand[0] else edges
    firsts, lasts = edges[::2], edges[1::2]
    if places is not None:
        few = _distinct(np.searchsorted(firsts, places, side="right") - 1, len(firsts))
        firsts, lasts = firsts[few], lasts[few]
    if allowed is not None:
        keep = allowed[text.rows_of(firsts)]
        firsts, lasts = firsts[keep], lasts[keep]
    return firsts, lasts


def _distinct(numbers: _Places, below: int) -> _Places:
    """Return which numbers there are, in order; ten times as fast as `np.unique`, as they lie close together."""
    found = np.zeros(below, dtype=np.bool_)
    found[numbers] = True
    return np.flatnonzero(found)


def _candidates(letters: Letters, run: Sequence[Element]) -> _Places:
    """Return where the elements of `run` stand one after another, overlapping ones as well, in order."""
    codes = letters.codes
    often = [int(letters.counts[element].sum()) for element in run]
    order = sorted(range(len(run)), key=often.__getitem__)
    rarest = order[0]
    places = np.flatnonzero(_fits(codes, run[rarest])) - rarest
    places = places[(places >= 0) & (places <= len(codes) - len(run))]
    for place in order[1:]:
        places = places[_fits(codes[places + place], run[place])]
    return places


def _fits(codes: NDArray[np.uint16], element: Element) -> NDArray[np.bool_]:
    """Return which code units an element may be."""
    if isinstance(element, int):
        same: NDArray[np.bool_] = codes == element
        return same
    others = np.flatnonzero(~element)
    if len(others) <= _FEW:  # comparing takes a tenth of the time of looking up
        fits = np.ones(len(codes), dtype=np.bool_)
        for other in others.tolist():
            fits &= codes != other
        return fits
    fits = np.empty(len(codes), dtype=np.bool_)
    for first in range(0, len(codes), _PIECE):  # looking up takes eight bytes a code unit
        piece = slice(first, first + _PIECE)
        element.take(codes[piece], out=fits[piece], mode="clip")
    return fits


def _find_runs(letters: Letters, runs: Sequence[Sequence[Element]]) -> tuple[_Places, _Places]:
    """Return where any of the runs stands, none overlapping the one before; of those that start alike the first one."""
    found = [_candidates(letters, run) for run in runs]
    starts = np.concatenate(found)
    ends = np.concatenate([places + len(run) for places, run in zip(found, runs, strict=True)])
    if len(runs) > 1:
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], ends[order]
    if not np.any(starts[1:] < ends[:-1]):
        return starts, ends
    kept, free = [], 0
    for at, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        if start >= free:
            kept.append(at)
            free = end
    return starts[kept], ends[kept]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield parts of about _PIECE characters that end at a line end, or at the end of the text."""
    start = 0
    while start < len(text):
        end = text.find(SEPARATOR, start + _PIECE)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1
