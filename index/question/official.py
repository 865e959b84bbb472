"""Chooses which everyday words of a question a reader is told the official wording of: 断缴 is 中断缴费 in a notice.

The search counts other wordings by itself (index/search.py); here it is decided which of them a reader may put in the
place of her own word: those that keep half of its characters, that texts of this collection use, and that the question
does not say already. Wider terms, and words that mean something only in their context, are left to the search.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from index.lexicon.lexicon import Lexicon
from index.ngrams import fold
from index.question.marks import read_marks
from ingest.asking import strip_asking

# More are a lesson, not a hint.
_MOST = 3


@dataclass(frozen=True, slots=True)
class OfficialWording:
    """`typed`, a word of a question, is `official` in official texts; `question` is the question with it instead."""

    typed: str
    official: str
    question: str


def official_wordings(
    typed: str, lexicon: Lexicon, is_used: Callable[[str], bool], *, most: int = _MOST
) -> tuple[OfficialWording, ...]:
    """Return official wordings for words of the question `typed`, each once, in the order they stand.

    At most `most` are told. `is_used` says whether the texts of the collection have a wording; of several the one most
    like the word is told. Words in quotes are wanted as they are, excluded ones are not wanted: both are left alone.
    """
    marked = read_marks(typed)
    text = fold(marked.text)
    quoted = [fold(phrase) for phrase in marked.phrases]
    found: dict[str, OfficialWording] = {}
    for word, start, end in dict.fromkeys((one.word, one.start, one.end) for one in lexicon.expand(marked.text)):
        official = lexicon.official.get(word, ())
        is_said = any(term in text for term in official) or any(word in phrase for phrase in quoted)
        if is_said or word in found or strip_asking(word) != word:
            continue
        alike = [term for term in official if _is_alike(word, term) and is_used(term)]
        if alike:
            told = max(alike, key=_shared(word))
            left, right = marked.places[start], marked.places[end - 1] + 1
            found[word] = OfficialWording(typed[left:right], told, f"{typed[:left]}{told}{typed[right:]}")
    return tuple(found.values())[:most]


def _shared(word: str) -> Callable[[str], int]:
    """Return what counts the characters of `word` that stand in a wording."""
    return lambda term: sum(character in term for character in word)


def _is_alike(word: str, term: str) -> bool:
    """Say whether `term` keeps half of the characters of `word` and does not merely add to it (报销比例 for 报销).

    Of the 195 questions of corpus/gold some 60 are told a wording without this rule, every third of which makes another
    question of it (救护车 is no 急诊抢救); with it 23 are.
    """
    return not term.startswith(word) and not term.endswith(word) and 2 * _shared(word)(term) >= len(word)
