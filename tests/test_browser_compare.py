"""The comparison in a browser: the matrix, its links, the lines printed, and passages near to a passage."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from urllib.parse import quote

import pytest
from browsing import NARROW, Open, cited_text
from click.testing import CliRunner

from index.filters import Filters
from index.kb import KnowledgeBase
from search_app.cli import main

pytestmark = pytest.mark.browser
QUESTION = "医保断缴后等待期是多久"


def comparing(address: str, **params: str) -> str:
    more = "".join(f"&{name}={quote(value)}" for name, value in params.items())
    return f"{address}?view=explore&part=compare&q={quote(QUESTION)}{more}"


def test_a_matrix_says_word_for_word_what_each_place_says_and_leads_there(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    found = sample_kb.compare(QUESTION)
    opened = open_page(comparing(address))
    opened.wait_for_selector(".pk-matrix")
    for cell in (cell for cell in found.cells if cell.state == "stated"):
        name = "未提地区" if cell.value == "-" else cell.value
        row = opened.locator(".pk-matrix tbody tr").filter(has=opened.locator(f"th:has-text('{name}')"))
        told = row.locator("blockquote p").first.text_content() or ""
        assert told == f"{cell.citations[0].quote}[{cell.citations[0].number}]"
    marked = opened.locator(".pk-matrix mark.pk-number").all_inner_texts()
    assert marked == ["2年", "6个月"]
    near = opened.locator(".pk-matrix tr.pk-not_stated", has_text="湖北省")
    assert "未载明" in near.inner_text()
    assert "上海市" in opened.locator(".pk-compare-silent").inner_text()
    assert opened.locator(".pk-compare-ways a", has_text="年份").count() == 2
    opened.get_by_text("用命令或 Python 得到同样的结果").click()
    line = opened.locator("[data-testid=stCode] code").first.text_content() or ""
    assert opened.locator("[data-testid=stCode] code").nth(1).text_content().endswith(
        f"kb.compare({QUESTION!r}, by='region').to_frame()"
    )  # fmt: skip
    done = CliRunner().invoke(main, [*shlex.split(line)[1:], "--json"])
    assert json.loads(done.stdout) == json.loads(json.dumps(found.as_dict()))
    opened.locator(".pk-matrix .pk-cite").first.click()
    assert cited_text(opened) == found.cells[0].citations[0].quote


def test_rows_and_columns_are_links_and_cells_are_cards_on_a_telephone(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    opened = open_page(comparing(address, region="北京市", lang="en"), viewport=NARROW, locale="en")
    opened.wait_for_selector(".pk-matrix")
    opened.locator(".pk-compare-ways ul").nth(1).get_by_text("Year").click()
    opened.wait_for_selector(".pk-compare-grid")
    where = Filters(regions=("北京市",))
    found = sample_kb.compare(QUESTION, "region", where=where, across="year")
    first = next(cell for cell in found.cells if cell.citations)
    cell = opened.locator(f'.pk-compare-grid td[data-pk-column="{first.column}"]').first
    assert (cell.locator("blockquote p").first.text_content() or "").startswith(first.citations[0].quote)
    assert "order=year" in opened.url
    assert opened.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    opened.locator(".st-key-pk_home_compare summary").click()
    with opened.expect_download() as download:
        opened.locator(".st-key-pk_home_compare").get_by_role("button", name="Markdown").click()
    assert first.citations[0].quote in Path(download.value.path()).read_text(encoding="utf-8")


def test_passages_near_to_a_passage_unfold_beside_it(address: str, open_page: Open, sample_kb: KnowledgeBase) -> None:
    hits = sample_kb.ask(QUESTION).hits
    opened = open_page(f"{address}?q={quote(QUESTION)}")
    sources = opened.locator(".pk-passages > .pk-sources")
    assert "个独立文本" in sources.inner_text()
    opened.locator(".pk-hit").nth(1).get_by_text("相近段落").click()
    opened.wait_for_selector(".pk-similar")
    near = sample_kb.similar(hits[1], k=5)
    shown = opened.locator(".pk-hit").nth(1).locator(".pk-similar li > a").all_inner_texts()
    assert shown == [" › ".join((one.title, *one.heading_path)) for one in near]
    opened.get_by_text("收起", exact=True).click()
    opened.wait_for_selector(".pk-similar", state="detached")
