"""Saved searches: what a line may say, and the errors that name the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.filters import Filters
from index.saved import SavedSearch, SearchesError, find_searches, read_searches


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
