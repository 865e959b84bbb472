"""What was measured with a model and belongs to it: how legs are mixed, what counts as evidence, when to speak.

A calibration is a small JSON file, `calibration.json` in the folder of the bundled model, or in a build whose model was
calibrated by `policykb calibrate` (index/calibrate.py makes it). It names the model by fingerprint. A model without one
is ranked and answered with the bundled model's numbers, less what only holds for that model, and says so: `is_own` is
False and there are no bands.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from index.answering.features import SENTENCE, VERDICT
from index.ranking import Weights
from ingest.problem import Problem

FILE = "calibration.json"
FORMAT = "policykb-calibration"
VERSION = 1


class CalibrationError(Problem):
    """A calibration that cannot be used: says what was found, what was expected and what to do."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A weighted sum of named features: `log_odds` is `intercept` + the sum of weight times feature."""

    intercept: float
    weights: Mapping[str, float]

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Return the log-odds; a feature without a weight counts nothing, one that is missing is a KeyError."""
        return self.intercept + sum(weight * features[name] for name, weight in self.weights.items())

    def probability(self, features: Mapping[str, float]) -> float:
        """Return the log-odds as a probability, 0 to 1."""
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, self.log_odds(features)))))


@dataclass(frozen=True, slots=True)
class Band:
    """Answers whose probability is at least `least`: of `questions` in cross-validation the share `right` was right."""

    name: str
    least: float
    right: float
    questions: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """All that was measured for the model with this `fingerprint` on `questions` questions of `gold`.

    `speak_from` is the probability from which something is said; `partly_gap` the share of the question's weight in one
    stretch missing from what was found, from which the answer is only partial; `outside_below` the share of the
    question that some article must cover for the collection to be on its subject; `within` the log-odds that a
    further sentence may be behind the best one. `measured` holds the cross-validated figures by name.
    """

    fingerprint: str
    gold: str
    questions: int
    fusion: Weights
    sentence: Logistic
    verdict: Logistic
    speak_from: float
    partly_gap: float
    outside_below: float
    within: float
    bands: tuple[Band, ...]
    measured: Mapping[str, float]
    is_own: bool = True

    def __post_init__(self) -> None:
        shares = (self.speak_from, self.partly_gap, self.outside_below)
        if not all(0 <= share <= 1 for share in shares) or self.within < 0:
            raise CalibrationError(
                f"thresholds are shares from 0 to 1 and within is not negative; found {shares} and {self.within}. "
                "Run `policykb calibrate` again."
            )

    def band_of(self, probability: float) -> Band | None:
        """Return the band of an answer, None where the model is uncalibrated."""
        reached = [band for band in self.bands if probability >= band.least]
        return max(reached, key=lambda band: band.least, default=None)

    def for_another_model(self) -> Calibration:
        """Return what of this calibration can serve a model that has none of its own."""
        return replace(self, is_own=False, bands=(), measured={})

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        values = asdict(self)
        del values["is_own"]
        return {"format": FORMAT, "version": VERSION, **values}

    def save(self, file: Path) -> None:
        """Write the calibration to `file`; the folder is made where it is missing."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_calibration(file: Path) -> Calibration:
    """Return the calibration in `file`. Raises CalibrationError where it is missing, damaged or of another version."""
    way_out = (
        "Delete it, run `policykb rebuild`, then `policykb calibrate`; reinstall policykb where it is the file that"
        " came with it."
    )
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CalibrationError(f"{file}: cannot be read as a calibration ({error}). {way_out}") from error
    kind = (values.pop("format", None), values.pop("version", None)) if isinstance(values, dict) else None
    if kind != (FORMAT, VERSION):
        raise CalibrationError(f"{file}: found {kind}, expected {(FORMAT, VERSION)}. {way_out}")
    try:
        for part, known in (("sentence", SENTENCE), ("verdict", VERDICT)):
            if unknown := sorted(set(values[part]["weights"]) - set(known)):
                raise ValueError(f"weights of {', '.join(unknown)}, which this version does not measure")
        return Calibration(
            **{
                **values,
                "fusion": Weights(**values["fusion"]),
                "sentence": Logistic(**values["sentence"]),
                "verdict": Logistic(**values["verdict"]),
                "bands": tuple(Band(**band) for band in values["bands"]),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CalibrationError(f"{file}: found other values than a calibration has ({error}). {way_out}") from error


def kept_calibration(kb: Path, fingerprint: str) -> Path:
    """Return where a knowledge base keeps the calibration of a model until the next rebuild takes it along."""
    return kb / "calibration" / f"{fingerprint[:16]}.json"
