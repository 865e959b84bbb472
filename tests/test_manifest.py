"""What a search reads of a manifest, and what only those read who ask for the pages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from index.build.manifest import read_head, read_manifest
from index.kb import KnowledgeBase, open_kb
from index.store import StoreError


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
