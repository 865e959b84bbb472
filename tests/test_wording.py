"""The quick form of a wording is the one that its definition gives."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ingest.learning import wording
from ingest.learning.wording import bare


def defined(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


@given(st.text() | st.text(alphabet="医保a1Ｂ２，。“”…㎡①é\u0301Σ·　\u3099カ〸（"))
def test_any_text_has_the_bare_form_of_the_definition(text: str) -> None:
    assert bare(text) == defined(text)


def test_every_mark_that_is_left_out_is_no_letter_and_joins_with_none() -> None:
    marks = [char for char in map(chr, range(0x10000)) if wording._MARKS.fullmatch(char)]
    assert len(marks) == 144
    for mark in marks:
        for text in (mark, f"医{mark}保", f"a{mark}E{mark}9"):
            assert bare(text) == defined(text) == re.sub(re.escape(mark), "", text).lower()
