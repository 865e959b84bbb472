"""The concordance of the sample corpus: lines are slices of pages, orders are right, counts are of all places."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from index.explore.concordance import ORDERS, Concordance, Line
from index.explore.context_order import DEPTH, Side, neighbours, ordered
from index.explore.pattern import REASONS, PatternError
from index.filters import Filters
from index.kb import KnowledgeBase
from index.ngrams import fold
from index.question.sounds import readings
from search_app.cli import main
from search_app.render import escape
from search_app.views.address import Address
from search_app.views.explore.concordance_html import concordance_html, none_html, start_html, wrong_html
from search_app.words import TABLE, Words
from search_app.words.kwic import PATTERNS, PHRASES

WORDS = ("断缴", "医保", "的", "3个月", "等待期", "ＧＢ", "參保")


def page_texts(kb: KnowledgeBase) -> dict[str, str]:
    return {row["path"]: row["text"] for row in kb.records.query("SELECT path, text FROM pages")}


def counted(kb: KnowledgeBase, phrase: str, where: Filters | None = None) -> int:
    texts = kb.passages() if where is None else kb.passages()[lambda frame: frame.article_id.isin(_under(kb, where))]
    return sum(fold(text).count(fold(phrase)) for text in texts.text)


def _under(kb: KnowledgeBase, where: Filters) -> set[str]:
    from index.filters import allowed_articles

    return set(kb.articles().id[allowed_articles(kb.catalogue, where)])


@pytest.mark.parametrize("phrase", WORDS)
@pytest.mark.parametrize("sort", ORDERS)
def test_every_line_is_a_slice_of_its_page_and_every_place_stands_once(
    sample_kb: KnowledgeBase, phrase: str, sort: Any
) -> None:
    found = sample_kb.kwic(phrase, sort=sort, width=9, limit=None)
    pages, passages = page_texts(sample_kb), sample_kb.passages().set_index("id")
    assert found.matches == len(found) == counted(sample_kb, phrase)
    assert len({(line.path, line.start) for line in found}) == len(found)
    for line in found:
        page, passage = pages[line.path], passages.loc[line.passage_id]
        assert fold(line.match) == fold(phrase)
        assert page[line.start : line.end] == line.match
        assert page[max(passage.start, line.start - 9) : line.start] == line.left
        assert page[line.end : min(passage.end, line.end + 9)] == line.right
    assert [line.number for line in found] == list(range(1, len(found) + 1))
    assert found.passages == len({line.passage_id for line in found})


def _outwards(text: str) -> tuple[tuple[int, str, str], ...]:
    """What an order compares: signs, digits and Latin before Han by sound; what has ended comes first."""
    return tuple((1, readings(c)[0], c) if readings(c) else (0, "", c) for c in fold(text)[:DEPTH])


@pytest.mark.parametrize("sort", ["left", "right"])
def test_lines_stand_in_the_order_of_their_context_and_then_of_the_build(sample_kb: KnowledgeBase, sort: Any) -> None:
    in_build = {(line.path, line.start): line.number for line in sample_kb.kwic("医保", limit=None)}
    found = sample_kb.kwic("医保", sort=sort, limit=None)

    def key(line: Line) -> Any:
        return _outwards(line.left[::-1] if sort == "left" else line.right), in_build[line.path, line.start]

    assert len(found) > 100
    assert [key(line) for line in found] == sorted(key(line) for line in found)


@pytest.mark.parametrize("sort", ORDERS)
def test_a_page_of_lines_is_the_same_stretch_of_all_lines(sample_kb: KnowledgeBase, sort: Any) -> None:
    every = sample_kb.kwic("医保", sort=sort, limit=None)
    for offset in (0, 7, 50, len(every) - 3, len(every), 10_000):
        part = sample_kb.kwic("医保", sort=sort, limit=10, offset=offset)
        assert part.lines == every.lines[offset : offset + 10]
        assert (part.matches, part.after) == (every.matches, every.after)


@settings(deadline=None)
@given(st.lists(st.text("甲乙丙1，", max_size=6), min_size=1, max_size=30), st.data())
def test_any_stretch_of_an_order_is_right(texts: list[str], data: st.DataObject) -> None:
    codes = np.array([ord(c) for c in fold("".join(texts)) + "\n"], dtype=np.uint16)
    lengths = np.array([len(text) for text in texts])
    side = Side(codes, np.cumsum(lengths) - lengths, 1, lengths)
    offset = data.draw(st.integers(0, len(texts)))
    limit = data.draw(st.none() | st.integers(0, 10))
    expected = sorted(range(len(texts)), key=lambda at: (_outwards(texts[at]), at))
    wanted = expected[offset:] if limit is None else expected[offset : offset + limit]
    assert ordered(side, offset, limit).tolist() == wanted


def test_neighbours_are_counted_as_a_scan_counts_them(sample_kb: KnowledgeBase) -> None:
    found = sample_kb.kwic("医保", limit=None, width=8)
    for neighbour in found.after:
        assert neighbour.count == sum(fold(line.right).startswith(neighbour.text) for line in found)
        assert neighbour.text.isalnum()
    for neighbour in found.before:
        assert neighbour.count == sum(fold(line.left).endswith(neighbour.text) for line in found)
    pairs = Counter(pair for line in found if len(pair := fold(line.right)[:2]) == 2 and pair.isalnum())
    usual, count = pairs.most_common(1)[0]
    assert next(n for n in found.after if len(n.text) > 1).text[:2] == usual
    assert count >= 5
    assert all(one.count >= other.count for one, other in pairwise(found.after))


def test_a_neighbour_goes_on_while_most_of_its_places_do() -> None:
    texts = ["三个月以上", "三个月以上", "三个月以内", "三个月。", "三天", "一次"]
    codes = np.array([ord(c) for c in "".join(texts)], dtype=np.uint16)
    lengths = np.array([len(text) for text in texts])
    side = Side(codes, np.cumsum(lengths) - lengths, 1, lengths)
    assert [(n.text, n.count) for n in neighbours(side, 5)] == [("三个月", 4)]  # 以 follows three of four, too few


@pytest.mark.parametrize("where", [Filters(regions="湖北"), Filters(schemes="职工医保"), Filters(since="2025-06")])
@pytest.mark.parametrize(("pattern", "regex"), [("断缴", False), ("断缴|等待期", True), (r"[^。]*断缴", True)])
def test_a_sub_corpus_has_the_lines_of_its_articles(
    sample_kb: KnowledgeBase, where: Filters, pattern: str, regex: bool
) -> None:
    inside = _under(sample_kb, where)
    every = sample_kb.kwic(pattern, regex=regex, limit=None)
    found = sample_kb.kwic(pattern, regex=regex, where=where, limit=None)
    expected = [(line.path, line.start, line.match) for line in every if line.article_id in inside]
    assert [(line.path, line.start, line.match) for line in found] == expected
    assert 0 < found.matches < every.matches
    assert found.sources.passages == len({line.passage_id for line in found})


def test_all_is_said_in_a_frame_and_in_json(sample_kb: KnowledgeBase) -> None:
    found = sample_kb.kwic(r"\d+个月", regex=True, sort="left", width=5, limit=3)
    frame = found.to_frame()
    assert list(frame.columns) == ["build", "number", *frame.columns[2:]]
    assert frame.match.tolist() == [line.match for line in found]
    said = json.loads(json.dumps(found.as_dict(), ensure_ascii=False))
    assert (said["regex"], said["sort"], said["matches"], len(said["lines"])) == (True, "left", found.matches, 3)
    assert said["sources"]["passages"] == found.passages
    assert repr(found) == rf"Concordance('\\d+个月', {found.matches} matches in {found.passages} passages, 3 lines)"
    assert sample_kb.kwic("没有这样的话").to_frame().columns.tolist() == frame.columns.tolist()
    with pytest.raises(PatternError, match="expected 1 to 500 characters"):
        sample_kb.kwic("  ")


def _run(kb: KnowledgeBase, *words: str) -> Any:
    return CliRunner().invoke(main, ["kwic", "--kb", str(kb.folder), *words])


def test_the_command_shows_lines_and_writes_tables(sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    every = sample_kb.kwic("断缴", sort="right", limit=None)
    told = _run(sample_kb, "断缴", "--sort", "right", "-n", "3")
    assert told.exit_code == 0
    assert told.stdout.startswith(f"{every.matches} matches in {every.passages} passages")
    assert f"{every[0].path} [{every[0].start}, {every[0].end})" in told.stdout
    assert f"and {every.matches - 3} more; -n {every.matches} shows all" in told.stdout
    said = json.loads(_run(sample_kb, "断缴", "--sort", "right", "-n", "3", "--json").stdout)
    assert [line["start"] for line in said["lines"]] == [line.start for line in every.lines[:3]]
    file = tmp_path / "gap.csv"
    assert _run(sample_kb, "断缴", "--output", str(file)).exit_code == 0
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) >= every.matches + 1
    assert "@online{" in _run(sample_kb, "断缴", "--format", "bibtex").stdout
    bad = _run(sample_kb, "断缴(", "--regex")
    assert (bad.exit_code, bad.stdout) == (1, "")
    assert "断缴(⟶" in bad.stderr


def test_every_example_finds_something(sample_kb: KnowledgeBase) -> None:
    for phrase in PHRASES:
        assert sample_kb.kwic(phrase, limit=1).matches, phrase
    for pattern, _ in PATTERNS:
        assert sample_kb.kwic(pattern, regex=True, limit=1).matches, pattern


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_shown_becomes_markup(sample_kb: KnowledgeBase, lang: Any) -> None:
    say, evil = Words(lang), "<img src=x onerror=alert(1)>\"'"
    here = Address(view="explore", part="kwic", q=evil)
    line = Line(1, 0, "p", "a", evil, evil, evil, evil, evil, 3, 9, "2025-01-01", (evil,))
    some = sample_kb.kwic("断缴", limit=1)
    found = Concordance("b", evil, False, "right", Filters(), 1, some.sources, some.before, some.after, (line,))
    for html in (
        concordance_html(found, 1, 20, here, say),
        none_html(found, here, say),
        wrong_html(PatternError(evil, 4, "engine", evil), here, say),
        start_html(here, say),
    ):
        assert "<img" not in html
        assert "onerror" not in html or escape(evil)[:12] in html


def test_every_reason_is_told_in_both_languages() -> None:
    assert all(f"kwic_why_{kind}" in TABLE for kind in REASONS)
