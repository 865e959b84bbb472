"""Whether the passages found answer a question, and which kind of no it is where they do not.

The probability that the best sentence answers comes from features of the whole result, weighted as measured on
questions with and without an answer (index/calibrate.py). A question without an answer is `outside` where no article
found covers its words, else it is on the subject and `not_stated`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from index.answering.candidates import PASSAGES, Asked, Candidate, is_elsewhere
from index.answering.features import VERDICT
from index.search import Hit

if TYPE_CHECKING:
    from index.calibration import Calibration
    from index.kb import KnowledgeBase

VerdictName = Literal["answered", "partly", "not_stated", "outside"]
SPEAKS: tuple[VerdictName, ...] = ("answered", "partly")
# Evidence beyond this makes nothing surer. Two fifths of the answered gold questions have more; 5 to 8 do about as
# well, and without a limit plain questions about the seeds, which share many words with them, count for too much.
_SURE = 6.0
# Kinds of question that only a figure answers.
_FIGURES = frozenset({"duration", "money", "share", "times"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict with the probability that there is an answer, and the features that decided, for showing."""

    name: VerdictName
    probability: float
    features: Mapping[str, float]


def result_features(kb: KnowledgeBase, asked: Asked, hits: Sequence[Hit]) -> dict[str, float]:
    """Return the features that do not depend on how sentences are weighed; `hits` is not empty."""
    shown = [hit for hit in hits if not is_elsewhere(hit)][:PASSAGES]
    texts = ["\n".join((hit.title, *hit.heading_path, hit.text)) for hit in shown]
    articles = {hit.article_id: hit.title for hit in shown or hits[:PASSAGES]}
    return {
        "gap": min((asked.coverage.gap(asked.coverage.covered(text)) for text in texts), default=1.0),
        "subject": max(asked.coverage.of(f"{title}\n{kb.article_text(id)}") for id, title in articles.items()),
        "lent": asked.lent[0].similarity if asked.lent else 0.0,
        "wants_figure": float(not _FIGURES.isdisjoint(asked.kinds)),
        "length": float(len(asked.text)),
    }


def question_features(result: Mapping[str, float], candidates: Sequence[Candidate]) -> dict[str, float]:
    """Return all features of a result, those of its weighed sentences added to those of `result_features`."""
    strongest = max(candidates, key=lambda candidate: candidate.evidence, default=None)
    if strongest is None:
        return {**result, **dict.fromkeys(VERDICT, 0.0), "gap": result["gap"], "lent": result["lent"], "best": -10.0}
    return {
        **result,
        "best": min(strongest.evidence, _SURE),
        "passage": strongest.feature("passage"),
        "figure_missing": result["wants_figure"] * (1 - strongest.feature("offered")),
    }


def decide(features: Mapping[str, float], calibration: Calibration) -> Verdict:
    """Return the verdict on a result with these features."""
    probability = calibration.verdict.probability(features)
    if probability >= calibration.speak_from:
        name: VerdictName = "partly" if features["gap"] >= calibration.partly_gap else "answered"
    else:
        name = "outside" if features["subject"] < calibration.outside_below else "not_stated"
    return Verdict(name, probability, features)
