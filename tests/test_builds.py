"""Builds as a maintainer sees them: which are kept, the way back to one, what goes, and how healthy the base is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from index.build.build import rebuild
from index.build.builds import CannotRollBack, kept_builds, published_before, roll_back
from index.build.health import look_at
from index.build.journal import append, read
from index.build.lock import rebuild_lock
from index.build.manifest import FILE as MANIFEST
from index.build.manifest import read_manifest, write_manifest
from index.build.publish import build_folder, build_folders, publish, read_current
from index.kb import open_kb
from index.model import load_embedder
from index.store import StoreError
from search_app.cli import main

TEXT = "灵活就业参保须知\n\n灵活就业人员可以参加职工医保，每月缴费{}元，由本人承担。\n"


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, ...]]:
    """A base with three builds made one after the other, without a log; never changed itself."""
    folder = tmp_path_factory.mktemp("three")
    (folder / "pages").mkdir()
    builds = []
    for yuan in (300, 310, 320):
        (folder / "pages" / "page.txt").write_text(TEXT.format(yuan), encoding="utf-8")
        builds.append(rebuild([folder / "pages"], folder / "kb", embedder=load_embedder()).build)
    (folder / "kb" / "log.jsonl").unlink(missing_ok=True)
    return folder / "kb", tuple(builds)


@pytest.fixture
def kb(three: tuple[Path, tuple[str, ...]], tmp_path: Path) -> Path:
    return Path(shutil.copytree(three[0], tmp_path / "kb"))


@pytest.fixture
def builds(three: tuple[Path, tuple[str, ...]]) -> tuple[str, ...]:
    return three[1]


def show(kb: Path, build: str, event: str = "published") -> None:
    """Publish a build as a rebuild does, or log what else became of it."""
    if event == "published":
        publish(kb, build)
    append(kb, event, build=build)


def before(kb: Path) -> str | None:
    return published_before(kb, kept_builds(kb))


def run(*words: object) -> tuple[int, Any, str]:
    """Run a command with --json; return exit status, the object printed and standard error."""
    result = CliRunner().invoke(main, [*map(str, words), "--json"])
    lines = result.stdout.splitlines()
    assert len(lines) <= 1
    return result.exit_code, json.loads(lines[0]) if lines else None, result.stderr


def test_builds_are_listed_newest_first_with_what_became_of_them(kb: Path, builds: tuple[str, ...]) -> None:
    for build in builds[:2]:
        show(kb, build)
    show(kb, builds[2], "refused")
    show(kb, builds[0])
    reader = open_kb(kb, build=builds[1])
    listed = {build.id: build for build in kept_builds(kb)}
    assert set(listed) == set(builds)
    first, second, third = (listed[build] for build in builds)
    assert [first.is_current, second.is_current, third.is_current] == [True, False, False]
    assert [first.is_refused, second.is_refused, third.is_refused] == [False, False, True]
    assert [first.is_in_use, second.is_in_use, third.is_in_use] == [False, True, False]
    assert (first.published, third.published) == (read(kb)[-1]["at"], None)
    assert list(listed).index(builds[0]) < list(listed).index(builds[1])  # published again, so the newer one
    assert first.counts["passages"] == 1
    assert first.model["name"] == "bundled"
    assert first.size == sum(f.stat().st_size for f in build_folder(kb, builds[0]).rglob("*") if f.is_file())
    reader.close()


def test_a_refused_build_that_is_published_later_is_refused_no_more(kb: Path, builds: tuple[str, ...]) -> None:
    show(kb, builds[0], "refused")
    show(kb, builds[0])
    assert [build.is_refused for build in kept_builds(kb)] == [False, False, False]


@pytest.mark.parametrize("content", ["{", "[]", None])
def test_a_build_that_cannot_be_read_is_listed_with_the_reason(
    kb: Path, builds: tuple[str, ...], content: str | None
) -> None:
    manifest = build_folder(kb, builds[0]) / MANIFEST
    if content is None:  # as another program might write it
        content = json.dumps(json.loads(manifest.read_bytes()) | {"inputs": [], "made": {}})
    manifest.write_text(content, encoding="utf-8")
    (kb / "builds" / "notes.txt").touch()
    damaged = next(build for build in kept_builds(kb) if build.id == builds[0])
    assert damaged.published is None
    assert damaged.problem is not None
    assert "manifest" in damaged.problem
    assert len(kept_builds(kb)) == 3


def test_a_rollback_leads_to_the_build_before_and_a_second_one_further_back(kb: Path, builds: tuple[str, ...]) -> None:
    for build in builds:
        show(kb, build)
    done = roll_back(kb)
    assert (done.build, done.previous, read_current(kb)) == (builds[1], builds[2], builds[1])
    assert builds[2] in done.notes[0]
    assert read(kb)[-1].items() >= {"event": "rolled_back", "build": builds[1], "previous": builds[2]}.items()
    assert roll_back(kb).build == builds[0]
    with pytest.raises(CannotRollBack, match=f"no build published before {builds[0]}"):
        roll_back(kb)
    assert roll_back(kb, builds[2]).build == builds[2]
    assert before(kb) == builds[0]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("", None),  # no log
        ("p0 p2", 0),
        ("p2 p0 p2", 0),
        ("p0 p1", 1),  # killed before it could say that 2 was published
        ("p0 r1 p2", 0),  # 1 was refused
        ("p0 p1 p2 b1 p2", 1),
        ("p0 p1 p2 b0 p2", 0),
        ("p9 p2", None),  # 9 is not kept any more
        ("p2", None),  # the log began later than the base
    ],
)
def test_which_build_was_before_is_read_from_the_log(
    kb: Path, builds: tuple[str, ...], events: str, expected: int | None
) -> None:
    """Where the log says nothing of it (None), it is the newest of the others."""
    kinds = {"p": "published", "r": "refused", "b": "rolled_back"}
    ids = dict(enumerate(builds)) | {9: "0123456789ab"}
    for event in events.split():
        append(kb, kinds[event[0]], build=ids[int(event[1])])
    append(kb, "published", build=None)
    with (kb / "log.jsonl").open("ab") as log:
        log.write(b'{"torn')
    publish(kb, builds[2])
    made = sorted(kept_builds(kb), key=lambda build: (build.made, build.id))
    newest = next(build.id for build in reversed(made) if not build.is_current)
    assert before(kb) == (newest if expected is None else builds[expected])


def test_a_rollback_to_what_cannot_serve_is_refused_with_the_reason(kb: Path, builds: tuple[str, ...]) -> None:
    show(kb, builds[2])
    show(kb, builds[0], "refused")
    for build, reason in (
        (builds[2], "is the published build"),
        (builds[0], "refused by the quality gate"),
        ("ffff", "keeps no build"),
    ):
        with pytest.raises(CannotRollBack, match=reason):
            roll_back(kb, build)
    file = build_folder(kb, builds[1]) / "records.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"X")
    with pytest.raises(CannotRollBack, match=r"damaged.*records\.sqlite.*checksum"):
        roll_back(kb, builds[1])
    file.write_bytes(whole)
    cited = next(build for build in kept_builds(kb) if build.id == builds[1]).raw_pages
    (kb / "pages" / next(iter(cited))).write_bytes(b"other")
    with pytest.raises(CannotRollBack, match=r"page\.txt: its raw page is missing or damaged"):
        roll_back(kb, builds[1])
    assert read_current(kb) == builds[2]


def test_a_rollback_to_the_bundled_model_of_another_version_is_refused(kb: Path, builds: tuple[str, ...]) -> None:
    folder = build_folder(kb, builds[0])
    manifest = read_manifest(folder)
    manifest["model"]["fingerprint"] = "0" * 64
    write_manifest(folder, {key: value for key, value in manifest.items() if key not in ("files", "sha256")})
    with pytest.raises(CannotRollBack, match="bundled model of another version"):
        roll_back(kb, builds[0])


def test_a_rebuild_of_the_same_pages_publishes_the_newer_build_again(
    kb: Path, builds: tuple[str, ...], three: tuple[Path, tuple[str, ...]]
) -> None:
    roll_back(kb, builds[0])
    report = rebuild([three[0].parent / "pages"], kb, embedder=load_embedder())
    assert (report.build, report.previous, report.embedded) == (builds[2], builds[0], 0)


def test_the_commands_print_one_object(kb: Path, builds: tuple[str, ...]) -> None:
    for build in builds:
        show(kb, build)
    code, listed, _ = run("builds", "--kb", kb)
    assert (code, [build["id"] for build in listed["builds"]]) == (0, list(reversed(builds)))
    assert listed["builds"][0].keys() == {
        "id", "current", "made", "published", "refused", "unjudged", "in_use", "counts", "model", "bytes", "problem",
    }  # fmt: skip
    code, done, _ = run("rollback", builds[0][:8], "--kb", kb)
    assert (code, done["build"], done["previous"]) == (0, builds[0], builds[2])
    code, would, _ = run("gc", "--keep", 1, "--dry-run", "--kb", kb)
    assert (code, would["dry_run"], len(build_folders(kb))) == (0, True, 3)
    code, gone, _ = run("gc", "--keep", 1, "--kb", kb)
    assert gone == would | {"dry_run": False}
    assert (len(gone["builds"]), len(gone["raw_pages"]), len(build_folders(kb))) == (1, 1, 2)
    assert gone["freed"] > 0


@pytest.mark.parametrize("words", [("builds",), ("rollback",), ("gc",)])
def test_without_a_base_a_command_says_so_and_makes_none(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, printed, told = run(*words, "--kb", tmp_path / "nowhere")
    assert (code, printed, told.count("\n")) == (1, None, 1)
    assert "nowhere" in told
    assert "policykb rebuild" in told
    assert not (tmp_path / "nowhere").exists()


def test_people_read_the_same(kb: Path, builds: tuple[str, ...]) -> None:
    show(kb, builds[2])
    reader = open_kb(kb, build=builds[0])
    told = CliRunner().invoke(main, ["builds", "--kb", str(kb)]).stdout.splitlines()
    assert [line[0] for line in told] == ["*", " ", " "]
    assert next("in use" in line for line in told if builds[0] in line)
    told_gc = CliRunner().invoke(main, ["gc", "--keep", "0", "--kb", str(kb)])
    assert f"build {builds[1]}" in told_gc.stdout
    assert f"{builds[0]} is in use" in told_gc.stderr
    reader.close()
    result = CliRunner().invoke(main, ["rollback", "--kb", str(kb)])
    assert result.stdout == f"build {builds[0]} published in {kb}, in place of {builds[2]}\n"
    assert "publishes" in result.stderr


def test_status_tells_what_is_published_since_when_and_by_which_rebuild(kb: Path, builds: tuple[str, ...]) -> None:
    show(kb, builds[2])
    code, status, _ = run("status", "--kb", kb)
    assert (code, status["healthy"], status["build"], status["problems"]) == (0, True, builds[2], [])
    assert status["published"] == status["rebuild"]["last"]["at"] == read(kb)[-1]["at"]
    assert (status["builds"], status["leftovers"], status["rebuild"]["running"]) == (sorted(builds), [], None)
    assert status["free_bytes"] > 0
    with rebuild_lock(kb):
        (kb / "builds" / ".staging-1").mkdir()
        code, status, _ = run("status", "--kb", kb)
        assert (code, status["rebuild"]["running"]["command"], status["leftovers"]) == (0, "rebuild", [])
    _, status, _ = run("status", "--kb", kb)
    assert status["leftovers"] == ["builds/.staging-1"]


def test_a_rebuild_that_did_not_publish_is_a_warning_and_no_illness(kb: Path, builds: tuple[str, ...]) -> None:
    show(kb, builds[2])
    append(kb, "refused", build=builds[1], gate={"reason": "three questions got worse", "worse": []}, skipped=[])
    (kb / "LOCK").write_text(
        json.dumps({"pid": 4711, "host": "elsewhere", "since": "2026-01-02T03:04:05+00:00", "command": "rebuild"}),
        encoding="utf-8",
    )
    code, status, _ = run("status", "--kb", kb)
    assert (code, status["healthy"]) == (0, True)
    assert status["rebuild"]["last"].keys() == {"at", "event", "build", "reason"}
    assert "refused by the gate" in status["warnings"][0]
    assert "three questions got worse" in status["warnings"][0]
    assert "process 4711 on elsewhere" in status["warnings"][1]


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("damage", ["missing", "cut", "overwritten"])
def test_a_damaged_build_is_unhealthy(kb: Path, damage: str, quick: bool) -> None:
    words = ["status", "--kb", kb, *["--quick"] * quick]
    assert run(*words)[0] == 0
    file = kb / "builds" / read_current(kb) / "records.sqlite"
    if damage == "missing":
        file.unlink()
    else:
        whole = file.read_bytes()
        file.write_bytes(whole[:100] if damage == "cut" else whole[:-1] + b"X")
    code, status, _ = run(*words)
    assert (code, status["healthy"]) == (1, False)
    assert "records.sqlite" in status["problems"][0]


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_no_published_build_is_unhealthy(kb: Path, words: tuple[str, ...]) -> None:
    (kb / "CURRENT").unlink()
    result = CliRunner().invoke(main, ["status", "--kb", str(kb), *words])
    assert result.exit_code == 1
    assert "policykb rebuild" in (result.stdout if words else result.stderr)
    if words:
        assert json.loads(result.stdout).items() >= {"healthy": False, "build": None, "made": None}.items()


def test_a_build_that_was_never_judged_is_no_way_back(kb: Path, builds: tuple[str, ...]) -> None:
    for build in builds:
        append(kb, "published", build=build)
    copied = shutil.copytree(build_folder(kb, builds[2]), kb / "builds" / "0123456789ab")
    append(kb, "made", build=copied.name)
    found = {build.id: build for build in kept_builds(kb)}
    assert [name for name, build in found.items() if build.is_unjudged] == [copied.name]
    with pytest.raises(CannotRollBack, match="ended before it was judged"):
        roll_back(kb, copied.name)
    assert roll_back(kb).build == builds[1]


def test_a_rebuild_that_finds_current_lost_names_the_last_published_build_again(
    kb: Path, builds: tuple[str, ...], three: tuple[Path, tuple[str, ...]]
) -> None:
    append(kb, "published", build=builds[1])
    (kb / "CURRENT").write_text("")
    report = rebuild([three[0].parent / "pages"], kb, embedder=load_embedder())
    assert (report.previous, report.build) == (builds[1], builds[2])
    assert report.verdict is not None


def test_status_misses_raw_pages_and_remembers_a_rollback(kb: Path, builds: tuple[str, ...]) -> None:
    append(kb, "published", build=builds[1])
    append(kb, "published", build=builds[2])
    roll_back(kb)
    health = look_at(kb)
    assert health.is_healthy
    assert any(f"publishes {builds[2]} again" in warning for warning in health.warnings)
    shutil.rmtree(kb / "pages")
    assert any("the raw page of page.txt is missing" in problem for problem in look_at(kb).problems)


def test_a_build_opens_by_its_first_letters(kb: Path, builds: tuple[str, ...]) -> None:
    assert open_kb(kb, build=builds[0][:8]).build == builds[0]
    with pytest.raises(StoreError, match="no build 'zzz'"):
        open_kb(kb, build="zzz")
