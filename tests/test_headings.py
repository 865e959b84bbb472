"""Headings in the three dialects of the pages; what is only a list item stays one."""

from __future__ import annotations

from ingest.headings import find_headings
from ingest.lines import read_lines


def headings(text: str) -> list[tuple[int, str]]:
    blocks = read_lines(text)
    return [(h.level, text[blocks[h.index].start : blocks[h.index].end]) for h in find_headings(text, blocks)]


def test_numbered_headings_with_indents() -> None:
    text = (
        "一、办理停保\n  1. 单位\n    由单位办理。\n  2. 个人\n    携带身份证办理。\n二、参保\n    • 线上 :登录平台。"
    )
    assert headings(text) == [(1, "一、办理停保"), (3, "1. 单位"), (3, "2. 个人"), (1, "二、参保")]


def test_brackets_are_the_second_level() -> None:
    text = "一、总则\n（一）对象\n灵活就业人员。\n（二）地点\n参保地。"
    assert headings(text) == [(1, "一、总则"), (2, "（一）对象"), (2, "（二）地点")]


def test_numbered_sentences_are_items() -> None:
    assert headings("办理步骤:\n1. 打开支付宝;\n2. 选择市民中心;\n3. 点击社保。") == []


def test_numbered_short_items_in_a_row_are_items() -> None:
    assert headings("所需材料\n1. 身份证\n2. 户口簿\n3. 银行卡\n以上材料均需原件。") == []


def test_short_lines_without_numbers_in_two_levels() -> None:
    text = "办理停保\n单位办理\n由单位经办人员办理停保手续。\n个人办理\n本人到窗口办理。\n参加居民医保\n参保登记\n携带户口本登记。"
    assert headings(text) == [
        (1, "办理停保"),
        (2, "单位办理"),
        (2, "个人办理"),
        (1, "参加居民医保"),
        (2, "参保登记"),
    ]


def test_bullets_only_have_no_headings() -> None:
    assert headings("有以下几种方式:\n  • 转移医保:新单位办理增员。\n  • 灵活就业:自己缴费。") == []


def test_a_last_line_with_nothing_under_it_is_no_heading() -> None:
    assert headings("一、总则\n适用于本市。\n二、附则") == [(1, "一、总则")]


def test_a_decimal_number_is_no_heading() -> None:
    assert headings("缴费基数\n1.5倍以内\n按规定执行。") == []
