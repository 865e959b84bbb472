"""A snippet that is the beginning of another page's article is proved; copies and quotations are not."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from ingest.clean import cut
from ingest.learning.learn import learn
from ingest.learning.teasers import Openings, opening_of
from ingest.page import Page, page_from_bytes

WORDS = "参保缴费待遇报销备案转移续接窗口材料审核登记账户年限住院门诊结算凭证单位职工居民补助标准比例时限手续"


def prose(seed: str, parts: int = 8) -> str:
    chance = random.Random(seed)
    return "，".join("".join(chance.sample(WORDS, 9)) for _ in range(parts)) + "。"


def title(number: int) -> str:
    return f"{prose(f't{number}')[:9]}问答之{number}"


def article(number: int) -> list[str]:
    return [title(number), prose(f"a{number}"), prose(f"b{number}"), prose(f"c{number}")]


def page(number: int, lines: Sequence[str]) -> Page:
    return page_from_bytes("\n\n".join(lines).encode(), path=f"page{number}.txt")


def openings(*pages: Page) -> Openings:
    return learn(pages).openings


@pytest.fixture(scope="module")
def known() -> Openings:
    return openings(*(page(number, article(number)) for number in range(6)))


HERE = page(9, article(9))


def test_a_cut_beginning_is_proved_with_how_much_was_compared(known: Openings) -> None:
    summary = prose("a3")[:60]
    proof = known.teaser(title(3), summary, beside=HERE.id)
    assert proof is not None
    assert (proof.path, proof.article_id) == ("page3.txt", page(3, article(3)).id)
    # 60 characters with six commas: 54 letters, and 49 of them are the longest length kept
    assert proof.evidence == "its summary is the beginning of page3.txt (49 characters compared)"


@pytest.mark.parametrize(
    "summary",
    [
        prose("a2")[:60].replace("，", ","),
        " ".join(prose("a2")[:60]),
        prose("a2")[:60] + "……",
        title(2) + " " + prose("a2")[:60],
    ],
)
def test_width_blanks_ellipses_and_a_title_in_front_make_no_other_text(known: Openings, summary: str) -> None:
    proof = known.teaser(title(2), summary, beside=HERE.id)
    assert proof is not None
    assert proof.path == "page2.txt"


def test_one_changed_character_is_no_proof(known: Openings) -> None:
    summary = prose("a2")[:60]
    changed = summary[:12] + "某" + summary[13:]
    assert known.teaser(title(2), changed, beside=HERE.id) is None


def test_nineteen_characters_prove_nothing_and_twenty_do(known: Openings) -> None:
    words = prose("a4").replace("，", "")
    assert known.teaser(title(4), words[:19], beside=HERE.id) is None
    assert known.teaser(title(4), words[:20], beside=HERE.id) is not None


def test_a_page_is_no_proof_against_itself(known: Openings) -> None:
    assert known.teaser(title(1), prose("a1")[:60], beside=page(1, article(1)).id) is None


def test_of_pages_that_begin_alike_the_one_with_the_title_is_meant() -> None:
    formula = prose("formula", 4)
    pages = [page(number, [title(number), formula, prose(f"b{number}")]) for number in range(3)]
    proof = openings(*pages).teaser(title(2), formula[:30], beside=HERE.id)
    assert proof is not None
    assert (proof.path, proof.others) == ("page2.txt", 2)
    assert "of page2.txt and of 2 more pages" in proof.evidence


def test_a_short_answer_or_a_label_may_stand_before_what_sites_cut() -> None:
    lines = [title(7), "可以", prose("a7"), prose("b7")]
    proof = openings(page(7, lines)).teaser(title(7), prose("a7")[:40], beside=HERE.id)
    assert proof is not None


def found(lines: Sequence[str], known: Openings, number: int = 9) -> list[tuple[int, int, str]]:
    return [(item.first, item.last, proof.path) for item, proof in known.find_teasers(page(number, lines).id, lines)]


def test_a_lone_pair_in_the_body_is_found_with_its_meta_line(known: Openings) -> None:
    lines = [*article(9), title(3), prose("a3")[:50], "社保问答 2025-05-06", prose("z")]
    assert found(lines, known) == [(4, 6, "page3.txt")]
    item, _ = known.find_teasers(HERE.id, lines)[0]
    assert item.fields() == {
        "title": title(3), "summary": prose("a3")[:50], "category": "社保问答", "date": "2025-05-06",
    }  # fmt: skip


def test_a_pair_needs_the_title_of_that_page(known: Openings) -> None:
    assert found([*article(9), title(2), prose("a3")[:50], prose("z")], known) == []


def test_a_quotation_of_the_whole_article_stays(known: Openings) -> None:
    digest = [title(20), *article(1), *article(2)]
    assert found(digest, known, number=20) == []


def test_a_quotation_that_breaks_lines_elsewhere_stays(known: Openings) -> None:
    first = prose("a1")
    digest = [title(20), title(1), first[:50], first[50:], prose("b1")]
    assert found(digest, known, number=20) == []


def test_a_quoted_answer_that_ends_its_sentence_stays(known: Openings) -> None:
    assert found([title(20), prose("q"), title(1), prose("a1"), prose("r")], known, number=20) == []


def test_a_whole_short_article_without_an_end_mark_stays() -> None:
    short = prose("a5", 4).rstrip("。")
    known = openings(page(5, [title(5), short]))
    assert found([title(20), prose("q"), title(5), short, prose("r")], known, number=20) == []


def test_copies_do_not_prove_each_other_away() -> None:
    lines = [title(1), prose("a1").rstrip("。"), prose("b1"), prose("c1")]
    pages = [page(number, lines) for number in (1, 2)]
    known = openings(*pages)
    assert [found(lines, known, number) for number in (1, 2)] == [[], []]


def test_a_stub_of_an_article_keeps_its_only_text() -> None:
    known = openings(page(1, article(1)), page(2, [title(1), prose("a1")[:50]]))
    assert found([title(1), prose("a1")[:50]], known, number=2) == []


def test_lines_that_are_gone_are_left_alone(known: Openings) -> None:
    lines = [*article(9), title(3), prose("a3")[:50]]
    assert known.find_teasers(HERE.id, lines, gone=(5,)) == ()


def test_the_order_of_pages_does_not_matter() -> None:
    pages = [page(number, article(number)) for number in range(5)]
    first, second = openings(*pages), openings(*pages[::-1])
    assert (first.paths, first.ids, first.chars) == (second.paths, second.ids, second.chars)
    for name in ("keys", "owners", "title_keys", "title_owners"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_a_page_without_an_article_teaches_nothing() -> None:
    only_title = page(1, ["只有一个标题的页面"])
    parted = cut(only_title)
    assert opening_of(only_title, parted.head.title, parted.body) is None
    assert openings(only_title).paths == ()
