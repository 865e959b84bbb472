"""The log of a knowledge base: whole lines, in order, whatever tore or bent it."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.build import journal


def test_an_event_is_one_line_with_its_time_and_fields(tmp_path: Path) -> None:
    journal.append(tmp_path, "published", build="abc", previous=None, pages=["职工医保.txt", "\udc80"])
    line = (tmp_path / "log.jsonl").read_text("utf-8")
    assert re.fullmatch(
        r'\{"at": "20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", "event": "published", "build": "abc", "previous": null,'
        r' "pages": \["职工医保\.txt", "\\udc80"\]\}\n',
        line,
    )
    assert [{**event, "at": ""} for event in journal.read(tmp_path)] == [
        {"at": "", "event": "published", "build": "abc", "previous": None, "pages": ["职工医保.txt", "\udc80"]}
    ]


def test_no_log_has_no_events_and_no_folder_is_an_error(tmp_path: Path) -> None:
    assert journal.read(tmp_path) == journal.read(tmp_path / "gone") == ()
    with pytest.raises(FileNotFoundError):
        journal.append(tmp_path / "gone", "gc")


@pytest.mark.parametrize(
    "torn", [b'{"at": "x", "ev', b"\xff\xfe", b"[1]", b'{"event": 3, "at": 4}', b"[" * 100_000, b"\n\n"]
)
def test_a_torn_or_foreign_line_costs_no_other(tmp_path: Path, torn: bytes) -> None:
    journal.append(tmp_path, "one")
    with (tmp_path / "log.jsonl").open("ab") as opened:
        opened.write(torn)
    journal.append(tmp_path, "two")
    journal.append(tmp_path, "three")
    assert [event["event"] for event in journal.read(tmp_path)] == ["one", "two", "three"]
    assert torn in (tmp_path / "log.jsonl").read_bytes(), "what was there stays"


def test_a_full_log_is_put_aside_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_BYTES", 300)
    for number in range(9):
        journal.append(tmp_path, "gc", number=number)  # 61 bytes a line: a log holds five
    assert [event["number"] for event in journal.read(tmp_path)] == list(range(9))
    assert len((tmp_path / "log.1.jsonl").read_bytes().splitlines()) == 5
    for number in range(9, 12):
        journal.append(tmp_path, "gc", number=number)
    assert [event["number"] for event in journal.read(tmp_path)] == list(range(5, 12)), "the oldest log is gone"


def test_lines_of_many_writers_stay_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_BYTES", 50_000)  # so that the log is put aside among them, once
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: journal.append(tmp_path, "gc", number=number, words="医" * 100), range(200)))
    assert (tmp_path / "log.1.jsonl").is_file()
    assert sorted(event["number"] for event in journal.read(tmp_path)) == list(range(200))


def test_a_log_that_leads_elsewhere_is_not_written_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "kb").mkdir()
    (tmp_path / "mine.txt").write_text('{"at": "", "event": "mine"}\n')
    (tmp_path / "kb" / "log.jsonl").symlink_to(tmp_path / "mine.txt")
    for use in (lambda: journal.append(tmp_path / "kb", "gc"), lambda: journal.read(tmp_path / "kb")):
        with pytest.raises(OSError, match="symbolic link"):
            use()
    assert (tmp_path / "mine.txt").read_text() == '{"at": "", "event": "mine"}\n'


def test_a_disk_that_is_full_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.append(tmp_path, "one")
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, data: write(file, data[:7]))
        with pytest.raises(OSError, match="only 7 of"):
            journal.append(tmp_path, "two")
    journal.append(tmp_path, "three")
    assert [event["event"] for event in journal.read(tmp_path)] == ["one", "three"]
