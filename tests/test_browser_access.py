"""Readers without a mouse, with a screen reader or with weak eyes: axe-core on every view, and the way by keyboard."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import playwright.sync_api as playwright
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import NARROW, QUESTION, QUOTE, WIDE, Open, asked, cited_text, mark_in_view, serving

from index.kb import KnowledgeBase

pytestmark = pytest.mark.browser
# Another axe.min.js, such as the newest of the npm registry, can be named.
SCRIPT = os.environ.get("POLICYKB_AXE")


def faults(opened: playwright.Page) -> list[str]:
    """Return what axe-core calls serious or critical on the page with all its folds open."""
    opened.wait_for_selector(".stApp[data-test-script-state=notRunning]")
    opened.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    axe = Axe.from_file(SCRIPT) if SCRIPT else Axe()
    found = axe.run(opened, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def disorder(opened: playwright.Page) -> list[str]:
    """Return what is wrong with landmarks and outline, of which axe-core makes nothing serious."""
    levels, mains, names = opened.evaluate(
        """() => [
          [...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")].map((heading) => Number(heading.tagName[1])),
          document.querySelectorAll("main").length,
          [...document.querySelectorAll("nav")].filter((nav) => nav.checkVisibility()).map((nav) => nav.ariaLabel),
        ]"""
    )
    told = [] if levels.count(1) == 1 else [f"{levels.count(1)} headings of the first level"]
    told += [f"h{lower} under h{upper}" for upper, lower in pairwise(levels) if lower > upper + 1]
    told += [] if mains == 1 else [f"{mains} main landmarks"]
    return told + ["one nav of several has no name"] * (None in names)


def views(kb: KnowledgeBase) -> dict[str, str]:
    """Return an address for every view and state that a base has."""
    rows = kb.records.query("SELECT id, path FROM pages")
    ids = {row["path"]: row["id"] for row in rows}
    article = f"?view=article&article={ids['resident-insurance-gap.txt']}"
    copies = [ids["switch-employee-resident.html"], ids["switch-employee-resident-copy.txt"]]
    return {
        "start": "",
        "answered": asked("", QUESTION),
        "side by side": asked("", "居民医保财政补助标准是多少？"),
        "not stated": asked("", "北京2031年居民医保缴费标准是多少"),
        "outside": asked("", "红烧肉怎么做才不腻？"),
        "words only": asked("", QUESTION, mode="lexical"),
        "nothing": asked("", "-医保"),
        "article": f"{article}&start=200&end=240&q=x",
        "ledger": f"{article}&ledger=1",
        "report": f"{article}&ledger=1&part=report&start=200&end=240",
        "compare": f"?view=article&article={copies[0]}&other={copies[1]}",
        "no article": "?view=article&article=zzz",
        "no build": "?build=nosuch",
        "operation": "?view=operation",
    }


@pytest.mark.parametrize(
    ("viewport", "dark", "locale"),
    [(NARROW, True, "en-GB"), (WIDE, False, "zh-CN")],
    ids=["360-dark-en", "1600-light-zh"],
)
def test_axe_finds_nothing_serious_on_any_view(
    address: str, open_page: Open, sample_kb: KnowledgeBase, viewport: dict[str, int], dark: bool, locale: str
) -> None:
    opened = open_page(address, viewport=viewport, dark=dark, locale=locale)
    opened.set_default_timeout(60_000)
    found = {}
    for name, view in views(sample_kb).items():
        opened.goto(address + view)
        opened.wait_for_selector(".pk-foot, .pk-state, .pk-op")
        if told := [*faults(opened), *disorder(opened)]:
            found[name] = told
    assert found == {}


def test_axe_finds_nothing_serious_where_there_is_no_base(tmp_path: Path, open_page: Open) -> None:
    with serving(tmp_path / "kb") as empty:
        assert faults(open_page(empty)) == []


def test_axe_sees_what_is_wrong(address: str, open_page: Open) -> None:
    opened = open_page(address)
    opened.evaluate("document.querySelector('.pk-foot p').style.color = '#ccc'")
    assert [fault.split(":")[0] for fault in faults(opened)] == ["color-contrast (serious)"]


def tab_to(opened: playwright.Page, wanted: str) -> None:
    """Press Tab until the element that fits the selector has the focus; every stop on the way shows it."""
    for _ in range(80):
        opened.keyboard.press("Tab")
        seen = opened.evaluate(
            """(wanted) => {
              const place = document.activeElement, style = getComputedStyle(place);
              const around = place.closest("[data-baseweb=input], [data-testid=stTextInputRootElement]");
              const visible = style.outlineStyle !== "none" || style.boxShadow !== "none" || around
                || place === document.body || place.matches("[data-testid=stMain]");
              return [place.matches(wanted), Boolean(visible), place.outerHTML.slice(0, 200)];
            }""",
            wanted,
        )
        assert seen[1], f"the focus cannot be seen on {seen[2]}"
        if seen[0]:
            return
    pytest.fail(f"{wanted} is not reached by Tab")


def test_from_the_start_to_the_cited_sentence_and_back_by_keyboard_alone(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    start = next(one.start for one in sample_kb.ask(QUESTION).citations if one.quote == QUOTE)
    opened = open_page(address)
    tab_to(opened, "input")
    opened.keyboard.insert_text(QUESTION)
    opened.keyboard.press("Enter")
    opened.wait_for_selector(".pk-answer")
    opened.wait_for_selector(".stApp[data-test-script-state=notRunning]")
    tab_to(opened, f'.pk-cite[href*="start={start}&end={start + len(QUOTE)}"]')
    opened.keyboard.press("Enter")
    assert cited_text(opened) == QUOTE
    opened.wait_for_function("document.activeElement.id === 'pk-cited'")
    assert mark_in_view(opened)
    opened.wait_for_selector(".stApp[data-test-script-state=notRunning]")
    for _ in range(40):
        if opened.evaluate("document.activeElement.closest('.pk-back') !== null"):
            break
        opened.keyboard.press("Shift+Tab")
    opened.keyboard.press("Enter")
    opened.wait_for_selector(".pk-answer")
    assert opened.get_by_label("你的问题").input_value() == QUESTION
