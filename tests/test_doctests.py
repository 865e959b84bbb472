"""The examples in the docstrings of what researchers call run, with the sample base as `kb`."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from index.kb import KnowledgeBase

ROOT = Path(__file__).resolve().parents[1]
FILES = [
    *(ROOT / "index" / name for name in ("answer.py", "frames.py", "kb.py", "opened.py", "picture_file.py")),
    *sorted((ROOT / "index" / "explore").glob("*.py")),
    *sorted((ROOT / "index" / "conflicts").glob("*.py")),
]
# Who has no examples has none to run; these are the way in and must have some.
PUBLIC = ("index.kb", "index.frames", "index.explore.exploring")


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def examples(name: str, kb: KnowledgeBase | None) -> list[doctest.DocTest]:
    module = import_module(name)
    found = doctest.DocTestFinder().find(module, globs={**vars(module), "kb": kb})
    return [test for test in found if test.examples]


@pytest.mark.parametrize("name", [*map(module_of, FILES)])
def test_examples_give_what_they_show(name: str, sample_kb: KnowledgeBase) -> None:
    told: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for test in examples(name, sample_kb):
        runner.run(test, out=told.append)
    if told:
        pytest.fail("".join(told))  # as doctest tells it, with the line


def test_the_way_in_has_examples() -> None:
    assert [name for name in PUBLIC if not examples(name, None)] == []
