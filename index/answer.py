"""Hits become an answer: verbatim sentences, each with its citation, and a verdict.

Every sentence is a slice of a source page. A sentence is chosen for how much of the question's weight it covers, by
itself and with the headings it stands under, and for how near its vector is. A lead-in ("…如下：") brings the items it
announces. Where too little of the question is covered, nothing is said, and the verdict tells which kind of no it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.context import embedded_text
from index.coverage import Coverage
from index.search import Filters, Hit, Hits, search
from ingest.headings import is_item
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

Vector = NDArray[np.float32]
VerdictName = Literal["answered", "partly", "not_stated", "outside"]

# What a person reads in about twenty seconds.
MAX_ANSWER_CHARS = 260
MAX_SENTENCES = 6
# Passages whose sentences are considered.
PASSAGES = 5
# Near-duplicates that say the same sentence and are cited beside it.
MAX_ELSEWHERE = 3
# Thresholds on the evidence of the best passage and sentence; measured on the sample corpus' gold and on questions
# about the seeds (bench/answers.py), to be calibrated for each model later.
OUTSIDE_BELOW = 0.30
ANSWERED_FROM = 0.50
PARTLY_FROM = 0.44
# What it costs when a stretch of the question with more than this share of its weight stands in none of the passages.
GAP_ALLOWED = 0.15
GAP_COST = 0.7  # 0.5 and 0.7 decide alike on 60 questions, 0.9 moves two


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

    `sentences` is empty for the verdicts `not_stated` and `outside`; `hits` are what was found.
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
    path: tuple[str, ...]
    evidence: float


def answer(kb: KnowledgeBase, question: str, *, k: int = 10, filters: Filters | None = None) -> Answer:
    """Return the cited answer to `question` from the knowledge base, or the verdict that there is none."""
    hits = search(kb, question, k=k, filters=filters)
    if not hits:
        # Nothing found under a filter says something of the filter, not of the collection.
        return Answer(kb.build, question, "not_stated" if filters else "outside", 0.0, (), (), hits)
    coverage = Coverage(question, kb.table, kb.lexicon.expand(question))
    vector = kb.query_vector(question)
    found = [c for hit in hits[:PASSAGES] for c in _candidates(kb, hit, hits[0].score, coverage, vector)]
    # A lead-in without items under it announces whole sections and says nothing itself.
    candidates = [c for c in found if not _LEAD_IN.search(c.text) or _announced(found, c)]
    subject = max(coverage.of(f"{hit.title}\n{kb.article_text(hit.article_id)}") for hit in hits[:PASSAGES])
    best = max((candidate.evidence for candidate in candidates), default=0.0)
    gap = min(coverage.gap("\n".join((hit.title, *hit.heading_path, hit.text))) for hit in hits[:PASSAGES])
    confidence = round(max(0.0, best - GAP_COST * max(0.0, gap - GAP_ALLOWED)), 3)
    verdict = _verdict(subject, confidence)
    if verdict in ("outside", "not_stated"):
        return Answer(kb.build, question, verdict, confidence, (), (), hits)
    chosen = _choose(candidates, best)
    sentences, citations = _cite(kb, chosen)
    return Answer(kb.build, question, verdict, confidence, sentences, citations, hits)


def _verdict(subject: float, evidence: float) -> VerdictName:
    if subject < OUTSIDE_BELOW:
        return "outside"
    if evidence >= ANSWERED_FROM:
        return "answered"
    return "partly" if evidence >= PARTLY_FROM else "not_stated"


def _candidates(kb: KnowledgeBase, hit: Hit, top_score: float, coverage: Coverage, vector: Vector) -> list[_Candidate]:
    """Return the sentences of a hit with their evidence; headings lend their words to what stands under them."""
    outline = kb.outline(hit.article_id)
    sections = outline.sections
    spans = [(hit.start + start, hit.start + end) for start, end in sentence_spans(hit.text)]
    # Neither a heading nor what a text generator says of itself answers anything.
    headings = {section["start"] for section in sections}
    places = [
        (start, end)
        for start, end in spans
        if start not in headings and not any(left < end and start < right for left, right in outline.chatter)
    ]
    if not places:
        return []
    texts = [hit.text[start - hit.start : end - hit.start] for start, end in places]
    paths = [_path_at(sections, start) for start, _ in places]
    above = [(hit.title, *path) for path in paths]
    nearness = (
        kb.embedder.encode_document(
            [embedded_text(hit.title, path, text) for path, text in zip(paths, texts, strict=True)]
        )
        @ vector
    )
    candidates = []
    for number, ((start, end), text) in enumerate(zip(places, texts, strict=True)):
        together = coverage.of("\n".join((*above[number], text)))
        # The short answer under a title answers the title: what the title says of the question counts as its own.
        own = together if text == outline.short_answer else coverage.of(text)
        evidence = 0.45 * together + 0.35 * own + 0.2 * max(0.0, float(nearness[number]))
        evidence *= 0.85 + 0.15 * hit.score / top_score
        candidates.append(_Candidate(hit, number, start, end, text, paths[number], round(evidence, 4)))
    return candidates


def _path_at(sections: Sequence[Mapping[str, Any]], position: int) -> tuple[str, ...]:
    """Return the heading path of the innermost section around a position of the page."""
    inside = [section for section in sections if section["start"] <= position < section["end"]]
    return tuple(max(inside, key=lambda section: section["start"])["path"]) if inside else ()


_LEAD_IN = re.compile(r"[:：]$")
# A sentence this much weaker than the best one is left to the passages below the answer.
_NEARLY_AS_GOOD = 0.85


def _choose(candidates: Sequence[_Candidate], best: float) -> list[_Candidate]:
    """Return the sentences to say, in reading order: the best one, what it announces, and others nearly as good."""
    chosen: list[_Candidate] = []
    chars = 0
    for candidate in sorted(candidates, key=lambda c: (-c.evidence, c.hit.rank, c.number)):
        if chosen and candidate.evidence < _NEARLY_AS_GOOD * best:
            break
        for member in (candidate, *_announced(candidates, candidate)):
            size = member.end - member.start
            same = any(_same(member.text, other.text) for other in chosen)
            if not same and (not chosen or (chars + size <= MAX_ANSWER_CHARS and len(chosen) < MAX_SENTENCES)):
                chosen.append(member)
                chars += size
    return sorted(chosen, key=lambda c: (c.hit.rank, c.start))


def _announced(candidates: Sequence[_Candidate], lead: _Candidate) -> list[_Candidate]:
    """Return the list items that a lead-in announces, none for any other sentence."""
    if not _LEAD_IN.search(lead.text):
        return []
    items = []
    for candidate in candidates:
        if candidate.hit is lead.hit and candidate.number > lead.number and candidate.path == lead.path:
            if not is_item(candidate.text):
                break
            items.append(candidate)
    return items


def _same(left: str, right: str) -> bool:
    return re.sub(r"\W", "", left) == re.sub(r"\W", "", right)


def _cite(kb: KnowledgeBase, chosen: Sequence[_Candidate]) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    for candidate in chosen:
        hit = candidate.hit
        own = Citation(
            number=len(citations) + 1,
            passage_id=hit.passage_id,
            article_id=hit.article_id,
            title=hit.title,
            heading_path=candidate.path,
            path=hit.path,
            start=candidate.start,
            end=candidate.end,
            quote=candidate.text,
            as_of=hit.as_of,
            as_of_kind=hit.as_of_kind,
            build=kb.build,
        )
        cited = [own, *_cite_elsewhere(kb, own)]
        citations += cited
        sentences.append(Sentence(candidate.text, tuple(citation.number for citation in cited)))
    return tuple(sentences), tuple(citations)


def _cite_elsewhere(kb: KnowledgeBase, own: Citation) -> list[Citation]:
    """Return citations of the same sentence in near-duplicates of its passage, which were folded into one hit."""
    found: list[Citation] = []
    for copy in kb.elsewhere(own.passage_id, own.quote)[:MAX_ELSEWHERE]:
        reading = kb.article(copy.article_id)
        assert reading is not None  # a copy stands in an article of this build
        found.append(
            replace(
                own,
                number=own.number + len(found) + 1,
                passage_id=copy.passage_id,
                article_id=copy.article_id,
                title=copy.title,
                heading_path=_path_at(kb.outline(copy.article_id).sections, copy.start),
                path=copy.path,
                start=copy.start,
                end=copy.end,
                quote=copy.quote,
                as_of=reading.as_of,
                as_of_kind=reading.as_of_kind,
            )
        )
    return found
