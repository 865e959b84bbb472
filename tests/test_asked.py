"""The kind of thing a question asks for, and whether a sentence offers it."""

from __future__ import annotations

import pytest

from index.answering.asked import asked_kinds, offered


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("失业金最长能领几个月", "duration"),
        ("断缴以后要等多久", "duration"),
        ("补一张卡收多少钱", "money"),
        ("三甲医院给报几成", "share"),
        ("一周上门几趟", "times"),
        ("去哪里办备案", "place"),
        ("怎么绑定家里人", "steps"),
        ("要带什么材料", "papers"),
        ("失业了医保谁交", "who"),
        ("余额为什么变成零", "why"),
        ("自己辞职的能不能领", "whether"),
    ],
)
def test_a_question_asks_for_its_kind(question: str, kind: str) -> None:
    assert kind in asked_kinds(question)


def test_keywords_ask_for_nothing_and_weigh_a_half() -> None:
    assert asked_kinds("门诊慢特病") == ()
    assert offered((), "随便一句") == 0.5


@pytest.mark.parametrize(
    ("kinds", "sentence", "share"),
    [
        (("duration",), "有效期原则上不少于6个月。", 1.0),
        (("duration",), "由经办机构负责审核。", 0.0),
        (("share",), "支付比例为百分之八十。", 1.0),
        (("papers",), "携带身份证和户口簿。", 1.0),
        (("papers",), "审核通过后即可享受。", 0.0),
        (("duration", "place"), "到社区窗口办理。", 0.5),
    ],
)
def test_a_sentence_offers_the_share_of_kinds_it_has_words_for(
    kinds: tuple[str, ...], sentence: str, share: float
) -> None:
    assert offered(kinds, sentence) == share
