"""Reads a question as it was typed: what is searched, what hits must and must not contain, what was probably meant.

Nothing is replaced in silence. The text is searched as typed; numbers in the other script and the words that a slip
meant come beside it as expansions with offsets into `text`, and the mended question as a suggestion to be shown. Marks
are read by `marks`, numbers by `numbers`, slips by `slips`; ranking and answering know nothing of any of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.lexicon.lexicon import Expansion
from index.ngrams import fold
from index.question.marks import read_marks
from index.question.numbers import other_numbers
from index.question.slips import Slip, find_slips
from index.question.vocabulary import Vocabulary
from ingest.asking import strip_asking

# What a word that was probably meant counts beside one that was typed (1). On 80 mended slips over the sample corpus
# the hit of the right spelling comes first for 57 % without corrections, 72 % at 0.4, 80 % at 0.8 and 82 % at 1.
CORRECTION = 0.9
# A longer text was pasted, not typed; nobody reads a suggestion for it.
_MAX_MENDED_CHARS = 200
# What may stand between two characters of a phrase: dumps put spaces into words, and zero-width marks hide there.
_GAP = "[\\s\u00ad\u200b-\u200f\u2060\ufeff]*"


@dataclass(frozen=True, slots=True)
class Question:
    """What was `typed`, and the `text` of it that is searched: without quotation marks and minus words.

    Hits contain every one of `phrases` and none of `excluded`. `numbers` and `corrections` are further wordings with
    offsets into `text`; `mended` is `text` and `suggestion` is `typed` with the slips mended, None where there is none.
    """

    typed: str
    text: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    numbers: tuple[Expansion, ...] = ()
    corrections: tuple[Expansion, ...] = ()
    mended: str | None = None
    suggestion: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to search: no letter and no digit but those of minus words."""
        return not any(character.isalnum() for character in self.text)

    @property
    def only_asks(self) -> bool:
        """Whether nothing but words like 怎么 and 多少 was typed: they ask and name nothing."""
        return not self.is_empty and not any(character.isalnum() for character in strip_asking(fold(self.text)))

    @property
    def expansions(self) -> tuple[Expansion, ...]:
        """The numbers and corrections, in the order they stand."""
        return tuple(sorted((*self.numbers, *self.corrections), key=lambda expansion: expansion.start))

    def on_text(self, expansion: Expansion) -> Expansion:
        """Return an expansion of `mended`, such as a lexicon finds, with its offsets and word moved to `text`.

        One that begins or ends inside a mended word reaches to the end of what was typed for it.
        """
        start = self._typed_place(expansion.start, at_end=False)
        end = self._typed_place(expansion.end, at_end=True)
        return Expansion(fold(self.text[start:end]), start, end, expansion.terms, expansion.factor)

    def _typed_place(self, place: int, *, at_end: bool) -> int:
        shift = 0  # how much longer `text` is than `mended` up to here
        for correction in self.corrections:
            start = correction.start - shift
            end = start + len(correction.terms[0])
            if place <= start:
                break
            if place < end or (place == end and at_end):
                return correction.end if at_end else correction.start
            shift = correction.end - end
        return place + shift

    def matches(self, text: str) -> bool:
        """Say whether `text` contains every phrase and no excluded word.

        Width, case, script and white space do not count. A phrase that begins or ends with a figure or a Latin letter
        does so where a number or word begins or ends: 3个月 is not in 13个月, app not in apple.
        """
        if not (self.phrases or self.excluded):
            return True
        folded = fold(text)
        return all(_pattern(phrase).search(folded) for phrase in self.phrases) and not any(
            _pattern(word).search(folded) for word in self.excluded
        )


def read_question(
    typed: str, vocabulary: Vocabulary | None = None, knows: Callable[[str], bool] | None = None
) -> Question:
    """Return the question that was typed, of any length and content.

    `vocabulary` are the words a slip may have meant: without it nothing is suggested. `knows` says of two neighbouring
    characters in search form whether texts have them side by side: without it every pair is taken for known, and only
    words of four characters and more and words in Latin letters are mended.
    """
    marked = read_marks(typed)
    folded = fold(marked.text)
    slips: tuple[Slip, ...] = ()
    if vocabulary is not None and len(folded) <= _MAX_MENDED_CHARS:
        slips = find_slips(folded, vocabulary, knows or _knows_all)
    corrections = tuple(
        Expansion(folded[slip.start : slip.end], slip.start, slip.end, (slip.word,), CORRECTION) for slip in slips
    )
    return Question(
        typed=typed,
        text=marked.text,
        phrases=marked.phrases,
        excluded=marked.excluded,
        numbers=other_numbers(marked.text),
        corrections=corrections,
        mended=_mended(marked.text, range(len(marked.text)), slips) if slips else None,
        suggestion=" ".join(_mended(typed, marked.places, slips).split()) if slips else None,
    )


def _knows_all(_: str) -> bool:
    return True


def _mended(text: str, places: Sequence[int], slips: Sequence[Slip]) -> str:
    """Return `text` with the slips replaced; `places` says where in it each character of theirs stands."""
    mended = text
    for slip in reversed(slips):
        mended = mended[: places[slip.start]] + slip.word + mended[places[slip.end - 1] + 1 :]
    return mended


def _pattern(phrase: str) -> re.Pattern[str]:
    characters = [character for character in fold(phrase) if not re.fullmatch(_GAP[:-1], character)]
    before = r"(?<![0-9a-z])(?<![0-9]\.)" if _is_latin(characters[0]) else ""
    after = r"(?![0-9a-z])(?!\.[0-9])" if _is_latin(characters[-1]) else ""
    return re.compile(before + _GAP.join(map(re.escape, characters)) + after)


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
