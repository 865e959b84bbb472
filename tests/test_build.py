"""A build is a function of its input, is published whole or not at all, and survives what can go wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from index.build.build import Report, rebuild
from index.build.check import structure_problems
from index.build.gather import RebuildFailed
from index.build.lock import RebuildRunning, rebuild_lock
from index.build.manifest import read_manifest
from index.build.publish import build_folder, read_current
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.model.embedder import ModelError, TableEmbedder
from index.store import StoreError
from ingest.find import NoPages

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "corpus" / "pages"
# Whatever depends on the clock or on where the base lies; everything else of a build must be the same byte for byte.
VARYING = {"made", "sha256"}


@pytest.fixture(scope="module")
def embedder() -> TableEmbedder:
    model = load_embedder("bundled")
    assert isinstance(model, TableEmbedder)
    return model


# Eight pages of four layouts are enough for what is shown here, and built in a fifth of the time of all.
EIGHT = (
    "chronic-outpatient.html",
    "cross-province-care.html",
    "family-account.txt",
    "flexible-retirement.html",
    "maternity-allowance.html",
    "pension-transfer.txt",
    "resident-insurance-gap.txt",
    "unemployment-medical.txt",
)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name in EIGHT:
        shutil.copy(PAGES / name, folder / name)
    rows = (PAGES / "pages.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "pages.jsonl").write_text("".join(r for r in rows if json.loads(r)["path"] in EIGHT), encoding="utf-8")
    return folder


def build(pages: Path, kb: Path, embedder: TableEmbedder, **options: bool) -> Report:
    return rebuild([pages], kb, embedder=embedder, **options)


def contents(kb: Path, build_id: str) -> dict[str, bytes]:
    """Return the files of a build but for where its pages were read from; of the manifest only what must not vary."""
    folder = build_folder(kb, build_id)
    files = {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}
    del files["places.json"]
    manifest = json.loads(files["manifest.json"])
    manifest = {key: value for key, value in manifest.items() if key not in VARYING}
    return {**files, "manifest.json": json.dumps(manifest, sort_keys=True).encode()}


def test_the_sample_corpus(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    report = build(pages, tmp_path / "kb", embedder)
    assert (report.pages, report.articles, report.skipped, report.previous) == (8, 8, [], None)
    gold = [json.loads(line) for line in (ROOT / "corpus/gold/pages.jsonl").read_text(encoding="utf-8").splitlines()]
    pieces = [len(page["snippets"]) + len(page["side_titles"]) for page in gold if page["path"] in EIGHT]
    assert report.removals["snippet"] == sum(pieces)
    assert report.embedded == report.passages == len(open_kb(tmp_path / "kb").passages())
    assert read_current(tmp_path / "kb") == report.build


def test_the_same_input_gives_the_same_build_in_any_order_and_place(
    pages: Path, tmp_path: Path, embedder: TableEmbedder
) -> None:
    first = build(pages, tmp_path / "a", embedder)
    moved = tmp_path / "moved"
    moved.mkdir()
    for file in sorted(pages.iterdir(), reverse=True):
        shutil.copy(file, moved / file.name)
    second = build(moved, tmp_path / "b", embedder)
    assert first.build == second.build
    assert contents(tmp_path / "a", first.build) == contents(tmp_path / "b", second.build)


def test_an_incremental_rebuild_equals_a_full_one(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    kb, fresh = tmp_path / "kb", tmp_path / "fresh"
    before = build(pages, kb, embedder)
    page = pages / "unemployment-medical.txt"
    page.write_text(page.read_text(encoding="utf-8").replace("失业保险金", "失业金", 1), encoding="utf-8")
    (pages / "family-account.txt").unlink()
    after = build(pages, kb, embedder)
    full = build(pages, fresh, embedder, full=True)
    assert after.build == full.build != before.build
    assert after.previous == before.build
    assert 0 < after.embedded < after.passages == full.embedded
    assert contents(kb, after.build) == contents(fresh, full.build)


def test_nothing_new_embeds_nothing_and_keeps_the_build(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    first = build(pages, tmp_path / "kb", embedder)
    again = build(pages, tmp_path / "kb", embedder)
    assert (again.build, again.embedded, again.reused) == (first.build, 0, first.passages)
    assert again.removals == first.removals


def test_full_replaces_the_published_build_by_an_equal_one(
    pages: Path, tmp_path: Path, embedder: TableEmbedder
) -> None:
    kb = tmp_path / "kb"
    first = build(pages, kb, embedder)
    before = contents(kb, first.build)
    assert build(pages, kb, embedder, full=True).build == first.build
    assert contents(kb, first.build) == before


def test_a_damaged_build_is_made_again(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    kb = tmp_path / "kb"
    first = build(pages, kb, embedder)
    file = build_folder(kb, first.build) / "vectors.faiss"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert build(pages, kb, embedder).build == first.build
    assert file.read_bytes() == whole


def test_a_damaged_cache_is_thrown_away(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    kb = tmp_path / "kb"
    first = build(pages, kb, embedder)
    cache = next((kb / "cache").glob("vectors-*"))
    cache.write_bytes(b"not a cache" * 1000)
    (pages / "family-account.txt").unlink()
    second = build(pages, kb, embedder)
    assert second.embedded == second.passages < first.passages


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.txt", b"", "empty file"),
        ("blank.html", b" \n \xef\xbb\xbf", "expected a page"),
        ("photo.txt", b"\x89PNG\r\n\x1a\n" + bytes(200), "PNG"),
        ("noise.txt", bytes(range(256)) * 20, "expected text or HTML"),
        ("table.pdf", b"%PDF-1.7", "not a page"),
        ("huge.txt", b"\xe5\x8c\xbb" * 17_000_000, "51000000 bytes"),
    ],
)
def test_a_bad_page_is_skipped_and_named_and_the_rest_goes_on(
    pages: Path, tmp_path: Path, embedder: TableEmbedder, name: str, content: bytes, words: str
) -> None:
    (pages / name).write_bytes(content)
    report = build(pages, tmp_path / "kb", embedder)
    assert report.pages == 8
    assert [item["path"] for item in report.skipped] == [name]
    assert words in report.skipped[0]["reason"]
    with pytest.raises(RebuildFailed, match=name):
        build(pages, tmp_path / "strict", embedder, strict=True)
    assert not (tmp_path / "strict" / "CURRENT").exists()


def test_an_unreadable_page_is_skipped(sample_kb: KnowledgeBase, as_anyone: Path, embedder: TableEmbedder) -> None:
    assert sample_kb.build  # built before: what a build imports is imported
    pages = as_anyone / "pages"
    pages.mkdir()
    for name in ("secret.txt", "open.txt"):
        (pages / name).write_text("参保须知\n参保人员应当登记。", encoding="utf-8")
    (pages / "secret.txt").chmod(0)
    report = rebuild([pages], as_anyone / "kb", embedder=embedder)
    assert [item["path"] for item in report.skipped] == ["secret.txt"]
    assert "may not be read" in report.skipped[0]["reason"]
    assert (report.pages, report.published) == (1, True)


def test_a_base_among_the_pages_is_refused(pages: Path, embedder: TableEmbedder) -> None:
    with pytest.raises(RebuildFailed, match="would be read as pages"):
        build(pages, pages / "kb", embedder)
    assert not (pages / "kb").exists()


def test_a_vanished_page_is_skipped(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    (pages / "dangling.txt").symlink_to(tmp_path / "nowhere.txt")
    report = build(pages, tmp_path / "kb", embedder)
    assert [item["path"] for item in report.skipped] == ["dangling.txt"]


def test_a_page_of_snippets_only_is_skipped_and_its_ledger_kept(
    pages: Path, tmp_path: Path, embedder: TableEmbedder, dump: Callable[..., object]
) -> None:
    (pages / "only.txt").write_text(dump(()).text, encoding="utf-8")  # type: ignore[attr-defined]
    report = build(pages, tmp_path / "kb", embedder)
    assert [(item["path"], "8 snippet" in item["reason"]) for item in report.skipped] == [("only.txt", True)]
    removals = open_kb(tmp_path / "kb").removals()
    assert (removals[removals.path == "only.txt"].rule == "snippet").sum() == 8


def test_with_a_bad_page_nothing_new_is_still_nothing_new(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    (pages / "empty.txt").touch()
    first = build(pages, tmp_path / "kb", embedder)
    made = (build_folder(tmp_path / "kb", first.build) / "manifest.json").stat().st_ino
    again = build(pages, tmp_path / "kb", embedder)
    assert (again.build, again.embedded, again.skipped) == (first.build, 0, first.skipped)
    assert (build_folder(tmp_path / "kb", first.build) / "manifest.json").stat().st_ino == made


def test_where_a_folder_lies_does_not_matter_to_what_was_skipped(
    pages: Path, tmp_path: Path, embedder: TableEmbedder
) -> None:
    (pages / "out.txt").symlink_to(ROOT / "README.md")
    first = build(pages, tmp_path / "a", embedder)
    moved = pages.rename(tmp_path / "elsewhere")
    assert [item["path"] for item in first.skipped] == ["out.txt"]
    assert build(moved, tmp_path / "b", embedder).build == first.build


@pytest.mark.parametrize("vanishes", [False, True])
def test_a_page_that_changes_or_vanishes_meanwhile_publishes_nothing(
    pages: Path, tmp_path: Path, embedder: TableEmbedder, vanishes: bool
) -> None:
    kb = tmp_path / "kb"
    first = build(pages, kb, embedder)
    page = pages / "unemployment-medical.txt"  # not as it was, so that it is read once more and not kept
    page.write_text(page.read_text(encoding="utf-8").replace("失业保险金", "失业金", 1), encoding="utf-8")

    def meddle(stage: str, done: int, _: int) -> None:
        if stage == "clean" and done == 1:
            page.write_text("别的", encoding="utf-8")
            if vanishes:
                page.unlink()

    with pytest.raises(RebuildFailed, match=r"unemployment-medical\.txt: (changed|vanished)"):
        rebuild([pages], kb, embedder=embedder, progress=meddle)
    assert read_current(kb) == first.build
    for name in EIGHT:
        shutil.copy(PAGES / name, pages / name)
    assert build(pages, kb, embedder).build == first.build


def test_full_leaves_an_undamaged_equal_build_where_it_is(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    kb = tmp_path / "kb"
    first = build(pages, kb, embedder)
    made = (build_folder(kb, first.build) / "manifest.json").stat().st_ino
    full = build(pages, kb, embedder, full=True)
    assert (full.build, full.embedded) == (first.build, first.passages)
    assert (build_folder(kb, first.build) / "manifest.json").stat().st_ino == made


def test_a_build_put_aside_by_a_killed_rebuild_comes_back(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    kb = tmp_path / "kb"
    first = build(pages, kb, embedder)
    place = build_folder(kb, first.build)
    place.rename(place.with_name(f".aside-{first.build}"))
    (pages / "family-account.txt").unlink()
    second = build(pages, kb, embedder)
    assert second.build != first.build
    assert len(open_kb(kb, build=first.build).passages()) == first.passages


def test_a_damaged_raw_page_is_mended_by_the_next_rebuild(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    kb = tmp_path / "kb"
    build(pages, kb, embedder)
    raw = max((kb / "pages").iterdir(), key=lambda file: file.name)
    whole = raw.read_bytes()
    raw.write_bytes(whole[:-1] + b"X")
    build(pages, kb, embedder)
    assert raw.read_bytes() == whole


def test_a_changed_vector_in_the_cache_is_not_believed(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    kb, fresh = tmp_path / "kb", tmp_path / "fresh"
    build(pages, kb, embedder)
    connection = sqlite3.connect(next((kb / "cache").glob("vectors-*")))
    connection.execute("UPDATE vectors SET vector = zeroblob(length(vector))")
    connection.commit()
    connection.close()
    (pages / "family-account.txt").unlink()
    second = build(pages, kb, embedder)
    build(pages, fresh, embedder)
    assert second.embedded == second.passages
    assert contents(kb, second.build) == contents(fresh, second.build)


@pytest.mark.parametrize("changed", ["sidecar", "code", "model"])
def test_whatever_decides_a_build_is_in_its_id(
    pages: Path, tmp_path: Path, embedder: TableEmbedder, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    before = build(pages, tmp_path / "a", embedder).build
    if changed == "sidecar":
        (pages / "pages.jsonl").write_text('{"path": "family-account.txt", "site": "别处"}', encoding="utf-8")
    elif changed == "code":
        monkeypatch.setattr("index.build.gather.code_fingerprint", lambda: "other")
    else:
        embedder = embedder.with_vectors(embedder.vectors(slice(None)) + 0.01)
    assert build(pages, tmp_path / "b", embedder).build != before


def test_a_base_that_cannot_be_written_is_a_clear_error(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RebuildFailed, match="cannot be written"):
        build(pages, tmp_path / "file" / "kb", embedder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("title.txt", "职工医保停缴后余额怎么办\n".encode()),
        ("letter.txt", b"a"),
        ("crumb.txt", "首页".encode()),
        ("tip.txt", "医保须知\n提示:本内容不能代替面诊,如有不适请尽快就医。\n".encode()),
        ("missing.html", b"<html><body><h1>404 Not Found</h1></body></html>"),
        ("hidden.html", "<html><body><p>\u200b</p></body></html>".encode()),
        ("wide.txt", b"\xff\xfe\x61\x00"),
        ("odd.txt", b"\xff\xfe\x00"),
    ],
)
def test_a_page_without_an_article_is_skipped_and_never_fatal(
    pages: Path, tmp_path: Path, embedder: TableEmbedder, name: str, content: bytes
) -> None:
    (pages / name).write_bytes(content)
    report = build(pages, tmp_path / "kb", embedder)
    assert (report.pages, [item["path"] for item in report.skipped]) == (8, [name])


def test_a_broken_byte_at_the_end_keeps_the_page_and_warns(
    pages: Path, tmp_path: Path, embedder: TableEmbedder
) -> None:
    page = pages / "family-account.txt"
    page.write_bytes(page.read_bytes() + "保".encode()[:2])
    report = build(pages, tmp_path / "kb", embedder)
    assert report.pages == 8
    assert [item["path"] for item in report.warnings] == ["family-account.txt"]


def test_a_folder_without_pages_is_an_error(tmp_path: Path, embedder: TableEmbedder) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoPages, match="empty"):
        build(tmp_path / "empty", tmp_path / "kb", embedder)
    with pytest.raises(NoPages, match="nowhere"):
        build(tmp_path / "nowhere", tmp_path / "kb", embedder)


def test_a_failing_rebuild_leaves_the_old_build_serving(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    kb = tmp_path / "kb"
    first = build(pages, kb, embedder)
    for file in pages.iterdir():
        file.write_bytes(b"")
    with pytest.raises(NoPages, match="nothing was published"):
        build(pages, kb, embedder)
    assert read_current(kb) == first.build
    assert open_kb(kb).search("生育津贴", k=1)[0].title


def test_a_killed_rebuild_leaves_the_old_build_and_the_next_one_clears_up(
    pages: Path, tmp_path: Path, embedder: TableEmbedder
) -> None:
    kb = tmp_path / "kb"
    first = build(pages, kb, embedder)
    text = (pages / "family-account.txt").read_text(encoding="utf-8")
    for number in range(400):
        (pages / f"more{number}.txt").write_text(text.replace("共济", f"共济{number}"), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", "from search_app.cli import main; main()", "rebuild", str(pages), "--kb", str(kb)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not list((kb / "builds").glob(".staging-*")):
            assert process.poll() is None, "the rebuild ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert list((kb / "builds").glob(".staging-*")) != []
    assert read_current(kb) == first.build
    assert len(open_kb(kb).passages()) == first.passages
    assert build(pages, kb, embedder).pages == 408
    assert list((kb / "builds").glob(".staging-*")) == []


def test_two_rebuilds_at_once_are_refused(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    with rebuild_lock(tmp_path / "kb"), pytest.raises(RebuildRunning, match=str(os.getpid())):
        build(pages, tmp_path / "kb", embedder)


def test_searching_with_another_model_is_refused(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    other = tmp_path / "other"
    embedder.with_vectors(embedder.vectors(slice(None)) * 0.5 + 0.01).save(other)
    report = build(pages, tmp_path / "kb", embedder)
    with pytest.raises(ModelError, match=report.build):
        open_kb(tmp_path / "kb", model=str(other)).search("医保")


@pytest.mark.parametrize("name", ["records.sqlite", "vectors.faiss", "terms/passages/rows.npy", "manifest.json"])
@pytest.mark.parametrize("damage", ["missing", "cut", "garbage"])
def test_a_damaged_base_is_a_clear_error(
    pages: Path, tmp_path: Path, embedder: TableEmbedder, name: str, damage: str
) -> None:
    kb = tmp_path / "kb"
    file = build_folder(kb, build(pages, kb, embedder).build) / name
    assert file.is_file()
    whole = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(whole[: len(whole) // 3] if damage == "cut" else b"\x00garbage" * 50)
    with pytest.raises(StoreError, match="policykb re"):
        open_kb(kb).search("医保断缴")


@pytest.mark.parametrize("content", [None, "", "../../etc\n", "0123456789ab\n"])
def test_a_base_without_a_published_build_is_a_clear_error(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "kb").mkdir()
        (tmp_path / "kb" / "CURRENT").write_text(content, encoding="utf-8")
    with pytest.raises(StoreError, match="policykb rebuild"):
        open_kb(tmp_path / "kb")


def test_the_records_open_with_plain_sqlite(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    kb = tmp_path / "kb"
    folder = build_folder(kb, build(pages, kb, embedder).build)
    connection = sqlite3.connect(folder / "records.sqlite")
    try:
        wrong = connection.execute(
            "SELECT count(*) FROM passages JOIN pages ON pages.id = article_id"
            " WHERE substr(pages.text, start + 1, end - start) <> passages.text"
        ).fetchone()
    finally:
        connection.close()
    assert wrong == (0,)
    assert read_manifest(folder)["counts"]["pages"] == 8


TEASED = "换工作以后，养老保险的记录不会消失，新单位参保满一个月就可以申请把以前的记录转移过来，全程可以在网上办"
ITEMS = [
    ("换工作以后养老保险怎么转移", TEASED[:40]),
    *(
        (f"第{n}种蔬菜怎么保存更久", f"保存第{n}种蔬菜要先去掉外层的叶子，再用纸包好放进冷藏室，注意不要沾水，否则")
        for n in range(6)
    ),
]


def with_items(title: str, text: str) -> str:
    items = [line for name, summary in ITEMS for line in (name, summary, "生活百科 2025-05-06")]
    return "\n\n".join([title, text, text.replace("，", "、"), "相关推荐", *items])


@pytest.fixture
def teasing(tmp_path: Path) -> Path:
    folder = tmp_path / "teasing"
    folder.mkdir()
    body = "失业保险金按月发放，发放期间由基金为领取人缴纳职工医疗保险费，个人不缴费，待遇与在职职工一样享受。"
    (folder / "from.txt").write_text(with_items("领失业金期间看病能报销吗", body), encoding="utf-8")
    lines = [
        "换工作以后养老保险怎么转移",
        f"{TEASED}。",
        "先在新单位参保，再提出申请，由两地的经办机构办理，本人不用来回跑。",
    ]
    (folder / "to.txt").write_text("\n\n".join(lines), encoding="utf-8")
    return folder


def test_a_proved_snippet_becomes_a_see_also_edge(teasing: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    build(teasing, tmp_path / "kb", embedder)
    kb = open_kb(tmp_path / "kb")
    ids = {row["path"]: row["id"] for row in kb.records.query("SELECT id, path FROM pages")}
    (link,) = kb.see_also(ids["from.txt"])
    assert (link.article_id, link.title, link.path) == (ids["to.txt"], ITEMS[0][0], "to.txt")
    assert (link.chars, link.others) == (31, 0)  # 40 characters with four marks: 36 letters, 31 of them compared
    reading = kb.article(ids["from.txt"])
    assert reading is not None
    assert reading.see_also == (link,)
    assert reading.text[link.start : link.end].split() == [*ITEMS[0], "生活百科", "2025-05-06"]
    assert kb.see_also(ids["to.txt"]) == ()


def test_what_repeats_on_a_site_is_in_the_records(tmp_path: Path, embedder: TableEmbedder) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    for n in range(21):
        own = "".join(chr(0x4E00 + (n * 97 + k * 31) % 4000) for k in range(90))
        (folder / f"p{n:02}.txt").write_text(f"第{n}页的标题\n\n{own}。\n\n办理条件\n\n{own[::-1]}。", encoding="utf-8")
    build(folder, tmp_path / "kb", embedder)
    kb = open_kb(tmp_path / "kb")
    assert kb.records.query("SELECT * FROM sites") == [{"site": "the folder .", "pages": 21}]
    rows = kb.records.query("SELECT * FROM repeats ORDER BY line")
    expected = {"site": "the folder .", "pages": 21, "removed": 0, "example": "p00.txt"}
    assert rows == [{**expected, "line": "办理条件"}, {**expected, "line": "第0页的标题"}]
    assert list(kb.repeats().site_pages) == [21, 21]


def test_a_build_obeys_overrules_and_reports_those_without_a_place(
    pages: Path, tmp_path: Path, embedder: TableEmbedder
) -> None:
    kb = tmp_path / "kb"
    first = build(pages, kb, embedder)
    path = "pension-transfer.txt"
    quote = "先在新地方参保，再申请转移接续"
    lines = [f"{path}\tremove\t{quote}\tasked for", f"{path}\tkeep\t没有这样的句子\tgone", "none.txt\tkeep\tx\ty"]
    (tmp_path / "overrules.tsv").write_text("\n".join(lines), encoding="utf-8")
    second = build(pages, kb, embedder)
    assert second.build != first.build
    removed = open_kb(kb).removals().query("rule == 'overruled'")
    assert list(removed.path) == [path]
    assert removed.text.iloc[0].strip() == quote
    assert [(w["path"], "line 2" in w["warning"]) for w in second.warnings] == [("none.txt", False), (path, True)]
    (tmp_path / "overrules.tsv").unlink()
    assert build(pages, kb, embedder).build == first.build


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE see_also SET start = start + 1", "see_also of"),
        ("UPDATE see_also SET to_article = 'nobody'", "see_also of"),
        ("INSERT INTO article_duplicates VALUES ('x', 0, 'nobody', 1.0)", "article_duplicates names nobody"),
        (
            "INSERT INTO passage_duplicates SELECT 'x', 1, id, 1.0, row FROM passages LIMIT 1",
            "passage_duplicates names",
        ),
    ],
)
def test_an_edge_or_a_group_that_leads_nowhere_is_found(
    teasing: Path, tmp_path: Path, embedder: TableEmbedder, change: str, words: str
) -> None:
    folder = build_folder(tmp_path / "kb", build(teasing, tmp_path / "kb", embedder).build)
    assert structure_problems(folder) == []
    connection = sqlite3.connect(folder / "records.sqlite")
    connection.execute(change)
    connection.commit()
    connection.close()
    (problem,) = structure_problems(folder)
    assert words in problem


def test_every_pass_reports_its_progress(pages: Path, tmp_path: Path, embedder: TableEmbedder) -> None:
    seen: dict[str, tuple[int, int]] = {}
    rebuild([pages], tmp_path / "kb", embedder=embedder, progress=lambda stage, *done: seen.update({stage: done}))  # type: ignore[arg-type]
    assert list(seen) == ["read", "learn", "clean", "group", "embed", "index", "check"]
    assert seen["learn"] == (8, 8)
