"""Says whether a snippet asks the article's question, belongs to its field, or has nothing to do with it.

Words only, no embedder: ingest knows nothing of models, and a reader can check a shared word. The field comes from the
article itself: the fields its title names and the one its text speaks of most (`fields.tsv`), and, for matters no list
knows, its own words weighed by how common they are. Related snippets are still not the article; the label is for
see-also titles and for exploring what a site recommends. Figures: `bench/relation/figures.py`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

from ingest.asking import strip_asking
from ingest.wordlists import Gram, acts, bigrams, bigrams_in_order, everyday, fields, spell, weights

# From this score on (0 to 1). Set on two labelled sets, the seeds and bench/relation: of the unrelated snippets 98 %
# score under 0.12, of the related ones 98 % over 0.2; same question and same field overlap, 0.56 errs least on both.
SAME_QUESTION = 0.56
SAME_FIELD = 0.18
# What an article is about stands in its beginning; a page of many megabytes is not read twice.
MAX_ARTICLE_CHARS = 20_000
MAX_SNIPPET_CHARS = 1_000
# The field of the text beside those of the title: at least so many of its words, and so large a share of all.
MIN_FIELD_WORDS = 3
MIN_FIELD_SHARE = 0.3
MIN_SECOND_FIELD_SHARE = 0.5
# A summary that shares half of its words with the article says as much as one can.
FULL_SUMMARY_SHARE = 0.5

# Words of titles of this kind that say as little as question words.
_FILLER = re.compile(r"办理|流程|方法|最新|政策|规定|20\d\d年?")
_CHINESE = re.compile(r"[\u3400-\u9fff]{4,}")  # three bigrams and more


@dataclass(frozen=True, slots=True)
class Related:
    """How a snippet relates to the article: `same_question`, `same_field` or `unrelated`; a score, 0 to 1; and why."""

    label: str
    score: float
    evidence: str = ""

    def as_dict(self) -> Mapping[str, str | float]:
        """Return label and score under the names of the command contract, and the evidence in words."""
        return {"label": self.label, "score": self.score, "evidence": self.evidence}


class _Asked(NamedTuple):
    """What a title asks: the fields and parts it names, the acts, and the bigrams of its other words."""

    parts: Set[tuple[str, ...]]
    acts: Set[str]
    grams: Set[Gram]
    all_grams: Set[Gram]
    words: Mapping[tuple[str, ...], str]  # a word of the title for each part and act


@dataclass(frozen=True, slots=True)
class Subject:
    """What an article is about, in words; made once a page and compared with every snippet."""

    asked: _Asked
    asked_weight: float
    fields: frozenset[str]
    parts: frozenset[tuple[str, ...]]
    field_grams: frozenset[Gram]  # the words of `fields` begin with one of these
    grams: frozenset[Gram]
    telling: frozenset[Gram]  # `grams` without the everyday ones


def subject_of(title: str, article: str) -> Subject:
    """Return what the article called `title` with the kept text `article` is about."""
    text = article[:MAX_ARTICLE_CHARS]
    asked = _read_title(title[:MAX_SNIPPET_CHARS])
    grams = bigrams(text)
    parts = Counter(part for *_, part in fields().find(text, grams))
    said: Counter[str] = Counter()
    for part, count in parts.items():
        said[part[0]] += count
    ours = {part[0] for part in asked.parts}
    all_said = said.total()
    if said:
        field, count = said.most_common(1)[0]
        if count >= MIN_FIELD_WORDS and count / all_said >= (MIN_SECOND_FIELD_SHARE if ours else MIN_FIELD_SHARE):
            ours.add(field)
    often = {part for part, count in parts.items() if count >= 5 and count / all_said > MIN_FIELD_SHARE}
    grams |= bigrams(title)
    return Subject(
        asked,
        _asked_weight(asked),
        frozenset(ours),
        frozenset(asked.parts | often),
        frozenset().union(*(fields().grams_of[field] for field in ours)),
        frozenset(grams),
        frozenset(grams - everyday()),
    )


def relate(subject: Subject, snippet_title: str, snippet_summary: str) -> Related:
    """Return how a snippet relates to the article that `subject` was made of.

    The score adds what the titles ask alike (a fifth), how many of the snippet's title words the article uses (a
    fifth), how much of the summary the article uses (a quarter) and whether both are of one field (0.35). What has no
    summary is judged by its title. Words alone decide where no field is known, and count for two thirds otherwise.
    """
    title, summary = snippet_title[:MAX_SNIPPET_CHARS], snippet_summary[:MAX_SNIPPET_CHARS]
    asked = _read_title(title)
    alike, shared = _alike(subject, asked)
    used = _share(asked.all_grams - everyday(), subject.grams)
    summary_grams = bigrams(summary)
    told = min(1.0, _told(summary_grams, subject.telling) / FULL_SUMMARY_SHARE) if summary else used
    field, field_words = _field_agreement(subject, asked, summary, summary_grams)
    by_words = 0.2 * alike + 0.3 * used + 0.5 * told
    by_field = 0.35 * field + 0.2 * alike + 0.2 * used + 0.25 * told
    score = round(max(by_field, 0.65 * by_words) if subject.fields else by_words, 3)
    label = "same_question" if score >= SAME_QUESTION else "same_field" if score >= SAME_FIELD else "unrelated"
    return Related(label, score, _evidence(field_words, shared, used, told, bool(summary)))


def _read_title(title: str) -> _Asked:
    words: dict[tuple[str, ...], str] = {}
    rest = title
    parts, asked_acts = set(), set()
    grams = bigrams(title)
    for start, end, part in fields().find(title, grams):
        parts.add(part)
        words.setdefault(part, title[start:end])
        rest = f"{rest[:start]}{' ' * (end - start)}{rest[end:]}"
    without_fields = rest
    for start, end, act in acts().find(without_fields, grams):
        asked_acts.add(act[0])
        words.setdefault(act, title[start:end])
        rest = f"{rest[:start]}{' ' * (end - start)}{rest[end:]}"
    return _Asked(parts, asked_acts, _title_grams(rest), grams, words)


def _title_grams(text: str) -> Set[Gram]:
    """Return the bigrams of a title without those between two common ones: they are borders of words (可以|通过)."""
    known = weights()
    told = _FILLER.sub(" ", strip_asking(text))
    grams = bigrams(told)
    for word in _CHINESE.findall(told):
        pairs = bigrams_in_order(word)
        are_known = bytes(map(known.__contains__, pairs))
        place = are_known.find(b"\1\0\1")
        while place >= 0:
            grams.discard(pairs[place + 1])
            place = are_known.find(b"\1\0\1", place + 2)
    return grams


def _weight(grams: Set[Gram]) -> float:
    return math.fsum(map(weights().get, grams, repeat(1.0)))  # exact: a set has no order to add in


def _asked_weight(asked: _Asked) -> float:
    return len(asked.acts) + _weight(asked.grams)


def _share(grams: Set[Gram], others: Set[Gram]) -> float:
    shared = grams & others
    return _weight(shared) / max(1.0, _weight(grams)) if shared else 0.0


def _told(summary: Set[Gram], telling: Set[Gram]) -> float:
    return len(summary & telling) / max(1, len(summary) - len(summary & everyday()))


def _alike(subject: Subject, theirs: _Asked) -> tuple[float, list[str]]:
    """Return how much two titles ask alike beside their field (0 to 1), and the words of theirs that say so."""
    acts_shared, grams_shared = theirs.acts & subject.asked.acts, theirs.grams & subject.asked.grams
    if not acts_shared and not grams_shared:
        return 0.0, []
    both = math.sqrt(subject.asked_weight * _asked_weight(theirs))
    alike = (len(acts_shared) + _weight(grams_shared)) / both if both else 0.0
    shared = [*sorted(theirs.words[(act,)] for act in acts_shared), *sorted(map(spell, grams_shared))]
    return min(1.0, alike), shared


def _field_agreement(subject: Subject, asked: _Asked, summary: str, grams: Set[Gram]) -> tuple[float, list[str]]:
    """Return whether a snippet speaks of the article's field (0 to 1), and its words that say so."""
    named = sorted(part for part in asked.parts if part[0] in subject.fields)
    if named:
        return (1.0 if asked.parts & subject.parts else 0.85), [asked.words[part] for part in named]
    if subject.field_grams.isdisjoint(grams):
        return 0.0, []
    said = [(part[0], summary[start:end]) for start, end, part in fields().find(summary, grams)]
    ours = [word for field, word in said if field in subject.fields]
    if not ours:
        return 0.0, []
    # One word of many (a hospital that takes insurance cards) is no field; a title of another field speaks against it.
    agreement = min(1.0, len(ours) / 3) * len(ours) / len(said) * (0.3 if asked.parts else 0.8)
    return agreement, list(dict.fromkeys(ours))


def _evidence(field_words: list[str], shared: list[str], used: float, told: float, has_summary: bool) -> str:
    """Return the reasons for a score in words."""
    reasons = []
    if field_words:
        reasons.append(f"speaks of the article's field: {', '.join(field_words[:4])}")
    if shared:
        reasons.append(f"asks alike: {', '.join(shared[:4])}")
    if used:
        reasons.append(f"the article uses {used:.0%} of its title")
    if has_summary and told:
        reasons.append(
            f"and {told * FULL_SUMMARY_SHARE:.0%} of its summary"
            if used
            else f"the article uses {told * FULL_SUMMARY_SHARE:.0%} of its summary"
        )
    return "; ".join(reasons) or "shares no word with the article"
