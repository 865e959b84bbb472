"""Takes the marks out of what was typed: quoted phrases and minus words, as search engines have taught people.

“…”, "…" and 「…」 quote a phrase; a mark without its partner stays an ordinary character. A minus sign at the beginning
or behind white space takes the word (or phrase) after it out; 3-6 and 职工-居民 have none. What is left is the text to
search. Zero-width characters go, white space becomes one space, and goes altogether beside a Han character that stands
alone: 医 保 断 缴 was copied from a page that spreads its letters.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DOUBLE = '“”„‟"＂'
_QUOTED = re.compile(rf"[{_DOUBLE}]([^{_DOUBLE}]*)[{_DOUBLE}]|[「｢『]([^「」『』｢｣]*)[」｣』]")
_MINUS = r"\-－−﹣"
# A second sign makes it a dash or an option of the command line, not a minus.
_TAKEN_OUT = re.compile(rf"(?:(?<=\s)|^)[{_MINUS}](?=[^\s{_MINUS}])")
# A minus word ends where a reader sees it end: at white space, or at a mark of a sentence.
_WORD = re.compile(r"[^\s，。！？；：、,!?;()（）]+")


@dataclass(frozen=True, slots=True)
class Marked:
    """What was typed, taken apart. `text[i]` was typed at `places[i]`; both are as long as each other."""

    text: str
    places: tuple[int, ...]
    phrases: tuple[str, ...]
    excluded: tuple[str, ...]


def read_marks(typed: str) -> Marked:
    """Return the phrases and minus words of `typed`, each once and in order, and the text that is left to search."""
    kept = [True] * len(typed)
    phrases: list[str] = []
    excluded: list[str] = []
    end = 0
    for match in _marks(typed):
        if match.start() < end:
            continue  # a minus inside a phrase is a character like any other
        if match.re is _QUOTED:
            phrases.append(match[1] or match[2] or "")
            kept[match.start()] = kept[match.end() - 1] = False
            end = match.end()
            continue
        quoted = _QUOTED.match(typed, match.end())
        word = quoted or _WORD.match(typed, match.end())
        if word is None:
            continue  # a minus before a mark of a sentence
        excluded.append((quoted[1] or quoted[2] or "") if quoted else word[0])
        end = word.end()
        kept[match.start() : end] = [False] * (end - match.start())
    text, places = _spaced(typed, kept)
    return Marked(text, places, _stated(phrases), _stated(excluded))


def _marks(typed: str) -> list[re.Match[str]]:
    found = [*_QUOTED.finditer(typed), *_TAKEN_OUT.finditer(typed)]
    return sorted(found, key=lambda match: match.start())


def _stated(words: list[str]) -> tuple[str, ...]:
    """Return the words that say something, each once: nothing stands in every text."""
    stripped = (" ".join(word.split()) for word in words)
    return tuple(dict.fromkeys(word for word in stripped if any(character.isalnum() for character in word)))


def _spaced(typed: str, kept: list[bool]) -> tuple[str, tuple[int, ...]]:
    """Return what is kept with its places, white space as the module says."""
    pieces: list[list[int]] = [[]]
    for place, character in enumerate(typed):
        if character.isspace() or (not kept[place] and typed[place] not in _DOUBLE + "「」『』｢｣"):
            if pieces[-1]:
                pieces.append([])
        elif kept[place] and unicodedata.category(character) not in ("Cf", "Cc", "Cs"):
            pieces[-1].append(place)
    text: list[str] = []
    places: list[int] = []
    alone = False
    for piece in filter(None, pieces):
        letters = "".join(typed[place] for place in piece)
        lone = len(letters) == 1 and _is_han(letters)
        if text and not ((lone and _is_han(text[-1])) or (alone and _is_han(letters[0]))):
            text.append(" ")
            places.append(piece[0] - 1)  # white space, or what was taken out, stands there
        text.extend(letters)
        places.extend(piece)
        alone = lone
    return "".join(text), tuple(places)


def _is_han(character: str) -> bool:
    return "㐀" <= character <= "鿿"
