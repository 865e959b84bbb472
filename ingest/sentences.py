"""Finds sentences: the smallest thing that may be cut out of an article and cited.

A sentence ends at 。！？!? with the closing quotes and brackets behind it, at a full stop behind a Latin letter, and at
a line end. A semicolon does not end one: in policy texts it parts the conditions that belong to one rule.
"""

from __future__ import annotations

import re

_END = re.compile(r"(?:[。！？!?…]+|(?<=[A-Za-z])\.(?=\s|$))[”’」』）)\]】》\"']*|[\r\n\u2028\u2029]+")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return `(start, end)` of every sentence of `text[start:end]`, in order, without white space at the ends."""
    stop = len(text) if end is None else end
    spans = []
    position = start
    while position < stop:
        match = _END.search(text, position, stop)
        boundary = match.end() if match else stop
        left, right = position, boundary
        while left < right and text[left].isspace():
            left += 1
        while right > left and text[right - 1].isspace():
            right -= 1
        if left < right:
            spans.append((left, right))
        position = boundary
    return spans
