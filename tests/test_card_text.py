"""The desk card as text: every line word for word with its number, its source with the date, and never official."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from index.answer import Citation
from index.answering.card import DeskCard, Line, Slot, Source
from index.answering.slots import SLOTS
from index.kb import KnowledgeBase
from search_app.card_groups import told_before
from search_app.card_text import card_text
from search_app.cli import main
from search_app.views.address import Address
from search_app.views.card_html import card_html
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


LONG = "带身份证原件和复印件到户籍所在地的社区服务中心办理参保登记，再去银行缴费。"


def test_a_long_line_of_two_slots_is_said_once_and_named_by_its_number() -> None:
    card = made({"papers": [LONG, "带照片。"]})
    papers = card.slots[SLOTS.index("papers")].lines
    channels = Slot("channels", (*papers, replace(papers[0], text=LONG[:20], citations=(1,))))
    card = replace(card, slots=(*card.slots[:3], channels, card.slots[4]))
    told = card_text(card, ZH)
    assert f"【材料】\n〔二、办理〕\n{LONG} [1]\n带照片。 [2]\n\n" in told
    assert f"【渠道】\n〔二、办理〕\n带照片。 [2]\n{LONG[:20]} [1]\n同【材料】[1]\n\n" in told
    assert "As under 【Documents】 [1]" in card_text(card, EN).replace("】[", "】 [")
    html = card_html(card, Address(), ZH)
    shown = html[: html.index("<pre")]
    assert shown.count(LONG) == 1
    assert '<p class="pk-card-again">同材料<a class="pk-go pk-cite"' in shown


def test_what_stands_behind_a_lead_in_is_said_again_with_it() -> None:
    card = made({"papers": [LONG]})
    (line,) = card.slots[SLOTS.index("papers")].lines
    lead = replace(line, text="以下的人另外办：", citations=(9,), is_lead=True)
    fresh, again = told_before(
        replace(card, slots=(*card.slots[:3], Slot("channels", (lead, line)))), Slot("channels", (lead, line))
    )
    assert fresh.lines == (lead, line)
    assert again == ()


def test_on_a_card_of_two_articles_every_heading_names_its_article() -> None:
    card = made({"papers": ["带照片。"]})
    other = replace(card.sources[0], article_id="a2", title="《细则》")
    assert "〔《办法》 › 二、办理〕\n带照片。" in card_text(replace(card, sources=(*card.sources, other)), ZH)


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
