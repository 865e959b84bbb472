"""The part of exploring that counts words."""

from __future__ import annotations

from index.kb import KnowledgeBase
from search_app.views.address import Address
from search_app.words import Words


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the words of a sub-corpus, or one word."""
