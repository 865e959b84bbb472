"""The map of passages in a real browser: pointing shows a passage, a selection becomes a list, groups are links."""

from __future__ import annotations

import re
import shlex
from urllib.parse import parse_qs, urlsplit

import playwright.sync_api as playwright
import pytest
from browsing import NARROW, Open
from click.testing import CliRunner

from index.explore.area import Area
from index.filters import Filters
from index.kb import KnowledgeBase
from search_app.cli import main
from search_app.words import Words

pytestmark = pytest.mark.browser
EN = Words("en")


def map_page(open_page: Open, address: str, more: str = "", **how: object) -> playwright.Page:
    opened: playwright.Page = open_page(f"{address}?view=explore&part=map{more}", **how)
    opened.wait_for_selector("canvas[data-drawn]")
    return opened


def place_of(opened: playwright.Page, kb: KnowledgeBase, x: float, y: float) -> tuple[float, float]:
    """Where a place of the map is in the window, worked out apart from the script."""
    box = opened.locator(".pk-plot canvas").bounding_box()
    assert box is not None
    ys = kb.map().y
    low, high = float(ys.min()), float(ys.max())
    scale = min((box["width"] - 52) / 100, (box["height"] - 52) / (high - low))
    across, down = (x - 50) * scale, ((low + high) / 2 - y) * scale
    return box["x"] + box["width"] / 2 + across, box["y"] + box["height"] / 2 + down


def test_pointing_shows_the_passage_and_a_click_leads_to_it(
    open_page: Open, address: str, sample_kb: KnowledgeBase
) -> None:
    opened = map_page(open_page, address, locale="en")
    found = sample_kb.map()
    apart = max(range(len(found)), key=lambda at: nearest(found, at))  # alone, so that nothing else is pointed at
    opened.locator(".pk-plot canvas").scroll_into_view_if_needed()
    opened.mouse.move(*place_of(opened, sample_kb, float(found.x[apart]), float(found.y[apart])))
    card = opened.locator(f'.pk-plot-card[data-pk-point="{apart}"]')
    card.wait_for(state="visible")
    row = sample_kb.records.query(
        "SELECT title, text, article_id FROM passages JOIN articles ON articles.id = article_id WHERE passages.row = ?",
        (int(found.rows[apart]),),
    )[0]
    assert row["title"] in card.inner_text()
    assert " ".join(row["text"].split())[:60] in card.inner_text()
    opened.mouse.move(5, 5)
    card.wait_for(state="hidden")
    opened.mouse.move(*place_of(opened, sample_kb, float(found.x[apart]), float(found.y[apart])))
    card.wait_for(state="visible")
    opened.mouse.down()
    opened.mouse.up()
    opened.wait_for_url(re.compile(f"view=article.*article={row['article_id']}"))


def nearest(found: object, at: int) -> float:
    x, y = found.x.astype(float), found.y.astype(float)  # type: ignore[attr-defined]
    return float(sorted((x - x[at]) ** 2 + (y - y[at]) ** 2)[1])


def test_a_box_becomes_a_list_an_address_and_the_lines_for_it(
    open_page: Open, address: str, sample_kb: KnowledgeBase
) -> None:
    opened = map_page(open_page, address)
    say = Words("zh")
    opened.get_by_role("button", name=say("map_box")).click()
    opened.locator(".pk-plot canvas").scroll_into_view_if_needed()
    opened.mouse.move(*place_of(opened, sample_kb, 15, 80))
    opened.mouse.down()
    opened.mouse.move(*place_of(opened, sample_kb, 50, 60), steps=3)
    opened.mouse.up()
    opened.wait_for_selector(".pk-map-list ol > li")
    area = Area.read(parse_qs(urlsplit(opened.url).query)["area"][0])
    assert area.numbers == pytest.approx((15, 80, 50, 60), abs=0.3)
    rows = sample_kb.map().within(*area.numbers)
    assert 0 < len(rows) < len(sample_kb.map())
    assert f"{len(rows)} 个独立文本" in opened.locator(".pk-map-list .pk-sources").inner_text()
    assert opened.locator(".pk-map-list ol > li").count() == min(20, len(rows))
    # The line for a shell gives the same passages, and a group beside the area gives fewer.
    line = opened.locator("[data-testid=stCode]", has_text="policykb map").first
    if not line.is_visible():
        opened.get_by_text(say("reproduce")).click()
    line.wait_for(state="visible")
    words = shlex.split(line.inner_text())
    told = CliRunner().invoke(main, [*words[1:], "--format", "jsonl"])
    assert len(told.stdout.splitlines()) == len(rows)
    opened.get_by_role("link", name=say("map_drop_area")).click()
    opened.wait_for_selector(".pk-map-list ol > li", state="detached")


def test_groups_are_links_for_the_keyboard_in_both_languages(
    open_page: Open, address: str, sample_kb: KnowledgeBase
) -> None:
    opened = map_page(open_page, address, "&lang=en&scheme=失业保险", viewport=NARROW, dark=True)
    inside = len(sample_kb.map(Filters(schemes="失业保险")))
    told = opened.locator(".pk-map").inner_text()
    assert EN("map_in_subcorpus", count=inside) in told
    assert EN("map_no_measure") in told
    assert opened.locator(".pk-plot canvas").get_attribute("aria-label") == EN("map_plot")
    assert opened.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    one = sample_kb.map().clusters[1]
    link = opened.locator(f"[data-pk-key=group-{one.number}]")
    assert one.label in link.inner_text()
    link.focus()
    opened.keyboard.press("Enter")
    opened.wait_for_selector(".pk-map-groups tr[aria-current]")
    assert "by=2" in opened.url
    assert EN("map_group_named", number=2, label=one.label) in opened.locator(".pk-map-list").inner_text()
    # Every passage of the list is a link to its place in the build.
    links = opened.locator(".pk-map-list ol > li > a")
    for at in range(links.count()):
        assert "view=article" in (links.nth(at).get_attribute("href") or "")
