"""Logs of JSON lines under many writers: what the journal of a base and the unanswered questions stand on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.json_lines import append_line, read_lines


@pytest.mark.parametrize("max_bytes", [1_000_000, 10_000_000], ids=["put aside once", "one file"])
def test_many_writers_lose_and_tear_nothing(tmp_path: Path, max_bytes: int) -> None:
    log, older = tmp_path / "log.jsonl", tmp_path / "log.1.jsonl"

    def write(number: int) -> None:
        # longer than a page of memory: a reader may see such a line half-written unless it waits for the lock
        append_line(log, older, {"number": number, "words": "医" * 3000}, max_bytes=max_bytes, sync=False)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(200)))
    assert older.is_file() == (max_bytes == 1_000_000)
    assert sorted(line["number"] for file in (older, log) for line in read_lines(file)) == list(range(200))
    assert b"\n\n" not in b"".join(file.read_bytes() for file in (older, log) if file.is_file())


def test_a_log_that_was_taken_away_is_begun_anew(tmp_path: Path) -> None:
    log, older = tmp_path / "log.jsonl", tmp_path / "log.1.jsonl"
    append_line(log, older, {"number": 1}, max_bytes=1000)
    log.unlink()
    append_line(log, older, {"number": 2}, max_bytes=1000)
    assert [line["number"] for line in read_lines(log)] == [2]
    assert not older.exists()
