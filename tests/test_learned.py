"""What other pages tell decides in cleaning: proved items and site furniture go, with their evidence, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ingest.clean import Article, clean
from ingest.learning.learn import learn
from ingest.page import Page, page_from_bytes

WORDS = "参保缴费待遇报销备案转移续接窗口材料审核登记账户年限住院门诊结算凭证单位职工居民补助标准比例时限手续"
FOOTER = ("市民来信选登", "手机应用", "服务热线与邮箱", "意见与建议")


def prose(seed: str, parts: int = 8) -> str:
    chance = random.Random(seed)
    return "，".join("".join(chance.sample(WORDS, 9)) for _ in range(parts)) + "。"


def title(number: int) -> str:
    return f"{prose(f't{number}')[:9]}问答之{number}"


def lines_of(number: int) -> list[str]:
    return [title(number), prose(f"a{number}"), prose(f"b{number}"), prose(f"c{number}")]


def page(number: int, lines: Sequence[str]) -> Page:
    return page_from_bytes("\n\n".join(lines).encode(), path=f"p{number:02}.txt")


def kept(source: Page, article: Article) -> list[str]:
    return [line for start, end in article.spans for line in source.text[start:end].split("\n\n") if line]


def tiles(source: Page, article: Article) -> bool:
    pieces = sorted([*article.spans, *((removal.start, removal.end) for removal in article.removals)])
    return [start for start, _ in pieces] == [0, *(end for _, end in pieces[:-1])] and pieces[-1][1] == len(source.text)


def test_a_lone_item_without_any_shape_goes_and_text_behind_it_stays() -> None:
    here = page(9, [*lines_of(9), title(3), prose("a3")[:50], prose("behind")])
    learned = learn([here, *(page(number, lines_of(number)) for number in range(5))])
    assert title(3) in kept(here, clean(here))
    article = clean(here, learned=learned)
    assert kept(here, article) == [*lines_of(9), prose("behind")]
    assert tiles(here, article)
    (removal,) = article.removals
    assert (removal.rule, removal.confidence) == ("snippet", 1.0)
    assert removal.evidence.startswith("its summary is the beginning of p03.txt (")
    assert (removal.fields["title"], removal.fields["summary"]) == (title(3), prose("a3")[:50])


def test_a_removed_item_that_is_proved_is_certain_and_its_neighbours_are_as_they_were() -> None:
    items = [[title(n), prose(f"a{n}")[:50], "健康问答 2025-05-06"] for n in (1, 50, 51, 52)]
    here = page(9, [*lines_of(9), "相关推荐", *(line for item in items for line in item)])
    learned = learn([here, page(1, lines_of(1))])
    before, after = clean(here), clean(here, learned=learned)
    snippets = [removal for removal in after.removals if removal.rule == "snippet"]
    assert [removal.confidence == 1.0 for removal in snippets] == [True, False, False, False]
    assert "its summary is the beginning of p01.txt" in snippets[0].evidence
    assert snippets[1:] == [removal for removal in before.removals if removal.rule == "snippet"][1:]
    assert after.spans == before.spans


def test_the_furniture_of_a_site_goes_with_its_count() -> None:
    pages = [page(number, [*lines_of(number), *FOOTER]) for number in range(24)]
    learned = learn(pages)
    for source in pages:
        article = clean(source, learned=learned)
        assert kept(source, article) == lines_of(int(source.path[1:3]))
        assert tiles(source, article)
        assert {removal.rule for removal in article.removals} == {"repeated"}
        assert "stands on 24 of 24 pages of the folder ." in article.removals[0].evidence


def test_copies_keep_their_text() -> None:
    pages = [page(number, lines_of(1)) for number in range(24)]
    learned = learn(pages)
    assert [kept(source, clean(source, learned=learned)) for source in pages] == [lines_of(1)] * 24
