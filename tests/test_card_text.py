"""The desk card as text: every line word for word with its number, its source with the date, and never official."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from index.answer import Citation
from index.answering.card import DeskCard, Line, Slot, Source
from index.answering.slots import SLOTS
from index.kb import KnowledgeBase
from search_app.card_text import card_text
from search_app.cli import main
from search_app.words import LANGS, Words

ZH, EN = Words("zh"), Words("en")


def made(texts: dict[str, list[str]], *, question: str = "怎么办？", differs: bool = False, more: int = 0) -> DeskCard:
    """Return a card with these lines in its slots, all of one article, each under the heading 二、办理."""
    citations: list[Citation] = []
    slots = []
    for name in SLOTS:
        lines = []
        for text in texts.get(name, []):
            number = len(citations) + 1
            citations.append(
                Citation(
                    number,
                    "p1",
                    "a1",
                    "《办法》",
                    ("二、办理",),
                    "页 <1>.txt",
                    0,
                    len(text),
                    text,
                    "2025-04-13",
                    "captured",
                    "b1",
                )
            )
            lines.append(Line(text, (number,), "a1", ("二、办理",), differs=differs and name == "conclusion"))
        slots.append(Slot(name, tuple(lines), more if lines else 0))
    source = Source("a1", "《办法》", "页 <1>.txt", "某站", "https://a.example/1", "2025-04-13", "captured")
    return DeskCard("b1", question, "answered", tuple(slots), tuple(citations), (source,))


def test_the_text_reads_like_the_card() -> None:
    card = made({"conclusion": ["可以办。"], "steps": ["1. 先登记。", "2. 再缴费。"]})
    assert card_text(card, ZH).splitlines() == [
        "问题：怎么办？",
        "",
        "【结论】",
        "可以办。 [1]",
        "",
        "【步骤】",
        "〔二、办理〕",
        "1. 先登记。 [2]",
        "2. 再缴费。 [3]",
        "",
        "【材料】",
        "未载明",
        "",
        "【渠道】",
        "未载明",
        "",
        "【时限】",
        "未载明",
        "",
        "【出处】",
        "《办法》 · 某站 · https://a.example/1 · 抓取于 2025-04-13",
        "  [1][2][3] 二、办理",
        "",
        "构建 b1",
        "非官方，以当地医保部门为准",
    ]


def test_english_labels_stand_around_the_same_lines() -> None:
    card = made({"conclusion": ["可以办。"], "papers": ["带身份证。"]}, more=2)
    told = card_text(card, EN)
    assert "【Documents】\n〔二、办理〕\n带身份证。 [2]\n2 more, see the article" in told
    assert "captured 2025-04-13" in told
    assert "非官方，以当地医保部门为准" in told
    assert "未载明" not in told


def test_conclusions_that_differ_stand_under_place_and_date() -> None:
    card = made({"conclusion": ["要等3个月。", "要等6个月。"]}, differs=True)
    told = card_text(card, ZH, {"a1": "南京市"})
    assert told.count("〔南京市 · 抓取于 2025-04-13〕") == 2
    assert "（各来源的数字不同，请对照条件、地区和日期）" in told
    assert "〔未写明地区 · 抓取于 2025-04-13〕" in card_text(card, ZH)


@given(
    st.dictionaries(st.sampled_from(SLOTS), st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=3)),
    st.text(max_size=30),
    st.sampled_from(LANGS),
)
def test_every_line_is_in_the_text_as_it_stands_behind_its_number(texts, question, lang) -> None:
    card = made(texts, question=question)
    told = card_text(card, Words(lang))
    for slot in card.slots:
        for line in slot.lines:
            assert f"{line.text} [{line.citations[0]}]" in told
    assert question in told
    assert "b1" in told
    assert "非官方，以当地医保部门为准" in told


@pytest.fixture
def kb(sample_kb: KnowledgeBase) -> Path:
    return sample_kb.folder


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_prints_the_card_and_gives_it_as_json(kb: Path, sample_kb: KnowledgeBase) -> None:
    question = "门诊慢特病怎么申请认定？"
    card = sample_kb.desk_card(question)
    assert card is not None
    assert run("ask", "--kb", kb, "--card", question) == f"{card_text(card, ZH)}\n"
    printed = json.loads(run("ask", "--kb", kb, "--json", question))
    assert printed["card"] == json.loads(json.dumps(card.as_dict()))
    steps = printed["card"]["slots"]["steps"]
    assert steps[0]["text"].startswith("1. 备齐材料：")
    assert printed["card"]["slots"]["deadlines"] == []
    quotes = {citation["number"]: citation["quote"] for citation in printed["card"]["citations"]}
    assert quotes[steps[0]["citations"][0]] == steps[0]["text"]


def test_without_an_answer_the_command_says_which_kind_of_no_it_is(kb: Path) -> None:
    told = run("ask", "--kb", kb, "--card", "红烧肉怎么做才不腻？")
    assert told.startswith("outside: not what this collection is about")
    assert json.loads(run("ask", "--kb", kb, "--json", "红烧肉怎么做才不腻？"))["card"] is None


def test_a_page_cannot_steer_the_terminal_through_its_card(make_kb) -> None:
    kb = make_kb("大棚补贴怎么申领\n\n大棚补贴\x1b[31m到镇里窗口申领。")
    told = run("ask", "--kb", kb.folder, "--card", "大棚补贴怎么申领？")
    assert "申领" in told
    assert "\x1b" not in told
