"""Ranking where vectors are searched by lists, against the same ranking with every vector compared."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import pytest
from numpy.typing import NDArray

import index.meaning
import index.store.vectors
from index.build.index_vectors import index_vectors
from index.embedded import Embedded, EmbeddedLook
from index.engine import Asked
from index.meaning import BEST_WORDS, Meaning
from index.model import BUNDLED, load_embedder
from index.ranking import Lent, pool
from index.store.best import best_places
from index.store.terms import Terms, build_terms, query_grams
from index.store.vectors import FILE, NEAR_FILE, Vectors

ROWS = 4_000


class Parts(TypedDict):
    """What an engine reads besides its vectors."""

    passage_terms: Terms
    article_terms: Terms
    article_of: NDArray[np.int64]


_WORDS = (
    "医保",
    "养老",
    "报销",
    "缴费",
    "门诊",
    "住院",
    "退休",
    "生育",
    "津贴",
    "备案",
    "异地",
    "窗口",
    "断缴",
    "补缴",
)
QUESTIONS = ("医保断缴以后门诊还能报销吗", "异地住院要先备案吗", "退休前养老缴费不满怎么办")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Parts, Vectors, Vectors]:
    """Return what a ranking reads of 4,000 passages in 1,000 articles, and their vectors with and without lists."""
    source = np.random.default_rng(0)
    texts = ["".join(source.choice(_WORDS, 6)) + f"第{number}条" for number in range(ROWS)]
    article_of = np.repeat(np.arange(ROWS // 4), 4)
    articles = ["\n".join(texts[at : at + 4]) for at in range(0, ROWS, 4)]
    embedder = load_embedder(BUNDLED)
    folder = tmp_path_factory.mktemp("meaning")
    assert index_vectors([embedder.encode_document(texts)], folder, embedder, exact=1_000)["kind"] == "ivf"
    listed = Vectors.open(folder / FILE)
    (folder / NEAR_FILE).rename(folder / "aside.faiss")
    evidence = Parts(passage_terms=build_terms(texts), article_terms=build_terms(articles), article_of=article_of)
    return evidence, listed, Vectors.open(folder / FILE)


def engine_of(parts: Parts, vectors: Vectors) -> Embedded:
    return Embedded(**parts, read_vectors=lambda: vectors)


def asked(question: str) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = load_embedder(BUNDLED).encode_query([question])[0]
    return vector


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("lends", [False, True])
@pytest.mark.parametrize("k", [10, 700])
@pytest.mark.parametrize("share", [None, 0.5, 0.02])
def test_hybrid_ranks_and_scores_as_with_every_vector_compared(
    both: tuple[Parts, Vectors, Vectors], question: str, lends: bool, k: int, share: float | None
) -> None:
    evidence, listed, whole = both
    lent = Lent(query_grams("补缴之后恢复待遇"), 0.8) if lends else None
    allowed = None if share is None else np.random.default_rng(1).permutation(ROWS)[: int(share * ROWS)]
    ours, all_compared = (
        pool(question, asked(question), engine_of(evidence, vectors), k=k, allowed=allowed, lent=lent).best(10)
        for vectors in (listed, whole)
    )
    assert ours == all_compared  # rows, scores and what each leg gave, the best of the article among them


@pytest.mark.parametrize("lends", [False, True])
def test_vectors_are_read_of_those_alone_that_a_cosine_may_put_among_the_best(
    both: tuple[Parts, Vectors, Vectors], lends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence, listed, _ = both
    vector, lent = asked(QUESTIONS[0]), query_grams("补缴之后恢复待遇") if lends else None
    question = Asked(query_grams(QUESTIONS[0]), vector, 0.25, lent, 0.2 if lends else 0.0)
    look = engine_of(evidence, listed).look(question)
    assert isinstance(look, EmbeddedLook)
    meaning = look._meaning
    assert meaning is not None
    might = meaning.may_count(None, 10)
    assert might is not None
    scores_of_all = look._mixed(look._own.of(might), meaning.cosines(might), look._lent and look._lent.of(might))
    expected = might[best_places(scores_of_all, 10)]
    read: list[int] = []
    scores = Vectors.scores

    def counted(self: Vectors, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        read.append(len(rows))
        return scores(self, query, rows)

    monkeypatch.setattr(Vectors, "scores", counted)
    assert look.pick(10, None).tolist() == expected.tolist()
    assert 10 <= sum(read) < len(might)


def test_where_no_word_is_shared_a_filter_finds_all_it_keeps(both: tuple[Parts, Vectors, Vectors]) -> None:
    evidence, listed, whole = both
    question = "看病花的钱谁给"
    assert not evidence["passage_terms"].scores(question).any()
    allowed = np.random.default_rng(1).permutation(ROWS)[:80]
    ours, all_compared = (
        pool(question, asked(question), engine_of(evidence, vectors), allowed=allowed).best(80)
        for vectors in (listed, whole)
    )
    assert len(ours) > 30  # the others point away from the question
    assert ours == all_compared


def test_only_rows_that_may_count_are_compared(
    both: tuple[Parts, Vectors, Vectors], monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence, listed, whole = both
    words = evidence["passage_terms"].scores(QUESTIONS[0])
    vector = asked(QUESTIONS[0])
    exact, found = Meaning(whole, vector, [words]), Meaning(listed, vector, [words])
    assert exact.cosines(None).tolist() == whole.scores(vector).tolist()
    assert exact.may_count(None, 1) is None
    monkeypatch.setattr(index.store.vectors, "_LEAST_CHOICE", 400)
    compared = found.may_count(None, 1)
    assert compared is not None
    assert compared.tolist() == sorted(set(compared.tolist()))
    assert BEST_WORDS <= len(compared) < ROWS // 2 + 500
    assert found.cosines(compared).tolist() == exact.cosines(compared).tolist()
    assert set(np.argsort(-exact.cosines(None))[:10].tolist()) <= set(compared.tolist())
    assert set(best_places(words, BEST_WORDS).tolist()) <= set(compared.tolist())
    # Under a filter a part of the lists is enough where a thousand of what it keeps have words of the question.
    half = np.arange(0, ROWS, 2)
    assert found.may_count(half, 1).tolist() == half.tolist()
    monkeypatch.setattr(index.meaning, "_FILTERED_EXACTLY", 1_500)
    monkeypatch.setattr(index.meaning, "NEAREST", 50)
    compared = found.may_count(half, 1)
    assert BEST_WORDS <= len(compared) < len(half) - 200
    assert np.isin(compared, half).all()
    assert set(half[best_places(words[half], BEST_WORDS)].tolist()) <= set(compared.tolist())
    silent = Meaning(listed, vector, [np.where(np.arange(ROWS) < 1_000, words, np.float32(0))])
    assert silent.may_count(half, 1).tolist() == half.tolist()
    few = np.arange(ROWS - 700, ROWS)
    assert np.isin(found.may_count(few, 10), few).all()
