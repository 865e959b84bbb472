"""Where a quote stands in a text, and which short quote finds a stretch of it again.

A quote is a piece of the text, word for word, or its beginning and its end with an ellipsis between. White space and
invisible characters do not count.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import product
from typing import NamedTuple

_ELLIPSIS = re.compile(r"…+|\.{3,}")
# Zero-width characters hide in scraped text and no one can type them.
_IGNORED = "\u200b\u200c\u200d\u2060\ufeff"
# How much a ready-made quote shows, the shortest that is alone on the page first; the longest still fits one line of a
# terminal (Chinese takes two columns a character).
_WHOLE_CHARS = 40
_HEADS_CHARS = (20, 30, 40, 60)
_TAILS_CHARS = (12, 20, 30, 40, 60)
_LENGTHS = sorted(product(_HEADS_CHARS, _TAILS_CHARS), key=sum)


class Quote(NamedTuple):
    """A quote and the number of its place, 0 where there is only one."""

    words: str
    number: int


class Squeezed:
    """A text without white space and invisible characters, which knows where each of its characters stood."""

    def __init__(self, text: str) -> None:
        self._whole = text
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

    def exact(self, start: int, end: int) -> Quote | None:
        """Return the shortest quote that finds `[start, end)` and nothing else; None where a short one does not."""
        words, own = self._words(start, end), self._own(start, end)
        quotes = [words] if len(words) <= _WHOLE_CHARS else []
        quotes += [
            f"{words[:head].strip()}…{words[-tail:].strip()}" for head, tail in _LENGTHS if head + tail < len(words)
        ]
        if _WHOLE_CHARS < len(words) <= sum(_LENGTHS[-1]):
            quotes.append(words)
        numbered = None
        for quote in quotes:
            places = self.places(quote)
            if places == [own]:
                return Quote(quote, 0)
            if numbered is None and own in places:
                numbered = Quote(quote, places.index(own) + 1)
        return numbered

    def quote(self, start: int, end: int) -> Quote:
        """Return a quote that finds `[start, end)`, or its beginning where a short one does not find the whole."""
        if found := self.exact(start, end):
            return found
        left = self._own(start, end)[0]
        quotes = [self._words(start, end)[:chars].strip() for chars in _HEADS_CHARS]
        for quote in quotes:
            if [place for place, _ in self.places(quote)] == [left]:
                return Quote(quote, 0)
        places = [place for place, _ in self.places(quotes[-1])]
        return Quote(quotes[-1], places.index(left) + 1)

    def _words(self, start: int, end: int) -> str:
        text = "".join(" " if char in _IGNORED else char for char in self._whole[start:end])
        return " ".join(text.split())

    def _own(self, start: int, end: int) -> tuple[int, int]:
        """Return where the first and behind the last character of a stretch that counts stand."""
        first, behind = bisect_left(self._at, start), bisect_left(self._at, end)
        return self._at[first], self._at[behind - 1] + 1

    def _starts(self, words: str) -> list[int]:
        starts = []
        start = self._text.find(words)
        while start >= 0:
            starts.append(start)
            start = self._text.find(words, start + 1)
        return starts
