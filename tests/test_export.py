"""Exports: what stands in a file, that nothing in a page steers what reads it, and that the same gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import rispy
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from index.export import COLUMNS, FORMATS, Origin, file_of, guarded, passages_under, rows_at, rows_of, unguarded
from index.filters import Filters
from index.kb import KnowledgeBase
from index.references import BATCH
from search_app.cli import main
from search_app.commands import export as command
from search_app.table_out import writing

QUERY = "断缴三个月，还能报销吗？"
HUNAN = Filters(regions=("湖南省",))


def made(kb: KnowledgeBase, kind: str, *, query: str = QUERY, k: int = 5, filters: Filters | None = None) -> bytes:
    filters = filters or Filters()
    hits = kb.search(query, k=k, filters=filters)
    return file_of(rows_of(kb, hits), Origin(kb.build, query, "hybrid", "relevance", filters), kind)


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def lists(row: dict[str, object]) -> dict[str, object]:
    """Return a row of JSON as CSV has it."""
    joined = {name: "; ".join(value) if isinstance(value, list) else value for name, value in row.items()}
    return {name: "" if value is None else guarded(str(value)) for name, value in joined.items()}


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["export", *words])


def test_a_row_says_what_was_found_where_it_stands_and_what_was_asked(sample_kb: KnowledgeBase) -> None:
    hit = sample_kb.search(QUERY, k=1, filters=Filters(regions=("武汉市",)))[0]
    data = made(sample_kb, "jsonl", k=1, filters=Filters(regions=("武汉市",)))
    assert json.loads(data) == {
        "rank": 1,
        "score": round(hit.score, 5),
        "title": "2023年湖北省武汉市职工医保断缴了，多久能恢复报销",
        "heading_path": list(hit.heading_path),
        "text": hit.text,
        "date": "2025-05-30",
        "date_kind": "captured",
        "site": "江城医保问答",
        "publisher": None,
        "url": "https://www.jiangchengwd.example/question/851482",
        "path": "employee-gap-wuhan.html",
        "start": hit.start,
        "end": hit.end,
        "regions": ["湖北省", "湖北省/武汉市"],
        "schemes": list(hit.schemes),
        "years": list(hit.years),
        "published": None,
        "captured": "2025-05-30",
        "passage_id": hit.passage_id,
        "article_id": hit.article_id,
        "build": sample_kb.build,
        "query": QUERY,
        "mode": "hybrid",
        "sort": "relevance",
        "filters": '{"region": ["武汉市"]}',
    }


def test_all_tables_hold_the_same_rows(sample_kb: KnowledgeBase) -> None:
    rows = [json.loads(line) for line in made(sample_kb, "jsonl").splitlines()]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert table(made(sample_kb, "csv")) == [lists(row) for row in rows]
    assert parquet.read_table(io.BytesIO(made(sample_kb, "parquet"))).to_pylist() == rows
    assert [item["id"] for item in json.loads(made(sample_kb, "csl"))] == [row["passage_id"] for row in rows]
    ris = rispy.loads(made(sample_kb, "ris").decode(), newline="\r\n")
    assert [record["id"] for record in ris] == [row["passage_id"] for row in rows]


def test_a_csv_file_begins_with_the_mark_that_excel_needs(sample_kb: KnowledgeBase) -> None:
    data = made(sample_kb, "csv")
    assert data.startswith(b"\xef\xbb\xbfrank,score,title,")
    assert data.count("\ufeff".encode()) == 1


def test_a_list_of_references_ends_with_where_it_comes_from(sample_kb: KnowledgeBase) -> None:
    lines = made(sample_kb, "gbt7714", query="断缴\n补缴", filters=Filters(regions=("北京市",), until="2025")).decode()
    assert lines.splitlines()[0].startswith("[1] 北漂资讯站（网友整理）. 在北京社保断缴了会怎么样?")
    assert lines.splitlines()[-1] == (
        f"来源：policykb 构建 {sample_kb.build}；检索“断缴 补缴”；筛选：region=北京市、until=2025"
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_gives_the_same_bytes_and_nothing_found_a_sound_file(kind: str, sample_kb: KnowledgeBase) -> None:
    assert made(sample_kb, kind) == made(sample_kb, kind)
    none = file_of((), Origin(sample_kb.build), kind)
    read: dict[str, Callable[[bytes], object]] = {
        "csv": lambda data: table(data),
        "parquet": lambda data: parquet.read_table(io.BytesIO(data)).to_pylist(),
        "csl": json.loads,
        "gbt7714": lambda data: [] if data.decode() == f"\n来源：policykb 构建 {sample_kb.build}；全部段落\n" else data,
    }
    assert read.get(kind, lambda data: list(data))(none) == []


def test_the_whole_base_comes_in_the_order_of_the_build(sample_kb: KnowledgeBase) -> None:
    passages = sample_kb.passages()
    rows = list(rows_at(sample_kb, passages_under(sample_kb)))
    assert [row.reference.id for row in rows] == list(passages["id"])
    assert [row.reference.text for row in rows] == list(passages["text"])
    assert {(row.rank, row.score) for row in rows} == {(None, None)}
    about = {row.reference.id: row.about for row in rows}
    hits = sample_kb.search(QUERY)
    assert [row.about for row in rows_of(sample_kb, hits)] == [about[hit.passage_id] for hit in hits]
    allowed = {row.reference.article_id for row in rows if "湖南省" in row.about.regions}
    under = [row.reference.id for row in rows_at(sample_kb, passages_under(sample_kb, HUNAN))]
    assert under == [row.reference.id for row in rows if row.reference.article_id in allowed] != []


def test_a_base_of_many_batches_takes_the_memory_of_one(make_kb: Callable[..., KnowledgeBase]) -> None:
    part = "".join(
        f"{n}、第{n}项待遇\n\n" + f"第{n}种情形下由参保人{n}向经办机构{n}申请。" * 12 + "\n\n" for n in range(1, 9)
    )
    kb = make_kb(f"待遇大全\n\n{part}")
    rows = list(passages_under(kb))
    assert len(rows) == 8
    many = rows * (4 * BATCH // 8)  # as a base of four batches would give
    sink = io.BytesIO()

    def peak(passages: list[int]) -> int:
        tracemalloc.start()
        for row in rows_at(kb, passages):
            sink.seek(0)
            FORMATS["jsonl"].write([row], Origin(kb.build), sink)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(many)
    assert peak(3 * many) < 1.2 * peak(many)


PAYLOADS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'=1",
    "'",
    "''",
    "  =1",
    "＝1+1",
    "－1",
    '=cmd|"/c calc"!A1',
]


@pytest.mark.parametrize("cell", PAYLOADS)
def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    assert unguarded(guarded(cell)) == cell


@given(st.text())
def test_every_cell_comes_back_and_none_is_a_formula(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert not guarded(cell).lstrip().startswith(("=", "+", "-", "@"))


def test_a_page_cannot_write_a_cell_a_record_or_an_entry(make_kb: Callable[..., KnowledgeBase]) -> None:
    title = '=HYPERLINK("http://evil.example","医保") }\u2028@book{forged, ER  - '
    kb = make_kb(
        f"{title}\n\n办理停保\n\n停保时由单位,或者“本人”申请。\nER  - \nTY  - JOUR\nTI  - 伪造\n\n=1+1，所以先停保再参保。"
    )
    hits = kb.search("停保 申请")
    rows, origin = tuple(rows_of(kb, hits)), Origin(kb.build, "=停保 -x")
    [row] = table(file_of(rows, origin, "csv"))
    assert row["title"] == f"'{hits[0].title}"
    assert row["title"].startswith("'=HYPERLINK")
    assert row["query"] == "'=停保 -x"
    assert unguarded(row["text"]) == hits[0].text
    assert [record["id"] for record in rispy.loads(file_of(rows, origin, "ris").decode(), newline="\r\n")] == [
        hits[0].passage_id
    ]
    assert file_of(rows, origin, "jsonl").decode().splitlines() == [file_of(rows, origin, "jsonl").decode()[:-1]]
    assert file_of(rows, origin, "bibtex").decode().count("\n@") == 0


def test_the_command_writes_what_the_library_gives(sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    assert tuple(FORMATS) == command.FORMATS
    kb = ["--kb", str(sample_kb.folder)]
    for kind in FORMATS:
        out = tmp_path / f"out.{kind}"
        told = run(QUERY, *kb, "--format", kind, "-k", "5", "--out", str(out), "--json")
        assert json.loads(told.stdout) == {
            "build": sample_kb.build,
            "query": QUERY,
            "format": kind,
            "out": str(out),
            "passages": 5,
            "bytes": out.stat().st_size,
        }
        assert out.read_bytes() == made(sample_kb, kind)
    assert run(QUERY, *kb, "--format", "parquet", "-k", "5").stdout_bytes == made(sample_kb, "parquet")
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(f"out.{kind}" for kind in FORMATS)


def test_the_command_writes_a_whole_base_and_tells_how_far_it_is(sample_kb: KnowledgeBase) -> None:
    told = run("--kb", str(sample_kb.folder), "--format", "csv", "--region", "湖南", "--build", sample_kb.build[:6])
    rows = list(rows_at(sample_kb, passages_under(sample_kb, HUNAN)))
    assert [row["passage_id"] for row in table(told.stdout_bytes)] == [row.reference.id for row in rows]
    assert told.stderr == f"passages {len(rows)}/{len(rows)}\n"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["-k", "3", "--format", "csv"], 2, "-k is for the passages of a QUERY; name one, or leave -k out."),
        (["--sort", "date", "--format", "csv"], 2, "--sort is for the passages of a QUERY"),
        (["x", "--format", "csv", "--json"], 2, "--json tells of a file; name it with --out FILE."),
        (["x"], 2, "Missing option '--format'"),
        (["x", "--format", "csv", "--build", "ffff"], 1, "ffff"),
        (["x", "--format", "csv", "--out", "no/such/folder.csv"], 1, "name a file in a folder that exists"),
        (["x", "--region", "火星", "--format", "csv"], 0, "nothing found: the file has no passage"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(
    words: list[str], status: int, said: str, sample_kb: KnowledgeBase
) -> None:
    told = run("--kb", str(sample_kb.folder), *words)
    assert told.exit_code == status
    assert said in " ".join(told.stderr.split())


def test_a_file_that_could_not_be_finished_leaves_the_old_one(sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("alt")
    with suppress(KeyboardInterrupt), writing(out) as stream:
        stream.write(b"neu")
        raise KeyboardInterrupt
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("out.csv", "alt")]
    link = tmp_path / "link.csv"
    link.symlink_to(out)
    run(QUERY, "--kb", str(sample_kb.folder), "--format", "gbt7714", "--out", str(link))
    assert link.is_symlink()
    assert out.read_text().startswith("[1] ")
