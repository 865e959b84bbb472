"""Hostile input of every kind gives a result that holds together, or one clear line: never another exception.

`bench/fuzz.py` runs the same properties for minutes. Sample pages are the ones in `corpus/pages`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from index.gold import read_gold
from index.kb import KnowledgeBase
from index.lexicon.own import read_own
from index.search import Filters
from ingest.clean import clean
from ingest.corpus import find_corpus
from ingest.facts.sources import source_kind
from ingest.page import BadPage, page_from_bytes, read_page
from ingest.passages import split_passages
from ingest.problem import Problem

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = [file.read_text("utf-8") for file in sorted((ROOT / "corpus" / "pages").iterdir()) if file.suffix == ".txt"]
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "utf-16-be", "utf-32", "latin-1", "shift_jis", "hz")
WORDS = (
    *("医保", "参保人员应当在三个月内办理。", "相关推荐", "怎么办理异地就医备案？", "2024-01-01", "2024年1月1日"),
    *("来源：长沙晚报", "温馨提示：", "一、", "（一）", "1.", "朝阳区", "湖南省长沙市", "首页 > 社保", "如下：", "|", "\t"),
    *("~{<:Ky2;", "å®¶åº­", "\u200b", "\u3000", "\xa0", "\ufeff", "\ufffd", "\0", "\x0b", "\x85", "\u2028", "\r", "\n", "\n\n"),
    *("😀", "\u202e", "a\u0301", "……", "“", "》", "[1]", "10%", "¥1,000", "Ａ", "㈠", "②", "Copyright ©", "http://a.b/c"),
    *("\ud800", "\udfff", "\U000e0001", "\uffff", "《关于医保的通知》", "生活百科 2025-05-06", "阅读 1024", "扫一扫关注公众号"),
)  # fmt: skip
TAGS = (
    *("p", "div", "span", "a", "b", "i", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr", "td", "th", "tbody", "h1"),
    *(
        "h2",
        "h3",
        "br",
        "hr",
        "img",
        "script",
        "style",
        "template",
        "noscript",
        "title",
        "head",
        "body",
        "html",
        "meta",
    ),
    *("form", "select", "option", "textarea", "iframe", "svg", "math", "pre", "blockquote", "details", "font", "x-y"),
)
ATTRIBUTES = (
    *("", " hidden", " class='recommend list'", " id=1", " href='/a.html'", " colspan=99999 rowspan=-1", " style='"),
    *(" name=keywords content='医保'", " property=og:site_name content=站", " type=application/ld+json", " =", ' a="b'),
)
ODD_MARKUP = (
    *(
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<!doctype html>",
        "<?xml version='1.0' encoding='gbk'?>",
        "<",
        ">",
        "</",
        "/>",
    ),
    *("&", "&amp;", "&#0;", "&#x110000;", "&nbsp", "&x;", "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "<policykb-end>"),
    *('{"@type":"Article","articleBody":"甲"}', "[" * 50, '{"a":' * 50),
)


def pieces(*kinds: SearchStrategy[str], most: int = 60) -> SearchStrategy[str]:
    return st.lists(st.one_of(*kinds), max_size=most).map("".join)


words = st.one_of(st.sampled_from(WORDS), st.text(max_size=12))
texts = pieces(words, st.integers(1, 300).map("医".__mul__))
markup = pieces(
    st.builds("<{}{}>".format, st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES)),
    st.builds("</{}>".format, st.sampled_from(TAGS)),
    st.sampled_from(ODD_MARKUP),
    words,
)
lines = st.lists(st.one_of(words, pieces(words, most=4)), max_size=60).map("\n".join)


@st.composite
def changed_samples(draw: st.DrawFn) -> str:
    """A sample page with pieces taken out, doubled, moved, and odd ones put in."""
    text = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 400)))
        piece = draw(st.sampled_from(("", text[start:end] * 2, text[:80], *WORDS, *ODD_MARKUP)))
        text = text[:start] + piece + text[end:]
    return f"<html><body>{text.replace(chr(10), '<br>')}" if draw(st.booleans()) else text


@st.composite
def encoded(draw: st.DrawFn) -> bytes:
    """Text in any encoding, broken, cut, or joined with text in another."""
    data = b"".join(
        text.encode(draw(st.sampled_from(ENCODINGS)), "replace")
        for text in draw(st.lists(st.one_of(texts, st.sampled_from(SAMPLES)), min_size=1, max_size=2))
    )
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=3)) + data[at + draw(st.integers(0, 2)) :]
    return data[draw(st.integers(0, 3)) :]


def in_bytes(strategy: SearchStrategy[str]) -> SearchStrategy[bytes]:
    return strategy.map(lambda text: text.encode("utf-8", "surrogatepass"))


def is_clear(problem: Problem) -> None:
    message = str(problem)
    assert message.strip(), "a problem says something"
    assert len(message.splitlines()) == 1, message
    message.encode()


def page_holds_together(data: bytes, path: str) -> None:
    try:
        page = page_from_bytes(data, path=path)
    except BadPage as problem:
        is_clear(problem)
        return
    article = clean(page)
    passages = split_passages(page.text, article)
    pieces = sorted([*article.spans, *((removal.start, removal.end) for removal in article.removals)])
    assert all(start < end for start, end in pieces)
    assert [0, *(end for _, end in pieces)] == [*(start for start, _ in pieces), len(page.text)], (
        "kept + removed = page"
    )
    assert all(article.keeps(passage.start, passage.end) for passage in passages)
    assert all(passage.text == page.text[passage.start : passage.end] for passage in passages)
    assert all(left.end <= right.start for left, right in pairwise(passages)), "in order, and nothing cited twice"
    covered = [block for block in article.body if any(p.start <= block.start and block.end <= p.end for p in passages)]
    long = [block for block in article.body if block.end - block.start > 400]
    assert len(covered) >= len(article.body) - len(long), "every block is in a passage"
    assert len({passage.id for passage in passages}) == len(passages)
    said = [page.title, page.url, page.site, page.publisher, article.title, page.text, *page.warnings, *article.doubts]
    said += [fact.value for fact in article.facts] + [removal.evidence for removal in article.removals]
    json.dumps(said, ensure_ascii=False).encode()  # no half of a surrogate pair reaches a file


def bytes_hold_together(data: bytes) -> None:
    page_holds_together(data, "page.txt")
    page_holds_together(data, "page.html")


def beside_pages(name: str, data: bytes) -> None:
    """A hostile file beside the folder of pages, or in it: the pages are read with it, or it is named."""
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder, "corpus", "pages")
        pages.mkdir(parents=True)
        (pages / "a.txt").write_text(SAMPLES[0], "utf-8")
        (pages.parent / name).parent.mkdir(exist_ok=True)
        (pages.parent / name).write_bytes(data)
        try:
            corpus = find_corpus([pages])
            own = read_own(corpus.found.roots)
        except Problem as problem:
            is_clear(problem)
            return
        (file,) = corpus.found.pages
        assert file.path == "a.txt"
        assert all("\n" not in skipped.reason for skipped in corpus.found.skipped)
        page = read_page(file.file, path=file.path, sidecar=corpus.found.sidecar)
        article = clean(page, overrules=corpus.overrules.of("a.txt"), source_rules=corpus.source_rules)
        article = own.mark(article, page.text)
        own.lexicon.expand("医保断缴怎么办")
        source_kind(page.url, page.site, page.publisher, ("医保局",), rules=corpus.source_rules)
        json.dumps([page.url, page.site, [str(fact) for fact in article.facts], article.notes]).encode()


def gold_is_read(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "questions.jsonl").write_bytes(data)
        try:
            assert read_gold(Path(folder))
        except Problem as problem:
            is_clear(problem)


values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.floats(), st.integers(), texts, st.sampled_from(("a.txt", "../a.txt", "/a"))
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(("path", "url")), inner)),
    max_leaves=4,
)
KEYS = ("path", "url", "site", "publisher", "fetched", "id", "text", "verdict", "answers", "quote", "kind", "part")
records = st.dictionaries(st.sampled_from(KEYS), values, max_size=6).map(json.dumps)
json_lines = in_bytes(st.lists(st.one_of(records, texts), max_size=4).map("\n".join))
QUOTES = (
    "a.txt",
    "keep",
    "remove",
    "keep 2",
    "remove 0",
    "keep 9" * 9,
    "…",
    *SAMPLES[0].splitlines()[:6],
    "#",
    "*",
    "host",
)
tables = in_bytes(
    st.lists(st.lists(st.one_of(st.sampled_from(QUOTES), words), max_size=5).map("\t".join)).map("\n".join)
)
any_bytes = st.one_of(st.binary(max_size=400), json_lines, tables)

# What is checked of one case, and where the cases come from.
PROPERTIES: dict[str, tuple[Callable[[bytes], None], SearchStrategy[bytes]]] = {
    "bytes": (bytes_hold_together, st.one_of(st.binary(max_size=600), encoded())),
    "markup": (bytes_hold_together, in_bytes(markup)),
    "lines": (bytes_hold_together, in_bytes(lines)),
    "changed samples": (bytes_hold_together, in_bytes(changed_samples())),
    "sidecar": (partial(beside_pages, "pages/pages.jsonl"), any_bytes),
    "overrules": (partial(beside_pages, "overrules.tsv"), any_bytes),
    "lexicon": (partial(beside_pages, "lexicon/own.tsv"), any_bytes),
    "sources": (partial(beside_pages, "sources.tsv"), any_bytes),
    "gold": (gold_is_read, any_bytes),
}


def draw(body: Callable[[Any], None], cases: SearchStrategy[Any], examples: int, *, derandomize: bool) -> None:
    """Check `examples` cases; the same ones every time where `derandomize` is set."""
    setting = settings(
        max_examples=examples,
        derandomize=derandomize,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    setting(given(cases)(lambda case: body(case)))()


@pytest.mark.parametrize("name", PROPERTIES)
def test_hostile_input_holds_together_or_is_named(name: str) -> None:
    draw(*PROPERTIES[name], 15, derandomize=True)


asked = st.one_of(
    texts, st.text(max_size=30), st.sampled_from(('"', "-", '"医保" -断缴', "-" * 200, "？" * 3, "医" * 3000))
)


def question_is_answered(kb: KnowledgeBase, question: str, k: int, mode: str, since: str, region: str) -> None:
    try:
        filters = Filters((region,) if region else (), (since,) if since else (), since or None)
        hits = kb.search(question, k=k, mode=mode, filters=filters)  # type: ignore[arg-type]
        answer = kb.ask(question, filters=filters)
    except Problem as problem:
        is_clear(problem)
        return
    assert len(hits) <= k
    for hit in hits:
        article = kb.article(hit.article_id)
        assert article is not None
        assert article.text[hit.start : hit.end] == hit.text
    assert answer.verdict in ("answered", "partly", "not_stated", "outside")
    for citation in answer.citations:
        article = kb.article(citation.passage_id.split(".")[0])
        assert article is not None
        assert article.text[citation.start : citation.end] == citation.quote


filtered = st.one_of(st.just(""), words)
questions = st.tuples(asked, st.integers(1, 300), st.sampled_from(("hybrid", "dense", "lexical")), filtered, filtered)


def test_hostile_questions_are_answered_with_slices_of_pages(sample_kb: KnowledgeBase) -> None:
    draw(lambda case: question_is_answered(sample_kb, *case), questions, 15, derandomize=True)
