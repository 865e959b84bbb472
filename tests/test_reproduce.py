"""The lines that give the same again are run, in a real shell and a real Python, and compared with what was shown."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from index.filters import Filters
from index.hits import Sort
from index.kb import KnowledgeBase
from index.ranking import Mode
from search_app.cli import main
from search_app.reproduce import Asked, python_lines, rebuild_line, shell_line

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


def words_of(lines: str, folder: Path) -> list[list[str]]:
    """Return the words that a real shell gives to `policykb` in each line."""
    command = folder / "policykb"
    command.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\nprintf 'end of line\\0'\n")
    command.chmod(0o755)
    done = subprocess.run(["sh", "-c", lines], capture_output=True, env={"PATH": f"{folder}:/usr/bin:/bin"}, cwd=folder)
    command.unlink()
    assert (done.returncode, done.stderr) == (0, b"")
    ended = done.stdout.decode().split("end of line\0")
    return [words.split("\0")[:-1] for words in ended[:-1]]


def run(*words: str) -> list[Any]:
    """Return the lines of JSON that `policykb` writes."""
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


@pytest.mark.parametrize("case", QUESTIONS, ids=[question[:12].strip() for question, *_ in QUESTIONS])
def test_every_line_gives_what_was_shown(
    case: tuple[str, Filters, Mode, Sort, int], sample_kb: KnowledgeBase, tmp_path: Path
) -> None:
    question, filters, mode, sort, k = case
    shown = plain(sample_kb.search(question, k=k, mode=mode, sort=sort, filters=filters).as_dict())
    answer = plain(sample_kb.ask(question, filters=filters).as_dict())
    asked = Asked(sample_kb.folder, sample_kb.build, question, k=k, mode=mode, sort=sort, filters=filters)

    lines = "\n".join((asked.ask_line(), asked.search_line(), asked.export_line("jsonl")))
    ask, search, export = words_of(lines, tmp_path)
    [said] = run("ask", "--json", *ask[1:])
    assert {name: said[name] for name in answer} == answer  # the desk card stands there, too
    [found] = run("search", "--json", *search[1:])
    assert {name: found[name] for name in shown} == shown  # how many texts stand behind it stands there, too
    rows = run(*export)
    assert [row["passage_id"] for row in rows] == [hit["passage_id"] for hit in shown["hits"]]
    asked_of = {"query": question, "mode": mode, "sort": sort, "build": sample_kb.build}
    assert all(asked_of.items() <= row.items() for row in rows)

    found: dict[str, Any] = {}
    expressions = (f"answer = {asked.ask_expression()}", f"frame = {asked.search_expression()}")
    exec(python_lines(sample_kb.folder, sample_kb.build, *expressions), found)
    assert plain(found["answer"].as_dict()) == answer
    assert plain(found["frame"].to_dict("records")) == [
        {"build": sample_kb.build, "query": question, **hit} for hit in shown["hits"]
    ]
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
