"""What a person decided against the rules: `overrules.tsv` beside the folder of pages keeps or removes what it quotes.

One overrule a line, parted by tabs: path of the page, `keep` or `remove`, a quote, why. The quote is a piece of the
page's text, word for word, or its beginning and its end with an ellipsis between, so that it finds its place again
after a re-scrape moved everything; white space does not count. It must fit one place of the page; where the same words
stand there several times, a number behind the action (`keep 2`) says which. Lines that begin with # are comments.

A line that cannot be read is an error; a quote that finds no place is a warning, since pages change.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.find import Found, folders_beside
from ingest.ledger import Ruling
from ingest.page import Page
from ingest.problem import Problem

FILE = "overrules.tsv"
RULE = "overruled"
ACTIONS = ("keep", "remove")
_ELLIPSIS = re.compile(r"…+|\.{3,}")
# Zero-width characters hide in scraped text and no one can type them.
_IGNORED = "\u200b\u200c\u200d\u2060\ufeff"
# What a ready-made quote shows of a long stretch: enough to be alone on a page, and one line of a terminal.
_WHOLE_CHARS = 40
_HEAD_CHARS = 20
_TAIL_CHARS = 12


class OverruleError(Problem):
    """A file of overrules that cannot be used; names the file, the line and the way out."""


@dataclass(frozen=True, slots=True)
class Overrule:
    """One line of the file. `place` counts the places of the quote from 1; None means that there is only one."""

    path: str
    action: str
    quote: str
    why: str
    line: int
    place: int | None = None
    file: str = FILE

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError(f"an overrule keeps or removes, found {self.action!r}")

    @property
    def name(self) -> str:
        """The overrule as reports call it: file and line."""
        return f"{self.file} line {self.line}"


@dataclass(frozen=True, slots=True)
class Missed:
    """An overrule that changed nothing, and why."""

    overrule: Overrule
    reason: str

    def __str__(self) -> str:
        return f"{self.overrule.name}: {self.reason}"


def read_overrules(file: Path) -> tuple[Overrule, ...]:
    """Return the overrules in `file`, in order. Raises OverruleError, which names the line."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise OverruleError(f"{file}: cannot be read ({error.strerror}); check its permissions") from error
    except UnicodeDecodeError as error:
        raise OverruleError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    lines = text.replace("\r\n", "\n").split("\n")
    return tuple(
        _parse(file, number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith("#")
    )


def _parse(file: Path, number: int, line: str) -> Overrule:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) < 4 or not all(cells[:4]):
        raise OverruleError(
            f"{file} line {number}: found {sum(map(bool, cells))} filled columns, expected path, keep or remove, quote"
            " and why, parted by tabs; fill them or put # in front"
        )
    path, action, quote, why = (*cells[:3], " ".join(cells[3:]))
    word, _, place = action.lower().partition(" ")
    is_number = place.isascii() and place.strip().isdigit() and int(place) > 0
    if word not in ACTIONS or (place and not is_number):
        raise OverruleError(
            f"{file} line {number}: found {action!r} in the second column, expected keep or remove, perhaps with the"
            " number of the place behind it (keep 2); mend it or put # in front"
        )
    return Overrule(posixpath.normpath(path), word, quote, why, number, int(place) if place else None, file.name)


@dataclass(frozen=True, slots=True)
class Overrules:
    """The overrules of a set of pages by page path, and those that name no page of it."""

    by_path: Mapping[str, tuple[Overrule, ...]]
    missed: tuple[Missed, ...]

    def of(self, path: str) -> tuple[Overrule, ...]:
        """Return the overrules of one page."""
        return self.by_path.get(path, ())


def find_overrules(found: Found) -> Overrules:
    """Return the overrules beside the folders of `found`, where `gold/` and `lexicon/` lie too. Raises OverruleError.

    The nearest file at or above a path given counts, so a page is overruled alike whether it is named alone or with its
    folder. A path in it is the one the page is known by in the build, or relative to the folder beside the file.
    """
    pages = {page.file.absolute(): page.path for page in found.pages}
    by_path: dict[str, list[Overrule]] = {}
    missed: list[Missed] = []
    for folder, is_given in folders_beside(found.roots, FILE).items():
        below = {file.relative_to(folder).as_posix(): path for file, path in pages.items() if folder in file.parents}
        known = {path: path for path in below.values()}
        for overrule in read_overrules(folder.parent / FILE):
            path = known.get(overrule.path) or below.get(overrule.path)
            if path is not None:
                by_path.setdefault(path, []).append(overrule)
            elif is_given:
                missed.append(Missed(overrule, f"there is no page {overrule.path}; mend the path or delete the line"))
    return Overrules({path: tuple(lines) for path, lines in sorted(by_path.items())}, tuple(missed))


def overrule_blocks(page: Page, overrules: Sequence[Overrule]) -> tuple[Mapping[int, Overrule], tuple[Missed, ...]]:
    """Return the overrule of each block that one touches (the last line wins), and those that find no single place."""
    touched: dict[int, Overrule] = {}
    missed: list[Missed] = []
    if not overrules:
        return touched, ()
    text = _Squeezed(page.text)
    for overrule in overrules:
        places = text.places(overrule.quote)
        number = overrule.place or 1
        if len(places) < number:
            missed.append(Missed(overrule, f"the quote stands in {len(places)} places of the page, not in {number}"))
        elif len(places) > 1 and overrule.place is None:
            reason = f"the quote stands in {len(places)} places; quote more, or write {overrule.action} 1, 2, …"
            missed.append(Missed(overrule, reason))
        else:
            start, end = places[number - 1]
            for index, block in enumerate(page.blocks):
                if block.start < end and start < block.end:
                    touched[index] = overrule
    return touched, tuple(missed)


def obey_overrules(page: Page, overrules: Sequence[Overrule], rulings: dict[int, Ruling]) -> tuple[Missed, ...]:
    """Change `rulings` as the overrules say and return those that changed nothing.

    A kept block takes its whole group along: a recommendation item is kept or removed as one.
    """
    touched, missed = overrule_blocks(page, overrules)
    groups = {index: (ruling.rule, ruling.group) for index, ruling in rulings.items()}
    freed = {groups[index] for index, overrule in touched.items() if overrule.action == "keep" and index in groups}
    changing = {overrule for index, overrule in touched.items() if overrule.action == "remove" or index in groups}
    for index, group in groups.items():
        if group in freed:
            del rulings[index]
    for index, overrule in touched.items():
        if overrule.action == "remove":
            # Blocks of one line of the file are one removal; a group below zero meets none of the rules' own.
            rulings[index] = Ruling(RULE, f"{overrule.name}: {overrule.why}", 1.0, -1 - overrule.line)
    idle = dict.fromkeys(overrule for overrule in touched.values() if overrule not in changing)
    return (*missed, *(Missed(overrule, "nothing is removed there; delete the line") for overrule in idle))


def overrule_line(text: str, path: str, start: int, end: int, action: str, why: str) -> str:
    """Return the line that keeps or removes `text[start:end]` of the page at `path`, ready for the file."""
    squeezed = _Squeezed(text)
    words = " ".join("".join(" " if char in _IGNORED else char for char in text[start:end]).split())
    quote = words if len(words) <= _WHOLE_CHARS else f"{words[:_HEAD_CHARS].strip()}…{words[-_TAIL_CHARS:].strip()}"
    places = squeezed.places(quote)
    whole = squeezed.places(words)
    if len(places) != 1 or places[0] not in whole:  # the shortened quote is not alone, or ends too early
        quote, places = words, whole
    number = next((n for n, (left, right) in enumerate(places, 1) if left >= start and right <= end), 1)
    name = f"./{path}" if path.startswith("#") else path
    return "\t".join((name, action if len(places) < 2 else f"{action} {number}", quote, why))


class _Squeezed:
    """A text without white space and invisible characters, which knows where each of its characters stood."""

    def __init__(self, text: str) -> None:
        self._at = [place for place, char in enumerate(text) if not char.isspace() and char not in _IGNORED]
        self._text = "".join(text[place] for place in self._at)

    def places(self, quote: str) -> list[tuple[int, int]]:
        """Return where `quote` stands, in offsets of the text: as it is written, else as beginning…end."""
        words = "".join(char for char in quote if not char.isspace() and char not in _IGNORED)
        if not words:
            return []
        found = [(start, start + len(words)) for start in self._starts(words)]
        parts = [part for part in _ELLIPSIS.split(words) if part]
        if not found and len(parts) > 1:
            for start in self._starts(parts[0]):
                end = self._text.find(parts[-1], start + len(parts[0]))
                if end >= 0:
                    found.append((start, end + len(parts[-1])))
        return [(self._at[start], self._at[end - 1] + 1) for start, end in found]

    def _starts(self, words: str) -> list[int]:
        starts = []
        start = self._text.find(words)
        while start >= 0:
            starts.append(start)
            start = self._text.find(words, start + 1)
        return starts
