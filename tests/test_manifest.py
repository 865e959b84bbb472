"""What a search reads of a manifest, and what only those read who ask for the pages."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from index.build.manifest import _DECIDING, FORMAT, read_head, read_manifest
from index.kb import KnowledgeBase, open_kb
from index.store import StoreError

ROOT = Path(__file__).resolve().parents[1]


def test_the_head_names_no_page(sample_kb: KnowledgeBase) -> None:
    head, whole = read_head(sample_kb.path), read_manifest(sample_kb.path)
    paths = {page["path"] for page in whole["inputs"]["pages"]}
    assert len(paths) == whole["counts"]["pages"]
    assert whole["made"]["files"].keys() == paths
    assert all(Path(file).is_file() for file in whole["made"]["files"].values())
    assert not any(path in (sample_kb.path / "manifest.json").read_text("utf-8") for path in paths)
    assert head.keys() == whole.keys()


@pytest.mark.parametrize("name", ["pages.json", "places.json"])
def test_a_search_does_not_read_what_lists_pages(sample_kb: KnowledgeBase, tmp_path: Path, name: str) -> None:
    shutil.copytree(sample_kb.folder, tmp_path / "kb")
    kb = open_kb(tmp_path / "kb")
    (kb.path / name).unlink()
    hits = kb.search("失业以后医保谁来交")
    assert [hit.passage_id for hit in hits] == [hit.passage_id for hit in sample_kb.search("失业以后医保谁来交")]
    with pytest.raises(StoreError, match=rf"{name}: damaged"):
        _ = kb.manifest


def test_code_that_writes_what_a_search_reads_decides_the_id_of_a_build() -> None:
    deciding = {file for pattern in _DECIDING for file in ROOT.glob(pattern)}
    writing = {
        file
        for file in ROOT.glob("index/build/*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("index.store.")
        and any(alias.name.startswith("write_") for alias in node.names)
    }
    assert {"make.py", "group.py"} <= {file.name for file in writing}
    assert writing <= deciding


def test_the_format_is_the_one_that_is_written_down() -> None:
    assert f"| `format` | {FORMAT}; other formats" in (ROOT / "docs" / "formats.md").read_text("utf-8")
