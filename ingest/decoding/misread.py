"""How text of pairs of bytes is misread, and how to read it again: UTF-8 as GBK, GBK as Big5, Big5 as GBK.

Each reading undoes one mistake on a piece of text: back to the bytes it was, then decoded strictly. Whether the result
is a proof is decided in `mojibake`; ftfy knows the western encodings and none of these.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ingest.decoding.han import FREQUENT, HAN

_PROBABLE_HAN = 8  # a few characters may come out of pairs of bytes by chance
_PROBABLE_UTF8 = 4
_SAMPLE = 10_000  # characters of a piece that are judged
_MOST_WAYS = 8  # of reading the euro signs of a piece; the next characters decide, so two are enough nearly always
_LOST_BYTES = (b"?", b"\xff")
_PROBABLE_FREQUENT = 0.5  # running text has 0.74, chance 0.13


_Way = tuple[Any, bytes]  # the way so far (None at the start) and what was added last


@dataclass(frozen=True, slots=True)
class Reading:
    """A mistake by name; `undo` (None where it fails); and what a piece alone must show: Han, frequent share."""

    name: str
    undo: Callable[[str], str | None]
    least_han: int
    least_frequent: float


def _from_gbk(piece: str) -> bytes:
    """Return the bytes that a GBK decoder read as `piece`; FF, never part of UTF-8, for each U+FFFD.

    € may be the byte 80 (Windows) or the pair A2 E3 (GB18030): what UTF-8 can go on after is kept, the byte first.
    """
    encoded = [b"\xff".join(part.encode("gb18030") for part in half.split("\ufffd")) for half in piece.split("€")]
    if len(encoded) == 1:
        return encoded[0]
    decoder = codecs.getincrementaldecoder("utf-8")("policykb-lost")
    decoder.decode(encoded[0])
    ways: list[tuple[_Way, tuple[bytes, int]]] = [((None, encoded[0]), decoder.getstate())]
    for part in encoded[1:]:
        longer = []
        for way, state in ways:
            for euro in (b"\x80", b"\xa2\xe3"):
                decoder.setstate(state)
                try:
                    decoder.decode(euro + part)
                except UnicodeDecodeError:
                    continue
                longer.append(((way, euro + part), decoder.getstate()))
        ways = longer[:_MOST_WAYS]
        if not ways:
            return b"\xff"
    parts = []
    rest: _Way | None = ways[0][0]
    while rest:
        parts.append(rest[1])
        rest = rest[0]
    return b"".join(reversed(parts))


def _mend_lost(error: UnicodeError) -> tuple[str, int]:
    """Take a place that is broken beside a lost character (FF, or ? as the sign for it) as one U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data, end = error.object, error.end
    is_lost = data[error.start] == 0xFF or data[end : end + 1] in _LOST_BYTES
    if not (is_lost or data[max(0, error.start - 1) : error.start] in _LOST_BYTES):
        raise error
    while end < len(data) and (data[end] in b"?\xff" or 0x80 <= data[end] <= 0xBF):
        end += 1  # all that is left of the characters around
    return "\ufffd", end


codecs.register_error("policykb-lost", _mend_lost)


def _utf8_read_as_gbk(piece: str) -> str | None:
    try:
        return re.sub("\ufffd+", "\ufffd", _from_gbk(piece).decode("utf-8", "policykb-lost")) or None
    except UnicodeError:
        return None


def swapped(wrong: str, right: str) -> Callable[[str], str | None]:
    """Return the undoing of bytes in the encoding `right` that were read as `wrong`."""

    def undo(piece: str) -> str | None:
        try:
            return piece.encode(wrong).decode(right)
        except UnicodeError:
            return None

    return undo


# UTF-8 that is valid over six Han characters is no accident; pairs of bytes must also be frequent characters.
PAIRS = (
    Reading("UTF-8 read as GBK", _utf8_read_as_gbk, 6, 0.3),
    Reading("GBK read as Big5", swapped("big5hkscs", "gbk"), 12, 0.55),
    Reading("Big5 read as GBK", swapped("gb18030", "cp950"), 12, 0.55),
)


def probable(piece: str) -> str | None:
    """Return the reading under which most of `piece` would make sense, for a piece that cannot be decoded again."""
    for name, wrong, right in (
        ("UTF-8 read as GBK", "gb18030", "utf-8"),
        ("GBK read as Big5", "big5hkscs", "gbk"),
        ("Big5 read as GBK", "gb18030", "cp950"),
        ("UTF-8 read as Big5", "big5hkscs", "utf-8"),
    ):
        han = HAN.findall(piece[:_SAMPLE].replace("€", "").encode(wrong, "ignore").decode(right, "ignore"))
        least = _PROBABLE_UTF8 if right == "utf-8" else _PROBABLE_HAN
        if len(han) >= least and sum(map(FREQUENT.__contains__, han)) >= _PROBABLE_FREQUENT * len(han):
            return name
    return None
