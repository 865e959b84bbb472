"""BM25 over characters and bigrams against the formula in plain Python."""

from __future__ import annotations

import json
import math
import tracemalloc
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.ngrams import gram_keys, spell
from index.store import StoreError, postings, runs
from index.store.postings import write_terms, write_terms_of_both
from index.store.terms import Terms, build_terms, query_grams
from index.store.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures("both_ways")

TEXTS = ["医保卡丢失后如何补办", "补办医保卡需要身份证", "生育津贴领取条件", "生育津贴，生育津贴", "", "医保 A1 卡"]
FILES = sorted(
    f"{name}.npy"
    for name in ("keys", "starts", "norms", "kinds", "places", "rows", "is_more", "ranks", "more", "often_at", "often")
)
FILES.append("terms.json")
WORD = st.text(st.sampled_from("医保卡补办生育津贴，A1 "), max_size=12)


def plain_grams(text: str) -> list[str]:
    """Characters and bigrams, spelled out one by one; for these alphabets only a comma parts two words."""
    runs = "".join(text.lower().split(" ")).split("，")
    return [c for run in runs for c in run] + [run[i : i + 2] for run in runs for i in range(len(run) - 1)]


def plain_bm25(texts: list[str], query: str, *, k1: float, b: float) -> list[float]:
    documents = [Counter(plain_grams(text)) for text in texts]
    lengths = [sum(document.values()) for document in documents]
    mean = sum(lengths) / len(lengths)
    scores = []
    for document, length in zip(documents, lengths, strict=True):
        score = 0.0
        for gram in plain_grams(query):  # a repeated gram counts again
            tf, df = document[gram], sum(gram in other for other in documents)
            if tf:
                idf = math.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
                score += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize("query", ["医保卡补办", "生育津贴", "补补补办，补办", "津贴 a1"])
@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.7), (0.5, 0.0), (2.0, 1.0)])
def test_scores_are_those_of_the_formula(query: str, k1: float, b: float) -> None:
    found = build_terms(TEXTS, k1=k1, b=b).scores(query)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, plain_bm25(TEXTS, query, k1=k1, b=b), rtol=1e-5)


@settings(deadline=None)
@given(st.lists(WORD, min_size=1, max_size=6), WORD, st.sampled_from([(1.2, 0.7), (0.4, 1.0), (3.0, 0.0)]))
def test_scores_are_those_of_the_formula_for_any_texts(
    texts: list[str], query: str, knobs: tuple[float, float]
) -> None:
    if not any(plain_grams(text) for text in texts):
        texts = [*texts, "医"]
    found = build_terms(texts, k1=knobs[0], b=knobs[1]).scores(query)
    np.testing.assert_allclose(found, plain_bm25(texts, query, k1=knobs[0], b=knobs[1]), rtol=1e-4, atol=1e-5)


def test_a_word_that_only_asks_counts_half() -> None:
    terms = build_terms(["医保卡怎么补办", "医保卡补办", "身份证"])
    weights = {
        spell(terms.vocabulary.keys[term]): weight for term, weight in zip(*terms.query_weights("怎么补"), strict=True)
    }
    idf = {gram: float(terms.idf_of(gram_keys([gram])[0][-1:])[0]) for gram in weights}
    share = {gram: round(weights[gram] / idf[gram], 4) for gram in weights}
    assert share == {"么": 0.5, "怎": 0.5, "补": 1.0, "么补": 0.5, "怎么": 0.5}
    # What stands left and right of it does not become a word: 卡补 is not asked for by 卡怎么补.
    asked = [spell(terms.vocabulary.keys[term]) for term in terms.query_weights("卡怎么补")[0]]
    assert "卡补" not in asked


@settings(deadline=None)
@given(st.lists(WORD, min_size=1, max_size=6), WORD, st.randoms())
def test_the_order_of_texts_only_reorders_the_scores(texts: list[str], query: str, random: object) -> None:
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    scores = build_terms(texts).scores(query)
    assert build_terms([texts[i] for i in order]).scores(query).tolist() == scores[order].tolist()


@settings(deadline=None)
@given(st.lists(WORD, max_size=6), WORD)
def test_writing_and_opening_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], query: str
) -> None:
    folder = tmp_path_factory.mktemp("terms")
    terms = build_terms(texts, k1=0.9, b=0.3)
    write_terms(folder / "inner", texts, k1=0.9, b=0.3)
    opened = Terms.open(folder / "inner")
    assert (len(opened), opened.k1, opened.b) == (len(texts), 0.9, 0.3)
    assert opened.scores(query).tolist() == terms.scores(query).tolist()
    for row in range(len(texts)):
        assert opened.matches(query, row) == terms.matches(query, row)


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_terms(tmp_path / name, TEXTS)
    files = sorted(file.name for file in (tmp_path / "a").iterdir())
    assert files == FILES
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)


def assert_written_as_built(folder: Path, texts: list[str], *, k1: float, b: float) -> None:
    """The arrays of the terms that were counted in one go, saved by numpy: the same bytes."""
    built = build_terms(texts, k1=k1, b=b)
    vocabulary, packed = built.vocabulary, built._postings
    arrays = {
        name: getattr(packed, name)
        for name in ("kinds", "places", "rows", "is_more", "ranks", "more", "often_at", "often")
    }
    arrays |= {"keys": vocabulary.keys, "starts": vocabulary.starts, "norms": built._norms}
    for name, array in arrays.items():
        expected = BytesIO()
        np.save(expected, array)
        assert (folder / f"{name}.npy").read_bytes() == expected.getvalue(), name
    meta = json.loads((folder / "terms.json").read_text("utf-8"))
    counts = {"texts": len(texts), "terms": len(vocabulary.keys), "postings": int(vocabulary.starts[-1])}
    assert meta == {"version": 3, **counts, "k1": k1, "b": b}
    assert sorted(file.name for file in folder.iterdir()) == FILES  # and nothing that was set aside


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.one_of(WORD, st.text(max_size=6)), max_size=12),
    st.integers(1, 40),
    st.integers(1, 20),
    st.sampled_from([(1.2, 0.7), (0.4, 1.0), (3.0, 0.0)]),
)
def test_any_portions_and_ranges_are_written_as_what_is_built_in_one_go(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], chars: int, size: int, knobs: tuple[float, float]
) -> None:
    folder = tmp_path_factory.mktemp("terms")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "_PORTION_CHARS", chars)
        patch.setattr(runs, "_RANGE_POSTINGS", size)
        patch.setattr(runs, "_WAITING_GRAMS", size)
        write_terms(folder, iter(texts), k1=knobs[0], b=knobs[1])
    assert_written_as_built(folder, texts, k1=knobs[0], b=knobs[1])


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(WORD, st.lists(st.one_of(WORD, st.text(max_size=6), st.just("医" * 200)), max_size=4)), max_size=5
    ),
    st.integers(1, 40),
    st.integers(1, 20),
)
def test_passages_and_articles_are_written_together_as_each_alone(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, list[str]]], chars: int, size: int
) -> None:
    folder = tmp_path_factory.mktemp("terms")
    write_terms(folder / "alone" / "passages", (text for _, own in texts for text in own), k1=0.9, b=0.3)
    write_terms(folder / "alone" / "articles", ("\n".join((title, *own)) for title, own in texts), k1=0.9, b=0.3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "_PORTION_CHARS", chars)
        patch.setattr(runs, "_RANGE_POSTINGS", size)
        write_terms_of_both(folder / "both" / "passages", folder / "both" / "articles", iter(texts), k1=0.9, b=0.3)
    for part in ("passages", "articles"):
        alone, both = folder / "alone" / part, folder / "both" / part
        assert sorted(file.name for file in both.iterdir()) == FILES
        for name in FILES:
            assert (both / name).read_bytes() == (alone / name).read_bytes(), (part, name)


def test_the_sample_corpus_is_written_as_what_is_built_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = sorted((Path(__file__).parents[1] / "corpus" / "pages").rglob("*.txt"))
    texts = [line for page in pages for line in page.read_text("utf-8", "replace").splitlines()]
    monkeypatch.setattr(postings, "_PORTION_CHARS", 3000)
    monkeypatch.setattr(runs, "_RANGE_POSTINGS", 7000)
    done: list[int] = []
    write_terms(tmp_path, iter(texts), progress=done.append)
    assert_written_as_built(tmp_path, texts, k1=1.2, b=0.7)
    assert len(done) > 10
    assert (done == sorted(done), done[-1]) == (True, len(texts))


def test_memory_does_not_grow_with_the_number_of_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "_PORTION_CHARS", 5000)
    monkeypatch.setattr(runs, "_RANGE_POSTINGS", 7000)
    monkeypatch.setattr(runs, "_WAITING_GRAMS", 1000)

    def peak(copies: int) -> int:
        tracemalloc.start()
        try:
            write_terms(tmp_path, ("".join(chr(0x4E00 + (i * j) % 97) for j in range(97)) for i in range(copies)))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    gram_keys(["医"])  # makes its tables, which are kept
    few, many = peak(200), peak(1500)
    written = int(np.load(tmp_path / "starts.npy")[-1])
    assert written > 125_000
    assert many - few < 2 * written  # a quarter of what postings take unpacked


@pytest.mark.parametrize("query", ["", "，。", "天气 xyz"])
def test_a_query_with_nothing_known_scores_nothing(query: str) -> None:
    terms = build_terms(TEXTS)
    assert terms.scores(query).tolist() == [0] * len(TEXTS)
    assert [array.tolist() for array in terms.query_weights(query)] == [[], []]
    assert terms.matches(query, 0) == []


def test_no_texts_have_no_scores() -> None:
    assert build_terms([]).scores("医保").tolist() == []
    assert build_terms(["", "，"]).scores("医保").tolist() == [0, 0]


def test_matches_name_the_shared_grams_and_add_up_to_the_score() -> None:
    terms = build_terms(TEXTS)
    matches = terms.matches("生育津贴领取", 3)
    assert {spell(key) for key, _ in matches} == {"生", "育", "津", "贴", "生育", "育津", "津贴"}
    contributions = [contribution for _, contribution in matches]
    assert contributions == sorted(contributions, reverse=True)
    assert sum(contributions) == pytest.approx(float(terms.scores("生育津贴领取")[3]), rel=1e-6)
    with pytest.raises(ValueError, match="row 6 does not exist: rows are 0 to 5"):
        terms.matches("生育", 6)


def test_a_key_in_no_text_has_the_highest_idf() -> None:
    terms = build_terms(["医保", "医", "卡"])
    keys = gram_keys(["医保天"])[0]
    expected = [math.log(1 + (3 - df + 0.5) / (df + 0.5)) for df in (2, 1, 0, 1, 0)]
    assert [spell(key) for key in keys] == ["医", "保", "天", "医保", "保天"]
    np.testing.assert_allclose(terms.idf_of(keys), expected, rtol=1e-6)


def test_k1_and_b_out_of_range_are_refused() -> None:
    for k1, b in [(0.0, 0.5), (1.0, 1.1), (1.0, -0.1), (math.nan, 0.5)]:
        with pytest.raises(ValueError, match="expected k1 above 0 and b from 0 to 1"):
            build_terms(TEXTS, k1=k1, b=b)
        with pytest.raises(ValueError, match="expected k1 above 0 and b from 0 to 1"):
            write_terms(Path("nowhere"), TEXTS, k1=k1, b=b)
        with pytest.raises(ValueError, match="expected k1 above 0 and b from 0 to 1"):
            write_terms_of_both(Path("nowhere"), Path("nowhere"), [("医保", TEXTS)], k1=k1, b=b)
    assert not Path("nowhere").exists()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_missing_and_damaged_files_are_errors_that_say_what_to_do(tmp_path: Path, name: str, damage: str) -> None:
    write_terms(tmp_path, TEXTS)
    file = tmp_path / name
    if damage == "missing":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-5])
    elif name == "terms.json":
        file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"version": 0}), "utf-8")
    else:
        np.save(file, np.zeros(3))
    with pytest.raises(StoreError, match=r"policykb rebuild"):
        Terms.open(tmp_path)


@pytest.mark.filterwarnings("ignore")  # of NumPy, about kinds of numbers that a damaged header happens to name
@pytest.mark.parametrize("name", ["more.npy", "starts.npy"])
def test_a_damaged_header_is_an_error_wherever_it_is_damaged(tmp_path: Path, name: str) -> None:
    write_terms(tmp_path, TEXTS)
    whole = (tmp_path / name).read_bytes()
    told = []
    for bit in range(8 * 128):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        (tmp_path / name).write_bytes(damaged)
        try:
            Terms.open(tmp_path)
        except StoreError as error:
            told.append(str(error))
    assert len(told) > 500  # the rest are blanks
    assert all("run `policykb rebuild --full`" in line for line in told)


@pytest.mark.parametrize(("name", "kind"), [("is_more", np.uint8), ("places", np.int64), ("ranks", np.uint32)])
@pytest.mark.parametrize("size", [0, 60])
def test_arrays_of_other_lengths_are_an_error(tmp_path: Path, name: str, kind: type[np.generic], size: int) -> None:
    write_terms(tmp_path, TEXTS)
    np.save(tmp_path / f"{name}.npy", np.zeros(size, dtype=kind))
    with pytest.raises(StoreError, match="is damaged: its arrays hold"):
        Terms.open(tmp_path)


def test_arrays_of_different_builds_are_an_error(tmp_path: Path) -> None:
    write_terms(tmp_path, TEXTS)
    np.save(tmp_path / "rows.npy", np.zeros(3, dtype=np.uint8))
    with pytest.raises(StoreError, match="is damaged: its arrays hold"):
        Terms.open(tmp_path)


def test_a_text_that_does_not_exist_is_told_before_it_is_added_to(tmp_path: Path) -> None:
    write_terms(tmp_path, ["医" if row in (3, 280) else "天" for row in range(300)])
    rows = np.load(tmp_path / "rows.npy")
    (place,) = np.flatnonzero(rows == 280 - 256)[-1:]
    rows[place] = 255
    np.save(tmp_path / "rows.npy", rows)
    with pytest.raises(StoreError, match=r"words are damaged: .* run `policykb rebuild --full`"):
        Terms.open(tmp_path).scores("医")


def test_stored_weights_are_those_of_the_formula_wherever_they_are_asked_for() -> None:
    terms = build_terms(TEXTS)
    keys = gram_keys(["医保卡天"])[0]
    rows = np.array([5, 0, 2, 0])
    found = terms.stored(keys, rows)
    assert found.shape == (len(keys), 4)
    for line, key in enumerate(keys):
        for column, row in enumerate(rows.tolist()):
            idf = float(terms.idf_of(keys[line : line + 1])[0])
            alone = dict(terms.matches(spell(key), row)).get(int(key), 0.0) / idf
            assert found[line, column] == pytest.approx(alone, rel=1e-5), (spell(key), row)
    assert found[:, 1].tolist() == found[:, 3].tolist()
    assert terms.stored(keys[:0], rows).shape == (0, 4)


@pytest.mark.parametrize("texts", [600, 9_000], ids=["lists read together", "a list read alone"])
def test_a_common_word_counts_as_often_as_it_stands_in_a_text(texts: int) -> None:
    # Two words in two of three texts, once to three times each: written as bits, most with more than one occurrence.
    times = [(row % 3, (row + 1) % 3 * 2) for row in range(texts)]
    terms = build_terms(["。".join("医" * one + "保" * other) + "。" for one, other in times])
    keys = np.sort(gram_keys(["医。保"])[0])
    found = terms.stored(keys, np.arange(texts))
    for line, key in enumerate(keys.tolist()):
        counts = np.array([one if spell(key) == "医" else other for one, other in times], dtype=np.float32)
        lengths = np.array([one + other for one, other in times])
        norms = 1.2 * (1 - 0.7 + 0.7 * lengths / lengths.mean())
        np.testing.assert_allclose(found[line], counts * 2.2 / (counts + norms), rtol=1e-5)


def test_weights_of_a_stretch_are_those_that_are_stored() -> None:
    terms = build_terms([*TEXTS, "卡" * 9], k1=0.9, b=0.3)
    keys = terms.vocabulary.keys
    whole = terms.stored(keys, np.arange(7)).T
    assert terms.weights(0, 7).toarray().tolist() == whole.tolist()
    assert terms.weights(2, 5).toarray().tolist() == whole[2:5].tolist()
    assert terms.weights(4, 5).nnz == 0  # an empty text


def test_a_vocabulary_is_read_without_postings(tmp_path: Path) -> None:
    write_terms(tmp_path, TEXTS)
    for name in FILES:
        if name not in ("keys.npy", "starts.npy", "terms.json"):
            (tmp_path / name).unlink()
    found, built = Vocabulary.open(tmp_path), build_terms(TEXTS)
    keys = gram_keys(["医保天"])[0]
    assert found.idf_of(keys).tolist() == built.idf_of(keys).tolist()
    places, known = found.find(keys)
    assert known.tolist() == built.occurs(keys).tolist() == [True, True, False, True, False]
    assert found.frequency(places[known]).tolist() == [3, 3, 3]


def test_matches_of_several_rows_are_those_of_each() -> None:
    terms = build_terms(TEXTS)
    found = terms.matches_of(query_grams("医保卡补办"), [1, 3, 0])
    assert found == [terms.matches("医保卡补办", row) for row in (1, 3, 0)]
    assert found[1] == []
