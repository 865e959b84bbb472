"""What is prepared of a build for exploring: made once, whole, and read as it was made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from index import open_kb
from index.build.build import rebuild
from index.explore.prepare import parts, prepare
from index.explore.prepared import FOLDER, NotPrepared, Part, is_made, made
from index.explore.text import PART, SEPARATOR, corpus_text
from index.kb import KnowledgeBase
from index.model import load_embedder
from search_app.cli import main

PAGES = (
    "医保断缴以后怎么办\n\n断缴期间不能报销住院费用，补缴以后恢复待遇。\n\n灵活就业人员可以自己缴费，按年或者按月都行。",
    "职工医保怎么接上\n\n单位停保以后，职工醫保ＡＢＣ😀怎么办：可以按灵活就业人员接着缴费，不要断开。\n\n退休以前要缴满规定的年限。",
)


@pytest.fixture
def kb(make_kb: Callable[..., KnowledgeBase]) -> KnowledgeBase:
    return make_kb(*PAGES)


def counting(name: str = "text") -> tuple[Part, list[str]]:
    """A part that notes each time it is made."""
    notes: list[str] = []

    def make(kb: KnowledgeBase, folder: Path, _: object) -> None:
        notes.append(kb.build)
        (folder / "made").write_text(kb.build)

    return Part(name, ("index/explore/text.py",), make), notes


def test_a_part_is_made_once(kb: KnowledgeBase) -> None:
    part, notes = counting()
    assert not is_made(kb, part)
    folder = made(kb, part)
    assert folder.parent == kb.path / FOLDER
    assert made(kb, part) == folder
    assert notes == [kb.build]
    assert (folder / "made").read_text() == kb.build
    assert is_made(kb, part)


def test_other_code_makes_it_anew_in_place_of_the_older(kb: KnowledgeBase) -> None:
    part, notes = counting()
    older = made(kb, part)
    newer = made(kb, Part(part.name, ("index/explore/prepared.py",), part.make))
    assert newer != older
    assert [folder.name for folder in newer.parent.iterdir()] == [newer.name]
    assert len(notes) == 2


def test_a_part_that_fails_leaves_nothing(kb: KnowledgeBase) -> None:
    def make(_: KnowledgeBase, folder: Path, __: object) -> None:
        (folder / "half").write_text("")
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        made(kb, Part("text", (), make))
    assert list((kb.path / FOLDER).iterdir()) == []


def test_a_large_build_is_not_made_on_the_way(kb: KnowledgeBase) -> None:
    part, notes = counting()
    with pytest.raises(NotPrepared, match=r"not prepared for exploring \(text is missing\); run `policykb prepare"):
        made(kb, part, most=1)
    assert notes == []
    made(kb, part, most=None)
    assert notes == [kb.build]


def test_a_place_that_cannot_be_written_is_told(kb: KnowledgeBase) -> None:
    (kb.path / FOLDER).write_text("a file stands where the folder belongs")
    with pytest.raises(NotPrepared, match=r"explore/text-.*cannot be written"):
        made(kb, counting()[0])


def test_the_text_has_every_passage_at_its_place(kb: KnowledgeBase) -> None:
    found = corpus_text(kb)
    texts = list(kb.passages()["text"])
    assert len(found.starts) == len(texts) + 1
    assert [len(found.passage(row)) for row in range(len(texts))] == [len(text) for text in texts]
    assert "职工医保abc\ufffd怎么办" in found.text
    assert found.text.count(SEPARATOR) == sum(text.count(SEPARATOR) + 1 for text in texts)
    places = np.array([0, found.starts[1] - 1, found.starts[1], len(found.text) - 1])
    assert found.rows_of(places).tolist() == [0, 0, 1, len(texts) - 1]


def test_two_makes_of_a_part_are_the_same_bytes(kb: KnowledgeBase, tmp_path: Path) -> None:
    rebuild([tmp_path / "made"], tmp_path / "again", embedder=load_embedder("bundled"))
    again = open_kb(tmp_path / "again")
    assert again.build == kb.build
    for base in (kb, again):
        assert prepare(base) == tuple(part.name for part in parts())
    for part in parts():
        one, other = part.folder(kb), part.folder(again)
        assert one.name == other.name
        files = sorted(file.name for file in one.iterdir())
        assert files
        assert files == sorted(file.name for file in other.iterdir())
        assert [(one / name).read_bytes() for name in files] == [(other / name).read_bytes() for name in files]
    assert prepare(kb) == ()


def test_the_command_makes_what_is_missing(kb: KnowledgeBase) -> None:
    command = ["prepare", "--kb", str(kb.folder), "--json"]
    first, second = (CliRunner().invoke(main, command) for _ in range(2))
    assert json.loads(first.stdout) == {"build": kb.build, "made": [part.name for part in parts()]}
    assert json.loads(second.stdout) == {"build": kb.build, "made": []}
    assert is_made(kb, PART)
