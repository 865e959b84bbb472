"""The words of a sub-corpus in a real browser: keywords, one word, and the lines that give the same again."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from browsing import NARROW, Open

from index.filters import Filters

if TYPE_CHECKING:
    import playwright.sync_api as playwright

    from index.kb import KnowledgeBase

pytestmark = pytest.mark.browser


def explored(address: str, **params: str) -> str:
    return f"{address}?view=explore&part=words" + "".join(f"&{name}={quote(value)}" for name, value in params.items())


def rows(opened: playwright.Page) -> list[list[str]]:
    opened.wait_for_selector(".pk-words-table:not(details *)")
    found: list[list[str]] = opened.evaluate(
        "() => [...document.querySelector('.pk-words-table:not(details *)').querySelectorAll('tbody tr')]"
        ".map(row => [...row.children].map(cell => cell.innerText.trim()))"
    )
    return found


def test_keywords_are_sorted_turned_and_followed(address: str, open_page: Open, sample_kb: KnowledgeBase) -> None:
    opened = open_page(explored(address, scheme="失业保险"))
    found = sample_kb.keyness(Filters(schemes="失业保险"))
    assert opened.locator(".pk-subcorpus .pk-pick").inner_text().split() == ["去掉筛选", "失业保险", "×"]
    assert "5 篇文章" in opened.locator(".pk-subcorpus .pk-meta").inner_text()
    assert "只有 5 篇文章" in opened.locator(".pk-words .pk-warning").inner_text()
    shown = rows(opened)
    assert [row[0] for row in shown] == [word.word for word in found.positive]
    assert shown[1][1] == "只在这里"
    opened.get_by_role("link", name="按差别").click()
    opened.wait_for_selector("a[aria-current]:has-text('按差别')")
    assert [row[0] for row in rows(opened)] == [w.word for w in found.ordered("effect") if w.log_ratio > 0]
    opened.get_by_role("link", name=f"用得更少 {len(found.negative)}").click()
    opened.wait_for_selector(".pk-less")
    assert {row[0] for row in rows(opened)} == {word.word for word in found.negative}

    # The sub-corpus has an address of its own, pinned to the build; another value narrows it and keeps the part.
    link = opened.locator(".pk-subcorpus [data-pk-copy-link]").get_attribute("data-pk-copy-link")
    assert link is not None
    said = parse_qs(urlsplit(link).query)
    assert (said["scheme"], said["build"], said["part"]) == (["失业保险"], [sample_kb.build], ["words"])
    opened.locator(".pk-subcorpus .pk-pick").click()
    opened.wait_for_selector(".pk-subcorpus strong")
    assert opened.locator(".pk-subcorpus strong").inner_text() == "全部"
    opened.wait_for_selector(".pk-less", state="detached")  # the words come after the line above them
    assert rows(opened)[0][:2] == ["医保", "273"]

    # The line printed gives the same words.
    opened.get_by_text("用命令或 Python 得到同样的结果").click()
    line = opened.locator("[data-testid=stCode] code").first.inner_text()
    done = subprocess.run(
        [sys.executable, "-c", "from search_app.cli import main; main()", *shlex.split(line)[1:], "--json"],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert [row["word"] for row in json.loads(done.stdout)["rows"]][:30] == [row[0] for row in rows(opened)]


def test_a_word_is_told_with_pictures_and_company_in_english(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    opened = open_page(explored(address, q="断缴"), locale="en-US", viewport=NARROW)
    opened.wait_for_selector(".pk-words-trend-year svg")
    assert "26 places" in opened.locator(".pk-words .pk-meta").first.inner_text()
    path = opened.locator(".pk-words-dispersion svg path").get_attribute("d")
    assert path is not None
    assert path.count("M") == len({round(place * 1000) for place in sample_kb.dispersion("断缴").at})
    points = sample_kb.trend("断缴", "year").points
    small = [point.period for point in points if 3 <= point.articles < 10]
    assert opened.locator(".pk-words-trend-year circle.pk-svg-few").count() == len(small)
    warning = opened.locator(".pk-words .pk-warning", has_text="Hollow points").last.inner_text()
    assert all(period in warning for period in small)
    assert [row[0] for row in rows(opened)] == [row.word for row in sample_kb.collocates("断缴")][:30]
    wide = opened.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    # A collocate leads to both in the concordance.
    there = opened.locator(".pk-words-table tbody th a").last.get_attribute("href")
    assert there is not None
    assert parse_qs(urlsplit(there).query)["part"] == ["kwic"]
    assert "断缴" in parse_qs(urlsplit(there).query)["q"][0]

    opened.get_by_role("textbox").fill("<b>没有")
    opened.get_by_role("button", name="Look up").click()
    opened.wait_for_selector(".pk-state")
    assert "“<b>没有” is not in this sub-corpus" in opened.locator(".pk-state h1").inner_text()
