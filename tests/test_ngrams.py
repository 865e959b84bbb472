"""The tokeniser: which characters and bigrams a text has, and that its search form keeps every offset."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from index.ngrams import fold, fold_each, gram_keys, spell

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def grams(text: str) -> list[str]:
    return [spell(key) for key in gram_keys([text])[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("，。！\n", []),
        ("医保卡", ["医", "保", "卡", "医保", "保卡"]),
        ("医保医", ["医", "保", "医", "医保", "保医"]),
        ("医，保", ["医", "保"]),
        ("医\n保", ["医", "保"]),
        ("满 2 年", ["满", "2", "年", "满2", "2年"]),
        ("医\u200b保", ["医", "保", "医保"]),
        ("ＡＢ", ["a", "b", "ab"]),
        ("Ab", ["a", "b", "ab"]),
        ("𠮷野", ["𠮷", "野", "𠮷野"]),
    ],
)
def test_a_text_has_these_characters_and_then_these_bigrams(text: str, expected: list[str]) -> None:
    assert grams(text) == expected


def test_keys_are_code_points_and_pairs_of_them() -> None:
    keys, rows = gram_keys(["医保"])
    assert keys.tolist() == [ord("医"), ord("保"), (ord("医") << 21) | ord("保")]
    assert keys.dtype == np.uint64
    assert rows.tolist() == [0, 0, 0]


def test_every_key_carries_the_row_of_its_text() -> None:
    keys, rows = gram_keys(["医保", "", "卡\n号", "保"])
    found = [(spell(key), row) for key, row in zip(keys, rows.tolist(), strict=True)]
    assert found == [("医", 0), ("保", 0), ("卡", 2), ("号", 2), ("保", 3), ("医保", 0)]


def test_no_texts_have_no_keys() -> None:
    for texts in ([], [""], ["", ""]):
        keys, rows = gram_keys(texts)
        assert (keys.shape, keys.dtype, rows.shape, rows.dtype) == ((0,), np.uint64, (0,), np.int64)


def test_the_search_form_folds_width_and_case() -> None:
    assert fold("（ＡＢc，１００％）ﬁ") == "(abc,100%)ﬁ"


def test_the_search_form_is_simplified() -> None:
    assert fold("醫保斷繳後怎麼辦，臺灣的髮票裡") == "医保断缴后怎么办,台湾的发票里"
    assert fold("乾坤") == "干坤"  # by character: which of two meanings is left to the neighbours
    assert fold("\uf914") == "乐"  # a compatibility form of a traditional character
    assert fold("医保断缴后怎么办") == "医保断缴后怎么办"


def test_traditional_and_simplified_text_have_the_same_grams() -> None:
    assert grams("醫保斷繳") == grams("医保断缴") == ["医", "保", "断", "缴", "医保", "保断", "断缴"]


def test_every_traditional_character_of_the_plane_folds_as_opencc_does() -> None:
    # Big5 level 1, the common traditional characters, each converted alone and none beside another.
    common = bytes(b for lead in range(0xA4, 0xC6) for trail in range(0xA1, 0xFF) for b in (lead, trail)).decode("big5")
    convert = OpenCC("t2s").convert
    assert fold(common) == "".join(convert(character) for character in common)
    assert sum(a != b for a, b in zip(fold(common), common, strict=True)) > 1000  # a third of these characters


@given(TEXT)
def test_the_search_form_has_the_same_length_and_is_its_own_search_form(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(st.lists(TEXT, max_size=5))
def test_a_text_has_the_same_grams_alone_and_among_others(texts: list[str]) -> None:
    keys, rows = gram_keys(texts)
    for row, text in enumerate(texts):
        assert keys[rows == row].tolist() == gram_keys([text])[0].tolist()


@given(TEXT)
def test_a_text_and_its_search_form_have_the_same_grams(text: str) -> None:
    assert grams(fold(text)) == grams(text)


@given(st.lists(TEXT, max_size=4))
def test_texts_fold_together_as_they_do_alone(texts: list[str]) -> None:
    assert fold_each(texts) == [fold(text) for text in texts]
