"""A calibration is kept with its model, refused where damaged, and fitted so that numbers mean what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from index.calibrate import INVENTED_COST, calibrate, collect_cases, is_marked
from index.calibration import Band, Calibration, CalibrationError, Logistic, read_calibration
from index.gold import find_quotes, read_gold
from index.kb import KnowledgeBase
from index.model import WEIGHTS, load_embedder
from index.ranking import Weights

ROOT = Path(__file__).resolve().parents[1]
SMALL = Calibration(
    fingerprint="f", gold="g", questions=50, fusion=Weights(dense=0.3), sentence=Logistic(-1.0, {"together": 2.0}),
    verdict=Logistic(0.5, {"best": 1.0}), speak_from=0.4, partly_gap=0.9, outside_below=0.3, within=0.7,
    bands=(Band("high", 0.8, 0.9, 30), Band("low", 0.4, 0.5, 10)), measured={"verdict_right": 0.8},
)  # fmt: skip


def test_saved_and_read_it_is_the_same(tmp_path: Path) -> None:
    SMALL.save(tmp_path / "deep" / "calibration.json")
    assert read_calibration(tmp_path / "deep" / "calibration.json") == SMALL


def test_log_odds_are_a_sum_and_a_probability_grows_with_them() -> None:
    assert SMALL.sentence.log_odds({"together": 0.75, "unused": 9}) == pytest.approx(0.5)
    assert Logistic(0.0, {}).probability({}) == 0.5
    assert Logistic(1000.0, {}).probability({}) == pytest.approx(1.0)
    with pytest.raises(KeyError):
        SMALL.sentence.log_odds({})


@pytest.mark.parametrize(
    ("probability", "name"), [(0.95, "high"), (0.8, "high"), (0.79, "low"), (0.4, "low"), (0.1, None)]
)
def test_an_answer_has_the_highest_band_it_reaches(probability: float, name: str | None) -> None:
    band = SMALL.band_of(probability)
    assert (band.name if band else None) == name


def test_another_model_has_no_bands_and_no_figures() -> None:
    other = SMALL.for_another_model()
    assert (other.is_own, other.bands, other.measured, other.band_of(0.99)) == (False, (), {}, None)
    assert other.sentence == SMALL.sentence


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "x"}, "expected"),
        ({"version": 99}, "expected"),
        ({"sentence": {"intercept": 1}}, "other values"),
        ({"more": 1}, "other values"),
        ({"verdict": {"intercept": 0, "weights": {"nosuch": 1}}}, "nosuch"),
        ({"speak_from": 1.5}, "shares from 0 to 1"),
    ],
)
def test_a_damaged_file_names_the_way_out(tmp_path: Path, change: dict[str, object], message: str) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(json.dumps({**SMALL.as_dict(), **change}), encoding="utf-8")
    with pytest.raises(CalibrationError, match=message) as error:
        read_calibration(file)
    assert "policykb calibrate" in str(error.value)
    file.write_text("{", encoding="utf-8")
    with pytest.raises(CalibrationError, match=r"calibration\.json"):
        read_calibration(file)


def test_the_bundled_calibration_is_that_of_the_bundled_model(sample_kb: KnowledgeBase) -> None:
    bundled = read_calibration(WEIGHTS / "calibration.json")
    assert bundled.fingerprint == load_embedder().fingerprint
    assert sample_kb.calibration == bundled
    assert bundled.bands


def test_too_little_gold_is_refused(sample_kb: KnowledgeBase) -> None:
    few = read_gold(ROOT / "corpus" / "gold")[:20]
    with pytest.raises(CalibrationError, match="found 20 questions"):
        calibrate(sample_kb, few, gold_name="few")


def test_cases_mark_the_sentences_that_hold_a_quote(sample_kb: KnowledgeBase) -> None:
    questions = [q for q in read_gold(ROOT / "corpus" / "gold") if q.id in ("q02", "q19")]
    places = find_quotes(sample_kb.records, questions)
    answered, nothing = collect_cases(sample_kb, questions)
    assert any(answered.marked)
    for candidate, marked in zip(answered.candidates, answered.marked, strict=True):
        assert marked == is_marked(candidate, places["q02"])
    assert not any(nothing.marked)


def test_what_is_fitted_speaks_on_few_unanswerable_questions(sample_kb: KnowledgeBase) -> None:
    questions = read_gold(ROOT / "corpus" / "gold")[:60]
    asked: list[int] = []
    fitted = calibrate(sample_kb, questions, gold_name="gold", progress=asked.append)
    assert len(asked) == len(questions)
    assert fitted.questions == len(questions)
    assert fitted.fingerprint == load_embedder().fingerprint
    answerable = sum(question.is_answerable for question in questions)
    gained = fitted.measured["answered_of_answerable"] * answerable
    gained -= INVENTED_COST * fitted.measured["invented"] * (len(questions) - answerable)
    assert gained >= -0.5  # or silence would have been chosen; the shares are rounded
    # What few of the sentences found say of the question speaks for a sentence, a figure asked for in vain against it.
    assert fitted.sentence.weights["rare_together"] > 0
    assert fitted.verdict.weights["figure_missing"] < 0
    assert list(fitted.bands) == sorted(fitted.bands, key=lambda band: -band.least)
    # Fitted on these very questions, an answer must be likelier where there is one.
    again = replace(fitted, fusion=Weights())
    assert again.measured == fitted.measured
