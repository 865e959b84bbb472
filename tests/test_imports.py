"""Rooms and their doors: who may import whom, and which heavy library lives in which file. Read from the syntax trees."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.kb import KnowledgeBase

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(file for room in ("ingest", "index", "search_app") for file in (ROOT / room).rglob("*.py"))

# Each heavy library and the files that may import it (DESIGN of the project, docs/decisions.md).
HOMES = {
    "torch": {"index/model/transformer.py", "index/model/train.py"},
    "sentence_transformers": {"index/model/transformer.py", "index/model/train.py"},
    "transformers": set(),
    "faiss": {"index/store/vectors.py", "index/store/inner_products.py", "index/store/near.py"},
    "bs4": {"ingest/html/markup.py"},
    "ftfy": {"ingest/decoding/mojibake.py"},
    "opencc": {"index/ngrams.py"},
    "rensa": {"ingest/learning/duplicates.py"},
    "pyarrow": {"index/table_kinds.py"},
    "pytrec_eval": {"index/measures.py"},
    "sklearn": {"index/calibrate.py", "index/explore/projection.py", "index/explore/clusters.py"},
    "openTSNE": {"index/explore/projection.py"},
    "regex": {"index/explore/pattern.py"},
    "resvg_py": {"index/picture_file.py"},
    "pypinyin": set(),
    "qdrant_client": {"index/store/qdrant/client.py"},
    "qdrant_edge": {"index/store/qdrant/edge.py"},
    "ray": {f"index/build/ray_runner{part}.py" for part in ("", "_tasks", "_model")},
}
ALLOWED = {"ingest": {"ingest"}, "index": {"ingest", "index"}, "search_app": {"ingest", "index", "search_app"}}


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            yield node.module or ""


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_imports_point_one_way(file: Path) -> None:
    room = file.relative_to(ROOT).parts[0]
    rooms = {name.split(".")[0] for name in imported(file)} & set(ALLOWED)
    assert rooms <= ALLOWED[room]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_heavy_libraries_stay_in_their_files(file: Path) -> None:
    for name in imported(file):
        library = name.split(".")[0]
        if library in HOMES:
            assert name_of(file) in HOMES[library], f"{name_of(file)} imports {library}"
        if library == "streamlit":
            assert name_of(file) == "search_app/app.py" or name_of(file).startswith("search_app/views/")


def test_no_file_takes_the_name_of_a_drawer() -> None:
    drawers = {"utils", "helpers", "common", "misc", "core", "base", "manager", "service"}
    assert [name_of(file) for file in FILES if file.stem in drawers] == []


def test_the_command_line_starts_without_heavy_libraries() -> None:
    heavy = ("torch", "sentence_transformers", "transformers", "faiss", "bs4", "streamlit", "pandas", "numpy")
    code = f"import sys, search_app.cli, index; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"


# Each costs a search from its start what it takes to load; the reason stands where it is imported late.
NOT_FOR_A_SEARCH = (
    *("scipy", "pandas", "safetensors", "concurrent.futures", "tempfile"),
    *("index.answer", "index.answering.candidates", "index.answering.verdict", "index.question.official"),
    *("index.build.serving", "index.store.qdrant", "index.facets", "index.gold", "index.verify"),
    *("ingest.page", "ingest.facts.read", "ingest.facts.dates", "ingest.headings", "ingest.sentences", "ingest.find"),
)


def test_a_search_from_its_start_loads_only_what_it_reads(sample_kb: KnowledgeBase) -> None:
    code = (
        "import sys; from index import open_kb\n"
        f"assert open_kb({str(sample_kb.folder)!r}).search('失业以后医保谁来交')\n"
        f"print([name for name in {NOT_FOR_A_SEARCH} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"
