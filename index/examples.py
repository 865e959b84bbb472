"""Chooses the questions that an empty page offers, so that they fit the pages of the base.

Questions that were written for certain pages fit a base that holds these pages; for another base they are made of the
titles of its own articles, which on such sites are mostly questions themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from index.ngrams import fold
from ingest.asking import strip_asking

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

# What fits a row or two of buttons and can be read at a glance.
_SHORTEST, _LONGEST = 6, 28
# Two titles that share more than this of their pairs of characters ask nearly the same.
_ALIKE = 0.4


def examples(kb: KnowledgeBase, written: Mapping[str, str], *, most: int = 5) -> tuple[str, ...]:
    """Return questions to offer: those of `written` where the base has all their pages, else of its own titles.

    `written` gives for each question the file name of the page that it was written for, or "" for none. The titles are
    spread over the collection, those that ask first; the same base always gives the same ones, an empty one none.
    """
    rows = kb.records.query("SELECT title, path FROM articles JOIN pages ON pages.id = articles.id ORDER BY path")
    files = {str(row["path"]).rpartition("/")[2] for row in rows}
    if all(page in files for page in written.values() if page):
        return tuple(written)[:most]
    titles = [str(row["title"]) for row in rows if _SHORTEST <= len(str(row["title"])) <= _LONGEST]
    asking = [title for title in titles if strip_asking(fold(title)) != fold(title)]
    chosen: list[str] = []
    for candidates in (asking, titles):
        # Neighbours in a folder are often of one subject: every so many is a wider choice than the first ones.
        step = max(1, len(candidates) // most)
        for title in (candidates[at] for first in range(step) for at in range(first, len(candidates), step)):
            if len(chosen) == most:
                return tuple(chosen)
            if all(_shared(title, other) <= _ALIKE for other in chosen):
                chosen.append(title)
    return tuple(chosen)


def _shared(one: str, other: str) -> float:
    """Return how many of the pairs of characters of the shorter title stand in the other, 0 to 1."""
    pairs = [{title[at : at + 2] for at in range(len(title) - 1)} for title in (one, other)]
    return len(pairs[0] & pairs[1]) / min(map(len, pairs))
