"""What a knowledge base offers to researchers: the methods of `KnowledgeBase` that explore, each handed to its file.

`where` is a sub-corpus: the filters that its articles meet; None is the whole corpus.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.explore.answer_changes import SavedAnswers
    from index.explore.subcorpus import Subcorpus
    from index.explore.text import CorpusText
    from index.filters import Filters
    from index.kb import KnowledgeBase


class Exploring:
    """Mixed into KnowledgeBase, which has all that is read here."""

    @property
    def _kb(self) -> KnowledgeBase:
        return cast("KnowledgeBase", self)

    @cached_property
    def corpus_text(self) -> CorpusText:
        """All passages in one string."""
        from index.explore.text import corpus_text

        return corpus_text(self._kb)

    @cached_property
    def text_of(self) -> NDArray[np.int64]:
        """A number for the text of each passage, shape (passages,): the same for near-identical ones."""
        from index.explore.independent import text_numbers

        return text_numbers(self._kb)

    @cached_property
    def original_of(self) -> NDArray[np.int64]:
        """A number for the article of each passage, shape (passages,): the same for near-identical articles."""
        from index.explore.independent import original_numbers

        return original_numbers(self._kb)

    @cached_property
    def site_of(self) -> NDArray[np.int64]:
        """A number for the site of each passage, shape (passages,); -1 where the site is unknown."""
        from index.explore.independent import site_numbers

        return site_numbers(self._kb)

    @cached_property
    def passage_chars(self) -> NDArray[np.int64]:
        """How many characters each passage has, by row."""
        from index.explore.subcorpus import passage_chars

        return passage_chars(self._kb)

    def subcorpus(self, where: Filters | None = None) -> Subcorpus:
        """Return what meets the filters, under its name, counted: `kb.subcorpus(Filters(regions="湖南")).name`."""
        from index.explore.subcorpus import subcorpus

        return subcorpus(self._kb, where)

    def saved_answers(self, since: str | None = None) -> SavedAnswers:
        """Return the answers to the saved questions, and what changed since the build before, or the build `since`.

        >>> kb.saved_answers().to_frame()[["name", "changed", "since"]]  # doctest: +SKIP
        """
        from index.explore.answer_changes import saved_answers

        return saved_answers(self._kb, since=since)
