"""How much speaks for each sentence of the passages found: measured features, and one number from them.

A sentence is judged together with the headings it stands under: how much of the question both cover, in its words, in
words near to them and in meaning, above all in those words that few of the other sentences have; by the passage it
stands in; by whether it offers the kind of thing that is asked for, says something new, and is no longer than need be.
How much each of these counts is fitted to questions with known answers (index/calibrate.py) and stored with the model.
What is said of the sentences is decided in compose.py, whether anything is said in verdict.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.answering.asked import asked_kinds, offered
from index.answering.features import SENTENCE
from index.answering.nearness import Nearness
from index.answering.usual import usual_cosines
from index.context import embedded_text
from index.coverage import Coverage, squeeze_each
from index.search import Hit
from ingest.headings import is_item
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.kb import KnowledgeBase
    from index.question.question import Question

Vector = NDArray[np.float32]
Kind = Literal["sentence", "lead", "item", "row"]
# Passages whose sentences are considered.
PASSAGES = 5
_LEAD_IN = re.compile(r"[:：]$")
# Characters that a sentence may have before its length speaks against it; a choice.
_LONG_SENTENCE = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit, `[start, end)` in its page, under the headings `path`; `number` counts within the hit.

    `features` has the order of SENTENCE; `evidence` is their weighted sum. How far it is ahead of another sentence's is
    the log-odds that this one answers rather than that one.
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
        """Return one of the features by its name in SENTENCE."""
        return self.features[SENTENCE.index(name)]


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
        statements = [near.pair.statement for near in self.lent]
        self._lent = list(zip((near.weight for near in self.lent), Coverage.of_each(statements, table), strict=True))
        vectors = table.encode_document(statements)
        self.lent_vector: Vector = np.array([near.weight for near in self.lent], dtype=np.float32) @ vectors

    def lent_words(self, squeezed: str) -> float:
        """Return how much of the official statements lent by the bank a squeezed text covers, 0 to 1."""
        return sum(weight * coverage.share(coverage.covered_in(squeezed)) for weight, coverage in self._lent)


def find_candidates(
    kb: KnowledgeBase, hits: Sequence[Hit], asked: Asked, *, passages: int = PASSAGES
) -> list[Candidate]:
    """Return the sentences of the first hits, with features and evidence; headings and generators' chatter left out.

    Hits about another place or year than the one asked for are passed over: what holds in Beijing answers nothing for
    Shanghai. They stay among the hits.
    """
    fitting = [hit for hit in hits if not is_elsewhere(hit)]
    found = [candidate for hit in fitting[:passages] for candidate in _of_hit(kb, hit)]
    # A lead-in without items under it announces whole sections and says nothing itself.
    found = [c for c in found if c.kind != "lead" or _has_items(found, c)]
    return _weigh(kb, found, hits[0].score, asked) if found else []


def is_elsewhere(hit: Hit) -> bool:
    """Say whether the article of a hit names only other places or years than the question does (index/boosts.py)."""
    return any(hit.reasons.legs[leg].raw < 0 for leg in ("region", "year") if leg in hit.reasons.legs)


def _of_hit(kb: KnowledgeBase, hit: Hit) -> list[Candidate]:
    """Return the sentences of a hit, not weighed yet."""
    outline = kb.outline(hit.article_id)
    headings = {section["start"] for section in outline.sections}
    places = [
        (hit.start + start, hit.start + end)
        for start, end in sentence_spans(hit.text)
        if hit.start + start not in headings
        and not any(left < hit.start + end and hit.start + start < right for left, right in outline.chatter)
    ]
    candidates = []
    for number, (start, end) in enumerate(places):
        text = hit.text[start - hit.start : end - hit.start]
        candidates.append(
            Candidate(hit, number, start, end, text, path_at(outline.sections, start), _kind(text), (), 0.0)
        )
    return candidates


def _weigh(kb: KnowledgeBase, found: Sequence[Candidate], top_score: float, asked: Asked) -> list[Candidate]:
    """Return the candidates with their features and evidence."""
    above = ["\n".join((c.hit.title, *c.path)) for c in found]
    unlike = list(dict.fromkeys(above))
    headings = dict(zip(unlike, squeeze_each(unlike), strict=True))
    covered_above = {text: asked.coverage.covered_in(short) for text, short in headings.items()}
    texts = [c.text for c in found]
    squeezed = squeeze_each(texts)
    covered = np.stack(
        [np.maximum(asked.coverage.covered_in(t), covered_above[h]) for t, h in zip(squeezed, above, strict=True)]
    )
    each = asked.nearness.near_each([*headings.values(), *squeezed])
    near_above = dict(zip(headings, each, strict=False))
    near = [np.maximum(own, near_above[h]) for own, h in zip(each[len(headings) :], above, strict=True)]
    rare = asked.coverage.rare_shares(covered)
    # Texts are compared in the bundled table whatever model ranks: a transformer takes seconds for forty of them.
    hits = {c.hit.row: c.hit for c in found}
    passages = [embedded_text(hit.title, hit.heading_path, hit.text) for hit in hits.values()]
    together = [embedded_text(c.hit.title, c.path, c.text) for c in found]
    vectors = kb.table.encode_document([*passages, *together, *texts])
    cosines = vectors @ np.stack([asked.vector, asked.lent_vector], axis=1)
    nearer = cosines[: len(hits), 0] - usual_cosines(kb, vectors[: len(hits)])
    of_passage = dict(zip(hits, nearer.tolist(), strict=True))
    with_headings, alone = np.split(cosines[len(hits) :], 2)
    known = dict(zip(hits, squeeze_each([f"{asked.text}\n{hit.title}" for hit in hits.values()]), strict=True))
    weighed = []
    for place, (candidate, novel) in enumerate(zip(found, Coverage.of_each(texts, kb.table), strict=True)):
        features = (
            asked.coverage.share(covered[place]),
            asked.nearness.share(near[place]),
            float(rare[place]),
            float(with_headings[place, 0]),
            float(alone[place, 1]),
            float(with_headings[place, 1]),
            asked.lent_words(squeezed[place]),
            candidate.hit.score / top_score,
            of_passage[candidate.hit.row],
            offered(asked.kinds, candidate.text),
            1 - novel.share(novel.covered_in(known[candidate.hit.row])),
            float(candidate.kind == "lead"),
            max(0.0, len(candidate.text) / _LONG_SENTENCE - 1),
        )
        evidence = kb.calibration.sentence.log_odds(dict(zip(SENTENCE, features, strict=True)))
        weighed.append(replace(candidate, features=features, evidence=round(evidence, 4)))
    return weighed


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
