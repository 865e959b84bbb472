"""Says whether a snippet asks the article's question, belongs to its field, or has nothing to do with it.

Words only, no embedder: ingest knows nothing of models, and a reader can check a shared word. Related snippets are
still not the article; the label is for see-also titles and for exploring what a site recommends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.asking import strip_asking

# Words of titles of this kind that say as little as question words.
_FILLER = re.compile(r"办理|流程|方法|最新|政策|规定|20\d\d年?|[后去不没好]")
_FIELD = re.compile(
    r"医疗?保险?|社会?保险?|新农合|农合|生育(?:险|保险|津贴)|养老(?:金|保险)?|工伤|失业(?:金|保险)?|参保|停保|断[缴交保]|缴费|补缴"
    r"|报销|统筹|个人账户|灵活就业|居民|职工|异地就医|护理(?:险|保险|津贴|补贴)|公积金|五险|津贴|退休"
)
_WORD = re.compile(r"[\u3400-\u9fff]+|[A-Za-z0-9]+")
# Where the two thresholds were set: the labels of the five seeds (bench/cleaning.py prints AUC and confusion).
SAME_QUESTION = 0.42
SAME_FIELD = 0.15


@dataclass(frozen=True, slots=True)
class Related:
    """How a snippet relates to the article: `same_question`, `same_field` or `unrelated`, and a score from 0 to 1."""

    label: str
    score: float

    def as_dict(self) -> Mapping[str, str | float]:
        """Return label and score under the names of the command contract."""
        return {"label": self.label, "score": self.score}


def _grams(text: str) -> set[str]:
    grams: set[str] = set()
    for word in _WORD.findall(_FILLER.sub(" ", strip_asking(text))):
        grams.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    return grams


def _field_terms(text: str) -> list[str]:
    return _FIELD.findall(text)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an article is about, in words; made once a page and compared with every snippet."""

    title: frozenset[str]
    article: frozenset[str]
    is_of_the_field: bool


def subject_of(title: str, article: str) -> Subject:
    """Return what the article called `title` with the kept text `article` is about."""
    return Subject(frozenset(_grams(title)), frozenset(_grams(article)), _FIELD.search(title + article) is not None)


def relate(subject: Subject, snippet_title: str, snippet_summary: str) -> Related:
    """Return how a snippet relates to the article that `subject` was made of.

    The score adds the words the titles share (half), how many of the snippet's title words the article uses (a quarter)
    and whether the snippet speaks of the same field (a quarter).
    """
    theirs = _grams(snippet_title)
    shared = len(subject.title & theirs) / max(1, min(len(subject.title), len(theirs)))
    used = len(theirs & subject.article) / max(1, len(theirs))
    field = 0.0
    if subject.is_of_the_field:
        said = _field_terms(snippet_title)
        field = 1.0 if said else 0.5 * min(1.0, len(set(_field_terms(snippet_summary))) / 4)
    score = round(0.5 * shared + 0.25 * used + 0.25 * field, 3)
    label = "same_question" if score >= SAME_QUESTION else "same_field" if score >= SAME_FIELD else "unrelated"
    return Related(label, score)
