"""docs/reference.md is what the docstrings say, and holds every method of KnowledgeBase and what each gives."""

from __future__ import annotations

import inspect
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from index.kb import KnowledgeBase

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_docstrings_say(maker: ModuleType) -> None:
    committed = maker.PAGE.read_text(encoding="utf-8")
    assert committed == maker.make_reference(), "run `python docs/make_reference.py`"


def test_every_method_is_listed_with_its_own_words_and_what_it_gives(maker: ModuleType) -> None:
    page = maker.make_reference()
    for name, member in inspect.getmembers(KnowledgeBase):
        if name.startswith("_"):
            continue
        docstring = inspect.getdoc(member) or ""
        assert len(docstring) > 20, f"KnowledgeBase.{name} says nothing"
        assert docstring.partition("\n")[0] in page, name
        assert f"### kb.{name}\n" in page if inspect.isfunction(member) else f"- `kb.{name}`: " in page
    for given in ("Hits", "Hit", "Answer", "Citation", "Filters", "Concordance", "Keyness", "Conflicts", "CorpusCard"):
        assert f"\n### {given}\n" in page, given
    assert "search(query: str, *, k: int = 10, mode: Mode = 'hybrid', filters: Filters | None = None" in page
    assert "### Mode\n\n`Literal['hybrid', 'dense', 'lexical']`" in page
    assert re.search(r"```pycon\n>>> kb\.knows\(.*\n\(True, False\)\n```", page)
