"""Taking home from the exploring view: pictures are drawn and saved, files are those of the library, the lines work."""

from __future__ import annotations

import io
import json
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import playwright.sync_api as playwright
import pytest
import rispy
from browsing import NARROW, Open
from click.testing import CliRunner

from index.kb import KnowledgeBase
from search_app.cli import main

pytestmark = pytest.mark.browser
WORD = "等待期"


def at(address: str, part: str, **params: str) -> str:
    return f"{address}?view=explore&part={part}" + "".join(f"&{name}={quote(value)}" for name, value in params.items())


def saved(opened: playwright.Page, key: str) -> bytes:
    """Press the button of this key and return the file that comes."""
    with opened.expect_download() as download:
        opened.locator(f".st-key-{key} button").first.click()
    return Path(download.value.path()).read_bytes()


def test_a_picture_is_drawn_in_the_colours_of_the_page_and_saved_in_its_own(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    colours = {}
    for dark in (False, True):
        opened = open_page(at(address, "words", q=WORD), dark=dark)
        picture = opened.locator("svg.pk-svg").first
        picture.wait_for()
        title = picture.locator("title").first.text_content()
        assert title
        assert opened.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
        style = "node => getComputedStyle(node.querySelector('.pk-svg-a')).fill"
        colours[dark] = picture.evaluate(style)
    assert len(set(colours.values())) == 2
    assert "none" not in colours.values()
    container = opened.locator("[class*='st-key-pk_picture_']").first
    key = next(
        name for name in (container.get_attribute("class") or "").split() if name.startswith("st-key-pk_picture_")
    )
    svg = saved(opened, f"{key.removeprefix('st-key-')}_svg")
    root = ET.fromstring(svg)
    assert root.findtext("{http://www.w3.org/2000/svg}title") == title
    assert sample_kb.build in "".join(root.itertext())
    assert root.get("width") != "100%"
    assert saved(opened, f"{key.removeprefix('st-key-')}_png").startswith(b"\x89PNG")


def test_the_list_comes_in_every_kind_and_the_lines_give_it_again(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    opened = open_page(at(address, "kwic", q=WORD, lang="en", region="江苏省"), viewport=NARROW)
    opened.get_by_text("Take this list home").click()
    rows = [json.loads(line) for line in saved(opened, "pk_home_kwic_jsonl").splitlines()]
    assert {row["match"] for row in rows} == {WORD}
    assert {(row["build"], row["filters"]) for row in rows} == {(sample_kb.build, '{"region": ["江苏省"]}')}
    table = pd.read_csv(io.BytesIO(saved(opened, "pk_home_kwic_csv")), encoding="utf-8-sig")
    assert list(table["passage_id"]) == [row["passage_id"] for row in rows]
    cited = rispy.loads(saved(opened, "pk_home_kwic_cited_ris").decode(), newline="\r\n")
    assert [one["id"] for one in cited] == list(dict.fromkeys(row["passage_id"] for row in rows))
    page = saved(opened, "pk_home_kwic_html").decode()
    assert page.count('<li id="note-') == len(cited)
    opened.get_by_text("Get the same from the command line or Python").click()
    code = opened.locator("[data-testid=stCode] code")
    shell, python = (code.nth(number).text_content() or "" for number in (0, 1))
    assert shell.strip() == rows[0]["command"]
    # Options come before the pattern, which may begin with a dash.
    words = shlex.split(shell)[1:]
    done = CliRunner().invoke(main, [words[0], "--format", "jsonl", *words[1:]], catch_exceptions=False)
    again = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["passage_id"] for row in again] == [row["passage_id"] for row in rows]
    assert [row["left"] for row in again] == [row["left"] for row in rows]
    *lines, last = python.strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join([*lines, f"frame = {last}"]), names)
    frame = names["frame"]
    assert isinstance(frame, pd.DataFrame)
    assert list(frame["passage_id"]) == [row["passage_id"] for row in rows]
    assert opened.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
