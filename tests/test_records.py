"""A passage is a slice of its page: the view, the readers of many texts and Python agree, whatever the page holds."""

from __future__ import annotations

import json
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
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffe\uffff"), min_size=1, max_size=60
) | st.text("a医\U0001f600\U0002a6a5\u200b\ufeff\n\r '\"\ufffd\U000fffff", min_size=1, max_size=60)


SLICES = 'SELECT row, id, article_id, start, "end" FROM passages'


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
        assert [row["text"] for row in records.with_texts(f"{SLICES} ORDER BY row")] == expected
        backwards = records.with_texts(f"{SLICES} ORDER BY id DESC")
        assert {row["row"]: row["text"] for row in backwards} == dict(enumerate(expected))
        assert [row["text"] for row in records.passages(range(len(expected))).values()] == expected


@pytest.mark.parametrize("count", [31, 32, 33, 70, 1500])
def test_rows_of_several_statements_are_all_there_in_order(tmp_path: Path, count: int) -> None:
    file = tmp_path / "records.sqlite"
    text = "".join(chr(0x4E00 + number) for number in range(count))
    write_records(file, [cleaned(number, text, [(at, at + 1) for at in range(count)]) for number in range(2)])
    with closing(sqlite3.connect(file)) as plain:
        rows = plain.execute('SELECT row, article, tail, start, "end" FROM slices').fetchall()
    assert rows == [(at + count * n, n, f".{at}", at, at + 1) for n in range(2) for at in range(count)]


@pytest.mark.parametrize(("character", "name"), [("\0", "NUL"), ("\ufffe", r"U\+FFFE"), ("\uffff", r"U\+FFFF")])
def test_what_sqlite_does_not_keep_is_refused(tmp_path: Path, character: str, name: str) -> None:
    with pytest.raises(ValueError, match=rf"p0\.txt: found a {name}"):
        write_records(tmp_path / "records.sqlite", [cleaned(0, f"一{character}二", [(0, 3)])])


def test_bounds_count_characters_beyond_the_basic_plane_once(tmp_path: Path) -> None:
    file = tmp_path / "records.sqlite"
    write_records(file, [cleaned(0, "𠮷野家\n在𠮷", [(0, 3), (1, 5), (5, 6)])])
    with closing(sqlite3.connect(file)) as plain:
        told = plain.execute('SELECT text, length(text), "end" - start FROM passages ORDER BY row').fetchall()
    assert told == [("𠮷野家", 3, 3), ("野家\n在", 4, 4), ("𠮷", 1, 1)]
    with closing(Records(file)) as records:
        assert list(records.texts()) == [text for text, *_ in told]


@given(data=st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_page_holds_a_nul_or_half_a_pair(data: bytes) -> None:
    for read in (
        _page(data, "p.txt"),
        _page(b"<html><body><p>&#0;\\0&#xD800;&#xFFFE;&#65535;" + data + b"</p></body></html>", "p.html"),
    ):
        for page in read:
            assert not {"\0", "\ufffe", "\uffff"} & {*page.text}
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
            *("row", "article", "tail", "heading_path", "start", "end")
        ]
        assert file.read_bytes().count("四五\n六七".encode("utf-16-be")) == 1


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
        records.with_texts(f"{SLICES} ORDER BY row")


def test_articles_out_of_order_are_told(file: Path) -> None:
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("UPDATE articles SET row = row + 5 WHERE row = 0")
        plain.commit()
    with closing(Records(file)) as records, pytest.raises(StoreError, match="not in the order of its passages"):
        list(records.texts())


_SLICE = "SEARCH slices USING INTEGER PRIMARY KEY (rowid=?)"
_ARTICLE = "SEARCH articles USING INTEGER PRIMARY KEY (rowid=?)"
_TEXT = ["CORRELATED SCALAR SUBQUERY", "SEARCH pages USING INDEX pages_by_id (id=?)"]


@pytest.mark.parametrize(
    ("sql", "plan"),
    [
        ("SELECT id, text FROM passages WHERE row = ?", [_SLICE, _ARTICLE, *_TEXT]),
        ("SELECT id, start FROM passages WHERE row = ?", [_SLICE, _ARTICLE]),
        (
            "SELECT id, text FROM passages WHERE article_id = ? ORDER BY row",
            [
                "SEARCH articles USING INDEX articles_by_id (id=?)",
                "SEARCH slices USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
                *_TEXT,
            ],
        ),
        ("SELECT id, text FROM passages WHERE ? ORDER BY row", ["SCAN slices", _ARTICLE, *_TEXT]),
        (
            "SELECT row, text FROM passage_duplicates JOIN passages ON row = passage_row WHERE group_id = ?",
            ["SEARCH passage_duplicates USING PRIMARY KEY (group_id=?)", _SLICE, _ARTICLE, *_TEXT],
        ),
        (
            "SELECT evidence FROM removals WHERE page_id = ?",
            [
                "SEARCH pages USING COVERING INDEX pages_by_id (id=?)",
                "SEARCH removed USING INDEX removed_of_page (page=?)",
                "SEARCH reasons USING INTEGER PRIMARY KEY (rowid=?)",
            ],
        ),
    ],
)
def test_the_views_read_no_more_than_they_are_asked_for(file: Path, sql: str, plan: list[str]) -> None:
    with closing(sqlite3.connect(file)) as plain:
        found = [str(row[3]) for row in plain.execute(f"EXPLAIN QUERY PLAN {sql}", (1,))]
    assert [line.rstrip(" 0123456789") for line in found] == plan


def test_rows_are_found_by_ids(file: Path, pages: list[Cleaned]) -> None:
    ids = [passage.id for page in pages for passage in page.passages]
    articles = [page.article.id for page in pages]
    with closing(Records(file)) as records:
        assert records.rows_of(reversed(ids)) == dict(zip(ids, range(3), strict=True))
        # Before all, behind all, between, an article, nothing, half a pair, with an end inside.
        assert records.rows_of(["", "~", f"{ids[0]}x", ids[0][:-1], articles[0], "\ud800", f"{ids[0]}\0x"]) == {}
        assert records.rows_of_articles([articles[1], "x"]) == [2]
        assert records.rows_of_articles(articles) == [0, 1, 2]
        assert records.rows_of_articles([f"{articles[0]}\0x"]) == []


def test_an_article_that_names_more_passages_than_there_are_has_its_own(file: Path, pages: list[Cleaned]) -> None:
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("UPDATE articles SET last_passage = 9 WHERE row = 0")
        plain.commit()
    with closing(Records(file)) as records:
        assert records.rows_of_articles([pages[0].article.id]) == [0, 1]


def test_records_that_were_read_in_again_from_a_dump_are_refused(file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(file)) as plain, closing(sqlite3.connect(tmp_path / "other.sqlite")) as other:
        other.executescript("\n".join(plain.iterdump()))
    with pytest.raises(StoreError, match="holds UTF-8, expected UTF-16be"):
        Records(tmp_path / "other.sqlite")


def test_a_page_whose_text_is_no_text_is_told(file: Path) -> None:
    with closing(sqlite3.connect(file)) as plain:
        # The first half of a pair of UTF-16 without the second.
        plain.execute("UPDATE pages SET text = CAST(x'D842' AS TEXT) WHERE number = 1")
        plain.commit()
    with closing(Records(file)) as records:
        with pytest.raises(StoreError, match="is missing or no text"):
            records.with_texts(f"{SLICES} ORDER BY row")
        with pytest.raises(StoreError, match="is missing or no text"):
            list(records.texts())


def test_removals_that_share_a_reason_name_it_once(sample_kb: KnowledgeBase) -> None:
    with closing(sqlite3.connect(sample_kb.records.file)) as plain:
        reasons = plain.execute("SELECT rule, evidence, confidence FROM reasons").fetchall()
        removals = plain.execute("SELECT rule, evidence, confidence FROM removals").fetchall()
    assert len(reasons) == len(set(reasons)) == len(set(removals)) < len(removals)


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
        [passage.id.removeprefix(passage.article_id), json.dumps(path, ensure_ascii=False, separators=(",", ":")), 0, 3]
    ]
