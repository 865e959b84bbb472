"""Whatever a rebuild dies of, the base stays readable, whole and one: a short run of `bench/crash.py`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    import crash

    return crash


def wrong(harness: object) -> dict[str, dict[str, int]]:
    """Return by row what went wrong; nothing where all went well."""
    found = {
        row: {what: count[what] for what in ("unclear", "unreadable", "mixed", "lost", "next failed") if count[what]}
        for row, count in harness.table.items()
    }  # type: ignore[attr-defined]
    return {row: counts for row, counts in found.items() if counts}


@pytest.mark.slow
def test_rebuilds_killed_at_random_moments(crash: ModuleType, tmp_path: Path) -> None:
    harness = crash.Harness(tmp_path)
    harness.kill_at_random(12)
    assert (wrong(harness), harness.examples) == ({}, [])
    assert harness.table["killed at a random moment"]["died"] == 12


@pytest.mark.slow
def test_failures_of_the_disk(crash: ModuleType, tmp_path: Path) -> None:
    harness = crash.Harness(tmp_path)
    harness.inject(41)
    assert (wrong(harness), harness.examples) == ({}, [])
    assert set(harness.table) == {*crash.FAULTS.values(), crash.GROWTH}


def test_the_harness_sees_a_base_that_was_hurt(crash: ModuleType, tmp_path: Path) -> None:
    harness = crash.Harness(tmp_path)
    old = harness.expect(1)
    harness.night()
    new = harness.expect(3)
    records = harness.kb / "builds" / old / "records.sqlite"

    def hurt() -> None:
        records.write_bytes(records.read_bytes()[:-1] + b"X")

    assert harness.run("hurt", hurt) == "finished"
    harness.check("hurt", {old, new}, {old}, 3, asks=False)
    assert wrong(harness) == {"hurt": {"mixed": 1, "lost": 1, "next failed": 1}}
    assert harness.run("gone", (harness.kb / "CURRENT").unlink) == "finished"
    harness.check("gone", {old, new}, {new}, 3, asks=False)
    assert wrong(harness)["gone"]["unreadable"] == 1
    assert harness.run("died", lambda: 1 / 0) == "unclear"
