"""Scores cleaned text against gold by four-token shingles; a token is one Han character or a run of letters and digits.

The same definition as `score.py` of the shared benchmark (tests/test_bench.py holds the two together), kept here so
that the figures on our own variants need nothing from outside. Shares are from 0 to 1.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[A-Za-z0-9_\u00c0-\u024f]+")
_SHINGLE = 4
FLAGGED = 0.5  # below this a page's confidence says: look at this page
POOR = 0.9  # a page that keeps less of its gold should be flagged


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return the shingles of `text` with their counts; a text of fewer than four tokens is one shingle."""
    tokens = _TOKEN.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[i : i + _SHINGLE]) for i in range(max(1, len(tokens) - _SHINGLE + 1)))


@dataclass(frozen=True, slots=True)
class PageScore:
    """What one page kept: `found`, `foreign` and `missed` shingles as shares of their sum; `leak` of its snippets."""

    group: str
    found: float
    foreign: float
    missed: float
    recall: float
    leak: float | None
    confidence: float | None
    is_empty: bool


def score_page(gold: Mapping[str, Any], body: str, confidence: float | None = None) -> PageScore:
    """Return the score of `body` against a line of gt.jsonl (`content` or `body`, perhaps `title` and `rec`)."""
    wanted_text = gold.get("content") or gold["body"]
    title = gold.get("title") or ""
    if body.strip() and title and wanted_text.startswith(title) and not body.startswith(title):
        body = f"{title}\n{body}"
    want, have = shingles(wanted_text), shingles(body)
    found, foreign, missed = ((want & have).total(), (have - want).total(), (want - have).total())
    whole = max(1, found + foreign + missed)
    leak = None
    if gold.get("rec"):
        theirs = set(shingles(gold["rec"])) - set(want)
        leak = len(theirs & set(have)) / max(1, len(theirs))
    return PageScore(
        group=gold.get("template") or gold.get("variant") or "all",
        found=found / whole,
        foreign=foreign / whole,
        missed=missed / whole,
        recall=found / (found + missed) if found + missed else 1.0,
        leak=leak,
        confidence=confidence,
        is_empty=not body.strip(),
    )


def figures(scores: Sequence[PageScore]) -> dict[str, Any]:
    """Return the figures of a set of pages under the names of the shared scorer, and those of the confidence."""
    found, foreign, missed = (sum(getattr(s, name) for s in scores) for name in ("found", "foreign", "missed"))
    precision, recall = found / max(1e-9, found + foreign), found / max(1e-9, found + missed)
    leaks = [score.leak for score in scores if score.leak is not None]
    result: dict[str, Any] = {
        "pages": len(scores),
        "F1": 2 * precision * recall / max(1e-9, precision + recall),
        "precision": precision,
        "recall": recall,
        "page recall": sum(score.recall for score in scores) / len(scores),
        "under half": sum(score.recall < 0.5 for score in scores),
        "empty": sum(score.is_empty for score in scores),
        "leakage": sum(leaks) / len(leaks) if leaks else None,
    }
    if all(score.confidence is not None for score in scores):
        result |= confidence_figures([(score.recall, score.confidence or 0.0) for score in scores])
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in result.items()}


def confidence_figures(pages: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return how well the confidence of `(recall, confidence)` pages tells the poor from the good.

    `AUROC` is None where all pages are good or all are poor.
    """
    poor = [confidence for recall, confidence in pages if recall < POOR]
    good = [confidence for recall, confidence in pages if recall >= POOR]
    return {
        "under half, not flagged": sum(recall < 0.5 and confidence >= FLAGGED for recall, confidence in pages),
        "good but flagged": sum(confidence < FLAGGED for confidence in good) / max(1, len(good)),
        "AUROC": auc(good, poor),
    }


def auc(higher: Sequence[float], lower: Sequence[float]) -> float | None:
    """Return the chance that one of `higher` is above one of `lower`, ties counted half; None where one is empty."""
    if not higher or not lower:
        return None
    wins = sum((a > b) + 0.5 * (a == b) for a in higher for b in lower)
    return wins / (len(higher) * len(lower))


def by_group(scores: Sequence[PageScore]) -> dict[str, list[PageScore]]:
    """Return the scores by template or variant, in order of name."""
    groups: dict[str, list[PageScore]] = defaultdict(list)
    for score in scores:
        groups[score.group].append(score)
    return dict(sorted(groups.items()))
