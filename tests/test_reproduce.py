"""The lines that give the same again are run, in a real shell and a real Python, and compared with what was shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from index.filters import Filters
from index.hits import Sort
from index.kb import KnowledgeBase
from index.ranking import Mode
from search_app.reproduce import Asked, python_lines, rebuild_line, shell_line

ROOT = Path(__file__).resolve().parents[1]
TWO = Filters(regions=("北京市", "湖北省/武汉市"), schemes=("职工医保", "灵活就业参保"))
QUESTIONS = [
    ("医保断缴三个月还能报销吗", Filters(), "hybrid", "relevance", 10),
    ('it\'s "断缴" `id` $(touch pwned) ${HOME} !x ; rm *', TWO, "hybrid", "date", 5),
    ("“断缴” -居民", Filters(since="2024", until="2025-06", confidence=("sure",)), "lexical", "relevance", 20),
    (
        "-居民 断缴\n\t补缴 \\n \\ \u202e",
        Filters(years=("2024", "-"), sites=("问保网", 'it\'s "x" $(id)')),
        "dense",
        "date",
        5,
    ),
    ("--help", Filters(regions=("-",)), "hybrid", "relevance", 5),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which `policykb` is this tree, whatever is installed."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "policykb").write_text(f"#!{sys.executable}\nfrom search_app.cli import main\nmain()\n")
    (folder / "policykb").chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def run(words: list[str], environment: dict[str, str], folder: Path) -> list[str]:
    done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")


@pytest.mark.parametrize("case", QUESTIONS, ids=[question[:12].strip() for question, *_ in QUESTIONS])
def test_every_line_gives_what_was_shown(
    case: tuple[str, Filters, Mode, Sort, int], sample_kb: KnowledgeBase, environment: dict[str, str], tmp_path: Path
) -> None:
    question, filters, mode, sort, k = case
    shown = plain(sample_kb.search(question, k=k, mode=mode, sort=sort, filters=filters).as_dict())
    answer = plain(sample_kb.ask(question, filters=filters).as_dict())
    asked = Asked(sample_kb.folder, sample_kb.build, question, k=k, mode=mode, sort=sort, filters=filters)

    lines = (asked.ask_line("--json"), asked.search_line().replace("search ", "search --json ", 1))
    said = run(["sh", "-c", "\n".join((*lines, asked.export_line("jsonl")))], environment, tmp_path)
    assert json.loads(said[0]) == answer
    assert json.loads(said[1]) == shown
    exported = [json.loads(row) for row in said[2:-1]]
    assert [row["passage_id"] for row in exported] == [hit["passage_id"] for hit in shown["hits"]]
    assert {(row["query"], row["filters"]) for row in exported} <= {
        (question, json.dumps(filters.as_dict(), ensure_ascii=False) if filters else None)
    }

    code = python_lines(
        sample_kb.folder,
        sample_kb.build,
        f"frame = {asked.search_expression()}",
        f"answer = {asked.ask_expression()}",
        "import json; print(json.dumps([frame.to_dict('list'), answer.as_dict()], default=str))",
    )
    frame, said_answer = json.loads(run([sys.executable, "-c", code], environment, tmp_path)[0])
    assert frame.get("passage_id", []) == [hit["passage_id"] for hit in shown["hits"]]
    assert frame.get("score", []) == [hit["score"] for hit in shown["hits"]]
    assert said_answer == answer
    assert list(tmp_path.iterdir()) == []  # nothing that was typed has run


def plain(value: object) -> Any:
    return json.loads(json.dumps(value))


def test_what_is_usual_is_not_said() -> None:
    asked = Asked(Path("kb"), "2b8da9c55fd3", "断缴", k=5)
    assert asked.search_line() == "policykb search --kb kb --build 2b8da9c55fd3 -k 5 '断缴'"
    assert asked.ask_line("--card") == "policykb ask --kb kb --build 2b8da9c55fd3 --card '断缴'"
    assert asked.search_expression() == "kb.search('断缴', k=5).to_frame()"
    assert python_lines(asked.folder, asked.build, asked.ask_expression("desk_card")) == (
        "from index import open_kb\nkb = open_kb('kb', build='2b8da9c55fd3')\nkb.desk_card('断缴')"
    )


def test_words_of_a_line_are_quoted() -> None:
    assert rebuild_line(Path("a b/$x")) == "policykb rebuild corpus/pages --kb 'a b/$x'"
    assert shell_line("policykb", "verify", "--kb", Path("it's")) == "policykb verify --kb 'it'\"'\"'s'"


def test_the_import_of_filters_stands_where_they_are_used_and_only_there() -> None:
    asked = Asked(Path("kb"), "b", "x", filters=Filters(schemes="职工医保"))
    assert python_lines(asked.folder, asked.build, asked.search_expression()) == (
        "from index import open_kb\nfrom index.filters import Filters\nkb = open_kb('kb', build='b')\n"
        "kb.search('x', k=10, filters=Filters(schemes=('职工医保',))).to_frame()"
    )
    typed = Asked(Path("kb"), "b", "Filters()")
    assert "from index.filters" not in python_lines(typed.folder, typed.build, typed.search_expression())
