"""The table model: vectors against a plain sum, the same whatever stands beside a text; damaged folders; no torch."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from index.evaluate import measure, read_collection
from index.model import BUNDLED, load_embedder
from index.model.embedder import ModelError, TableEmbedder, quantise
from index.ngrams import gram_keys, spell

TEXTS = [
    "职工医保断缴三个月以后，还能不能报销住院费用？",
    "灵活就业人员可以在户籍地或者就业地参加职工基本医疗保险。",
    "异地就医备案，线上线下均可办理；急诊抢救视同已备案。",
    "养老金 2024 年上调３％，从一月起补发。",
]


def build(*, dim: int = 24, count_power: float = 0.7, texts: list[str] = TEXTS, seed: int = 1) -> TableEmbedder:
    """A table with random rows over the grams of `texts`."""
    keys = np.unique(gram_keys(texts)[0])
    vectors = np.random.default_rng(seed).standard_normal((len(keys), dim)).astype(np.float32)
    return TableEmbedder(keys, *quantise(vectors), count_power=count_power, name="small")


@pytest.fixture(scope="module")
def bundled() -> TableEmbedder:
    model = load_embedder(BUNDLED)
    assert isinstance(model, TableEmbedder)
    return model


class TestVectors:
    def test_equal_a_plain_sum_over_grams(self) -> None:
        model = build()
        known = dict(zip(model.keys.tolist(), model.vectors(slice(None)).astype(np.float64), strict=True))
        for text in [*TEXTS, TEXTS[0] * 3 + TEXTS[1], "医保和龘"]:
            counts = Counter(gram_keys([text])[0].tolist())
            total = sum(known[key] * count**0.7 for key, count in counts.items() if key in known)
            expected = total / np.linalg.norm(total)
            np.testing.assert_allclose(model.encode_document([text])[0], expected, atol=1e-6)

    def test_questions_and_passages_are_read_alike_and_have_length_one(self) -> None:
        model = build()
        vectors = model.encode_document(TEXTS)
        np.testing.assert_array_equal(model.encode_query(TEXTS), vectors)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
        assert (vectors.shape, vectors.dtype) == ((4, 24), np.float32)

    def test_nothing_known_is_all_zero_and_nothing_asked_is_no_row(self) -> None:
        model = build()
        vectors = model.encode_query(["", "龘靐齉", TEXTS[0], "！？\n"])
        assert np.abs(vectors).sum(axis=1).astype(bool).tolist() == [False, False, True, False]
        assert model.encode_query([]).shape == (0, 24)
        assert model.encode_query(["", ""]).tolist() == [[0.0] * 24] * 2

    @settings(deadline=None, max_examples=60)
    @given(
        st.lists(st.text(alphabet="".join(TEXTS) + "龘 \n\0", max_size=60), min_size=1, max_size=12),
        st.sampled_from([1.0, 0.5, 0.7]),
    )
    def test_a_row_is_the_same_bits_whatever_texts_stand_beside_it(self, texts: list[str], count_power: float) -> None:
        model = build(count_power=count_power, dim=19)
        together = model.encode_document(texts)
        for row, text in zip(together, texts, strict=True):
            np.testing.assert_array_equal(model.encode_document([text])[0], row)
        np.testing.assert_array_equal(model.encode_document(texts[::-1])[::-1], together)

    def test_a_row_is_the_same_bits_on_both_sides_of_a_batch_border(self, bundled: TableEmbedder) -> None:
        texts = [f"{TEXTS[i % 4]}第{i}条" for i in range(3000)]
        together = bundled.encode_document(texts)
        for i in (0, 1, 2046, 2047, 2048, 2049, 2999):
            np.testing.assert_array_equal(bundled.encode_document([texts[i]])[0], together[i])

    def test_progress_counts_every_text_once(self) -> None:
        done: list[int] = []
        build().encode_document(["医保"] * 5000, progress=done.append)
        assert sum(done) == 5000
        assert len(done) > 1

    def test_finds_every_key_it_has_and_no_other(self) -> None:
        keys = np.unique(np.random.default_rng(0).integers(1, 1 << 42, 20_000).astype(np.uint64))
        table = TableEmbedder(keys, np.ones((len(keys), 1), np.int8), np.ones(len(keys), np.float32))
        others = np.setdiff1d(np.random.default_rng(1).integers(1, 1 << 42, 20_000).astype(np.uint64), keys)
        assert table.rows_of(keys).tolist() == list(range(len(keys)))
        assert set(table.rows_of(others).tolist()) == {-1}

    def test_eight_bits_are_off_by_at_most_half_a_scale(self) -> None:
        vectors = np.random.default_rng(2).standard_normal((50, 16)).astype(np.float32)
        vectors[7] = 0
        rows, scales = quantise(vectors)
        assert np.all(np.abs(rows * scales[:, None] - vectors) <= scales[:, None] / 2 + 1e-7)
        assert rows[7].tolist() == [0] * 16


class TestFolder:
    def test_what_was_saved_is_what_is_loaded(self, tmp_path: Path) -> None:
        model = build(count_power=0.55, dim=20)
        model.save(tmp_path)
        loaded = load_embedder(str(tmp_path))
        assert (loaded.name, loaded.dim, loaded.fingerprint) == (str(tmp_path), 20, model.fingerprint)
        np.testing.assert_array_equal(loaded.encode_query(TEXTS), model.encode_query(TEXTS))
        assert loaded.fits("医" * 100_000)

    def test_fingerprint_follows_everything_that_decides_a_vector_and_not_the_name(self) -> None:
        model = build()
        rows, scales = model._rows, model._scales
        other_rows, other_scales = rows.copy(), scales.copy()
        other_rows[3, 3] += 1
        other_scales[3] *= 1.5
        variants = [
            model,
            TableEmbedder(model.keys, other_rows, scales, count_power=0.7),
            TableEmbedder(model.keys, rows, other_scales, count_power=0.7),
            TableEmbedder(model.keys, rows, scales, count_power=0.8),
            TableEmbedder(model.keys + np.uint64(1), rows, scales, count_power=0.7),
            build(dim=25),
        ]
        assert len({variant.fingerprint for variant in variants}) == len(variants)
        assert all(len(v.fingerprint) == 64 and int(v.fingerprint, 16) >= 0 for v in variants)
        assert TableEmbedder(model.keys, rows, scales, count_power=0.7, name="x").fingerprint == model.fingerprint

    @pytest.mark.parametrize(
        ("damage", "message"),
        [
            (lambda f: (f / "model.safetensors").unlink(), r"model\.safetensors: cannot be read"),
            (lambda f: shutil.rmtree(f), r"config\.json: cannot be read"),
            (lambda f: (f / "config.json").write_text("{", "utf-8"), "found no valid JSON"),
            (lambda f: (f / "config.json").write_text("[]", "utf-8"), "found list"),
            (lambda f: (f / "config.json").write_text('{"model_type": "bert"}', "utf-8"), "another kind of model"),
            (lambda f: edit(f, version=99), "version 99, expected policykb-character-table version 1"),
            (lambda f: edit(f, count_power=None), "expected keys, rows and scales"),
            (lambda f: flip(f / "model.safetensors"), "found sha256"),
            (lambda f: (f / "model.safetensors").write_bytes(b"PK\3\4"), "found sha256"),
            (lambda f: forge(f, b"PK\3\4"), "found no readable table"),
            (lambda f: forge(f, b"\x02" + b"\0" * 7 + b"{}"), "found no readable table .KeyError.'keys'"),
            (lambda f: forge(f, (f / "model.safetensors").read_bytes()[:-1]), "found no readable table"),
        ],
    )
    def test_damaged_missing_and_foreign_folders_say_so_and_name_the_way_out(
        self, tmp_path: Path, damage: object, message: str
    ) -> None:
        folder = tmp_path / "model"
        build().save(folder)
        assert callable(damage)
        damage(folder)
        with pytest.raises(ModelError, match=message) as caught:
            TableEmbedder.load(folder)
        assert str(folder) in str(caught.value)
        assert any(way in str(caught.value) for way in ("train", "einstall", "--model bundled"))

    def test_the_tensors_are_those_that_the_library_reads(self, tmp_path: Path) -> None:
        build().save(tmp_path)
        read, loaded = load_file(tmp_path / "model.safetensors"), TableEmbedder.load(tmp_path)
        for name, found in (("keys", loaded.keys), ("rows", loaded._rows), ("scales", loaded._scales)):
            assert found.dtype == read[name].dtype
            np.testing.assert_array_equal(found, read[name])

    def test_weights_of_another_shape_are_refused(self) -> None:
        model = build()
        for keys, rows, scales, message in (
            (model.keys[:-1], model._rows, model._scales, "as many of each"),
            (model.keys[::-1], model._rows, model._scales, "keys out of order"),
            (model.keys, model._rows, np.full_like(model._scales, np.nan), "finite"),
            (model.keys, model._rows.astype(np.float32), model._scales, "int8"),
        ):
            with pytest.raises(ModelError, match=message):
                TableEmbedder(keys, rows, scales)


class TestBundled:
    def test_has_learned_words_that_share_no_character(self, bundled: TableEmbedder) -> None:
        everyday, official = ["怀孕", "拉肚子", "罚款", "花多少钱"], ["妊娠", "腹泻", "处罚", "费用"]
        scores = bundled.encode_query(everyday) @ bundled.encode_document(official).T
        assert scores.argmax(axis=1).tolist() == [0, 1, 2, 3]
        assert scores.diagonal().min() > 0.2

    @pytest.mark.shared
    def test_keeps_its_floor_on_policy_questions(self, bundled: TableEmbedder) -> None:
        folder = Path(os.environ.get("POLICYKB_SHARED", "../shared")) / "bench" / "retrieval" / "ncp-policy-dev"
        if not folder.is_dir():
            pytest.skip(f"{folder} is absent; POLICYKB_SHARED names the folder of collections")
        collection = read_collection(folder)
        scores = bundled.encode_query(collection.queries) @ bundled.encode_document(collection.texts).T
        ranking = {
            query: [collection.passage_ids[i] for i in np.argsort(-row, kind="stable")[:10]]
            for query, row in zip(collection.query_ids, scores, strict=True)
        }
        assert measure(ranking, collection.qrels)["ndcg@10"] > 0.50  # 0.539 on the day the weights were made

    def test_loads_fast_and_without_torch(self) -> None:
        code = (
            "import sys, time; import numpy, scipy.sparse, safetensors.numpy; from index.model import load_embedder;"
            "t = time.perf_counter(); m = load_embedder(); t = time.perf_counter() - t; m.encode_query(['医保']);"
            "print(t); print(*[n for n in ('torch', 'sentence_transformers', 'transformers') if n in sys.modules])"
        )
        root = Path(__file__).parents[1]
        done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
        seconds, heavy = done.stdout.split("\n")[:2]
        assert heavy == ""
        assert float(seconds) < 0.5  # 0.03 on a quiet machine; the limit only catches a change of kind

    def test_encodes_thousands_of_passages_a_second(self, bundled: TableEmbedder) -> None:
        texts = [(f"第{i}条" + "".join(TEXTS) * 3)[:250] for i in range(4000)]
        begun = time.process_time()
        bundled.encode_document(texts)
        assert len(texts) / (time.process_time() - begun) > 3000  # far under what bench/embedding.py measures

    def test_fits_in_a_wheel(self, bundled: TableEmbedder) -> None:
        folder = Path(sys.modules["index.model"].__file__ or "").parent / "weights"
        assert sum(file.stat().st_size for file in folder.iterdir()) < 20e6
        assert {"README.md", "config.json", "model.safetensors", "modules.json"} <= {f.name for f in folder.iterdir()}
        assert spell(int(bundled.keys[-1])).isprintable()


def edit(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def forge(folder: Path, data: bytes) -> None:
    """Put other weights into a model folder, whose checksum fits them."""
    (folder / "model.safetensors").write_bytes(data)
    edit(folder, weights_sha256=hashlib.sha256(data).hexdigest())


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(bytes(data))
