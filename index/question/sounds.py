"""Knows how characters sound, without tones: which two sound alike, and which are often taken for one another.

The readings lie beside this file (`sounds.tsv`) and come from pypinyin. The library itself is not imported: loading its
dictionaries took 0.65 to 1 s where this table takes a few milliseconds, and a word 170 µs, too much for the thousands
of a vocabulary; a question needs single characters only. A test makes the table again with pypinyin and compares.

Confusions are those of southern speech and of hasty typing: z and zh, c and ch, s and sh, l and n and r, f and hu, and
the nasals in and ing, en and eng, an and ang. Finding words by sound is left to `vocabulary`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path

_TABLE = Path(__file__).with_name("sounds.tsv")
# A word of six characters with two readings each would have 64 spellings; none of the field has more than eight.
_MAX_SPELLINGS = 8
# Where f and hu are one sound and the spelling differs by more than the beginning.
_F_FOR_HU = {"hu": "fu", "hui": "fei", "hun": "fen", "huo": "fo"}


@cache
def _readings() -> dict[str, tuple[str, ...]]:
    """Return the syllables of each character; 6,763 in about 3 ms, constant data."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            syllable, characters = line.split("\t")
            for character in characters:
                found[character] = (*found.get(character, ()), syllable)
    return found


@cache
def _blurred(syllables: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(blur(syllable) for syllable in syllables))


@cache
def blur(syllable: str) -> str:
    """Return the form that `syllable` shares with those it is often taken for: shang and san give san."""
    form = re.sub(r"^([zcs])h", r"\1", syllable)
    form = re.sub(r"^[nr]", "l", form)
    form = _F_FOR_HU.get(form) or re.sub(r"^hu(?=a)", "f", form)
    return re.sub(r"(?<=[aei]n)g$", "", form)


def readings(character: str) -> tuple[str, ...]:
    """Return the syllables a simplified character is read as, without tones; none for any other character."""
    return _readings().get(character, ())


def blurred_readings(character: str) -> tuple[str, ...]:
    """Return the readings of a character in the form they share with those they are taken for."""
    return _blurred(_readings().get(character, ()))


def confusions(one: str, other: str) -> int | None:
    """Return by how many confusions two characters differ at least: 0 for the same sound, None for different ones."""
    if one == other:
        return 0
    found = (_confusions(left, right) for left in readings(one) for right in readings(other))
    return min((count for count in found if count is not None), default=None)


@cache
def _confusions(one: str, other: str) -> int | None:
    if one == other:
        return 0
    if blur(one) != blur(other):
        return None
    if {one[0], other[0]} == {"n", "r"}:
        return None  # each is taken for l, not for one another
    initial = int(one.rstrip("g")[:2] != other.rstrip("g")[:2])
    return initial + int(one.endswith("g") != other.endswith("g")) or 1


def blurred(word: str) -> Iterator[str]:
    """Yield the keys that `word` shares with the words it may be taken for; none where a character has no sound."""
    return _spellings(word, blurred_readings, " ")


def spelled(word: str) -> Iterator[str]:
    """Yield how `word` is typed in Latin letters: yibao for 医保; none where a character has no sound."""
    return _spellings(word, readings, "")


def _spellings(word: str, heard: Callable[[str], tuple[str, ...]], between: str) -> Iterator[str]:
    syllables = [heard(character) for character in word]
    for number, spelling in enumerate(product(*syllables)):
        if number == _MAX_SPELLINGS:
            return
        yield between.join(spelling)
