"""What changes a base: one at a time, durable before it is shown, and never under the feet of a reader."""

from __future__ import annotations

import fcntl
import gc
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from index.build.build import rebuild
from index.build.builds import build_problems
from index.build.durable import make_folder, write_in_one
from index.build.journal import append
from index.build.lease import is_in_use
from index.build.leftovers import leftovers
from index.build.lock import FILE as LOCK
from index.build.lock import LockRefused, Owner, RebuildRunning, died, rebuild_lock, running
from index.build.manifest import FILE as MANIFEST
from index.build.manifest import code_fingerprint
from index.build.prune import CannotClear, clear, prune
from index.build.publish import build_folder, build_folders, keep_build, publish, read_current, stage
from index.build.raw import holds_raw, keep_raw, lacking_raw, sync_raw
from index.kb import open_kb
from index.model import load_embedder
from index.model.embedder import Embedder
from index.store import StoreError

EDITIONS = ("每月缴费300元，由本人承担。", "每月缴费310元，由本人承担。", "每月缴费320元，由本人承担。")


def write(pages: Path, edition: int) -> bytes:
    """Write the two pages of an edition and return the bytes of the one that changes."""
    pages.mkdir(exist_ok=True)
    (pages / "same.txt").write_text("生育津贴指南\n\n参保职工生育后可以申领生育津贴。\n", encoding="utf-8")
    changing = pages / "changing.txt"
    changing.write_text(f"灵活就业参保须知\n\n灵活就业人员可以参加职工医保，{EDITIONS[edition]}\n", encoding="utf-8")
    return changing.read_bytes()


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> tuple[Path, tuple[str, ...]]:
    """A base with three builds, each of them published in its turn; never changed itself."""
    folder = tmp_path_factory.mktemp("three")
    builds = []
    for edition in range(3):
        write(folder / "pages", edition)
        builds.append(rebuild([folder / "pages"], folder / "kb", embedder=embedder).build)
    (folder / "kb" / "log.jsonl").unlink(missing_ok=True)
    for build in builds:
        append(folder / "kb", "published", build=build)
    return folder / "kb", tuple(builds)


@pytest.fixture
def kb(three: tuple[Path, tuple[str, ...]], tmp_path: Path) -> Path:
    return Path(shutil.copytree(three[0], tmp_path / "kb"))


@pytest.fixture
def builds(three: tuple[Path, tuple[str, ...]]) -> tuple[str, ...]:
    return three[1]


@contextmanager
def another_process(code: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    """Run Python code elsewhere until it prints a line, and end it afterwards."""
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-c", code, *map(str, words)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


LOCKING = """
import sys, time
from pathlib import Path
from index.build.lock import rebuild_lock
with rebuild_lock(Path(sys.argv[1]), "rebuild"):
    print("ready", flush=True)
    time.sleep(60)
"""


def test_who_holds_the_lock_is_told_with_age_process_and_host(tmp_path: Path) -> None:
    with another_process(LOCKING, tmp_path) as other:
        owner = running(tmp_path)
        assert owner is not None
        assert (owner.pid, owner.host, owner.command) == (other.pid, socket.gethostname(), "rebuild")
        with pytest.raises(RebuildRunning) as told, rebuild_lock(tmp_path, "gc"):
            pass
        assert f"another rebuild has been running for {owner.age} (process {other.pid} on {owner.host})" in str(
            told.value
        )
    assert running(tmp_path) is None


def test_a_lock_whose_process_was_killed_is_free_and_tells_who_died(tmp_path: Path) -> None:
    with another_process(LOCKING, tmp_path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert running(tmp_path) is None
        dead = died(tmp_path)
        assert dead is not None
        assert (dead.pid, dead.is_gone) == (other.pid, True)
    with rebuild_lock(tmp_path):
        assert died(tmp_path) is None
    assert died(tmp_path) is None
    assert (tmp_path / LOCK).read_text(encoding="utf-8") == ""


FORKING = """
import os, sys, time
from pathlib import Path
from index.build.lock import rebuild_lock
with rebuild_lock(Path(sys.argv[1]), "rebuild"):
    if os.fork() == 0:
        while not Path(sys.argv[1], "end").exists():
            time.sleep(0.01)
        os._exit(0)
    print("ready", flush=True)
    time.sleep(60)
"""


def test_a_lock_is_waited_for_while_the_workers_of_a_killed_rebuild_end(tmp_path: Path) -> None:
    with another_process(FORKING, tmp_path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert running(tmp_path) is not None
        threading.Timer(0.3, (tmp_path / "end").touch).start()
        with rebuild_lock(tmp_path, "gc"):
            owner = running(tmp_path)
            assert owner is not None
            assert owner.command == "gc"


def test_a_lock_that_outlives_its_process_in_a_child_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build.lock.WORKERS_END_WITHIN_S", 0)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    since = (datetime.now(UTC) - timedelta(minutes=12)).isoformat(timespec="seconds")
    owner = {"pid": gone.pid, "host": socket.gethostname(), "since": since, "command": "rebuild"}
    (tmp_path / LOCK).write_text(json.dumps(owner), encoding="utf-8")
    with (tmp_path / LOCK).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with (
            pytest.raises(RebuildRunning, match=r"running for 12 minutes.*one that it started still holds"),
            rebuild_lock(tmp_path),
        ):
            pass


@pytest.mark.parametrize(
    "content", ["", "4711\n", "{}", '{"pid": 1, "host": "x", "since": "?", "command": "y"}', "\udcff"]
)
def test_a_lock_file_that_tells_nothing_is_no_lock(tmp_path: Path, content: str) -> None:
    (tmp_path / LOCK).write_bytes(content.encode("utf-8", "surrogateescape"))
    assert (running(tmp_path), died(tmp_path)) == (None, None)
    with rebuild_lock(tmp_path):
        assert running(tmp_path) is not None
    with (tmp_path / LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(RebuildRunning, match="its process is unknown"), rebuild_lock(tmp_path):
            pass


def test_a_file_system_without_locks_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(LockRefused, match="cannot lock files"), rebuild_lock(tmp_path):
        pass


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 seconds"), (1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (7300, "2 hours")]
)
def test_an_age_is_told_in_the_largest_unit(seconds: int, words: str) -> None:
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    assert Owner(1, "host", since.isoformat(), "rebuild").age == words


def test_the_lock_clears_what_killed_processes_left(kb: Path, builds: tuple[str, ...]) -> None:
    first = build_folder(kb, builds[0])
    first.rename(first.with_name(f".aside-{builds[0]}"))
    shutil.copytree(build_folder(kb, builds[1]), kb / "builds" / f".aside-{builds[1]}")
    for name in (".staging-1", ".trash-0123456789ab"):
        (kb / "builds" / name).mkdir()
        (kb / "builds" / name / "records.sqlite").write_bytes(b"half")
    (kb / "pages" / ".new").mkdir()
    (kb / "pages" / ".new" / "half").write_bytes(b"half")
    (kb / "CURRENT.new").write_text("half", encoding="utf-8")
    assert len(leftovers(kb)) == 6
    with rebuild_lock(kb):
        assert leftovers(kb) == []
        assert {folder.name for folder in build_folders(kb)} == set(builds)
        assert build_problems(kb, builds[0]) == []


def test_a_rebuild_that_fails_frees_what_it_took(kb: Path) -> None:
    def fail() -> None:
        with rebuild_lock(kb):
            (stage(kb) / "records.sqlite").write_bytes(b"half")
            keep_raw(kb, sha256(b"x").hexdigest(), b"x")
            assert len(leftovers(kb)) == 2
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert leftovers(kb) == []
    assert running(kb) is None


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is synced and renamed, in order: `("sync", path)` and `("rename", path of the target)`."""
    found: list[tuple[str, str]] = []
    real_sync, real_replace, real_rename = os.fsync, os.replace, os.rename

    def sync(handle: int) -> None:
        found.append(("sync", str(Path(f"/proc/self/fd/{handle}").readlink())))
        real_sync(handle)

    monkeypatch.setattr(os, "fsync", sync)
    for name, real in (("replace", real_replace), ("rename", real_rename)):

        def move(source: Path, target: Path, real: object = real) -> None:
            real(source, target)  # type: ignore[operator]
            found.append(("rename", str(target)))

        monkeypatch.setattr(os, name, move)
    return found


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of descriptors are read from /proc")
def test_everything_is_synced_before_it_is_shown(
    tmp_path: Path, embedder: Embedder, calls: list[tuple[str, str]]
) -> None:
    write(tmp_path / "pages", 0)
    kb = tmp_path / "new" / "kb"
    build = rebuild([tmp_path / "pages"], kb, embedder=embedder).build
    place = build_folder(kb, build)
    kept, shown = calls.index(("rename", str(place))), calls.index(("rename", str(kb / "CURRENT")))
    staging = {Path(path) for what, path in calls[:kept] if what == "sync" and ".staging-" in path}
    names = {file.relative_to(place) for file in place.rglob("*")}
    assert {path.relative_to(kb / "builds").parts[1:] for path in staging} == {(), *(name.parts for name in names)}
    raw = [
        calls.index(("rename", str(kb / "pages" / sha256(file.read_bytes()).hexdigest())))
        for file in (tmp_path / "pages").iterdir()
    ]
    for at, call in enumerate(calls):
        if at in raw:
            assert ("sync", call[1].replace("/pages/", "/pages/.new/")) in calls[:at]
    assert ("sync", str(kb / "pages")) in calls[max(raw) : kept]
    assert ("sync", str(kb / "builds")) in calls[kept:shown]
    assert ("sync", str(kb / "CURRENT.new")) in calls[kept:shown]
    assert ("sync", str(kb)) in calls[kept:shown]
    assert ("sync", str(kb)) in calls[shown:]
    assert {("sync", str(tmp_path)), ("sync", str(tmp_path / "new"))} <= set(calls)  # the folders above were new


def test_a_build_that_a_killed_rebuild_did_not_sync_is_synced_before_it_is_published(
    kb: Path, builds: tuple[str, ...], calls: list[tuple[str, str]]
) -> None:
    publish(kb, builds[0])
    shown = calls.index(("rename", str(kb / "CURRENT")))
    assert {("sync", str(kb / "builds")), ("sync", str(kb / "pages"))} <= set(calls[:shown])


def test_folders_and_texts_are_made_whole(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    write_in_one(tmp_path / "a" / "b" / "CURRENT", "one\n")
    write_in_one(tmp_path / "a" / "b" / "CURRENT", "two\n")
    assert [(file.name, file.read_text(encoding="utf-8")) for file in (tmp_path / "a" / "b").iterdir()] == [
        ("CURRENT", "two\n")
    ]


def test_an_undamaged_build_stays_and_a_damaged_one_is_replaced(kb: Path, builds: tuple[str, ...]) -> None:
    place = build_folder(kb, builds[0])
    for damage in (False, True):
        inode = (place / MANIFEST).stat().st_ino
        staging = stage(kb)
        shutil.copytree(place, staging, dirs_exist_ok=True)
        if damage:
            (place / "records.sqlite").write_bytes(b"")
        keep_build(kb, staging, builds[0])
        assert ((place / MANIFEST).stat().st_ino == inode) is not damage
        assert (build_problems(kb, builds[0]), leftovers(kb)) == ([], [])


def test_a_raw_page_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    name = sha256(b"page").hexdigest()
    keep_raw(tmp_path, name, b"page")
    (tmp_path / "pages" / ".new" / f"{name}.77").write_bytes(b"pa")  # as a killed worker leaves it
    assert not holds_raw(tmp_path, name)
    sync_raw(tmp_path)
    assert holds_raw(tmp_path, name)
    assert [file.name for file in (tmp_path / "pages").iterdir()] == [name]
    keep_raw(tmp_path, name, b"page")
    assert leftovers(tmp_path) == []


def test_a_raw_page_is_hashed_only_when_it_was_written_to(tmp_path: Path) -> None:
    name = sha256(b"page").hexdigest()
    keep_raw(tmp_path, name, b"page")
    sync_raw(tmp_path)
    file = tmp_path / "pages" / name
    since = file.stat().st_mtime
    assert holds_raw(tmp_path, name, size=4, since=since)
    assert not holds_raw(tmp_path, name, size=5, since=since)
    file.write_bytes(b"pagf")
    os.utime(file, (since, since))
    assert holds_raw(tmp_path, name, size=4, since=since)  # only hashing finds what leaves no trace
    assert not holds_raw(tmp_path, name)
    os.utime(file, (since + 1, since + 1))
    assert not holds_raw(tmp_path, name, size=4, since=since)
    keep_raw(tmp_path, name, b"page")
    sync_raw(tmp_path)
    assert holds_raw(tmp_path, name)
    file.unlink()
    assert not holds_raw(tmp_path, name, size=4, since=since)


def test_a_reader_holds_her_build_until_she_lets_go(kb: Path, builds: tuple[str, ...]) -> None:
    folder = build_folder(kb, builds[0])
    assert not is_in_use(folder)
    first, second = open_kb(kb, build=builds[0]), open_kb(kb, build=builds[0])
    first.close()
    assert is_in_use(folder)
    copy = second.with_calibration(second.calibration)
    del second
    gc.collect()
    assert is_in_use(folder)
    del copy
    gc.collect()
    assert not is_in_use(folder)
    first.close()


def test_a_reader_that_is_dropped_lets_go_at_once(kb: Path, builds: tuple[str, ...]) -> None:
    folder = build_folder(kb, builds[0])
    gc.collect()
    gc.disable()  # whose next run nobody foresees
    try:
        reader = open_kb(kb, build=builds[0])
        assert reader.search("医保")
        assert reader.ask("医保断缴三个月还能报销吗").verdict
        assert is_in_use(folder)
        del reader
        assert not is_in_use(folder)
    finally:
        gc.enable()


def test_a_base_that_may_only_be_read_is_held_too(kb: Path, builds: tuple[str, ...], as_anyone: Path) -> None:
    reads_as = os.geteuid()
    os.seteuid(os.getuid())
    place = Path(shutil.copytree(kb, as_anyone / "kb"))
    for path in (place, *place.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    os.seteuid(reads_as)
    with pytest.raises(PermissionError):
        (place / "CURRENT").write_text("no")
    reader = open_kb(place)
    assert is_in_use(build_folder(place, builds[2]))
    reader.close()
    assert not is_in_use(build_folder(place, builds[2]))


def test_without_locks_reading_works_and_clearing_takes_every_build_for_used(
    kb: Path, builds: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert open_kb(kb).search("生育津贴", k=1)[0].title == "生育津贴指南"
    assert prune(kb, keep=0).in_use == (builds[1], builds[0])
    assert {folder.name for folder in build_folders(kb)} == set(builds)


def test_clearing_keeps_the_newest_and_what_they_cite(kb: Path, builds: tuple[str, ...], tmp_path: Path) -> None:
    raw = [sha256(write(tmp_path / "pages", edition)).hexdigest() for edition in range(3)]
    same = sha256((tmp_path / "pages" / "same.txt").read_bytes()).hexdigest()
    size = sum(file.stat().st_size for file in build_folder(kb, builds[0]).rglob("*") if file.is_file())
    size += (kb / "pages" / raw[0]).stat().st_size
    would = clear(kb, keep=1, dry_run=True)
    assert {file.name for file in (kb / "pages").iterdir()} == {same, *raw}
    done = clear(kb, keep=1)
    assert done == would
    assert (done.builds, done.raw_pages, done.freed) == ((builds[0],), (raw[0],), size)
    assert (done.kept, done.in_use, done.caches, done.notes) == ((builds[2], builds[1]), (), (), ())
    assert {file.name for file in (kb / "pages").iterdir()} == {same, raw[1], raw[2]}
    assert build_problems(kb, builds[1]) == []
    assert clear(kb, keep=1).builds == ()
    assert clear(kb, keep=0).builds == (builds[1],)
    assert read_current(kb) == builds[2]


def test_an_old_citation_is_proved_after_its_page_changed_and_vanished(tmp_path: Path, embedder: Embedder) -> None:
    kb, pages = tmp_path / "kb", tmp_path / "pages"
    old = write(pages, 0)
    first = rebuild([pages], kb, embedder=embedder).build
    write(pages, 1)
    rebuild([pages], kb, embedder=embedder)
    (pages / "changing.txt").unlink()
    rebuild([pages], kb, embedder=embedder)
    clear(kb, keep=2)
    base = open_kb(kb, build=first)
    (passage,) = base.records.query(
        "SELECT passages.*, lower(hex(sha256)) AS sha256 FROM passages JOIN pages ON pages.id = article_id WHERE path = 'changing.txt'"
    )
    raw = (kb / "pages" / passage["sha256"]).read_bytes()
    assert raw == old
    assert raw.decode()[passage["start"] : passage["end"]] == passage["text"]
    assert EDITIONS[0] in passage["text"]
    assert lacking_raw(kb, base.manifest) == []


def test_a_build_in_use_stays_with_its_raw_pages(kb: Path, builds: tuple[str, ...]) -> None:
    reader = open_kb(kb, build=builds[0])
    done = clear(kb, keep=0)
    assert (done.builds, done.in_use, done.kept) == ((builds[1],), (builds[0],), (builds[2], builds[0]))
    assert build_problems(kb, builds[0]) == []
    assert EDITIONS[0] in reader.search("灵活就业 缴费", k=1)[0].text  # nothing of it was loaded before
    reader.close()
    assert clear(kb, keep=0).builds == (builds[0],)


def test_a_reader_who_comes_while_her_build_goes_is_told(kb: Path, builds: tuple[str, ...]) -> None:
    folder = build_folder(kb, builds[0])
    opening = "import sys; from index.build.lease import Lease; from pathlib import Path\nprint('ready', flush=True)\n"
    opening += "try:\n    Lease(Path(sys.argv[1]))\nexcept Exception as error:\n    print(error)\n"
    with (folder / MANIFEST).open("rb+") as manifest:
        fcntl.flock(manifest, fcntl.LOCK_EX)  # as clearing does
        with another_process(opening, folder) as reader:
            waiting = Path(f"/proc/{reader.pid}/wchan")
            deadline = time.monotonic() + 20
            while waiting.exists() and "lock" not in waiting.read_text() and time.monotonic() < deadline:
                time.sleep(0.01)
            folder.rename(folder.with_name(f".trash-{builds[0]}"))
            fcntl.flock(manifest, fcntl.LOCK_UN)
            assert reader.stdout is not None
            told = reader.stdout.read()
    assert "was just removed" in told or told == ""  # it came after the renaming: who reads says what is missing
    with pytest.raises(StoreError, match=f"no build '{builds[0]}'; name one of"):
        open_kb(kb, build=builds[0])


def test_clearing_drops_caches_that_nobody_reads(kb: Path, builds: tuple[str, ...]) -> None:
    model = load_embedder().fingerprint[:16]
    code = code_fingerprint()[:8]
    (kb / "cache").mkdir(exist_ok=True)
    there = {file.name for file in (kb / "cache").iterdir()}
    old = {f"vectors-{model}-00000000.sqlite", f"vectors-{'0' * 16}-{code}.sqlite", "pages-00000000.sqlite"}
    for name in {*old, "notes.sqlite", f"vectors-{model}-{code}.sqlite"}:
        (kb / "cache" / name).touch()
    (kb / "gate").mkdir(exist_ok=True)
    (kb / "gate" / "0123456789ab-0123456789ab.json").touch()
    (kb / "gate" / f"{builds[2]}-0123456789ab.json").touch()
    assert set(clear(kb).caches) == {*(f"cache/{name}" for name in old), "gate/0123456789ab-0123456789ab.json"}
    assert {file.name for file in (kb / "cache").iterdir()} == {
        *there,
        "notes.sqlite",
        f"vectors-{model}-{code}.sqlite",
    }


def test_raw_pages_stay_while_a_kept_build_cannot_say_which_it_cites(kb: Path, builds: tuple[str, ...]) -> None:
    (build_folder(kb, builds[1]) / MANIFEST).write_bytes(b"{")
    done = clear(kb, keep=2)
    assert (done.builds, done.raw_pages) == ((), ())
    assert builds[1] in done.notes[0]
    assert set(clear(kb, keep=0).builds) == {builds[0], builds[1]}
    assert len(list((kb / "pages").iterdir())) == 2


def test_without_a_published_build_none_is_removed(kb: Path, builds: tuple[str, ...]) -> None:
    (kb / "CURRENT").unlink()
    assert clear(kb, keep=0).builds == ()
    assert {folder.name for folder in build_folders(kb)} == set(builds)


def test_clearing_what_cannot_be_removed_is_a_clear_error(kb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(CannotClear, match="Permission denied"):
        clear(kb, keep=0)


def test_two_clearings_at_once_are_refused(kb: Path) -> None:
    with rebuild_lock(kb), pytest.raises(RebuildRunning):
        clear(kb)
    with pytest.raises(StoreError, match="no such folder"):
        clear(kb / "nowhere")
    assert not (kb / "nowhere").exists()
