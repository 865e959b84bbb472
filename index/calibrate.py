"""Fits a calibration to questions with known answers: what evidence counts, when to speak, and how often that is right.

Which sentence is said first is a choice among those of one question (index/choice.py), whether anything is said a
logistic regression over whole results. Both are fitted in folds by the page of the (first) answer, so that the
probabilities behind thresholds and bands come from questions the fitted numbers have not seen (Platt, 1999;
Niculescu-Mizil and Caruana, 2005). The thresholds themselves and the weights of the legs are chosen on all folds
together: the figures reported are a little kind. The numbers kept are fitted to all questions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.answering.candidates import Asked, Candidate, find_candidates
from index.answering.compose import compose
from index.answering.features import SENTENCE, VERDICT
from index.answering.verdict import question_features, result_features
from index.calibration import Band, Calibration, CalibrationError, Logistic
from index.choice import fit_choice, mean_and_spread
from index.fusion import SAME_PLACE, fit_fusion
from index.gold import GoldQuestion, Place, find_quotes
from index.search import Hits, search

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

Array = NDArray[np.float64]
FOLDS = 10
MIN_QUESTIONS = 40  # fewer say nothing of a threshold
MIN_UNANSWERABLE = 8
# An answer where there is none does as much harm as this many answers not given, question against question. At 5 %
# invented answers only two fifths of the answerable questions would be answered (docs/decisions.md).
INVENTED_COST = 2.5
# What is said is only a part of the answer where so much of the question's weight, in one stretch, stands in none of
# the passages: 3 % of the answered gold questions, and 新生儿怎么参加医保 asked of a page on how residents join. The
# few gold questions that are answered in part have smaller gaps than many that are answered, so it cannot be fitted.
PARTLY_GAP = 0.4
# A missing sentence weighs as much as one too many (the beta of F): the page is one click away. With 1.5 answers are
# longer by a third and of their sentences 0.56 instead of 0.63 are marked.
_BETA = 1.0
# Settings this close to the best one are as good, by so few questions.
_AS_GOOD = 0.01
# Strength of the penalty of verdicts (scikit-learn's C) and of sentences (3 to 30 do equally well on the gold; from 10
# on they do better on the seeds).
_PENALTY = 0.3
_PULL = 10.0
_LENGTH = "length"
_WITHIN = (0.0, 0.2, 0.4, 0.7, 1.0, 1.5)
_BAND_NAMES = ("high", "middle", "low")


@dataclass(frozen=True, slots=True)
class Case:
    """A gold question with what the base finds for it: `marked[i]` says whether candidate i stands in a gold quote."""

    question: GoldQuestion
    asked: Asked
    hits: Hits
    candidates: tuple[Candidate, ...]
    marked: tuple[bool, ...]
    result: Mapping[str, float]
    fold: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What would be said in a case whose numbers were fitted without it."""

    case: Case
    features: Mapping[str, float]
    candidates: tuple[Candidate, ...]


def calibrate(
    kb: KnowledgeBase,
    questions: Sequence[GoldQuestion],
    *,
    gold_name: str,
    fusion: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Calibration:
    """Return the calibration of the model of `kb`, fitted to `questions`, whose answers stand in its pages.

    Without `fusion` the weights of the legs stay as they are. `progress` is told the number of questions newly
    searched, once they are searched with the weights that stay. Raises CalibrationError for gold that is too small and
    GoldError for answers that the base does not hold.
    """
    unanswerable = sum(not question.is_answerable for question in questions)
    if len(questions) < MIN_QUESTIONS or unanswerable < MIN_UNANSWERABLE:
        raise CalibrationError(
            f"{gold_name}: found {len(questions)} questions, {unanswerable} of them without an answer; expected at "
            f"least {MIN_QUESTIONS} and {MIN_UNANSWERABLE}. Write more questions, or go on uncalibrated."
        )
    start = kb.calibration
    if fusion:
        start = replace(start, fusion=fit_fusion(kb, questions))
    kb = kb.with_calibration(start)
    cases = collect_cases(kb, questions, progress)
    outcomes: list[_Outcome] = []
    for fold in range(FOLDS):
        seen = [case for case in cases if case.fold != fold]
        model = _fit_sentences(seen)
        outcomes += [_outcome(case, model) for case in cases if case.fold == fold]
    probabilities = np.zeros(len(outcomes))
    for fold in range(FOLDS):
        inside = np.array([outcome.case.fold == fold for outcome in outcomes])
        seen_outcomes = [o for o, held in zip(outcomes, inside, strict=True) if not held]
        fitted = _fit_verdict(seen_outcomes)
        for place in np.flatnonzero(inside):
            probabilities[place] = fitted.probability(outcomes[place].features)
    speak_from = _speak_from(outcomes, probabilities)
    within = _within(outcomes, probabilities >= speak_from)
    sentence = _fit_sentences(cases)
    final = Calibration(
        fingerprint=kb.head["model"]["fingerprint"],
        gold=f"{gold_name} {_digest(questions)}",
        questions=len(questions),
        fusion=start.fusion,
        sentence=sentence,
        verdict=_fit_verdict([_outcome(case, sentence) for case in cases]),
        speak_from=speak_from,
        partly_gap=PARTLY_GAP,
        outside_below=_outside_below(outcomes),
        within=within,
        bands=(),
        measured={},
    )
    bands = _bands(outcomes, probabilities, within, speak_from)
    return replace(final, bands=bands, measured=_measure(outcomes, probabilities, final))


def collect_cases(
    kb: KnowledgeBase, questions: Sequence[GoldQuestion], progress: Callable[[int], None] | None = None
) -> list[Case]:
    """Return what `kb` finds for each question; questions whose first answer stands on one page share a fold."""
    places = find_quotes(kb.records, questions)
    folds: dict[str, int] = {}
    cases = []
    for question in questions:
        hits = search(kb, question.text, k=10)
        asked = Asked(kb, kb.read_question(question.text))
        candidates = tuple(find_candidates(kb, hits, asked)) if hits else ()
        group = places[question.id][0].path if places[question.id] else question.id
        fold = folds.setdefault(group, len(folds) % FOLDS)
        marked = tuple(is_marked(candidate, places[question.id]) for candidate in candidates)
        result = result_features(kb, asked, hits) if hits else {}
        cases.append(Case(question, asked, hits, candidates, marked, result, fold))
        if progress is not None:
            progress(1)
    return cases


def is_marked(candidate: Candidate, places: Sequence[Place]) -> bool:
    """Whether a sentence is, or lies within, or holds a gold quote."""
    return any(place.shared(candidate.hit.path, candidate.start, candidate.end) >= SAME_PLACE for place in places)


def _fit_sentences(cases: Sequence[Case]) -> Logistic:
    told = [case for case in cases if any(case.marked)]
    weights, mean = fit_choice(
        np.array([candidate.features for case in told for candidate in case.candidates]),
        np.array([mark for case in told for mark in case.marked]),
        np.repeat(np.arange(len(told)), [len(case.candidates) for case in told]),
        pull=_PULL,
    )
    return _logistic(SENTENCE, weights, -float(weights @ mean))  # a middling sentence has no evidence


def _fit_verdict(outcomes: Sequence[_Outcome]) -> Logistic:
    # Whoever writes gold makes questions without an answer shorter; the length is fitted and then held at its mean, or
    # every feature that shrinks with it would be taken for a sign.
    names = (*VERDICT, _LENGTH)
    rows = np.array([[outcome.features[name] for name in names] for outcome in outcomes if outcome.features])
    labels = np.array([outcome.case.question.is_answerable for outcome in outcomes if outcome.features])
    fitted = _fit(names, rows, labels)
    weights = dict(fitted.weights)
    return Logistic(round(fitted.intercept + weights.pop(_LENGTH) * float(rows[:, -1].mean()), 5), weights)


def _fit(names: Sequence[str], rows: Array, labels: NDArray[np.bool_]) -> Logistic:
    from sklearn.linear_model import LogisticRegression

    mean, spread = mean_and_spread(rows)
    fitted = LogisticRegression(C=_PENALTY, max_iter=2000).fit((rows - mean) / spread, labels)
    weights = fitted.coef_[0] / spread
    return _logistic(names, weights, float(fitted.intercept_[0] - weights @ mean))


def _logistic(names: Sequence[str], weights: Array, intercept: float) -> Logistic:
    return Logistic(
        round(intercept, 5), {name: round(float(weight), 5) for name, weight in zip(names, weights, strict=True)}
    )


def _outcome(case: Case, model: Logistic) -> _Outcome:
    weighed = tuple(
        replace(c, evidence=model.log_odds(dict(zip(SENTENCE, c.features, strict=True)))) for c in case.candidates
    )
    features = question_features(case.result, weighed) if case.hits else {}
    return _Outcome(case, features, weighed)


def _speak_from(outcomes: Sequence[_Outcome], probabilities: Array) -> float:
    """Return the probability from which on speaking pays, an invented answer costing INVENTED_COST missing ones."""
    answerable = np.array([outcome.case.question.is_answerable for outcome in outcomes])

    def gain(threshold: float) -> float:
        speaks = probabilities >= threshold
        return float(np.sum(speaks[answerable]) - INVENTED_COST * np.sum(speaks[~answerable])) / len(speaks)

    gains = {threshold: gain(threshold) for threshold in (1.0, *{round(float(p), 3) for p in probabilities})}
    # The optimum is flat and its edges are accidents of single questions: the middle of what is about as good.
    good = sorted(threshold for threshold, gained in gains.items() if gained >= max(gains.values()) - 2 * _AS_GOOD)
    return good[len(good) // 2]


def _within(outcomes: Sequence[_Outcome], speaks: NDArray[np.bool_]) -> float:
    """Return the margin that gives the best F of sentences said against sentences marked."""
    spoken = [o for o, said in zip(outcomes, speaks, strict=True) if said and o.case.question.is_answerable]
    scores = [_sentence_figures(spoken, within)["f"] for within in _WITHIN]
    return max(within for within, score in zip(_WITHIN, scores, strict=True) if score >= max(scores) - _AS_GOOD)


def _sentence_figures(outcomes: Sequence[_Outcome], within: float) -> dict[str, float]:
    """Return `precision` of the sentences said, `included` (share of questions with a marked one said) and their F."""
    said = marked = included = 0
    for outcome in outcomes:
        if outcome.candidates:
            marks = _marks_said(outcome, within)
            said, marked, included = said + len(marks), marked + sum(marks), included + any(marks)
    precision, share = marked / max(1, said), included / max(1, len(outcomes))
    f = (1 + _BETA**2) * precision * share / max(1e-9, _BETA**2 * precision + share)
    return {"precision": precision, "included": share, "f": f}


def _marks_said(outcome: _Outcome, within: float) -> list[bool]:
    """Return for each sentence that would be said whether it is a marked one."""
    chosen = compose(outcome.candidates, outcome.case.asked.kinds, within=within)
    marks = dict(zip(((c.hit.row, c.number) for c in outcome.candidates), outcome.case.marked, strict=True))
    return [marks[c.hit.row, c.number] for c in chosen.sentences]


def _outside_below(outcomes: Sequence[_Outcome]) -> float:
    """Return the subject coverage that best tells `outside` from `not_stated` among questions without an answer."""
    silent = [
        (outcome.features.get("subject", 0.0), outcome.case.question.verdict == "outside")
        for outcome in outcomes
        if not outcome.case.question.is_answerable
    ]
    values = sorted({value for value, _ in silent})
    middles = [0.0, *((low + high) / 2 for low, high in pairwise(values)), 1.0]
    best = max(sum((value < limit) == outside for value, outside in silent) for limit in middles)
    good = [limit for limit in middles if sum((value < limit) == outside for value, outside in silent) == best]
    return round(good[len(good) // 2], 3)


def _bands(outcomes: Sequence[_Outcome], probabilities: Array, within: float, speak_from: float) -> tuple[Band, ...]:
    """Return the bands in which something is said, the surest first; right is an answer with a marked sentence.

    A third of the answers each; neighbours are joined where the surer third was right no more often than the next.
    """
    spoken = [
        (probability, any(_marks_said(outcome, within)))
        for outcome, probability in zip(outcomes, probabilities.tolist(), strict=True)
        if probability >= speak_from and outcome.candidates
    ]
    spoken.sort(key=lambda pair: -pair[0])
    thirds = [spoken[len(spoken) * n // 3 : len(spoken) * (n + 1) // 3] for n in range(3)]
    groups: list[list[tuple[float, bool]]] = []
    for group in filter(None, thirds):
        groups.append(group)
        while len(groups) > 1 and _share_right(groups[-1]) >= _share_right(groups[-2]):
            groups[-2:] = [groups[-2] + groups[-1]]
    last = len(groups) - 1
    return tuple(
        Band(
            name=_BAND_NAMES[place] if place < last or last == 0 else _BAND_NAMES[-1],
            least=round(min(probability for probability, _ in group), 3) if place < last else round(speak_from, 3),
            right=round(_share_right(group), 3),
            questions=len(group),
        )
        for place, group in enumerate(groups)
    )


def _share_right(group: Sequence[tuple[float, bool]]) -> float:
    return sum(right for _, right in group) / len(group)


def _measure(outcomes: Sequence[_Outcome], probabilities: Array, fitted: Calibration) -> dict[str, float]:
    """Return the figures of the folds: verdicts right, invented answers, sentence precision and inclusion."""
    speaks = probabilities >= fitted.speak_from
    answerable = np.array([outcome.case.question.is_answerable for outcome in outcomes])
    right = 0
    for outcome, said in zip(outcomes, speaks, strict=True):
        if said:
            name = "partly" if outcome.features["gap"] >= fitted.partly_gap else "answered"
        else:
            name = "outside" if outcome.features.get("subject", 0.0) < fitted.outside_below else "not_stated"
        right += name == outcome.case.question.verdict
    spoken = [o for o, said in zip(outcomes, speaks, strict=True) if said and o.case.question.is_answerable]
    said_well = _sentence_figures(spoken, fitted.within)
    figures = {
        "verdict_right": right / len(outcomes),
        "invented": float(np.mean(speaks[~answerable])),
        "answered_of_answerable": float(np.mean(speaks[answerable])),
        "sentence_precision": said_well["precision"],
        "marked_sentence_said": said_well["included"],
    }
    return {name: round(value, 3) for name, value in figures.items()}


def _digest(questions: Sequence[GoldQuestion]) -> str:
    """Return a short name for the very questions, so that a calibration says what it was fitted to."""
    plain: Any = [(q.id, q.text, q.verdict, [(a.path, a.quote) for a in q.answers]) for q in questions]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()[:12]
