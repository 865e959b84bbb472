"""How much of a question a text covers: the share of the question's weight that the text's words carry.

Each character of the question weighs what it says: the learned importance of its row in the bundled model's table, and
nothing if it only asks (怎么, 吗). A character is covered where a bigram around it stands in the text, or where the
lexicon knows another wording for its word and that stands there; the bare character alone counts little. So a question
about something else is covered by nothing, whatever collection it is asked of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.lexicon.lexicon import Expansion
from index.model.embedder import TableEmbedder
from index.ngrams import code_points, fold, fold_each
from ingest.asking import strip_asking

# A character the table has never seen is rare; the value is near that of 烧 and 肉 (7.0, 7.5), rare in policy texts.
_UNKNOWN_IMPORTANCE = 9.0
# What a character is worth whose neighbours differ: 年 in 2024年 says little about 年 in 年限.
_BARE_CHARACTER = 0.3


class Coverage:
    """Weighs the characters of one question against texts."""

    def __init__(
        self,
        question: str,
        table: TableEmbedder,
        expansions: Sequence[Expansion] = (),
        *,
        known: tuple[str, NDArray[np.float32]] | None = None,
    ) -> None:
        """`known` is the search form of the question and the importance of each of its characters, where it is read."""
        folded, weights = known or next(_read([question], table))
        asked = strip_asking(folded)  # folded first: it knows question words in their simplified form
        asked = asked if any(character.isalnum() for character in asked) else folded
        self._places = [place for place, character in enumerate(asked) if character.isalnum()]
        self._characters = [asked[place] for place in self._places]
        self._weights = weights[self._places]
        self._total = float(self._weights.sum())
        # pairs of neighbours in the question: white space and question words part them
        neighbours = zip(pairwise(self._characters), pairwise(self._places), strict=True)
        self._pairs = [
            (number, left + right)
            for number, ((left, right), (place, following)) in enumerate(neighbours)
            if following == place + 1
        ]
        self._synonyms = [
            ([n for n, place in enumerate(self._places) if e.start <= place < e.end], e.terms, e.factor)
            for e in expansions
        ]

    @classmethod
    def of_each(cls, questions: Sequence[str], table: TableEmbedder) -> list[Coverage]:
        """Return what weighs each of several questions: they are folded, and the table is asked, once for all."""
        read = _read(questions, table)
        return [cls(question, table, known=known) for question, known in zip(questions, read, strict=True)]

    def of(self, text: str) -> float:
        """Return the share of the question's weight that `text` covers, 0 to 1."""
        return self.share(self.covered(text))

    def share(self, covered: NDArray[np.float32]) -> float:
        """Return the share of the question's weight that is `covered` (as `covered` returns it, or several joined)."""
        return float(covered @ self._weights) / self._total if self._total else 0.0

    def rare_shares(self, covered: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the share of each of several texts, the rows of `covered`, where what few of them cover weighs more.

        All sentences found for 断缴多久不能报销 speak of 报销; the ones that speak of 断缴 are about the question.
        """
        met = np.maximum((covered == 1.0).mean(axis=0), 1 / len(covered))
        weights = self._weights * -np.log(met)
        total = float(weights.sum())
        shares: NDArray[np.float32] = covered @ weights / total if total else np.zeros(len(covered), dtype=np.float32)
        return shares

    def gap(self, covered: NDArray[np.float32]) -> float:
        """Return the weight of the heaviest stretch of the question that is not `covered`, as a share, 0 to 1.

        A question may be covered well but for the one word it is about: 新生儿 in 新生儿怎么参加医保.
        """
        heaviest = stretch = 0.0
        previous = -2
        for place, met, weight in zip(self._places, covered, self._weights, strict=True):
            if met == 1.0:
                stretch = 0.0
                continue
            stretch = (stretch if place == previous + 1 else 0.0) + float(weight * (1 - met))
            heaviest, previous = max(heaviest, stretch), place
        return heaviest / self._total if self._total else 1.0

    def covered(self, text: str) -> NDArray[np.float32]:
        """Return how far `text` covers each character of the question, 0 to 1; texts are joined by the maximum."""
        return self.covered_in(squeeze(text))

    def covered_in(self, folded: str) -> NDArray[np.float32]:
        """Return the same for a text that `squeeze` has read already: many questions may ask one text."""
        found = [_BARE_CHARACTER if character in folded else 0.0 for character in self._characters]
        for number, pair in self._pairs:
            if pair in folded:
                found[number] = found[number + 1] = 1.0
        covered = np.array(found, dtype=np.float32)
        for numbers, terms, factor in self._synonyms:
            if any(term in folded for term in terms):
                covered[numbers] = np.maximum(covered[numbers], factor)  # a wider term covers a part
        return covered


def _read(texts: Sequence[str], table: TableEmbedder) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the search form of each of `texts` and the importance of its characters."""
    folded = fold_each(texts)
    weights, start = importance(table, "".join(folded)), 0
    for text in folded:
        yield text, weights[start : start + len(text)]
        start += len(text)


def squeeze(text: str) -> str:
    """Return the search form of `text` without white space."""
    return "".join(fold(text).split())


def squeeze_each(texts: Sequence[str]) -> list[str]:
    """Return `squeeze` of each of several texts, folded in one go."""
    return ["".join(folded.split()) for folded in fold_each(texts)]


def importance(table: TableEmbedder, characters: str) -> NDArray[np.float32]:
    """Return how much each character says, shape (len(characters),): the length of its row in the table."""
    rows = table.rows_of(code_points(characters).astype(np.uint64))
    lengths: NDArray[np.float32] = table.character_lengths[np.maximum(rows, 0)]
    lengths[rows < 0] = _UNKNOWN_IMPORTANCE
    return lengths
