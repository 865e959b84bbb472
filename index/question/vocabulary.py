"""The words that a slip may have meant: those of the lexicon, and those that titles and headings share.

A word is found by its sound or by how it is typed in Latin letters. Titles come without word borders, so the stretches
of two to six characters that several of them share stand for words; a stretch that goes on the same way nearly
everywhere is a piece of the longer one and left out. Counted on whole arrays: a base of 50,000 passages takes a tenth
of a second. What makes a word of a question a slip is left to `slips`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.ngrams import fold
from index.question.sounds import blurred, blurred_readings, spelled
from ingest.asking import strip_asking

if TYPE_CHECKING:
    from index.lexicon.lexicon import Lexicon

MIN_CHARS, MAX_CHARS = 2, 6
# A stretch counts as a word where so many titles and headings share it: in fewer, chance joins the ends of two words.
MIN_TITLES = 3
# The more lines, the more of them share a stretch by chance.
_LINES_FOR_ONE = 2000
# The share of its places that go on alike from which on a stretch is a piece of a longer word.
_PIECE = 0.9
# A word of the lexicon goes before any stretch of titles, however frequent.
_LEXICON_WEIGHT = 1_000_000
# A word of the lexicon that so many titles, headings and other terms contain is one of the first words of the field.
_COMMON = 10
# Enough for the words people look for; keeps memory and time of a large base within bounds.
_MAX_TITLE_WORDS = 2000


class _Heard(NamedTuple):
    """Words with one first sound, by the sounds they share with others, heaviest first; and how these sounds begin."""

    by_sound: Mapping[str, Sequence[str]]
    beginnings: frozenset[str]


class Vocabulary:
    """Words with a weight, found by sound. Its answers never change, and it is safe to share between threads."""

    def __init__(
        self,
        titles: Iterable[str] = (),
        headings: Iterable[str] = (),
        terms: Iterable[str] = (),
        everyday: Iterable[str] = (),
        *,
        shared: Mapping[str, int] | None = None,
    ) -> None:
        """Learn the words of `titles`, `headings` and of a lexicon: `terms` and `everyday` words, each folded here.

        An everyday word (老板, 买药) is no slip, but nothing is mended to it: too many sentences sound like one.
        `shared` is what `shared_words` found in all lines, where it was looked for before.
        """
        terms = _folded(terms)
        weights = dict(shared_words(titles, headings, terms) if shared is None else shared)
        for term in terms:
            for word in term.split():
                if MIN_CHARS <= len(word) <= MAX_CHARS:
                    weights[word] = _LEXICON_WEIGHT + weights.get(word, 0)
        self._weights = weights
        self._everyday = frozenset(_folded(everyday))
        # By their first sound alone: a question has a few of them, so few words are spelled out, and when it is asked.
        self._by_head: dict[str, list[str]] = {}
        for word in weights:
            for syllable in blurred_readings(word[:1]):
                self._by_head.setdefault(syllable, []).append(word)
        self._heard: dict[str, _Heard] = {}

    def __len__(self) -> int:
        return len(self._weights)

    def __contains__(self, word: str) -> bool:
        return word in self._weights or word in self._everyday

    def weight(self, word: str) -> int:
        """Return how much is known of `word`: in how many titles it stands, more for lexicon words, 0 if unknown."""
        return self._weights.get(word, 0)

    def in_lexicon(self, word: str) -> bool:
        """Say whether `word` comes from the lexicon rather than from titles."""
        return self.weight(word) >= _LEXICON_WEIGHT

    def is_common(self, word: str) -> bool:
        """Say whether `word` is one of those that the field cannot do without: 医保, 缴费."""
        return self.weight(word) >= _LEXICON_WEIGHT + _COMMON

    def alike(self, text: str, start: int) -> Iterator[str]:
        """Yield the words that what stands at `start` of `text` may be taken for by ear, itself included.

        The shortest come first, of equally long ones the heaviest; `text` is in search form.
        """
        sounds = [(self._begin_with(syllable), syllable) for syllable in blurred_readings(text[start : start + 1])]
        for place in range(start + 1, min(start + MAX_CHARS, len(text)) + 1):
            found: dict[str, None] = {}
            for words, sound in sounds:
                found.update(dict.fromkeys(words.by_sound.get(sound, ())))
            yield from found
            sounds = [(words, sound) for words, sound in sounds if sound in words.beginnings]
            if not sounds or place == len(text):
                return
            heard = blurred_readings(text[place])
            sounds = [(words, f"{sound} {syllable}") for words, sound in sounds for syllable in heard]

    def _begin_with(self, syllable: str) -> _Heard:
        """Return the words whose first character may sound like `syllable`; two threads that ask make the same."""
        found = self._heard.get(syllable)
        if found is None:
            by_sound: dict[str, list[str]] = {}
            for word in self._heaviest_first(self._by_head.get(syllable, ())):
                for sound in blurred(word):
                    if sound.split(" ", 1)[0] == syllable:
                        by_sound.setdefault(sound, []).append(word)
            spoken = [sound.split() for sound in by_sound]
            beginnings = {" ".join(sounds[:end]) for sounds in spoken for end in range(1, len(sounds))}
            found = self._heard[syllable] = _Heard(by_sound, frozenset(beginnings))
        return found

    @cached_property
    def _by_spelling(self) -> dict[str, list[str]]:
        """All words as they are typed in Latin letters, which few questions are."""
        found: dict[str, list[str]] = {}
        for word in self._heaviest_first(self._weights):
            for spelling in spelled(word):
                found.setdefault(spelling, []).append(word)
        return found

    @cached_property
    def _longest_spelling(self) -> int:
        return max(map(len, self._by_spelling), default=0)

    def _heaviest_first(self, words: Iterable[str]) -> list[str]:
        return sorted(words, key=lambda word: (-self._weights[word], len(word), word))

    def longest_at(self, text: str, start: int) -> int:
        """Return how long the longest known word at `start` of `text` is; 0 where there is none."""
        for end in range(min(start + MAX_CHARS, len(text)), start, -1):
            if text[start:end] in self:
                return end - start
        return 0

    def typed_as(self, letters: str) -> tuple[str, ...]:
        """Return the fewest words that `letters` spell one after the other: yibaoka is 医保卡; empty where none do.

        Of equally many the heaviest; of equally heavy ones the first by code point.
        """
        # best[end]: words that spell letters[:end], with (their number, minus their weight) to compare
        best: dict[int, tuple[tuple[int, int], tuple[str, ...]]] = {0: ((0, 0), ())}
        for start in range(len(letters)):
            if start not in best:
                continue
            (number, weight), words = best[start]
            for end in range(start + 2, min(len(letters), start + self._longest_spelling) + 1):
                for word in self._by_spelling.get(letters[start:end], ())[:1]:
                    cost = (number + 1, weight - self._weights[word])
                    if end not in best or cost < best[end][0]:
                        best[end] = cost, (*words, word)
        return best[len(letters)][1] if len(letters) in best else ()


def build_vocabulary(lexicon: Lexicon, shared: Mapping[str, int]) -> Vocabulary:
    """Return the vocabulary of a collection, read with `lexicon`; `shared` are the `shared_words` of its lines."""
    everyday = [word for entry in lexicon.entries for word in entry.words]
    return Vocabulary((), (), terms_of(lexicon), everyday, shared=shared)


def terms_of(lexicon: Lexicon) -> list[str]:
    """Return the official words of a lexicon."""
    terms = [term for entry in lexicon.entries for term in entry.terms]
    terms += [word for entry in lexicon.entries if entry.kind == "short" for word in entry.words]
    return terms + [word for name in lexicon.names for word in (*name.names, *name.about)]


def shared_words(titles: Iterable[str], headings: Iterable[str], terms: Iterable[str]) -> dict[str, int]:
    """Return the words that several of these lines share, and in how many places."""
    return _shared_stretches([*_folded((*titles, *headings)), *_folded(terms)])


def _folded(texts: Iterable[str]) -> list[str]:
    """Return the search forms of lines, each once; in one go, which is ten times as fast as one after the other."""
    lines = (" ".join(text.split()) for text in texts)
    return list(dict.fromkeys(fold("\n".join(lines)).split("\n")))


def _shared_stretches(lines: Sequence[str]) -> dict[str, int]:
    """Return the Han stretches that several of these folded lines share, with the number of their places.

    A longer stretch is looked for only where both its shorter halves are shared (apriori, Agrawal and Srikant 1994).
    """
    at_least = max(MIN_TITLES, len(lines) // _LINES_FOR_ONE)
    asked = strip_asking("\n".join(lines))
    codes = np.frombuffer(asked.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    han = (codes >= 0x3400) & (codes < 0xA000)
    # A word begins a line somewhere, or stands behind a mark, and ends one; a joint of two words hardly does both.
    begins = han & ~np.concatenate([[False], han[:-1]])
    ends = han & ~np.concatenate([han[1:], [False]])
    found: list[tuple[str, int]] = []
    shorter: list[tuple[str, int, bool]] = []  # stretches of the size before, their number, and whether they are words
    group = np.where(han, codes, -1)  # of the stretch that begins at each place: which one it is; -1 for none
    for size in range(MIN_CHARS, MAX_CHARS + 2):
        starts = np.flatnonzero((group[:-1] >= 0) & (group[1:] >= 0))
        _, first, owner, counts = np.unique(
            (group[starts] << 32) | group[starts + 1], return_index=True, return_inverse=True, return_counts=True
        )
        enough = counts >= at_least
        is_word = np.bincount(owner, begins[starts], len(counts)) * np.bincount(
            owner, ends[starts + size - 1], len(counts)
        )
        group = np.full(len(codes), -1)
        group[starts] = np.where(enough[owner], owner, -1)
        shared = [
            (asked[start : start + size], count, word > 0)
            for start, count, word in zip(
                starts[first[enough]].tolist(), counts[enough].tolist(), is_word[enough].tolist(), strict=True
            )
        ]
        longer: dict[str, int] = {}
        for stretch, count, _ in shared:
            for piece in (stretch[1:], stretch[:-1]):
                longer[piece] = max(longer.get(piece, 0), count)
        found += [(word, count) for word, count, whole in shorter if whole and longer.get(word, 0) < _PIECE * count]
        shorter = shared
    return dict(sorted(found, key=lambda pair: (-pair[1], pair[0]))[:_MAX_TITLE_WORDS])
