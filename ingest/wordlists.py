"""Reads the word lists beside this file: what belongs to which field, which words ask for the same act, what is common.

The lists are plain tab-separated files that a maintainer extends (`fields.tsv`, `acts.tsv`); `common.tsv` is counted by
bench/relation/count_bigrams.py. What they are used for is left to `related`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import add

# Stretches that bench/relation/count_bigrams.py counts in, and the count under which a bigram is no longer listed.
_STRETCHES = 10_000
_RARE = 20
_EVERYDAY = 0.5


_WORD = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class WordList:
    """Words with what they stand for (a field and its part, or an act)."""

    meanings: Mapping[str, tuple[str, ...]]
    by_gram: Mapping[str, tuple[str, ...]]  # by the first bigram that a word holds

    def find(self, text: str, grams: Set[str] | None = None) -> list[tuple[int, int, tuple[str, ...]]]:
        """Return `(start, end, meaning)` of the words in `text` from left to right, the longest at each place.

        `grams` are the bigrams of `text`, or of more, where the caller has them already.
        """
        spans = []
        for gram in self.by_gram.keys() & (bigrams(text) if grams is None else grams):
            for word in self.by_gram[gram]:
                place = text.find(word)
                while place >= 0:
                    spans.append((place, -len(word)))
                    place = text.find(word, place + len(word))
        found = []
        behind = 0
        for place, length in sorted(spans):
            if place >= behind:
                behind = place - length
                found.append((place, behind, self.meanings[text[place:behind]]))
        return found


def bigrams(text: str) -> set[str]:
    """Return the bigrams of Chinese characters in `text` and its Latin words in lower case."""
    grams: set[str] = set()
    for word in _WORD.findall(text):
        if word.isascii():
            grams.add(word.lower())
        else:
            grams.update(map(add, word, word[1:]))
    return grams


def _rows(name: str) -> Iterator[list[str]]:
    for line in (files("ingest") / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _word_list(name: str) -> WordList:
    meanings: dict[str, tuple[str, ...]] = {}
    by_gram: dict[str, list[str]] = {}
    for *meaning, words in _rows(name):
        for word in words.split("|"):
            grams = [gram for gram in sorted(bigrams(word), key=word.lower().find) if gram]
            if not grams or word in meanings:
                raise ValueError(f"{name}: expected words of two characters or more, each once, found {word!r}")
            meanings[word] = tuple(meaning)
            by_gram.setdefault(grams[0], []).append(word)
    return WordList(meanings, {gram: tuple(found) for gram, found in by_gram.items()})


@cache
def fields() -> WordList:
    """Return the words of fields; a meaning is `(field, part)`."""
    return _word_list("fields.tsv")


@cache
def acts() -> WordList:
    """Return the words that ask for an act; a meaning is `(act,)`."""
    return _word_list("acts.tsv")


@cache
def weights() -> Mapping[str, float]:
    """Return the weight of each common bigram, from 0 (everywhere) to 1; a bigram that is not listed weighs 1."""
    return {
        gram: math.log(_STRETCHES / max(_RARE, int(count))) / math.log(_STRETCHES / _RARE)
        for gram, count in _rows("common.tsv")
    }


@cache
def everyday() -> frozenset[str]:
    """Return the bigrams that weigh half or less: they stand in more than two of a hundred texts and prove nothing."""
    return frozenset(gram for gram, weight in weights().items() if weight <= _EVERYDAY)
