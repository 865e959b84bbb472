"""Finding: every place that a plain scan of each passage finds, no other, in a bounded time."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.explore import occurrences
from index.explore.occurrences import Letters, PatternTooSlow, find_pattern, find_phrase, letters_of
from index.explore.pattern import PatternError, read_pattern
from index.explore.text import CorpusText
from index.ngrams import fold

Places = list[tuple[int, int]]
TEXTS = st.lists(st.text("甲乙丙1a，\n ", max_size=12), min_size=1, max_size=6)
ATOMS = st.sampled_from(
    [*"甲乙丙1a", ".", r"\d", r"\w", r"\s", "[甲乙]", "[^甲]", "[^甲\\n]", r"\S", r"\D", "\\n", ","]
)
REPEATS = st.sampled_from(["", "", "", "+", "*", "?", "{2}", "{1,2}", "{2,}", "{,2}", "+?", "*?"])
AROUND = st.sampled_from(["^", "$", r"\b", r"\B", "(?=乙)", "(?!乙)", "(?<=甲)", "(?<!甲)", r"\A", r"\Z"])
PIECES = st.one_of(st.builds("{}{}".format, ATOMS, REPEATS), AROUND)


def _group(pieces: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    ways = st.lists(st.lists(pieces, min_size=1, max_size=3).map("".join), min_size=1, max_size=3).map("|".join)
    return st.builds("{}{}){}".format, st.sampled_from(["(", "(?:"]), ways, REPEATS)


PATTERNS = st.lists(st.recursive(PIECES, _group, max_leaves=4), min_size=1, max_size=4).map("".join)


def letters(*texts: str) -> Letters:
    lengths = np.array([len(text) + 1 for text in texts])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return letters_of(CorpusText(fold("\n".join([*texts, ""])), starts))


def scanned(pattern: str, texts: list[str]) -> Places:
    """What Python's own `re` finds in each passage alone."""
    found, start = [], 0
    for text in texts:
        found += [(start + m.start(), start + m.end()) for m in re.finditer(pattern, fold(text)) if m[0]]
        start += len(text) + 1
    return found


def pairs(found: tuple[object, object]) -> Places:
    starts, ends = found
    return list(zip(starts.tolist(), ends.tolist(), strict=True))  # type: ignore[attr-defined]


@settings(deadline=None)
@given(TEXTS, st.text("甲乙1", min_size=1, max_size=3))
def test_a_phrase_is_found_wherever_a_scan_finds_it(texts: list[str], phrase: str) -> None:
    assert pairs(find_phrase(letters(*texts), phrase)) == scanned(re.escape(phrase), texts)


@settings(deadline=None)
@given(TEXTS, PATTERNS)
def test_a_pattern_is_found_wherever_re_finds_it_in_each_passage(texts: list[str], pattern: str) -> None:
    try:
        expected = scanned(pattern, texts)
    except re.error:
        return
    assert pairs(find_pattern(letters(*texts), read_pattern(pattern))) == expected


@settings(deadline=None)
@given(TEXTS, PATTERNS, st.data())
def test_only_passages_that_are_allowed_are_searched(texts: list[str], pattern: str, data: st.DataObject) -> None:
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))))
    try:
        every = scanned(pattern, texts)
    except re.error:
        return
    here = letters(*texts)
    expected = [span for span in every if allowed[here.text.rows_of(np.array([span[0]]))[0]]]
    assert pairs(find_pattern(here, read_pattern(pattern), allowed)) == expected


def test_no_match_crosses_two_passages() -> None:
    texts = ["甲乙\n甲", "乙丙", "丙"]
    assert pairs(find_phrase(letters(*texts), "甲\n乙")) == []  # it stands there only over the end of the first one
    assert pairs(find_phrase(letters(*texts), "乙\n甲")) == [(1, 4)]
    assert pairs(find_pattern(letters(*texts), read_pattern(r"甲\s乙"))) == []
    assert pairs(find_pattern(letters(*texts), read_pattern(r"[^丙]+"))) == [(0, 4), (5, 6)]
    assert pairs(find_pattern(letters(*texts), read_pattern(r"^[^丙]"))) == [(0, 1), (5, 6)]


def test_what_stands_twice_over_itself_is_found_once() -> None:
    assert pairs(find_phrase(letters("甲甲甲甲甲"), "甲甲")) == [(0, 2), (2, 4)]
    assert pairs(find_pattern(letters("甲乙甲乙丙"), read_pattern("甲乙甲|乙丙|甲乙"))) == [(0, 3), (3, 5)]


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            r"\d+",
            "[甲乙]++",
            r"\w+",
            "[^,]+",
            "甲+",
            "甲+?",
            "甲+乙",
            "甲?乙",
            "甲{1,2}乙",
            "甲{2}",
            "甲{3,}",
            "(甲)+乙",
            "(甲乙|1)甲",
        ),
        *(
            "(?:甲|乙)?1",
            "甲{0}乙",
            "(?=甲)乙|甲",
            "(?>甲|甲乙)1",
            r"(甲)\1",
            "甲|",
            "(?:甲乙|甲)(?:1|乙1)",
            "甲{13}",
            "甲{13}乙",
        ),
    ],
)
def test_patterns_with_a_short_cut_find_what_a_scan_finds(pattern: str) -> None:
    texts = ["甲乙1，甲甲\n12", "甲", "，1 甲乙", "", "甲甲甲乙乙1乙甲", "甲" * 14 + "乙"]
    assert pairs(find_pattern(letters(*texts), read_pattern(pattern))) == scanned(pattern, texts)


def test_width_case_and_script_do_not_matter() -> None:
    here = letters("斷繳３個月，Ｈ1 表")
    assert pairs(find_phrase(here, fold("断缴3个月"))) == [(0, 5)]
    assert pairs(find_pattern(here, read_pattern(r"斷.\d+個"))) == [(0, 4)]
    assert pairs(find_pattern(here, read_pattern("[G-I]１"))) == [(6, 8)]
    assert pairs(find_pattern(here, read_pattern("月，"))) == [(4, 6)]


@pytest.mark.parametrize(
    ("pattern", "kind", "place"),
    [
        ("断缴(.{0,6}", "engine", 9),
        ("（职工|居民)", "engine", 6),  # in full width it is a sign, and the other one closes nothing
        ("甲[一-", "set", 1),
        ("[[:alpha:]]", "set", 0),
        (r"甲\q", "backslash", 1),
        ("甲{e<=1}", "brace", 1),
        ("(?x)甲", "group", 0),
        ("(?R)", "group", 0),
        ("(?:(?:a{1000}){1000}){1000}", "much", 14),  # the engine would take gigabytes to read it
        ("(" * 60 + ")" * 60, "much", 49),
        ("", "length", 0),
        ("甲" * 501, "length", 500),
    ],
)
def test_a_bad_pattern_is_told_with_its_place(pattern: str, kind: str, place: int) -> None:
    with pytest.raises(PatternError) as told:
        read_pattern(pattern)
    assert (told.value.kind, told.value.place) == (kind, place)
    assert "⟶" in str(told.value)


@settings(deadline=None)
@given(st.text("甲一九1aQ\\[](){}|^$.*+?-,:=!<>Pdw，（）［", max_size=14))
def test_whatever_is_typed_is_read_or_told(typed: str) -> None:
    try:
        pattern = read_pattern(typed)
    except PatternError:
        return
    here = letters("甲一1a（九）", "", "Q甲\n甲")
    starts, ends = find_pattern(here, pattern, most_s=2)
    assert (starts < ends).all()
    assert (starts[1:] >= ends[:-1]).all(), "one after the other"
    rows = here.text.rows_of
    assert (rows(starts) == rows(ends - 1)).all(), "none reaches over the end of its passage"


class Noting:
    """A compiled pattern that notes how it is run."""

    def __init__(self, compiled: Any) -> None:
        self.compiled, self.shared = compiled, []

    def finditer(self, *given: Any, concurrent: bool, **named: Any) -> Any:
        self.shared.append(concurrent)
        return self.compiled.finditer(*given, concurrent=concurrent, **named)


@pytest.mark.parametrize("typed", [r"(?:\w|\w\w)+[,乙]$", "(?:[甲乙]|[甲乙]{2})+[丙丁]{2}"])  # by passages, and joined
def test_after_one_slow_piece_no_other_holds_up_the_threads(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr(occurrences, "_PATIENCE", 0.001)
    monkeypatch.setattr(occurrences, "_PIECE", 20)
    here = letters(*[("丙丙乙" if "丙" in typed else "乙") + "甲" * 20 + "丙"] * 4)
    pattern = read_pattern(typed)
    noting = Noting(pattern.compiled)
    found = find_pattern(here, replace(pattern, compiled=noting))  # type: ignore[arg-type] # notes, and runs it
    assert pairs(found) == pairs(find_pattern(here, pattern))
    assert noting.shared == [False, True, True, True, True]


@pytest.mark.parametrize("pattern", [r"(\w|\w\w)+\d", r"(?:.*){50}\d", r"(?:\w{0,90}\w{0,90}){0,50}\d"])
def test_a_pattern_without_end_is_stopped(pattern: str) -> None:
    here = letters(*["第1条" + "医保断缴补缴缴费" * 30] * 3)
    started = time.monotonic()
    with pytest.raises(PatternTooSlow, match=r"was stopped"):
        find_pattern(here, read_pattern(pattern), most_s=0.4)
    assert time.monotonic() - started < 8
