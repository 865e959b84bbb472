"""What text generators leave behind is found, and ordinary texts on the same words are left alone."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import clean
from ingest.page import read_page
from ingest.traces import MAX_QUOTE_CHARS, find_traces


def kinds(text: str) -> list[str]:
    return [trace.kind for trace in find_traces(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("好的，用户让我写一篇公积金提取的科普文章，我先列提纲。", "order"),
        ("嗯,用户想了解落户条件。", "order"),
        ("医院名单如下。用户要求第一段直接给出结论。", "order"),
        ("好的,我需要先理解问题。", "order"),
        ("综上所述，用户的问题涉及两项待遇。", "order"),
        ("<think>先查政策</think>可以提取。", "thinking"),
        ("根据搜索结果,本市共有三家定点医院。", "search_results"),
        ("标准如下。根据以上搜索结果，每月补贴两百元。", "search_results"),
        ("具体金额未在搜索结果中明确提及,建议咨询。", "search_results"),
        ("搜索结果中并没有直接提及这家医院。", "search_results"),
        ("根据搜索材料和我的知识,推荐如下。", "search_results"),
        ("作为一个AI语言模型，我无法给出法律意见。", "assistant"),
        ("作为人工智能助手,我建议您咨询社保局。", "assistant"),
        ("As an AI language model, I cannot help.", "assistant"),
        ("我的知识截止到前年,请以官网为准。", "assistant"),
        ("好的，我来为您介绍提取流程。", "handover"),
        ("当然可以！以下是办理步骤。", "handover"),
        ("以下是一篇关于退税的文章：", "handover"),
        ("Sure, here is the article you asked for.", "handover"),
        ("没问题！下面是办理步骤。", "handover"),
        ("以下是常见的步骤。\n当然，我来为您介绍。", "handover"),
        ("希望以上内容对您有所帮助！", "leave"),
        ("如果您还有其他问题，请随时告诉我。", "leave"),
        ("如果您还有其他的问题，欢迎您随时告诉我。", "leave"),
        ("I hope this helps.", "leave"),
        ("本文由AI生成，仅供参考。", "disclosure"),
        ("(注:以上内容根据公开资料整理,请以官方发布为准)", "disclosure"),
        ("**办理条件**如下。", "markup"),
        ("### 一、办理条件", "markup"),
        (r"公式为 $$ \frac{a}{2} $$", "markup"),
        ("满半年可以提取[citation:3]。", "citation"),
        ("满半年可以提取【4†source】。", "citation"),
    ],
)
def test_a_trace_is_named_and_quoted(text: str, kind: str) -> None:
    traces = find_traces(text, 100)
    assert kind in [trace.kind for trace in traces]
    for trace in traces:
        assert text[trace.start - 100 : trace.end - 100][:MAX_QUOTE_CHARS] == trace.quote


@pytest.mark.parametrize(
    "text",
    [
        "作为一个AI助手，它可以回答常见问题。",
        "作为人工智能的代表，大语言模型发展很快，我们要规范使用。",
        "在搜索框输入单位名称，根据搜索结果，点击官网链接。",
        "根据搜索结果选择离家近的网点即可。",
        "没有搜索结果时，请检查关键词。",
        "搜索结果按时间排列，最新的在最上面。",
        "用户需要实名注册后才能查询。",
        "平台要求用户提供身份证，用户希望办理的可以在线提交。",
        "综上所述，用户可以自行选择缴费方式。",
        "好的政策要落实好，我们会继续跟进。",
        "以下是办理流程。",
        "以下是为您整理的各地标准。",
        "希望对大家有帮助，祝您生活愉快。",
        "如有其他问题，请随时联系我们。",
        "内容由AI生成的，应当显著标识。",
        "“好的，用户让我写”这样的残留说明文章没有人看过。",
        "提示词写成“根据搜索结果，列出医院”就可以。",
        "(注:以上材料均需原件)",
        "国办发[2005]12号文件第[3]号附件规定。",
        "该结论已有研究支持[1]，也有不同意见[2]。\n参考文献\n[1] 某某：论提取。\n[2] 某某：论缴存。",
        "参见注[1]。",
        "计算式为 3 ** 2，等级为 # 1。",
        "密码显示为******，请勿泄露。",
        "第一步 ## 号键结束",
    ],
)
def test_an_ordinary_text_has_none(text: str) -> None:
    assert kinds(text) == []


def test_citations_without_any_note_are_empty() -> None:
    traces = find_traces("满半年可以提取[1]，离开本市的也可以[2][3]。")
    assert [(trace.kind, trace.quote) for trace in traces] == [
        ("citation", "[1]"),
        ("citation", "[2]"),
        ("citation", "[3]"),
    ]


def test_one_place_is_one_trace_in_page_order() -> None:
    text = "好的,用户让我写一篇文章。根据搜索结果,三家医院可去。**注意**"
    assert kinds(text) == ["order", "search_results", "markup"]
    traces = find_traces(text)
    assert all(left.end <= right.start for left, right in pairwise(traces))


def test_a_long_text_of_starts_is_read_in_a_moment() -> None:
    assert kinds("好的," * 50_000) == []
    assert kinds("(注:" * 50_000) == []
    assert kinds("**" * 100_000) == []
    assert len(kinds("[1]" * 3)) == 2  # the first stands at the beginning, behind no word


@given(st.text(alphabet="好的,用户让我写根据搜索结果[1]*#\n ", max_size=80), st.integers(0, 1000))
def test_quotes_are_slices_and_do_not_overlap(text: str, start: int) -> None:
    behind = start
    for trace in find_traces(text, start):
        assert trace.start >= behind
        assert text[trace.start - start : trace.end - start][:MAX_QUOTE_CHARS] == trace.quote
        behind = trace.end


@pytest.mark.shared
def test_the_traces_in_the_snippets_of_the_seeds(shared: Path) -> None:
    found: dict[str, list[str]] = {}
    for line in (shared / "bench/cleaning/seeds/gt.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        article = clean(read_page(shared / gold["file"], path=gold["file"]))
        assert kinds(article.body_text) == []
        for snippet in gold["snippets"]:
            if traces := kinds(snippet["summary"]):
                found[snippet["title"]] = traces
    assert set().union(*map(set, found.values())) == {"order", "search_results", "markup"}
    assert "order" in found["2025年福建南平治疗腰酸什么医院好"]
    assert found["西安医保卡最新政策"] == ["search_results"]
    assert len(found) == 8
