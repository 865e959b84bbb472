"""Near-duplicates are grouped around a representative, compared exactly, folded in search and cited each on its own."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from opencc import OpenCC

from index.build.build import rebuild
from index.duplicates import Part, compare, find_elsewhere, group_of
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.search import MAX_DUPLICATES
from ingest.learning.duplicates import find_duplicates, jaccard, particulars, shingles
from search_app.cli import main

WORDS = "参保缴费待遇报销备案转移续接窗口材料审核登记账户单位职工居民补助标准比例时限手续凭证核定申领服务平台"


def prose(seed: str, parts: int = 8) -> str:
    chance = random.Random(seed)
    return "，".join("".join(chance.sample(WORDS, 9)) for _ in range(parts)) + "。"


def groups(
    texts: Sequence[str], similarity: float = 0.8, preferred: Sequence[int] = (), **options: object
) -> list[list[int]]:
    order = list(preferred) or list(range(len(texts)))
    found = find_duplicates(texts, texts.__getitem__, similarity=similarity, preferred=order, **options)  # type: ignore[arg-type]
    return [[member.text for member in group.members] for group in found]


def changed(text: str, number: int) -> str:
    """Return `text` with one of its clauses written anew."""
    clauses = text.split("，")
    clauses[number] = prose(f"new{number}", 1).rstrip("。")
    return "，".join(clauses)


def slow_jaccard(left: str, right: str) -> float:
    """The definition, on plain sets of strings."""
    a, b = ({text[i : i + 5] for i in range(len(text) - 4)} for text in (left, right))
    return len(a & b) / len(a | b)


def test_the_similarity_is_the_jaccard_index_of_five_character_shingles() -> None:
    left, right = prose("x").replace("，", ""), changed(prose("x"), 3).replace("，", "")
    plain = [text.rstrip("。") for text in (left, right)]
    assert jaccard(shingles(left), shingles(right)) == pytest.approx(slow_jaccard(*plain))
    assert 0.3 < jaccard(shingles(left), shingles(right)) < 0.9


def test_near_texts_are_grouped_and_others_are_not() -> None:
    long = prose("long", 40)
    texts = [prose("p", 40), long, prose("q", 40), changed(long, 5), long.replace("，", ","), prose("r", 40)]
    assert groups(texts) == [[1, 3, 4]]


def test_what_is_preferred_represents_and_similarity_is_to_it() -> None:
    long = prose("long", 20)
    texts = [changed(long, 2), long, changed(long, 9)]
    found = find_duplicates(texts, texts.__getitem__, similarity=0.7, preferred=[1, 2, 0])
    assert [[member.text for member in group.members] for group in found] == [[1, 2, 0]]
    expected = [slow_jaccard(*(t.replace("，", "").rstrip("。") for t in (texts[1], texts[n]))) for n in (2, 0)]
    assert [member.similarity for member in found[0].members] == [1.0, *(round(value, 4) for value in expected)]


def test_a_chain_of_small_changes_is_no_group() -> None:
    chain = [prose("long", 12)]
    for number in range(11):
        chain.append(changed(chain[-1], number))
    for group in find_duplicates(chain, chain.__getitem__, similarity=0.6, preferred=range(12)):
        first = chain[group.members[0].text]
        for member in group.members[1:]:
            assert jaccard(shingles(first), shingles(chain[member.text])) >= 0.6


def test_copies_of_a_near_text_join_its_group_and_thousands_of_copies_are_one_group() -> None:
    long = prose("long", 30)
    near = changed(long, 4)
    assert groups([near, long, near, long]) == [[0, 1, 2, 3]]
    assert groups([long] * 2000 + [near]) == [list(range(2001))]


def test_short_texts_are_duplicates_only_where_they_are_equal() -> None:
    assert groups(["按月缴纳费用", "按月缴纳费用。", "按月缴纳费用的"]) == [[0, 1]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("报销比例为70%", "报销比例为75%"),
        ("每人每年1.5万元", "每人每年15万元"),
        ("满三个月", "满六个月"),
        ("湖北省", "湖南省"),
    ],
)
def test_passages_with_other_numbers_or_places_say_something_else(old: str, new: str) -> None:
    long = prose("long", 30)
    texts = [f"{long}{old}。", f"{long}{new}。", f"{long}{old}！"]
    assert groups(texts) == [[0, 1, 2]]
    assert groups(texts, kind=particulars) == [[0, 2]]


def test_the_order_of_texts_changes_nothing_but_numbers() -> None:
    texts = [prose(str(number), 20) for number in range(30)] + [
        changed(prose(str(number), 20), 3) for number in range(30)
    ]
    mirrored = texts[::-1]
    expected = {frozenset(texts[number] for number in group) for group in groups(texts)}
    last_first = groups(mirrored, preferred=range(59, -1, -1))
    assert len(expected) == 30
    assert {frozenset(mirrored[number] for number in group) for group in last_first} == expected


def test_nothing_and_empty_texts_make_no_groups() -> None:
    assert groups([]) == []
    assert groups(["", prose("a")]) == []


def test_signatures_are_the_same_on_every_machine() -> None:
    # computed once with rensa 0.5.0 on x86-64 Linux: another version or machine that differs would give other builds
    from ingest.learning.duplicates import _band_keys

    assert [int(key) for key in _band_keys([shingles("按规定缴纳职工基本医疗保险费的单位和个人")])[0][:2]] == BAND_KEYS


BAND_KEYS = [5239429234186438329, 4569375359729491933]


def article(number: int, *, end: str = "") -> str:
    lines = [f"关于{prose(f't{number}', 1)[:8]}的问答", *(prose(f"{number}-{part}", 12) for part in range(5)), end]
    return "\n\n".join(line for line in lines if line)


@pytest.fixture
def copied(make_kb: Callable[..., KnowledgeBase]) -> KnowledgeBase:
    """Page 0 and 2 are copies but for the last sentence, 1 is another article."""
    return make_kb(article(0), article(1), article(0, end="转载时请注明出处并保留全文。"))


def test_articles_are_grouped_with_their_similarity(copied: KnowledgeBase) -> None:
    (group,) = copied.duplicates()
    assert [copy.path for copy in group.copies] == ["page0.txt", "page2.txt"]
    assert group.id == group.copies[0].id
    assert group.copies[0].similarity == 1.0
    assert 0.9 < group.copies[1].similarity < 1.0
    assert group_of(copied.records, "article", group.copies[1].id) == group
    lone = copied.records.query("SELECT id FROM pages WHERE path = 'page1.txt'")[0]["id"]
    assert copied.duplicates(lone) == ()


def test_a_folded_hit_counts_the_others_and_every_copy_keeps_its_own_place(copied: KnowledgeBase) -> None:
    question = prose("0-2", 12)[:30]
    hit = copied.search(question, k=1)[0]
    (other,) = hit.duplicates
    assert (hit.path, hit.duplicate_count) == ("page0.txt", 1)
    sentence = next(line for line in hit.text.splitlines() if question[:20] in line)
    (place,) = find_elsewhere(copied.records, hit.passage_id, sentence)
    assert (place.passage_id, place.path) == (other, "page2.txt")
    page = copied.records.query("SELECT text FROM pages WHERE path = 'page2.txt'")[0]["text"]
    assert page[place.start : place.end] == place.quote == sentence


def test_the_latest_member_represents(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    days = {"a.html": "2023-03-01", "b.html": "2025-02-01", "c.html": "2024-09-30"}
    for name, day in days.items():
        head = f"<title>样例</title><meta name=PubDate content={day}>"
        text = "".join(f"<p>{line}</p>" for line in article(0).split("\n\n")[1:])
        (pages / name).write_text(f"<html><head>{head}</head><body><h1>样例</h1>{text}</body></html>", encoding="utf-8")
    rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled"))
    kb = open_kb(tmp_path / "kb")
    assert [copy.path for copy in kb.duplicates()[0].copies] == ["b.html", "c.html", "a.html"]
    hits = kb.search(prose("0-2", 12)[:30], k=3)
    assert hits[0].path == "b.html"
    assert len({hit.text for hit in hits}) == len(hits)


def test_the_named_duplicates_are_bounded_and_the_count_is_not(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(*[article(0)] * (MAX_DUPLICATES + 6))
    hit = kb.search(prose("0-1", 12)[:30], k=1)[0]
    assert len(hit.duplicates) == MAX_DUPLICATES
    assert hit.duplicate_count == MAX_DUPLICATES + 5
    assert hit.passage_id not in hit.duplicates


def test_a_difference_is_told_in_sentences() -> None:
    left = "一、条件\n已经参保。连续缴费满六个月。其他要求见通知。"
    right = "一、条件\n已经参保 。连续缴费满十二个月。其他要求见通知。可以代办。"
    assert compare(left, right) == (
        Part("both", "一、条件"),
        Part("both", "已经参保。"),
        Part("left", "连续缴费满六个月。"),
        Part("right", "连续缴费满十二个月。"),
        Part("both", "其他要求见通知。"),
        Part("right", "可以代办。"),
    )
    assert [part.side for part in compare("比例为1.5%。", "比例为15%。")] == ["left", "right"]


def test_a_copy_in_traditional_script_is_grouped_and_cited_in_its_own_script(
    make_kb: Callable[..., KnowledgeBase],
) -> None:
    simplified = article(0)
    traditional = OpenCC("s2t").convert(simplified)
    kb = make_kb(simplified, article(1), traditional)
    (group,) = kb.duplicates()
    assert [(copy.path, copy.similarity) for copy in group.copies] == [("page0.txt", 1.0), ("page2.txt", 1.0)]
    hit = kb.search(prose("0-2", 12)[:30], k=1)[0]
    assert hit.duplicate_count == 1
    quote = prose("0-2", 12)
    (place,) = find_elsewhere(kb.records, hit.passage_id, quote)
    assert place.path != hit.path
    assert {place.quote, quote} == {quote, OpenCC("s2t").convert(quote)}
    shown = {part.text for part in compare(quote, OpenCC("s2t").convert(quote))}
    assert shown == {quote, OpenCC("s2t").convert(quote)}


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_lists_groups_and_prints_a_difference(copied: KnowledgeBase) -> None:
    kb = str(copied.folder)
    listed = json.loads(run("duplicates", "--kb", kb, "--json"))
    assert (listed["build"], listed["kind"], listed["count"]) == (copied.build, "article", 1)
    members = listed["groups"][0]["members"]
    assert [member["path"] for member in members] == ["page0.txt", "page2.txt"]
    shown = run("duplicates", "--kb", kb, members[0]["id"], members[1]["id"])
    assert "+ 转载时请注明出处并保留全文。" in shown
    assert "- " not in shown.split("- only")[0]
    plain = json.loads(run("duplicates", "--kb", kb, "--json", members[1]["id"], members[0]["id"]))
    assert {"side": "left", "text": "转载时请注明出处并保留全文。"} in plain["parts"]
    assert "page2.txt" in run("duplicates", "--kb", kb)
    assert json.loads(run("duplicates", "--kb", kb, "--json", "--passages"))["kind"] == "passage"


def test_the_command_refuses_one_id_and_an_unknown_one(copied: KnowledgeBase) -> None:
    kb = str(copied.folder)
    assert CliRunner().invoke(main, ["duplicates", "--kb", kb, "abc"]).exit_code == 2
    unknown = CliRunner().invoke(main, ["duplicates", "--kb", kb, "abc", "def"])
    assert unknown.exit_code == 1
    assert "found no article or passage abc" in unknown.stderr
