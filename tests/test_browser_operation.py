"""The operation page and the waiting states in a real browser, on the real server."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import playwright.sync_api as playwright
import pytest
from browsing import NARROW, QUESTION, QUOTE, WIDE, Open, asked, serving

from index.build.build import rebuild
from index.build.lock import rebuild_lock
from index.build.publish import read_current
from index.build.underway import telling
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder

pytestmark = pytest.mark.browser
PARTS = ("overview", "questions", "coverage", "cleaning", "builds")
NASTY = "今天<img src=x onerror=alert(1)>股票**涨**了吗"


@pytest.fixture(scope="module")
def kb(sample_kb: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample base with a page whose name would be markup, and nothing noted yet."""
    folder = tmp_path_factory.mktemp("operation")
    pages = Path(shutil.copytree(Path(__file__).resolve().parents[1] / "corpus" / "pages", folder / "pages"))
    (pages / "空<img src=x onerror=alert(2)>.txt").write_text("只有标题", encoding="utf-8")
    shutil.copytree(sample_kb.folder, folder / "kb", ignore=shutil.ignore_patterns("unanswered*"))
    rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
    return folder / "kb"


@pytest.fixture(scope="module")
def server(kb: Path) -> Iterator[str]:
    with serving(kb) as listening:
        yield listening


def overflows(opened: playwright.Page) -> bool:
    wider: bool = opened.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollWidth > main.clientWidth; }"
    )
    return wider


def test_a_no_shows_up_on_the_page_for_the_maintainer(server: str, kb: Path, open_page: Open) -> None:
    opened = open_page(asked(server, NASTY))
    opened.wait_for_selector(".pk-verdict, .pk-answer")
    opened.locator(".pk-head").get_by_text("运行状况").click()
    opened.wait_for_selector(".pk-op-state")
    assert "没有答案的问题" in opened.inner_text(".pk-op-figures")
    opened.locator(".pk-tabs").get_by_text("没有答案的问题").click()
    question = opened.locator(".pk-questions a")
    question.wait_for()
    assert question.inner_text() == NASTY
    assert "不在范围" in opened.inner_text(".pk-questions")
    question.click()
    opened.wait_for_selector(".pk-verdict, .pk-answer")
    assert opened.get_by_label("你的问题").input_value() == NASTY
    opened.reload()
    opened.wait_for_selector(".pk-verdict, .pk-answer")
    assert (kb / "unanswered.jsonl").read_text(encoding="utf-8").count("\n") == 2, "once a session"


@pytest.mark.parametrize(("viewport", "locale", "dark"), [(NARROW, "en-US", True), (WIDE, "zh-CN", False)])
def test_every_part_fits_and_says_it_in_the_readers_language(
    server: str, kb: Path, open_page: Open, viewport: dict[str, int], locale: str, dark: bool
) -> None:
    opened = open_page(f"{server}?view=operation", viewport=viewport, locale=locale, dark=dark)
    titles = {
        "zh-CN": ("一切正常", "没有答案的问题", "没有文章的省份", "最需要核对的页面", "保留的构建"),
        "en-US": (
            "Healthy",
            "Unanswered",
            "provinces without an article",
            "Pages that most need a look",
            "Builds kept",
        ),
    }[locale]
    for number, (part, title) in enumerate(zip(PARTS, titles, strict=True)):
        opened.locator(".pk-tabs a").nth(number).click()
        opened.locator(".stMain").get_by_text(title).first.wait_for()
        opened.wait_for_selector(f".pk-tabs a:nth-child({number + 1})[aria-current]")
        assert (f"part={part}" in opened.url) == (part != "overview")
        assert not overflows(opened), part
        assert opened.locator("img").count() == 0
    assert "空<img src=x onerror=alert(2)>.txt" in _cleaning(opened)
    opened.locator(".pk-doubtful a").first.click()
    opened.wait_for_selector(".pk-ledger")
    assert f"build={read_current(kb)}" in opened.url


def _cleaning(opened: playwright.Page) -> str:
    opened.locator(".pk-tabs a").nth(3).click()
    opened.wait_for_selector(".pk-skipped")
    return opened.inner_text(".pk-skipped")


def test_the_switches_note_nothing_and_hide_the_page(sample_kb: KnowledgeBase, tmp_path: Path, open_page: Open) -> None:
    kb = Path(shutil.copytree(sample_kb.folder, tmp_path / "kb", ignore=shutil.ignore_patterns("unanswered*")))
    with serving(kb, POLICYKB_QUESTION_LOG="0", POLICYKB_OPERATION_PAGE="no") as listening:
        opened = open_page(asked(listening, NASTY))
        opened.wait_for_selector(".pk-verdict, .pk-answer")
        assert opened.get_by_text("运行状况").count() == 0
        closed = open_page(f"{listening}?view=operation", locale="en-US")
        assert "The operation page is not shown here" in closed.inner_text(".pk-state")
    assert not (kb / "unanswered.jsonl").exists()


def test_a_base_that_appears_is_taken_over_and_a_damaged_one_too(
    sample_kb: KnowledgeBase, tmp_path: Path, open_page: Open
) -> None:
    kb = tmp_path / "kb"
    question = "没赶上居民医保集中缴费期，等待期是多久？"
    with serving(kb) as listening:
        opened = open_page(asked(listening, question))
        assert opened.get_by_role("heading", name="还没有知识库").is_visible()
        command = " ".join(opened.inner_text("[data-testid=stCode]").split())
        assert f"policykb rebuild corpus/pages --kb {kb}" in command
        with rebuild_lock(kb):
            telling(kb, lambda *_: None)("clean", 30, 42)
            opened.get_by_text("清洗 30/42").wait_for()
        shutil.copytree(sample_kb.path, kb / "builds" / sample_kb.build)
        (kb / "CURRENT").write_text(f"{sample_kb.build}\n")
        opened.get_by_text(QUOTE).first.wait_for()

        records = kb / "builds" / sample_kb.build / "records.sqlite"
        whole = records.read_bytes()
        records.write_bytes(b"garbage")
        manifest = records.with_name("manifest.json")
        manifest.touch()
        damaged = open_page(f"{listening}?lang=en", viewport=NARROW)
        assert "The knowledge base cannot be read" in damaged.inner_text(".pk-state")
        assert not overflows(damaged)
        damaged.get_by_text("See the operation page").click()
        damaged.get_by_text("Damaged: mend this first").wait_for()
        damaged.go_back()
        damaged.wait_for_selector(".pk-state")
        records.write_bytes(whole)
        manifest.touch()
        damaged.get_by_label("Your question").wait_for()


def test_where_the_folder_of_the_model_is_gone_words_still_find(server: str, kb: Path, open_page: Open) -> None:
    file = kb / "builds" / read_current(kb) / "manifest.json"
    whole = file.read_bytes()
    manifest = json.loads(whole)
    manifest["model"]["name"] = gone = str(kb / "no model here")
    file.write_text(json.dumps(manifest), encoding="utf-8")
    try:
        opened = open_page(asked(server, QUESTION, lang="en"), viewport=NARROW)
        told = opened.inner_text(".pk-state")
        assert "The model does not fit this build, or is missing" in told
        assert gone in told
        assert f"policykb serve --kb {kb} --model NEWPLACE" in told
        assert not overflows(opened)
        opened.get_by_role("link", name="Rank by words only").click()
        opened.wait_for_selector(".pk-hit")
        assert "mode=lexical" in opened.url
        hrefs = opened.eval_on_selector_all(".pk-hit h3 a", "links => links.map((link) => link.search)")
        found = [re.search(r"article=(\w+)&start=(\d+)", href) for href in hrefs]
        hits = open_kb(kb).search(QUESTION, mode="lexical")
        assert [one and one.groups() for one in found] == [(hit.article_id, str(hit.start)) for hit in hits]
        assert opened.locator(".pk-answer, .pk-state").count() == 0
    finally:
        file.write_bytes(whole)
