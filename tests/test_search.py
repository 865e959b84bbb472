"""What is found, in which order, and why: on the sample corpus, with real vectors and real terms."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build.build import rebuild
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.ngrams import fold
from index.search import Filters, allowed_rows, other_wordings, word_marks
from ingest.asking import strip_asking

ROOT = Path(__file__).resolve().parents[1]


def test_every_hit_is_a_slice_of_its_page(sample_kb: KnowledgeBase) -> None:
    pages = {row["path"]: row["text"] for row in sample_kb.records.query("SELECT path, text FROM pages")}
    hits = sample_kb.search("参保人员怎么享受待遇", k=1000)
    assert sum(1 + hit.duplicate_count for hit in hits) == len(sample_kb.passages())
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    for hit in hits:
        assert pages[hit.path][hit.start : hit.end] == hit.text


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_the_legs_add_up_to_the_score(sample_kb: KnowledgeBase, mode: str) -> None:
    hits = sample_kb.search("失业金领取期间的医保谁交", mode=mode)  # type: ignore[arg-type]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert sum(leg.share for leg in hit.reasons.legs.values()) == pytest.approx(hit.score, abs=1e-6)
    names = set(hits[0].reasons.legs)
    assert ("dense" in names) == (mode != "lexical")
    assert ("passage" in names) == (mode != "dense")


def test_no_word_of_a_snippet_is_found(sample_kb: KnowledgeBase) -> None:
    removals = sample_kb.removals()
    for title in removals[removals.rule == "snippet"].title.unique():
        for hit in sample_kb.search(title, k=3):
            assert title not in hit.text


def test_synonyms_are_shown_where_they_helped(sample_kb: KnowledgeBase) -> None:
    hit = sample_kb.search("生娃补贴怎么算")[0]
    assert hit.path == "maternity-allowance.html"
    assert ("生娃补贴", "生育津贴") in hit.reasons.synonyms
    marked = [hit.text[start:end] for start, end in hit.reasons.marks]
    assert any("生育津贴" in piece for piece in marked)


def test_filters_keep_only_what_they_say(sample_kb: KnowledgeBase) -> None:
    facts = sample_kb.facts()
    wanted = set(facts[(facts.kind == "scheme") & (facts.value == "失业保险")].article_id)
    hits = sample_kb.search("待遇", k=100, filters=Filters(schemes=("失业保险",)))
    assert {hit.article_id for hit in hits} == wanted
    assert len(allowed_rows(sample_kb, Filters(regions=("西藏",), schemes=("失业保险",)))) == 0
    dates = sample_kb.articles().as_of
    middle = sorted(dates)[len(dates) // 2]
    since = sample_kb.search("待遇", k=100, filters=Filters(since=middle))
    assert {hit.as_of >= middle for hit in since if hit.as_of} == {True}


def test_identical_passages_are_folded_and_counted(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        shutil.copy(ROOT / "corpus/pages/family-account.txt", pages / name)
    rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled"))
    kb = open_kb(tmp_path / "kb")
    hits = kb.search("个人账户家庭共济", k=2)
    assert [len(hit.duplicates) for hit in hits] == [2, 2]
    assert hits[0].path == "a.txt"
    rows = [hit.row for hit in hits]
    assert [place for _, place in kb.records.folds(rows).values()] == [0, 0]
    assert {row: group for row, (group, _) in kb.records.folds(rows).items()} == {
        hit.row: hit.passage_id for hit in hits
    }
    assert kb.records.folds([]) == {}


@pytest.mark.parametrize("query", ["", "   ", "？！", "🀄"])
def test_a_query_without_words_has_no_lexical_hits(sample_kb: KnowledgeBase, query: str) -> None:
    assert len(sample_kb.search(query, mode="lexical")) == 0
    assert isinstance(sample_kb.search(query).as_dict()["hits"], list)


def test_bad_arguments_are_refused(sample_kb: KnowledgeBase) -> None:
    with pytest.raises(ValueError, match="magic"):
        sample_kb.search("医保", mode="magic")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="found 0"):
        sample_kb.search("医保", k=0)


def test_frames_carry_the_build(sample_kb: KnowledgeBase) -> None:
    frame = sample_kb.search("生育津贴", k=4).to_frame()
    assert list(frame.build) == [sample_kb.build] * 4
    assert list(frame["rank"]) == [1, 2, 3, 4]
    for table in (sample_kb.articles(), sample_kb.passages(), sample_kb.removals(), sample_kb.facts()):
        assert set(table.build) == {sample_kb.build}
    assert json.loads(sample_kb.passages().heading_path[0]) is not None


def test_marks_span_spaces_and_skip_question_words() -> None:
    text = "参保满 2 年的，怎么办理都可以"
    marked = [text[start:end] for start, end in word_marks("满2年怎么办理", text)]
    assert marked == ["满 2 年", "办理"]


@given(st.text(alphabet="医保断缴2年 怎么，a", max_size=12), st.text(alphabet="医保断缴2年 \n怎么，aＡ", max_size=40))
def test_marks_are_in_order_and_inside(query: str, text: str) -> None:
    spans = list(word_marks(query, text))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


@given(st.text(alphabet="医保断2 怎么，a", max_size=12), st.text(alphabet="医保断2 \n\u3000怎么，aＡ", max_size=40))
def test_marked_is_every_pair_of_neighbours_that_the_query_has(query: str, text: str) -> None:
    words = strip_asking(fold(query)).split()
    pairs = {one + other for word in words for one, other in pairwise(word) if (one + other).isalnum()}
    solid = [(place, character) for place, character in enumerate(fold(text)) if not character.isspace()]
    marked = set()
    for (left, one), (right, other) in pairwise(solid):
        if one + other in pairs:
            marked.update(range(left, right + 1))
    assert {place for start, end in word_marks(query, text) for place in range(start, end)} == marked


def test_many_wordings_for_a_word_count_less_each(sample_kb: KnowledgeBase) -> None:
    one, many = sample_kb.lexicon.expand("帮我交"), sample_kb.lexicon.expand("断缴")
    factors = dict(other_wordings([*one, *many]))
    assert len(many[0].terms) > len(one[0].terms)
    assert factors[many[0].terms[0]] < factors[one[0].terms[0]] < 1
