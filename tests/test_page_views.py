"""The views on a real knowledge base, run by Streamlit without a browser."""

from __future__ import annotations

import json
import re
import shutil
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from index.build.publish import read_current
from index.kb import KnowledgeBase
from search_app.words import EXAMPLES

APP = Path(__file__).resolve().parents[1] / "search_app" / "app.py"
QUESTION = "没赶上居民医保集中缴费期，等待期是多久？"
QUOTE = "没赶上集中缴费期,或者中间断过保的,缴费之后先有3个月的固定待遇等待期,这段时间的医疗费用居民医保不予支付。"


def page(monkeypatch: pytest.MonkeyPatch, folder: Path, **params: str) -> AppTest:
    """Open the page on the base in `folder` at an address; a locale is unknown here, so it speaks Chinese."""
    monkeypatch.setenv("POLICYKB_KB", str(folder))
    app = AppTest.from_file(str(APP), default_timeout=30)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def body(app: AppTest) -> str:
    """Return all HTML of the page but the style and the script."""
    return "".join(element.value for element in app.html if not element.value.startswith(("<style", "<script")))


def words(app: AppTest) -> str:
    return unescape(re.sub(r"<[^>]*>", "", body(app)))


@pytest.fixture
def copy(sample_kb: KnowledgeBase, tmp_path: Path) -> Path:
    """A copy of the sample base, to be damaged."""
    return Path(shutil.copytree(sample_kb.folder, tmp_path / "kb"))


def manifest(folder: Path) -> Path:
    return folder / "builds" / read_current(folder) / "manifest.json"


def test_the_start_has_a_labelled_box_examples_and_the_build(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(monkeypatch, sample_kb.folder)
    assert app.text_input[0].label == "你的问题"
    assert [button.label for button in app.button] == ["查询", *(question for question, _ in EXAMPLES)]
    assert f"构建 {sample_kb.build}" in words(app)
    assert "pk-answer" not in body(app)
    assert f"build='{sample_kb.build}'" in "".join(code.value for code in app.code)


def test_a_question_gives_the_cited_answer_and_goes_into_the_address(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(monkeypatch, sample_kb.folder)
    app.text_input[0].set_value(f"  {QUESTION} ")
    app.button[0].click().run()
    assert app.query_params["q"] == QUESTION
    assert QUOTE in words(app)
    assert "抓取于 2025-05-22" in words(app)
    html = body(app)
    assert html.index("pk-answer") < html.index("pk-passages")
    assert f"policykb ask --kb {sample_kb.folder} '{QUESTION}'" in app.code[0].value


def test_an_address_with_a_question_shows_what_the_index_decides(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(monkeypatch, sample_kb.folder, q=QUESTION, k="5", mode="lexical", lang="en")
    expected = sample_kb.ask(QUESTION)
    hits = sample_kb.search(QUESTION, k=5, mode="lexical")
    assert app.text_input[0].value == QUESTION
    assert f"Evidence {expected.confidence:.2f}" in words(app)
    assert all(citation.quote in words(app) for citation in expected.citations)
    shown = re.findall(r'<h3[^>]*><a[^>]*href="([^"]*)"', body(app))
    assert [re.search(r"start=(\d+)&amp;end=(\d+)", href).groups() for href in shown] == [  # type: ignore[union-attr]
        (str(hit.start), str(hit.end)) for hit in hits
    ]
    assert app.radio[0].value == "lexical"
    assert app.selectbox[0].value == 5


def test_an_example_is_asked_by_its_button(monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase) -> None:
    app = page(monkeypatch, sample_kb.folder)
    app.button[1].click().run()
    assert app.query_params["q"] == EXAMPLES[0][0]
    assert app.text_input[0].value == EXAMPLES[0][0]
    assert "pk-answer" in body(app)


def test_the_examples_fit_the_sample_corpus(sample_kb: KnowledgeBase) -> None:
    verdicts = [sample_kb.ask(question).verdict for question, _ in EXAMPLES]
    assert verdicts == ["answered"] * 4 + ["not_stated"]


def test_options_go_into_the_address(monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase) -> None:
    app = page(monkeypatch, sample_kb.folder, q=QUESTION)
    app.radio[0].set_value("dense").run()
    assert app.query_params["mode"] == "dense"
    app.selectbox[0].set_value(5).run()
    assert app.query_params["k"] == "5"
    assert body(app).count('<li class="pk-hit">') == 5
    assert app.query_params["q"] == QUESTION


@pytest.mark.parametrize("question", ["红烧肉怎么做才不腻？", "<script>alert(1)</script>**x** 20~25"])
def test_outside_the_collection_no_answer_is_given_and_the_nearest_passages_are_folded(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase, question: str
) -> None:
    app = page(monkeypatch, sample_kb.folder, q=question)
    assert "不在收录范围内" in words(app)
    assert "pk-quote" not in body(app)
    assert '<details class="pk-fold">' in body(app)
    assert "<script>alert" not in body(app)


def test_the_words_leg_alone_may_find_nothing(monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase) -> None:
    app = page(monkeypatch, sample_kb.folder, q="qqqq", mode="lexical")
    assert "没有找到段落" in words(app)


def test_a_link_opens_the_article_at_the_cited_place(monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase) -> None:
    citation = next(c for c in sample_kb.ask(QUESTION).citations if c.quote == QUOTE)
    place = {"article": citation.article_id, "start": str(citation.start), "end": str(citation.end)}
    app = page(monkeypatch, sample_kb.folder, view="article", q=QUESTION, build=citation.build, **place)
    marks = re.findall(r'<mark class="pk-cited"[^>]*>(.*?)</mark>', body(app))
    assert unescape("".join(marks)) == QUOTE
    assert "返回问题" in words(app)
    assert "问保网 · 问保网编辑部 · 抓取于 2025-05-22 · resident-insurance-gap.txt" in words(app)
    assert 'href="https://www.wenbao.example/' in body(app)
    levels = [int(level) for level in re.findall(r"<h([1-6])", body(app))]
    assert levels[0] == 1
    assert all(right - left <= 1 for left, right in pairwise(levels))


def test_the_ledger_shows_every_removal_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    article = sample_kb.articles().query("path == 'resident-insurance-gap.txt'").iloc[0]
    removals = sample_kb.removals().query("path == 'resident-insurance-gap.txt'")
    app = page(monkeypatch, sample_kb.folder, view="article", article=article["id"], ledger="1", lang="en")
    removed = int((removals["end"] - removals["start"]).sum())
    text = sample_kb.records.query("SELECT text FROM pages WHERE id = ?", (article["id"],))[0]["text"]
    assert f"{100 * removed / len(text):.0f} % of this page was removed, in {len(removals)} pieces" in words(app)
    assert body(app).count('class="pk-removed') == len(removals)
    ledger = re.search(r'<article class="pk pk-ledger".*?</article>', body(app))
    assert ledger is not None
    assert unescape(re.sub(r"<[^>]*>", "", ledger.group())) == text


def test_an_older_build_is_shown_with_a_note_and_a_gone_one_is_named(
    monkeypatch: pytest.MonkeyPatch, copy: Path
) -> None:
    older = read_current(copy)
    newer = "0" * len(older)
    shutil.copytree(copy / "builds" / older, copy / "builds" / newer)
    app = page(monkeypatch, copy, q=QUESTION)
    assert f"构建 {older}" in words(app)
    (copy / "CURRENT").write_text(newer + "\n")
    app.run()
    assert f"构建 {newer}" in words(app), "a new build is taken over by an open page"
    app = page(monkeypatch, copy, q=QUESTION, build=older)
    assert f"你看到的是构建 {older}；现在发布的是 {newer}。" in words(app)
    shutil.rmtree(copy / "builds" / older)
    app = page(monkeypatch, copy, q=QUESTION, build=older)
    assert "这个链接指向的构建已不存在" in words(app)
    assert "查看现在发布的构建" in words(app)


def test_without_a_base_the_page_says_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = page(monkeypatch, tmp_path / "none")
    assert "还没有知识库" in words(app)
    assert app.code[0].value == f"policykb rebuild corpus/pages --kb {tmp_path / 'none'}"
    assert not app.text_input


@pytest.mark.parametrize("file", ["manifest.json", "records.sqlite", "vectors.faiss"])
def test_a_damaged_base_gives_its_message_and_the_way_out(
    monkeypatch: pytest.MonkeyPatch, copy: Path, file: str
) -> None:
    (manifest(copy).parent / file).write_bytes(b"{ broken")
    app = page(monkeypatch, copy, q=QUESTION)
    assert "知识库读不出来" in words(app)
    assert "policykb r" in words(app)
    assert str(manifest(copy).parent) in words(app)


def test_with_another_model_words_still_work(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    content = json.loads(manifest(copy).read_text())
    content["model"]["fingerprint"] = "0" * 64
    manifest(copy).write_text(json.dumps(content))
    app = page(monkeypatch, copy, q=QUESTION)
    assert "模型与构建不一致" in words(app)
    app = page(monkeypatch, copy, q=QUESTION, mode="lexical")
    assert "只按字词列出段落" in words(app)
    assert '<li class="pk-hit">' in body(app)
    assert "pk-answer" not in body(app)


def test_an_unknown_article_is_named(monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase) -> None:
    app = page(monkeypatch, sample_kb.folder, view="article", article="zzz")
    assert f"构建 {sample_kb.build} 里没有编号为 zzz 的文章。" in words(app)
