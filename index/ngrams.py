"""Turns text into character and bigram keys: the one tokeniser of the embedder and of the lexical leg.

Characters and bigrams beat dictionary words on every Chinese collection measured (docs/retrieval.md) and need no
dictionary. Everything works on whole arrays, so a hundred thousand passages take about a second.

The search form is folded (width, case, compatibility forms, traditional to simplified) one character to one character,
so an offset in the folded text is an offset in the source. The source itself is never changed. Simplified forms are
those of OpenCC's dictionary of characters; its phrases, which tell 乾 in 乾坤 from 乾 in 乾燥, would need neighbours
and are left out: a question and a passage are folded alike, so they find each other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC

_PLANE = 0x10000
_SHIFT = np.uint64(21)  # a code point fits in 21 bits
_SEPARATOR = 0
_TRANSPARENT = 0x1FFFFF  # outside Unicode: marks characters that neither join nor part their neighbours


def _folded(characters: Sequence[str]) -> list[str]:
    """Return each character in NFKC and lower case, itself where that is not one character; none is a line break."""
    # In one go, which takes a third of the time: neither composing nor lower case looks across a line break.
    forms = unicodedata.normalize("NFKC", "\n".join(characters)).lower().split("\n")
    return [form if len(form) == 1 else character for character, form in zip(characters, forms, strict=True)]


def _simplified_forms() -> dict[str, str]:
    """Return the simplified form of every Han character of the basic plane that has another one: 3,700 in 0.01 s."""
    characters = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    converted = OpenCC("t2s").convert("\n".join(characters))  # a phrase does not reach across a line end
    pairs = zip(characters, converted.split("\n"), strict=True)
    forms = {character: form for character, form in pairs if form != character}
    # Followed to the end, so that a search form is its own search form.
    forms = {character: forms.get(form, form) for character, form in forms.items()}
    return {character: form for character, form in forms.items() if form != character and len(form) == 1}


@cache
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Two tables over the basic plane: folded code point, and token code (0 where a character parts two words)."""
    folded = np.arange(_PLANE, dtype=np.uint32)
    token = np.zeros(_PLANE, dtype=np.uint32)
    plain = np.concatenate([np.arange(0x3400, 0x4DC0), np.arange(0x4E00, 0xA000), np.arange(0xAC00, 0xD7A4)])
    token[plain] = plain  # Han and Hangul: letters that fold to themselves, most of the plane
    simplified = _simplified_forms()
    places = np.array([ord(character) for character in simplified])
    folded[places] = token[places] = [ord(form) for form in simplified.values()]
    is_other = token == _SEPARATOR
    is_other[0xD800:0xE000] = is_other[ord("\n")] = False  # halves of pairs, and what parts lines
    others = np.flatnonzero(is_other).tolist()
    characters = [chr(code) for code in others]
    for code, character, form in zip(others, characters, _folded(characters), strict=True):
        form = simplified.get(form, form)  # compatibility ideographs are traditional forms
        folded[code] = ord(form)
        if form.isalnum():
            token[code] = ord(form)
        elif form in " \t" or unicodedata.category(character) == "Cf":
            # Dumps put spaces around digits and labels ("满 2 年", "线下办理 :"); zero-width marks hide in words.
            token[code] = _TRANSPARENT
    return folded, token


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def fold(text: str) -> str:
    """Return the search form of `text`: same length, half width, lower case, simplified characters."""
    if not text:
        return text
    codes = _code_points(text)
    table = _tables()[0]
    if codes.max() < _PLANE:  # nearly always, and half the time
        folded = table[codes]
    else:
        folded = np.where(codes < _PLANE, table[np.minimum(codes, _PLANE - 1)], codes)
    return folded.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


def gram_keys(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the keys of all characters and bigrams of `texts` and, for each key, the row of its text.

    Keys come characters first, then bigrams, each in text order; a repeated gram is repeated. A character's key is its
    folded code point, a bigram's is `first << 21 | second`. Bigrams never cross a line break or a punctuation mark.
    """
    joined = "\n".join(text.replace("\n", "\r") for text in texts)
    if not joined:
        return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
    codes = _code_points(joined)
    rows = np.cumsum(codes == ord("\n"))
    tokens = np.where(codes < _PLANE, _tables()[1][np.minimum(codes, _PLANE - 1)], codes)
    solid = tokens != _TRANSPARENT
    tokens, rows = tokens[solid].astype(np.uint64), rows[solid]
    single = tokens != _SEPARATOR
    pair = single[:-1] & single[1:]
    bigrams = (tokens[:-1][pair] << _SHIFT) | tokens[1:][pair]
    keys = np.concatenate([tokens[single], bigrams])
    return keys, np.concatenate([rows[single], rows[:-1][pair]]).astype(np.int64)


def spell(key: int) -> str:
    """Return the character or bigram that `key` stands for."""
    first, second = int(key) >> 21, int(key) & 0x1FFFFF
    return chr(first) + chr(second) if first else chr(second)
