"""Answer gold measured: figures by hand, on real bases, and through the command."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.failures import failures
from index.gold import read_gold
from index.kb import KnowledgeBase
from index.marks import Mark
from index.outcomes import Found, Question, Report, Said, compare_reports, find, read_questions, report
from search_app.cli import main
from search_app.evaluation import failure_lines, gold_lines

GOLD = Path(__file__).resolve().parents[1] / "corpus" / "gold"


def question(id: str, verdict: str = "answered", *, marks: int = 1, kind: str = "everyday") -> Question:
    return Question(id, f"问题{id}", kind, verdict, tuple(Mark(pieces=(f"{id}-{n}",)) for n in range(marks)))


def said(asked: Question, verdict: str, *sentences: Sequence[int], band: str | None = None) -> Said:
    return Said(asked, verdict, band, tuple((f"句{n}", frozenset(marks)) for n, marks in enumerate(sentences)))


A = question("a", marks=2, kind="official")
B = question("b", "partly")
C = question("c", "not_stated", marks=0, kind="unanswerable")
D = question("d", "outside", marks=0, kind="unanswerable")
REPORT = Report(
    "build",
    "hybrid",
    (Found(A, (3, 6)), Found(B, (1,)), Found(C, ()), Found(D, ())),
    (
        said(A, "answered", [0], [], [0], band="high"),
        said(B, "not_stated", band="none"),
        said(C, "answered", [], band="high"),
        said(D, "outside", band="low"),
    ),
)


def test_the_figures_of_four_questions_by_hand() -> None:
    assert REPORT.kinds() == ("official", "everyday", "unanswerable", "all")
    assert REPORT.figures() == {
        "questions": 4,
        "answerable": 2,
        "recall@5": 0.75,  # half of the answers of a, all of b
        "right_first": 0.5,
        "within_3": 1.0,
        "mrr@10": pytest.approx((1 / 3 + 1) / 2, abs=1e-5),
        "sentence_precision": 0.5,  # 2 of 4 sentences, the invented one among them
        "sentence_recall": pytest.approx(1 / 3, abs=1e-5),  # 1 of 3 marks
        "included": 0.5,
        "verdict_right": 0.5,
        "invented": 0.5,
    }
    assert REPORT.figures("official")["invented"] is None
    unanswerable = REPORT.figures("unanswerable")
    assert (unanswerable["recall@5"], unanswerable["included"], unanswerable["sentence_precision"]) == (None, None, 0)


def test_the_verdicts_and_bands_of_four_questions_by_hand() -> None:
    verdicts = REPORT.verdicts()
    assert list(verdicts) == ["answered", "partly", "not_stated", "outside"]
    assert {(right, given): n for right, row in verdicts.items() for given, n in row.items() if n} == {
        ("answered", "answered"): 1,
        ("partly", "not_stated"): 1,
        ("not_stated", "answered"): 1,
        ("outside", "outside"): 1,
    }
    assert REPORT.bands() == {
        "high": {"said": 2, "right": 0.5, "silent": 0, "silent_right": None},
        "none": {"said": 0, "right": None, "silent": 1, "silent_right": 0.0},
        "low": {"said": 0, "right": None, "silent": 1, "silent_right": 1.0},
    }


def test_failures_name_the_fault() -> None:
    assert {row["id"]: row["faults"] for row in failures(REPORT)} == {
        "a": ["not first", "not within 5", "not all marked said", "unmarked said"],
        "b": ["verdict", "nothing marked said"],
        "c": ["verdict", "invented"],
    }
    first = failures(REPORT)[0]
    assert first["expected"] == {"verdict": "answered", "sentences": ["a-0", "a-1"]}
    assert (first["ranks"], [s["marked"] for s in first["said"]["sentences"]]) == ([3, 6], [True, False, True])
    shown = "\n".join(failure_lines(failures(REPORT)))
    assert "3 questions went wrong" in shown
    assert "found at 6: a-1" in shown
    assert "not marked: 句1" in shown


def test_a_report_without_answers_is_compared_in_retrieval_alone() -> None:
    other = Report("build", "lexical", (Found(A, (1, None)), Found(B, (None,)), *REPORT.found[2:]), ())
    found = compare_reports(REPORT, other)
    assert set(found["all"]) == {"recall@5", "right_first", "within_3", "mrr@10"}
    assert found["unanswerable"] == {}
    first = found["all"]["right_first"]
    assert (first.this, first.other, first.wins, first.losses) == (0.5, 0.5, 1, 1)
    assert found["all"]["recall@5"].difference == pytest.approx(0.75 - 0.25)


def test_a_search_is_ranked_by_the_first_passage_that_holds_each_mark() -> None:
    class Piece:
        path, start, end = "p.txt", 0, 5

        def __init__(self, text: str) -> None:
            self.text = text

    hits = [Piece("x"), Piece("a-1"), Piece("a-1 a-0")]
    assert find([A, C], lambda _: hits) == (Found(A, (3, 2)), Found(C, ()))


PAGES = (
    "失业金申领须知\n\n失业保险金从办理失业登记的当月起计算，按月打入本人社保卡。\n\n"
    "申领失业保险金要带身份证原件，到失业前参保地的经办机构办理。",
    "生育津贴申领须知\n\n生育津贴由经办机构在十个工作日内拨付给用人单位。\n\n"
    "申领生育津贴要交出生医学证明，由用人单位在生育后一年以内提出。",
)
LINES: tuple[dict[str, Any], ...] = (
    {
        "id": "q1",
        "text": "申领生育津贴要交什么",
        "kind": "official",
        "verdict": "answered",
        "answers": [{"path": "page1.txt", "quote": "申领生育津贴要交出生医学证明，由用人单位在生育后一年以内提出。"}],
    },
    {"id": "q2", "text": "红烧肉怎么做", "kind": "unanswerable", "verdict": "outside", "answers": []},
)


def gold_at(folder: Path, lines: Sequence[object] = LINES) -> Path:
    folder.mkdir(exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "questions.jsonl").write_text(text, encoding="utf-8")
    return folder


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def run_json(*words: str | Path) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def test_the_command_measures_answer_gold(make_kb: Callable[..., KnowledgeBase], tmp_path: Path) -> None:
    kb = make_kb(*PAGES)
    gold = gold_at(tmp_path / "gold")
    run_file = tmp_path / "run.trec"
    printed = run_json("evaluate", gold, "--kb", kb.folder, "--run", run_file, "--failures")
    assert (printed["build"], printed["mode"]) == (kb.build, "hybrid")
    assert list(printed["kinds"]) == ["official", "unanswerable", "all"]
    official = printed["kinds"]["official"]
    assert (official["questions"], official["recall@5"], official["mrr@10"]) == (1, 1, 1)
    assert sum(n for row in printed["verdicts"].values() for n in row.values()) == 2
    assert printed["verdicts"]["outside"]["outside"] == 1
    assert {row["id"] for row in printed["failures"]} <= {"q1"}
    top = kb.search(LINES[0]["text"], k=1)[0].passage_id
    assert run_file.read_text("utf-8").startswith(f"q1 Q0 {top} 1 ")
    shown = run("evaluate", gold, "--kb", kb.folder)
    assert [line.split()[0] for line in shown.stdout.splitlines()[3:6]] == ["questions", "answerable", "recall@5"]
    assert "verdicts given, by the verdict that is right" in shown.stdout


def test_the_command_compares_two_bases_and_two_modes(make_kb: Callable[..., KnowledgeBase], tmp_path: Path) -> None:
    kb = make_kb(*PAGES)
    gold = gold_at(tmp_path / "gold")
    with_kb = run_json("evaluate", gold, "--kb", kb.folder, "--compare", kb.folder)["comparison"]
    assert with_kb["with"] == str(kb.folder)
    assert {"recall@5", "within_3", "included", "verdict_right", "invented"} <= set(with_kb["kinds"]["all"])
    for row in with_kb["kinds"]["all"].values():
        assert (row["difference"], row["low"], row["high"], row["p"], row["wins"]) == (0, 0, 0, 1, 0)
    by_mode = run_json("evaluate", gold, "--kb", kb.folder, "--compare", "dense")["comparison"]
    assert set(by_mode["kinds"]["all"]) == {"recall@5", "right_first", "within_3", "mrr@10"}
    shown = run("evaluate", gold, "--kb", kb.folder, "--compare", "lexical").stdout
    assert "against lexical: paired bootstrap" in shown


def test_gold_of_other_pages_is_an_error_that_says_so(make_kb: Callable[..., KnowledgeBase], tmp_path: Path) -> None:
    kb = make_kb(PAGES[0])
    result = run("evaluate", gold_at(tmp_path / "gold"), "--kb", kb.folder)
    assert result.exit_code == 1
    assert "gold question q1: the answer stands in 'page1.txt', the base has no such page" in result.stderr


def test_another_base_that_is_none_is_told_before_anything_is_measured(
    make_kb: Callable[..., KnowledgeBase], tmp_path: Path
) -> None:
    kb = make_kb(*PAGES)
    result = run("evaluate", gold_at(tmp_path / "gold"), "--kb", kb.folder, "--compare", tmp_path / "none")
    assert result.exit_code == 1
    assert "is no knowledge base" in result.stderr
    assert "asking" not in result.stderr


def test_failures_of_a_collection_are_wrong_usage(tmp_path: Path) -> None:
    result = run("evaluate", tmp_path, "--failures")
    assert result.exit_code == 2
    assert "--failures needs answer gold" in result.stderr


def test_the_report_says_what_the_base_itself_says(sample_kb: KnowledgeBase) -> None:
    """Every sixth question of the sample gold, recounted from plain searches and answers."""
    gold = read_gold(GOLD)[::6]
    questions = read_questions(sample_kb, gold)
    found = report(sample_kb, questions, mode="lexical")
    answers = [sample_kb.ask(q.text) for q in gold]
    pairs = Counter((q.verdict, answer.verdict) for q, answer in zip(gold, answers, strict=True))
    assert {(a, b): n for a, row in found.verdicts().items() for b, n in row.items() if n} == dict(pairs)
    bands = Counter(answer.band.name for answer in answers if answer.band is not None and answer.sentences)
    assert {name: row["said"] for name, row in found.bands().items() if row["said"]} == dict(bands)
    silent = [q for q in gold if not q.answers]
    invented = sum(bool(sample_kb.ask(q.text).sentences) for q in silent)
    assert found.figures()["invented"] == pytest.approx(invented / len(silent), abs=1e-5)
    # A quote in the passage that comes first, white space aside, is an answer that comes first.
    for q, outcome in zip(gold, found.found, strict=True):
        hits = sample_kb.search(q.text, k=1, mode="lexical")
        top = "".join(hits[0].text.split()) if hits else ""
        if any("".join(answer.quote.split()) in top and answer.path == hits[0].path for answer in q.answers):
            assert 1 in outcome.ranks
    assert next(gold_lines(found)) == f"build {sample_kb.build}, search in mode lexical"
