"""Headings in the three dialects of the pages; what is only a list item stays one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.clean import clean
from ingest.headings import find_headings, is_item
from ingest.lines import read_lines
from ingest.page import read_page


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


def test_chapters_and_sections_of_a_regulation_stand_above_its_articles() -> None:
    text = (
        "第一章 总则\n第一条 为了规范提取,制定本办法。\n第二条 本市行政区域内适用本办法。\n"
        "第二章 提取\n第一节 条件\n第三条 有下列情形之一的,可以提取:\n（一）离休、退休的；\n（二）出境定居的。\n第二节 材料\n第四条 应当提交身份证。"
    )
    assert headings(text) == [(1, "第一章 总则"), (1, "第二章 提取"), (2, "第一节 条件"), (2, "第二节 材料")]


def test_numbered_headings_go_under_chapters() -> None:
    text = "第一章 总则\n一、对象\n灵活就业人员。\n（一）年龄\n不满六十岁。\n第二章 附则\n自公布之日起施行。"
    assert headings(text) == [(1, "第一章 总则"), (2, "一、对象"), (3, "（一）年龄"), (1, "第二章 附则")]


def test_an_article_that_is_only_named_is_a_heading() -> None:
    text = "第一条 目的\n为了规范提取,制定本办法。\n第二条 范围\n本市行政区域内适用。"
    assert headings(text) == [(1, "第一条 目的"), (1, "第二条 范围")]


def test_a_sentence_that_begins_like_a_division_is_none() -> None:
    assert headings("第三部分是申请材料,应当齐全。\n材料不齐的退回。") == []


def test_decimal_numbers_of_sections() -> None:
    text = "1. 申请\n在窗口申请。\n1.1 材料\n身份证原件。\n1.1.1 代办\n代办人的身份证。\n2. 审核\n三日内办结。"
    assert headings(text) == [(3, "1. 申请"), (4, "1.1 材料"), (5, "1.1.1 代办"), (3, "2. 审核")]


def test_big_numbers_with_a_line_of_their_own_or_in_front() -> None:
    assert headings("01\n提取条件\n账户封存满半年。\n02\n提取材料\n身份证原件。") == [
        (1, "01"),
        (1, "提取条件"),
        (1, "02"),
        (1, "提取材料"),
    ]
    assert headings("01 提取条件\n账户封存满半年。\n02 提取材料\n身份证原件。") == [
        (1, "01 提取条件"),
        (1, "02 提取材料"),
    ]


def test_a_year_or_a_count_alone_in_a_line_is_none() -> None:
    assert headings("缴费年限\n15\n退休年龄\n60") == [(1, "缴费年限"), (1, "退休年龄")]
    assert headings("12\n个月以内补缴的。") == []


def test_markdown_marks() -> None:
    text = "## 条件\n账户封存满半年。\n### 例外\n出境定居的。\n#公积金# 话题"
    assert headings(text) == [(2, "## 条件"), (3, "### 例外")]


def test_questions_with_their_answers() -> None:
    text = "一、常见问题\n问：封存多久能提取？\n答：满半年可以提取。\n问：要带什么？\n答：身份证原件。"
    assert headings(text) == [(1, "一、常见问题"), (3, "问：封存多久能提取？"), (3, "问：要带什么？")]
    assert headings("Q1：封存多久能提取\nA1：满半年可以提取。") == [(3, "Q1：封存多久能提取")]


def test_a_question_without_an_answer_mark_needs_its_question_mark() -> None:
    assert headings("问题：系统无法登录。\n请稍后再试。") == []


def test_numbered_questions_above_text_are_headings() -> None:
    text = "1. 封存多久能提取？\n账户封存满半年的可以提取。\n2. 要带什么？\n身份证原件和银行卡。"
    assert headings(text) == [(3, "1. 封存多久能提取？"), (3, "2. 要带什么？")]


def test_lines_in_brackets_are_headings_and_the_short_lines_between_are_not() -> None:
    text = "【提取条件】\n账户封存\n满半年的可以提取。\n【提取材料】\n身份证原件。"
    assert headings(text) == [(1, "【提取条件】"), (1, "【提取材料】")]


def test_three_numbered_lines_in_a_row_are_a_list() -> None:
    assert headings("所需材料如下:\n一、身份证\n二、户口簿\n三、银行卡\n以上材料均需原件。") == []
    assert headings("一、身份证\n二、材料\n以上材料均需原件。") == [(1, "一、身份证"), (1, "二、材料")]


def test_other_marks_of_numbers() -> None:
    text = "㈠对象\n灵活就业人员。\n⒈ 年龄\n不满六十岁。\n❶ 例外\n已退休的。"
    assert headings(text) == [(2, "㈠对象"), (3, "⒈ 年龄"), (5, "❶ 例外")]


@pytest.mark.parametrize("label", ["•", "1.", "1)", "（1）", "①", "一、", "（一）", "第一条", "-", "⑴", "❶", "1.1"])
def test_an_item_keeps_its_label(label: str) -> None:
    assert is_item(f"{label} 身份证")


@pytest.mark.parametrize("line", ["2025年1月", "1.5倍以内", "一般情况", "87%的人", "12", "第二天到账"])
def test_a_line_without_a_label_is_no_item(line: str) -> None:
    assert not is_item(line)


@pytest.mark.shared
def test_the_headings_of_the_seeds_are_exact(shared: Path) -> None:
    labels = re.compile(r"^[一二三四]、|^\d\. ?")
    found = []
    for file in sorted((shared / "seeds").glob("*.txt")):
        article = clean(read_page(file, path=file.name))
        found.append([labels.findall(section.heading) for section in article.sections])
        for section in article.sections:
            assert not section.heading.endswith(("。", ";", ":"))
            assert section.level == {"、": 1, ".": 3}.get(section.heading[1], section.level)
    assert [len(headings) for headings in found] == [14, 12, 0, 12, 10]
    assert [sum(bool(label) for label in headings) for headings in found] == [14, 0, 0, 12, 10]
