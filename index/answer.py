"""Hits become an answer: verbatim sentences, each with its citation, a verdict, and how often such answers were right.

Every sentence is a slice of a source page. The order of work: the sentences of the best passages are weighed
(evidence), it is decided whether anything is said (verdict), and if so what (compose); here each sentence gets its
citations, also those in near-duplicates of its passage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from index.answering.candidates import Asked, Candidate, find_candidates, path_at
from index.answering.compose import Chosen, asks_figure, compose
from index.answering.verdict import SPEAKS, VerdictName, decide, question_features, result_features
from index.calibration import Band
from index.places import unmet_places
from index.search import Filters, Hits, search

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

# Near-duplicates that say the same sentence and are cited beside it.
MAX_ELSEWHERE = 3


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
    """A verbatim sentence of the answer and the numbers of its citations.

    `differs_from` are places (from 0) of sentences of the answer that say the same with other figures.
    """

    text: str
    citations: tuple[int, ...]
    differs_from: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the collection says to a question.

    `confidence` is the estimated probability that the sentences answer, 0 to 1. `band` says how often answers of that
    probability were right when they were measured; None where the model is uncalibrated. `sentences` is empty for the
    verdicts `not_stated` and `outside`; `hits` are what was found; `features` are the numbers that decided.
    `unmet_places` are places in the question, as typed, for which no cited article speaks.
    """

    build: str
    question: str
    verdict: VerdictName
    confidence: float
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    hits: Hits
    band: Band | None = None
    features: Mapping[str, float] = field(default_factory=dict)
    unmet_places: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the answer under the names of the command contract."""
        return {
            "build": self.build,
            "question": self.question,
            "suggestion": self.hits.suggestion,
            "verdict": self.verdict,
            "confidence": self.confidence,
            "band": asdict(self.band) if self.band else None,
            "unmet_places": list(self.unmet_places),
            "features": {name: round(value, 3) for name, value in self.features.items()},
            "sentences": [
                {"text": s.text, "citations": list(s.citations), "differs_from": list(s.differs_from)}
                for s in self.sentences
            ],
            "citations": [
                {name: getattr(citation, name) for name in Citation.__slots__ if name != "build"}
                for citation in self.citations
            ],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each place where a sentence of the answer stands; none where nothing is said.

        `sentence` counts the sentences from 1, `quote` stands in the page `path` at [`start`, `end`).
        """
        import pandas as pd

        asked = {"build": self.build, "question": self.question, "verdict": self.verdict, "confidence": self.confidence}
        names = [name for name in Citation.__slots__ if name != "build"]
        rows = [
            {**asked, "sentence": place, **{name: getattr(self.citations[number - 1], name) for name in names}}
            for place, sentence in enumerate(self.sentences, start=1)
            for number in sentence.citations
        ]
        return pd.DataFrame(rows, columns=[*asked, "sentence", *names])


def answer(kb: KnowledgeBase, question: str, *, k: int = 10, filters: Filters | None = None) -> Answer:
    """Return the cited answer to `question` from the knowledge base, or the verdict that there is none."""
    read = kb.read_question(question)
    hits = search(kb, question, k=k, filters=filters, read=read)
    if not hits:
        # Nothing found under a filter says something of the filter, not of the collection.
        return Answer(kb.build, question, "not_stated" if filters else "outside", 0.0, (), (), hits)
    asked = Asked(kb, read)
    candidates = find_candidates(kb, hits, asked)
    features = question_features(result_features(kb, asked, hits), candidates)
    verdict = decide(features, kb.calibration)
    probability = round(verdict.probability, 3)
    if verdict.name not in SPEAKS or not candidates:
        name = "not_stated" if verdict.name in SPEAKS else verdict.name
        return Answer(kb.build, question, name, probability, (), (), hits, None, features)
    farther = _farther(kb, hits, asked, candidates) if asks_figure(asked.kinds) else []
    chosen = compose(candidates, asked.kinds, within=kb.calibration.within, farther=farther)
    sentences, citations = _cite(kb, chosen)
    band = kb.calibration.band_of(verdict.probability)
    unmet = unmet_places(kb.records, asked.text, [*dict.fromkeys(citation.article_id for citation in citations)])
    return Answer(kb.build, question, verdict.name, probability, sentences, citations, hits, band, features, unmet)


def _farther(kb: KnowledgeBase, hits: Hits, asked: Asked, near: Sequence[Candidate]) -> list[Candidate]:
    """Return the sentences of the hits behind those of `near`: whether anything is said, they have no part in."""
    known = {candidate.hit.row for candidate in near}
    return [one for one in find_candidates(kb, hits, asked, passages=len(hits)) if one.hit.row not in known]


def _cite(kb: KnowledgeBase, chosen: Chosen) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    for place, candidate in enumerate(chosen.sentences):
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
        numbers = tuple(citation.number for citation in cited)
        sentences.append(Sentence(candidate.text, numbers, _differing(chosen, place)))
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
                heading_path=path_at(kb.outline(copy.article_id).sections, copy.start),
                path=copy.path,
                start=copy.start,
                end=copy.end,
                quote=copy.quote,
                as_of=reading.as_of,
                as_of_kind=reading.as_of_kind,
            )
        )
    return found


def _differing(chosen: Chosen, place: int) -> tuple[int, ...]:
    """Return the places of the sentences whose figures differ from those of the one at `place`."""
    return tuple(sum(pair) - place for pair in chosen.differing if place in pair)
