"""Reads a regular expression that a person typed: checked, folded like the text, with what every match must hold.

The language is that of Python's `re`, without inline flags but i, m and s, and without what only experts of one engine
know. It is run by `regex` (PyPI), because `re` cannot be stopped: `(\\w|\\w\\w)+\\d` takes years. What `regex` would
write out into gigabytes before it starts (`(?:(?:a{1000}){1000}){1000}`) is refused here.

What makes a search over all passages quick is what follows from a pattern alone: `Pattern.runs`, characters in a row
that every match holds (a digit and 个月), and `Pattern.alphabet`, all that a match can hold. Arrays find the stretches
of the text with both, in a tenth of the time that an expression takes to read all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import zip_longest

import numpy as np
import regex
from numpy.typing import NDArray

from index.ngrams import fold
from ingest.problem import Problem

# A character of the basic plane, or which of them (shape (65536,)) may stand in a place.
Element = int | NDArray[np.bool_]

# What may be wrong with a pattern, and what to do; of `engine` it says itself.
REASONS = {
    "length": "expected 1 to 500 characters",
    "set": "the set is not closed; write \\[ for the sign",
    "backslash": "a backslash stands before a letter that it gives no meaning to; there are \\d \\w \\s \\b \\p{Han}",
    "brace": "a brace that is no count such as {2,4}; write \\{ for the sign",
    "group": "a kind of group that is not understood; there are (…) (?:…) (?=…) (?!…) (?<=…) (?<!…)",
    "much": "too much is repeated or nested; use smaller counts",
    "engine": "",
}
MAX_CHARS = 500  # as long as a question may be
# Characters after all repeats are written out. `regex` writes some out before it starts: 60,000 took 30 MB.
_MAX_WEIGHT = 10_000
_MAX_DEPTH = 50  # Python's own stack ends at some 300
_MAX_RUN = 12
_MAX_WAYS = 16
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
_LOOKS_AROUND = ("(?=", "(?!", "(?<=", "(?<!", r"\b", r"\B")


class PatternError(Problem):
    """A pattern cannot be read: `kind` of REASONS, at the character `place`; `detail` is what the engine says."""

    def __init__(self, typed: str, place: int, kind: str, detail: str = "") -> None:
        self.typed, self.place, self.kind, self.detail = typed, min(place, len(typed)), kind, detail
        shown = f"{typed[: self.place]}⟶{typed[self.place :]}"
        super().__init__(f"the pattern cannot be read at {shown}: {REASONS[kind] or detail}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern ready to run.

    Every match holds one of `runs`, characters in a row, or there are none; `is_runs` if they are all that it holds,
    the first of those that start alike. `alphabet`, shape (65536,), is what stands in a match or is looked at beside
    one; None if that may be a line end, or the ends of a passage are asked for. `is_stretch`: a match is as much of it
    as stands together, as for `\\d+`.
    """

    typed: str
    compiled: regex.Pattern[str]
    runs: tuple[tuple[Element, ...], ...]
    is_runs: bool
    alphabet: NDArray[np.bool_] | None
    is_stretch: bool


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
        raise PatternError(typed[:MAX_CHARS], MAX_CHARS, "length")
    folded, origin = _folded(typed)
    try:
        tokens = list(_read(folded))
        _weigh(tokens)
        # What is folded has no capitals; a pattern with some means them all the same.
        has_capitals = re.search("[A-Z]", _NO_LETTERS.sub("", folded))
        compiled = regex.compile(folded, regex.IGNORECASE if has_capitals else 0)
    except _Wrong as wrong:
        raise PatternError(typed, origin[wrong.place], wrong.kind) from None
    except regex.error as error:
        place = min(getattr(error, "pos", None) or 0, len(folded))  # its stubs know neither
        raise PatternError(typed, origin[place], "engine", getattr(error, "msg", str(error))) from None
    flags = compiled.flags & regex.IGNORECASE
    has_flags = any(token.kind == "flags" for token in tokens)
    alphabet = None if has_flags else _alphabet(tokens, flags)
    ways = [] if has_flags else _ways(tokens)
    best = [_best(_runs(way)) for way in ways]
    runs = tuple(tuple(_element(text, flags) for text in run) for run in best) if all(best) else ()
    is_runs = alphabet is not None and bool(runs) and all(map(_is_run, ways, runs))
    is_stretch = alphabet is not None and len(tokens) == 2 and tokens[0].is_element and tokens[1].text in ("+", "++")
    return Pattern(typed, compiled, runs, is_runs, alphabet, is_stretch)


class _Wrong(Exception):
    def __init__(self, place: int, kind: str) -> None:
        self.place, self.kind = place, kind


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
            raise _Wrong(place, {"[": "set", "\\": "backslash", "{": "brace", "(": "group"}[pattern[place]])
        if found.lastgroup == "set" and "[:" in found[0]:  # a class of POSIX ends elsewhere
            raise _Wrong(place, "set")
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
            raise _Wrong(token.place, "much")


def _ways(tokens: Sequence[_Token]) -> list[list[_Token]]:
    """Return what a pattern may consist of, without bars and plain groups, in the order in which it is tried."""
    ways, _ = _ways_from(tokens, 0)
    return ways if len(ways) <= _MAX_WAYS else []


def _ways_from(tokens: Sequence[_Token], place: int) -> tuple[list[list[_Token]], int]:
    """Return the ways up to the end of a group or of the pattern, and where that is.

    What is no plain group, or may be repeated, stands as its closing bracket.
    """
    before: list[list[_Token]] = []
    ways: list[list[_Token]] = [[]]
    while place < len(tokens) and tokens[place].kind != "close":
        token = tokens[place]
        place += 1
        if token.kind == "bar":
            before, ways = before + ways, [[]]
            continue
        inner = [[token]]
        if token.kind == "open":
            inner, place = _ways_from(tokens, place)
            is_repeated = place + 1 < len(tokens) and tokens[place + 1].kind == "repeat"
            if is_repeated or token.text not in ("(", "(?:") or len(ways) * len(inner) > _MAX_WAYS:
                inner = [[tokens[place]]]
            place += 1
        ways = [[*way, *more] for way in ways for more in inner]
    return before + ways, place


def _runs(way: Sequence[_Token]) -> list[list[str]]:
    """Return the runs of single characters that every match of a way holds, as expressions of one character each."""
    runs: list[list[str]] = [[]]
    for token, following in zip_longest(way, way[1:]):
        if token.kind == "repeat":
            continue
        least, most = following.counts if following and following.kind == "repeat" else (1, 1)
        if not token.is_element:
            runs.append([])
            continue
        runs[-1] += [token.text] * min(least, _MAX_RUN)
        if most != least or least > _MAX_RUN:
            runs.append([token.text] * min(least, _MAX_RUN))  # the last repeats stand before what follows
    return [run[:_MAX_RUN] for run in runs if run]


def _is_run(way: Sequence[_Token], run: Sequence[Element]) -> bool:
    """Say whether a way is nothing but this run: characters alone, each as often as it says."""
    length = 0
    for token, following in zip_longest(way, way[1:]):
        least, most = following.counts if following and following.kind == "repeat" else (1, 1)
        if token.kind != "repeat":
            if not token.is_element or least != most:
                return False
            length += least
    return length == len(run)


def _alphabet(tokens: Sequence[_Token], flags: int) -> NDArray[np.bool_] | None:
    alphabet = np.zeros(1 << 16, dtype=np.bool_)
    for token in tokens:
        if token.text in _WHOLE:
            return None
        if token.text in _LOOKS_AROUND:
            alphabet[_element(".", flags)] = True
        elif token.is_element:
            alphabet[_element(token.text, flags)] = True
    return None if alphabet[ord("\n")] else alphabet


def _best(runs: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the run that few places fit: with the most letters of its own, then the longest."""
    return max(runs, key=lambda run: (sum(len(text) == 1 and text != "." for text in run), len(run)), default=())


@lru_cache(maxsize=64)
def _element(text: str, flags: int) -> Element:
    if len(text) == 1 and text != "." and text <= "\uffff" and not flags:
        return ord(text)
    table = np.zeros(1 << 16, dtype=np.bool_)
    table[[ord(character) for character in regex.findall(text, _plane(), flags)]] = True
    return table


@cache
def _plane() -> str:
    return "".join(map(chr, range(1 << 16)))
