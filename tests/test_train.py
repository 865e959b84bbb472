"""Training on a small real set: the sample corpus's own sentences."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from index.model import load_embedder
from index.model.embedder import ModelError, TableEmbedder
from index.model.pairs import PairsError, PairSet, read_pairs
from search_app.commands.train import command

PAGES = Path(__file__).parents[1] / "corpus" / "pages"
SMALL = {"dim": 32, "rows": 3000, "batch": 32, "epochs": 60.0, "seed": 3, "threads": 1}


def corpus_pairs() -> list[tuple[str, str]]:
    """Two neighbouring sentences of the sample pages are a pair: the first asks, the second answers."""
    pairs = []
    for page in sorted(PAGES.rglob("*.txt")):
        sentences = [
            text for text in re.findall(r"[^。！？\n]{12,}[。！？]", page.read_text("utf-8")) if len(text) < 200
        ]
        pairs += list(zip(sentences[::2], sentences[1::2], strict=False))
    return pairs


def write(path: Path, pairs: list[tuple[str, str]]) -> Path:
    lines = "".join(json.dumps({"query": q, "positive": p}, ensure_ascii=False) + "\n" for q, p in pairs)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(lines.encode(), mtime=0))
    else:
        path.write_text(lines, "utf-8")
    return path


def right_first(model: TableEmbedder, pairs: list[tuple[str, str]]) -> float:
    """Share of questions whose own positive comes first among all positives."""
    scores = model.encode_query([q for q, _ in pairs]) @ model.encode_document([p for _, p in pairs]).T
    return float(np.mean(scores.argmax(axis=1) == np.arange(len(pairs))))


class TestReadPairs:
    def test_reads_plain_and_compressed_files_of_a_folder_in_order_of_names(self, tmp_path: Path) -> None:
        write(tmp_path / "b.jsonl", [("问", "答")])
        write(tmp_path / "a.jsonl.gz", [("甲", "乙"), ("丙", "丁")])
        (tmp_path / "notes.md").write_text("not pairs", "utf-8")
        assert read_pairs([tmp_path]) == [PairSet("a", (("甲", "乙"), ("丙", "丁"))), PairSet("b", (("问", "答"),))]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "empty"),
            ("\n\n", "empty"),
            ('{"query": "问", "positive": "答"}\n{"query": "问", ', "line 2: found no valid JSON"),
            ('{"query": "问", "answer": "答"}\n', r"line 1: found \['answer', 'query'\] without"),
            ('{"query": "问", "positive": " "}\n', "line 1: found"),
            ('{"query": "问", "positive": 3}\n', "line 1: found"),
            ('["问", "答"]\n', "line 1: found list"),
        ],
    )
    def test_a_bad_file_is_named_with_its_line_and_what_was_expected(
        self, tmp_path: Path, content: str, message: str
    ) -> None:
        path = tmp_path / "pairs.jsonl"
        path.write_text(content, "utf-8")
        with pytest.raises(PairsError, match=message) as caught:
            read_pairs([path])
        assert str(path) in str(caught.value)
        assert '"query" and "positive"' in str(caught.value)

    def test_a_missing_file_a_folder_without_pairs_and_damaged_bytes_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(PairsError, match=r"none\.jsonl: cannot be read"):
            read_pairs([tmp_path / "none.jsonl"])
        with pytest.raises(PairsError, match=r"no \.jsonl or \.jsonl\.gz file in this folder"):
            read_pairs([tmp_path])
        (tmp_path / "cut.jsonl.gz").write_bytes(
            gzip.compress('{"query": "问", "positive": "答"}\n'.encode() * 99)[:-20]
        )
        with pytest.raises(PairsError, match=r"cut\.jsonl\.gz: cannot be read"):
            read_pairs([tmp_path / "cut.jsonl.gz"])
        (tmp_path / "gb.jsonl").write_bytes('{"query": "问", "positive": "答"}'.encode("gb18030"))
        with pytest.raises(PairsError, match=r"gb\.jsonl: found bytes that are not UTF-8"):
            read_pairs([tmp_path / "gb.jsonl"])


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("pairs") / "corpus.jsonl.gz", corpus_pairs())


@pytest.mark.slow
class TestTrain:
    def test_lowers_the_loss_and_finds_more_than_before_training(self, pairs: Path, tmp_path: Path) -> None:
        from index.model.train import train

        losses: list[float] = []
        before = train([pairs], tmp_path / "before", **{**SMALL, "epochs": 0.001, "rate": 1e-9})
        after = train([pairs], tmp_path / "after", progress=lambda *report: losses.append(report[2]), **SMALL)
        assert before["steps"] == 1
        assert len(losses) == after["steps"]
        assert losses[-1] < 0.5 * losses[0]
        found = [right_first(TableEmbedder.load(tmp_path / name), corpus_pairs()) for name in ("before", "after")]
        assert found[1] > found[0] + 0.2, found
        assert found[1] > 0.8, found

    def test_same_seed_same_bytes_and_another_seed_other_bytes(self, pairs: Path, tmp_path: Path) -> None:
        from index.model.train import train

        short = {**SMALL, "epochs": 2.0}
        made = {}
        for name, seed in (("a", 3), ("b", 3), ("c", 4)):
            train([pairs], tmp_path / name, **{**short, "seed": seed})
            made[name] = (tmp_path / name / "model.safetensors").read_bytes()
        assert made["a"] == made["b"]
        assert made["a"] != made["c"]

    def test_a_base_keeps_its_grams_takes_new_ones_and_learns_the_new_pairs(self, pairs: Path, tmp_path: Path) -> None:
        from index.model.train import train

        train([pairs], tmp_path / "base", **SMALL)
        new = [(f"鳜鱼{i}号的鳃", f"鼋鼍{i}号在黟县") for i in range(20)]
        train(
            [write(tmp_path / "new.jsonl", new)],
            tmp_path / "adapted",
            base=tmp_path / "base",
            new_rows=12,
            epochs=200,
            batch=64,
            seed=3,
            threads=1,
        )
        base, adapted = TableEmbedder.load(tmp_path / "base"), TableEmbedder.load(tmp_path / "adapted")
        added = set(adapted.keys.tolist()) - set(base.keys.tolist())
        assert set(base.keys.tolist()) < set(adapted.keys.tolist())
        assert len(added) == 12
        assert {ord("鼋"), ord("鼍")} <= added
        assert adapted.count_power == base.count_power
        before, after = (
            float((m.encode_query(["鳜鱼的鳃"]) @ m.encode_document(["鼋鼍在黟县"]).T)[0, 0]) for m in (base, adapted)
        )
        assert after > before + 0.3
        assert right_first(adapted, corpus_pairs()) > 0.9 * right_first(base, corpus_pairs())

    def test_refuses_a_folder_that_is_in_use_and_a_base_that_is_no_model(self, pairs: Path, tmp_path: Path) -> None:
        from index.model.train import train

        (tmp_path / "used").mkdir()
        (tmp_path / "used" / "file").write_text("mine", "utf-8")
        with pytest.raises(ModelError, match="found files there already"):
            train([pairs], tmp_path / "used", **SMALL)
        with pytest.raises(ModelError, match="cannot be read"):
            train([pairs], tmp_path / "new", base=tmp_path / "nowhere", **SMALL)


@pytest.mark.slow
class TestCommand:
    def test_json_is_one_line_and_the_folder_is_a_model(self, tmp_path: Path) -> None:
        pairs = write(tmp_path / "pairs.jsonl", corpus_pairs()[:64])
        out = tmp_path / "model"
        arguments = [str(pairs), "--out", str(out), "--epochs", "1", "--dim", "16", "--rows", "500", "--json"]
        result = CliRunner().invoke(command, arguments)
        assert result.exit_code == 0, result.output
        record = json.loads(result.stdout)
        assert result.stdout.count("\n") == 1
        assert record["sets"] == [{"name": "pairs", "pairs": 64}]
        assert "training" in result.stderr
        model = load_embedder(str(out))
        assert (model.name, model.dim, model.fingerprint) == (str(out), 16, record["fingerprint"])
        assert record["fingerprint"] in (out / "README.md").read_text("utf-8")


def test_command_refuses_contradictions_as_wrong_usage(tmp_path: Path) -> None:
    for extra in (["--epochs", "1", "--minutes", "1"], ["--base", "bundled", "--dim", "64"], ["--epochs", "0"]):
        result = CliRunner().invoke(command, ["pairs.jsonl", "--out", str(tmp_path / "m"), *extra])
        assert result.exit_code == 2, (extra, result.output)
