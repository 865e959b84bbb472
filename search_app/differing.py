"""Sentences of an answer whose figures differ: which stand side by side, which figures differ, which place it is.

Only shows: that figures differ is decided in `index.answering.compose`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.answer import Answer, Sentence
from index.reading import Reading

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

_FIGURE = re.compile(r"[0-9０-９]+(?:[.,．][0-9０-９]+)*[%％‰]?")


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
    """Return the places of the articles whose figures differ, by article."""
    numbers = {sentence.citations[0] for sentence in answer.sentences if sentence.differs_from}
    readings = [kb.article(citation.article_id) for citation in answer.citations if citation.number in numbers]
    return {reading.id: place for reading in readings if reading and (place := place_of(reading))}


def place_of(reading: Reading) -> str | None:
    """Return the place an article is about, as its title or, where that names none, its text tells; None where open.

    An article that names several places without one of them in its title leaves it open.
    """
    named = [fact for fact in reading.facts if fact["kind"] == "region"]
    told = _deepest([fact["value"] for fact in named if fact["quote"] and fact["quote"] in reading.title])
    if told:
        return "、".join(told)
    every = _deepest([fact["value"] for fact in named])
    return every[0] if len(every) == 1 else None


def _deepest(paths: Sequence[str]) -> list[str]:
    """Return the last steps of the paths that no other path goes on from."""
    ends = [path for path in dict.fromkeys(paths) if not any(other.startswith(f"{path}/") for other in paths)]
    return [path.rpartition("/")[2] for path in ends]
