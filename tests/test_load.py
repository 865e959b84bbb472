"""Several readers at once on the real server: a short run of what `bench/load.py` measures, with its reader."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from index.build.build import rebuild
from index.build.publish import publish, read_current
from index.kb import KnowledgeBase
from index.model import load_embedder

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]
READERS, QUESTIONS = 4, 5


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Return what `work` returns, done in a thread of its own: Playwright keeps a loop running in this one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    import load

    return load


def test_readers_at_once_are_answered_each_her_own_question(
    load: ModuleType, sample_kb: KnowledgeBase, tmp_path: Path
) -> None:
    lines = (ROOT / "corpus" / "gold" / "questions.jsonl").read_text("utf-8").splitlines()
    gold = [json.loads(line)["text"] for line in lines]
    questions = [gold[number :: len(gold) // QUESTIONS][:QUESTIONS] for number in range(READERS)]
    pages: dict[str, Any] = {}

    async def ask(address: str, asked: list[str]) -> None:
        async with load.Reader(address) as reader:
            for question in asked:
                pages[question] = await reader.visit(q=question)

    async def ask_all(address: str) -> None:
        await asyncio.gather(*(ask(address, asked) for asked in questions))

    with load.serving(load.view_of(sample_kb.folder, tmp_path / "kb")) as server:
        run(ask_all(server.address))
        used = server.memory(), server.cpu_seconds()

    assert len(pages) == READERS * QUESTIONS
    wrong = {
        question: (page.problems, load.missing(page, question, {sample_kb.build})) for question, page in pages.items()
    }
    assert wrong == dict.fromkeys(pages, ([], []))
    verdicts = {question: sample_kb.ask(question).verdict for question in pages}
    assert len(set(verdicts.values())) > 1, "readers who all hear the same would not notice a mixed-up answer"
    shown = {question: f"pk-answer pk-{verdicts[question]}" in page.html for question, page in pages.items()}
    assert shown == dict.fromkeys(pages, True)
    assert used[0].rss >= used[0].uss >= used[0].anonymous > 0
    assert used[1] > 0


def test_a_new_build_is_taken_over_under_a_readers_eyes(
    load: ModuleType, make_kb: Callable[..., KnowledgeBase], tmp_path: Path
) -> None:
    older = make_kb("灵活就业参保\n\n灵活就业人员可以自愿参加职工基本医疗保险。")
    (tmp_path / "made" / "new.txt").write_text("断缴以后\n\n中断缴费超过三个月的,等待期为六个月。", encoding="utf-8")
    rebuild([tmp_path / "made"], tmp_path / "kb", embedder=load_embedder("bundled"))
    newer = read_current(tmp_path / "kb")
    view = load.view_of(tmp_path / "kb", tmp_path / "view")
    publish(view, older.build)

    async def ask(address: str) -> list[str | None]:
        async with load.Reader(address) as reader:
            shown = [load.shown_build(await reader.visit(q="灵活就业怎么参保"))]
            publish(view, newer)
            while shown[-1] != newer and len(shown) < 50:
                shown.append(load.shown_build(await reader.visit(q="断缴等待期多久")))
            return [*shown, load.shown_build(await reader.visit(q="灵活就业怎么参保"))]

    with load.serving(view) as server:
        shown = run(ask(server.address))
    assert [build for build, _ in groupby(shown)] == [older.build, newer]


def test_no_two_questions_of_a_reader_are_alike_and_a_page_without_them_is_told(load: ModuleType) -> None:
    asked = list(islice(load.plan(0), 200))
    assert len({params["q"] for _, params in asked}) == 200
    assert {kind for kind, _ in asked} == {"question", "filtered", "other mode"}
    page = load.Page("q=x", html='<h1 class="pk pk-spoken" lang="zh-CN">另一个问题</h1><p id="pk-verdict">')
    assert load.missing(page, "这个问题", {"abc"}) == [
        "does not show its question",
        "does not show the published build",
    ]
