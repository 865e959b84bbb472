"""Saved searches: what a line may say, and the errors that name the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.filters import Filters
from index.saved import SavedSearch, SearchesError, find_searches, page_roots, read_searches, search_files


def read(folder: Path, line: str) -> tuple[SavedSearch, ...]:
    (folder / "s.jsonl").write_text(line, "utf-8")
    return read_searches(folder / "s.jsonl")


def test_filters_are_words_lists_and_dates(tmp_path: Path) -> None:
    line = (
        '{"query": "医保", "filters": {"region": "湖南", "scheme": ["职工医保", "居民医保"], "year": ["2024", "-"],'
        ' "site": "-", "confidence": "sure", "since": "2025-04", "until": "2025"}}'
    )
    filters = Filters(
        ("湖南",), ("职工医保", "居民医保"), "2025-04", "2025", years=("2024", "-"), sites=("-",), confidence=("sure",)
    )
    assert read(tmp_path, line) == (SavedSearch("医保", "医保", filters),)
    assert read(tmp_path, "\ufeff\n") == ()
    assert find_searches(tmp_path) == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[", "line 2: not JSON"),
        ('"医保"', "line 2: found '\"医保\"'"),
        ('{"name": "x"}', "line 2: found no query"),
        ('{"query": " "}', "line 2: found no query"),
        ('{"query": "x", "filter": {}}', "line 2: found filter"),
        ('{"query": "x", "name": 3}', "line 2: a name is text"),
        ('{"query": "x", "filters": {"place": "湖南"}}', "line 2: found the filters place"),
        ('{"query": "x", "filters": {"region": [1]}}', r"line 2: region is \[1\]"),
        ('{"query": "x", "filters": {"year": 2025}}', "line 2: year is 2025, expected a word or a list of words"),
        (
            '{"query": "x", "filters": {"confidence": "high"}}',
            "line 2: confidence is 'high', expected sure or doubtful",
        ),
        ('{"query": "x", "filters": {"since": "last year"}}', "line 2: since is 'last year'"),
        ('{"query": "x", "filters": {"until": "2025-13"}}', "line 2: until is '2025-13'"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(SearchesError, match=message):
        read(tmp_path, '{"query": "好"}\n' + line)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SearchesError, match=r"none\.jsonl: cannot be read"):
        read_searches(tmp_path / "none.jsonl")


def test_questions_beside_the_corpus_come_first_and_those_of_the_base_add_to_them(tmp_path: Path) -> None:
    pages, kb = tmp_path / "corpus" / "pages", tmp_path / "kb"
    pages.mkdir(parents=True)
    kb.mkdir()
    (kb / "searches.jsonl").write_text('{"query": "生育津贴"}\n', "utf-8")
    assert [one.name for one in find_searches(kb, [pages])] == ["生育津贴"]
    (tmp_path / "corpus" / "searches.jsonl").write_text('{"query": "医保"}\n', "utf-8")
    assert [one.name for one in find_searches(kb, [pages])] == ["医保", "生育津贴"]
    assert find_searches(tmp_path / "none", [pages / "a.txt"]) == (SavedSearch("医保", "医保", Filters()),)
    assert search_files(tmp_path / "corpus", [pages, pages / "sub"]) == (tmp_path / "corpus" / "searches.jsonl",)


def test_a_name_that_two_lines_have_is_told_with_both_places(tmp_path: Path) -> None:
    pages, kb = tmp_path / "pages", tmp_path / "kb"
    pages.mkdir()
    kb.mkdir()
    (tmp_path / "searches.jsonl").write_text('\n{"query": "医保", "name": "一"}\n', "utf-8")
    (kb / "searches.jsonl").write_text('{"query": "社保", "name": "一"}\n', "utf-8")
    with pytest.raises(SearchesError) as raised:
        find_searches(kb, [pages])
    assert str(raised.value).startswith(f"{kb}/searches.jsonl, line 1: found the name '一' again")
    assert f"{tmp_path}/searches.jsonl, line 2" in str(raised.value)
    assert "give it another" in str(raised.value)


def test_the_folders_of_pages_are_read_off_the_manifest() -> None:
    files = {"a.txt": "/srv/pages/a.txt", "sub/b.txt": "/srv/pages/sub/b.txt", "c.txt": "relative/c.txt"}
    manifest = {"made": {"files": files}}
    assert page_roots(manifest) == (Path("/srv/pages"), Path("/srv/pages/sub"))
    assert page_roots({"made": {}}) == ()
