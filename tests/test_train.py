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
from index.model.first_rows import begin
from index.model.negatives import mine
from index.model.pairs import PairsError, PairSet, Source, hold_out, parse_source, pool, read_pairs
from index.model.structure import CorpusPassage, StructurePair, read_passages, structure_pairs
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
        assert read_pairs([tmp_path]) == [
            PairSet("a", (("甲", "乙"), ("丙", "丁")), 1.0, str(tmp_path)),
            PairSet("b", (("问", "答"),), 1.0, str(tmp_path)),
        ]

    def test_a_weight_behind_the_path_goes_to_every_set_of_it(self, tmp_path: Path) -> None:
        folder, file = tmp_path / "ours", write(tmp_path / "theirs.jsonl", [("丙", "丁")])
        folder.mkdir()
        write(folder / "a.jsonl", [("甲", "乙")])
        sets = read_pairs([parse_source(f"{folder}:2.5"), parse_source(str(file))])
        assert sets == [PairSet("a", (("甲", "乙"),), 2.5, str(folder)), PairSet("theirs", (("丙", "丁"),))]

    def test_a_path_that_exists_with_its_colon_has_no_weight(self, tmp_path: Path) -> None:
        odd = write(tmp_path / "at 12:30", [("甲", "乙")])
        assert parse_source(str(odd)) == Source(odd)
        assert parse_source(str(tmp_path / "at 12:3")) == Source(tmp_path / "at 12", 3.0)

    @pytest.mark.parametrize("weight", ["0", "1001"])
    def test_a_weight_out_of_bounds_is_named(self, weight: str) -> None:
        with pytest.raises(PairsError, match=rf"ours: found weight {weight}"):
            parse_source(f"ours:{weight}")

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


class TestPool:
    def test_small_sets_of_one_folder_are_dealt_together_and_others_stay(self) -> None:
        two, three = (("甲", "乙"), ("丙", "丁")), (("a", "b"), ("c", "d"), ("e", "f"))
        sets = [
            PairSet("a", two, 3.0, "x/ours"),
            PairSet("large", three, 3.0, "x/ours"),
            PairSet("b", (("戊", "己"),), 3.0, "x/ours"),
            PairSet("lone", two, 1.0, "x/theirs"),
            PairSet("file", two),
        ]
        together = PairSet("ours", (*two, ("戊", "己")), 3.0, "x/ours")
        assert pool(sets, 3) == [together, *sets[1:2], *sets[3:]]
        assert pool(sets, 2) == sets


class TestHoldOut:
    def test_a_positive_is_held_out_of_every_set_or_of_none(self) -> None:
        positives = [f"第{place}条" for place in range(200)]
        sets = [PairSet(name, tuple((f"{name}{p}", p) for p in positives), 2.0, "f") for name in ("甲", "乙")]
        kept, held = hold_out(sets, 0.25)
        assert 30 < len(held[0].pairs) < 70
        assert [p for _, p in held[0].pairs] == [p for _, p in held[1].pairs]
        assert {p for _, p in kept[0].pairs} == set(positives) - {p for _, p in held[0].pairs}
        assert (held[1].name, held[1].weight, held[1].folder) == ("乙", 2.0, "f")
        assert hold_out(sets, 0) == (sets, [])


class TestMine:
    TEXTS = (
        "补缴医保费用",
        "补缴医保费用的,应当在三个月内办理。",
        "补缴养老费用的,向税务部门申报。",
        "今天天气晴朗。",
        "医保",
        "补缴医保费用的,应当在三个月内办理!",
        "医保卡补办要带身份证。",
        "医保费用由个人承担一部分。",
        "医保补缴通知。",
    )

    def test_takes_what_shares_words_and_leaves_answers_near_answers_and_strangers(self) -> None:
        pairs = np.array([[0, 1], [4, 2], [4, 3], [4, 5], [4, 6], [4, 7], [4, 8]])
        found = mine(self.TEXTS, pairs)[0].tolist()
        assert sorted(found) == [2, 6, 7, 8]  # 5 says what 1 says, 3 shares nothing
        assert found[0] in (2, 7)

    def test_a_question_that_is_a_positive_elsewhere_is_not_its_own_negative(self) -> None:
        pairs = np.array([[0, 1], [6, 0], [6, 2], [6, 7], [6, 8], [6, 4]])
        assert 0 not in mine(self.TEXTS, pairs)[0].tolist()


class TestBegin:
    TEXTS = (
        "猫抓老鼠",
        "狗抓老鼠",
        "猫吃老鼠",
        "狗吃老鼠",
        "火车开往北京",
        "火车驶往北京",
        "火车开往上海",
        "火车驶往上海",
    )

    def near(self, analysed: float, one: str, other: str) -> float:
        rows, _ = begin(self.TEXTS, rows=100, dim=2, seed=1, count_power=1.0, analysed=analysed)
        a, b = (rows.directions[rows.keys.tolist().index(ord(letter))] for letter in (one, other))
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    def test_the_analysis_brings_letters_of_the_same_texts_together(self) -> None:
        assert self.near(1.0, "猫", "狗") > 0.99  # never in one text, always beside the same letters
        assert self.near(1.0, "京", "海") > 0.99
        assert abs(self.near(1.0, "狗", "京")) < 0.01
        assert self.near(0.0, "猫", "狗") < 0.9

    def test_importance_is_inverse_document_frequency_and_counts_are_damped(self) -> None:
        rows, counts = begin(["甲甲乙", "乙丙", "丙丁"], rows=100, dim=4, seed=1, count_power=0.5, analysed=0.0)
        assert [chr(key) for key in rows.keys] == ["丙", "乙"]  # of two texts each
        np.testing.assert_allclose(np.exp(rows.importance), np.log(1 + 3 / 2), rtol=1e-6)
        assert counts.toarray().tolist() == [[0, 1], [1, 1], [1, 0]]
        _, twice = begin(["甲甲", "甲"], rows=100, dim=4, seed=1, count_power=0.5, analysed=0.0)
        np.testing.assert_allclose(twice.toarray(), [[np.sqrt(2)], [1]], rtol=1e-6)


class TestStructure:
    def test_title_heading_and_short_answer_ask_for_the_passage_without_its_heading(self) -> None:
        passage = CorpusPassage(
            "a1", "医保断缴的后果", ("断缴三个月以内的",), "会停待遇。", "待遇可以追溯享受,补缴即可。"
        )
        assert structure_pairs([passage]) == [
            StructurePair("title", "医保断缴的后果", 0),
            StructurePair("heading", "医保断缴的后果 断缴三个月以内的", 0),
            StructurePair("heading alone", "断缴三个月以内的", 0),
            StructurePair("short answer", "会停待遇。", 0),
        ]

    def test_a_common_heading_does_not_ask_alone_and_nothing_asks_for_itself(self) -> None:
        answer = "缴费满十五年的人员可以领取。"
        passage = CorpusPassage("a1", answer, ("适用范围",), answer, answer)
        assert structure_pairs([passage]) == [StructurePair("heading", f"{answer} 适用范围", 0)]
        assert structure_pairs([CorpusPassage("a1", "标题", (), "", "太短")]) == []

    def test_reads_pages_and_a_knowledge_base_alike(self, tmp_path: Path) -> None:
        from index.build.build import rebuild

        rebuild([PAGES], tmp_path / "kb", embedder=load_embedder())
        from_pages, from_kb = read_passages(PAGES), read_passages(tmp_path / "kb")
        assert from_pages == from_kb
        titles = {passage.title for passage in from_pages}
        assert len(titles) >= 8
        assert all(not passage.text.startswith(passage.title) for passage in from_pages)
        assert any(passage.heading_path for passage in from_pages)


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

    def test_the_slope_is_that_of_automatic_differentiation(self) -> None:
        import torch
        from torch.nn import functional

        from index.model.train import contrast

        vectors = functional.normalize(torch.from_numpy(np.random.default_rng(3).standard_normal((11, 8)))).float()
        vectors.requires_grad_()
        pairs, others = torch.tensor([[0, 1], [0, 2], [3, 4], [5, 1]]), torch.tensor([7, 8, 0])
        loss, slope = contrast(vectors.detach(), pairs, others, 0.1)
        masked = [(0, 1), (1, 0), (0, 3), (3, 0), (0, 6), (1, 6)]  # equal question, equal positive, the question itself
        scores = vectors[:4] @ vectors[4:].T / 0.1
        keep = torch.ones_like(scores, dtype=torch.bool)
        keep[tuple(torch.tensor(masked).T)] = False
        scores = scores.where(keep, torch.tensor(-1e4))
        partner = torch.arange(4)
        wanted = functional.cross_entropy(scores, partner) + functional.cross_entropy(scores[:, :4].T, partner)
        (wanted / 2).backward()
        assert loss == pytest.approx(float(wanted.detach()) / 2, rel=1e-5)
        assert vectors.grad is not None
        np.testing.assert_allclose(slope.numpy(), vectors.grad.numpy(), atol=1e-5)

    def test_weight_deals_a_set_more_often(self, tmp_path: Path) -> None:
        from index.model.train import train

        ours = write(tmp_path / "ours.jsonl", corpus_pairs()[:64])
        theirs = write(tmp_path / "theirs.jsonl", corpus_pairs()[64:128])
        short = {**SMALL, "epochs": 1.0}
        once = train([ours, theirs], tmp_path / "once", **short)
        thrice = train([Source(ours, 3.0), theirs], tmp_path / "thrice", **short)
        assert (once["steps"], thrice["steps"]) == (4, 8)
        assert thrice["sets"][0] == {"name": "ours", "pairs": 64, "weight": 3.0}

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
        assert after > before + 0.2
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
        assert record["sets"] == [{"name": "pairs", "pairs": 64, "weight": 1.0}]
        assert "training" in result.stderr
        model = load_embedder(str(out))
        assert (model.name, model.dim, model.fingerprint) == (str(out), 16, record["fingerprint"])
        assert record["fingerprint"] in (out / "README.md").read_text("utf-8")

    def test_a_corpus_adapts_the_bundled_model_and_says_what_it_gained_on_held_pages(self, tmp_path: Path) -> None:
        arguments = ["--base", "bundled", "--corpus", str(PAGES), "--out", str(tmp_path / "ours"), "--rows", "64"]
        result = CliRunner().invoke(command, [*arguments, "--epochs", "20", "--json"])
        assert result.exit_code == 0, result.output
        record = json.loads(result.stdout)
        told = record["corpus"]
        articles = {passage.title for passage in read_passages(PAGES)}
        assert told["held_articles"] == pytest.approx(len(articles) / 5, abs=2)
        assert told["questions"] >= told["held_articles"]
        assert {entry["name"] for entry in record["sets"]} >= {"pages, title", "pages, heading"}
        for when in ("before", "after"):
            assert 0 < told[when]["ndcg@10"] <= 1
        assert told["before"] != told["after"]
        adapted, before = load_embedder(str(tmp_path / "ours")), load_embedder()
        assert isinstance(adapted, TableEmbedder)
        assert isinstance(before, TableEmbedder)
        assert len(adapted.keys) <= len(before.keys) + 64


def test_command_refuses_contradictions_as_wrong_usage(tmp_path: Path) -> None:
    for arguments in (
        ["pairs.jsonl", "--epochs", "1", "--minutes", "1"],
        ["pairs.jsonl", "--base", "bundled", "--dim", "64"],
        ["pairs.jsonl", "--epochs", "0"],
        ["--base", "bundled"],
        ["--corpus", str(tmp_path)],
    ):
        result = CliRunner().invoke(command, [*arguments, "--out", str(tmp_path / "m")])
        assert result.exit_code == 2, (arguments, result.output)
