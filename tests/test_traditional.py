"""Traditional and simplified characters find each other, and what is cited keeps its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.answer import answer
from index.coverage import Coverage
from index.kb import KnowledgeBase
from index.search import search

LIBRARY = (
    "圖書館借書證辦理說明\n\n讀者憑身分證到一樓服務櫃檯辦理借書證，每人限辦一張，當場領取。\n\n"
    "借書證遺失時，應先電話掛失，再繳交工本費補發新證，原證號不再使用。"
)
POOL = "游泳池开放时间\n\n游泳池每天上午九点开门，晚上八点半清场，周一换水停用一天。\n\n入池前请先淋浴并戴好泳帽。"


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("醫保斷繳了怎麼辦", "医保断缴了怎么办"),
        ("生育津貼怎麼算", "生育津贴怎么算"),
        ("異地就醫需要備案嗎", "异地就医需要备案吗"),
    ],
)
def test_a_question_in_either_script_finds_the_same_passages(
    sample_kb: KnowledgeBase, traditional: str, simplified: str
) -> None:
    ours, theirs = search(sample_kb, traditional, k=5), search(sample_kb, simplified, k=5)
    assert ours[0].passage_id == theirs[0].passage_id
    assert ours[0].reasons.synonyms == theirs[0].reasons.synonyms
    assert answer(sample_kb, traditional).verdict == answer(sample_kb, simplified).verdict


def test_a_traditional_page_answers_a_simplified_question_in_its_own_characters(
    make_kb: Callable[..., KnowledgeBase],
) -> None:
    kb = make_kb(LIBRARY, POOL)
    found = answer(kb, "借书证遗失怎么补发")
    assert found.verdict == "answered"
    assert found.hits[0].title == "圖書館借書證辦理說明"
    assert found.citations[0].quote == "借書證遺失時，應先電話掛失，再繳交工本費補發新證，原證號不再使用。"
    for citation in found.citations:
        assert citation.quote == LIBRARY[citation.start : citation.end]


def test_marks_stand_on_the_traditional_words(make_kb: Callable[..., KnowledgeBase]) -> None:
    hit = search(make_kb(LIBRARY, POOL), "借书证遗失", k=1)[0]
    assert {hit.text[start:end] for start, end in hit.reasons.marks} >= {"借書證遺失"}


def test_a_simplified_page_answers_a_traditional_question(make_kb: Callable[..., KnowledgeBase]) -> None:
    hits = search(make_kb(LIBRARY, POOL), "游泳池週一開門嗎", k=2)
    assert hits[0].title == "游泳池开放时间"


@settings(deadline=None)  # the base is built inside the first example's time
@given(st.text("医保断缴了怎么办醫斷繳麼辦貼津 ，", max_size=12), st.text("医保断缴醫斷繳津贴貼", max_size=20))
def test_coverage_does_not_see_the_script(sample_kb: KnowledgeBase, question: str, text: str) -> None:
    to_simplified = str.maketrans("醫斷繳麼辦貼", "医断缴么办贴")
    for asked in (question, question.translate(to_simplified)):
        for read in (text, text.translate(to_simplified)):
            ours = Coverage(asked, sample_kb.table).of(read)
            assert ours == Coverage(question, sample_kb.table).of(text)
