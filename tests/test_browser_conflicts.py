"""The radar of different numbers in a real browser: groups, the way to the source, filters in the address, both languages."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

import playwright.sync_api as playwright
import pytest
from browsing import NARROW, Open, cited_text
from click.testing import CliRunner

from search_app.cli import main

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

pytestmark = pytest.mark.browser
# As long as open_page waits for anything.
WAIT = 45_000


def matters(page: playwright.Page) -> playwright.Locator:
    return page.locator(".pk-conflicts-head h3")


def test_values_stand_side_by_side_and_lead_to_their_source(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    page = open_page(f"{address}?view=explore&part=conflicts")
    playwright.expect(matters(page)).to_have_text([one.matter for one in sample_kb.conflicts()[:10]], timeout=WAIT)
    first = page.locator(".pk-conflicts-cases").first
    assert first.locator("h4").all_inner_texts() == ["不少于3年", "不少于5年"]
    assert first.locator("blockquote mark").all_inner_texts() == ["3年", "5年"]
    assert "不判断谁对谁错" in page.locator(".pk-conflicts .pk-hint").first.inner_text()
    playwright.expect(page.locator(".pk-conflicts-line svg circle").nth(1)).to_be_attached(timeout=WAIT)
    page.locator(".pk-conflicts-ways a", has_text="年份不同").click()
    by_year = sample_kb.conflicts(difference="year")
    playwright.expect(matters(page)).to_have_text([one.matter for one in by_year[:10]], timeout=WAIT)
    assert "order=year" in page.url
    page.locator(".pk-conflicts-case a").first.click()
    assert cited_text(page) == by_year[0].cases[0].statements[0].quote


def test_english_on_a_telephone_and_the_command_that_is_printed_works(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    page = open_page(f"{address}?view=explore&part=conflicts&lang=en&by=money&q={quote('个人缴费')}", viewport=NARROW)
    found = sample_kb.conflicts(matter="个人缴费", kind="money")
    playwright.expect(matters(page)).to_have_text([one.matter for one in found[:10]], timeout=WAIT)
    assert "it does not say who is right" in page.locator(".pk-conflicts .pk-hint").first.inner_text()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= NARROW["width"]
    page.get_by_text("Get the same from the command line or Python").last.click()
    line = page.locator("code", has_text="policykb conflicts").first
    playwright.expect(line).to_be_visible(timeout=WAIT)
    run = CliRunner().invoke(main, shlex.split(line.inner_text())[1:], catch_exceptions=False)
    assert run.stdout.splitlines()[0] == f"{len(found)} matters with different numbers"
