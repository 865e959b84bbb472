"""Gold is read strictly, and its quotes are found in a base."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from index.gold import GoldError, Place, Quote, find_quotes, read_gold
from index.kb import KnowledgeBase

GOOD = {"id": "a", "text": "问", "verdict": "answered", "kind": "official", "answers": [{"path": "p", "quote": "答"}]}


def write(folder: Path, *records: object) -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records]
    (folder / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_questions_come_in_order_with_their_answers(tmp_path: Path) -> None:
    none = {"id": "b", "text": "无", "verdict": "outside", "answers": []}
    first, second = read_gold(write(tmp_path, GOOD, "", none))
    assert (first.id, first.kind, first.answers[0].quote, first.is_answerable) == ("a", "official", "答", True)
    assert (second.kind, second.answers, second.is_answerable) == ("", (), False)


def test_a_quote_may_name_the_part_of_the_answer_that_it_gives(tmp_path: Path) -> None:
    answers = [{"path": "p", "quote": "答", "part": 1}, {"path": "q", "quote": "回", "part": 1, "pooled": True}]
    (question,) = read_gold(write(tmp_path, {**GOOD, "answers": [*answers, {"path": "p", "quote": "复"}]}))
    assert question.answers == (Quote("p", "答", 1), Quote("q", "回", 1), Quote("p", "复"))
    assert question.answers[2].part is None


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (["{"], "line 1: not JSON"),
        ([{**GOOD, "verdict": "maybe"}], "expected one of answered"),
        ([{**GOOD, "answers": []}], "answered with 0 answers"),
        ([{**GOOD, "verdict": "outside"}], "outside with 1 answers"),
        ([{**GOOD, "answers": [{"path": "p"}]}], "path and a quote"),
        ([{**GOOD, "answers": [{"path": "p", "quote": "答", "part": "1"}]}], "maybe a number as part"),
        ([{**GOOD, "answers": [{"path": "p", "quote": "答", "part": True}]}], "maybe a number as part"),
        ([GOOD, GOOD], "line 2: id 'a' occurs twice"),
        ([[1]], "found no id, text and verdict"),
        ([""], "holds no question"),
    ],
)
def test_broken_gold_names_its_line(tmp_path: Path, records: list[object], message: str) -> None:
    with pytest.raises(GoldError, match=message):
        read_gold(write(tmp_path, *records))


def test_a_missing_folder_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"found no .*: a gold folder holds"):
        read_gold(tmp_path / "nowhere")


def test_a_quote_is_found_whatever_its_white_space(tmp_path: Path, make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(
        "停保怎么办\n\n停保要满足两个条件:账户余额\n不小于零,没有欠费记录。缴清以后到窗口办理停保手续就可以了。\n"
    )
    question = {**GOOD, "answers": [{"path": "pages/page0.txt", "quote": "账户余额不小于零, 没有欠费记录"}]}
    gold = read_gold(write(tmp_path, question))
    (place,) = find_quotes(kb.records, gold)["a"]
    text = kb.records.query("SELECT text FROM pages")[0]["text"]
    assert text[place.start : place.end] == "账户余额\n不小于零,没有欠费记录"
    for answer, message in (
        ({"path": "page9.txt", "quote": "余额"}, "no such page"),
        ({"path": "page0.txt", "quote": "并无此句"}, "does not say"),
    ):
        with pytest.raises(GoldError, match=message):
            find_quotes(kb.records, read_gold(write(tmp_path, {**GOOD, "answers": [answer]})))


def test_what_two_places_share_is_a_part_of_the_shorter() -> None:
    place = Place("p", 10, 20)
    assert place.shared("p", 10, 20) == place.shared("p", 12, 15) == place.shared("p", 0, 100) == 1.0
    assert place.shared("p", 15, 25) == 0.5
    assert place.shared("p", 20, 30) == place.shared("q", 10, 20) == 0.0
