"""Grams counted by sorting places against grams counted one by one."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from index.ngrams import FIRST_TOKEN, gram_keys, token_codes
from index.store.counting import count_postings

# Ideographs of the basic plane and beyond it, traditional ones, spaces and zero-width marks, what parts two words.
TEXT = st.one_of(st.text(st.sampled_from("医保卡補辦𠮷野Ａa1，\n \u200b"), max_size=14), st.text(max_size=6))


@settings(deadline=None)
@given(st.lists(TEXT, max_size=8))
def test_postings_are_the_grams_of_each_text(texts: list[str]) -> None:
    grams = [Counter(gram_keys([text])[0].tolist()) for text in texts]
    found = count_postings(texts)
    assert found.keys.tolist() == sorted(set().union(*grams))
    assert found.lengths.tolist() == [own.total() for own in grams]
    bounds = zip(found.starts[:-1].tolist(), found.starts[1:].tolist(), strict=True)
    for key, (start, end) in zip(found.keys.tolist(), bounds, strict=True):
        counts = [(row, own[key]) for row, own in enumerate(grams) if key in own]
        assert list(zip(found.rows[start:end].tolist(), found.times[start:end].tolist(), strict=True)) == counts
    assert found.starts[-1] == len(found.rows)


@given(st.lists(TEXT, max_size=8))
def test_each_text_has_its_codes_and_ends_in_what_parts(texts: list[str]) -> None:
    codes, starts = token_codes(texts)
    assert (len(starts), starts[-1]) == (len(texts) + 1, len(codes))
    for text, start, end in zip(texts, starts[:-1], starts[1:], strict=True):
        assert codes[end - 1] < FIRST_TOKEN
        characters = codes[start:end][codes[start:end] >= FIRST_TOKEN].tolist()
        assert characters == [key for key in gram_keys([text])[0].tolist() if key < 1 << 21]


def test_every_code_of_the_plane_is_a_character_or_parts() -> None:
    codes = token_codes(["".join(map(chr, range(0x10000)))])[0]
    parting = codes[codes < FIRST_TOKEN]
    assert set(parting.tolist()) == {0, ord("\n")}
    assert len(parting) < len(codes) / 2
