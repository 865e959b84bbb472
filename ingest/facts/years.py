"""Reads the years that a text names, and figures of all kinds: 2025, ２０２５ and 二〇二五 are one year.

Dates are left to `dates`. A search reads its question with this file and none of the patterns that date a page, which
take longer to compile than a question to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SPACE = r"[^\S\n]*"
ZERO = "〇零○ＯOo0０"
NUMERALS = f"{ZERO}一二三四五六七八九"
# All forms begin with one set of characters, so that the search skips what cannot begin a date: five times as fast.
CENTURY = r"(?:(?<=[1１])[9９]|(?<=[2２])[0０])"
_YEARS = re.compile(
    rf"[12１２一二](?:(?<!\d.){CENTURY}\d{{2}}(?={SPACE}年|[-/.]\d{{1,2}}[-/.]\d{{1,2}})"
    rf"|(?<=[一二])[九{ZERO}][{NUMERALS}]{{2}}(?={SPACE}年))"
)


def read_years(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield `(year, start, end)` for every year in `text`."""
    for match in _YEARS.finditer(text):
        yield arabic(match.group()), match.start(), match.end()


def arabic(figures: str) -> str:
    """Return figures of any kind as ASCII: 二〇二五 and ２０２５ are 2025."""
    if figures.isascii():
        return figures
    return "".join(str("〇一二三四五六七八九".find(c)) if c in "〇一二三四五六七八九" else _plain(c) for c in figures)


def _plain(figure: str) -> str:
    return "0" if figure in ZERO else str(int(figure))
