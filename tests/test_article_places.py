"""An article has one place wherever it is shown, and an answer says when its pages do not speak for the place asked."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from index.kb import KnowledgeBase
from index.places import places_for, unmet_places
from search_app.card_text import card_text
from search_app.differing import places_of, places_words
from search_app.views.address import Address
from search_app.views.answer_html import answer_html
from search_app.views.badges_html import badges_html
from search_app.words import Words

ZH = Words("zh")


@pytest.mark.parametrize(
    ("title", "regions", "places"),
    [
        ("2024年南京断缴", ("江苏省", "江苏省/南京市", "上海市"), ("江苏省南京市",)),
        ("河南怎么交", ("河南省", "河南省/郑州市"), ("河南省",)),
        ("上海和广东的做法", ("上海市", "广东省"), ("上海市", "广东省")),
        ("怎么交", ("陕西省", "陕西省/西安市"), ("陕西省西安市",)),
        ("怎么交", ("上海市", "四川省"), ("上海市", "四川省")),
        ("南京怎么交", (), ()),
    ],
)
def test_the_places_of_an_article_are_those_of_its_title_else_all(
    title: str, regions: tuple[str, ...], places: tuple[str, ...]
) -> None:
    assert places_for(title, regions) == places


def test_of_many_places_the_first_are_named_and_all_are_counted() -> None:
    assert places_words(["上海市", "四川省"]) == "上海市、四川省"
    assert places_words(["上海市", "四川省", "广东省"]) == "上海市、四川省等3地"


WAITS = [
    "断缴以后要等多久\n\n断缴以后重新缴费要等90日才能报销，在鄂汇办上缴费即可。",
    "重新缴费等多久\n\n断缴以后重新缴费要等180日才能报销，成都的窗口可以查询到账的日期。",
    "断缴等待期\n\n断缴以后重新缴费要等6个月才能报销，等待的时候医药费自己付。",
]


def test_the_badge_of_a_passage_and_the_box_of_differing_figures_name_the_same_place(
    make_kb: Callable[..., KnowledgeBase],
) -> None:
    kb = make_kb(*WAITS)
    answer = kb.ask("断缴以后重新缴费要等多久才能报销？")
    box = places_of(kb, answer)
    assert sorted(box.values()) == ["四川省成都市", "湖北省"]
    beside = re.findall('<span class="pk-of".*?</p>', answer_html(answer, Address(), ZH, places=box))
    assert len(beside) == 3
    assert sum("未写明地区" in one for one in beside) == 1
    for hit in answer.hits:
        badge = re.search(
            'pk-region">.*?<span lang="zh-CN">(.*?)</span>', badges_html(hit, None, Address(), "b", None, ZH)
        )
        assert (badge[1] if badge else None) == box.get(hit.article_id)


PLACED = [
    "社保卡怎么办理\n\n社保卡在医保窗口办理，带身份证。",
    "成都社保卡怎么补办\n\n成都的社保卡在服务大厅补办，带身份证。",
]


@pytest.mark.parametrize(
    ("question", "articles", "unmet"),
    [
        ("武汉社保卡怎么办理", 1, ("武汉",)),
        ("成都社保卡怎么补办", 2, ()),
        ("武汉和成都的社保卡怎么补办", 2, ("武汉",)),
        ("成都武侯区社保卡怎么补办", 2, ()),
        ("四川社保卡怎么补办", 2, ()),
        ("社保卡怎么补办", 2, ()),
    ],
)
def test_a_place_is_unmet_where_no_article_names_it_or_what_it_lies_in(
    make_kb: Callable[..., KnowledgeBase], question: str, articles: int, unmet: tuple[str, ...]
) -> None:
    records = make_kb(*PLACED).records
    ids = [row["id"] for row in records.query("SELECT articles.id FROM articles JOIN pages USING (id) ORDER BY path")]
    assert unmet_places(records, question, ids[:articles]) == unmet


def test_an_app_of_the_province_is_no_word_on_a_city(make_kb: Callable[..., KnowledgeBase]) -> None:
    records = make_kb(WAITS[0]).records
    ids = [row["id"] for row in records.query("SELECT id FROM articles")]
    assert unmet_places(records, "武汉断缴以后要等多久", ids) == ("武汉",)
    assert unmet_places(records, "湖北断缴以后要等多久", ids) == ()


def test_answer_and_card_say_that_no_cited_page_speaks_for_the_place(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(PLACED[0])
    line = "问题里提到武汉；引用的页面没有写明适用于武汉，请向当地核实。"
    answer, card = kb.ask("武汉社保卡怎么办理"), kb.desk_card("武汉社保卡怎么办理")
    assert card is not None
    assert answer.unmet_places == card.unmet_places == ("武汉",)
    assert answer.as_dict()["unmet_places"] == card.as_dict()["unmet_places"] == ["武汉"]
    assert line in answer_html(answer, Address(), ZH)
    assert line in card_text(card, ZH)
    assert "pk-unmet" not in answer_html(kb.ask("社保卡怎么办理"), Address(), ZH)
