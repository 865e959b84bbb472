"""Reads the tables of the lexicon: words, wider terms, short forms, apps and schemes, ours and those of a user.

A table is UTF-8 text with tabs between columns and | between the words of a cell. A comment line that names the columns
says what the lines after it are (`_COLUMNS`); without one a table holds everyday words (official, everyday, context).
What the entries do to a question is left to `lexicon`. docs/lexicon.md says how to write a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.ngrams import fold
from ingest.facts.regions import APPS, SCHEMES, region_paths
from ingest.problem import Problem

FOLDER = "lexicon"
# Names of one region stand in ingest, which reads places off pages with them; everything else lies beside this file.
BUNDLED = (*sorted(Path(__file__).parent.glob("*.tsv")), APPS, SCHEMES)
NATIONWIDE = "全国"

Kind = Literal["words", "broader", "short", "app", "scheme"]

# Kind -> the names of its columns; the last one may be left out.
_COLUMNS: dict[Kind, tuple[str, str, str]] = {
    "words": ("official", "everyday", "context"),
    "broader": ("broader", "words", "context"),
    "short": ("short", "full", "context"),
    "app": ("app", "region", "purpose"),
    "scheme": ("scheme", "region", "general"),
}
_KNOWN = "; ".join("# " + ", ".join(columns) for columns in _COLUMNS.values())


class LexiconError(Problem):
    """A lexicon file that cannot be used; names the file and the line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line on words. `terms` are official, wider or full wordings, `words` what stands for them in a question.

    `context`: the words count only where one of these stands elsewhere in the question; empty for always.
    """

    kind: Kind
    terms: tuple[str, ...]
    words: tuple[str, ...]
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A line on an app or a scheme: its `names`, the path of its region or 全国, and what it is (for)."""

    kind: Kind
    names: tuple[str, ...]
    region: str
    about: tuple[str, ...] = ()


def user_tables(roots: Sequence[Path]) -> tuple[Path, ...]:
    """Return the `lexicon/*.tsv` beside the folders of pages, in the order of folders, then of names.

    They lie beside the folder of pages or beside the one around it: `corpus/lexicon` or `lexicon` for `corpus/pages`.
    """
    folders: dict[Path, None] = {}
    for root in roots:
        place = root.absolute() if root.is_dir() else root.absolute().parent
        for beside in (place.parent / FOLDER, place.parent.parent / FOLDER):
            if any(beside.glob("*.tsv")):
                folders[beside] = None
                break
    return tuple(file for folder in folders for file in sorted(folder.glob("*.tsv")))


def read_table(file: Path) -> Iterator[Entry | Name]:
    """Yield the lines of a table, folded to the search form. Raises LexiconError, which names the line."""
    try:
        text = file.read_text(encoding="utf-8-sig")  # Excel writes a byte order mark
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(f"{file}: cannot be read ({error}); expected a UTF-8 table of words") from error
    # Folded in one go, to the same length: each of two thousand cells by itself takes ten times as long.
    lines = text.splitlines()
    folded_lines = fold("\n".join(lines)).split("\n")[: len(lines)]
    kind: Kind = "words"
    contexts: dict[str, tuple[str, ...]] = {}
    for number, (line, folded) in enumerate(zip(lines, folded_lines, strict=True), start=1):
        if not line.strip():
            continue
        if line.startswith("#"):
            kind = _kind_named(line) or kind
            continue
        try:
            line = line.rstrip("\t ")
            cells, folded_cells = [cell.strip() for cell in line.split("\t")], folded[: len(line)].split("\t")
            if cells[0].startswith("@"):
                contexts[cells[0]] = _split(folded_cells[1] if len(cells) == 2 else "")
                if not contexts[cells[0]]:
                    raise ValueError(f"found {line[:40]!r}, expected @name, a tab and words parted by |")
            else:
                yield _read_line(kind, cells, folded_cells, contexts)
        except ValueError as error:
            raise LexiconError(f"{file}, line {number}: {error}; mend or delete the line") from error


def _kind_named(comment: str) -> Kind | None:
    """Return the kind whose columns a comment line names, or None."""
    named = tuple(cell.strip().lower() for cell in comment.lstrip("#").split("\t"))
    return next((kind for kind, columns in _COLUMNS.items() if named in (columns, columns[:2])), None)


def _read_line(
    kind: Kind, cells: Sequence[str], folded: Sequence[str], contexts: dict[str, tuple[str, ...]]
) -> Entry | Name:
    """Return a line of `cells`, read in their search form `folded`."""
    first, second, *third = (_split(cell) for cell in folded) if len(cells) > 1 else ((), ())
    if not (first and second) or len(third) > 1 or not all(third):
        raise ValueError(
            f"found {' / '.join(cells)[:40]!r}, expected columns parted by tabs: {', '.join(_COLUMNS[kind])} (the last"
            f" may be left out), none empty; a table of another kind names its columns in a first line ({_KNOWN})"
        )
    if kind in ("app", "scheme"):
        return Name(kind, first, _region(cells[1]), third[0] if third else ())
    terms, words = (second, first) if kind == "short" else (first, second)
    for word in words:
        if len(word) < 2:
            raise ValueError(f"found the word {word!r}, expected two characters or more: one stands everywhere")
    return Entry(kind, terms, words, _context(folded[2], contexts) if third else ())


def _context(cell: str, contexts: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    words: list[str] = []
    for part in _split(cell):
        if part.startswith("@") and part not in contexts:
            raise ValueError(f"found the context {part!r}, expected a name that a line above gives words to")
        words += contexts.get(part, (part,))
    return tuple(dict.fromkeys(words))


def _split(folded: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in folded.split("|") if part.strip()))


def _region(cell: str) -> str:
    if cell == NATIONWIDE:
        return cell
    paths = region_paths(cell)
    if len(paths) != 1:
        found = f"which may be {' or '.join(paths)}" if paths else "which is no region of the list"
        raise ValueError(
            f"found the region {cell!r}, {found}; expected {NATIONWIDE}, a path such as 湖南省/长沙市, or a code"
        )
    return paths[0]
