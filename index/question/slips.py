"""Finds words that were typed by their sound: 医宝 for 医保, 一地就医 for 异地就医, yibao for 医保.

A stretch is a slip where a word of the vocabulary sounds like it, shares characters with it, and nothing speaks for
what was typed: the characters that would change stand in no known word, at least one pair with them is unknown, and the
change makes no known pair unknown. So 交医保到账 stays as it is although 保到 is no word. Precision goes before
completeness; a correction is offered and searched beside what was typed, never instead of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.question.sounds import confusions
from index.question.vocabulary import MAX_CHARS, MIN_CHARS, Vocabulary
from ingest.asking import strip_asking

Knows = Callable[[str], bool]

# Words of grammar, which stand beside any word and are hardly ever slips themselves.
_GRAMMAR = frozenset("是不在有能要就去和与或到给把被从对将已也都还没过上下个这那几人后前来用为中得可会办交我他她它你自")
_TOKEN = re.compile("[a-z]+")
_LATIN = re.compile(r"[a-z]+(?:['’ ]+[a-z]+)*")
# The shortest word in pinyin has two syllables: ab is no 阿宝. Four letters are yiyi, the shortest that people mean.
_MIN_LETTERS = 4
# Syllables typed apart (yi di jiu yi) make one or two words; a longer run of Latin words is another language.
_MAX_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Slip:
    """`[start, end)` of the text was typed for `word`."""

    start: int
    end: int
    word: str


@dataclass(frozen=True, slots=True)
class _Text:
    """A folded text; `asked` is it without question words; `fixed` is how long the known word around a character is."""

    folded: str
    asked: str
    fixed: tuple[int, ...]


def find_slips(folded: str, vocabulary: Vocabulary, knows: Knows) -> tuple[Slip, ...]:
    """Return the slips of a folded text, in the order they stand; none overlaps another.

    `knows` says of two neighbouring characters whether they occur side by side in texts.
    """
    text = _Text(folded, strip_asking(folded), _fixed(folded, vocabulary))
    found = [((0, 0, 0), slip) for slip in _latin_slips(folded, vocabulary)]
    for start in range(len(folded) - MIN_CHARS + 1):
        for word in vocabulary.alike(folded, start):
            changed = [place for place, character in enumerate(word) if folded[start + place] != character]
            if changed and _is_slip(text, start, word, changed, vocabulary, knows):
                # Few changes first, then longer words, then what is better known.
                rank = (len(changed), -len(word), -vocabulary.weight(word))
                found.append((rank, Slip(start, start + len(word), word)))
    kept: list[Slip] = []
    for _, slip in sorted(found, key=lambda pair: (pair[0], pair[1].start)):
        if not any(slip.start < other.end and other.start < slip.end for other in kept):
            kept.append(slip)
    return tuple(sorted(kept, key=lambda slip: slip.start))


def _fixed(folded: str, vocabulary: Vocabulary) -> tuple[int, ...]:
    """Return for each character the length of the longest known word it stands in; more than any where it only asks."""
    asked = strip_asking(folded)
    fixed = [0 if left == character else MAX_CHARS + 1 for left, character in zip(asked, folded, strict=True)]
    for start in range(len(folded)):
        size = vocabulary.longest_at(folded, start)
        for place in range(start, start + size):
            fixed[place] = max(fixed[place], size)
    return tuple(fixed)


def _is_slip(text: _Text, start: int, word: str, changed: Sequence[int], vocabulary: Vocabulary, knows: Knows) -> bool:
    size = len(word)
    if 2 * len(changed) > size and not (size == 3 and len(changed) == 2):
        return False
    if size == 2 and text.folded[start + changed[0]] in _GRAMMAR:
        return False
    heard = [confusions(text.folded[start + place], word[place]) for place in changed]
    confused = sum(filter(None, heard))
    # Two characters sound like too many words for more than that, unless theirs is one of the first of the field.
    if None in heard or confused > size // 2 or (size == 2 and confused and not vocabulary.is_common(word)):
        return False
    # Four characters that sound like a word of the lexicon are hardly chance, even where pairs of them occur.
    sure = not confused and size >= 4 and vocabulary.in_lexicon(word)
    if any(text.fixed[start + place] >= (size if sure else MIN_CHARS) for place in changed):
        return False
    # Pairs with a changed character, inside the word and at its edges, as typed and as mended.
    mended = text.folded[:start] + word + text.folded[start + size :]
    strange = False
    for left in sorted({left for place in changed for left in (start + place - 1, start + place)}):
        typed = text.asked[max(left, 0) : left + 2]
        if len(typed) < 2 or not typed.isalnum():
            continue
        known = knows(typed)
        if start <= left and left + 2 <= start + size:
            strange = strange or not known
            if known and left - start in changed and left + 1 - start in changed:
                return False  # both would change, but together they are a word
        elif known and not knows(mended[left : left + 2]):
            return False
    return strange or sure


def _latin_slips(folded: str, vocabulary: Vocabulary) -> Iterator[Slip]:
    """Yield the words typed in Latin letters, the longest run of syllables first: yibao, shengyu jintie."""
    for run in _LATIN.finditer(folded):
        tokens = [match.span() for match in _TOKEN.finditer(folded, *run.span())]
        first = 0
        while first < len(tokens):
            taken = 1
            for last in range(min(len(tokens), first + _MAX_TOKENS), first, -1):
                letters = [folded[start:end] for start, end in tokens[first:last]]
                if len("".join(letters)) < _MIN_LETTERS or any(word in vocabulary for word in letters):
                    continue  # app and drg are words themselves
                words = vocabulary.typed_as("".join(letters))
                if words:
                    yield Slip(tokens[first][0], tokens[last - 1][1], "".join(words))
                    taken = last - first
                    break
            first += taken
