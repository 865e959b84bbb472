"""The bench: its scorer says what the shared one says; its baseline and figures what a hand computes."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from index.kb import KnowledgeBase
from index.marks import Mark
from index.outcomes import Question

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


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    import answers

    return answers


def test_the_baseline_is_bm25_by_hand(answers: ModuleType) -> None:
    bm25 = answers.Bm25(["甲 乙 乙", "甲 丙 丁 戊 己", "庚"], str.split)
    # lengths 3, 5, 1, mean 3; 乙 stands twice in one of three texts: idf ln(1 + 2.5 / 1.5)
    idf = math.log(1 + 2.5 / 1.5)
    assert bm25.scores("乙 没有") == pytest.approx([idf * 2 * 2.2 / (2 + 1.2), 0, 0])
    longer = 1.2 * (0.25 + 0.75 * 5 / 3)
    assert bm25.scores("甲")[:2] == pytest.approx([math.log(1.6) * 2.2 / 2.2, math.log(1.6) * 2.2 / (1 + longer)])
    assert bm25.rank("甲", 5) == [0, 1]
    assert bm25.rank("甲 庚", 1) == [2]


def test_the_questions_about_the_seeds_keep_their_evidence(answers: ModuleType) -> None:
    lines = (ROOT / "bench" / "seed_questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = answers.seed_questions(None)
    assert [(q.text, q.marks[0].pieces) for q in questions if q.marks] == [
        (row["text"], tuple(row["evidence"])) for row in map(json.loads, lines)
    ]
    assert [q.verdict for q in questions if not q.marks] == ["outside"] * 6 + ["not_stated"] * 6


def test_every_method_is_measured_on_evidence(answers: ModuleType, make_kb: Callable[..., KnowledgeBase]) -> None:
    pytest.importorskip("jieba")
    kb = make_kb(
        "失业金申领须知\n\n失业保险金从办理失业登记的当月起计算，按月打入本人社保卡。",
        "生育津贴申领须知\n\n申领生育津贴要交出生医学证明，由用人单位在生育后一年以内提出。",
    )
    asked = Question("q", "申领生育津贴要交什么", "everyday", "answered", (Mark(pieces=("出生医学证明",)),))
    nowhere = Question("n", "失业保险金怎么发", "everyday", "answered", (Mark(pieces=("没有这句话",)),))
    found = answers.searches(kb, [asked, nowhere])
    assert list(found) == ["BM25, words (jieba)", "lexical", "dense", "hybrid"]
    assert {name: report.figures()["right_first"] for name, report in found.items()} == dict.fromkeys(found, 0.5)
    table = answers.answer_tables(kb, [asked, nowhere])
    answer = kb.ask(asked.text)
    said = any("出生医学证明" in sentence.text for sentence in answer.sentences)
    assert table["all"]["included"] == said / 2
    assert table["everyday"]["cited"] == (any(c.path == "page1.txt" for c in answer.citations)) / 2
