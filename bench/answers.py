#!/usr/bin/env python3
"""Measures search and answers on everyday questions: the sample corpus' gold, and our questions about the seeds.

    python bench/answers.py [--json]

For every mode: how often a passage that holds the evidence comes first and within three, and MRR. For answers: how
often the verdict is right, a passage with the evidence is cited, and something is said where nothing answers. The
questions were written by us, some of the lexicon with them in sight: the figures say that the parts work together,
not how good they are elsewhere.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from index.build.build import rebuild
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.search import MODES

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("POLICYKB_SHARED", ROOT.parent / "shared"))
# Questions that the five seeds cannot answer: not what they are about, or on the subject and nowhere stated.
OUTSIDE = (
    "红烧肉怎么做",
    "今天北京天气怎么样",
    "苹果手机怎么截图",
    "电脑蓝屏怎么办",
    "高考报名要什么条件",
    "感冒了能不能喝酒",
)
NOT_STATED = (
    "医保卡丢了怎么补办",
    "种植牙医保能报销吗",
    "医保局电话是多少",
    "医保能不能报近视手术",
    "新生儿怎么参加医保",
    "住院起付线是多少钱",
)


def squeeze(text: str) -> str:
    return "".join(text.split())


def read_jsonl(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def build_kb(pages: Path, folder: Path) -> KnowledgeBase:
    rebuild([pages], folder, embedder=load_embedder("bundled"))
    return open_kb(folder)


def rank_of(kb: KnowledgeBase, question: str, evidence: Sequence[str], mode: str) -> int | None:
    hits = kb.search(question, k=len(kb.article_of), mode=mode)  # type: ignore[arg-type]
    return next((hit.rank for hit in hits if any(piece in squeeze(hit.text) for piece in evidence)), None)


def search_figures(kb: KnowledgeBase, questions: Sequence[Mapping[str, Any]], mode: str) -> dict[str, object]:
    ranks = [rank_of(kb, question["text"], question["evidence"], mode) for question in questions]
    count = len(ranks)
    return {
        "questions": count,
        "first": sum(rank == 1 for rank in ranks),
        "within 3": sum(rank is not None and rank <= 3 for rank in ranks),
        "MRR": round(sum(1 / rank for rank in ranks if rank) / count, 3),
    }


def answer_figures(kb: KnowledgeBase, questions: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    said = {question["text"]: kb.ask(question["text"]) for question in questions}
    answerable = [question for question in questions if question["evidence"]]
    others = [question for question in questions if not question["evidence"]]

    def shown(question: Mapping[str, Any]) -> bool:
        answer = said[question["text"]]
        cited = {citation.passage_id for citation in answer.citations}
        texts = [squeeze(hit.text) for hit in answer.hits if hit.passage_id in cited]
        return any(piece in text for piece in question["evidence"] for text in texts)

    speaks: Callable[[Mapping[str, Any]], bool] = lambda question: bool(said[question["text"]].sentences)  # noqa: E731
    return {
        "questions": len(questions),
        "verdict right": sum(said[q["text"]].verdict == q["verdict"] for q in questions),
        "answerable": len(answerable),
        "something said": sum(map(speaks, answerable)),
        "right passage cited": sum(map(shown, answerable)),
        "unanswerable": len(others),
        "said all the same": sum(map(speaks, others)),
    }


def sample_questions() -> list[dict[str, Any]]:
    questions = read_jsonl(ROOT / "corpus" / "gold" / "questions.jsonl")
    return [{**q, "evidence": [squeeze(answer["quote"]) for answer in q["answers"]]} for q in questions]


def seed_questions() -> list[dict[str, Any]]:
    questions = [
        {**q, "verdict": "answered", "evidence": [squeeze(piece) for piece in q["evidence"]]}
        for q in read_jsonl(ROOT / "bench" / "seed_questions.jsonl")
    ]
    questions += [{"text": text, "verdict": "outside", "evidence": []} for text in OUTSIDE]
    return questions + [{"text": text, "verdict": "not_stated", "evidence": []} for text in NOT_STATED]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    sets = {"sample corpus": (ROOT / "corpus" / "pages", sample_questions())}
    if (SHARED / "seeds").is_dir():
        sets["five seeds"] = (SHARED / "seeds", seed_questions())
    figures: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, (pages, questions)) in enumerate(sets.items()):
            kb = build_kb(pages, Path(scratch) / str(number))
            answerable = [question for question in questions if question["evidence"]]
            figures[name] = {mode: search_figures(kb, answerable, mode) for mode in MODES}
            figures[name]["answers"] = answer_figures(kb, questions)
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    print("| pages | mode | questions | right first | within three | MRR |\n|---|---|--:|--:|--:|--:|")
    for name, by_mode in figures.items():
        for mode in MODES:
            values = by_mode[mode]
            print(f"| {name} | {mode} | " + " | ".join(str(value) for value in values.values()) + " |")
    head = list(next(iter(figures.values()))["answers"])
    print("\n| pages | " + " | ".join(head) + " |\n|---|" + "--:|" * len(head))
    for name, by_mode in figures.items():
        print(f"| {name} | " + " | ".join(str(value) for value in by_mode["answers"].values()) + " |")


if __name__ == "__main__":
    main()
