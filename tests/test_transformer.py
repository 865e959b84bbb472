"""Real sentence-transformers models behind our face: a small one with random weights, and our own table as a module."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.model import WEIGHTS, ModelError, load_embedder
from index.model.embedder import TableEmbedder, quantise
from index.ngrams import gram_keys

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from index.model.transformer import TransformerEmbedder

pytestmark = pytest.mark.slow

QUESTION = "异地就医怎么备案？"
PASSAGE = (
    "参保人员跨省异地就医前，应当办理备案手续；急诊抢救视同已备案。未备案的，报销比例下降百分之二十！\n详情请拨打电话。"
)
LONGEST = 32  # tokens the small model reads, marks and prompt included
QUERY_PROMPT = "为问题找政策："


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a two-layer BERT over single characters, mean pooling and a prompt for questions."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(7)
    folder = tmp_path_factory.mktemp("bert")
    characters = sorted(set(QUESTION + PASSAGE + QUERY_PROMPT) - {"\n"})
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]), "utf-8")
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=LONGEST)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=LONGEST,
    )
    BertModel(config).save_pretrained(folder / "plain")
    tokenizer.save_pretrained(folder / "plain")
    transformer = Transformer(str(folder / "plain"))
    model = SentenceTransformer(
        modules=[transformer, Pooling(24, pooling_mode="mean")], prompts={"query": QUERY_PROMPT}, device="cpu"
    )
    model.save(str(folder / "model"))
    return folder / "model"


def reference(folder: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu")


def behind_our_face(model: SentenceTransformer, name: str = "small") -> TransformerEmbedder:
    from index.model.transformer import TransformerEmbedder  # here, so that collecting the tests imports no torch

    return TransformerEmbedder(model, name=name)


def load(folder: Path) -> SentenceTransformer:
    from index.model.transformer import load

    return load(folder)


def cosine_rows(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class TestAnyModel:
    def test_gives_the_model_s_own_vectors_with_its_own_prompts_as_unit_rows(self, bert: Path) -> None:
        embedder, model = load_embedder(str(bert)), reference(bert)
        short = ["应当办理备案手续", "急诊抢救"]
        np.testing.assert_allclose(
            embedder.encode_query([QUESTION]), cosine_rows(model.encode([QUERY_PROMPT + QUESTION])), atol=1e-5
        )
        np.testing.assert_allclose(embedder.encode_document(short), cosine_rows(model.encode(short)), atol=1e-5)
        assert np.abs(embedder.encode_query(short) - embedder.encode_document(short)).max() > 0.01
        assert (embedder.name, embedder.dim) == (str(bert), 24)

    def test_fits_counts_prompt_and_marks(self, bert: Path) -> None:
        embedder = load_embedder(str(bert))
        assert embedder.fits("医" * (LONGEST - 2))
        assert not embedder.fits("医" * (LONGEST - 1))
        prompted = behind_our_face(reference(bert))
        prompted._document_prompt = QUERY_PROMPT
        assert prompted.fits("医" * (LONGEST - 2 - len(QUERY_PROMPT)))
        assert not prompted.fits("医" * (LONGEST - 1 - len(QUERY_PROMPT)))

    def test_a_long_text_is_read_to_its_end_in_windows_cut_at_sentence_ends(self, bert: Path) -> None:
        embedder = behind_our_face(reference(bert))
        windows = embedder.windows(PASSAGE, limit=LONGEST)
        assert windows == [
            "参保人员跨省异地就医前，应当办理备案手续；",
            "急诊抢救视同已备案。未备案的，报销比例下降百分之二十！\n",
            "详情请拨打电话。",
        ]
        vectors = cosine_rows(embedder.encode_document(windows))
        expected = cosine_rows((np.array([len(w) for w in windows]) @ vectors)[None])
        np.testing.assert_allclose(embedder.encode_document([PASSAGE]), expected, atol=1e-5)
        changed = embedder.encode_document([PASSAGE.replace("电话", "医前")])
        assert np.abs(changed - expected).max() > 1e-3  # the last sentence counts, though it stands beyond the limit

    def test_a_sentence_longer_than_the_model_reads_is_cut_anywhere_and_loses_nothing(self, bert: Path) -> None:
        embedder = behind_our_face(reference(bert))
        for text in ("医" * 100, "医" * 40 + "。" + PASSAGE * 3, "。" * 70, "\n" * 3 + PASSAGE):
            windows = embedder.windows(text, limit=LONGEST, prompt=QUERY_PROMPT)
            assert "".join(windows) == text
            assert all(embedder._tokens(QUERY_PROMPT + window) <= LONGEST for window in windows)
        assert np.isfinite(embedder.encode_query(["医" * 100])).all()
        with pytest.raises(ModelError, match="leaves no room for text"):
            embedder.windows("医保", limit=5, prompt=QUERY_PROMPT)

    def test_order_batch_and_progress(self, bert: Path) -> None:
        embedder = load_embedder(str(bert))
        texts = [PASSAGE[i : i + 5 + i % 40] for i in range(50)] * 3
        done: list[int] = []
        vectors = embedder.encode_document(texts, progress=done.append)
        assert (sum(done), vectors.shape) == (150, (150, 24))
        np.testing.assert_allclose(vectors[:50], vectors[50:100], atol=1e-5)
        np.testing.assert_allclose(embedder.encode_document([texts[7]])[0], vectors[7], atol=1e-5)
        assert embedder.encode_query([]).shape == (0, 24)

    def test_fingerprint_follows_weights_prompts_and_length_and_not_what_was_encoded(self, bert: Path) -> None:
        def fingerprint(**changes: object) -> str:
            model = reference(bert)
            if "weight" in changes:
                next(iter(model.parameters())).data[0, 0] += 1
            model.prompts.update({k: str(v) for k, v in changes.items() if k in ("query", "document")})
            model.max_seq_length = changes.get("length", model.max_seq_length)
            if "pooling" in changes:
                model[1].pooling_mode = changes["pooling"]
            return behind_our_face(model).fingerprint

        changes: list[dict[str, object]] = [{"weight": 1}, {"query": "问："}, {"document": "文："}, {"length": 16}]
        found = [fingerprint(), *(fingerprint(**change) for change in changes)]
        assert len(set(found)) == 5
        embedder = load_embedder(str(bert))
        embedder.encode_document([PASSAGE])
        assert embedder.fingerprint == found[0]
        assert len(found[0]) == 64

    def test_a_folder_that_is_no_model_a_missing_one_and_foreign_code_name_the_way_out(
        self, bert: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "notes.txt").write_text("not a model", "utf-8")
        with pytest.raises(ModelError, match=r"no usable sentence-transformers model.*--model bundled"):
            load_embedder(str(tmp_path))
        with pytest.raises(ModelError, match=r"found no such folder.*--model bundled"):
            load_embedder(str(tmp_path / "nowhere"))
        foreign = tmp_path / "foreign"
        shutil.copytree(bert, foreign)
        modules = json.loads((foreign / "modules.json").read_text("utf-8"))
        modules[0]["type"] = "code_of_others.Stranger"
        (foreign / "modules.json").write_text(json.dumps(modules), "utf-8")
        (foreign / "code_of_others.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", "utf-8")
        with pytest.raises(ModelError, match="brings its own code, which policykb does not run"):
            load_embedder(str(foreign))
        assert not (tmp_path / "ran").exists()

    def test_a_name_that_cannot_be_fetched_fails_within_seconds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import huggingface_hub.constants

        # A port nobody listens on stands for a machine without a network.
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
        begun = time.perf_counter()
        with pytest.raises(ModelError, match=r"cannot be reached \(.+\) and no earlier download.*--model bundled"):
            load_embedder("BAAI/no-such-model-zh")
        assert time.perf_counter() - begun < 10


class TestOurTable:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        keys = np.unique(gram_keys([QUESTION, PASSAGE])[0])
        vectors = np.random.default_rng(5).standard_normal((len(keys), 40)).astype(np.float32)
        TableEmbedder(keys, *quantise(vectors), count_power=0.7).save(tmp_path / "table")
        return tmp_path / "table"

    @pytest.mark.parametrize("which", ["bundled", "small"])
    def test_sentence_transformers_gives_the_same_vectors(self, folder: Path, which: str) -> None:
        chosen = WEIGHTS if which == "bundled" else folder
        fast, model = TableEmbedder.load(chosen), load(chosen)
        texts = [QUESTION, PASSAGE, PASSAGE * 5 + QUESTION, "龘龘", "", "医"]
        np.testing.assert_allclose(model.encode_document(texts), fast.encode_document(texts), atol=1e-5)
        np.testing.assert_allclose(model.encode_query(texts), fast.encode_query(texts), atol=1e-5)
        assert model.get_embedding_dimension() == fast.dim

    def test_saved_by_sentence_transformers_it_is_still_ours(self, folder: Path, tmp_path: Path) -> None:
        load(folder).save(str(tmp_path / "again"))
        again = load_embedder(str(tmp_path / "again"))
        assert isinstance(again, TableEmbedder)
        np.testing.assert_allclose(
            again.encode_query([QUESTION]), TableEmbedder.load(folder).encode_query([QUESTION]), atol=1e-3
        )
        np.testing.assert_allclose(
            load(tmp_path / "again").encode([PASSAGE]), again.encode_document([PASSAGE]), atol=1e-5
        )

    def test_runs_behind_our_face_too_and_can_be_trained(self, folder: Path) -> None:
        import torch

        model = load(folder)
        assert behind_our_face(model).fits(PASSAGE * 100)
        features = model.preprocess([QUESTION, PASSAGE])
        loss = -(torch.prod(model(features)["sentence_embedding"], dim=0)).sum()
        loss.backward()
        assert float(model[0].embedding.weight.grad.abs().max()) > 0

    def test_code_in_a_folder_that_says_it_is_ours_does_not_run(self, folder: Path, bert: Path, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="expected policykb-character-table"):
            load(bert)
        code = f"import os\nos.mkdir({str(tmp_path / 'ran')!r})\nclass CharacterTable: pass\n"
        (tmp_path / "far" / "model").mkdir(parents=True)
        (tmp_path / "far" / "model" / "transformer.py").write_text(code, "utf-8")
        (folder / "index").symlink_to(tmp_path / "far")  # where the class we name would be looked for
        (folder / "evil.py").write_text(code, "utf-8")
        (folder / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "", "type": "evil.CharacterTable"}]')
        assert load(folder).encode([QUESTION]).shape == (1, 40)
        assert not (tmp_path / "ran").exists()


class Runs:
    """A pickle that makes the folder `place` when it is read."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.place),)


def test_a_pickle_that_a_model_s_settings_declare_safe_is_not_read(bert: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(bert, folder)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Runs(tmp_path / "ran")))
    settings = json.loads((folder / "sentence_bert_config.json").read_text("utf-8"))
    settings["model_args"] = {"weights_only": False, "use_safetensors": False}
    (folder / "sentence_bert_config.json").write_text(json.dumps(settings), "utf-8")
    # With safetensors beside it the folder may be used, and they are what is read.
    np.testing.assert_array_equal(
        load_embedder(str(folder)).encode_query([QUESTION]), load_embedder(str(bert)).encode_query([QUESTION])
    )
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"found weights as \.bin alone, expected model\.safetensors"):
        load_embedder(str(folder))
    assert not (tmp_path / "ran").exists()
    with pytest.MonkeyPatch.context() as patch:  # the second lock: not even where the first is forgotten
        patch.setattr("index.model.transformer.check_folder", lambda *_, **__: None)
        with pytest.raises(ModelError, match="safetensors"):
            load_embedder(str(folder))
    assert not (tmp_path / "ran").exists()


def test_a_base_is_built_and_searched_with_any_model(bert: Path, tmp_path: Path) -> None:
    from index.build.build import rebuild
    from index.kb import open_kb

    pages = Path(__file__).resolve().parents[1] / "corpus" / "pages"
    embedder = load_embedder(str(bert))
    report = rebuild([pages], tmp_path / "kb", embedder=embedder)
    kb = open_kb(tmp_path / "kb")
    assert kb.manifest["model"] == {"name": str(bert), "fingerprint": embedder.fingerprint, "dim": embedder.dim}
    passages = kb.passages()
    assert len(passages) == report.passages
    # what the model does not read in one go was split, down to sentences, and nothing was lost
    bundled = rebuild([pages], tmp_path / "bundled", embedder=load_embedder("bundled"))
    assert report.passages > bundled.passages
    texts = "".join("".join(text.split()) for text in open_kb(tmp_path / "bundled").passages().text)
    assert "".join("".join(text.split()) for text in passages.text) == texts
    for row in (0, report.passages - 1):
        words = passages.text[row]
        hits = kb.search(words, mode="dense", k=1)
        assert hits[0].reasons.legs["dense"].raw == pytest.approx(
            float(embedder.encode_query([words])[0] @ kb.vectors.rows([hits[0].row])[0]), abs=1e-5
        )
    assert kb.ask("生育津贴的计发公式是什么？").verdict in ("answered", "partly")
    with pytest.raises(ModelError, match=report.build):
        open_kb(tmp_path / "kb", model="bundled").search("生育津贴")
