"""A build that does not hold together is seen before it is published: each rule broken once."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from index.build.build import rebuild
from index.build.check import structure_problems
from index.build.publish import build_folder
from index.model import load_embedder

TEXT = "灵活就业参保须知\n\n灵活就业人员可以参加职工医保，第{}档每月缴费{}元，由本人承担。\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "pages").mkdir()
    for number in range(3):
        (folder / "pages" / f"page{number}.txt").write_text(TEXT.format(number, 300 + number), encoding="utf-8")
    return build_folder(folder / "kb", rebuild([folder / "pages"], folder / "kb", embedder=load_embedder()).build)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE slices SET row = 7 WHERE row = 2", "passages have rows 0 to 7, expected 0 to 2"),
        ("UPDATE articles SET row = 7 WHERE row = 0", "articles have rows 1 to 7, expected 0 to 2"),
        ("UPDATE slices SET tail = 'x' || tail WHERE row = 1", "belongs to no article, or not to the one it names"),
        ("UPDATE slices SET article = 99 WHERE row = 1", "belongs to no article"),
        ("DELETE FROM pages WHERE path = 'page1.txt'", "has no page"),
        ('UPDATE slices SET "end" = 1000 WHERE row = 0', "is no slice of its page: [10, 1000) of 44 characters"),
        ("UPDATE slices SET start = -3 WHERE row = 0", "is no slice of its page: [-3, 43) of 44 characters"),
        ('UPDATE slices SET "end" = start WHERE row = 0', "is no slice of its page: [10, 10) of 44 characters"),
        (
            "UPDATE slices SET start = 1 WHERE row = 0",
            "[1, 43) is not the text, or not under the headings, that its id",
        ),
        (
            "UPDATE slices SET heading_path = '[\"费用\"]' WHERE row = 0",
            "not under the headings, that its id was made of",
        ),
        (
            "UPDATE slices SET article = 1 WHERE row = 2; UPDATE articles SET last_passage = 2 WHERE row = 1",
            "does not stand behind",
        ),
        ("UPDATE slices SET article = 1 WHERE row = 2", "passage 2 belongs to no article, or not to the one it names"),
        ("UPDATE articles SET last_passage = 2 WHERE row = 1", "has 1 passages, expected 2"),
        (
            "INSERT INTO passage_duplicates SELECT id, 0, id, 1.0, 1 FROM passages WHERE row = 0",
            "which is no passage or in no whole group",
        ),
        ("UPDATE pages SET text = replace(text, '元', '角') WHERE path = 'page0.txt'", "is not the text"),
        ("DELETE FROM slices WHERE row = 2", "holds 2 passages, the manifest says 3"),
        ("UPDATE articles SET spans = '[]' WHERE row = 0", "page0.txt: character"),
    ],
)
def test_a_broken_rule_is_told(made: Path, tmp_path: Path, change: str, told: str) -> None:
    folder = Path(shutil.copytree(made, tmp_path / made.name))
    assert structure_problems(folder) == []
    connection = sqlite3.connect(folder / "records.sqlite")
    connection.executescript(change)
    connection.commit()
    connection.close()
    problems = structure_problems(folder)
    assert any(told in problem for problem in problems), problems
