"""The views on a real knowledge base, run by Streamlit without a browser."""

from __future__ import annotations

import json
import re
import shutil
from html import escape, unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from index.build.build import rebuild
from index.build.publish import publish, read_current
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from search_app.words import EXAMPLES, LANGS, Words

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "search_app" / "app.py"
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


def test_a_fault_of_ours_is_told_in_the_readers_language_and_goes_into_the_log(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("search_app.views.ask.examples_html", fails)
    monkeypatch.setenv("POLICYKB_KB", str(sample_kb.folder))
    app = AppTest.from_file(str(APP), default_timeout=30).run()
    assert "出了程序错误" in body(app)
    assert [fault.message for fault in app.exception] == ["a bug"]


def test_the_start_has_a_labelled_box_examples_and_the_build(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(monkeypatch, sample_kb.folder)
    assert app.text_input[0].label == "你的问题"
    assert app.button[0].label == "查询"
    assert [link(app, question) for question, _, _ in EXAMPLES] == [{"q": question} for question, _, _ in EXAMPLES]
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
    assert f"policykb ask --kb {sample_kb.folder} --build {sample_kb.build} --card '{QUESTION}'" in app.code[0].value


def test_an_address_with_a_question_shows_what_the_index_decides(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(monkeypatch, sample_kb.folder, q=QUESTION, k="5", mode="lexical", lang="en")
    expected = sample_kb.ask(QUESTION)
    hits = sample_kb.search(QUESTION, k=5, mode="lexical")
    assert app.text_input[0].value == QUESTION
    assert expected.band is not None
    right = round(expected.band.right * expected.band.questions)
    assert f"right on {right} of {expected.band.questions} gold questions at this level." in words(app)
    assert all(citation.quote in words(app) for citation in expected.citations)
    shown = re.findall(r'<h3[^>]*><a[^>]*href="([^"]*)"', body(app))
    assert [re.search(r"start=(\d+)&amp;end=(\d+)", href).groups() for href in shown] == [  # type: ignore[union-attr]
        (str(hit.start), str(hit.end)) for hit in hits
    ]
    assert re.findall(r' aria-current="true">([^<]*)</a>', body(app)) == ["Relevance", "Words only", "5"]


def test_the_examples_fit_the_sample_corpus(sample_kb: KnowledgeBase) -> None:
    answers = [sample_kb.ask(question) for question, _, _ in EXAMPLES]
    assert [answer.verdict for answer in answers] == ["answered"] * 4 + ["not_stated"]
    said = ["".join(sentence.text for sentence in answer.sentences) for answer in answers]
    shown = ("最长领24个月", "不低于700元", "男满25年", "不超过3个月", "")
    assert [part for text, part in zip(said, shown, strict=True) if part not in text] == []
    assert any(sentence.differs_from for sentence in answers[1].sentences)


def test_a_slip_is_shown_with_what_was_probably_meant(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(monkeypatch, sample_kb.folder, q="断焦三个月还能报吗", lang="en")
    link = re.search(r'pk-suggest" lang="en">Did you mean: <a class="pk-go" href="([^"]*)"[^>]*>([^<]*)</a>', body(app))
    assert link is not None
    assert link.group(2) == "断缴三个月还能报吗"
    assert dict(parse_qsl(unescape(link.group(1)).lstrip("?"))) == {"q": "断缴三个月还能报吗", "lang": "en"}
    assert "pk-suggest" not in body(page(monkeypatch, sample_kb.folder, q="断缴三个月还能报吗"))


def test_figures_of_several_years_stand_side_by_side(monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase) -> None:
    app = page(monkeypatch, sample_kb.folder, q="居民医保财政补助标准是多少？")
    beside = re.search(r'<div class="pk-versus">.*?</div>', body(app))
    assert beside is not None
    items = [unescape(re.sub("<[^>]*>", "", item)) for item in re.findall("<li>(.*?)</li>", beside.group())]
    henan = next(item for item in items if "670元" in item)
    assert henan.startswith("河南省 发布于 2024-09-12")
    assert next(item for item in items if "700元" in item).startswith("未写明地区 抓取于 2025-10-20")


@pytest.mark.parametrize(
    ("typed", "said"), [("-医保", "只有不要的词 “医保”"), ("“红烧肉做法” 医保", "没有一段原样写有")]
)
def test_a_question_that_leaves_nothing_says_so(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase, typed: str, said: str
) -> None:
    app = page(monkeypatch, sample_kb.folder, q=typed)
    assert said in words(app)
    assert "pk-answer" not in body(app), "it tells nothing of what the collection is about"


def test_marks_are_explained_where_questions_are_typed(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    note = Words("zh")("marks_note")
    assert note in words(page(monkeypatch, sample_kb.folder))
    asked = page(monkeypatch, sample_kb.folder, q=QUESTION)
    assert note in words(asked)


def test_sort_and_options_are_links_that_keep_the_question(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(monkeypatch, sample_kb.folder, q=QUESTION, k="20")
    assert link(app, "只看意思") == {"q": QUESTION, "mode": "dense", "k": "20"}
    assert link(app, "5") == {"q": QUESTION, "k": "5"}
    assert link(app, "最新") == {"q": QUESTION, "k": "20", "sort": "date"}
    assert body(app).count('<li class="pk-hit"') == 20
    newest = page(monkeypatch, sample_kb.folder, q=QUESTION, sort="date")
    dates = [hit.as_of or "" for hit in sample_kb.search(QUESTION, sort="date")]
    assert dates == sorted(dates, reverse=True)
    assert re.findall(r"[抓发][取布]于 ([-0-9]{10})", body(newest).partition("pk-passages")[2])[: len(dates)] == dates


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
    assert re.search("问保网 · 问保网编辑部 · [^·]+ · 抓取于 2025-05-22 · resident-insurance-gap.txt", words(app))
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
    assert body(app).count('<div class="pk-removed') == len(removals)
    ledger = re.search(r'<article class="pk pk-ledger".*?</article>', body(app))
    assert ledger is not None
    shown = re.sub(r"<(aside|a|details) [^>]*data-pk-aside.*?</\1>", "", ledger.group())
    assert unescape(re.sub(r"<[^>]*>", "", shown)) == text


@pytest.fixture(scope="module")
def reposted_kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """The sample pages, a repost of one of them with another number in it, and a page that is in doubt."""
    folder = tmp_path_factory.mktemp("reposted")
    pages = Path(shutil.copytree(ROOT / "corpus" / "pages", folder / "pages"))
    article = (pages / "resident-insurance-gap.txt").read_text(encoding="utf-8").partition("相关推荐")[0]
    (pages / "repost.txt").write_text(article.replace("先有3个月", "先有4个月", 1), encoding="utf-8")
    weak = [line for n in range(3) for line in (f"第{n}种水果怎么挑", f"挑第{n}种时看颜色。", "生活百科 2025-05-11")]
    doubtful = ["参保登记须知", "参保登记由单位在三十日内办理,逾期的要说明原因,并补交这段时间的费用。", *weak]
    (pages / "doubtful.txt").write_text("\n\n".join(doubtful), encoding="utf-8")
    rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
    return open_kb(folder / "kb")


def id_of(kb: KnowledgeBase, path: str) -> str:
    return str(kb.records.query("SELECT id FROM pages WHERE path = ?", (path,))[0]["id"])


def test_near_duplicates_are_folded_with_their_number_and_compared(
    monkeypatch: pytest.MonkeyPatch, reposted_kb: KnowledgeBase
) -> None:
    article = id_of(reposted_kb, "resident-insurance-gap.txt")
    app = page(monkeypatch, reposted_kb.folder, view="article", article=article, lang="en")
    assert "1 more article that says nearly the same" in words(app)
    link = re.search(r'pk-small" href="([^"]*)"', body(app))
    assert link is not None
    params = dict(parse_qsl(unescape(link.group(1)).lstrip("?")))
    assert params["other"] == id_of(reposted_kb, "repost.txt")
    app = page(monkeypatch, reposted_kb.folder, **params)
    assert re.findall(r'<mark class="pk-differs">(.*?)</mark>', body(app)) == ["3", "4"]
    assert QUOTE.replace("3个月", "4个月") in words(app)
    assert "Where two articles differ" in words(app)
    assert app.code[0].value.startswith(f"policykb duplicates {article} {params['other']} ")


def test_see_also_leads_to_the_article_a_recommendation_begins(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    reading = sample_kb.article(id_of(sample_kb, "chronic-outpatient.html"))
    assert reading is not None
    assert reading.see_also
    app = page(monkeypatch, sample_kb.folder, view="article", article=reading.id)
    beside = re.search(r'<section class="pk pk-beside".*?</section>', body(app))
    assert beside is not None
    for link in reading.see_also:
        assert f"article={link.article_id}" in beside.group()
        assert link.title in unescape(beside.group())


def test_doubts_speak_the_language_of_the_page(monkeypatch: pytest.MonkeyPatch, reposted_kb: KnowledgeBase) -> None:
    article = id_of(reposted_kb, "doubtful.txt")
    english = page(monkeypatch, reposted_kb.folder, view="article", article=article, lang="en")
    warning = re.search(r'<div class="pk-warning".*?</div>', body(english))
    assert warning is not None
    reading = reposted_kb.article(article)
    assert reading is not None
    assert all(doubt in unescape(warning.group()) for doubt in reading.doubts)
    chinese = re.search(
        r'<div class="pk-warning".*?</div>',
        body(page(monkeypatch, reposted_kb.folder, view="article", article=article)),
    )
    assert chinese is not None
    items = re.findall("<li>(.*?)</li>", chinese.group())
    assert len(items) == len(reading.doubts)
    assert not [item for item in items if re.search("[A-Za-z]{4}", item)]


def test_the_ledger_adds_up_by_rule(monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase) -> None:
    article = id_of(sample_kb, "chronic-outpatient.html")
    removals = sample_kb.removals().query("page_id == @article")
    app = page(monkeypatch, sample_kb.folder, view="article", article=article, ledger="1", lang="en")
    table = re.search(r'<table class="pk-totals".*?</table>', body(app))
    assert table is not None
    *rows, kept = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table.group())[1:]]
    assert sum(int(row[0]) for row in rows) == len(removals)
    assert sum(int(row[1].replace(",", "")) for row in rows) == (removals["end"] - removals["start"]).sum()
    assert min(row[3] for row in rows) == f"{removals['confidence'].min():.2f}"
    reading = sample_kb.article(article)
    assert reading is not None
    assert int(kept[1].replace(",", "")) == sum(end - start for start, end in reading.spans)
    assert words(app).count(f"Confidence {reading.confidence:.2f}") == 1


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A base of two pages, the build before and the published one: there the cited page has moved its words on."""
    folder = tmp_path_factory.mktemp("rebuilt")
    pages = folder / "pages"
    pages.mkdir()
    for name in ("resident-insurance-gap.txt", "family-account.txt"):
        shutil.copy(ROOT / "corpus" / "pages" / name, pages)
    rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
    older = read_current(folder / "kb")
    cited = pages / "resident-insurance-gap.txt"
    text = cited.read_text(encoding="utf-8")
    shorter = text.replace("从次年1月1日起接着享受待遇", "次年起接着享受待遇", 1)
    assert shorter != text
    # Not within the same second as the next one.
    made = manifest(folder / "kb")
    made.write_text(re.sub(r'"at": "[^"]*"', '"at": "2026-01-02T03:04:05+00:00"', made.read_text(encoding="utf-8")))
    cited.write_text(shorter, encoding="utf-8")
    (pages / "family-account.txt").unlink()
    rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
    return folder / "kb", older, read_current(folder / "kb")


def link(app: AppTest, text: str) -> dict[str, str]:
    """Return the query parameters of the link with this text."""
    found = re.search(rf'<a class="[^"]*" href="([^"]*)"[^>]*>{text}</a>', body(app))
    assert found is not None, text
    return dict(parse_qsl(unescape(found.group(1)).lstrip("?")))


def test_a_link_to_an_older_build_opens_it_and_leads_to_the_same_words_in_the_newer_one(
    monkeypatch: pytest.MonkeyPatch, rebuilt: tuple[Path, str, str]
) -> None:
    folder, older, newer = rebuilt
    citation = next(c for c in open_kb(folder, build=older).ask(QUESTION).citations if c.quote == QUOTE)
    place = {"article": citation.article_id, "start": str(citation.start), "end": str(citation.end)}
    app = page(monkeypatch, folder, view="article", q=QUESTION, build=older, **place)
    assert unescape("".join(re.findall(r'<mark class="pk-cited"[^>]*>(.*?)</mark>', body(app)))) == QUOTE
    assert f"你看到的是构建 {older}（2026-01-02 03:04 UTC）；" in words(app)
    assert f"现在发布的是更新的构建 {newer}（" in words(app)
    assert "这句话在那里一字未改。" in words(app)
    there = link(app, "在已发布的构建中查看")
    assert (there["build"], there["q"]) == (newer, QUESTION)
    assert int(there["start"]) < citation.start, "the words have moved"
    app = page(monkeypatch, folder, **there)
    assert unescape("".join(re.findall(r'<mark class="pk-cited"[^>]*>(.*?)</mark>', body(app)))) == QUOTE
    assert "pk-older" not in body(app)


def test_of_a_changed_passage_and_a_lost_article_the_older_build_says_so(
    monkeypatch: pytest.MonkeyPatch, rebuilt: tuple[Path, str, str]
) -> None:
    folder, older, newer = rebuilt
    kb = open_kb(folder, build=older)
    changed, lost = id_of(kb, "resident-insurance-gap.txt"), id_of(kb, "family-account.txt")
    text = kb.records.query("SELECT text FROM pages WHERE id = ?", (changed,))[0]["text"]
    start = text.index("从次年1月1日起")
    place = {"start": str(start), "end": str(start + 20)}
    app = page(monkeypatch, folder, view="article", build=older, article=changed, **place, lang="en")
    assert "These words were changed or removed there." in words(app)
    assert link(app, "Show the article there") == {
        "view": "article",
        "lang": "en",
        "build": newer,
        "article": changed,
    }
    app = page(monkeypatch, folder, view="article", build=older, article=lost, q=QUESTION, lang="en")
    assert "That build no longer has this article." in words(app)
    assert link(app, "Ask again there") == {"q": QUESTION, "lang": "en"}
    app = page(monkeypatch, folder, build=older, q=QUESTION, lang="en")
    assert QUOTE in words(app)
    assert link(app, "Ask again there") == {"q": QUESTION, "lang": "en"}


def test_an_open_page_asks_the_new_build_and_offers_the_way_back(
    monkeypatch: pytest.MonkeyPatch, rebuilt: tuple[Path, str, str]
) -> None:
    folder, older, newer = rebuilt
    try:
        publish(folder, older)
        app = page(monkeypatch, folder, q=QUESTION)
        assert f"构建 {older}" in words(app)
        assert "已换用" not in words(app)
        publish(folder, newer)
        for _ in range(100):  # readers stay with the old build while the new one loads
            app.run()
            if f"构建 {newer}" in words(app):
                break
        assert re.search(r"已换用现在发布的构建：[-0-9: ]+UTC，2 个页面有变化。", words(app))
        assert link(app, "看之前的构建怎么说") == {"q": QUESTION, "build": older}
        app.run()
        assert "已换用" not in words(app), "told once"
        publish(folder, older)
        app = page(monkeypatch, folder, q=QUESTION, build=newer)
        assert f"现在发布的是较早的构建 {older}（" in words(app), (
            "after a roll back nothing is called newer that is not"
        )
    finally:
        publish(folder, newer)


def test_a_build_that_is_gone_is_named_with_the_way_to_the_published_one(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase
) -> None:
    app = page(
        monkeypatch, sample_kb.folder, q=QUESTION, view="article", build="0" * 12, article="a1", start="3", end="9"
    )
    assert f"链接指向构建 {'0' * 12}，它已被清除。" in words(app)
    assert link(app, "查看现在发布的构建") == {"q": QUESTION, "view": "article", "article": "a1"}


NASTY = (
    "\"'><img src=x onerror=alert(1)><script>alert(2)</script>&lt; **粗** [x](javascript:alert(3)) `c` \u202e翻转\u2066"
)
# What the views are made of; nothing among it loads, runs or embeds anything.
TAGS = re.compile(
    "a|article|b|bdi|blockquote|br|code|del|details|div|footer|h[1-6]|header|i|ins|kbd|li|mark|nav|[ou]l|p|section|small|span|strong|summary|table|tbody|t[dhr]|thead|aside|button|dl|dt|dd|pre|del|ins|kbd|tfoot"
)


SIGNS = 'a"onmouseover=alert(4) <b>'


def as_html(text: str) -> str:
    """Return a page whose visible text is `text`, line by line: as it stands, much markup makes HTML of a dump."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line)
    return f"<html><body>{lines}<table><tr><td>年份</td><td>{escape(NASTY)}</td></tr></table></body></html>"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A base whose pages bring markup wherever text can stand, in two builds of which the second is published."""
    folder = tmp_path_factory.mktemp("hostile")
    pages = folder / "pages"
    pages.mkdir()
    article = (
        (ROOT / "corpus" / "pages" / "resident-insurance-gap.txt").read_text(encoding="utf-8").partition("相关推荐")[0]
    )
    title, _, rest = article.strip().partition("\n")
    text = f"{title}{NASTY}\n{rest}\n\n".replace(QUOTE, f"{QUOTE}{NASTY}")
    snippets = "".join(
        f"居民医保<b onclick=alert()>断缴{n}个月还能报销吗\n\n居民医保断缴的摘要{n}<script>,还没有说完就断了的一句话,后面还有很多\n\n生活百科 2025-05-06\n\n"
        for n in range(6)
    )
    (pages / f"{SIGNS}.html").write_text(as_html(f"{text}\n相关推荐\n\n{snippets}"), encoding="utf-8")
    (pages / "copy.html").write_text(as_html(text.replace("先有3个月", "先有4个月")), encoding="utf-8")
    (pages / "page.html").write_text(
        f'<html><head><meta name="SiteName" content="{escape(NASTY)}"><link rel=canonical href="javascript:alert(5)">'
        f"</head><body><h1>{escape(NASTY)}断缴</h1><p>断缴以后要先等待。{escape(NASTY)}</p></body></html>",
        encoding="utf-8",
    )
    entry = {
        "path": "copy.html",
        "url": "javascript:alert(6)//http://a.example/",
        "site": NASTY,
        "publisher": NASTY,
        "fetched": NASTY,
    }
    (pages / "pages.jsonl").write_text(json.dumps(entry) + "\n", encoding="utf-8")
    rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
    older = read_current(folder / "kb")
    (pages / "more.txt").write_text("另一页\n\n另一页的说明文字,和断缴没有关系。\n", encoding="utf-8")
    rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
    return folder / "kb", older, read_current(folder / "kb")


class Markup(HTMLParser):
    """Collects what of HTML could do something: tags, event attributes, links, styles."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            link = name in ("href", "src", "action") and not re.match(r"\?|https?://[a-z]|#pk-content$", value or "")
            style = name == "style" and not re.fullmatch(r"width:[0-9.]+%", value or "")
            if name.startswith("on") or link or style or not re.fullmatch("[a-z-]+", name):
                self.faults.append(f"<{tag} {name}={value!r}>")


def test_nothing_that_pages_or_addresses_bring_becomes_markup(
    monkeypatch: pytest.MonkeyPatch, hostile: tuple[Path, str, str]
) -> None:
    folder, older, newer = hostile
    kb = open_kb(folder)
    dump, copied, html = (id_of(kb, f"{name}.html") for name in (SIGNS, "copy", "page"))
    cited = {"view": "article", "article": dump, "start": "3", "end": "90", "build": newer}
    shown = ""
    for number, address in enumerate(
        (
            {"q": f"{QUESTION} {NASTY}", "k": "5"},
            {"q": QUESTION, "k": NASTY, "mode": NASTY, "start": NASTY, "build": older},
            {"q": f"“{NASTY}”", "mode": "lexical", "build": NASTY, "lang": NASTY},
            {"q": f"-{NASTY}"},
            {"q": NASTY, **cited},
            {"q": NASTY, **cited, "build": older},
            {**cited, "ledger": "1"},
            {**cited, "ledger": "1", "part": "report"},
            {"view": "article", "article": dump, "ledger": "1", "part": "report", "start": "400", "end": "402"},
            {**cited, "article": copied},
            {**cited, "article": copied, "other": dump},
            {**cited, "article": html},
            {**cited, "article": "nosuch", "build": older},
            {"build": "nosuch", "q": NASTY},
        )
    ):
        app = page(monkeypatch, folder, **{"lang": LANGS[number % 2], **address})
        seen = Markup()
        seen.feed(body(app))
        assert [tag for tag in seen.tags if not TAGS.fullmatch(tag)] == [], address
        assert seen.faults == [], address
        shown += body(app)
    assert f"<bdi>{escape(NASTY)}</bdi>" in shown, "what turns the direction of writing round ends with the name"
    for part in (
        "pk-quote",
        "pk-copies",
        "pk-ledger",
        "pk-report",
        "pk-cite-as",
        "pk-compare",
        "pk-older",
        "pk-facts",
        "pk-beside",
    ):
        assert part in shown, f"{part} was never drawn, so nothing is known of it"


def test_a_configured_login_shows_nothing_before_it(
    monkeypatch: pytest.MonkeyPatch, sample_kb: KnowledgeBase, tmp_path: Path
) -> None:
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    # A place that Streamlit does not know: it would remember these settings for all tests that follow.
    monkeypatch.setattr("search_app.sharing._APP", tmp_path)
    monkeypatch.setattr("search_app.sharing.find_spec", lambda name: object())
    citation = sample_kb.ask(QUESTION).citations[0]
    place = {"article": citation.article_id, "start": str(citation.start), "end": str(citation.end)}
    secrets.write_text(
        '[auth]\nredirect_uri = "http://a/oauth2callback"\ncookie_secret = "s"\n'
        '[auth.office]\nclient_id = "i"\nclient_secret = "s"\nserver_metadata_url = "https://a"\n'
    )
    for address in ({"q": QUESTION}, {"view": "article", **place}, {"build": "nosuch"}):
        app = page(monkeypatch, sample_kb.folder, **address)
        assert [button.label for button in app.button] == ["用 office 登录"]
        assert "data-pk-door" in body(app)
        assert QUOTE not in words(app)
        assert sample_kb.build not in words(app)
        assert not app.text_input
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.user = {"is_logged_in": True, "name": "某人"}
    app.query_params["q"] = QUESTION
    app.run()
    assert QUOTE in words(app)
    assert "退出登录" in [button.label for button in app.button]
    secrets.write_text("[auth\n")
    app = page(monkeypatch, sample_kb.folder, q=QUESTION)
    assert "登录配置有误" in words(app)
    assert QUOTE not in words(app), "settings that cannot be read close the door"
    secrets.unlink()
    assert QUOTE in words(page(monkeypatch, sample_kb.folder, q=QUESTION))


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
    known = id_of(sample_kb, "family-account.txt")
    app = page(monkeypatch, sample_kb.folder, view="article", article=known, other="nosuch")
    assert f"构建 {sample_kb.build} 里没有编号为 nosuch 的文章。" in words(app)
