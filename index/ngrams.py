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
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC

_PLANE = 0x10000
PAIR_SHIFT = 21  # a code point fits in 21 bits
_SEPARATOR = 0
FIRST_TOKEN = ord("0")
"""The lowest code of a character that is searched; what parts two words has a lower one."""
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
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Two tables over the basic plane: folded code point, and token code.

    Where a character parts two words its token is 0, but for the line break, which is its own and ends a text.
    """
    folded = np.arange(_PLANE, dtype=np.uint32)
    token = np.zeros(_PLANE, dtype=np.int32)
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
    token[ord("\n")] = ord("\n")
    return folded, token


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code point of each character, shape (len(text),)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def fold(text: str) -> str:
    """Return the search form of `text`: same length, half width, lower case, simplified characters."""
    if not text:
        return text
    codes = code_points(text)
    table = _tables()[0]
    if codes.max() < _PLANE:  # nearly always, and half the time
        folded = table[codes]
    else:
        folded = np.where(codes < _PLANE, table[np.minimum(codes, _PLANE - 1)], codes)
    return folded.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


def fold_each(texts: Sequence[str]) -> list[str]:
    """Return the search form of each of `texts`: in one go, which for sentences takes a third of the time."""
    folded = fold("".join(texts))
    ends = list(accumulate(map(len, texts)))
    return [folded[end - len(text) : end] for text, end in zip(texts, ends, strict=True)]


def token_codes(texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the codes of all characters of `texts` but the transparent ones, and where each text begins.

    Behind the last stands its end, so there is one place more than texts. A code is the folded code point, or below
    `FIRST_TOKEN` where the character parts two words; each text ends in such a code. Neighbours that are both
    characters are a bigram.
    """
    codes = code_points("".join([text.replace("\n", "\r") + "\n" for text in texts]))
    table = _tables()[1]
    if not len(codes) or codes.max() < _PLANE:  # nearly always, and half the time
        tokens = table.take(codes)
    else:
        tokens = np.where(codes < _PLANE, table[np.minimum(codes, _PLANE - 1)], codes.astype(np.int32))
    tokens = tokens[tokens != _TRANSPARENT]
    starts = np.zeros(len(texts) + 1, dtype=np.int32)
    starts[1:] = np.flatnonzero(tokens == ord("\n")) + 1
    return tokens, starts


def gram_keys(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the keys of all characters and bigrams of `texts` and, for each key, the row of its text.

    Keys come characters first, then bigrams, each in text order; a repeated gram is repeated. A character's key is its
    folded code point, a bigram's is `first << 21 | second`. Bigrams never cross a line break or a punctuation mark.
    """
    tokens, starts = token_codes(texts)
    rows = np.repeat(np.arange(len(texts)), np.diff(starts))
    single = tokens >= FIRST_TOKEN
    pair = single[:-1] & single[1:]
    codes = tokens.astype(np.uint64)
    bigrams = (codes[:-1][pair] << np.uint64(PAIR_SHIFT)) | codes[1:][pair]
    return np.concatenate([codes[single], bigrams]), np.concatenate([rows[single], rows[:-1][pair]])


def spell(key: int) -> str:
    """Return the character or bigram that `key` stands for."""
    first, second = int(key) >> 21, int(key) & 0x1FFFFF
    return chr(first) + chr(second) if first else chr(second)
