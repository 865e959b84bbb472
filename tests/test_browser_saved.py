"""Saved questions and the corpus card in a real browser: both languages, the files, the lines that give the same."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browsing import NARROW, Open
from click.testing import CliRunner

from index.kb import KnowledgeBase
from search_app.cli import main
from search_app.words import Words

pytestmark = pytest.mark.browser


def lines(opened: Any, say: Words) -> tuple[str | None, Any]:
    """Unfold the lines, and return the command, None where there is none, and what the lines of Python evaluate to."""
    opened.get_by_text(say("reproduce")).click()
    opened.wait_for_function("() => [...document.querySelectorAll('code')].some(c => c.innerText.includes('open_kb'))")
    codes = opened.locator("code").all_inner_texts()
    *setup, last = next(code for code in codes if "open_kb" in code).strip().splitlines()
    scope: dict[str, Any] = {}
    exec("\n".join(setup), scope)
    return next((code for code in codes if code.startswith("policykb ")), None), eval(last, scope)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_saved_questions_are_listed_and_a_new_one_gives_its_line(
    address: str, open_page: Open, sample_kb: KnowledgeBase, lang: str
) -> None:
    say = Words(lang)  # type: ignore[arg-type]
    asked = f"{address}?view=explore&part=saved&lang={lang}&region={quote('湖南省')}&q={quote('等待期是多久')}"
    opened = open_page(asked, viewport=NARROW)
    opened.wait_for_selector(".pk-saved-count")
    assert opened.locator(".pk-saved-count").inner_text() == say("saved_first", asked=6)
    assert opened.locator(".pk-saved-fold summary").all_inner_texts() == [say("saved_unchanged", count=6)]
    opened.locator(".pk-saved-fold summary").click()
    assert opened.locator(".pk-saved-item h2").first.inner_text() == "断缴等待期"
    line = {"query": "等待期是多久", "filters": {"region": ["湖南省"]}}
    opened.get_by_text(json.dumps(line, ensure_ascii=False)).wait_for()
    wide = opened.evaluate("document.querySelector('.pk-saved').scrollWidth <= innerWidth")
    assert wide is True
    command, frame = lines(opened, say)
    assert command is None  # there is no earlier build to compare with
    assert list(frame["name"])[:2] == ["断缴等待期", "湖南缴费标准"]
    assert set(frame["build"]) == {sample_kb.build}
    opened.locator(".pk-saved-cites a").first.click()
    opened.wait_for_selector("#pk-cited")
    assert "3个月的固定待遇等待期" in "".join(opened.locator("mark.pk-cited").all_inner_texts())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_card_counts_the_part_that_is_filtered_and_goes_home_as_a_file(
    address: str, open_page: Open, sample_kb: KnowledgeBase, tmp_path: Path, lang: str
) -> None:
    say = Words(lang)  # type: ignore[arg-type]
    opened = open_page(f"{address}?view=explore&part=card&lang={lang}")
    opened.wait_for_selector(".pk-cc")
    whole = sample_kb.card()
    assert f"{whole.kept_chars:,}" in opened.locator("#composition").inner_text()
    opened.locator(".pk-cc-contents a").last.click()
    opened.wait_for_function("() => document.querySelector('#reproduce').getBoundingClientRect().top < innerHeight")
    with opened.expect_download() as started:
        opened.get_by_text(say("corpus_as_html"), exact=True).click()
    started.value.save_as(tmp_path / "card.html")
    assert f'content: "policykb {sample_kb.build}"' in (tmp_path / "card.html").read_text("utf-8")
    command, card = lines(opened, say)
    assert card == whole
    assert command is not None
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    assert (result.exit_code, f"{whole.page_chars:,}" in result.stdout) == (0, True)
    opened.goto(f"{address}?view=explore&part=card&lang={lang}&region={quote('北京市')}")
    opened.get_by_text(say("corpus_part_of", name="北京市")).wait_for()
    assert opened.locator("#composition td").first.inner_text() == str(whole.coverage.provinces["北京市"])
