"""The concordance in a real browser: from an example to the cited place, patterns told right and wrong, files."""

from __future__ import annotations

import shlex
from urllib.parse import quote

import pandas as pd
import playwright.sync_api as playwright
import pytest
from browsing import NARROW, WIDE, Open, cited_text
from click.testing import CliRunner

from index.explore.concordance import Concordance
from index.kb import KnowledgeBase
from index.ngrams import fold
from search_app.cli import main

pytestmark = pytest.mark.browser
MONTHS = r"[一二三四五六七八九十\d]+个月"


def at(address: str, **params: str) -> str:
    return f"{address}?view=explore&part=kwic" + "".join(f"&{name}={quote(value)}" for name, value in params.items())


def seen(opened: playwright.Page) -> list[str]:
    return [fold(text) for text in opened.locator(".pk-kwic-match").all_inner_texts()]


def box(opened: playwright.Page) -> playwright.Locator:
    return opened.locator(".st-key-pk_box_kwic input")


def is_aligned(opened: playwright.Page) -> bool:
    """Whether all matches begin under one another and nothing reaches out of the page."""
    aligned: bool = opened.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " const lefts = [...document.querySelectorAll('.pk-kwic-match')].map(m => m.getBoundingClientRect().left);"
        " return main.scrollWidth <= main.clientWidth && lefts.length > 0 && Math.max(...lefts) - Math.min(...lefts) < 1; }"
    )
    return aligned


def test_from_an_example_over_a_neighbour_to_the_source(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    opened = open_page(at(address), viewport=WIDE)
    opened.locator(".pk-kwic-phrases a").get_by_text("断缴", exact=True).click()
    opened.wait_for_selector(".pk-kwic-lines")
    found = sample_kb.kwic("断缴", limit=50)
    assert opened.locator(".pk-kwic h2").inner_text() == f"{found.matches} 次"
    assert box(opened).input_value() == "断缴"
    assert seen(opened) == ["断缴"] * len(found)
    assert is_aligned(opened)
    opened.locator(".pk-kwic-ways").get_by_text("按右文").click()
    opened.wait_for_selector(".pk-kwic-right i")
    by_right = sample_kb.kwic("断缴", sort="right", limit=50)
    titles = opened.locator(".pk-kwic-source bdi").all_inner_texts()
    assert titles == [line.title for line in by_right]
    neighbour = opened.locator(".pk-kwic-beside").last.locator("a").first
    phrase, count = f"断缴{neighbour.inner_text()}", found.after[0].count
    neighbour.click()
    opened.wait_for_function(f"document.querySelector('.pk-kwic h2').innerText == '{count} 次'")
    assert seen(opened) == [fold(phrase)] * count
    opened.locator(".pk-kwic-match").first.click()
    assert fold(cited_text(opened)) == fold(phrase)


@pytest.mark.parametrize(("locale", "dark"), [("en-US", True), ("zh-CN", False)])
def test_a_pattern_is_paged_taken_home_and_told_when_wrong(
    address: str, open_page: Open, sample_kb: KnowledgeBase, locale: str, dark: bool
) -> None:
    opened = open_page(at(address, q=MONTHS, regex="1", order="left"), viewport=NARROW, locale=locale, dark=dark)
    opened.wait_for_selector(".pk-kwic-lines")
    every = sample_kb.kwic(MONTHS, regex=True, sort="left", limit=None)
    assert seen(opened) == [fold(line.match) for line in every.lines[:50]]
    assert is_aligned(opened)
    opened.locator(".pk-kwic-pages a[rel=next]").click()
    opened.wait_for_selector(".pk-kwic-pages a[rel=prev]")
    assert seen(opened) == [fold(line.match) for line in every.lines[50:100]]
    assert _told_again(opened) == every
    assert _taken_home(opened).match.map(fold).tolist() == [fold(line.match) for line in every]
    box(opened).fill("断缴(.{0,6}")
    box(opened).press("Enter")
    opened.wait_for_selector(".pk-kwic-wrong mark")
    said = "少了右括号" if locale == "zh-CN" else "a closing bracket is missing"
    assert said in opened.inner_text(".pk-kwic-wrong")
    assert "at=2" not in opened.url


def _told_again(opened: playwright.Page) -> Concordance:
    """What the lines that the page prints give: the Python line, after the shell line gave as many."""
    opened.locator("[data-testid=stExpander] summary").last.click()
    opened.locator("[data-testid=stCode]").last.wait_for()
    shell, python = opened.locator("[data-testid=stCode] code").all_inner_texts()[-2:]
    program, *words = shlex.split(shell)
    ran = CliRunner().invoke(main, [words[0], "--json", *words[1:]])
    assert (program, ran.exit_code) == ("policykb", 0)
    *setup, expression = python.strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(setup), names)
    found = eval(expression.removesuffix(".to_frame()"), names)
    assert isinstance(found, Concordance)
    assert f'"matches": {found.matches}' in ran.stdout
    return found


def _taken_home(opened: playwright.Page) -> pd.DataFrame:
    opened.locator("[data-testid=stExpander] summary").first.click()
    with opened.expect_download() as download:
        opened.locator(".st-key-pk_home_kwic_csv button").click()
    return pd.read_csv(download.value.path())
