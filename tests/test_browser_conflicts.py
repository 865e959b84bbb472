"""The radar of different numbers in a real browser: groups, the way to the source, filters in the address, both languages."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from browsing import NARROW, Open

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

pytestmark = pytest.mark.browser


def test_values_stand_side_by_side_and_lead_to_their_source(address: str, open_page: Open) -> None:
    page = open_page(f"{address}?view=explore&part=conflicts")
    page.wait_for_selector(".pk-conflicts-case")
    first = page.locator(".pk-conflicts-cases").first
    assert first.locator("h4").all_inner_texts() == ["不少于3年", "不少于5年"]
    assert first.locator("blockquote mark").all_inner_texts() == ["3年", "5年"]
    assert "不判断谁对谁错" in page.locator(".pk-conflicts .pk-hint").first.inner_text()
    assert page.locator(".pk-conflicts-line svg circle").count() >= 2
    page.locator(".pk-conflicts-ways a", has_text="年份不同").click()
    page.wait_for_url("**order=year**")
    page.wait_for_function("!document.querySelector('.pk-conflicts-open')")
    assert "个人缴费" in page.locator(".pk-conflicts-head h3").all_inner_texts()
    page.locator(".pk-conflicts-case a").first.click()
    page.wait_for_selector(".pk-cited")
    assert "view=article" in page.url


def test_english_on_a_telephone_and_the_command_that_is_printed_works(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    page = open_page(f"{address}?view=explore&part=conflicts&lang=en&by=money&q={quote('个人缴费')}", viewport=NARROW)
    page.wait_for_selector(".pk-conflicts-case")
    assert "it does not say who is right" in page.inner_text(".pk-conflicts .pk-hint")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.get_by_text("Get the same from the command line or Python").last.click()
    line = next(text for text in page.locator("code").all_inner_texts() if text.startswith("policykb conflicts"))
    run = [sys.executable, "-c", "from search_app.cli import main; main()"]
    words = line.split()[1:]
    told = subprocess.run([*run, *words], capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[0].startswith(f"{len(sample_kb.conflicts(matter='个人缴费', kind='money'))} matters")
