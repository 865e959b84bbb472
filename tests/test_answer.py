"""Answers are verbatim, cited to the character, whole in their conditions, and silent where nothing answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.answering.compose import MAX_CHARS, MAX_SENTENCES
from index.coverage import Coverage, squeeze
from index.kb import KnowledgeBase
from index.lexicon.lexicon import Expansion

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = [
    json.loads(line) for line in (ROOT / "corpus/gold/questions.jsonl").read_text(encoding="utf-8").splitlines()
]


# Every fourth is enough: what is shown holds for any question, and each takes a tenth of a second.
@pytest.mark.parametrize("question", QUESTIONS[::4], ids=lambda question: question["id"])
def test_every_sentence_is_a_slice_of_a_page_and_of_a_passage(
    sample_kb: KnowledgeBase, question: dict[str, str]
) -> None:
    answer = sample_kb.ask(question["text"])
    pages = {row["path"]: row["text"] for row in sample_kb.records.query("SELECT path, text FROM pages")}
    passages = {row["id"]: row for row in sample_kb.records.query("SELECT * FROM passages")}
    assert bool(answer.sentences) == (answer.verdict in ("answered", "partly"))
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    cited = {citation.number: citation for citation in answer.citations}
    for sentence in answer.sentences:
        for number in sentence.citations:
            citation = cited[number]
            assert pages[citation.path][citation.start : citation.end] == citation.quote
            assert letters(citation.quote) == letters(sentence.text)  # a near-duplicate may differ in width and labels
            passage = passages[citation.passage_id]
            assert passage["start"] <= citation.start < citation.end <= passage["end"]
            assert citation.build == sample_kb.build
        assert cited[sentence.citations[0]].quote == sentence.text
    assert len(answer.sentences) <= MAX_SENTENCES
    longest = max((len(sentence.text) for sentence in answer.sentences), default=0)
    assert sum(len(sentence.text) for sentence in answer.sentences) <= max(MAX_CHARS, longest)


def letters(text: str) -> str:
    return "".join(character for character in squeeze(text) if character.isalnum())


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q["kind"] == "official"], ids=lambda q: q["id"])
def test_official_wording_is_answered(sample_kb: KnowledgeBase, question: dict[str, str]) -> None:
    assert sample_kb.ask(question["text"]).verdict == "answered"


def test_questions_about_something_else_are_outside_and_get_no_answer(sample_kb: KnowledgeBase) -> None:
    answers = [sample_kb.ask(question["text"]) for question in QUESTIONS if question["verdict"] == "outside"]
    assert [answer.sentences for answer in answers] == [()] * len(answers)
    # One of them (尿毒症患者坐公交车) shares its patients with the corpus; which kind of no it is can be argued.
    assert sum(answer.verdict == "outside" for answer in answers) >= len(answers) - 1


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("生育津贴的计发公式是什么？", "÷30×产假天数"),
        ("跨省临时外出就医备案的有效期是多长？", "不少于6个月"),
        ("居民医保没有在集中缴费期参保，固定待遇等待期是多长？", "3个月的固定待遇等待期"),
    ],
)
def test_the_sentence_that_answers_is_said(sample_kb: KnowledgeBase, question: str, said: str) -> None:
    assert said in "".join(sentence.text for sentence in sample_kb.ask(question).sentences)


def test_no_heading_is_said_as_a_sentence(sample_kb: KnowledgeBase) -> None:
    headings = {s["heading"] for row in sample_kb.articles().itertuples() for s in json.loads(row.sections)}
    for question in QUESTIONS[::8]:
        assert not headings & {sentence.text for sentence in sample_kb.ask(question["text"]).sentences}


def test_what_only_a_removed_snippet_says_is_not_said(sample_kb: KnowledgeBase) -> None:
    answer = sample_kb.ask("红烧肉怎么做才不腻？")
    assert answer.sentences == ()
    assert all("红烧肉" not in hit.text for hit in answer.hits)


def test_an_empty_question_is_outside(sample_kb: KnowledgeBase) -> None:
    answer = sample_kb.ask("  ")
    assert (answer.verdict, answer.confidence, len(answer.hits)) == ("outside", 0.0, 0)


def test_the_gap_is_the_heaviest_stretch_that_is_missing(sample_kb: KnowledgeBase) -> None:
    coverage = Coverage("新生儿怎么参加医保", sample_kb.table)

    def gap(text: str) -> float:
        return coverage.gap(coverage.covered(text))

    assert gap("新生儿参加居民医保") == 0.0
    assert gap("职工参加医保") == pytest.approx(coverage.of("新生儿"))
    assert coverage.of("新生儿") > 0.3
    assert gap("天气") == pytest.approx(max(coverage.of("新生儿"), coverage.of("参加医保")))


def test_coverage_counts_words_synonyms_and_bare_characters(sample_kb: KnowledgeBase) -> None:
    expansions = (Expansion("断了", 2, 4, ("中断缴费",)),)
    coverage = Coverage("医保断了", sample_kb.table, expansions)
    assert coverage.of("职工医保中断缴费的") == pytest.approx(1.0)
    assert coverage.of("今天天气很好") == 0.0
    plain = Coverage("医保断了", sample_kb.table)
    assert 0 < plain.of("保险") < plain.of("医保") < plain.of("医保断了") == pytest.approx(1.0)
    assert plain.of("医 保\n断") == pytest.approx(plain.of("医保断"))


def test_what_few_of_the_texts_cover_counts_for_more(sample_kb: KnowledgeBase) -> None:
    coverage = Coverage("断缴报销", sample_kb.table)
    texts = ["医保报销", "断缴以后", "门诊报销", "住院报销"]
    shares = coverage.rare_shares(np.stack([coverage.covered(text) for text in texts]))
    assert shares[1] > 0.7 > 0.3 > shares[0] == shares[2] == shares[3]
    # What all of them cover, or none, tells nothing apart; a text alone is not judged by it.
    assert coverage.rare_shares(np.stack([coverage.covered("断缴报销")])).tolist() == [0.0]


STEPS = """居民医保参保登记怎么办

居民医保参保登记按以下步骤办理:

  • 准备户口簿和身份证原件;
  • 到社区窗口填写登记表;
  • 用银行卡缴纳当年保费。

办理时间为工作日上午九点到下午五点。
"""


def said(kb: KnowledgeBase, question: str) -> list[str]:
    return [sentence.text for sentence in kb.ask(question).sentences]


def test_a_lead_in_brings_the_items_it_announces(make_kb: Callable[..., KnowledgeBase]) -> None:
    sentences = said(make_kb(STEPS), "居民医保参保登记的步骤")
    assert sentences[0] == "居民医保参保登记按以下步骤办理:"
    assert sentences[1:4] == ["• 准备户口簿和身份证原件;", "• 到社区窗口填写登记表;", "• 用银行卡缴纳当年保费。"]


def test_a_lead_in_without_items_is_not_said(make_kb: Callable[..., KnowledgeBase]) -> None:
    text = "居民医保参保登记怎么办\n\n居民医保参保登记的办理方式如下:\n\n一、窗口\n\n携带户口簿到社区窗口办理居民医保参保登记。\n"
    sentences = said(make_kb(text), "居民医保参保登记怎么办")
    assert sentences
    assert all(not sentence.endswith(":") for sentence in sentences)


def test_the_same_sentence_of_two_articles_is_said_once(make_kb: Callable[..., KnowledgeBase]) -> None:
    rule = "跨省临时外出就医备案的有效期不少于六个月。"
    kb = make_kb(f"备案须知\n\n{rule}\n\n到期后可以再次备案。\n", f"就医问答\n\n{rule}\n\n急诊视同已经备案。\n")
    assert said(kb, "跨省临时外出就医备案的有效期").count(rule) == 1


def test_a_question_about_a_word_that_no_passage_has_is_not_answered(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb("居民医保怎么参加\n\n参加居民医保,携带户口簿到社区窗口办理参保登记。\n")
    assert kb.ask("怎么参加居民医保").verdict == "answered"
    assert kb.ask("新生儿怎么参加居民医保").verdict != "answered"


def test_the_short_answer_answers_the_title(make_kb: Callable[..., KnowledgeBase]) -> None:
    text = "职工医保断缴能补吗\n\n三个月以内可以补\n\n断缴以后补缴的办法如下:\n\n一、单位\n\n由单位到窗口办理。\n"
    assert said(make_kb(text), "职工医保断缴能补吗")[0] == "三个月以内可以补"


def test_a_sentence_that_two_articles_say_is_cited_in_both(make_kb: Callable[..., KnowledgeBase]) -> None:
    body = [
        "灵活就业人员在户籍地的社保经办窗口办理参保登记，也可以在手机上提交申请。",
        "登记当月就可以缴费，缴费到账的次月起享受住院待遇，门诊待遇从同一天开始。",
        "缴费基数在上下限之间由本人选择，一年可以调整一次，调整后从次月起执行。",
    ]
    kb = make_kb(
        "\n\n".join(["灵活就业人员怎么参保", *body]),
        "\n\n".join(["灵活就业参保指南（转载）", *body, "以上为转载内容。"]),
        "\n\n".join(["失业金怎么领取", "失业金由参保地经办机构按月发放，需要先办理失业登记。"]),
    )
    answer = kb.ask("灵活就业人员缴费到账后什么时候享受住院待遇")
    cited = {citation.number: citation for citation in answer.citations}
    (places,) = [sentence.citations for sentence in answer.sentences if "次月起享受住院待遇" in sentence.text]
    assert {cited[number].path for number in places} == {"page0.txt", "page1.txt"}
    assert {cited[number].quote for number in places} == {body[1]}
    for number in places:
        reading = kb.article(cited[number].article_id)
        assert reading is not None
        assert reading.text[cited[number].start : cited[number].end] == body[1]


def test_what_a_text_generator_says_of_itself_answers_nothing(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(
        "灵活就业人员医保每月交多少\n\n好的，用户让我写一篇关于灵活就业人员医保每月交多少的文章。\n\n"
        "灵活就业人员的医保按上一年平均工资的百分之六十作基数，每月交大约四百元。\n\n缴费可以在手机上完成，次月起享受待遇。"
    )
    answer = kb.ask("灵活就业人员医保每月交多少")
    assert answer.verdict in ("answered", "partly")
    assert all("用户让我" not in sentence.text for sentence in answer.sentences)
    assert any("每月交大约四百元" in sentence.text for sentence in answer.sentences)
