"""Waits until a corpus has changed and come to rest: the pages, and what people wrote beside their folder.

It looks at times and sizes again and again. The system's own notices (inotify and its like) are quicker, but say
nothing of what another machine changes on a network drive, and lose some when many come at once; a look misses neither
and needs no library.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from index.build.gate import FOLDER as GOLD
from index.lexicon.tables import FOLDER as LEXICON
from ingest.facts.sources import FILE as SOURCES
from ingest.overrules import FILE as OVERRULES

LOOK_EVERY_S = 1.0
# A look at 50,000 pages takes half a second; looks shall take a twentieth of one core at most.
REST_PER_LOOK = 20.0

Snapshot = Mapping[str, tuple[int, int, int]]


class Watcher:
    """Remembers how the corpus under `paths` looked, and waits for the next change; `gold` is watched as well."""

    def __init__(
        self, paths: Sequence[Path], *, gold: Path | None = None, quiet_for_s: float, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self._places = _places(paths, gold)
        self._quiet_for_s = quiet_for_s
        self._look_every_s = min(look_every_s, quiet_for_s)
        self._known, self._pause_s = self._look()

    def wait(self, timeout_s: float | None = None) -> tuple[str, ...]:
        """Return what was added, changed or removed, once nothing has moved for `quiet_for_s`; nothing at `timeout_s`.

        What changes while the caller is busy is found by the next call. A change that is taken back is none.
        """
        begun = time.monotonic()
        last, since = self._known, begun
        while True:
            seen, self._pause_s = self._look()
            now = time.monotonic()
            if seen != last:
                last, since = seen, now
            elif seen != self._known and now - since >= self._quiet_for_s:
                known, self._known = self._known, seen
                return tuple(sorted(file for file in known.keys() | seen.keys() if known.get(file) != seen.get(file)))
            elif seen == self._known and timeout_s is not None and now - begun >= timeout_s:
                return ()
            time.sleep(self._pause_s)

    def _look(self) -> tuple[Snapshot, float]:
        """Return how everything looks now, and how long to rest before the next look."""
        begun = time.monotonic()
        seen = {file: mark for place in self._places for file, mark in _files(place)}
        return seen, max(self._look_every_s, REST_PER_LOOK * (time.monotonic() - begun))


def _places(paths: Sequence[Path], gold: Path | None) -> tuple[Path, ...]:
    """Return the folders and files that decide a rebuild of `paths`, whether they are there already or not."""
    places = [path.absolute() for path in paths]
    for path in list(places):
        beside = path.parent if path.is_dir() else path.parent.parent
        places += [folder / name for folder in (beside, beside.parent) for name in (GOLD, LEXICON)]
        places += [folder / name for folder in path.parents for name in (OVERRULES, SOURCES)]
    places += [gold.absolute()] if gold else []
    return tuple(dict.fromkeys(places))


def _files(place: Path) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Yield every file in `place`, or `place` itself, with time, size and inode; hidden ones and links apart."""
    folders = [str(place)]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif mark := _mark(entry.path):
                        yield entry.path, mark
        except NotADirectoryError:
            if mark := _mark(folder):
                yield folder, mark
        except OSError:
            continue  # not there, or not readable: how a rebuild finds it too, and says


def _mark(file: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116  a Path for each of 50,000 files takes longer than the look
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
