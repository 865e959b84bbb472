"""The bench's own scorer says what the shared one says, and its figures of the confidence what a hand computes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def scoring(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    import scoring

    return scoring


def test_our_scorer_agrees_with_the_shared_one(scoring, shared: Path, tmp_path: Path) -> None:
    gold_dir = shared / "bench/cleaning/magic_article_zh"
    gold = [json.loads(line) for line in (gold_dir / "gt.jsonl").read_text(encoding="utf-8").splitlines()]
    bodies = []
    for number, page in enumerate(gold):  # whole, halved, doubled with foreign text, lost
        text = page["content"]
        bodies.append((text, text[: len(text) // 2], f"{text}\n{gold[number - 1]['content']}", "")[number % 4])
    found = tmp_path / "found.jsonl"
    rows = [
        json.dumps({"path": f"{page['id']}.html", "body": body, "confidence": 0.9})
        for page, body in zip(gold, bodies, strict=True)
    ]
    found.write_text("\n".join(rows), encoding="utf-8")
    script = shared / "bench/cleaning/score.py"
    printed = subprocess.run([sys.executable, script, gold_dir, found], capture_output=True, text=True, check=True)
    theirs = json.loads(printed.stdout)
    ours = scoring.figures([scoring.score_page(page, body, 0.9) for page, body in zip(gold, bodies, strict=True)])
    names = {"pages": "pages", "f1": "F1", "precision": "precision", "recall": "recall", "page_recall": "page recall",
             "below_half": "under half", "empty": "empty"}  # fmt: skip
    assert {name: ours[own] for name, own in names.items()} == {name: theirs[name] for name in names}


def test_leakage_counts_only_what_the_article_does_not_say_itself(scoring) -> None:
    gold = {"body": "参保人员应当按时缴费。", "rec": "参保人员应当按时买菜做饭。"}
    assert scoring.score_page(gold, gold["body"]).leak == 0
    assert scoring.score_page(gold, gold["body"] + gold["rec"]).leak == 1


def test_the_confidence_is_judged_by_the_pages_it_tells_apart(scoring) -> None:
    pages = [(0.2, 0.9), (0.4, 0.1), (0.95, 0.4), (1.0, 0.8), (1.0, 0.9)]
    assert scoring.confidence_figures(pages) == {
        "under half, not flagged": 1,
        "good but flagged": 1 / 3,
        "AUROC": pytest.approx((0.5 + 0 + 0 + 1 + 1 + 1) / 6),
    }
