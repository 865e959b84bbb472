"""What the cleaner says in English, in Chinese: doubts, warnings and evidence, sentence by sentence.

`ingest` writes its reasons as English sentences with values in them; static/phrases.tsv has the Chinese form of each.
A sentence without one is shown as it is: a reason in English is better than none.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from search_app.words import Lang

_FILE = Path(__file__).resolve().parent / "static" / "phrases.tsv"
_PARTING = "; "
_VALUE = re.compile(r"\\\{(\w+)\\\}")


def phrase(said: str, lang: Lang) -> str:
    """Return what the cleaner said in `lang`, sentence by sentence; unknown ones stay English."""
    if lang == "en":
        return said
    return "；".join(_chinese(part) or part for part in said.split(_PARTING))


def _chinese(said: str) -> str | None:
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(said):
            values = {name: _value(name, value) for name, value in found.groupdict().items()}
            if None not in values.values():
                return chinese.format(**values)
    return None


def _value(name: str, value: str) -> str | None:
    """Return a value as it is, or in Chinese where it is made of sentences itself; None where they are unknown."""
    if not name.endswith("_said") or not value:
        return value
    whole = _chinese(value)
    parts = [_chinese(part) for part in value.split(", ")] if whole is None else [whole]
    return None if None in parts else "、".join(part for part in parts if part)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the sentences as patterns, those with the most words of their own first."""
    rows = [line.split("\t") for line in _FILE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    made = [
        (re.compile(_VALUE.sub(r"(?P<\1>.*?)", re.escape(english)), re.DOTALL), chinese, english)
        for english, chinese in rows
    ]
    made.sort(key=lambda one: -len(re.sub(r"\{\w+\}", "", one[2])))
    return tuple((pattern, chinese) for pattern, chinese, _ in made)
