"""Knows that 断了 is 中断缴费 in a notice: everyday words of a question -> the wordings of official texts.

The table is package data, `terms.tsv`: one group a line, official wordings, a tab, what people type, each parted by |.
A question is never rewritten; its expansions are extra evidence with a lower weight, and each is shown as a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index.ngrams import fold
from ingest.problem import Problem

BUNDLED = Path(__file__).with_name("terms.tsv")


class LexiconError(Problem):
    """A lexicon file that cannot be used; names the file and the line."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """`word`, found at `[start, end)` of the question, may stand in a text as any of `terms`."""

    word: str
    start: int
    end: int
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """Groups of official wordings with the everyday words for them."""

    groups: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    @cached_property
    def _by_word(self) -> dict[str, tuple[str, ...]]:
        known: dict[str, list[str]] = {}
        for terms, words in self.groups:
            for word in (*words, *terms):
                known.setdefault(word, []).extend(term for term in terms if term != word)
        return {word: tuple(dict.fromkeys(terms)) for word, terms in known.items() if terms}

    @cached_property
    def _longest_first(self) -> tuple[str, ...]:
        return tuple(sorted(self._by_word, key=lambda word: (-len(word), word)))

    def expand(self, question: str) -> tuple[Expansion, ...]:
        """Return what the words of `question` may also be called, in the order they stand; longer words win."""
        folded = fold(question)
        found: list[Expansion] = []
        for word in self._longest_first:
            start = folded.find(word)
            while start >= 0:
                end = start + len(word)
                if not any(start < other.end and other.start < end for other in found):
                    found.append(Expansion(word, start, end, self._by_word[word]))
                start = folded.find(word, end)
        return tuple(sorted(found, key=lambda expansion: expansion.start))


def read_lexicon(files: Sequence[Path] = (BUNDLED,)) -> Lexicon:
    """Return the lexicon in `files`. Raises LexiconError for a line without a tab or with an empty side."""
    groups = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise LexiconError(f"{file}: cannot be read ({error}); expected a UTF-8 table of terms") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip() or line.startswith("#"):
                continue
            sides = [tuple(part.strip() for part in fold(side).split("|") if part.strip()) for side in line.split("\t")]
            if len(sides) != 2 or not all(sides):
                raise LexiconError(
                    f"{file}, line {number}: found {line[:40]!r}, expected official wordings, a tab, everyday words,"
                    " each parted by |"
                )
            groups.append((sides[0], sides[1]))
    return Lexicon(tuple(groups))
