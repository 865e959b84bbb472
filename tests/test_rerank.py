"""A real cross-encoder, tiny and with random weights, orders the best passages anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.kb import KnowledgeBase
from index.model import ModelError
from index.ranking import Part, Ranked
from index.rerank import READ, SHARE, rerank
from index.search import search

if TYPE_CHECKING:
    from index.model.transformer import Reranker

pytestmark = pytest.mark.slow

QUESTION = "异地就医怎么备案"
TEXTS = ["参保人员跨省异地就医应当办理备案", "急诊抢救视同已备案", "门诊费用按比例报销", "异地就医备案可在网上办理"]


def build(folder: Path, labels: int = 1, *, with_head: bool = True) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    torch.manual_seed(3)
    folder.mkdir()
    characters = sorted(set(QUESTION + "".join(TEXTS)))
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]), "utf-8")
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=64,
        num_labels=labels,
        initializer_range=0.5,  # the usual 0.02 gives all pairs about the same score
    )
    (BertForSequenceClassification(config) if with_head else BertModel(config)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("cross") / "encoder")


@pytest.fixture(scope="module")
def reranker(folder: Path) -> Reranker:
    from index.model.transformer import Reranker

    return Reranker.load(str(folder))


def test_scores_are_those_of_the_cross_encoder(folder: Path, reranker: Reranker) -> None:
    from sentence_transformers import CrossEncoder

    expected = CrossEncoder(str(folder), device="cpu").predict([(QUESTION, text) for text in TEXTS])
    found = reranker.scores(QUESTION, TEXTS)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert len(set(found.tolist())) == 4
    assert reranker.scores(QUESTION, []).shape == (0,)


def test_the_order_is_the_models_and_both_scores_are_legs(reranker: Reranker) -> None:
    raw = reranker.scores(QUESTION, TEXTS)
    ranked = [
        Ranked(at, 0.9 - 0.1 * at, (Part("passage", 5.0, 0.9 - 0.1 * at, 1.0, 0.9 - 0.1 * at),)) for at in range(4)
    ]
    order = rerank(QUESTION, ranked, TEXTS, reranker)
    scaled = (raw - raw.min()) / (raw.max() - raw.min())
    expected = {at: SHARE * scaled[at] + (1 - SHARE) * ranked[at].score for at in range(4)}
    assert [at for at, _ in order] == sorted(expected, key=lambda at: -expected[at])
    for at, item in order:
        assert item.score == pytest.approx(expected[at], abs=1e-6)
        assert [part.leg for part in item.parts] == ["passage", "reranker"]
        assert item.parts[1].raw == pytest.approx(float(raw[at]))
        assert sum(part.share for part in item.parts) == pytest.approx(item.score)


def test_what_the_model_has_not_read_stays_below(reranker: Reranker) -> None:
    ranked = [
        Ranked(at, 1 - at / 100, (Part("passage", 1.0, 1 - at / 100, 1.0, 1 - at / 100),)) for at in range(READ + 5)
    ]
    order = rerank(QUESTION, ranked, [TEXTS[at % 4] + "。" * at for at in range(READ)], reranker)
    unread = [(at, item) for at, item in order if at >= READ]
    assert [at for at, _ in unread] == list(range(READ, READ + 5))
    assert {len(item.parts) for _, item in unread} == {1}
    assert rerank(QUESTION, [], [], reranker) == []


def test_a_search_with_a_reranker_follows_it(make_kb: Callable[..., KnowledgeBase], reranker: Reranker) -> None:
    kb = make_kb(*(f"办事说明{number}\n\n{text}，请按说明办理。" for number, text in enumerate(TEXTS)))
    hits = search(kb, QUESTION, k=4, reranker=reranker)
    raw = [hit.reasons.legs["reranker"].raw for hit in hits]
    assert raw[0] == max(raw)
    assert {hit.row for hit in hits} == {hit.row for hit in search(kb, QUESTION, k=4)}
    for hit in hits:
        assert sum(leg.share for leg in hit.reasons.legs.values()) == pytest.approx(hit.score, abs=1e-6)


def test_a_model_that_cannot_be_used_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from index.model.transformer import Reranker

    with pytest.raises(ModelError, match=r"found no such folder. .*leave out --reranker"):
        Reranker.load(str(tmp_path / "absent"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"no usable cross-encoder.*leave out --reranker"):
        Reranker.load(str(tmp_path / "empty"))
    # No hub is reached from here: port 9 of this machine answers nobody.
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match=r"no usable cross-encoder.*leave out --reranker|knows no such"):
        Reranker.load("policykb-tests/no-such-reranker")


@pytest.mark.parametrize(("labels", "with_head"), [(3, True), (1, False)])
def test_a_model_that_gives_no_single_score_is_refused(tmp_path: Path, labels: int, with_head: bool) -> None:
    from index.model.transformer import Reranker

    made = build(tmp_path / "other", labels, with_head=with_head)
    with pytest.raises(ModelError, match=r"expected a cross-encoder that gives a pair one score"):
        Reranker.load(str(made))
