"""The question bank lends official wording to everyday questions, and only where they are near."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from index.bank.bank import LENDS_FROM, LENDS_FULLY, Bank, Near, Pair, lend, read_bank, texts_of
from index.bank.rough import read_rough, write_rough
from index.bank.words import Words
from index.model import load_embedder
from index.model.embedder import TableEmbedder
from index.ngrams import gram_keys
from index.store.terms import build_terms

PAIRS = (
    Pair("卡里攒的钱能给我弟弟买药吗", "职工医保个人账户可以支付近亲属在定点药店购买药品的费用。"),
    Pair("医保卡的钱家里人能花不", "职工医保个人账户可以支付近亲属在定点药店购买药品的费用。"),
    Pair("出去旅游突然住院了咋整", "异地急诊抢救的视同已备案，按参保地规定直接结算。"),
    Pair("老人瘫在床上有人上门照顾吗", "失能人员经评估后可以享受长期护理保险的居家护理服务。"),
)


@pytest.fixture(scope="module")
def table() -> TableEmbedder:
    table = load_embedder()
    assert isinstance(table, TableEmbedder)
    return table


def test_the_nearest_question_lends_its_statement_and_each_statement_once(table: TableEmbedder) -> None:
    near = Bank(PAIRS, table).near("我攒在医保卡里的钱能拿给弟弟用吗")
    assert near[0].pair == PAIRS[0]
    assert len({one.pair.statement for one in near}) == len(near) == 3
    assert [one.similarity for one in near] == sorted((one.similarity for one in near), reverse=True)
    assert sum(one.weight for one in near) == pytest.approx(1.0, abs=1e-3)


def test_a_question_whose_vector_is_known_is_not_embedded_again(table: TableEmbedder) -> None:
    question, other = "我攒在医保卡里的钱能拿给弟弟用吗", "旅游的时候突然住院"
    plain, given = Bank(PAIRS, table), Bank(PAIRS, table)
    assert given.near(question, table.encode_query([question])[0]) == plain.near(question)
    # What stands in the words alone still counts: the vector is taken as it is given.
    assert given.near(other, table.encode_query([question])[0])[0].similarity < plain.near(other)[0].similarity


def test_words_weigh_what_they_weigh_in_an_index() -> None:
    texts = [pair.question for pair in read_bank()][:500]
    index, words = build_terms(texts), Words(texts)
    for question in ("医保断缴了怎么办", texts[7], "报销报销报销", "app 9"):
        most = float(index.query_weights(question)[1].sum()) * (index.k1 + 1)
        assert words.share(question).tolist() == (index.scores(question) / most).tolist()
    assert not words.share("𠮷").any()


def test_a_question_of_another_field_is_less_near(table: TableEmbedder) -> None:
    bank = Bank(PAIRS, table)
    assert bank.near("空气炸锅烤红薯用多少度")[0].similarity < 0.2 < bank.near("旅游的时候突然住院")[0].similarity


@pytest.mark.parametrize("question", ["", "？", "𠮷"])
def test_a_question_of_unknown_signs_is_no_error(table: TableEmbedder, question: str) -> None:
    assert all(one.similarity == 0.0 for one in Bank(PAIRS, table).near(question))


def test_an_empty_bank_lends_nothing(table: TableEmbedder) -> None:
    assert Bank((), table).near("医保") == ()


@pytest.mark.parametrize(
    ("similarity", "strength"),
    [(LENDS_FROM, None), (0.0, None), ((LENDS_FROM + LENDS_FULLY) / 2, 0.5), (LENDS_FULLY, 1.0), (0.9, 1.0)],
)
def test_only_what_is_near_lends_and_never_more_than_all(similarity: float, strength: float | None) -> None:
    lent = lend((Near(PAIRS[0], similarity, 0.75), Near(PAIRS[2], similarity / 2, 0.25)))
    assert (lent.strength if lent else None) == (pytest.approx(strength) if strength else None)


def test_words_of_the_nearer_statement_weigh_more() -> None:
    lent = lend((Near(PAIRS[0], 0.5, 0.75), Near(PAIRS[2], 0.4, 0.25)))
    assert lent is not None
    times = dict(zip(lent.grams.keys.tolist(), lent.grams.times.tolist(), strict=True))
    near, far = gram_keys(["药店"])[0][-1], gram_keys(["急诊"])[0][-1]
    assert times[int(near)] > times[int(far)] > 0
    assert list(times) == sorted(times)


def test_nothing_near_lends_nothing() -> None:
    assert lend(()) is None


def test_the_bundled_bank_is_varied_and_clean() -> None:
    pairs = read_bank()
    assert len(pairs) >= 2000
    questions = [pair.question for pair in pairs]
    assert len(set(questions)) == len(questions)
    for cut in (slice(None, 5), slice(-5, None)):
        counts: dict[str, int] = {}
        for question in questions:
            counts[question[cut]] = counts.get(question[cut], 0) + 1
        assert max(counts.values()) <= 20
    assert all(2 <= len(pair.question) <= 60 and 15 <= len(pair.statement) <= 260 for pair in pairs)


def test_no_gold_question_stands_in_the_bank() -> None:
    root = Path(__file__).resolve().parents[1]
    banked = {pair.question.strip("？?。！") for pair in read_bank()}
    for file in (root / "corpus/gold/questions.jsonl", root / "bench/seed_questions.jsonl"):
        asked = {json.loads(line)["text"].strip("？?。！") for line in file.read_text(encoding="utf-8").splitlines()}
        assert not asked & banked


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name, query in (("b", "第二问"), ("a", "第一问")):
        (tmp_path / f"{name}.jsonl").write_text(
            json.dumps({"query": query, "positive": f"{query}的答复"}, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    assert [pair.question for pair in read_bank(tmp_path)] == ["第一问", "第二问"]


@pytest.fixture(scope="module")
def texts() -> tuple[str, ...]:
    return texts_of(read_bank())


class TestRough:
    def test_the_packaged_vectors_are_those_of_the_bank(
        self, texts: tuple[str, ...], table: TableEmbedder, tmp_path: Path
    ) -> None:
        """Made anew by `python -m index.bank.rough`; another processor may round a number in a million otherwise."""
        write_rough(texts, table, tmp_path)
        kept, made = read_rough(texts, table), read_rough(texts, table, tmp_path)
        assert kept is not None, "the pairs or the model changed: run python -m index.bank.rough"
        assert made is not None
        assert np.abs(kept.codes - made.codes).max() <= 1
        assert np.mean(kept.codes != made.codes) < 1e-5
        np.testing.assert_allclose(kept.scales, made.scales, rtol=1e-6)
        assert kept.error == pytest.approx(made.error, abs=2e-6)

    def test_what_is_near_is_what_all_vectors_say(self, texts: tuple[str, ...], table: TableEmbedder) -> None:
        pairs, rough = read_bank(), read_rough(texts, table)
        with_rough, without = Bank(pairs, table, rough), Bank(pairs, table)
        asked = [*texts[::150], "没赶上居民医保集中缴费期怎么办", "今天天气怎么样", "医保", "app", "龘"]
        for question in asked:
            found, expected = with_rough.near(question), without.near(question)
            assert [near.pair for near in found] == [near.pair for near in expected]
            assert [near.similarity for near in found] == pytest.approx([near.similarity for near in expected])
            assert [near.weight for near in found] == pytest.approx([near.weight for near in expected])

    def test_no_cosine_is_farther_off_than_said(self, texts: tuple[str, ...], table: TableEmbedder) -> None:
        rough = read_rough(texts, table)
        assert rough is not None
        vectors = table.encode_query(texts)
        for vector in vectors[::2000]:
            assert np.abs(rough.cosines(vector, slice(None)) - vectors @ vector).max() <= rough.error

    def test_a_near_statement_counts_only_where_its_question_is_among_the_most_like(
        self, table: TableEmbedder, tmp_path: Path
    ) -> None:
        """Of 60 questions about as like as one another some are candidates by less than rough vectors tell."""
        signs = (
            "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈剑号巨阙"
        )
        pairs = [Pair(f"{sign}字号账户怎么用", f"账户可以这样用，见{sign}字号通知。") for sign in signs]
        write_rough(texts_of(pairs), table, tmp_path)
        rough = read_rough(texts_of(pairs), table, tmp_path)
        assert rough is not None
        with_rough, without = Bank(pairs, table, rough), Bank(pairs, table)
        for sign in signs:
            question = f"账户怎么用，见{sign}通知"
            assert [one.pair for one in with_rough.near(question)] == [one.pair for one in without.near(question)]

    def test_others_are_not_used(self, texts: tuple[str, ...], table: TableEmbedder, tmp_path: Path) -> None:
        assert read_rough(texts[1:], table) is None
        assert read_rough(texts, table.with_vectors(2 * table.vectors(slice(None)))) is None
        assert read_rough(texts, table, tmp_path) is None
        write_rough(texts[:3], table, tmp_path)
        assert read_rough(texts[:3], table, tmp_path) is not None
        codes = np.load(tmp_path / "codes.npy")
        swapped = BytesIO()
        np.save(swapped, codes[::-1], allow_pickle=False)
        for other in (b"PK", b"", swapped.getvalue()):
            (tmp_path / "codes.npy").write_bytes(other)
            assert read_rough(texts[:3], table, tmp_path) is None
