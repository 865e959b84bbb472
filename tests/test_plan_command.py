"""The command `policykb plan`: how amounts are read and told, what it prints, and that docs/scale.md is what it prints."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from index.capacity import SIZES, plan_capacity
from index.capacity_slopes import read_lines
from index.kb import KnowledgeBase
from search_app.amounts import Count, Size, bytes_told, seconds_told
from search_app.cli import main
from search_app.words import LANGS

ROOT = Path(__file__).resolve().parents[1]
DOC = (ROOT / "docs" / "scale.md").read_text("utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["plan", *words])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("250000", 250_000),
        ("1,000,000", 1_000_000),
        ("1，000，000", 1_000_000),
        ("1_000_000", 1_000_000),
        ("1e6", 1_000_000),
        ("1E+9", 10**9),
        ("2.5e5", 250_000),
        ("100万", 1_000_000),
        ("1.5 亿", 150_000_000),
        ("1e2万", 1_000_000),
        ("20k", 20_000),
        ("3M", 3_000_000),
    ],
)
def test_counts_are_read_as_people_write_them(text: str, number: int) -> None:
    assert Count().convert(text, None, None) == number


@pytest.mark.parametrize("text", ["", "many", "0", "-5", "1.5", "1e99", "1.2.3", "5 passages", "万", "nan", "0x10"])
def test_what_is_no_count_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match="expected a whole number above 0"):
        Count().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "size"),
    [("64GB", 64e9), ("64gib", 64 * 2**30), ("2 TB", 2e12), ("1.5T", 1.5e12), ("500", 500), ("8M", 8e6)],
)
def test_sizes_are_read_in_thousands_or_powers_of_two(text: str, size: float) -> None:
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "GB", "64XB", "-1GB", "0GB", "1e30TB"])
def test_what_is_no_size_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match="64GB, 64GiB or 2TB"):
        Size().convert(text, None, None)


@given(st.text(max_size=20))
def test_no_text_ends_in_anything_but_a_number_or_wrong_usage(text: str) -> None:
    for kind in (Count(), Size()):
        with contextlib.suppress(click.BadParameter):
            assert kind.convert(text, None, None) >= 1


@given(st.integers(1, 10**15))
def test_a_number_comes_back_from_how_it_is_written(number: int) -> None:
    assert Count().convert(f"{number:,}", None, None) == number


@pytest.mark.parametrize(
    ("size", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1_234_567, "1.23 MB"), (64e9, "64 GB"), (4.44e12, "4.44 TB")],
)
def test_bytes_are_told_in_three_digits(size: float, told: str) -> None:
    assert bytes_told(size) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 ms"), (0.0345, "34 ms"), (1.26, "1.3 s"), (90, "90 s"), (600, "10 min"), (9000, "2.5 h"), (1.3e6, "15 d")],
)
def test_times_are_told_in_two_digits(seconds: float, told: str) -> None:
    assert seconds_told(seconds) == told


def test_one_size_is_told_part_by_part() -> None:
    shown = run("--passages", "100万").stdout
    plan = plan_capacity(1_000_000)
    assert shown.startswith("1,000,000 passages (about ")
    for amount in (*plan.embedded.disk, *plan.cluster.disk, *plan.front.disk):
        assert bytes_told(amount.value) in shown, amount.name
    for stage in plan.build.stages:
        assert re.search(rf"  {stage.name}, .*{seconds_told(stage.value)}", shown), stage.name
    assert "None" not in shown
    assert "plan_" not in shown


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("passages", ["1e4", "1e7", "1e9", "1e12"])
def test_every_reason_has_words(lang: str, passages: str) -> None:
    result = run("--passages", passages, "--lang", lang, "--model", "1024")
    assert result.exit_code == 0, result.output
    assert ("建议" if lang == "zh" else "choose") in result.stdout


def test_json_is_one_line_with_every_line_it_follows_from() -> None:
    result = run("--passages", "2e5", "--json")
    assert result.stdout.count("\n") == 1
    (plan,) = json.loads(result.stdout)["plans"]
    assert plan["passages"] == 200_000
    lines = plan["lines"]
    for part in (*plan["embedded"]["disk"], *plan["embedded"]["memory"]):
        assert set(part["lines"]) <= set(lines)
    raw = next(part for part in plan["embedded"]["disk"] if part["name"] == "raw")
    assert raw["value"] == pytest.approx(lines["disk.raw"]["fixed"] + 200_000 * lines["disk.raw"]["each"])
    assert plan["advice"]["store"] in ("embedded", "qdrant", "several")


def test_options_reach_the_plan() -> None:
    words = ("--passages", "1e8", "--node-memory", "1TB", "--node-disk", "100TB", "--replicas", "3", "--workers", "64")
    (plan,) = json.loads(run(*words, "--model", "768", "--passages-per-second", "4000", "--json").stdout)["plans"]
    assert plan["node"] == {"memory": 1e12, "disk": 1e14}
    assert (plan["cluster"]["replicas"], plan["build"]["workers"], plan["model"]["dim"]) == (3, 64, 768)
    assert next(stage for stage in plan["build"]["stages"] if stage["name"] == "embed")["value"] == 25_000


def test_a_base_tells_its_own_bytes(sample_kb: KnowledgeBase) -> None:
    (own,) = json.loads(run("--passages", "1e6", "--kb", str(sample_kb.folder), "--json").stdout)["plans"]
    passages = sample_kb.manifest["counts"]["passages"]
    assert own["lines"]["disk.records"]["sizes"] == [passages]
    assert own["pages"] == round(1_000_000 * sample_kb.manifest["counts"]["pages"] / passages)


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--passages", "lots"), 2, "expected a whole number above 0"),
        (("--node-memory", "big"), 2, "64GB, 64GiB or 2TB"),
        (("--replicas", "0"), 2, "0 is not in the range"),
        (("--passages-per-second", "0"), 2, "not in the range"),
        (("--model", "no/such/folder"), 1, "found no such folder"),
        (("--kb", "no-such-base"), 1, "is no knowledge base"),
    ],
)
def test_what_cannot_be_planned_ends_with_one_line(words: tuple[str, ...], status: int, told: str) -> None:
    result = run(*words)
    assert result.exit_code == status
    assert told in result.stderr
    assert not result.stdout


def test_the_document_shows_what_the_command_prints() -> None:
    assert f"\n{run().stdout}\n" in DOC, "paste what `policykb plan` prints into docs/scale.md"
    assert f"\n{run('--lines').stdout}\n" in DOC, "paste what `policykb plan --lines` prints into docs/scale.md"
    assert len(SIZES) == 5


def test_the_document_holds_no_figure_beside_the_tables() -> None:
    """Prose names rules and constants of the code; what was measured stands in the tables, which a test compares."""
    prose = "\n".join(line for line in DOC.splitlines() if not line.startswith("|"))
    for line in read_lines().values():
        for value in (f"{line.each:,.0f} B", f"{line.fixed:,.0f} B"):
            assert value == "0 B" or value not in prose, line.name
