"""Related snippets are told from the others by words, in fields the lists know and in fields they do not."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.related import MAX_ARTICLE_CHARS, relate, subject_of
from ingest.wordlists import acts, bigrams, bigrams_in_order, fields, spell, weights

RELATION = Path(__file__).resolve().parents[1] / "bench" / "relation"
FUND = subject_of(
    "离职后公积金怎么提取",
    "离职后账户封存满半年,可以申请提取公积金余额。\n所需材料:身份证、银行卡、离职证明。\n三个工作日内到账。",
)
CARE = subject_of("异地就医怎么备案", "参保人先在平台备案,再持医保电子凭证到定点医院住院,出院时直接结算。")
GUZHENG = subject_of("古筝琴弦断了怎么换", "古筝的琴弦断了先松开琴码,取下断弦,再把新弦穿过弦孔,绕紧弦轴后调音。")


@pytest.fixture(scope="module")
def figures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("relation_figures", RELATION / "figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_same_question_in_other_words() -> None:
    related = relate(
        FUND, "辞职以后住房公积金可以取出来吗", "辞职后账户封存满半年的,可以申请提取公积金,三个工作日到账,"
    )
    assert related.label == "same_question"
    assert "speaks of the article's field: 住房公积金" in related.evidence
    assert "asks alike: 取出来" in related.evidence or "辞职" in related.evidence


def test_the_same_field_and_another_question() -> None:
    related = relate(FUND, "公积金贷款利率是多少", "首套房贷款五年以上的利率比商业贷款低一个百分点左右,二套房")
    assert (related.label, related.as_dict()["label"]) == ("same_field", "same_field")


def test_a_hospital_that_takes_insurance_cards_is_unrelated() -> None:
    related = relate(CARE, "福建三明治疗皮疹的医院有哪些", "三明市第一医院皮肤科设备齐全,是当地医保定点医院,")
    assert related.label == "unrelated"
    assert related.score < relate(CARE, "工伤认定要多久", "单位三十日内提出申请").score


def test_a_field_no_list_knows_is_found_by_the_words_of_the_article() -> None:
    assert GUZHENG.fields == frozenset()
    near = relate(GUZHENG, "古筝琴弦怎么调音", "调音时转动弦轴,移动琴码微调,琴弦太松容易走音,")
    far = relate(GUZHENG, "阳台种什么花好养活", "阳台光照充足时可以选择三角梅,浇水要见干见湿,")
    assert (near.label, far.label) == ("same_question", "unrelated")
    assert far.evidence == "shares no word with the article"


def test_a_title_without_a_summary_is_judged_by_itself() -> None:
    assert relate(FUND, "封存的公积金怎么提取", "").label == "same_question"
    assert (
        relate(FUND, "封存的公积金怎么提取", "").score > relate(FUND, "封存的公积金怎么提取", "红烧肉焯水").score + 0.1
    )
    assert relate(FUND, "红烧肉怎么做", "").label == "unrelated"


def test_common_words_prove_nothing() -> None:
    article = subject_of("古筝琴弦怎么换", "主要问题是时间,可以根据情况使用,古筝琴弦需要更换。")
    common = relate(article, "时间问题", "主要情况需要根据时间使用。")
    assert common.score < relate(article, "古筝琴弦", "古筝琴弦更换。").score - 0.3
    weight = {spell(gram): weight for gram, weight in weights().items()}
    assert weight["可以"] < 0.4 < 1.0
    assert "公积" not in weight


def test_only_the_beginning_of_a_long_article_counts() -> None:
    late = subject_of("怎么办", "甲" * MAX_ARTICLE_CHARS + "公积金提取" * 10)
    assert late.fields == frozenset()


@given(st.text(st.sampled_from("公积金医保的aB1 ，。\u3400\u9fff\ua000\U00020000")))
def test_bigrams_are_those_of_a_look_at_every_place(text: str) -> None:
    is_han = ["\u3400" <= character <= "\u9fff" for character in text]
    pairs = [text[place : place + 2] for place in range(len(text) - 1) if is_han[place] and is_han[place + 1]]
    latin = {word.lower() for word in re.findall("[A-Za-z]+", text)}
    assert {spell(gram) for gram in bigrams(text)} == {*pairs, *latin}
    for run in re.findall("[\u3400-\u9fff]{2,}", text):
        assert [spell(gram) for gram in bigrams_in_order(run)] == [
            run[place : place + 2] for place in range(len(run) - 1)
        ]


def test_a_bigram_between_two_common_ones_is_a_border_of_words() -> None:
    # 时间, 问题 and 通过 are common, 间问 and 题通 are not; 弦问 stands behind a bigram that is not common.
    asked = subject_of("时间问题通过", "").asked
    assert {spell(gram) for gram in asked.grams} == {"时间", "问题", "通过"}
    asked = subject_of("琴弦问题通过", "").asked
    assert {spell(gram) for gram in asked.grams} == {"琴弦", "弦问", "问题", "通过"}


def test_the_longest_word_of_a_list_wins() -> None:
    assert list(fields().find("住房公积金账户")) == [(0, 5, ("住房公积金", "公积金"))]
    assert list(acts().find("补缴欠款")) == [(0, 2, ("补",))]


def test_every_row_of_the_lists_is_complete() -> None:
    for name, width in (("fields.tsv", 3), ("acts.tsv", 2), ("common.tsv", 2)):
        file = RELATION.parents[1] / "ingest" / name
        rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
        assert rows
        assert {len(row) for row in rows} == {width}
        assert all(part.strip() and part == part.strip() for row in rows for part in row[-1].split("|"))


def test_related_snippets_of_our_own_articles_are_told_from_the_others(figures: ModuleType) -> None:
    cases = list(figures.own_cases())
    assert sum(truth != "unrelated" for *_, truth in cases) == 94
    assert figures.auc_of(cases) >= 0.99
    assert figures.auc_of(figures.without_fields(cases)) >= 0.95


@pytest.mark.shared
def test_related_snippets_of_the_seeds_are_told_from_the_others(shared: Path, figures: ModuleType) -> None:
    cases = list(figures.page_cases(shared / "bench/cleaning/seeds/gt.jsonl", shared))
    assert len(cases) == 100
    assert figures.auc_of(cases) >= 0.99
    assert figures.auc_of(figures.without_fields(cases)) >= 0.94
