"""Files and folders -> the pages in them, in one order, with everything else named; and the sidecars beside them.

Pages are files ending in .txt .text .html .htm .xhtml. Hidden files and folders, README files and the sidecars
themselves are passed over in silence; any other file is named with the way out. Nothing is opened but sidecars.

A sidecar `pages.jsonl` says where pages came from: one object a line with `path` (relative to its folder) and `url`,
`site`, `publisher`, `fetched`.
"""

from __future__ import annotations

import json
import os
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.problem import Problem

PAGE_SUFFIXES = (".txt", ".text", ".html", ".htm", ".xhtml")
SIDECAR = "pages.jsonl"
SIDECAR_KEYS = ("url", "site", "publisher", "fetched")
_ENDINGS = " ".join(PAGE_SUFFIXES)


class NoPages(Problem):
    """Nothing to read. The message says what was found, what was expected and what to do."""


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


def find_pages(paths: Sequence[Path]) -> Found:
    """Return the pages in `paths`, files and folders in any order; a file reached twice is one page.

    A page's path is relative to the folder given, or the name of the file given. Where a path is taken already by
    another root, all pages of the later root (files after folders, deeper after higher, then by name) get its folder's
    name in front; what is then still taken is skipped. Raises `NoPages` where a path does not exist or no page is
    found.
    """
    roots = _ordered(paths)
    pages: dict[str, Path] = {}
    skipped: list[Skipped] = []
    sidecar: dict[str, Mapping[str, str]] = {}
    seen: set[str] = set()
    for root in roots:
        listing = _list_root(root, seen)
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
        if not path.exists():
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


def _list_root(root: Path, seen: set[str]) -> _Listing:
    listing = _Listing()
    real = root.resolve()
    if not real.is_dir():
        beside = root.parent / SIDECAR
        if beside.is_file() and root.name != SIDECAR:
            _read_sidecar(beside, "", listing)
        _take(root, root.name, str(real), listing, seen)
        return listing
    links = []
    for entry, path in _walk(real, listing):
        if entry.is_symlink():
            links.append((entry, path))
        elif entry.name == SIDECAR:
            _read_sidecar(Path(entry.path), posixpath.dirname(path), listing)
        elif not entry.name.lower().startswith("readme"):
            _take(root / path, path, entry.path, listing, seen, is_file=entry.is_file())
    for _, path in links:  # after the files, so that a link to a page never takes its place
        _take_link(root / path, path, real, listing, seen)
    return listing


def _walk(top: Path, listing: _Listing) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yield what lies in `top`, but folders and hidden things, with its relative path; higher folders first."""
    folders = [""]
    while folders:
        folder = folders.pop(0)
        try:
            with os.scandir(top / folder) as entries:
                inside = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            listing.skip(folder or ".", f"a folder that cannot be read ({error.strerror}): change its permissions")
            continue
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
    elif real not in seen:
        seen.add(real)
        listing.pages[path] = file


def _take_link(file: Path, path: str, top: Path, listing: _Listing, seen: set[str]) -> None:
    try:
        target = file.resolve(strict=True)
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
        _take(file, path, str(target), listing, seen)


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_sidecar(file: Path, folder: str, listing: _Listing) -> None:
    """Add the lines of one sidecar to `listing`; a later line, or a sidecar nearer to the page, replaces an earlier."""
    shown = posixpath.join(folder, file.name)
    try:
        lines = file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        listing.skip(shown, f"a sidecar that cannot be read ({error.strerror}): change its permissions")
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        entry = _parse_entry(line)
        if isinstance(entry, str):
            listing.skip(shown, f"line {number}: {entry}; the other lines are used")
        else:
            listing.sidecar[posixpath.join(folder, entry["path"])] = {k: entry[k] for k in SIDECAR_KEYS if k in entry}


def _parse_entry(line: bytes) -> dict[str, str] | str:
    """Return the entry on a sidecar's line, or in words what is wrong with it."""
    try:
        entry = json.loads(line.decode("utf-8"))
        json.dumps(entry, ensure_ascii=False).encode()  # an escaped half of a surrogate pair is no text either
    except (ValueError, RecursionError) as error:
        return f"found no JSON ({error}), expected an object"
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
    alone or with its folder.
    """
    folders: dict[Path, bool] = {}
    for root in roots:
        place = root.absolute()
        for folder in (place, *place.parents):
            if folder.parent != folder and folder.is_dir() and (folder.parent / name).is_file():
                folders[folder] = folders.get(folder, False) or folder == place
                break
    return folders
