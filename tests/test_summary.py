"""What a build keeps of all articles, against its records."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index.kb import KnowledgeBase
from index.question.vocabulary import shared_words, terms_of
from index.store import StoreError
from index.store.summary import PASSAGES_FILE, WORDS_FILE, read_article_of, read_words, write_summary


def test_a_build_says_of_each_passage_in_which_article_it_stands(sample_kb: KnowledgeBase) -> None:
    rows = sample_kb.records.query(
        "SELECT articles.row AS a FROM passages JOIN articles ON articles.id = article_id ORDER BY passages.row"
    )
    assert sample_kb.article_of.tolist() == [row["a"] for row in rows]
    assert sample_kb.article_of.dtype == np.int64


def test_a_build_keeps_the_words_that_its_titles_and_headings_share(sample_kb: KnowledgeBase) -> None:
    articles = sample_kb.records.query("SELECT title, sections FROM articles")
    headings = [section["heading"] for row in articles for section in json.loads(row["sections"])]
    words = shared_words([row["title"] for row in articles], headings, terms_of(sample_kb.lexicon))
    assert read_words(sample_kb.path) == words
    assert words["医保"] > 10
    assert sample_kb.vocabulary.weight("备案") > words["备案"]  # the lexicon has it too


def test_an_article_without_passages_has_none(tmp_path: Path) -> None:
    write_summary(tmp_path, [2, 0, 1], {})
    assert read_article_of(tmp_path, 3).tolist() == [0, 0, 2]
    assert read_words(tmp_path) == {}


def test_damaged_files_are_named(tmp_path: Path) -> None:
    write_summary(tmp_path, [2, 1], {"医保": 3})
    with pytest.raises(StoreError, match=rf"{PASSAGES_FILE}: counts 3 passages, expected 4; run `policykb rebuild"):
        read_article_of(tmp_path, 4)
    file = tmp_path / PASSAGES_FILE
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(StoreError, match=rf"{PASSAGES_FILE}: cannot be read"):
        read_article_of(tmp_path, 3)
    for wrong in ("[1]", '{"医保": "many"}', "{", "[" * 100_000):
        (tmp_path / WORDS_FILE).write_text(wrong, "utf-8")
        with pytest.raises(StoreError, match=rf"{WORDS_FILE}: cannot be read .*; run `policykb rebuild --full`"):
            read_words(tmp_path)
    (tmp_path / WORDS_FILE).unlink()
    with pytest.raises(StoreError, match=WORDS_FILE):
        read_words(tmp_path)
