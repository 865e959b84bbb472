"""A rebuild works only on what changed, and gives what a build from nothing gives, byte for byte; so do many workers."""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from index.build import page_work
from index.build.build import rebuild
from index.build.failed import RebuildFailed
from index.build.gather import hash_pages
from index.build.in_order import Job, in_order
from index.build.make import make_build
from index.build.manifest import build_id
from index.build.page_cache import PageCache, Unread, key_of_entry, pack
from index.build.runner import Processes
from index.lexicon.own import read_own
from index.model import load_embedder
from index.model.embedder import Embedder
from index.store.records import Records
from ingest.corpus import find_corpus

ROOT = Path(__file__).resolve().parents[1]
WORDS = "参保缴费待遇报销备案转移续接窗口材料审核登记账户年限住院门诊结算凭证单位职工居民补助标准比例时限手续"
FOOTER = ("市民来信选登", "手机应用下载", "服务热线与邮箱", "意见与建议")
PAGES = 22  # two more than a site needs for its furniture to be known
KINDS = ("plain", "other", "bare", "copy", "gone", "renamed", "elsewhere", "overruled", "broken")
Kinds = Mapping[int, str]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder("bundled")


def prose(seed: str, parts: int = 6) -> str:
    chance = random.Random(seed)
    return "，".join("".join(chance.sample(WORDS, 9)) for _ in range(parts)) + "。"


def title(number: int, kind: str = "plain") -> str:
    return f"{prose(f'{kind} title {number}')[:9]}问答之{number}"


def text_of(number: int, kind: str) -> str:
    """Three paragraphs, a teaser of the next page, a line that half of the pages have, and the footer of the site."""
    if kind == "copy":
        return text_of((number + 5) % PAGES, "plain")
    words = kind if kind == "other" else "plain"
    after = (number + 1) % PAGES
    lines = [title(number, words), *(prose(f"{words} {part} {number}") for part in "abc")]
    lines += [title(after), prose(f"plain a {after}")[:40]]
    lines += ["办理结果查询入口"] if number % 2 else []
    return "\n\n".join([*lines, *(() if kind == "bare" else FOOTER)])


def write(place: Path, kinds: Kinds, *, count: int = PAGES) -> Path:
    """Write a corpus in which page n is of the kind `kinds[n]`, and return its folder."""
    pages = place / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir(parents=True)
    sidecar, overrules = [], []
    for number in range(count):
        kind = kinds.get(number, "plain")
        name = f"{'q' if kind == 'renamed' else 'p'}{number:02}.txt"
        if kind == "gone":
            continue
        (pages / name).write_bytes(
            b"\x89PNG\r\n\x1a\n" + bytes(99) if kind == "broken" else text_of(number, kind).encode()
        )
        if kind == "elsewhere":
            sidecar.append(json.dumps({"path": name, "url": f"https://other.example/{number}", "publisher": "某局"}))
        if kind == "overruled":
            overrules.append(f"{name}\tremove\t{prose(f'plain b {number}')}\tnot wanted")
    (pages / "pages.jsonl").write_text("\n".join(sidecar), encoding="utf-8")
    (place / "overrules.tsv").write_text("\n".join(overrules), encoding="utf-8")
    return pages


def make(pages: Path, kb: Path, embedder: Embedder, *, full: bool = False, workers: int = 1) -> dict[str, Any]:
    """Make the build of these pages whether it is there or not, and return its manifest."""
    corpus = find_corpus([pages])
    own = read_own(corpus.found.roots)

    def quiet(stage: str, done: int, total: int) -> None:
        pass

    inputs, bad = hash_pages(corpus, own, embedder, quiet)
    build = build_id(inputs)
    options = {"full": full, "strict": False, "progress": quiet, "runner": Processes(workers)}
    return make_build(kb, build, corpus, own, inputs, bad, embedder, **options)  # type: ignore[arg-type]


def contents(kb: Path, build: str) -> dict[str, bytes]:
    """Return the files of a build, of the manifest what does not depend on when and where."""
    folder = kb / "builds" / build
    files = {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}
    manifest = json.loads(files["manifest.json"])
    manifest = {key: value for key, value in manifest.items() if key not in ("made", "sha256")}
    return {**files, "manifest.json": json.dumps(manifest, sort_keys=True).encode()}


def rows(kb: Path, build: str, sql: str) -> list[dict[str, Any]]:
    records = Records(kb / "builds" / build / "records.sqlite")
    try:
        return records.query(sql)
    finally:
        records.close()


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(
        st.dictionaries(st.integers(0, PAGES - 1), st.sampled_from(KINDS), max_size=8), min_size=2, max_size=3
    ),
    workers=st.sampled_from([1, 1, 2]),
)
@example(rounds=[{}, {2 * n: kind for n, kind in enumerate(KINDS)}], workers=1)
@example(rounds=[{2 * n: kind for n, kind in enumerate(KINDS)}, {}], workers=2)
def test_any_edits_give_what_a_build_from_nothing_gives(
    embedder: Embedder, rounds: list[dict[int, str]], workers: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for kinds in rounds:
            pages = write(place, kinds)
            last = make(pages, place / "kb", embedder, workers=workers)
        fresh = make(pages, place / "fresh", embedder)
        assert last["id"] == fresh["id"]
        assert contents(place / "kb", last["id"]) == contents(place / "fresh", fresh["id"])


def test_many_workers_give_the_same_build_as_one(tmp_path: Path, embedder: Embedder) -> None:
    pages = write(tmp_path, {3: "other", 5: "broken", 7: "elsewhere", 9: "overruled"})
    one = make(pages, tmp_path / "one", embedder)
    two = make(pages, tmp_path / "two", embedder, workers=3)
    assert (one["made"]["cleaned"], two["made"]["cleaned"]) == (PAGES - 1, PAGES - 1)
    assert contents(tmp_path / "one", one["id"]) == contents(tmp_path / "two", two["id"])


def test_only_the_changed_page_is_cleaned(tmp_path: Path, embedder: Embedder) -> None:
    kb = tmp_path / "kb"
    first = make(write(tmp_path, {}), kb, embedder)["made"]
    assert (first["cleaned"], first["kept"], first["anew"]) == (PAGES, 0, None)
    again = make(write(tmp_path, {}), kb, embedder)["made"]
    assert (again["cleaned"], again["kept"]) == (0, PAGES)
    after = make(write(tmp_path, {4: "overruled"}), kb, embedder)
    assert (after["made"]["cleaned"], after["made"]["kept"]) == (1, PAGES - 1)
    assert after["overruled"] == {"keep": 0, "remove": 1}


def test_a_page_is_cleaned_again_when_the_article_that_it_teases_changes(tmp_path: Path, embedder: Embedder) -> None:
    kb = tmp_path / "kb"
    first = make(write(tmp_path, {}), kb, embedder)
    teased = "SELECT from_article FROM see_also JOIN pages ON to_article = pages.id WHERE path = 'p08.txt'"
    assert len(rows(kb, first["id"], teased)) == 1
    after = make(write(tmp_path, {8: "other"}), kb, embedder)
    assert (after["made"]["cleaned"], after["made"]["kept"]) == (2, PAGES - 2)  # p08 and p07, which teases it
    assert rows(kb, after["id"], teased) == []
    kept = rows(
        kb,
        after["id"],
        "SELECT 1 FROM passages JOIN pages ON pages.id = article_id WHERE path = 'p07.txt'"
        f" AND passages.text LIKE '%{title(8)}%'",
    )
    assert len(kept) == 1


def test_one_more_page_of_a_site_changes_numbers_and_cleans_nothing_again(tmp_path: Path, embedder: Embedder) -> None:
    kb = tmp_path / "kb"
    make(write(tmp_path, {}), kb, embedder)
    after = make(write(tmp_path, {}, count=PAGES + 1), kb, embedder)
    assert (after["made"]["cleaned"], after["made"]["kept"]) == (1, PAGES)
    said = rows(
        kb,
        after["id"],
        "SELECT DISTINCT evidence FROM removals JOIN pages ON pages.id = page_id WHERE path = 'p02.txt'"
        " AND rule = 'repeated'",
    )
    numbers = (
        "this line stands on 23 of 23 pages of the folder ., in a row of 4 such lines, where the page begins or ends"
    )
    assert [row["evidence"] for row in said] == [numbers]
    assert rows(kb, after["id"], "SELECT pages, removed FROM repeats WHERE line = '意见与建议'") == [
        {"pages": 23, "removed": 23}
    ]


def test_a_line_that_becomes_rare_comes_back_to_all_pages(tmp_path: Path, embedder: Embedder) -> None:
    kb = tmp_path / "kb"
    make(write(tmp_path, {}), kb, embedder)
    bare = dict.fromkeys(range(13), "bare")  # the footer stands on 9 pages, and 10 make it furniture
    after = make(write(tmp_path, bare), kb, embedder)
    assert after["made"]["cleaned"] == PAGES
    assert after["removals"].get("repeated", 0) == 0


def test_what_all_pages_depend_on_makes_all_anew_and_is_named(tmp_path: Path, embedder: Embedder) -> None:
    kb = tmp_path / "kb"
    pages = write(tmp_path, {})
    make(pages, kb, embedder)
    (tmp_path / "lexicon").mkdir()
    shutil.copy(next((ROOT / "index" / "lexicon").rglob("*.tsv")), tmp_path / "lexicon")
    after = make(pages, kb, embedder)["made"]
    assert (after["cleaned"], after["anew"]) == (PAGES, "the lexicon changed")
    full = make(pages, kb, embedder, full=True)["made"]
    assert (full["cleaned"], full["anew"]) == (PAGES, "everything was asked for anew")
    cache = next((kb / "cache").glob("pages-*.sqlite"))
    cache.rename(cache.with_name("pages-00000000.sqlite"))
    other = make(pages, kb, embedder)["made"]
    assert (other["cleaned"], other["anew"]) == (PAGES, "the code or a parser changed")
    assert list((kb / "cache").glob("pages-*.sqlite")) == [cache]


@pytest.mark.parametrize("damage", ["garbage", "cut", "entry", "no tables"])
def test_a_damaged_cache_costs_time_and_nothing_else(tmp_path: Path, embedder: Embedder, damage: str) -> None:
    kb = tmp_path / "kb"
    pages = write(tmp_path, {}, count=6)
    before = make(pages, kb, embedder)
    cache = next((kb / "cache").glob("pages-*.sqlite"))
    if damage == "garbage":
        cache.write_bytes(b"no cache" * 5000)
    elif damage == "cut":
        os.truncate(cache, cache.stat().st_size // 2)
    else:
        connection = sqlite3.connect(cache)
        if damage == "entry":
            connection.execute("UPDATE entries SET content = zeroblob(length(content)) WHERE rowid = 2")
        else:
            connection.executescript("DROP TABLE entries; CREATE TABLE entries (something INTEGER)")
        connection.commit()
        connection.close()
    after = make(pages, kb, embedder)
    assert contents(kb, after["id"]) == contents(kb, before["id"])
    assert after["made"]["anew"] == (None if damage == "entry" else "what was kept of pages was damaged")
    again = make(pages, kb, embedder)
    assert (again["made"]["cleaned"], again["made"]["kept"]) == (0, 6)


def test_the_cache_holds_what_the_last_ten_builds_needed(tmp_path: Path, embedder: Embedder) -> None:
    kb = tmp_path / "kb"
    make(write(tmp_path, {}, count=6), kb, embedder)
    fewer = write(tmp_path, {}, count=2)
    held = []
    for _ in range(10):
        make(fewer, kb, embedder)
        connection = sqlite3.connect(next((kb / "cache").glob("pages-*.sqlite")))
        held += connection.execute("SELECT count(*) FROM entries").fetchone()
        connection.close()
    assert held == [12] * 9 + [4]  # a page teaches and becomes


def test_raw_bytes_that_went_missing_are_kept_again(tmp_path: Path, embedder: Embedder) -> None:
    kb = tmp_path / "kb"
    pages = write(tmp_path, {}, count=3)
    make(pages, kb, embedder)
    lost = sorted(file for file in (kb / "pages").iterdir() if file.is_file())[1]
    whole = lost.read_bytes()
    lost.write_bytes(b"something else")
    assert make(pages, kb, embedder)["made"]["kept"] == 3
    assert lost.read_bytes() == whole


def test_a_page_that_takes_too_long_is_named_and_changes_the_id(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = write(tmp_path, {}, count=3)
    normal = make(pages, tmp_path / "kb", embedder)
    (pages / "long.txt").write_text("\n".join(prose(str(n % 50)) for n in range(9000)), encoding="utf-8")
    # The other pages are taken from the cache; this one takes far longer, on any machine, in the pass that comes first.
    monkeypatch.setattr(page_work, "PAGE_CPU_S", 0.02)
    gc.disable()  # an alarm that falls into hypothesis' callback of the collector is lost there
    try:
        slow, again = (make(pages, tmp_path / "kb", embedder) for _ in range(2))
    finally:
        gc.enable()
    said = "found a page that is not read after 0.02 s of CPU time, expected a page to read, split it"
    assert slow["skipped"] == [{"path": "long.txt", "reason": said}]
    assert slow["inputs"]["slow"] == [["long.txt", said]]
    assert slow["id"] == build_id(slow["inputs"]) != normal["id"]
    assert rows(tmp_path / "kb", slow["id"], "SELECT count(*) AS n FROM pages") == [{"n": 3}]
    assert again["id"] == slow["id"]


def test_a_worker_that_dies_is_told_with_its_page() -> None:
    def work(number: int) -> int:
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    jobs: list[Job[None, int]] = [Job(number, f"page{number}", None) for number in range(6)]
    with pytest.raises(RebuildFailed, match=r"page3.*ended from outside"):
        list(in_order(jobs, work, workers=2))


def test_what_work_raises_comes_through_from_another_process() -> None:
    def work(number: int) -> int:
        if number == 2:
            raise RebuildFailed("page2: changed")
        return number

    found = in_order([Job(n, f"page{n}", None) for n in range(5)], work, workers=2)
    assert [next(found)[1], next(found)[1]] == [0, 1]
    with pytest.raises(RebuildFailed, match="page2: changed"):
        next(found)


def test_results_come_in_order_and_known_ones_are_not_worked_on() -> None:
    def work(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number * 10

    jobs = [Job(number, str(number), number + 0.5, -1 if number % 3 == 1 else None) for number in range(300)]
    found = [(job.context, result) for job, result in in_order(iter(jobs), work, workers=2)]
    assert found == [(n + 0.5, -1 if n % 3 == 1 else n * 10) for n in range(300)]


@pytest.mark.parametrize("ended_by", ["kill", "Ctrl+C"])
def test_workers_end_with_their_rebuild(ended_by: str) -> None:
    code = (
        "import os, time\n"
        "from index.build.in_order import Job, in_order\n"
        "def work(n):\n    os.write(1, b'%d\\n' % os.getpid())\n    time.sleep(600)\n    return n\n"
        "list(in_order([Job(n, str(n), None) for n in range(2)], work, workers=2))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        # Tests that run in the background have it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    with process.stdout:
        workers = [int(process.stdout.readline()) for _ in range(2)]
        if ended_by == "kill":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=60) == (-signal.SIGKILL if ended_by == "kill" else -signal.SIGINT)
    patience = time.monotonic() + 60
    while any(map(_is_alive, workers)) and time.monotonic() < patience:
        time.sleep(0.01)
    assert [pid for pid in workers if _is_alive(pid)] == []


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_entry_of_another_key_is_not_believed(tmp_path: Path) -> None:
    inputs: dict[str, Any] = {"lexicon": [], "model": {}, "source_rules": []}
    cache = PageCache(tmp_path, inputs, anew=None)
    first, second = key_of_entry("one"), key_of_entry("two")
    cache.keep(first, pack(Unread("found nothing")))
    assert cache.lesson(first) == Unread("found nothing")
    cache._connection.execute("UPDATE entries SET key = ?", (second,))
    assert cache.lesson(second) is None
    cache.close()


def test_pages_that_were_missing_for_a_night_come_back_as_they_were(tmp_path: Path) -> None:
    kb, pages = tmp_path / "kb", tmp_path / "pages"
    pages.mkdir()
    body = "灵活就业人员可以自愿参加职工基本医疗保险，缴费由本人承担，具体年限由各统筹地区规定。"
    for number in range(6):
        (pages / f"{number}.txt").write_text(f"第{number}号办事指南\n\n{body}\n", encoding="utf-8")
    embedder = load_embedder("bundled")
    rebuild([pages], kb, embedder=embedder)
    texts = {file: file.read_bytes() for file in sorted(pages.iterdir())[3:]}
    for file in texts:
        file.unlink()
    rebuild([pages], kb, embedder=embedder)
    for file, data in texts.items():
        file.write_bytes(data)
    (pages / "new.txt").write_text(f"新来的办事指南\n\n{body}\n", encoding="utf-8")
    assert rebuild([pages], kb, embedder=embedder).cleaned == 1
