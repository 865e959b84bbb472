"""Files and folders -> the pages in them, in one order, with everything else named; and the sidecars beside them.

Pages are files ending in .txt .text .html .htm .xhtml. Hidden files and folders, README files and the sidecars
themselves are passed over in silence; any other file is named with the way out. Nothing is opened but sidecars, and
nothing outside a root is ever a page.

A sidecar `pages.jsonl` says where pages came from: one object a line with `path` (relative to its folder) and `url`,
`site`, `publisher`, `fetched`.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ingest.problem import Problem
from ingest.regular import open_regular

PAGE_SUFFIXES = (".txt", ".text", ".html", ".htm", ".xhtml")
SIDECAR = "pages.jsonl"
SIDECAR_KEYS = ("url", "site", "publisher", "fetched")
_ENDINGS = " ".join(PAGE_SUFFIXES)
# Forty times what was built and measured (docs/operations.md): a disk named by mistake has more files than this.
MAX_FILES = 2_000_000
MAX_SIDECAR_BYTES = 200_000_000  # 500 bytes for each of 400,000 pages; every folder may have a sidecar of its own
MAX_LINE_BYTES = 100_000
_NAMED_LINES = 20  # of a broken sidecar; what is wrong with one line is mostly wrong with all
# Breaks the lines of lists, logs and overrules; the last two are no characters, and SQLite does not keep them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


class NoFile(Problem):
    """A name that stands for a file of settings is no file."""


class NoPages(Problem):
    """Nothing to read. The message says what was found, what was expected and what to do."""


class TooManyFiles(Problem):
    """More files than a corpus may have."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file and the relative POSIX path its page is known by."""

    file: Path
    path: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is no page, by its relative path, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What lies under `roots`: pages and skipped files by path, bytewise; `sidecar` by page path, for pages only."""

    pages: tuple[PageFile, ...]
    skipped: tuple[Skipped, ...]
    sidecar: Mapping[str, Mapping[str, str]]
    roots: tuple[Path, ...]


def find_pages(paths: Sequence[Path], *, max_files: int = MAX_FILES) -> Found:
    """Return the pages in `paths`, files and folders in any order; a file reached twice is one page.

    A page's path is relative to the folder given, or the name of the file given. Where a path is taken already by
    another root, all pages of the later root (files after folders, deeper after higher, then by name) get its folder's
    name in front; what is then still taken is skipped. Raises `NoPages` where a path does not exist or no page is
    found, `TooManyFiles` where a root holds more than `max_files`, pages or not.
    """
    roots = _ordered(paths)
    pages: dict[str, Path] = {}
    skipped: list[Skipped] = []
    sidecar: dict[str, Mapping[str, str]] = {}
    seen: set[str] = set()
    for root in roots:
        listing = _list_root(root, seen, max_files)
        prefix = "" if pages.keys().isdisjoint(listing.pages) else f"{_folder_name(root)}/"
        for path, file in listing.pages.items():
            if prefix + path in pages:
                reason = f"the path is taken by {pages[prefix + path]}: rename the folder {_folder_name(root)}"
                skipped.append(Skipped(prefix + path, reason))
                continue
            pages[prefix + path] = file
            if path in listing.sidecar:
                sidecar[prefix + path] = listing.sidecar[path]
        skipped += [Skipped(prefix + entry.path, entry.reason) for entry in listing.skipped]
    if not pages:
        raise NoPages(_say_nothing_found(roots, skipped))
    return Found(
        pages=tuple(PageFile(pages[path], path) for path in sorted(pages, key=os.fsencode)),
        skipped=tuple(sorted(skipped, key=lambda entry: (os.fsencode(entry.path), entry.reason))),
        sidecar=dict(sorted(sidecar.items())),
        roots=tuple(roots),
    )


def _ordered(paths: Sequence[Path]) -> list[Path]:
    """Return the roots, each once, in an order that does not depend on the order given."""
    if not paths:
        raise NoPages("found no path, expected files or folders with pages, name at least one")
    roots: dict[Path, Path] = {}
    for path in sorted(paths, key=os.fsencode):
        if not os.path.lexists(path) or not path.exists():  # a name too long for the system is no error of lexists
            raise NoPages(f"{path}: found nothing there, expected a file or a folder with pages, check the spelling")
        roots.setdefault(path.resolve(), path.absolute())
    order = sorted(roots, key=lambda real: (real.is_file(), len(real.parts), _folder_name(real), os.fsencode(real)))
    return [roots[real] for real in order]


def _folder_name(root: Path) -> str:
    real = root.resolve()
    return (real if real.is_dir() else real.parent).name or "root"


def _say_nothing_found(roots: Sequence[Path], skipped: Sequence[Skipped]) -> str:
    where = ", ".join(str(root) for root in roots)
    kinds = Counter(posixpath.splitext(entry.path)[1] or "no ending" for entry in skipped)
    others = (
        f"{len(skipped)} other files ({', '.join(f'{kind} {n}' for kind, n in kinds.most_common(5))})"
        if kinds
        else "nothing"
    )
    return f"{where}: found {others}, expected pages ({_ENDINGS}), convert them or name another folder"


@dataclass(slots=True)
class _Listing:
    """What lies under one root."""

    pages: dict[str, Path] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    sidecar: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def skip(self, path: str, reason: str) -> None:
        self.skipped.append(Skipped(path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), reason))


def _list_root(root: Path, seen: set[str], max_files: int) -> _Listing:
    listing = _Listing()
    real = root.resolve()
    if not real.is_dir():
        beside = root.parent / SIDECAR
        if beside.is_file() and root.name != SIDECAR:
            _read_sidecar(beside, "", listing)
        _take(real if root.is_symlink() else root, root.name, str(real), listing, seen)
        return listing
    links = []
    for number, (entry, path) in enumerate(_walk(real, listing, max_files), start=1):
        if number > max_files:
            raise _too_many(root, max_files)
        if entry.is_symlink():
            links.append((entry, path))
        elif entry.name == SIDECAR:
            _read_sidecar(Path(entry.path), posixpath.dirname(path), listing)
        elif not entry.name.lower().startswith("readme"):
            _take(root / path, path, entry.path, listing, seen, is_file=entry.is_file())
    for _, path in links:  # after the files, so that a link to a page never takes its place
        _take_link(root, path, real, listing, seen)
    return listing


def _too_many(root: Path, max_files: int) -> TooManyFiles:
    return TooManyFiles(f"{root}: found more than {max_files:,} files, expected those of one corpus; name its folder")


def _walk(top: Path, listing: _Listing, max_files: int) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yield what lies in `top`, but folders and hidden things, with its relative path; higher folders first."""
    folders = deque([""])
    while folders:
        folder = folders.popleft()
        try:
            with os.scandir(top / folder) as entries:
                inside = sorted(islice(entries, max_files + 1), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            listing.skip(folder or ".", f"a folder that cannot be read ({error.strerror}): change its permissions")
            continue
        if len(inside) > max_files or len(folders) > max_files:
            raise _too_many(top / folder, max_files)
        for entry in inside:
            path = posixpath.join(folder, entry.name)
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                yield entry, path


def _take(file: Path, path: str, real: str, listing: _Listing, seen: set[str], *, is_file: bool = True) -> None:
    suffix = posixpath.splitext(path)[1]
    if suffix.lower() not in PAGE_SUFFIXES:
        what = f"{suffix} file" if suffix else "no ending"
        listing.skip(path, f"not a page: {what}; expected {_ENDINGS}, convert it to text or HTML")
    elif not is_file or not file.is_file():
        listing.skip(path, "not a regular file; expected a file with a page in it")
    elif not _is_utf8(path):
        listing.skip(path, "a name that is not UTF-8: rename it")
    elif _CONTROL.search(path):
        listing.skip(path, "a name with a line break or another control character: rename it")
    elif real not in seen:
        seen.add(real)
        listing.pages[path] = file


def _take_link(root: Path, path: str, top: Path, listing: _Listing, seen: set[str]) -> None:
    try:
        target = (root / path).resolve(strict=True)
    except (OSError, RuntimeError):
        listing.skip(path, "a symbolic link that leads nowhere: remove it")
        return
    if not target.is_relative_to(top):
        listing.skip(path, f"a symbolic link out of the folder, to {target}: copy it, or name its target as well")
    elif target.is_dir():
        listing.skip(path, f"a symbolic link to the folder {target.relative_to(top)}, which is read in its own place")
    elif str(target) in seen:
        listing.skip(path, f"a symbolic link to {target.relative_to(top)}, which is read in its own place")
    else:
        _take(root / target.relative_to(top), path, str(target), listing, seen)  # read where it lies, by no link


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_sidecar(file: Path, folder: str, listing: _Listing) -> None:
    """Add the lines of one sidecar to `listing`; a later line, or a sidecar nearer to the page, replaces an earlier."""
    shown = posixpath.join(folder, file.name)
    wrong = 0
    try:
        with open_regular(file) as opened:
            if (size := os.fstat(opened.fileno()).st_size) > MAX_SIDECAR_BYTES:
                listing.skip(shown, f"a sidecar of {size} bytes, expected at most {MAX_SIDECAR_BYTES}: one a folder")
                return
            for number, line in enumerate(opened, start=1):
                entry = _parse_entry(line.removeprefix(b"\xef\xbb\xbf")) if line.strip() else {}
                if isinstance(entry, str):
                    wrong += 1
                    if wrong <= _NAMED_LINES:
                        listing.skip(shown, f"line {number}: {entry}; the other lines are used")
                elif entry:
                    said = {key: entry[key] for key in SIDECAR_KEYS if key in entry}
                    listing.sidecar[posixpath.join(folder, entry["path"])] = said
    except OSError as error:
        listing.skip(shown, f"a sidecar that cannot be read ({error.strerror}): change its permissions")
    if wrong > _NAMED_LINES:
        listing.skip(shown, f"{wrong - _NAMED_LINES} more lines that are no entries")


def _parse_entry(line: bytes) -> dict[str, str] | str:
    """Return the entry on a sidecar's line, or in words what is wrong with it."""
    if len(line) > MAX_LINE_BYTES:
        return f"found {len(line)} bytes, expected at most {MAX_LINE_BYTES}"
    try:
        entry = json.loads(line.decode("utf-8"))
        told = json.dumps(entry, ensure_ascii=False)
        told.encode()  # an escaped half of a surrogate pair is no text either
    except (ValueError, RecursionError) as error:
        return f"found no JSON ({error}), expected an object"
    if "\ufffe" in told or "\uffff" in told:  # SQLite keeps U+FFFD for both, so two sites could become one
        return "found U+FFFE or U+FFFF, expected text"
    if not isinstance(entry, dict):
        return f"found {type(entry).__name__}, expected an object with path, {', '.join(SIDECAR_KEYS)}"
    wrong = [key for key in ("path", *SIDECAR_KEYS) if not isinstance(entry.get(key) or "", str)]
    if wrong:
        return f"found {wrong[0]} = {entry[wrong[0]]!r}, expected a string"
    path = posixpath.normpath(entry.get("path") or "..")
    if path.startswith(("..", "/")):
        return f"found path = {entry.get('path')!r}, expected one below the sidecar's folder"
    return {"path": path} | {key: entry[key] for key in SIDECAR_KEYS if entry.get(key)}


def folders_beside(roots: Sequence[Path], name: str) -> dict[Path, bool]:
    """Return the folders of pages with a file `name` beside them, and whether each was given whole.

    For each root the nearest such folder at or above it counts, so that a page is treated alike whether it is named
    alone or with its folder. Raises NoFile where the name stands for something else: what a person decided must not
    be passed over because a disk is not there.
    """
    folders: dict[Path, bool] = {}
    for root in roots:
        place = root.absolute()
        for folder in (place, *place.parents):
            beside = folder.parent / name
            if folder.parent != folder and folder.is_dir() and os.path.lexists(beside):
                if not beside.is_file():
                    raise NoFile(f"{beside}: found a folder, a pipe or a link to nothing, expected a file; mend it")
                folders[folder] = folders.get(folder, False) or folder == place
                break
    return folders
