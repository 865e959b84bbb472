"""Reads a regular expression that a person typed: checked, folded like the text, with what every match must hold.

The language is that of Python's `re`, without inline flags but i, m and s, and without what only experts of one engine
know. It is run by `regex` (PyPI), because `re` cannot be stopped: a pattern such as `(\\w|\\w\\w)+\\d` takes years. What
`regex` would unroll into gigabytes before it starts (`(?:(?:a{1000}){1000}){1000}`) is refused here.

`Pattern.run` is the trick that makes a search over all passages quick: single characters in a row that every match
holds, such as 个月 with a digit before it. Arrays find them in a tenth of the time that an expression takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import regex
from numpy.typing import NDArray

from index.ngrams import fold
from ingest.problem import Problem

# A character of the basic plane, or which of them (shape (65536,)) may stand in a place.
Element = int | NDArray[np.bool_]

MAX_CHARS = 500  # as long as a question may be
# Characters after all repeats are written out. `regex` writes some out before it starts: 60,000 took 30 MB.
_MAX_WEIGHT = 10_000
_MAX_DEPTH = 50  # Python's own stack ends at some 300
_MAX_RUN = 12
_TOKENS = re.compile(
    r"""(?P<escape>\\(?:[pP]\{\w+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[dDwWsSbBAZntrfv1-9]|[^a-zA-Z0-9]))
    |(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
    |(?P<flags>\(\?[ims]+\)) | (?P<reference>\(\?P=\w+\))
    |(?P<open>\((?:\?(?:[:=!>]|<[=!]|P<\w+>))?(?!\?)) | (?P<close>\))
    |(?P<repeat>(?:[*+?]|\{(?:\d+(?:,\d*)?|,\d+)\})[?+]?)
    |(?P<bar>\|) | (?P<anchor>[\^$]) | (?P<any>\.) | (?P<character>[^\\\[({])""",
    re.VERBOSE | re.DOTALL,
)
_COUNTS = re.compile(r"\d+")
_NO_CHARACTER = re.compile(r"\\[bBAZ1-9]")
_NO_LETTERS = re.compile(r"\\[pP]\{\w+\}|\\.|\(\?P[<=]\w+", re.DOTALL)
_WHOLE = ("^", "$", r"\A", r"\Z")


class PatternError(Problem):
    """A pattern cannot be read. `place` is the character of it that is wrong."""

    def __init__(self, typed: str, place: int, why: str) -> None:
        self.typed, self.place, self.why = typed, min(place, len(typed)), why
        shown = f"{typed[: self.place]} ⟶ {typed[self.place :]}".strip()
        super().__init__(f"the pattern cannot be read at character {self.place + 1}: {why} ({shown})")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern ready to run. `in_line`: no match holds a line end, nor does it look for the ends of the passage."""

    typed: str
    compiled: regex.Pattern[str]
    run: tuple[Element, ...]
    in_line: bool


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    place: int

    @property
    def is_element(self) -> bool:
        """Whether it stands for one character."""
        return self.kind in ("any", "character", "set") or (
            self.kind == "escape" and not _NO_CHARACTER.fullmatch(self.text)
        )

    @property
    def counts(self) -> tuple[int, int | None]:
        """How often a repeat asks for what is before it: at least, at most."""
        if self.text[0] in "*+?":
            return int(self.text[0] == "+"), 1 if self.text[0] == "?" else None
        least, comma, most = self.text[1 : self.text.index("}")].partition(",")
        return int(least or 0), (int(most) if most else None) if comma else int(least)


def read_pattern(typed: str) -> Pattern:
    """Return a regular expression ready to run over folded text. Raises PatternError."""
    if not typed or len(typed) > MAX_CHARS:
        raise PatternError(typed[:MAX_CHARS], len(typed), f"found {len(typed)} characters, expected 1 to {MAX_CHARS}")
    folded, origin = _folded(typed)
    try:
        tokens = list(_read(folded))
        _weigh(tokens)
        # What is folded has no capitals; a pattern with some means them all the same.
        has_capitals = re.search("[A-Z]", _NO_LETTERS.sub("", folded))
        compiled = regex.compile(folded, regex.IGNORECASE if has_capitals else 0)
    except _Wrong as wrong:
        raise PatternError(typed, origin[wrong.place], wrong.why) from None
    except regex.error as error:
        raise PatternError(typed, origin[min(error.pos or 0, len(folded))], error.msg) from None
    has_flags = any(token.kind == "flags" for token in tokens)
    elements = [token for token in tokens if token.is_element]
    in_line = not (
        has_flags
        or any(token.text in _WHOLE for token in tokens)
        or any(regex.fullmatch(token.text, "\n") for token in elements)
    )
    run = () if has_flags else _best(_runs(tokens))
    return Pattern(typed, compiled, tuple(_element(text, compiled.flags) for text in run), in_line)


class _Wrong(Exception):
    def __init__(self, place: int, why: str) -> None:
        self.place, self.why = place, why


def _folded(typed: str) -> tuple[str, list[int]]:
    """Return the search form of a pattern and the place in `typed` of each of its characters and of its end.

    What is Latin stays: case means something behind a backslash. A sign of full width means itself, never an operator.
    """
    parts, origin, is_escaped = [], [], False
    for place, character in enumerate(typed):
        form = character if character.isascii() else fold(character)
        if form != character and form.isascii() and not form.isalnum() and not is_escaped:
            form = f"\\{form}"
        is_escaped = character == "\\" and not is_escaped
        parts.append(form)
        origin += [place] * len(form)
    return "".join(parts), [*origin, len(typed)]


def _read(pattern: str) -> Iterator[_Token]:
    place = 0
    while place < len(pattern):
        found = _TOKENS.match(pattern, place)
        if found is None:
            why = {
                "[": "the set is not closed",
                "\\": "a backslash stands before what it gives no meaning to",
                "{": r"a brace that is no count; write \{ for the sign",
                "(": "a kind of group that is not understood",
            }[pattern[place]]
            raise _Wrong(place, why)
        if found.lastgroup == "set" and "[:" in found[0]:
            raise _Wrong(place, r"[: inside a set; write \[ for the sign")
        yield _Token(str(found.lastgroup), found[0], place)
        place = found.end()


def _weigh(tokens: Sequence[_Token]) -> None:
    """Raise _Wrong where repeats inside repeats would be written out into too much."""
    groups: list[list[int]] = [[0]]  # the weights of what stands in each open group
    for token in tokens:
        if token.kind == "open":
            groups.append([0])
        elif token.kind == "close" and len(groups) > 1:
            inner = sum(groups.pop())
            groups[-1].append(inner)
        elif token.kind == "repeat":
            groups[-1][-1] *= max([1, *map(int, _COUNTS.findall(token.text))])
        else:
            groups[-1].append(1)
        if sum(groups[-1]) > _MAX_WEIGHT or len(groups) > _MAX_DEPTH:
            raise _Wrong(token.place, f"too much repeated or nested; at most {_MAX_WEIGHT} characters, written out")


def _runs(tokens: Sequence[_Token]) -> list[list[str]]:
    """Return the runs of single characters that every match holds, as expressions of one character each."""
    if any(token.kind == "bar" for token in _outside(tokens)):
        return []
    runs: list[list[str]] = [[]]
    outside = list(_outside(tokens))
    for token, following in zip(outside, [*outside[1:], None], strict=True):
        least, most = following.counts if following and following.kind == "repeat" else (1, 1)
        if not token.is_element or not least:
            runs.append([])
            continue
        runs[-1] += [token.text] * min(least, _MAX_RUN)
        if most != least or least > _MAX_RUN:
            runs.append([token.text] * min(least, _MAX_RUN))  # the last repeats stand before what follows
    return [run[:_MAX_RUN] for run in runs if run]


def _outside(tokens: Sequence[_Token]) -> Iterator[_Token]:
    """Yield the tokens outside groups, a closing bracket for each group."""
    depth = 0
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            yield token


def _best(runs: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the run that few places fit: with the most letters of its own, then the longest."""
    return max(runs, key=lambda run: (sum(len(text) == 1 and text != "." for text in run), len(run)), default=())


def _element(text: str, flags: int) -> Element:
    if len(text) == 1 and text != "." and not flags & regex.IGNORECASE:
        return ord(text)
    table = np.zeros(1 << 16, dtype=np.bool_)
    table[[ord(character) for character in regex.findall(text, _plane(), flags)]] = True
    return table


@cache
def _plane() -> str:
    return "".join(map(chr, (*range(0xD800), *range(0xE000, 1 << 16))))
