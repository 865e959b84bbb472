"""Knows that 断缴 is 中断缴费 in a notice: what words of a question may also be called, which place they hint at.

A question is never rewritten; its expansions are extra evidence with a lower weight, and each is shown as a reason. The
tables are read by `tables`; how much an expansion counts is left to `index.search` and `index.coverage`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from index.lexicon.tables import BUNDLED, FOLDER, NATIONWIDE, Entry, Kind, LexiconError, Name, read_table
from index.ngrams import fold
from ingest.facts.region_mentions import find_regions

__all__ = ["BUNDLED", "Entry", "Expansion", "Lexicon", "LexiconError", "Name", "Place", "lexicon_of", "read_lexicon"]

# What a wider term counts beside one that means the same. A choice, not fitted: with no wider terms at all the figures
# of bench/lexicon.py differ by one question at most.
WIDER = 0.5

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Expansion:
    """`word`, found at `[start, end)` of the question, may stand in a text as any of `terms`.

    `factor` is 1 where they mean the same and less where they are wider terms.
    """

    word: str
    start: int
    end: int
    terms: tuple[str, ...]
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """`name`, an app or a scheme found at `[start, end)`, belongs to `region`, a path such as 湖南省/长沙市.

    `about` says what the app is for or what the scheme is in general.
    """

    name: str
    start: int
    end: int
    region: str
    kind: Kind
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sense:
    """What a word may also be called, and the words of which one must stand beside it (none: always)."""

    terms: tuple[str, ...]
    factor: float
    context: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """Words with their other wordings, and the names of apps and schemes. An empty one knows nothing."""

    entries: tuple[Entry, ...] = ()
    names: tuple[Name, ...] = ()

    @property
    def groups(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """The pairs (official wordings, everyday words)."""
        return tuple((entry.terms, entry.words) for entry in self.entries if entry.kind == "words")

    @cached_property
    def official(self) -> dict[str, tuple[str, ...]]:
        """The official wordings of each everyday word that needs no context, and is not an official one itself."""
        plain = [entry for entry in self.entries if entry.kind == "words" and not entry.context]
        terms = {term for entry in plain for term in entry.terms}
        found: dict[str, tuple[str, ...]] = {}
        for entry in plain:
            for word in entry.words:
                if word not in terms:
                    found[word] = tuple(dict.fromkeys((*found.get(word, ()), *entry.terms)))
        return found

    def expand(self, question: str) -> tuple[Expansion, ...]:
        """Return what the words of `question` may also be called, in the order they stand; longer words win.

        A word that has both other wordings and wider terms comes twice, the former first.
        """
        folded = fold(question)
        found: list[tuple[int, int, list[Expansion]]] = []
        for start, end, lines in self._words.find(folded):
            told = _told(_senses(folded[start:end], lines), folded, start, end)
            if told:
                found.append((start, end, told))
        # A name without other wordings takes its place all the same: 湘医保 does not speak of 医保.
        found += [(start, end, []) for start, end, _ in self._names.find(folded)]
        return tuple(expansion for _, _, told in _longest(found) for expansion in told)

    def places(self, text: str) -> tuple[Place, ...]:
        """Return the apps and schemes of one region that `text` names, in the order they stand; longer names win.

        A name that begins inside the name of a place is none: 京通 in 北京通州.
        """
        found = _longest(list(self._names.find(fold(text))))
        if not found:
            return ()
        named = [mention for mention in find_regions(text, [(0, len(text))]) if not mention.is_hint]
        return tuple(
            Place(text[start:end], start, end, name.region, name.kind, name.about)
            for start, end, name in found
            if not any(mention.start < start < mention.end for mention in named)
        )

    @cached_property
    def _words(self) -> _ByHead[tuple[Entry | Name, ...]]:
        """The lines on each word; what it may also be called is told of the few that a question has (`_senses`)."""
        lines: dict[str, list[Entry | Name]] = {}
        for entry in self.entries:
            for word in (*entry.words, *(() if entry.kind == "broader" else entry.terms)):
                lines.setdefault(word, []).append(entry)
        for name in self.names:
            for word in name.names:
                lines.setdefault(word, []).append(name)
        return _ByHead({word: tuple(on_it) for word, on_it in lines.items() if len(word) > 1})

    @cached_property
    def _names(self) -> _ByHead[Name]:
        return _ByHead({word: name for name in self.names if name.region != NATIONWIDE for word in name.names})


def read_lexicon(files: Sequence[Path] = BUNDLED) -> Lexicon:
    """Return the lexicon in `files`, which is ours unless told otherwise. Raises LexiconError for a broken line."""
    lines = [line for file in files for line in read_table(file)]
    return Lexicon(
        tuple(line for line in lines if isinstance(line, Entry)),
        tuple(line for line in lines if isinstance(line, Name)),
    )


def lexicon_of(build: Path) -> Lexicon:
    """Return our lexicon with the tables of the user that the folder of a build keeps."""
    return read_lexicon((*BUNDLED, *sorted((build / FOLDER).glob("*.tsv"))))


class _ByHead(Generic[_Value]):
    """Words by their first two characters, so a text is looked through once however many words there are."""

    def __init__(self, known: Mapping[str, _Value]) -> None:
        self._known = known
        heads: dict[str, list[str]] = {}
        for word in known:
            heads.setdefault(word[:2], []).append(word)
        self._heads = heads

    def find(self, text: str) -> Iterator[tuple[int, int, _Value]]:
        """Yield `(start, end, value)` of every word in `text`, also of those that overlap."""
        for start in range(len(text) - 1):
            for word in self._heads.get(text[start : start + 2], ()):
                if text.startswith(word, start) and _stands_alone(text, start, start + len(word)):
                    yield start, start + len(word), self._known[word]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Say whether `[start, end)` does not begin or end inside a Latin word or a number: app is not in apple."""
    return not (
        (start and _is_latin(text[start]) and _is_latin(text[start - 1]))
        or (end < len(text) and _is_latin(text[end - 1]) and _is_latin(text[end]))
    )


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _longest(found: Sequence[tuple[int, int, _Value]]) -> list[tuple[int, int, _Value]]:
    """Return those that do not overlap a longer one (of equal length: an earlier one), in the order they stand."""
    kept: list[tuple[int, int, _Value]] = []
    for start, end, value in sorted(found, key=lambda item: (item[0] - item[1], item[0])):
        if not any(start < other_end and other_start < end for other_start, other_end, _ in kept):
            kept.append((start, end, value))
    return sorted(kept, key=lambda item: item[0])


def _senses(word: str, lines: Sequence[Entry | Name]) -> tuple[_Sense, ...]:
    """Return what `word` may also be called by the lines it stands in, each sense once."""
    return tuple(dict.fromkeys(sense for line in lines for sense in _senses_in(word, line) if sense.terms))


def _senses_in(word: str, line: Entry | Name) -> Iterator[_Sense]:
    if isinstance(line, Name):
        yield _Sense(_siblings(line.names, word), 1.0, ())
        if line.kind == "scheme":
            yield _Sense(_others(line.about, word), WIDER, ())
        return
    if word in line.words:
        yield _Sense(_others(line.terms, word), WIDER if line.kind == "broader" else 1.0, line.context)
    if word in line.terms and line.kind == "words":
        yield _Sense(_siblings(line.terms, word), 1.0, ())
    elif word in line.terms and line.kind == "short":
        yield _Sense(_others(line.words, word), 1.0, ())


def _told(senses: Sequence[_Sense], folded: str, start: int, end: int) -> list[Expansion]:
    """Return what the word at `[start, end)` may also be called, by factor, the highest first."""
    rest = f"{folded[:start]}\n{folded[end:]}"
    by_factor: dict[float, list[str]] = {}
    for sense in senses:
        if not sense.context or any(word in rest for word in sense.context):
            by_factor.setdefault(sense.factor, []).extend(sense.terms)
    told: list[Expansion] = []
    known: set[str] = set()
    for factor in sorted(by_factor, reverse=True):
        terms = tuple(dict.fromkeys(term for term in by_factor[factor] if term not in known))
        known.update(terms)
        if terms:
            told.append(Expansion(folded[start:end], start, end, terms, factor))
    return told


def _others(wordings: Sequence[str], word: str) -> tuple[str, ...]:
    return tuple(other for other in wordings if other != word)


def _siblings(wordings: Sequence[str], word: str) -> tuple[str, ...]:
    """Return the other wordings; one that holds the word (用人单位 for 单位) says more than was asked and is none."""
    return tuple(other for other in wordings if word not in other)
