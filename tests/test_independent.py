"""Independent sources: counts against SQL, and what is counted once."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from click.testing import CliRunner

from index.explore.independent import NO_SOURCES, Sources, sources_of
from index.kb import KnowledgeBase
from search_app.cli import main
from search_app.views.explore.sources_html import sources_html, sources_told
from search_app.words import Words

_SQL = """
SELECT count(*) AS passages,
  count(DISTINCT coalesce(passage_duplicates.group_id, passages.id)) AS texts,
  count(DISTINCT coalesce(article_duplicates.group_id, passages.article_id)) AS articles,
  count(DISTINCT site) AS sites, sum(site IS NULL) AS siteless
FROM passages JOIN pages ON pages.id = passages.article_id
LEFT JOIN passage_duplicates ON passage_duplicates.passage_id = passages.id
LEFT JOIN article_duplicates ON article_duplicates.article_id = passages.article_id
"""


def counted(kb: KnowledgeBase, where: str) -> Sources:
    row = kb.records.query(f"{_SQL} WHERE {where}")[0]
    return Sources(**{name: count or 0 for name, count in row.items()})


@pytest.mark.parametrize("where", ["1", "passages.row % 3 = 0", "passages.row BETWEEN 40 AND 90", "passages.row = 7"])
def test_counts_are_those_of_sql(sample_kb: KnowledgeBase, where: str) -> None:
    rows = [row["row"] for row in sample_kb.records.query(f"SELECT passages.row FROM passages WHERE {where}")]
    expected = counted(sample_kb, where)
    assert sources_of(sample_kb, rows) == expected
    many = np.tile(rows, 501)  # so many are counted in columns; one that is named again counts once
    assert sources_of(sample_kb, many) == expected
    assert sources_of(sample_kb, many, copies=True) == sources_of(sample_kb, rows, copies=True)


def test_near_identical_passages_are_one_text(sample_kb: KnowledgeBase) -> None:
    group = sample_kb.records.query("SELECT group_id FROM passage_duplicates LIMIT 1")[0]["group_id"]
    member = f"passages.id IN (SELECT passage_id FROM passage_duplicates WHERE group_id = '{group}')"
    rows = [row["row"] for row in sample_kb.records.query(f"SELECT row FROM passages WHERE {member}")]
    assert len(rows) > 1
    assert sources_of(sample_kb, rows).texts == 1
    assert len({int(sample_kb.text_of[row]) for row in rows}) == 1
    assert sources_of(sample_kb, rows[:1]).passages == 1
    assert sources_of(sample_kb, rows[:1], copies=True) == sources_of(sample_kb, rows)


def test_passages_of_one_article_are_texts_of_one_article(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(
        "标题\n\n一、等待期\n\n" + "断缴超过三个月的，重新缴费以后有六个月的等待期，这段时间不能报销。" * 4
        + "\n\n二、补缴\n\n" + "单位漏缴的可以补缴，补缴以后缴费年限合并计算，但是不追溯待遇。" * 4
    )  # fmt: skip
    found = sources_of(kb, range(len(kb.text_of)))
    assert found == Sources(passages=2, texts=2, articles=1, sites=0, siteless=2)
    assert kb.site_of.tolist() == [-1, -1]


def test_nothing_has_no_sources(sample_kb: KnowledgeBase) -> None:
    assert sources_of(sample_kb, []) == NO_SOURCES
    assert sources_html(NO_SOURCES, Words("zh")) == ""


def test_the_line_says_each_count_in_both_languages() -> None:
    sources = Sources(passages=1234, texts=9, articles=1, sites=4, siteless=2)
    assert sources_told(sources, Words("zh")) == "1,234 段 · 9 个独立文本 · 1 篇独立文章 · 4 个网站 · 2 段网站不详"
    assert sources_told(sources, Words("en")) == (
        "1,234 passages · 9 distinct texts · 1 distinct article · 4 sites · 2 of unknown site"
    )
    assert "网站" not in sources_told(Sources(2, 2, 2, 0, 0), Words("zh"))
    assert sources_html(sources, Words("zh")).startswith('<p class="pk-meta pk-sources" lang="zh-CN" title="')


def test_commands_say_how_many_sources_stand_behind_what_they_list(sample_kb: KnowledgeBase) -> None:
    def told(*words: str) -> dict[str, object]:
        done = CliRunner().invoke(main, [*words, "--kb", str(sample_kb.folder), "--json"])
        assert done.exit_code == 0, done.stderr
        found: dict[str, object] = json.loads(done.stdout)
        return found

    question = "此前连续参加医保满2年、中断缴费不超过3个月的等待期"
    hits = sample_kb.search(question)
    assert any(hit.duplicate_count for hit in hits)
    expected = sources_of(sample_kb, [hit.row for hit in hits], copies=True)
    assert told("search", question)["sources"] == expected.as_dict()
    assert expected.passages == sum(hit.duplicate_count + 1 for hit in hits)
    answered = told("ask", question)
    sentences, sources = answered["sentences"], answered["sources"]
    assert isinstance(sentences, list)
    assert isinstance(sources, list)
    cited = [(len(sentence["citations"]), source) for sentence, source in zip(sentences, sources, strict=True)]
    assert (2, {"passages": 2, "texts": 1, "articles": 2, "sites": 2, "siteless": 0}) in cited
    groups = told("duplicates", "--passages")["groups"]
    assert isinstance(groups, list)
    assert [group["sources"]["texts"] for group in groups] == [1] * len(groups)
    assert [group["sources"]["passages"] for group in groups] == [len(group["members"]) for group in groups]
