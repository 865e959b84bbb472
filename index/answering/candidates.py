"""How much speaks for each sentence of the passages found: measured features, and one number from them.

A sentence is judged by how much of the question it covers, in its words and in words near to them, by itself and under
the headings it stands under; by the passage it stands in; and by whether it offers the kind of thing that is asked for.
How much each of these counts is fitted to questions with known answers (index/calibrate.py) and stored with the model.
What is said of the sentences is decided in compose.py, whether anything is said in verdict.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.answering.asked import asked_kinds, offered
from index.answering.nearness import Nearness
from index.context import embedded_text
from index.coverage import Coverage, squeeze
from index.search import Hit
from ingest.headings import is_item
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.kb import KnowledgeBase
    from index.question.question import Question

Vector = NDArray[np.float32]
Kind = Literal["sentence", "lead", "item", "row"]
# In this order in every vector of features.
FEATURES = (
    "own",
    "together",
    "near_own",
    "near_together",
    "cosine_own",
    "cosine_together",
    "lent_cosine_own",
    "lent_cosine_together",
    "lent_words",
    "hit_score",
    "first_hit",
    "offered",
    "novel",
    "lead",
    "length",
)
# Passages whose sentences are considered.
PASSAGES = 5
_LEAD_IN = re.compile(r"[:：]$")
_LONG_SENTENCE = 100  # characters; beyond, length says nothing more


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit, `[start, end)` in its page, under the headings `path`; `number` counts within the hit.

    `features` has the order of FEATURES; `evidence` is their weighted sum, the log-odds that it answers.
    """

    hit: Hit
    number: int
    start: int
    end: int
    text: str
    path: tuple[str, ...]
    kind: Kind
    features: tuple[float, ...]
    evidence: float

    def feature(self, name: str) -> float:
        """Return one of the features by its name in FEATURES."""
        return self.features[FEATURES.index(name)]


class Asked:
    """A question made ready to be compared with many texts."""

    def __init__(self, kb: KnowledgeBase, question: Question) -> None:
        table = kb.table
        meant = question.mended or question.text
        self.text = question.text
        self.coverage = Coverage(question.text, table, (*kb.expansions(question), *question.corrections))
        self.nearness = Nearness(meant, table)
        self.kinds = asked_kinds(meant)
        self.vector: Vector = table.encode_query([meant])[0]
        self.lent = kb.bank.near(meant)
        self._lent = [(near.weight, Coverage(near.pair.statement, table)) for near in self.lent]
        vectors = table.encode_document([near.pair.statement for near in self.lent])
        self.lent_vector: Vector = np.array([near.weight for near in self.lent], dtype=np.float32) @ vectors

    def lent_words(self, squeezed: str) -> float:
        """Return how much of the official statements lent by the bank a squeezed text covers, 0 to 1."""
        return sum(weight * coverage.share(coverage.covered_in(squeezed)) for weight, coverage in self._lent)


def find_candidates(kb: KnowledgeBase, hits: Sequence[Hit], asked: Asked) -> list[Candidate]:
    """Return the sentences of the first hits, with features and evidence; headings and generators' chatter left out.

    Hits about another place or year than the one asked for are passed over: what holds in Beijing answers nothing for
    Shanghai. They stay among the hits.
    """
    fitting = [hit for hit in hits if not is_elsewhere(hit)]
    found = [candidate for hit in fitting[:PASSAGES] for candidate in _of_hit(kb, hit, hits[0].score, asked)]
    # A lead-in without items under it announces whole sections and says nothing itself.
    return [c for c in found if c.kind != "lead" or _has_items(found, c)]


def is_elsewhere(hit: Hit) -> bool:
    """Say whether the article of a hit names only other places or years than the question does (index/boosts.py)."""
    return any(hit.reasons.legs[leg].raw < 0 for leg in ("region", "year") if leg in hit.reasons.legs)


def _of_hit(kb: KnowledgeBase, hit: Hit, top_score: float, asked: Asked) -> list[Candidate]:
    outline = kb.outline(hit.article_id)
    headings = {section["start"] for section in outline.sections}
    places = [
        (hit.start + start, hit.start + end)
        for start, end in sentence_spans(hit.text)
        if hit.start + start not in headings
        and not any(left < hit.start + end and hit.start + start < right for left, right in outline.chatter)
    ]
    if not places:
        return []
    texts = [hit.text[start - hit.start : end - hit.start] for start, end in places]
    paths = [path_at(outline.sections, start) for start, _ in places]
    above = {path: "\n".join((hit.title, *path)) for path in dict.fromkeys(paths)}
    covered_above = {path: asked.coverage.covered(text) for path, text in above.items()}
    near_above = {path: asked.nearness.near(text) for path, text in above.items()}
    # Sentences are compared in the bundled table whatever model ranks: a transformer takes seconds for forty of them.
    whole = [embedded_text(hit.title, path, text) for path, text in zip(paths, texts, strict=True)]
    vectors = kb.table.encode_document([*texts, *whole])
    own, together = np.split(vectors @ np.stack([asked.vector, asked.lent_vector], axis=1), 2)
    candidates = []
    for number, ((start, end), text, path) in enumerate(zip(places, texts, paths, strict=True)):
        squeezed = squeeze(text)
        covered, near = asked.coverage.covered_in(squeezed), asked.nearness.near(text)
        covered_with = np.maximum(covered, covered_above[path])
        near_with = np.maximum(near, near_above[path])
        if text == outline.short_answer:
            # The short answer under a title answers the title: what the title says of the question counts as its own.
            covered, near = covered_with, near_with
        features = (
            asked.coverage.share(covered),
            asked.coverage.share(covered_with),
            asked.nearness.share(near),
            asked.nearness.share(near_with),
            float(own[number, 0]),
            float(together[number, 0]),
            float(own[number, 1]),
            float(together[number, 1]),
            asked.lent_words(squeezed),
            hit.score / top_score,
            float(hit.rank == 1),
            offered(asked.kinds, text),
            1 - Coverage(text, kb.table).of(f"{asked.text}\n{hit.title}"),
            float(_LEAD_IN.search(text) is not None),
            min(1.0, len(text) / _LONG_SENTENCE),
        )
        evidence = kb.calibration.sentence.log_odds(dict(zip(FEATURES, features, strict=True)))
        candidates.append(Candidate(hit, number, start, end, text, path, _kind(text), features, round(evidence, 4)))
    return candidates


def _kind(text: str) -> Kind:
    if _LEAD_IN.search(text):
        return "lead"
    if "\t" in text:
        return "row"
    return "item" if is_item(text) else "sentence"


def _has_items(candidates: Sequence[Candidate], lead: Candidate) -> bool:
    following = next((c for c in candidates if c.hit is lead.hit and c.number == lead.number + 1), None)
    return following is not None and following.kind in ("item", "row") and following.path == lead.path


def path_at(sections: Sequence[Mapping[str, Any]], position: int) -> tuple[str, ...]:
    """Return the heading path of the innermost section around a position of the page."""
    inside = [section for section in sections if section["start"] <= position < section["end"]]
    return tuple(max(inside, key=lambda section: section["start"])["path"]) if inside else ()
