"""What pages taught and became, kept from build to build, so that only new and changed pages are read and cleaned.

One SQLite file for each version of the code, entries by a hash of all that decides them and lies in the page itself.
What a page becomes depends on its neighbours as well; its entry says what it asked of them and how they answered
(ingest/learning/questions.py), and `gather` uses it only where they would answer the same. The cache is a convenience:
a damaged entry counts as missing, a damaged file is thrown away.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from index.build.manifest import code_fingerprint
from ingest.learning.duplicates import Signatures, sign
from ingest.learning.learn import Lesson
from ingest.learning.repeats import Lines
from ingest.learning.tally import Keys
from ingest.learning.teasers import Opening

NO_TEXT = sign(())
# Entries written between two commits: a killed rebuild loses at most this much work.
_BATCH = 512
# Builds for which an entry is kept unused: pages that were missing for some nights come back as they were.
_KEPT_BUILDS = 10
_TABLES = """
CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, content BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS seen (key BLOB PRIMARY KEY, build INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last (inputs TEXT NOT NULL);
CREATE TEMPORARY TABLE used (key BLOB PRIMARY KEY) WITHOUT ROWID;
"""
# What SQLite says of a file that is not as it wrote it. Full, locked, read-only: what is stored is not to blame.
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH}


class DamagedCache(Exception):
    """The file is none that this code wrote; to be thrown away."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A page that gave nothing, and why; `slow` where it took too long, which the bytes do not decide."""

    reason: str
    slow: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What a page became (`content`, see page_work.py; `signatures` of its article and its passages) and why.

    `deciding` is what its site told (Counted.deciding), `asked` are the keys asked of the openings, `answers` the hash
    of what they answered.
    """

    deciding: bytes
    asked: Keys
    answers: bytes
    content: bytes
    signatures: Signatures


class PageCache:
    """The entries of one version of the code. `anew` says why nothing that was made is of use; None: much may be."""

    def __init__(self, folder: Path, inputs: Mapping[str, Any], *, anew: str | None) -> None:
        """Open the cache in `folder` for a build of these inputs; where `anew` says why, without what it held."""
        self._file = folder / f"pages-{code_fingerprint()[:8]}.sqlite"
        folder.mkdir(parents=True, exist_ok=True)
        if anew is not None:
            _remove(self._file)
        is_new = not self._file.exists()
        self._inputs = {name: inputs[name] for name in ("lexicon", "model", "source_rules")}
        self._waiting = 0
        self._connection = sqlite3.connect(self._file)
        try:
            with self._blaming():
                # What a power loss takes is made again, so no write waits for the disk.
                self._connection.executescript(f"PRAGMA synchronous = OFF; {_TABLES}")
                last = self._connection.execute("SELECT inputs FROM last").fetchone()
        except BaseException:
            self._connection.close()
            raise
        self.anew = anew
        if anew is None and is_new and len(list(folder.glob("pages-*.sqlite"))) > 1:
            self.anew = "the code or a parser changed"
        elif last is not None and (names := _differing(json.loads(last[0]), self._inputs)):
            self.anew = f"{' and '.join(names)} changed"

    def lesson(self, key: bytes) -> Lesson | Unread | None:
        """Return what the page of this key taught, or why nothing; None where that is not known."""
        found = self._get(key)
        return None if found is None else _lesson_in(found)

    def made(self, key: bytes) -> Made | Unread | None:
        """Return what the page of this key became when it was last cleaned; None where that is not known."""
        found = self._get(key)
        return None if found is None else _made_in(found)

    def keep(self, key: bytes, content: bytes) -> None:
        """Keep what the page of this key teaches or became, as `pack` gives it."""
        with self._blaming():
            self._connection.execute(
                "INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", (key, content, crc32(key + content))
            )
            self._waiting += 1
            if self._waiting % _BATCH == 0:
                self._connection.commit()

    def finish(self) -> None:
        """Drop what the last builds did not ask for, and note the inputs of this one."""
        with self._blaming():
            build = self._connection.execute("PRAGMA user_version").fetchone()[0] + 1
            self._connection.execute("INSERT OR REPLACE INTO seen SELECT key, ? FROM used", (build,))
            # What a killed rebuild wrote was seen by no build.
            self._connection.execute("INSERT OR IGNORE INTO seen SELECT key, ? FROM entries", (build,))
            self._connection.execute("DELETE FROM seen WHERE build <= ?", (build - _KEPT_BUILDS,))
            self._connection.execute("DELETE FROM entries WHERE key NOT IN (SELECT key FROM seen)")
            self._connection.execute(f"PRAGMA user_version = {build}")
            self._connection.execute("DELETE FROM last")
            self._connection.execute("INSERT INTO last VALUES (?)", (json.dumps(self._inputs),))
            self._connection.commit()

    def close(self) -> None:
        """Close the file; what was kept since the last commit stays where that can be."""
        with suppress(sqlite3.DatabaseError):
            self._connection.commit()
        self._connection.close()

    def _get(self, key: bytes) -> bytes | None:
        """Return what was kept under a key; None if it is missing or damaged."""
        with self._blaming():
            self._connection.execute("INSERT OR IGNORE INTO used VALUES (?)", (key,))
            row = self._connection.execute("SELECT content, crc FROM entries WHERE key = ?", (key,)).fetchone()
        if row is None or not isinstance(row[0], bytes) or crc32(key + row[0]) != row[1]:
            return None
        return row[0]

    @contextmanager
    def _blaming(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in _DAMAGE:
                raise DamagedCache(f"{self._file}: {error}") from error
            raise


def pack(result: Lesson | Made | Unread) -> bytes:
    """Return the form in which what a page taught or became is kept."""
    if isinstance(result, Unread):
        return _joined({"unread": [result.reason, result.slow]})
    if isinstance(result, Made):
        asked, signatures = (array.astype("<u8").tobytes() for array in (result.asked, result.signatures))
        texts = len(result.signatures)
        parts = (result.deciding, asked, result.answers, result.content, signatures)
        return _joined({"unread": None, "texts": texts}, *parts)
    lines, opening = result.lines, result.opening
    head = {
        "unread": None,
        "site": lines.site,
        "count": lines.count,
        "opening": {"page_id": opening.page_id, "path": opening.path, "chars": opening.chars} if opening else None,
    }
    keys = (opening.title_keys, opening.keys) if opening else ((), ())
    return _joined(head, lines.keys.astype("<u8").tobytes(), *(np.array(k, "<u8").tobytes() for k in keys))


def _lesson_in(content: bytes) -> Lesson | Unread:
    head, parts = _parted(content)
    if head["unread"] is not None:
        return Unread(*head["unread"])
    keys, title_keys, opening_keys = parts
    opening = None
    if head["opening"] is not None:
        titles, beginnings = (tuple(_array(part).tolist()) for part in (title_keys, opening_keys))
        opening = Opening(**head["opening"], title_keys=titles, keys=beginnings)
    return Lesson(Lines(head["site"], head["count"], _array(keys)), opening)


def _made_in(content: bytes) -> Made | Unread:
    head, parts = _parted(content)
    if head["unread"] is not None:
        return Unread(*head["unread"])
    deciding, asked, answers, rows, signatures = parts
    signed = _array(signatures).reshape(head["texts"], -1) if head["texts"] else NO_TEXT
    return Made(deciding, _array(asked), answers, rows, signed)


def _joined(head: Mapping[str, Any], *parts: bytes) -> bytes:
    line = json.dumps([head, [len(part) for part in parts]]).encode()
    return b"".join((len(line).to_bytes(4, "little"), line, *parts))


def _parted(content: bytes) -> tuple[dict[str, Any], list[bytes]]:
    begin = 4 + int.from_bytes(content[:4], "little")
    head, sizes = json.loads(content[4:begin])
    parts = []
    for size in sizes:
        parts.append(content[begin : begin + size])
        begin += size
    return head, parts


def key_of_entry(*deciding: object) -> bytes:
    """Return the key of what `deciding` (JSON) decides."""
    return sha256(json.dumps(deciding, sort_keys=True).encode()).digest()


def remove_older(folder: Path) -> None:
    """Remove the caches that other versions of the code left."""
    for file in folder.glob("pages-*.sqlite"):
        if file.name != f"pages-{code_fingerprint()[:8]}.sqlite":
            _remove(file)


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.with_name(f"{file.name}-journal").unlink(missing_ok=True)


def _array(data: bytes) -> Keys:
    return np.frombuffer(data, "<u8").astype(np.uint64, copy=False)


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = {"lexicon": "the lexicon", "model": "the model", "source_rules": "the rules on sources"}
    return [words for name, words in names.items() if before.get(name) != now[name]]
