"""Lists as files: what goes in comes back, nothing in a page becomes a formula or markup, and every file names its origin."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import bibtexparser
import click
import numpy as np
import pandas as pd
import pytest
import rispy
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from index.escaping import markdown_text, xml_text
from index.filters import Filters
from index.kb import KnowledgeBase
from index.references import one_line
from index.table import KINDS, Origin, Table, cited, kinds_of, table_file, table_of_frame
from index.table_kinds import guarded, unguarded
from search_app import options
from search_app.options import table_options
from search_app.table_out import NotWritten, command_line, write_picture, write_table

HUNAN = Filters(regions=("湖南省",))
FORGED = (
    "=1+1",
    "</td><script>alert(1)</script>",
    "| a | b |\n[x](http://evil.example) `c` ![i](u) <b> www.evil.example",
)


def made_table(kb: KnowledgeBase, *texts: str) -> Table:
    hits = kb.search("断缴三个月", k=3)
    rows = [
        (hit.rank, hit.score, hit.regions, text, None, np.int64(7), float("nan"), bool(hit.rank % 2), hit.passage_id)
        for hit, text in zip(hits, texts or ("甲", "乙", "丙"), strict=False)
    ]
    columns = ("rank", "score", "regions", "text", "nothing", "count", "figure", "odd", "passage_id")
    origin = Origin(kb.build, "policykb kwic '断缴 x' --region 湖南省", HUNAN)
    return Table("kwic", columns, rows, origin, title="断缴的上下文")


def test_tables_of_data_come_back_as_they_were_and_name_their_origin(sample_kb: KnowledgeBase) -> None:
    table = made_table(sample_kb, "甲\n乙", "=1+1", "'丙")
    ids = [row[-1] for row in table.rows]
    lines = [json.loads(line) for line in table_file(sample_kb, table, "jsonl").splitlines()]
    assert lines[0] == {
        "rank": 1,
        "score": table.rows[0][1],
        "regions": list(table.rows[0][2]),
        "text": "甲\n乙",
        "nothing": None,
        "count": 7,
        "figure": None,
        "odd": True,
        "passage_id": ids[0],
        "build": sample_kb.build,
        "command": "policykb kwic '断缴 x' --region 湖南省",
        "filters": '{"region": ["湖南省"]}',
    }
    frame = pd.read_parquet(io.BytesIO(table_file(sample_kb, table, "parquet")))
    assert [list(row) for row in frame[["rank", "text", "odd", "passage_id"]].itertuples(index=False)] == [
        [line[name] for name in ("rank", "text", "odd", "passage_id")] for line in lines
    ]
    assert [list(value) for value in frame["regions"]] == [line["regions"] for line in lines]
    assert list(frame["filters"]) == ['{"region": ["湖南省"]}'] * 3
    read = pd.read_csv(io.BytesIO(table_file(sample_kb, table, "csv")), encoding="utf-8-sig")
    assert list(read.columns) == [*table.columns, "build", "command", "filters"]
    assert [unguarded(text) for text in read["text"]] == ["甲\n乙", "=1+1", "'丙"]
    assert list(read["text"]) == ["甲\n乙", "'=1+1", "''丙"]
    assert list(read["score"]) == pytest.approx([line["score"] for line in lines])
    assert list(read["regions"].fillna("")) == ["; ".join(line["regions"]) for line in lines]


def test_references_of_a_table_are_those_of_its_passages_each_once(sample_kb: KnowledgeBase) -> None:
    hits = sample_kb.search("断缴三个月", k=3)
    ids = [hit.passage_id for hit in hits]
    rows = [([ids[1], ids[0]], "no.such"), ([], None), ([ids[1]], ids[2])]
    table = Table("both", ("left_passage_ids", "passage_id"), rows, Origin(sample_kb.build, "policykb x --y @{}"))
    assert list(cited(sample_kb, table)) == [ids[1], ids[0], ids[2]]
    records = rispy.loads(table_file(sample_kb, table, "ris").decode(), newline="\r\n")
    assert [record["id"] for record in records] == [ids[1], ids[0], ids[2]]
    assert b"\r\nRN  - policykb x --y @{}\r\n" in table_file(sample_kb, table, "ris")
    library = bibtexparser.parse_string(table_file(sample_kb, table, "bibtex").decode())
    assert [entry.key for entry in library.entries] == [ids[1], ids[0], ids[2]]
    assert library.entries[0]["usera"] == r"policykb x -{}-y @\textbraceleft{}\textbraceright{}"
    items = json.loads(table_file(sample_kb, table, "csl"))
    assert [item["custom"]["command"] for item in items] == ["policykb x --y @{}"] * 3
    last = table_file(sample_kb, table, "gbt7714").decode().splitlines()[-1]
    assert last == f"来源：policykb 构建 {sample_kb.build}；命令：policykb x --y @{{}}"
    whole = Table("map", ("x",), [(1.5,)], table.origin, passages=(hits[2].row, hits[0].row))
    assert [item["id"] for item in json.loads(table_file(sample_kb, whole, "csl"))] == [ids[2], ids[0]]


def test_what_cites_nothing_offers_no_references(sample_kb: KnowledgeBase) -> None:
    table = Table("keyness", ("word", "ll"), [("断缴", 12.5)], Origin(sample_kb.build, "policykb words"))
    assert kinds_of(table) == ("csv", "jsonl", "parquet", "md", "html")
    assert kinds_of(made_table(sample_kb)) == tuple(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_table_gives_the_same_bytes_and_an_empty_one_a_sound_file(kind: str, sample_kb: KnowledgeBase) -> None:
    table = made_table(sample_kb)
    assert table_file(sample_kb, table, kind) == table_file(sample_kb, table, kind)
    none = Table("kwic", table.columns, [], table.origin)
    data = table_file(sample_kb, none, kind)
    if kind == "parquet":
        assert list(pd.read_parquet(io.BytesIO(data)).columns) == [*table.columns, "build", "command", "filters"]
    elif kind in ("md", "html", "gbt7714"):
        assert sample_kb.build in data.decode()
    else:
        assert data.decode("utf-8-sig").strip() in (
            "",
            "[\n]",
            ",".join([*table.columns, "build", "command", "filters"]),
        )


def test_a_web_page_shows_foreign_text_as_text_and_what_it_cites_as_footnotes(sample_kb: KnowledgeBase) -> None:
    table = made_table(sample_kb, *FORGED)
    page = html.fromstring(table_file(sample_kb, table, "html"))
    rows = page.xpath("//tbody/tr")
    assert [row.xpath("string(td[4])") for row in rows] == [one_line(text) for text in FORGED]
    assert page.xpath("//script | //img | //td//b") == []
    assert [row.xpath("string(td[9]//a/@href)") for row in rows] == ["#note-1", "#note-2", "#note-3"]
    notes = page.xpath("//ol/li")
    references = list(cited(sample_kb, table).values())
    assert [note.get("id") for note in notes] == ["note-1", "note-2", "note-3"]
    for note, reference in zip(notes, references, strict=True):
        assert reference.gbt7714() in note.text_content()
        assert f"[{reference.start}, {reference.end})" in note.text_content()
    assert page.xpath("string(//footer//code)") == table.origin.command
    assert page.xpath("string(//h1)") == "断缴的上下文"
    assert page.xpath("//*[@src] | //link") == []


def test_a_markdown_table_shows_foreign_text_as_text(sample_kb: KnowledgeBase) -> None:
    table = made_table(sample_kb, *FORGED)
    source = table_file(sample_kb, table, "md").decode()
    page = html.fromstring(MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(source))
    rows = page.xpath("//tbody/tr")
    assert [row.xpath("string(td[4])") for row in rows] == [one_line(text) for text in FORGED]
    assert page.xpath("//td//a | //script | //img | //td//code | //td//b") == []
    assert [row.xpath("string(td[9])") for row in rows] == ["[^1]", "[^2]", "[^3]"]
    notes = [line for line in source.splitlines() if line.startswith("[^")]
    assert [note.split()[1] for note in notes] == [row[-1] for row in table.rows]
    assert f"` {table.origin.command} `" in source


@given(st.text())
def test_no_text_becomes_markup(text: str) -> None:
    assert html.fromstring(f"<p>{xml_text(text)}</p>").text_content().split() == one_line(text).translate(
        {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}
    ).split()  # fmt: skip
    row = MarkdownIt("gfm-like", {"linkify": False}).render(f"| a |\n|---|\n| {markdown_text(text)} |\n")
    cells = html.fromstring(row).xpath("//tbody/tr/td")
    assert markdown_text("www.a.example https://b.example") == r"www\.a.example https:\//b.example"
    assert [cell.text_content().strip() for cell in cells] == [one_line(text).replace("\x00", "\ufffd")]


@given(st.text())
def test_every_cell_comes_back(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


def test_a_table_that_does_not_fit_together_is_refused(sample_kb: KnowledgeBase) -> None:
    origin = Origin(sample_kb.build, "policykb x")
    with pytest.raises(ValueError, match=r"found 1 values, expected 2: \('x',\)"):
        Table("x", ("a", "b"), [("x",)], origin)
    with pytest.raises(ValueError, match="found the columns build"):
        Table("x", ("build",), [], origin)
    with pytest.raises(ValueError, match="shows b, which it has no columns for"):
        Table("x", ("a",), [], origin, shown=("b",))
    mixed = Table("x", ("a",), [("x",), (1,)], origin)
    with pytest.raises(ValueError, match="column a holds int, str"):
        table_file(sample_kb, mixed, "parquet")


def test_a_table_to_read_has_the_columns_that_are_shown_and_data_has_all(sample_kb: KnowledgeBase) -> None:
    first, second = (one["id"] for one in sample_kb.records.stream("SELECT id FROM passages ORDER BY row LIMIT 2"))
    rows = [("x", 1, first, second)]
    columns = ("word", "hidden", "passage_id", "other_passage_id")
    table = Table("x", columns, rows, Origin(sample_kb.build, "policykb x"), shown=("passage_id", "word"))
    read = table_file(sample_kb, table, "md").decode()
    assert "| passage | word |" in read.replace("\\", "")
    assert first in read
    assert second not in read
    page = table_file(sample_kb, table, "html").decode()
    assert page.count("<th ") == 2
    assert page.count("<li id=") == 1
    data = table_file(sample_kb, table, "csv").decode("utf-8-sig").splitlines()
    assert data[0].startswith(",".join(columns))


def test_a_frame_becomes_a_table_and_a_table_a_frame(sample_kb: KnowledgeBase) -> None:
    frame = pd.DataFrame({"build": ["b"] * 2, "word": ["断缴", None], "n": [1, 2], "share": [0.5, float("nan")]})
    frame["texts"] = pd.array([3, None], dtype="Int64")
    frame["places"] = [("湖北", "湖南"), ()]
    table = table_of_frame(frame, "words", Origin(sample_kb.build, "policykb words"))
    assert table.columns == ("word", "n", "share", "texts", "places")
    assert list(table.plain_rows()) == [["断缴", 1, 0.5, 3, ["湖北", "湖南"]], [None, 2, None, None, []]]
    assert list(table.to_frame().columns) == ["build", "word", "n", "share", "texts", "places"]
    assert list(table.to_frame()["build"]) == [sample_kb.build] * 2


def listing(kb: KnowledgeBase, table: Table) -> click.Command:
    @click.command()
    @table_options
    def command(kind: str | None, output: Path | None) -> None:
        write_table(kb, table, kind, output)

    return command


def test_a_command_writes_its_table_by_format_or_ending(sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    assert tuple(KINDS) == options._TABLES
    table = made_table(sample_kb)
    command = listing(sample_kb, table)
    run = CliRunner().invoke
    for kind in KINDS:
        assert run(command, ["--format", kind]).stdout_bytes == table_file(sample_kb, table, kind)
    for ending, kind in {"csv": "csv", "bib": "bibtex", "md": "md", "PARQUET": "parquet"}.items():
        out = tmp_path / f"out.{ending}"
        told = run(command, ["--output", str(out)])
        assert (told.exit_code, told.stdout) == (0, "")
        assert told.stderr == f"{out}: 3 rows of build {sample_kb.build}\n"
        assert out.read_bytes() == table_file(sample_kb, table, kind)
    assert "expected a name that ends in .csv" in " ".join(run(command, ["--output", "x.doc"]).stderr.split())
    words = Table("words", ("word",), [("断缴",)], table.origin)
    assert "cites no passage" in run(listing(sample_kb, words), ["--format", "ris"]).stderr
    assert "name a file in a folder" in str(run(command, ["--output", str(tmp_path / "no" / "x.csv")]).exception)
    assert isinstance(run(command, ["--output", str(tmp_path / "no" / "x.csv")]).exception, NotWritten)


def test_binary_files_are_not_for_a_terminal(sample_kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    leader, follower = os.openpty()
    with os.fdopen(follower, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        with pytest.raises(click.UsageError, match="parquet is not for a terminal"):
            write_table(sample_kb, made_table(sample_kb), "parquet", None)
    os.close(leader)


def test_a_picture_is_written_as_its_ending_says(tmp_path: Path) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><title>图</title></svg>'
    write_picture(svg, tmp_path / "a.png")
    write_picture(svg, tmp_path / "a.svg", note="policykb")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<svg")
    with pytest.raises(click.UsageError, match=r"found a.jpg, expected .* \.svg or \.png"):
        write_picture(svg, tmp_path / "a.jpg")


def test_the_line_of_a_table_is_pinned_to_base_build_and_filters(sample_kb: KnowledgeBase) -> None:
    line = command_line("kwic", sample_kb, HUNAN, "--width", "20", "断缴 x")
    assert line == (
        f"policykb kwic --kb {sample_kb.folder} --build {sample_kb.build} --region '湖南省' --width 20 '断缴 x'"
    )
