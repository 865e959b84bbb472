"""Sentences of an answer whose figures differ: which stand side by side, which figures differ, which place each is for.

Only shows: that figures differ is decided in `index.answering.compose`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.answer import Answer, Sentence
from index.places import places_of_articles

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

# 当月 and 次日 are answers to "how long" as well (index/answering/compose.py).
_FIGURE = re.compile(r"[0-9０-９]+(?:[.,．][0-9０-９]+)*[%％‰]?|当[日天月]|次[日月年]")
# More places than this say that an article compares them; how many there are is told.
SHOWN_PLACES = 2


def side_by_side(sentences: Sequence[Sentence]) -> dict[int, tuple[int, ...]]:
    """Return the groups of places whose sentences differ in figures, also by way of a third, by their first place."""
    groups: list[set[int]] = []
    for place, sentence in enumerate(sentences):
        if not sentence.differs_from:
            continue
        joined = {place, *sentence.differs_from}
        for group in [group for group in groups if group & joined]:
            joined |= group
            groups.remove(group)
        groups.append(joined)
    return {min(group): tuple(sorted(group)) for group in groups}


def differing_figures(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Return for each text the stretches that are figures in which it differs from the others.

    Texts with equally many figures are compared figure by figure (男25、女20 with 男30、女25), others by whether all of
    them have a figure.
    """
    found = [list(_FIGURE.finditer(text)) for text in texts]
    if len({len(matches) for matches in found}) == 1:
        columns = [{match[0] for match in column} for column in zip(*found, strict=True)]
        return [
            [match.span() for match, column in zip(matches, columns, strict=True) if len(column) > 1]
            for matches in found
        ]
    counts = Counter(figure for matches in found for figure in {match[0] for match in matches})
    return [[match.span() for match in matches if counts[match[0]] < len(texts)] for matches in found]


def places_of(kb: KnowledgeBase, answer: Answer) -> dict[str, str]:
    """Return the places of the articles whose figures differ, by article; one that names none is left out."""
    numbers = {sentence.citations[0] for sentence in answer.sentences if sentence.differs_from}
    cited = [(one.article_id, one.title) for one in answer.citations if one.number in numbers]
    found = places_of_articles(kb.records, cited)
    return {article: places_words(places) for article, places in found.items() if places}


def places_words(places: Sequence[str]) -> str:
    """Return the first places and, where they are more, how many there are; in Chinese, as the places themselves."""
    more = f"等{len(places)}地" if len(places) > SHOWN_PLACES else ""
    return "、".join(places[:SHOWN_PLACES]) + more
