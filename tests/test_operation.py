"""The operation page and the states in which there is nothing to read, run by Streamlit without a browser."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import socket
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from index.audit import DoubtfulPage
from index.build import journal
from index.build.build import rebuild
from index.build.builds import kept_builds
from index.build.health import know, look_at
from index.build.history import builds_shown, read_history, seconds_of
from index.build.lock import Owner, died, rebuild_lock, running
from index.build.neighbours import steps
from index.build.publish import publish, read_current
from index.build.underway import telling, underway
from index.kb import KnowledgeBase
from index.model import load_embedder
from index.unanswered import note, read_unanswered
from search_app.views.address import Address
from search_app.views.findings_html import doubtful_html, questions_html, skipped_html
from search_app.views.history_html import gate_html, lasted, log_html, size_told
from search_app.when import Clock, clock
from search_app.words import Words

APP = Path(__file__).resolve().parents[1] / "search_app" / "app.py"
NASTY = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
ZH, EN = Words("zh"), Words("en")
NOW = Clock(ZH, datetime(2026, 1, 2, 12, 0, tzinfo=UTC))
DIFFERENCE = {
    "other": 0.8,
    "this": 0.6,
    "difference": -0.2,
    "low": -0.3,
    "high": -0.1,
    "wins": 0,
    "ties": 1,
    "losses": 9,
}


def page(monkeypatch: pytest.MonkeyPatch, folder: Path, **params: str) -> AppTest:
    monkeypatch.setenv("POLICYKB_KB", str(folder))
    app = AppTest.from_file(str(APP), default_timeout=30)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def body(app: AppTest) -> str:
    return "".join(element.value for element in app.html if not element.value.startswith(("<style", "<script")))


def words(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.fixture
def copy(sample_kb: KnowledgeBase, tmp_path: Path) -> Path:
    """A copy of the sample base, to be changed, without questions that other tests asked."""
    kb = Path(shutil.copytree(sample_kb.folder, tmp_path / "kb"))
    (kb / "unanswered.jsonl").unlink(missing_ok=True)
    return kb


@pytest.fixture
def two(tmp_path: Path, make_kb: Callable[..., KnowledgeBase]) -> tuple[Path, str, str]:
    """A base with two builds: a page was added; and their ids, the older first."""
    text = "{0}怎么办理\n\n{0}由本人向经办机构提出申请,经办机构在三个工作日内办结,并告知结果。"
    kb = make_kb(text.format("异地就医备案"), text.format("生育津贴"))
    (tmp_path / "made" / "more.txt").write_text(text.format("医保关系转移"), encoding="utf-8")
    report = rebuild([tmp_path / "made"], kb.folder, embedder=load_embedder("bundled"))
    return kb.folder, kb.build, report.build


# What happened


def test_the_history_is_newest_first_and_bounded(tmp_path: Path) -> None:
    journal.append(tmp_path, "made", build="a")
    journal.append(tmp_path, "rebuilt", build="a", stages={"read": 1.5, "clean": 2}, seconds=4.0)
    journal.append(tmp_path, "published", build="a", previous=None, gate=None)
    journal.append(tmp_path, "rebuilt", build="a", stages={}, seconds=0.1)
    journal.append(tmp_path, "made", build="b")
    found = read_history(tmp_path, limit=3)
    assert [(event["event"], event["build"]) for event in found.events] == [
        ("made", "b"),
        ("rebuilt", "a"),
        ("published", "a"),
    ]
    assert found.count == 4, "that a was made goes without saying"
    assert found.stages is not None
    assert seconds_of(found.stages) == {"read": 1.5, "clean": 2.0}
    assert found.judged is None


@pytest.mark.parametrize(
    "gate",
    [None, [], {"differences": {}}, {"differences": {"mrr@10": {"this": 1}}, "worse": []}, {"differences": {"a": 1}}],
)
def test_a_verdict_of_another_version_is_passed_over(tmp_path: Path, gate: object) -> None:
    journal.append(tmp_path, "refused", build="a", gate=gate)
    assert read_history(tmp_path, limit=3).judged is None


def test_the_builds_that_readers_saw(two: tuple[Path, str, str]) -> None:
    kb, older, newer = two
    assert builds_shown(kb) == (newer, older)
    journal.append(kb, "rolled_back", build=older, previous=newer)
    assert builds_shown(kb) == (older, newer)
    shutil.rmtree(kb / "builds" / newer)
    assert builds_shown(kb) == (older,)


def test_what_changed_from_build_to_build(two: tuple[Path, str, str]) -> None:
    kb, older, newer = two
    builds = kept_builds(kb)
    assert [build.id for build in builds] == [newer, older]
    step, last = steps(kb, builds)
    assert last is None
    assert step is not None
    assert (step.other, step.pages, step.is_other_model, step.is_other_code) == (older, 1, False, False)
    (kb / "builds" / older / "manifest.json").write_text("{}")
    assert steps(kb, kept_builds(kb)) == (None, None), "what cannot be read is not compared"


def test_a_known_manifest_is_not_read_again(copy: Path) -> None:
    build = read_current(copy)
    known = know(copy, build)
    assert look_at(copy, quick=True, known=known).is_healthy
    manifest = copy / "builds" / build / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"articles"', '"articled"', 1))
    assert not look_at(copy, quick=True, known=known).is_healthy, "one that has changed is"


def test_a_running_rebuild_tells_its_stage(tmp_path: Path) -> None:
    assert underway(tmp_path) is None
    seen: list[tuple[str, int, int]] = []
    with rebuild_lock(tmp_path, "rebuild"):
        found = underway(tmp_path)
        assert found is not None
        assert (found.owner.command, found.stage) == ("rebuild", None)
        tell = telling(tmp_path, lambda *told: seen.append(told))
        for stage, done in (("learn", 9), ("clean", 3), ("clean", 4)):
            tell(stage, done, 50)
        found = underway(tmp_path)
        assert found is not None
        assert (found.owner.command, found.stage, found.done, found.total) == ("rebuild", "clean", 3, 50)
    assert seen == [("learn", 9, 50), ("clean", 3, 50), ("clean", 4, 50)]
    assert underway(tmp_path) is None
    assert (tmp_path / "LOCK").read_text() == ""


def test_who_only_looks_keeps_no_rebuild_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = Owner(2**22 + 1, socket.gethostname(), "2026-01-01T00:00:00+00:00", "rebuild")  # beyond any process id
    (tmp_path / "LOCK").write_text(json.dumps(asdict(dead)) + "\n")
    with (tmp_path / "LOCK").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)  # what a look holds for an instant
        assert (running(tmp_path), died(tmp_path), underway(tmp_path)) == (None, dead, None), "nobody rebuilds"
    with (tmp_path / "LOCK").open() as after:
        fcntl.flock(after, fcntl.LOCK_EX | fcntl.LOCK_NB)  # whoever looked has let go

    (tmp_path / "LOCK").write_text("")
    with (tmp_path / "LOCK").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        waits: list[float] = []

        def look_ends(seconds: float) -> None:
            waits.append(seconds)
            fcntl.flock(looking, fcntl.LOCK_UN)

        monkeypatch.setattr("index.build.lock.time.sleep", look_ends)
        with rebuild_lock(tmp_path, "gc"):
            assert len(waits) == 1, "it waited until the look had ended"
            owner = running(tmp_path)
            assert owner is not None
            assert (owner.pid, owner.command) == (os.getpid(), "gc")
            with pytest.raises(BlockingIOError):
                fcntl.flock(looking, fcntl.LOCK_SH | fcntl.LOCK_NB)


# How it is said


def test_times_are_told_in_the_readers_zone() -> None:
    there = Clock(ZH, NOW.now, ZoneInfo("Asia/Shanghai"))
    assert there.at("2026-01-01T23:30:00+00:00") == "2026-01-02 07:30"
    assert NOW.at("2026-01-01T23:30:00+00:00") == "2026-01-01 23:30 UTC"
    ages = (
        "2026-01-02T11:59:30+00:00",
        "2026-01-02T11:58:30+00:00",
        "2026-01-02T10:00:00+00:00",
        "2025-12-30T12:00:00+00:00",
    )
    assert [NOW.ago(age) for age in ages] == ["刚刚", "1 分钟前", "2 小时前", "3 天前"]
    assert (NOW.at(NASTY), NOW.ago(NASTY)) == (NASTY, "")
    assert clock(EN, "No/Where").zone is None


def test_durations_and_sizes() -> None:
    assert [lasted(seconds, EN) for seconds in (0.04, 9.96, 41.2, 2411.7)] == ["0.0 s", "10.0 s", "41 s", "40 min 11 s"]
    assert [size_told(size) for size in (0, 999, 2_200_000, 58_700_000_000)] == ["0 B", "999 B", "2.2 MB", "58.7 GB"]


def test_nothing_foreign_becomes_markup() -> None:
    here = Address()
    gate = {
        "passed": False,
        "reason": NASTY,
        "published": "aaa",
        "build": "bbb",
        "questions": 3,
        "differences": {NASTY: DIFFERENCE},
        "fell": [NASTY],
        "worse": [{"text": NASTY, "happened": NASTY}],
        "left_out": {},
    }
    event = {"at": NASTY, "event": NASTY, "build": NASTY, "reason": NASTY, "gate": gate}
    history = read_history(Path("/nonexistent"), limit=1)
    history = type(history)((event,), 1, None, {**event, "build": "bbb"})
    asked = read_unanswered(Path("/nonexistent"))
    html = "".join(
        (
            log_html(history, (NASTY, "aaa"), here, NOW, ZH),
            gate_html(history, ("aaa", "bbb"), here, NOW, EN),
            doubtful_html([DoubtfulPage("abc", NASTY, NASTY, NASTY, 0.1, (NASTY,))], "aaa", here, EN),
            skipped_html([{"path": NASTY, "reason": NASTY}], EN, most=5),
            questions_html(asked, here, NOW, ZH, most=5),
        )
    )
    assert "<img" not in html
    assert "<script" not in html
    assert words(html).count(NASTY) >= 10


def test_the_gate_shows_measures_and_asks_both_builds(tmp_path: Path) -> None:
    worse = [{"text": f"第{number}题", "happened": "was at rank 1, now not found"} for number in range(30)]
    gate = {"passed": False, "reason": "no measure fell", "published": "aaa", "build": "bbb", "questions": 195}
    gate |= {"differences": {"mrr@10": DIFFERENCE, "included": DIFFERENCE}, "fell": ["mrr@10"], "worse": worse}
    journal.append(tmp_path, "refused", build="bbb", gate=gate)
    html = gate_html(read_history(tmp_path, limit=9), ("aaa",), Address(lang="zh"), NOW, ZH)
    assert "0.800" in html
    assert "-0.300 … -0.100" in html
    assert html.count(">变差</span>") == 1
    assert "变差的问题 30 道" in html
    assert "原来第 1 名，现在找不到" in html
    assert html.count("<li>") == 20
    assert "build=aaa" in html
    assert "build=bbb" not in html, "a build that is gone cannot be asked"


# The page


def test_the_overview_says_how_it_is(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    build = read_current(copy)
    shown = words(body(page(monkeypatch, copy, view="operation")))
    assert "一切正常" in shown
    assert f"现在发布的构建 {build}" in shown
    for stage in ("读取页面", "清洗", "向量化"):
        assert stage in shown
    assert "第一次发布" in shown
    assert f"policykb status --kb {copy}" in shown
    journal.append(copy, "failed", reason="no space left", seconds=1.0, stages={})
    shown = words(body(page(monkeypatch, copy, view="operation", lang="en")))
    assert "Serving well; something needs a person" in shown
    assert "the last rebuild failed" in shown
    assert "no space left" in shown


def test_a_damaged_base_is_told_on_the_page_for_the_maintainer(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    build = read_current(copy)
    (copy / "builds" / build / "records.sqlite").write_text("garbage")
    shown = words(body(page(monkeypatch, copy, view="operation")))
    assert "有损坏，请先处理" in shown
    assert "记录文件读不出来" in shown
    for part in ("coverage", "cleaning", "builds"):
        page(monkeypatch, copy, view="operation", part=part)


def test_without_a_base_every_part_stays_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown = words(body(page(monkeypatch, tmp_path / "none", view="operation")))
    assert "还没有发布的构建" in shown
    for part in ("questions", "coverage", "cleaning", "builds"):
        page(monkeypatch, tmp_path / "none", view="operation", part=part)


def test_coverage_cleaning_and_builds(monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase) -> None:
    cover = body(page(monkeypatch, sample_kb.folder, view="operation", part="coverage"))
    assert "没有文章的省份" in words(cover)
    assert "?region=" in cover
    cleaning = body(page(monkeypatch, sample_kb.folder, view="operation", part="cleaning"))
    links = re.findall(r'href="(\?view=article[^"]*)"', unescape(cleaning))
    assert links
    assert all(f"build={sample_kb.build}" in link and "ledger=1" in link for link in links)
    assert "推荐条目" in words(cleaning)
    builds = body(page(monkeypatch, sample_kb.folder, view="operation", part="builds"))
    assert f"build={sample_kb.build}" in builds
    assert "现在发布" in words(builds)


def test_questions_without_an_answer_are_noted_once_and_shown(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    asked = page(monkeypatch, copy, q="今天的股票涨了吗")
    asked.run()
    page(monkeypatch, copy, q="没赶上居民医保集中缴费期，等待期是多久？")
    (one,) = read_unanswered(copy)
    assert (one.question, one.verdict, one.count, one.build) == ("今天的股票涨了吗", "outside", 1, read_current(copy))
    page(monkeypatch, copy, q="今天的股票涨了吗")  # another session
    html = body(page(monkeypatch, copy, view="operation", part="questions"))
    assert "今天的股票涨了吗" in words(html)
    assert "2 次" in words(html)


def test_with_the_switch_off_nothing_is_noted_or_announced(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    assert "没有答案的问题会记在本机" in words(body(page(monkeypatch, copy)))
    monkeypatch.setenv("POLICYKB_QUESTION_LOG", "0")
    page(monkeypatch, copy, q="今天的股票涨了吗")
    assert not (copy / "unanswered.jsonl").exists()
    assert "没有答案的问题会记在本机" not in words(body(page(monkeypatch, copy)))
    assert "记录已关闭" in words(body(page(monkeypatch, copy, view="operation", part="questions")))


def test_a_log_that_cannot_be_written_disturbs_nobody(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    (copy / "unanswered.jsonl").mkdir()
    shown = words(body(page(monkeypatch, copy, q="今天的股票涨了吗")))
    assert "不在收录范围内" in shown
    told = words(body(page(monkeypatch, copy, view="operation", part="questions")))
    assert "记不下来" in told


def test_a_public_server_hides_the_page(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    note(copy, "b", "私下的问题", "outside")
    assert "view=operation" in body(page(monkeypatch, copy))
    monkeypatch.setenv("POLICYKB_OPERATION_PAGE", "off")
    assert "view=operation" not in body(page(monkeypatch, copy))
    shown = words(body(page(monkeypatch, copy, view="operation", part="questions")))
    assert "这里不提供运行状况页" in shown
    assert "私下的问题" not in shown


# The states


def test_a_damaged_build_names_the_way_back_and_builds_to_read(
    monkeypatch: pytest.MonkeyPatch, two: tuple[Path, str, str]
) -> None:
    kb, older, newer = two
    (kb / "builds" / newer / "records.sqlite").write_text("garbage")
    html = body(page(monkeypatch, kb))
    assert "知识库读不出来" in words(html)
    assert f"policykb rollback --kb {kb}" in words(html)
    assert f'href="?build={older}"' in html
    assert f'href="?build={newer}"' not in html
    publish(kb, older)
    assert "知识库读不出来" not in words(body(page(monkeypatch, kb)))


def test_a_lost_current_is_damage_and_no_new_start(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    (copy / "CURRENT").unlink()
    shown = words(body(page(monkeypatch, copy, lang="en")))
    assert "The knowledge base cannot be read" in shown
    assert "has no published build" in shown


def test_a_first_build_that_runs_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    with rebuild_lock(kb):
        telling(kb, lambda *_: None)("clean", 1200, 5000)
        shown = words(body(page(monkeypatch, kb)))
        operation = words(body(page(monkeypatch, kb, view="operation")))
    for told in (shown, operation):
        assert "正在重建" in told
        assert "清洗 1,200/5,000" in told
    assert "正在建立知识库" in shown
    assert "正在重建" not in words(body(page(monkeypatch, kb)))


def test_a_model_that_is_gone_leaves_words(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    file = copy / "builds" / read_current(copy) / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest["model"]["fingerprint"] = "0" * 64
    file.write_text(json.dumps(manifest), encoding="utf-8")
    html = body(page(monkeypatch, copy, q="医保断缴", lang="en"))
    assert "The model does not fit this build, or is missing" in words(html)
    assert "--model NEWPLACE" in words(html)
    assert "mode=lexical" in html
    assert "Passages" in words(body(page(monkeypatch, copy, q="医保断缴", lang="en", mode="lexical")))
    assert "The model cannot be used; only words are searched" in words(
        body(page(monkeypatch, copy, view="operation", lang="en"))
    )
