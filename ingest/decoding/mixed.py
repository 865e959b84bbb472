"""Bytes of a page in two encodings -> its text, piece by piece: an included box, a quoted mail, two files joined.

A piece is a line, in HTML the text between two tags or quotation marks; none of these bytes is part of a character in
UTF-8, GB18030 or Big5. A page is mixed only if there are sure pieces of both kinds: strictly decoded, and running text
by its frequent characters. What is not sure is read like the greater part of the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.decoding.han import FREQUENT, HAN

# Three characters of UTF-8 side by side: without any, a page is not mixed and pays for one search.
_UTF8_RUN = re.compile(rb"(?:[\xe3-\xe9\xef][\x80-\xbf]{2}){3}")
_PIECE = re.compile(rb"[^\r\n<>\"]+")
_LEAST_HAN = 3
_LEAST_FREQUENT = 0.4  # of the Han characters of a piece; running text has 0.74, chance 0.13


def is_running_text(text: str) -> bool:
    """Return whether `text` has a few Han characters, and many of them frequent ones."""
    han = HAN.findall(text)
    return len(han) >= _LEAST_HAN and sum(character in FREQUENT for character in han) >= _LEAST_FREQUENT * len(han)


def read_mixed(data: bytes, pairs: Sequence[str]) -> tuple[str, str, tuple[str, ...]] | None:
    """Return text, encoding of the greater part and warnings of a page in UTF-8 and one of `pairs`; None for others."""
    if not _UTF8_RUN.search(data):
        return None
    pieces = [(match.start(), match[0]) for match in _PIECE.finditer(data) if not match[0].isascii()]
    sure = {start: read for start, piece in pieces if (read := _surely(piece, pairs))}
    counts = dict.fromkeys(("utf-8", *pairs), 0)
    weights = dict.fromkeys(counts, 0)
    for encoding, text in sure.values():
        counts[encoding] += 1
        weights[encoding] += len(text)
    other = max(pairs, key=weights.__getitem__)
    if not (counts["utf-8"] and counts[other]):
        return None
    main, minor = ("utf-8", other) if weights["utf-8"] >= weights[other] else (other, "utf-8")
    parts: list[str] = []
    end = broken = 0
    for start, piece in pieces:
        text = sure[start][1] if start in sure and sure[start][0] in (main, minor) else ""
        if not text:
            text = piece.decode(main, "replace")
            broken += text.count("\ufffd") - ("\ufffd" in piece.decode(main, "ignore"))
        parts += data[end:start].decode("ascii"), text
        end = start + len(piece)
    parts.append(data[end:].decode("ascii"))
    are = "piece of text is" if counts[minor] == 1 else "pieces of text are"
    warnings = [f"{counts[minor]} {are} {minor} in a page of {main}, each read as what it is"]
    if broken > 0:
        warnings.append(f"{main} text was broken in {broken} place{'s' if broken > 1 else ''}, now U+FFFD")
    return "".join(parts), main, tuple(warnings)


def _surely(piece: bytes, pairs: Sequence[str]) -> tuple[str, str] | None:
    """Return the encoding in which `piece` is running text, and that text; UTF-8 first, because it is no accident."""
    for encoding in ("utf-8", *pairs):
        try:
            text = piece.decode(encoding)
        except UnicodeDecodeError:
            continue
        if is_running_text(text):
            return encoding, text
    return None
