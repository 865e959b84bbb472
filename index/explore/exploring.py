"""What a knowledge base offers to researchers: the methods of `KnowledgeBase` that explore, each handed to its file.

`where` is a sub-corpus: the filters that its articles meet; None is the whole corpus.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from index.explore.text import CorpusText
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
