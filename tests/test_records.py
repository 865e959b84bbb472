"""A passage is a slice of its page: the view, the readers of many texts and Python agree, whatever the page holds."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.build.texts import context_texts, embedded_texts, titled_passages
from index.kb import KnowledgeBase
from index.store import StoreError
from index.store.recording import Cleaned, rows_of, write_records
from index.store.records import Records
from ingest.clean import Article
from ingest.facts.sources import Source
from ingest.page import Page, page_from_bytes
from ingest.passages import Passage

# Of one to four bytes, white space that some tools trim, and what is no text at all, but not what no page holds.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60) | st.text(
    "a医\U0001f600\U0002a6a5\u200b\ufeff\n\r '\"\ufffd\uffff", min_size=1, max_size=60
)


@st.composite
def cut(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    """Draw the text of a page and slices of it, in order."""
    text = draw(TEXTS)
    borders = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=6)))
    return text, list(pairwise(borders)) if draw(st.booleans()) else [(borders[0], borders[-1])]


def cleaned(number: int, text: str, slices: Sequence[tuple[int, int]]) -> Cleaned:
    """Return a page with these passages."""
    page = page_from_bytes("甲".encode(), path=f"p{number}.txt")
    page = replace(page, text=text, blocks=())
    article = Article(
        id=page.id,
        path=page.path,
        title=f"题{number}",
        short_answer=None,
        body=(),
        headings=(),
        sections=(),
        spans=((0, len(text)),),
        body_text=text,
        facts=(),
        removals=(),
        confidence=1.0,
        doubts=(),
        heading_texts={},
        source=Source("unknown", ""),
    )
    path = ("章", '"节"') if number % 2 else ()
    passages = [
        Passage(f"{page.id}.{place}", page.id, path, start, end, text[start:end])
        for place, (start, end) in enumerate(slices)
    ]
    return Cleaned(page, article, passages)


@pytest.fixture
def pages() -> list[Cleaned]:
    return [cleaned(0, "一二三四五\n六七", [(0, 3), (3, 8)]), cleaned(1, "\U0001f600医保\U0002a6a5", [(1, 4)])]


@pytest.fixture
def file(tmp_path: Path, pages: list[Cleaned]) -> Path:
    write_records(tmp_path / "records.sqlite", pages)
    return tmp_path / "records.sqlite"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(cut(), min_size=1, max_size=4))
def test_any_text_and_slices_come_back(tmp_path: Path, made: list[tuple[str, list[tuple[int, int]]]]) -> None:
    file = tmp_path / "records.sqlite"
    write_records(file, [cleaned(number, *one) for number, one in enumerate(made)])
    expected = [text[start:end] for text, slices in made for start, end in slices]
    with closing(sqlite3.connect(file)) as plain:
        assert [text for (text,) in plain.execute("SELECT text FROM passages ORDER BY row")] == expected
    with closing(Records(file)) as records:
        assert list(records.texts()) == expected
        assert [row["text"] for row in records.with_texts("SELECT * FROM slices ORDER BY row")] == expected
        backwards = records.with_texts("SELECT * FROM slices ORDER BY id DESC")
        assert {row["row"]: row["text"] for row in backwards} == dict(enumerate(expected))
        assert [row["text"] for row in records.passages(range(len(expected))).values()] == expected


def test_a_nul_is_refused_where_it_would_cut_passages_short(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"p0\.txt: found a NUL"):
        write_records(tmp_path / "records.sqlite", [cleaned(0, "一\0二", [(0, 3)])])


@given(data=st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_page_holds_a_nul_or_half_a_pair(data: bytes) -> None:
    for read in (
        _page(data, "p.txt"),
        _page(b"<html><body><p>&#0;\\0&#xD800;" + data + b"</p></body></html>", "p.html"),
    ):
        for page in read:
            assert "\0" not in page.text
            page.text.encode()


def _page(data: bytes, path: str) -> Iterator[Page]:
    from ingest.page import BadPage

    try:
        yield page_from_bytes(data, path=path)
    except BadPage:
        return


def test_texts_are_read_in_the_order_of_rows(file: Path) -> None:
    with closing(Records(file)) as records:
        assert list(records.texts()) == ["一二三", "四五\n六七", "医保\U0002a6a5"]
        assert list(context_texts(records)) == ["题0", "题0", '题1\n章\n"节"']
        assert list(embedded_texts(records)) == [
            "题0\n一二三",
            "题0\n四五\n六七",
            '题1\n章\n"节"\n医保\U0002a6a5',
        ]
        assert list(titled_passages(records)) == [("题0", ["一二三", "四五\n六七"]), ("题1", ["医保\U0002a6a5"])]


def test_passages_lie_in_the_file_without_their_text(file: Path) -> None:
    with closing(sqlite3.connect(file)) as plain:
        assert [row[1] for row in plain.execute("PRAGMA table_info(slices)")] == [
            *("row", "id", "article_id", "heading_path", "start", "end")
        ]
        assert file.read_bytes().count("四五\n六七".encode()) == 1


def test_equal_input_gives_equal_bytes(tmp_path: Path, file: Path, pages: list[Cleaned]) -> None:
    write_records(tmp_path / "again.sqlite", pages)
    digests = {sha256(one.read_bytes()).hexdigest() for one in (file, tmp_path / "again.sqlite")}
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM pages WHERE path = 'p1.txt'", "is missing"),
        ("UPDATE slices SET start = 'x' WHERE row = 1", "has no bounds"),
    ],
)
def test_a_passage_without_page_or_bounds_is_told(file: Path, change: str, told: str) -> None:
    with closing(sqlite3.connect(file)) as plain:
        plain.execute(change)
        plain.commit()
    with closing(Records(file)) as records, pytest.raises(StoreError, match=told):
        records.with_texts("SELECT * FROM slices ORDER BY row")


def test_articles_out_of_order_are_told(file: Path) -> None:
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("UPDATE articles SET row = row + 5 WHERE row = 0")
        plain.commit()
    with closing(Records(file)) as records, pytest.raises(StoreError, match="not in the order of its passages"):
        list(records.texts())


_OF_THE_TEXT = ("SUBQUERY", "pages_by_id")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id, text FROM passages WHERE row = ?",
        "SELECT row, text FROM passages WHERE id = ?",
        "SELECT id, text FROM passages WHERE article_id = ? ORDER BY row",
        "SELECT id, text FROM passages WHERE ? ORDER BY row",
        "SELECT count(*) FROM passages WHERE ?",
        "SELECT row, text FROM passage_duplicates JOIN passages ON id = passage_id WHERE group_id = ?",
        "SELECT id, group_id FROM passages LEFT JOIN passage_duplicates ON passage_id = id WHERE row = ?",
        "SELECT path, title FROM passages JOIN articles ON articles.id = article_id JOIN pages ON pages.id = article_id"
        " WHERE passages.id = ?",
    ],
)
def test_the_view_is_planned_like_its_table(file: Path, sql: str) -> None:
    plain_sql = re.sub(
        r"(FROM|JOIN) passages\b", r"\1 slices AS passages", sql.replace(", text", ", article_id, start")
    )
    with closing(sqlite3.connect(file)) as plain:
        table, view = (
            [row[3].replace("slices", "passages") for row in plain.execute(f"EXPLAIN QUERY PLAN {one}", (1,))]
            for one in (plain_sql, sql)
        )
    of_the_text = view[len(table) :]
    assert view[: len(table)] == table
    assert all(any(word in line for word in _OF_THE_TEXT) for line in of_the_text)
    assert bool(of_the_text) == ("text" in sql)


def test_the_examples_of_the_documentation_work(sample_kb: KnowledgeBase) -> None:
    document = (Path(__file__).resolve().parents[1] / "docs" / "formats.md").read_text("utf-8")
    sql, python = (document.split(f"```{language}\n")[1].split("```")[0] for language in ("sql", "python"))
    with closing(sqlite3.connect(sample_kb.records.file)) as plain:
        rows = plain.execute(sql).fetchall()
    assert len(rows) == 10
    assert all("医保" in text for *_, text in rows)
    names: dict[str, pd.DataFrame] = {}
    exec(python.replace('"kb"', repr(str(sample_kb.folder))), names)
    assert list(names["passages"]["text"]) == list(sample_kb.records.texts())


@given(path=st.lists(st.text(), max_size=4))
def test_a_heading_path_is_written_as_json_is(path: list[str]) -> None:
    entry = cleaned(0, "一二三", [(0, 3)])
    (passage,) = entry.passages
    rows = rows_of(replace(entry, passages=[replace(passage, heading_path=tuple(path))]))
    assert rows["slices"] == [
        [passage.id, passage.article_id, json.dumps(path, ensure_ascii=False, separators=(",", ":")), 0, 3]
    ]
