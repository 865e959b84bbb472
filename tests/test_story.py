"""The whole way: five real pages become a base, questions become cited answers, and verification proves them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.kb import KnowledgeBase
from index.verify import verify

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def gold(shared: Path) -> list[dict[str, object]]:
    lines = (shared / "bench/cleaning/seeds/gt.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_five_pages_give_a_hundred_removed_snippets(seeds_kb: KnowledgeBase) -> None:
    manifest = seeds_kb.manifest
    assert (manifest["counts"]["pages"], manifest["skipped"]) == (5, [])
    assert manifest["removals"]["snippet"] == 100


def test_no_character_of_a_recommendation_is_in_a_passage_and_none_of_a_body_is_lost(
    seeds_kb: KnowledgeBase, gold: list[dict[str, object]]
) -> None:
    passages = seeds_kb.passages()
    articles = seeds_kb.articles()
    for page in gold:
        path = Path(str(page["file"])).name
        body, recommendations = page["body"], page["recommendations"]
        assert isinstance(body, list)
        assert isinstance(recommendations, list)
        article = articles[articles.path == path].iloc[0]
        text = seeds_kb.records.query("SELECT text FROM pages WHERE path = ?", [path])[0]["text"]
        kept = {p for start, end in json.loads(article.spans) for p in range(start, end)}
        assert {p for p in range(*body) if not text[p].isspace()} <= kept
        own = passages[passages.article_id == article.id]
        cited = {p for row in own.itertuples() for p in range(row.start, row.end)}
        assert not cited & set(range(*recommendations))
        # what no passage holds of the body is its title
        lost = {p for p in range(*body) if not text[p].isspace()} - cited
        assert "".join(text[p] for p in sorted(lost)) == "".join(article.title.split())


# Short evidence that only the right passage of the right page holds.
TEN = [
    ("医保断了里面的钱还能用吗", ("账户余额的可用性",)),
    ("离职以后转居民医保要等多久才能报销", ("90 日后",)),
    ("支付宝怎么停医保", ("暂停缴交社会保险",)),
    ("失业了谁帮我交医保", ("由失业保险为其代缴",)),
    ("居民医保每年几月几号前要交钱", ("11月30日前",)),
    ("在手机上怎么办医保转移", ("鄂汇办APP", "官方 APP")),
    ("退休后还要不要继续交医保", ("无需再缴费",)),
    ("断了两个月补上,中间看病的钱还能报吗", ("待遇可追溯享受",)),
    ("没找到工作可以自己交医保吗", ("灵活就业人员身份继续参保", "未就业者可以灵活就业身份")),
    ("医保余额变成零是怎么回事", ("账户余额为0的处理",)),
]


def test_ten_everyday_questions_find_the_right_passage(seeds_kb: KnowledgeBase) -> None:
    ranks = []
    for question, evidence in TEN:
        hits = seeds_kb.search(question, k=18)
        ranks.append(next(hit.rank for hit in hits if any(piece in hit.text for piece in evidence)))
    assert sum(rank == 1 for rank in ranks) >= 7, ranks
    assert sum(rank <= 3 for rank in ranks) >= 9, ranks


def test_an_everyday_question_gets_a_cited_answer(seeds_kb: KnowledgeBase, shared: Path) -> None:
    answer = seeds_kb.ask("医保断了里面的钱还能用吗")
    assert answer.verdict == "answered"
    assert any("仍可正常使用" in sentence.text for sentence in answer.sentences)
    for citation in answer.citations:
        raw = (shared / "seeds" / citation.path).read_text(encoding="utf-8")
        assert raw[citation.start : citation.end] == citation.quote
        if "仍可正常使用" in citation.quote:
            assert (citation.as_of_kind, citation.as_of) == ("captured", "2025-04-08")


def test_a_question_about_cooking_is_outside(seeds_kb: KnowledgeBase) -> None:
    assert seeds_kb.ask("红烧肉怎么做").verdict == "outside"


def test_verification_proves_every_passage(seeds_kb: KnowledgeBase) -> None:
    proof = verify(seeds_kb.folder, seeds_kb.build)
    assert (proof.ok, proof.passages, proof.pages) == (True, len(seeds_kb.passages()), 5)
