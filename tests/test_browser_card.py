"""The desk card in a real browser: copied exactly, by button and by key, with and without a clipboard; printed alone."""

from __future__ import annotations

import playwright.sync_api as playwright
import pytest
from browsing import NARROW, Open, asked, serving

from index.kb import KnowledgeBase
from search_app.card_text import card_text
from search_app.words import Words

pytestmark = pytest.mark.browser

QUESTION = "门诊慢特病怎么申请认定？"
CLIPBOARD = ["clipboard-read", "clipboard-write"]
READ = "() => navigator.clipboard.readText()"
SHOWN = """() => [...document.querySelectorAll('body *')].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) &&
    !element.closest('.pk-card') && element.getClientRects().length &&
    !['STYLE', 'SCRIPT', 'NOSCRIPT', 'TITLE'].includes(element.tagName)).map((element) => element.textContent)"""


def expected(kb: KnowledgeBase, question: str, lang: str = "zh") -> str:
    card = kb.desk_card(question)
    assert card is not None
    return card_text(card, Words(lang))  # type: ignore[arg-type]


def forget(opened: playwright.Page) -> None:
    opened.evaluate("() => navigator.clipboard.writeText('nothing yet')")


def test_button_and_key_copy_the_exact_text_and_say_so(open_page: Open, address: str, sample_kb: KnowledgeBase) -> None:
    opened = open_page(asked(address, QUESTION))
    opened.context.grant_permissions(CLIPBOARD)
    text = expected(sample_kb, QUESTION)
    forget(opened)
    button = opened.get_by_role("button", name="复制办事卡")
    button.click()
    opened.wait_for_selector(".pk-copy[data-pk-state=done]")
    assert opened.evaluate(READ) == text
    playwright.expect(opened.locator("p[role=status]").last).to_have_text("已复制")

    forget(opened)
    opened.locator("input[type=text]").first.focus()  # also while typing, and nothing is typed by it
    opened.keyboard.press("Alt+c")
    opened.wait_for_function("() => navigator.clipboard.readText().then((text) => text !== 'nothing yet')")
    assert opened.evaluate(READ) == text
    assert opened.locator("input[type=text]").first.input_value() == QUESTION

    # Without a clipboard, as over plain http from another machine, the old way copies the same.
    forget(opened)
    opened.evaluate("() => Object.defineProperty(Clipboard.prototype, 'writeText', { value: undefined })")
    opened.evaluate("() => { delete document.querySelector('.pk-copy').dataset.pkState; }")
    button.click()
    opened.wait_for_selector(".pk-copy[data-pk-state=done]")
    assert opened.evaluate(READ) == text
    assert opened.evaluate("() => document.activeElement.ariaLabel") == "复制办事卡"
    assert opened.locator("textarea").count() == 0

    # Where nothing can be copied, the text is there to be selected by hand.
    opened.evaluate("() => { document.execCommand = () => false; }")
    button.click()
    opened.wait_for_selector(".pk-copy[data-pk-state=failed]")
    assert opened.locator("#pk-card-text").is_visible()
    assert opened.evaluate("() => getSelection().toString()").split() == text.split()


def test_it_stands_open_on_a_wide_screen_and_a_number_leads_to_its_line(open_page: Open, address: str) -> None:
    opened = open_page(asked(address, QUESTION))
    opened.wait_for_selector(".pk-card details[open]")
    rows = opened.locator(".pk-card dt").all_inner_texts()
    assert rows == ["结论", "步骤", "材料", "渠道", "时限", "出处"]
    assert opened.locator(".pk-unstated").inner_text().split() == ["时限", "未载明"]
    again = opened.locator(".pk-slot-papers .pk-card-again")
    assert again.inner_text() == "同步骤[2]", "what stands among the steps is not said twice"
    quote = opened.locator(".pk-slot-steps .pk-card-line", has_text="[2]").locator(".pk-lines").inner_text()
    again.get_by_role("link", name="出处 2：").click()
    opened.wait_for_selector("#pk-cited")
    assert "".join(opened.locator("mark.pk-cited").all_inner_texts()) == quote


def test_paper_gets_the_card_and_nothing_else(open_page: Open, address: str) -> None:
    opened = open_page(asked(address, QUESTION), dark=True)
    opened.wait_for_selector(".pk-card details[open]")
    opened.locator(".pk-card summary").click()  # folded by hand, it is printed open all the same
    opened.emulate_media(media="print")
    opened.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert opened.evaluate(SHOWN) == []
    card = opened.locator(".pk-card")
    seen = card.inner_text()
    for part in (QUESTION, "1. 备齐材料：", "门诊慢特病如何申请认定", "https://", "2025-03-28", "构建 ", "非官方"):
        assert part in seen
    assert not opened.get_by_role("button").count()
    height = opened.evaluate("() => document.querySelector('.pk-card').getBoundingClientRect().height")
    assert 200 < height < 1000  # A4 has 1,122 pixels, less its margins
    paper = "() => [document.body, document.querySelector('.pk-card')].map((e) => getComputedStyle(e).backgroundColor)"
    assert opened.evaluate(paper)[0] == "rgb(255, 255, 255)"
    opened.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert not opened.locator(".pk-card details[open]").count()


def test_on_a_phone_in_english_it_is_folded_fits_and_copies_english_labels(
    open_page: Open, address: str, sample_kb: KnowledgeBase
) -> None:
    opened = open_page(asked(address, QUESTION), viewport=NARROW, locale="en-US")
    opened.context.grant_permissions(CLIPBOARD)
    opened.wait_for_selector(".pk-card")
    assert not opened.locator(".pk-card details[open]").count()
    assert "Steps 4" in opened.locator(".pk-card summary").inner_text()
    opened.locator(".pk-card summary").click()
    assert opened.evaluate("() => document.documentElement.scrollWidth") <= 360
    boxes = [box for box in (one.bounding_box() for one in opened.locator(".pk-card dd, .pk-copy").all()) if box]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes)
    opened.get_by_role("button", name="Copy the desk card").click()
    opened.wait_for_selector(".pk-copy[data-pk-state=done]")
    copied = opened.evaluate(READ)
    assert copied == expected(sample_kb, QUESTION, "en")
    assert "【Documents】" in copied


def test_a_card_without_steps_is_folded_and_a_no_has_none(open_page: Open, address: str) -> None:
    opened = open_page(asked(address, "60岁退休个人账户养老金除以多少？"))
    opened.wait_for_selector(".pk-card")
    assert not opened.locator(".pk-card details[open]").count()
    opened.goto(asked(address, "红烧肉怎么做才不腻？"))
    opened.wait_for_selector(".pk-outside")
    assert not opened.locator(".pk-card").count()


PAYLOAD = "<img src=x onerror=alert(1)>“ onclick='alert(2)' **粗** [链接](javascript:alert(3))"


def test_what_a_page_says_stays_text_in_the_card(open_page: Open, make_kb) -> None:
    kb = make_kb(
        f"大棚补贴怎么申领 {PAYLOAD}\n\n大棚补贴发给搭棚的农户。\n\n一、怎么申领大棚补贴 <b>\n\n1. 填写申请表 {PAYLOAD}。\n\n2. 带身份证到窗口提交 </pre><script>alert(4)</script>。"
    )
    question = "大棚补贴怎么申领？"
    card = kb.desk_card(question)
    assert card is not None
    with serving(kb.folder) as address:
        opened = open_page(asked(address, question))  # fails at any dialog and any script that fails
        opened.context.grant_permissions(CLIPBOARD)
        opened.wait_for_selector(".pk-card details[open]")
        assert opened.locator(".pk-slot-steps .pk-lines").all_inner_texts() == [
            line.text for slot in card.slots if slot.name == "steps" for line in slot.lines
        ]
        assert opened.locator(".pk-card :is(img, script, b, [onclick])").count() == 0
        opened.keyboard.press("Alt+c")
        opened.wait_for_selector(".pk-copy[data-pk-state=done]")
        assert opened.evaluate(READ) == card_text(card, Words("zh"))
        assert PAYLOAD in opened.evaluate(READ)
