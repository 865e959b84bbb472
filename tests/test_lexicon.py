"""Everyday words find their official wordings; a broken table names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.lexicon.lexicon import BUNDLED, Lexicon, LexiconError, read_lexicon

SMALL = Lexicon(((("中断缴费", "停缴"), ("断缴", "断了")), (("余额",), ("里面的钱", "钱"))))


def test_everyday_words_become_official_ones_where_they_stand() -> None:
    found = SMALL.expand("医保断了里面的钱呢")
    assert [(e.word, e.start, e.end, e.terms) for e in found] == [
        ("断了", 2, 4, ("中断缴费", "停缴")),
        ("里面的钱", 4, 8, ("余额",)),
    ]


def test_official_wordings_know_their_siblings_and_not_themselves() -> None:
    assert [(e.word, e.terms) for e in SMALL.expand("停缴以后")] == [("停缴", ("中断缴费",))]


def test_full_width_and_case_do_not_matter() -> None:
    assert [e.terms for e in Lexicon(((("国家医保服务平台",), ("医保app",)),)).expand("医保ＡＰＰ")] == [
        ("国家医保服务平台",)
    ]


def test_both_scripts_find_an_entry_and_an_entry_may_be_written_in_either(tmp_path: Path) -> None:
    found = SMALL.expand("醫保斷了裡面的錢呢")
    assert [(e.start, e.end, e.terms) for e in found] == [(2, 4, ("中断缴费", "停缴")), (4, 8, ("余额",))]
    file = tmp_path / "own.tsv"
    file.write_text("健保費|保險費\t保費|繳健保\n", encoding="utf-8")
    for question in ("要繳健保嗎", "要缴健保吗"):
        assert [(e.start, e.terms) for e in read_lexicon([file]).expand(question)] == [(1, ("健保费", "保险费"))]


def test_the_bundled_table_is_whole() -> None:
    lexicon = read_lexicon()
    assert len(lexicon.groups) >= 75
    assert ("代缴",) in [e.terms for e in lexicon.expand("失业了谁帮我交")]
    assert lexicon.expand("今天天气很好") == ()


@pytest.mark.parametrize("line", ["没有制表符", "左边\t", "\t右边", "一\t二\t三"])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "own.tsv"
    file.write_text(f"# 表\n停缴\t断了\n{line}\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"own\.tsv, line 3"):
        read_lexicon([BUNDLED, file])
