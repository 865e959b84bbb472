"""Every place of a word or phrase in a sub-corpus, also one inside a longer word, and overlapping ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.explore.subcorpus import Extent
from index.ngrams import fold

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Places:
    """Where `phrase` (search form) stands, ascending, all arrays of shape (places,).

    `at` are offsets in `CorpusText.text`, `passages` and `articles` rows, `inside` offsets from the first character of
    the article, passages one after the other.
    """

    phrase: str
    at: _Ints
    passages: _Ints
    articles: _Ints
    inside: _Ints


def places_of(kb: KnowledgeBase, phrase: str, of: Extent) -> Places:
    """Return the places of a phrase in the articles of `of`; white space at its ends does not count."""
    wanted = search_form(phrase)
    text = kb.corpus_text
    at = find(kb.letters.codes, wanted)
    passages = text.rows_of(at)
    articles = kb.article_of[passages]
    kept = of.inside[articles]
    at, passages, articles = at[kept], passages[kept], articles[kept]
    chars = kb.passage_chars
    before = np.cumsum(chars) - chars  # characters before each passage, and before each article
    begins = before[np.searchsorted(kb.article_of, articles)]
    inside = before[passages] + at - text.starts[passages] - begins
    return Places(wanted, at, passages, articles, inside)


def search_form(phrase: str) -> str:
    """Return a phrase as `CorpusText` has it, white space as single blanks."""
    return fold(" ".join(phrase.split()))


def find(codes: NDArray[np.uint16], wanted: str) -> _Ints:
    """Return where `wanted` stands in a text of characters of the basic plane, ascending, overlapping places too."""
    if not wanted or max(wanted) >= "\U00010000":
        return np.empty(0, dtype=np.int64)
    last = len(codes) - len(wanted) + 1
    at = np.flatnonzero(codes[: max(0, last)] == ord(wanted[0]))
    for offset, character in enumerate(wanted[1:], start=1):
        at = at[codes[at + offset] == ord(character)]
    return at
