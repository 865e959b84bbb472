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
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ingest.find import Found, folders_beside
from ingest.ledger import Ruling
from ingest.lines import WHITE, read_lines
from ingest.page import Page
from ingest.problem import Problem
from ingest.quotes import Quote, Squeezed

FILE = "overrules.tsv"
RULE = "overruled"
ACTIONS = ("keep", "remove")
_BY_HAND = re.compile(rf"{re.escape(FILE)} line \d+(?=:)")


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


@dataclass(frozen=True, slots=True)
class Obeyed:
    """What became of a page's overrules: those in vain, those that changed something, the blocks that `keep` gave back.

    An overrule is in `missed` or in `done`, in both never.
    """

    missed: tuple[Missed, ...] = ()
    done: tuple[Overrule, ...] = ()
    kept: frozenset[int] = frozenset()


def overrule_blocks(
    page: Page, overrules: Sequence[Overrule]
) -> tuple[Mapping[int, Sequence[Overrule]], tuple[Missed, ...]]:
    """Return the overrules of each block that one touches, and those that find no single place. The last line wins."""
    touched: dict[int, list[Overrule]] = {}
    missed: list[Missed] = []
    if not overrules:
        return touched, ()
    text = Squeezed(page.text)
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
                    touched.setdefault(index, []).append(overrule)
    return touched, tuple(missed)


def obey_overrules(page: Page, overrules: Sequence[Overrule], rulings: dict[int, Ruling]) -> Obeyed:
    """Change `rulings` as the overrules say and return what became of them.

    A kept block takes its whole group along: a recommendation item is kept or removed as one.
    """
    touched, missed = overrule_blocks(page, overrules)
    last = {index: lines[-1] for index, lines in touched.items()}
    groups = {index: (ruling.rule, ruling.group) for index, ruling in rulings.items()}
    freed = {groups[index] for index, overrule in last.items() if overrule.action == "keep" and index in groups}
    kept = {index for index, group in groups.items() if group in freed}
    # A line that takes back a removal by an earlier line changes something also where no rule removes anything.
    kept |= {index for index, lines in touched.items() if any(line.action == "remove" for line in lines)}
    kept -= {index for index, overrule in last.items() if overrule.action == "remove"}
    for index in kept:
        rulings.pop(index, None)
    for index, overrule in last.items():
        if overrule.action == "remove":
            # Blocks of one line of the file are one removal; a group below zero meets none of the rules' own.
            rulings[index] = Ruling(RULE, f"{overrule.name}: {overrule.why}", 1.0, -1 - overrule.line)
    changing = {overrule for index, overrule in last.items() if overrule.action == "remove" or index in kept}
    in_vain = _in_vain(touched, changing)
    done = tuple(overrule for overrule in overrules if overrule in changing)
    return Obeyed((*missed, *in_vain), done, frozenset(kept))


def _in_vain(touched: Mapping[int, Sequence[Overrule]], changing: Set[Overrule]) -> Iterator[Missed]:
    """Yield the overrules that found their place and changed nothing there."""
    winning = {lines[-1] for lines in touched.values()}
    beaten = {line: lines[-1] for lines in touched.values() for line in lines if line not in winning}
    for line in dict.fromkeys(line for lines in touched.values() for line in lines):
        if line in beaten:
            yield Missed(line, f"overruled again in line {beaten[line].line}; delete one of them")
        elif line not in changing:
            yield Missed(line, "nothing is removed there; delete the line")


def undo(evidence: str) -> str | None:
    """Return what takes back a removal that a person ordered, by its evidence; None for one that a rule made."""
    line = _BY_HAND.match(evidence)
    if line is None:
        return None
    return f"delete line {line.group().rpartition(' ')[2]} of {FILE}"


def overrule_lines(text: str, path: str, spans: Sequence[tuple[int, int]], action: str, why: str) -> tuple[str, ...]:
    """Return the lines that keep or remove the removals `spans` of the page at `path`, ready for the file.

    What stands together takes one line where a short quote finds exactly it, else each removal takes its own. Where no
    beginning and end find exactly it, the quote is its beginning: enough to keep a removal, which is kept as a whole.
    """
    squeezed = Squeezed(text)
    stretches: list[list[tuple[int, int]]] = []
    for before, span in pairwise([(-1, -1), *spans]):
        if before[1] == span[0]:
            stretches[-1].append(span)
        else:
            stretches.append([span])
    found: list[Quote] = []
    for members in stretches:
        whole = squeezed.exact(members[0][0], members[-1][1])
        found += [whole] if whole else [squeezed.quote(start, end) for start, end in members]
    return tuple(_line(path, action, quote, why) for quote in found)


def overrule_place(text: str, path: str, start: int, end: int, action: str, why: str) -> tuple[str, ...]:
    """Return the lines that keep the removal `[start, end)`, or remove each line of the page that it touches.

    They are read back before they are given: empty where the format cannot say it, as with a tab in the path.
    """
    spans = [(start, end)] if action == "keep" else _lines_at(text, start, end)
    if not any(text[left:right].strip(WHITE) for left, right in spans):
        return ()
    lines = overrule_lines(text, path, spans, action, " ".join(why.split()))
    return lines if all(_is_read_as(line, path, action) for line in lines) else ()


def _lines_at(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the lines of a page that `[start, end)` touches; those beside each other share a border."""
    left = text.rfind("\n", 0, start) + 1
    right = text.find("\n", end)
    blocks = read_lines(text[left : right if right >= 0 else len(text)])
    places = [(left + block.start, left + block.end) for block in blocks]
    touched = [place for place in places if place[0] < end and start < place[1]]
    behind = [following for following, _ in touched[1:]] + [stop for _, stop in touched[-1:]]
    return [(first, stop) for (first, _), stop in zip(touched, behind, strict=True)]


def _is_read_as(line: str, path: str, action: str) -> bool:
    """Say whether a line of the file is read as the page and the action it was made for."""
    try:
        line.encode()
        read = _parse(Path(FILE), 1, line)
    except (OverruleError, UnicodeEncodeError):
        return False
    return "\n" not in line and (read.path, read.action) == (path, action)


def _line(path: str, action: str, quote: Quote, why: str) -> str:
    # Neither a comment nor a byte order mark is part of a name.
    name = f"./{path}" if path.startswith(("#", "\ufeff")) else path
    return "\t".join((name, f"{action} {quote.number}" if quote.number else action, quote.words, why))
