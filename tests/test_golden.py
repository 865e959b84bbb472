"""Golden pages: a small page for every kind of noise, in text and in HTML, with what must come out of it.

`golden/NAME.json` beside `golden/NAME` states the expectation; a key that is absent is not compared:

- `title`, `short_answer`, `body` (lines in order), `headings` (printed texts in order, unless `headings_free`), `paths`
- `snippets`: every recommendation item in order with title, summary, category, date; `relations`: their labels
- `removed`: how other removals begin (`starts`), perhaps with the beginning of their `rule`; `traces`: traces of text
  generators that `article` (in doubts or facts) and each of `snippets` (in evidence or fields) must quote
- `facts`: all values of a kind, in any order; `facts_has`: some of them; `facts_not`: beginnings that no value of the
  kind may have; `as_of`, `as_of_kind`
- `encoding`; `warned`: the page carries a warning

The pages were written without knowledge of the rules. A failing page is mended in the rules, never here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.clean import Article, clean
from ingest.ledger import Removal
from ingest.page import Page, read_page

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.name.removesuffix(".json") for path in GOLDEN.glob("*.json"))
FIELDS = ("title", "summary", "category", "date")


def squeezed(text: str) -> str:
    return " ".join(text.replace(" | ", " ").split())


def lines(text: str) -> list[str]:
    return [squeezed(line) for line in text.splitlines() if line.strip()]


def removed_text(page: Page, removal: Removal) -> str:
    return page.text[removal.start : removal.end].strip()


def items(article: Article) -> list[Removal]:
    return [removal for removal in article.removals if removal.rule.startswith("snippet")]


def headings(article: Article) -> list[str]:
    return [squeezed(section.heading) for section in article.sections]


def assert_tiled(page: Page, article: Article) -> None:
    """Every character that is not white space is kept or in exactly one removal (promise 1)."""
    pieces = sorted([*article.spans, *((r.start, r.end) for r in article.removals)])
    at = 0
    for start, end in pieces:
        assert start >= at, f"two owners for {page.text[start:at]!r}"
        assert not page.text[at:start].strip(), f"lost in silence: {page.text[at:start]!r}"
        at = end
    assert not page.text[at:].strip(), f"lost in silence: {page.text[at:]!r}"


def assert_removed(page: Page, article: Article, expected: list[dict[str, str]]) -> None:
    for want in expected:
        found = [r for r in article.removals if squeezed(removed_text(page, r)).startswith(squeezed(want["starts"]))]
        assert found, f"not removed: {want['starts']}"
        assert any(r.rule.startswith(want.get("rule", "")) for r in found), [r.rule for r in found]
        assert all(r.evidence and 0 < r.confidence <= 1 for r in found), found


def assert_facts(article: Article, gold: dict[str, Any]) -> None:
    for kind, values in gold.get("facts", {}).items():
        assert {fact.value for fact in article.facts if fact.kind == kind} == set(values), kind
    for kind, values in gold.get("facts_has", {}).items():
        assert {fact.value for fact in article.facts if fact.kind == kind} >= set(values), kind
    for kind, beginnings in gold.get("facts_not", {}).items():
        for fact in article.facts:
            assert fact.kind != kind or not fact.value.startswith(tuple(beginnings)), fact
    for key in ("as_of", "as_of_kind"):
        if key in gold:
            assert getattr(article, key) == gold[key], key


def assert_traces(article: Article, traces: dict[str, Any]) -> None:
    said = " ".join(trace.quote for trace in article.traces)
    for trace in traces["article"]:
        assert trace in said, f"not flagged on the article: {trace}"
    for removal, wanted in zip(items(article), traces["snippets"], strict=True):
        flags = " ".join(trace.quote for trace in removal.traces)
        for trace in wanted:
            assert trace in flags, f"not flagged on the snippet {removal.fields.get('title')}: {trace}"
        assert wanted or not removal.traces, f"flagged without cause: {removal.traces}"


@pytest.mark.parametrize("name", NAMES)
def test_golden_page(name: str) -> None:
    gold = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    page = read_page(GOLDEN / name, path=name)
    article = clean(page)
    assert_tiled(page, article)
    if "body" in gold:
        assert lines(article.body_text) == [squeezed(line) for line in gold["body"]]
        assert squeezed(article.title) == gold["title"]
    found = [{key: squeezed(r.fields.get(key, "")) for key in FIELDS} for r in items(article)]
    assert found == [{key: squeezed(item[key]) for key in FIELDS} for item in gold["snippets"]]
    assert_removed(page, article, gold.get("removed", []))
    if "short_answer" in gold:
        assert article.short_answer == gold["short_answer"]
    if "headings" in gold and "headings_free" not in gold:
        assert headings(article) == gold["headings"]
    if "paths" in gold:
        assert [list(section.path) for section in article.sections] == gold["paths"]
    if "relations" in gold:
        assert [r.related.label if r.related else None for r in items(article)] == gold["relations"]
    if "traces" in gold:
        assert_traces(article, gold["traces"])
    assert_facts(article, gold)
    assert page.encoding.lower().startswith(gold.get("encoding", ""))
    assert not gold.get("warned") or page.warnings or article.doubts, "mojibake without a warning"
