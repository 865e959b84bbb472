"""Hits become an answer: verbatim sentences, each with its citation, and a verdict.

Every sentence is a slice of a source page. A sentence is chosen for how much of the question's weight it covers, by
itself and with the headings it stands under, and for how near its vector is. A lead-in ("…如下：") brings the items it
announces. Where too little of the question is covered, nothing is said, and the verdict tells which kind of no it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from index.build.build import embedded_text
from index.coverage import Coverage
from index.search import Filters, Hit, Hits, search
from ingest.headings import is_item
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

VerdictName = Literal["answered", "partly", "not_stated", "outside"]

# What a person reads in about twenty seconds.
MAX_ANSWER_CHARS = 260
MAX_SENTENCES = 6
# Passages whose sentences are considered.
PASSAGES = 5
# Thresholds on the evidence of the best passage and sentence; measured on the sample corpus' gold and on questions about
# the seeds (bench/answers.py), to be calibrated for each model later.
OUTSIDE_BELOW = 0.30
ANSWERED_FROM = 0.52
PARTLY_FROM = 0.42


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence stands: `quote == page.text[start:end]` of the page `path`. Numbers count from 1."""

    number: int
    passage_id: str
    article_id: str
    title: str
    heading_path: tuple[str, ...]
    path: str
    start: int
    end: int
    quote: str
    as_of: str | None
    as_of_kind: str | None
    build: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A verbatim sentence of the answer and the numbers of its citations."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the collection says to a question. `confidence` is the evidence behind the verdict, 0 to 1, uncalibrated.

    `sentences` is empty for the verdicts `not_stated` and `outside`; `hits` are what was found, for a look at the nearest.
    """

    build: str
    question: str
    verdict: VerdictName
    confidence: float
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    hits: Hits

    def as_dict(self) -> dict[str, object]:
        """Return the answer under the names of the command contract."""
        return {
            "build": self.build,
            "question": self.question,
            "verdict": self.verdict,
            "confidence": self.confidence,
            "sentences": [{"text": s.text, "citations": list(s.citations)} for s in self.sentences],
            "citations": [
                {name: getattr(citation, name) for name in Citation.__slots__ if name != "build"}
                for citation in self.citations
            ],
        }


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence of a hit, `[start, end)` in the page, with its evidence (0 to 1)."""

    hit: Hit
    number: int
    start: int
    end: int
    text: str
    evidence: float
    is_heading: bool


def answer(kb: KnowledgeBase, question: str, *, k: int = 10, filters: Filters | None = None) -> Answer:
    """Return the cited answer to `question` from the knowledge base, or the verdict that there is none."""
    hits = search(kb, question, k=k, filters=filters)
    if not hits:
        return Answer(kb.build, question, "outside", 0.0, (), (), hits)
    coverage = Coverage(question, kb.table, kb.lexicon.expand(question))
    vector = kb.query_vector(question)
    candidates = [
        candidate
        for hit in hits[:PASSAGES]
        for candidate in _candidates(kb, hit, hits[0].score, coverage, vector)
        if not candidate.is_heading
    ]
    subject = max(coverage.of(f"{hit.title}\n{kb.article_text(hit.article_id)}") for hit in hits[:PASSAGES])
    best = max((candidate.evidence for candidate in candidates), default=0.0)
    verdict = _verdict(subject, best)
    if verdict in ("outside", "not_stated"):
        return Answer(kb.build, question, verdict, round(best, 3), (), (), hits)
    chosen = _choose(candidates, best)
    sentences, citations = _cite(kb, chosen)
    return Answer(kb.build, question, verdict, round(best, 3), sentences, citations, hits)


def _verdict(subject: float, best: float) -> VerdictName:
    if subject < OUTSIDE_BELOW:
        return "outside"
    if best >= ANSWERED_FROM:
        return "answered"
    return "partly" if best >= PARTLY_FROM else "not_stated"


def _candidates(
    kb: KnowledgeBase,
    hit: Hit,
    top_score: float,
    coverage: Coverage,
    vector: np.ndarray[tuple[int], np.dtype[np.float32]],
) -> list[_Candidate]:
    spans = sentence_spans(hit.text)
    texts = [hit.text[start:end] for start, end in spans]
    headings = {*hit.heading_path, hit.title}
    nearness = (
        kb.embedder.encode_document([embedded_text(hit.title, hit.heading_path, text) for text in texts]) @ vector
    )
    above = coverage.of("\n".join((hit.title, *hit.heading_path)))
    candidates = []
    for number, ((start, end), text) in enumerate(zip(spans, texts, strict=True)):
        together = coverage.of("\n".join((hit.title, *hit.heading_path, text)))
        own = coverage.of(text)
        evidence = 0.35 * together + 0.25 * own + 0.1 * above + 0.3 * max(0.0, float(nearness[number]))
        evidence *= 0.85 + 0.15 * hit.score / top_score
        is_heading = text in headings
        candidates.append(
            _Candidate(hit, number, hit.start + start, hit.start + end, text, round(evidence, 4), is_heading)
        )
    return candidates


_LEAD_IN = re.compile(r"[:：]$")


def _choose(candidates: Sequence[_Candidate], best: float) -> list[_Candidate]:
    """Return the sentences to say, in reading order: the best one, what it announces, and others nearly as good."""
    chosen: list[_Candidate] = []
    chars = 0
    for candidate in sorted(candidates, key=lambda c: (-c.evidence, c.hit.rank, c.number)):
        if candidate.evidence < 0.8 * best or len(chosen) >= MAX_SENTENCES:
            break
        group = [candidate, *_announced(candidates, candidate)]
        for member in group:
            size = member.end - member.start
            same = any(_same(member.text, other.text) for other in chosen)
            if not same and (not chosen or chars + size <= MAX_ANSWER_CHARS) and len(chosen) < MAX_SENTENCES:
                chosen.append(member)
                chars += size
    return sorted(chosen, key=lambda c: (c.hit.rank, c.start))


def _announced(candidates: Sequence[_Candidate], lead: _Candidate) -> list[_Candidate]:
    """Return the list items behind a lead-in, or the text under a labelled item that says nothing by itself."""
    if not (_LEAD_IN.search(lead.text) or (is_item(lead.text) and len(lead.text) <= 16)):
        return []
    behind = [c for c in candidates if c.hit is lead.hit and c.number > lead.number]
    items = []
    for candidate in behind:
        if items and not is_item(candidate.text) and _LEAD_IN.search(lead.text):
            break
        items.append(candidate)
        if not _LEAD_IN.search(lead.text):
            break
    return items


def _same(left: str, right: str) -> bool:
    return re.sub(r"\W", "", left) == re.sub(r"\W", "", right)


def _cite(kb: KnowledgeBase, chosen: Sequence[_Candidate]) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    sentences, citations = [], []
    for number, candidate in enumerate(chosen, start=1):
        hit = candidate.hit
        citations.append(
            Citation(
                number=number,
                passage_id=hit.passage_id,
                article_id=hit.article_id,
                title=hit.title,
                heading_path=hit.heading_path,
                path=hit.path,
                start=candidate.start,
                end=candidate.end,
                quote=candidate.text,
                as_of=hit.as_of,
                as_of_kind=hit.as_of_kind,
                build=kb.build,
            )
        )
        sentences.append(Sentence(candidate.text, (number,)))
    return tuple(sentences), tuple(citations)
