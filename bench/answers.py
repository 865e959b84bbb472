#!/usr/bin/env python3
"""Measures search and answers on our own questions: the sample corpus' gold, and questions about the seeds.

    python bench/answers.py [--json]

Search: words alone (lexical), meaning alone (dense), both (hybrid), and BM25 over jieba's words as the baseline beside
them, by the code of `policykb evaluate` on answer gold. Answers: what `ask` says. The seeds have evidence in place of
quotes: pieces of text any of which shows that a passage is right. Some are headings, which are never said, so `cited`
(the passage of a said sentence holds the evidence) stands beside `included` (a said sentence holds it).

The questions were written by us, some of the lexicon with some of them in sight: the figures say that the parts work
together, not how good they are elsewhere.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs from a checkout without installing

from baseline import Bm25, jieba_words  # lies beside this file

from index.answer import Answer
from index.build.build import rebuild
from index.gold import read_gold
from index.kb import KnowledgeBase, open_kb
from index.marks import Mark
from index.model import load_embedder
from index.outcomes import ALL, ANSWERS, RETRIEVAL, K, Question, Report, Stretch, ask, find, read_questions
from index.search import MODES

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("POLICYKB_SHARED", ROOT.parent / "shared"))
BASELINE = "BM25, words (jieba)"
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


class Passage(NamedTuple):
    """A passage as the baseline finds it."""

    path: str
    start: int
    end: int
    text: str


def build_kb(pages: Path, folder: Path) -> KnowledgeBase:
    rebuild([pages], folder, embedder=load_embedder("bundled"))
    return open_kb(folder)


def sample_questions(kb: KnowledgeBase) -> tuple[Question, ...]:
    return read_questions(kb, read_gold(ROOT / "corpus" / "gold"))


def seed_questions(_: KnowledgeBase) -> tuple[Question, ...]:
    lines = (ROOT / "bench" / "seed_questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [
        Question(row["id"], row["text"], "everyday", "answered", (Mark(pieces=tuple(row["evidence"])),))
        for row in map(json.loads, lines)
    ]
    for verdict, texts in (("outside", OUTSIDE), ("not_stated", NOT_STATED)):
        questions += [Question(f"{verdict}{n}", text, "unanswerable", verdict, ()) for n, text in enumerate(texts)]
    return tuple(questions)


# Each set of questions: the pages it is about, and how its questions are read once there is a base of them.
Sets = Mapping[str, tuple[Path, Callable[[KnowledgeBase], tuple[Question, ...]]]]


def question_sets() -> Sets:
    sets: dict[str, tuple[Path, Callable[[KnowledgeBase], tuple[Question, ...]]]] = {
        "sample corpus": (ROOT / "corpus" / "pages", sample_questions)
    }
    if (SHARED / "seeds").is_dir():
        sets["five seeds"] = (SHARED / "seeds", seed_questions)
    return sets


def search_with(questions: Sequence[Question], search: Callable[[str], Sequence[Stretch]], name: str) -> Report:
    return Report("", name, find(questions, search), ())


def search_figures(kb: KnowledgeBase, questions: Sequence[Question], mode: str) -> dict[str, Any]:
    """Return the figures of retrieval of one mode over all questions."""
    return search_with(questions, lambda text: kb.search(text, k=K, mode=mode), mode).figures()  # type: ignore[arg-type]


def searches(kb: KnowledgeBase, questions: Sequence[Question]) -> dict[str, Report]:
    """Return what each mode found, and before them the baseline where jieba is installed."""
    found = {}
    words = jieba_words()
    if words is None:
        print("jieba is not installed: its rows are left out (pip install jieba)", file=sys.stderr)
    else:
        rows = kb.records.query(
            'SELECT path, start, "end", passages.text AS text FROM passages JOIN pages ON pages.id = article_id'
            " ORDER BY row"
        )
        passages = [Passage(row["path"], row["start"], row["end"], row["text"]) for row in rows]
        bm25 = Bm25([passage.text for passage in passages], words)
        found[BASELINE] = search_with(questions, lambda text: [passages[row] for row in bm25.rank(text, K)], BASELINE)
    for mode in MODES[::-1]:
        found[mode] = search_with(questions, lambda text, mode=mode: kb.search(text, k=K, mode=mode), mode)
    return found


def answer_figures(kb: KnowledgeBase, questions: Sequence[Question]) -> dict[str, Any]:
    """Return the figures of answers over all questions."""
    return answer_tables(kb, questions)[ALL]


def answer_tables(kb: KnowledgeBase, questions: Sequence[Question]) -> dict[str, dict[str, Any]]:
    """Return the figures of answers by kind of question, with the share whose passage cited is right."""
    answers: dict[str, Answer] = {}

    def kept(text: str) -> Answer:
        answers[text] = kb.ask(text)
        return answers[text]

    report = Report(kb.build, "hybrid", find(questions, lambda _: ()), ask(questions, kept))
    tables = {}
    for kind in report.kinds():
        figures = {name: value for name, value in report.figures(kind).items() if name not in RETRIEVAL}
        answerable = [question for question in questions if question.marks and kind in (ALL, question.kind)]
        right = sum(_cites(question, answers[question.text]) for question in answerable)
        tables[kind] = figures | {"cited": round(right / len(answerable), 5) if answerable else None}
    return tables


def _cites(question: Question, answer: Answer) -> bool:
    """Whether a passage that is cited holds a mark."""
    cited = {citation.passage_id for citation in answer.citations}
    hits = [hit for hit in answer.hits if hit.passage_id in cited]
    return any(mark.stands_in(hit.path, hit.start, hit.end, hit.text) for mark in question.marks for hit in hits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    figures: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, (pages, read)) in enumerate(question_sets().items()):
            kb = build_kb(pages, Path(scratch) / str(number))
            questions = read(kb)
            found = searches(kb, questions)
            kinds = next(iter(found.values())).kinds()
            figures[name] = {
                "search": {kind: {by: report.figures(kind) for by, report in found.items()} for kind in kinds},
                "answers": answer_tables(kb, questions),
            }
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    print("| pages | questions | number | method | " + " | ".join(RETRIEVAL) + " |")
    print("|---|---|--:|---|" + "--:|" * len(RETRIEVAL))
    for name, parts in figures.items():
        for kind, by_method in parts["search"].items():
            for method, row in by_method.items():
                if row["answerable"]:
                    shown = " | ".join(_shown(row[figure]) for figure in RETRIEVAL)
                    print(f"| {name} | {kind} | {row['answerable']} | {method} | {shown} |")
    names = (*ANSWERS, "cited")
    print("\n| pages | questions | number | " + " | ".join(names) + " |\n|---|---|--:|" + "--:|" * len(names))
    for name, parts in figures.items():
        for kind, row in parts["answers"].items():
            print(f"| {name} | {kind} | {row['questions']} | " + " | ".join(_shown(row[n]) for n in names) + " |")


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
