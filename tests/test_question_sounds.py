"""Sounds: the table is what pypinyin says, and who is taken for whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from importlib.resources import files

import pytest

from index.question.sounds import blur, blurred, confusions, readings, spelled


def gb2312() -> list[str]:
    rows = [bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    return sorted(row.decode("gb2312", errors="ignore") for row in rows if row.decode("gb2312", errors="ignore"))


def test_the_table_is_what_pypinyin_says() -> None:
    pytest.importorskip("pypinyin")
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase, syllables in PHRASES_DICT.items():
        if len(phrase) == len(syllables):
            for character, syllable in zip(phrase, syllables, strict=True):
                used[character][to_normal(syllable[0])] += 1
    table: defaultdict[str, list[str]] = defaultdict(list)
    for character in gb2312():
        first, *others = dict.fromkeys(to_normal(reading) for reading in PINYIN_DICT[ord(character)].split(","))
        counts = used[character]
        table[first].append(character)
        for other in others:
            if counts[other] >= 5 and counts[other] >= 0.03 * counts.total():
                table[other].append(character)
    lines = [f"{syllable}\t{''.join(table[syllable])}" for syllable in sorted(table)]
    stored = files("index.question").joinpath("sounds.tsv").read_text(encoding="utf-8").splitlines()
    assert [line for line in stored if not line.startswith("#")] == lines


def test_readings() -> None:
    assert readings("保") == ("bao",)
    assert set(readings("参")) == {"can", "cen", "shen"}
    assert readings("女") == ("nv",)
    assert readings("a") == readings("。") == readings("😀") == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zhang", "zan"),
        ("chi", "ci"),
        ("sheng", "sen"),
        ("nan", "lang"),
        ("re", "le"),
        ("ying", "yin"),
        ("hui", "fei"),
        ("hua", "fa"),
        ("huang", "fan"),
        ("hu", "fu"),
        ("hun", "fen"),
        ("guang", "guan"),
    ],
)
def test_syllables_that_are_taken_for_one_another(one: str, other: str) -> None:
    assert blur(one) == blur(other)


@pytest.mark.parametrize(
    ("one", "other"), [("bao", "pao"), ("gong", "gon"), ("ji", "qi"), ("hou", "fou"), ("he", "fe")]
)
def test_syllables_that_are_not(one: str, other: str) -> None:
    assert blur(one) != blur(other)


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("保", "保", 0),
        ("保", "宝", 0),
        ("费", "灰", 1),
        ("恼", "老", 1),
        ("恼", "扰", None),
        ("山", "桑", 2),
        ("保", "跑", None),
    ],
)
def test_confusions_are_counted(one: str, other: str, count: int | None) -> None:
    assert confusions(one, other) == confusions(other, one) == count


def test_spellings() -> None:
    assert list(spelled("医保")) == ["yibao"]
    assert list(blurred("生育")) == ["sen yu"]
    assert set(spelled("参保")) == {"canbao", "cenbao", "shenbao"}
    assert list(spelled("医a")) == []
    assert len(list(spelled("参" * 6))) == 8
