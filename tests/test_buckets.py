"""Candidates are those that a plain walk over all buckets finds, in the same order and with the same bound."""

from __future__ import annotations

import random

import numpy as np
import pytest

from ingest.learning import duplicates
from ingest.learning.buckets import Buckets, copies_of
from ingest.learning.duplicates import BANDS, Group, Member, find_signed, jaccard, particulars, shingles, sign

WORDS = "参保缴费待遇报销备案转移续接窗口材料审核登记账户单位职工居民补助标准比例时限手续凭证核定申领服务平台"


def plain_groups(texts: list[str], preferred: list[int], similarity: float, most: int) -> tuple[Group, ...]:
    """The definition: every text in order of preference, compared with the first `most` free ones of its buckets."""
    signatures = sign(texts, particulars)
    rank = {number: place for place, number in enumerate(preferred)}
    first_of: dict[int, int] = {}
    copies: dict[int, list[int]] = {}
    for number in preferred:
        first = first_of.setdefault(int(signatures[number, 0]), number)
        if first != number:
            copies.setdefault(first, []).append(number)
    buckets: dict[tuple[int, int], set[int]] = {}
    for number in first_of.values():
        if signatures[number, 2]:
            for band, key in enumerate(signatures[number, -BANDS:].tolist()):
                buckets.setdefault((band, key), set()).add(number)
    taken: set[int] = set()
    groups = []
    for number in preferred:
        if number in taken or number not in first_of.values():
            continue
        mine = {other for members in buckets.values() if number in members for other in members} - taken - {number}
        found = [Member(number, 1.0)]
        for other in sorted(mine, key=rank.__getitem__)[:most]:
            value = jaccard(shingles(texts[number]), shingles(texts[other]))
            if value >= similarity and particulars(texts[number]) == particulars(texts[other]):
                found.append(Member(other, round(value, 4)))
        copied = [Member(copy, member.similarity) for member in found for copy in copies.get(member.text, ())]
        taken.update(member.text for member in (*found, *copied))
        if len(found) + len(copied) > 1:
            others = sorted((*found[1:], *copied), key=lambda member: rank[member.text])
            groups.append(Group((found[0], *others)))
    return tuple(groups)


def varied(chance: random.Random, count: int) -> list[str]:
    """Texts of few origins: near ones, copies, ones of another number, short ones."""
    origins = ["".join(chance.choices(WORDS, k=120)) for _ in range(6)]
    texts = []
    for _ in range(count):
        text = list(chance.choice(origins))
        for _ in range(chance.choice((0, 0, 1, 2, 6))):
            text[chance.randrange(len(text))] = chance.choice(WORDS)
        texts.append("".join(text) + chance.choice(("", "", "，满3个月", "，满6个月")))
    return [*texts, "按月缴费", "按月缴费。", ""]


@pytest.mark.parametrize("most", [1, 3, 500])
def test_groups_are_those_of_the_plain_definition(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(duplicates, "_MAX_COMPARED", most)
    for seed in range(4):
        chance = random.Random(seed)
        texts = varied(chance, 60)
        preferred = chance.sample(range(len(texts)), len(texts))
        found = find_signed(sign(texts, particulars), texts.__getitem__, similarity=0.7, preferred=preferred)
        assert found == plain_groups(texts, preferred, 0.7, most)
        assert max(len(group.members) for group in found) > 3


def test_only_texts_of_one_kind_and_like_length_are_read() -> None:
    texts = [f"{WORDS * 3}满{months}个月" for months in range(3, 9)]
    read: list[int] = []

    def note(number: int) -> str:
        read.append(number)
        return texts[number]

    order = list(range(len(texts)))
    assert find_signed(sign(texts, particulars), note, similarity=0.8, preferred=order) == ()
    assert read == []
    assert len(find_signed(sign(texts), note, similarity=0.8, preferred=order)) == 1
    assert sorted(set(read)) == order


def test_what_stands_behind_in_a_bucket_is_given_up_to_the_bound() -> None:
    keys = np.array([7, 7, 9, 7, 7, 8, 9], dtype=np.uint64)
    ranks = np.array([0, 1, 2, 4, 5, 6, 9], dtype=np.int32)
    buckets = Buckets.of(ranks, iter([keys]), 10)
    taken = np.zeros(10, dtype=np.bool_)
    assert buckets.shared().tolist() == [0, 1, 2, 4, 5, 9]
    assert buckets.behind(0, taken, 9).tolist() == [1, 4, 5]
    assert buckets.behind(0, taken, 2).tolist() == [1, 4]
    taken[[1, 4]] = True
    assert buckets.behind(0, taken, 1).tolist() == [5]
    assert buckets.behind(2, taken, 9).tolist() == [9]
    assert buckets.behind(6, taken, 9).tolist() == buckets.behind(5, taken, 9).tolist() == []


def test_a_free_text_behind_many_taken_ones_is_found() -> None:
    buckets = Buckets.of(np.arange(1000, dtype=np.int32), iter([np.zeros(1000, dtype=np.uint64)] * 2), 1000)
    taken = np.ones(1000, dtype=np.bool_)
    taken[[3, 998, 999]] = False
    assert buckets.behind(3, taken, 2).tolist() == [998, 999]


def test_copies_follow_the_one_preferred() -> None:
    keys = np.array([5, 6, 5, 7, 5, 6], dtype=np.uint64)
    assert copies_of(keys, np.array([4, 3, 1, 5, 0, 2])) == {0: [4, 5], 2: [3]}
    assert copies_of(keys[:0], np.zeros(0, dtype=np.int64)) == {}
