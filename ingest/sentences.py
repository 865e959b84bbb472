"""Finds sentences: the smallest thing that may be cut out of an article and cited.

A sentence ends at 。！？!? with the closing quotes and brackets behind it, at a full stop behind a Latin word, and at a
line end. A semicolon does not end one: in policy texts it parts the conditions that belong to one rule. Nothing is cut
inside an address of the web, a title in 《》, or a pair of quotes or brackets that closes on its line.
"""

from __future__ import annotations

import re
from bisect import bisect_left

# A pair that is open longer holds sentences of its own, or was never meant as a pair.
MAX_PAIR_CHARS = 120

_LINE_END = r"[\r\n\u2028\u2029]+"
_CLOSING = r"[”’」』）)\]】》〉\"']*"
# Behind …, a sentence ends only where nothing follows: 等……材料 goes on.
_END = re.compile(
    rf"(?:[。！？!?]+|…+(?=\s*[”’」』）)】》\"']*\s*(?:$|[\r\n])))(?:…*){_CLOSING}"
    rf"|(?<=[A-Za-z])\.{_CLOSING}(?=\s|$)|{_LINE_END}",
)
_ABBREVIATION = re.compile(
    r"(?:(?<![A-Za-z])(?:[A-Z]|e\.g|i\.e|[Nn]o|[Vv]ol|[Ff]ig|[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|[Ss]t|vs|cf|al|approx|[Ii]nc|[Ll]td|[Cc]o)\.)$"
)
_WHOLE = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'*+,;=%]+"
    rf"|《[^《》\r\n]{{1,{MAX_PAIR_CHARS}}}》|“[^“”\r\n]{{1,{MAX_PAIR_CHARS}}}”|「[^「」\r\n]{{1,{MAX_PAIR_CHARS}}}」"
    rf"|『[^『』\r\n]{{1,{MAX_PAIR_CHARS}}}』|【[^【】\r\n]{{1,{MAX_PAIR_CHARS}}}】"
    rf"|[（(][^（()）\r\n]{{1,{MAX_PAIR_CHARS}}}[)）]"
)


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return `(start, end)` of every sentence of `text[start:end]`, in order, without white space at the ends."""
    stop = len(text) if end is None else end
    # A title never ends a sentence, whatever mark stands in it; a quote or a bracket may (他说“可以。”).
    wholes = [(m.start(), m.end() + (m.group()[0] == "《")) for m in _WHOLE.finditer(text, start, stop)]
    spans: list[tuple[int, int]] = []
    left = start
    for match in _END.finditer(text, start, stop):
        if _cuts_a_whole(match.end(), wholes) or _is_abbreviation(text, match):
            continue
        _append(spans, text, left, match.end())
        left = match.end()
    _append(spans, text, left, stop)
    return spans


def _append(spans: list[tuple[int, int]], text: str, left: int, right: int) -> None:
    while left < right and text[left].isspace():
        left += 1
    while right > left and text[right - 1].isspace():
        right -= 1
    if left < right:
        spans.append((left, right))


def _cuts_a_whole(boundary: int, wholes: list[tuple[int, int]]) -> bool:
    place = bisect_left(wholes, (boundary,)) - 1
    return place >= 0 and wholes[place][0] < boundary < wholes[place][1]


def _is_abbreviation(text: str, match: re.Match[str]) -> bool:
    if not match.group().startswith("."):
        return False
    return _ABBREVIATION.search(text, max(0, match.start() - 8), match.start() + 1) is not None
