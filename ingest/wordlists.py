"""Reads the word lists beside this file: what belongs to which field, which words ask for the same act, what is common.

The lists are plain tab-separated files that a maintainer extends (`fields.tsv`, `acts.tsv`); `common.tsv` is counted by
bench/relation/count_bigrams.py. What they are used for is left to `related`.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# Stretches that bench/relation/count_bigrams.py counts in, and the count under which a bigram is no longer listed.
_STRETCHES = 10_000
_RARE = 20
_EVERYDAY = 0.5


_HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")
_LATIN = re.compile(rb"[A-Za-z]")
_LATIN_WORD = re.compile(r"[A-Za-z]+")

# Two Chinese characters as one number, or a Latin word in lower case. Texts are compared by nothing else, and a set of
# such numbers is made in half the time that a set of strings takes (190 characters: 17 us for 40 us).
Gram = int | str


@dataclass(frozen=True, slots=True)
class WordList:
    """Words with what they stand for (a field and its part, or an act)."""

    meanings: Mapping[str, tuple[str, ...]]
    by_gram: Mapping[Gram, tuple[str, ...]]  # by the first bigram that a word holds
    grams: frozenset[Gram]  # the keys of `by_gram`: sets meet faster than views of a mapping
    grams_of: Mapping[str, frozenset[Gram]]  # those of them whose words stand for a field (or an act)

    def find(self, text: str, grams: Set[Gram] | None = None) -> list[tuple[int, int, tuple[str, ...]]]:
        """Return `(start, end, meaning)` of the words in `text` from left to right, the longest at each place.

        `grams` are the bigrams of `text`, or of more, where the caller has them already.
        """
        likely = self.grams & (bigrams(text) if grams is None else grams)
        if not likely:
            return []
        spans = []
        for gram in likely:
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


def bigrams(text: str) -> set[Gram]:
    """Return the bigrams of Chinese characters in `text` and its Latin words in lower case."""
    runs = _HAN_RUN.findall(text)
    pairs: list[str] = []
    for run in runs:  # twice, cut to pairs: from its first character and from its second one
        pairs += (run[:-1], run[1:]) if len(run) & 1 else (run, run[1:-1])
    grams: set[Gram] = set(memoryview("".join(pairs).encode("utf-16-le")).cast("I"))
    if _LATIN.search(text.encode("ascii", "ignore")):  # a sixth of the time that the words themselves take to find
        grams.update(map(str.lower, _LATIN_WORD.findall(text)))
    return grams


def bigrams_in_order(run: str) -> list[Gram]:
    """Return the bigrams of a run of Chinese characters from left to right."""
    data = memoryview(run.encode("utf-16-le"))
    grams: list[Gram] = [0] * (len(run) - 1)
    grams[::2] = data[: len(data) & -4].cast("I")
    grams[1::2] = data[2 : len(data) - 2 | 2].cast("I")
    return grams


def spell(gram: Gram) -> str:
    """Return a bigram as it is written."""
    return gram if isinstance(gram, str) else gram.to_bytes(4, sys.byteorder).decode("utf-16-le")


def _rows(name: str) -> Iterator[list[str]]:
    for line in (files("ingest") / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _word_list(name: str) -> WordList:
    meanings: dict[str, tuple[str, ...]] = {}
    by_gram: dict[Gram, list[str]] = {}
    grams_of: dict[str, set[Gram]] = {}
    for *meaning, words in _rows(name):
        for word in words.split("|"):
            grams = {word.lower().find(spell(gram)): gram for gram in bigrams(word)}
            if not grams or word in meanings:
                raise ValueError(f"{name}: expected words of two characters or more, each once, found {word!r}")
            meanings[word] = tuple(meaning)
            first = grams[min(grams)]
            by_gram.setdefault(first, []).append(word)
            grams_of.setdefault(meaning[0], set()).add(first)
    return WordList(
        meanings,
        {gram: tuple(found) for gram, found in by_gram.items()},
        frozenset(by_gram),
        {meant: frozenset(firsts) for meant, firsts in grams_of.items()},
    )


@cache
def fields() -> WordList:
    """Return the words of fields; a meaning is `(field, part)`."""
    return _word_list("fields.tsv")


@cache
def acts() -> WordList:
    """Return the words that ask for an act; a meaning is `(act,)`."""
    return _word_list("acts.tsv")


@cache
def weights() -> Mapping[Gram, float]:
    """Return the weight of each common bigram, from 0 (everywhere) to 1; a bigram that is not listed weighs 1."""
    return {
        gram: math.log(_STRETCHES / max(_RARE, int(count))) / math.log(_STRETCHES / _RARE)
        for written, count in _rows("common.tsv")
        for gram in bigrams(written)
    }


@cache
def everyday() -> frozenset[Gram]:
    """Return the bigrams that weigh half or less: they stand in more than two of a hundred texts and prove nothing."""
    return frozenset(gram for gram, weight in weights().items() if weight <= _EVERYDAY)
