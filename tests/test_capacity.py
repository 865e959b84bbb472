"""Capacity on paper: sums of lines by hand, where each store ends, and what a base and a model's folder tell."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from index.capacity import NODE, Model, Node, lines_for, plan_capacity, read_model
from index.capacity_embedded import LONGEST_REBUILD_S, MOST_ROWS, SLOWEST_QUESTION_S, USED, plan_build
from index.capacity_qdrant import COLLECTIONS, SHARD_BYTES, plan_cluster
from index.capacity_slopes import Line, Lines, of_length, read_lines, sizes_of
from index.kb import KnowledgeBase
from index.model import ModelError
from index.store import StoreError
from index.store.plan import EXACT, plan_vectors
from index.store.vectors import Vectors

ROOT = Path(__file__).resolve().parents[1]
TABLE = read_lines()
# A passage costs 1 of everything, so that sums are counts.
FLAT = {name: replace(line, fixed=0.0, each=1.0) for name, line in TABLE.items()}
BUNDLED = read_model()


def with_lines(**changed: tuple[float, float]) -> Lines:
    """The flat lines with others for some: `disk_raw=(fixed, each)`."""
    return {
        name: replace(line, fixed=both[0], each=both[1]) if (both := changed.get(name.replace(".", "_"))) else line
        for name, line in FLAT.items()
    }


def values(amounts: tuple[object, ...]) -> dict[str, float]:
    return {one.name: one.value for one in amounts}  # type: ignore[attr-defined]


def test_the_table_is_whole_and_its_lines_are_lines() -> None:
    assert {"disk.raw", "memory.serving", "cpu.clean", "query.search", "qdrant.disk.index", "count.pages"} <= set(TABLE)
    for line in TABLE.values():
        assert line.fixed >= 0, line.name
        assert line.each >= 0, line.name
        assert line.command.startswith("python bench/"), line.name
        assert (ROOT / line.command.split()[1]).is_file()
        assert list(line.sizes) == sorted(line.sizes)
    # float32, 256 numbers: the format of the file, which the measured line must find again
    assert TABLE["disk.vectors"].each == pytest.approx(2 * BUNDLED.dim, rel=0.01)


def test_a_line_is_measured_up_to_its_largest_size() -> None:
    line = Line("x", "B", 10.0, 2.0, 0.0, (100, 500), "python bench/slopes.py")
    assert line.at(5) == 20
    assert line.is_measured(500)
    assert not line.is_measured(501)


def test_a_damaged_table_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "capacity.tsv").write_text("name\tvalue\n")
    with pytest.raises(StoreError, match=r"expected the columns .* run bench/slopes\.py"):
        read_lines(tmp_path / "capacity.tsv")


def test_the_disk_of_a_base_is_two_builds_raw_pages_and_caches() -> None:
    disk = values(plan_capacity(1000, lines=with_lines(disk_raw=(500.0, 3.0))).embedded.disk)
    assert disk["words"] == 3000
    assert disk["raw"] == 3500
    assert disk["build"] == disk["records"] + disk["words"] + disk["vectors"] + disk["manifest"] + disk["prepared"]
    assert disk["build"] == (1 + 3 + 1 + 1 + 5) * 1000
    assert disk["disk"] == 2 * disk["build"] + 3500 + 2000


def test_more_vectors_than_are_compared_one_by_one_have_lists() -> None:
    small, large = (values(plan_capacity(n, lines=FLAT).embedded.memory) for n in (EXACT, EXACT + 1))
    assert small["vectors"] == EXACT  # every row is read
    assert large["vectors"] == plan_vectors(EXACT + 1, 256).megabytes * 1e6


def test_the_words_of_a_model_with_longer_vectors_stay_as_they_are() -> None:
    longer = of_length(TABLE, 1024, was=256)
    assert longer["disk.vectors"].each == TABLE["disk.vectors"].each + 2 * 768
    assert longer["qdrant.disk.vectors"].each == TABLE["qdrant.disk.vectors"].each + 4 * 768
    assert longer["qdrant.disk.codes"].each == TABLE["qdrant.disk.codes"].each + 768
    assert longer["disk.terms.passages"] == TABLE["disk.terms.passages"]
    back = of_length(longer, 256, was=1024)
    assert all(back[name].each == pytest.approx(line.each) for name, line in TABLE.items())


def test_an_end_is_the_last_size_that_suffices() -> None:
    # Memory: 1 for the process, 3 for words, 1 for vectors, 1 for a rebuild; disk: two builds of 11, raw pages, caches.
    ends = plan_capacity(10, lines=FLAT, node=Node(60_005 / USED, 1_000_024 / USED)).embedded.ends
    assert {end.name: end.passages for end in ends} == {
        "memory": 10_000,
        "disk": 40_000,
        "question": 0,
        "rows": MOST_ROWS,
    }


def test_a_level_line_ends_nowhere() -> None:
    lines = with_lines(memory_serving=(1e9, 0.0))
    memory, disk = plan_capacity(10, lines=lines).front.ends
    assert not memory.is_in_sight
    assert disk.is_in_sight


def test_the_time_of_a_question_ends_the_embedded_store_where_a_cluster_is_faster() -> None:
    flat = (0.0, 0.0)
    lines = with_lines(query_search=(0.05, 1e-6), query_qdrant=(0.01, 1e-7), memory_serving=flat, memory_rebuild=flat)
    far = Node(1e18, 1e18)
    end = plan_capacity(10, lines=lines, node=far).embedded.end
    assert (end.name, end.passages) == ("question", round((SLOWEST_QUESTION_S - 0.05) * 1e6))
    assert plan_capacity(end.passages, lines=lines, node=far).advice.store == "embedded"
    assert plan_capacity(end.passages + 1, lines=lines, node=far).advice.store == "qdrant"
    slower = {**lines, "query.qdrant": replace(lines["query.qdrant"], each=1e-3)}
    advice = plan_capacity(end.passages + 1, lines=slower, node=far).advice
    assert advice.store == "embedded"
    slow = next(reason for reason in advice.reasons if reason.name == "slow")
    assert slow.values["here"] == pytest.approx(SLOWEST_QUESTION_S, rel=1e-4)
    assert slow.values["there"] == pytest.approx(0.01 + 1e-3 * (end.passages + 1) / 3)


def test_a_rebuild_shares_what_can_be_shared() -> None:
    one, eight = (plan_build(1000, FLAT, BUNDLED, workers=workers) for workers in (1, 8))
    assert one.seconds == 7 * 1000
    assert eight.seconds == 5 * 1000 + 2 * 1000 / 8  # learn and clean
    assert one.end.passages == int(LONGEST_REBUILD_S / 7)


def test_embedding_is_of_the_table_of_parameters_of_a_rate_or_unknown() -> None:
    lines = with_lines(encode_transformer=(0.0, 1e-6))
    transformer = plan_build(1000, lines, Model("m", 512, 2_000_000), workers=4)
    assert values(transformer.stages)["embed"] == 2000
    assert transformer.seconds == 4000 + (2000 + 2000) / 4
    told = plan_build(1000, lines, Model("m", 512), workers=4, passages_per_second=10)
    assert values(told.stages)["embed"] == 100
    unknown = plan_build(1000, lines, Model("m", 512), workers=4)
    assert not unknown.is_embedding_known
    assert unknown.seconds == 4000 + 2000 / 4
    names = [reason.name for reason in plan_capacity(1000, lines=lines, model=Model("m", 512)).advice.reasons]
    assert "embedding" in names


def test_nodes_bear_all_copies_of_both_collections() -> None:
    node = Node(1e6 / USED, 1e9)
    cluster = plan_cluster(1_000_000, FLAT, node, replicas=2, codes="float32")
    assert cluster.memory[-1].value == 5 * 1e6 * 2 * COLLECTIONS
    assert cluster.nodes == 20
    assert cluster.of_node[0].value == 1e6
    assert cluster.shards == 20
    alone = plan_cluster(1000, FLAT, NODE, replicas=1, codes="float32")
    assert (alone.nodes, alone.shards, alone.question.value) == (1, 1, 1000)
    assert cluster.question.value == 1_000_000 / 20
    assert plan_cluster(1000, FLAT, NODE, replicas=2, codes="float32").nodes == 3, "two cannot agree without the third"
    assert alone.single_end.passages == int(USED * NODE.memory / 5 / COLLECTIONS)


def test_a_shard_is_no_larger_than_what_moves_in_a_quarter_of_an_hour() -> None:
    lines = with_lines(qdrant_disk_payload=(0.0, 1e5))
    cluster = plan_cluster(10_000_000, lines, Node(1e12, 1e13), replicas=1, codes="float32")
    one = cluster.disk[-1].value / COLLECTIONS
    assert cluster.shards % cluster.nodes == 0
    assert one / cluster.shards <= SHARD_BYTES
    assert one / (cluster.shards - cluster.nodes) > SHARD_BYTES


def test_codes_are_chosen_where_they_save_nodes() -> None:
    lines = with_lines(qdrant_disk_vectors=(0.0, 1000.0), query_search=(0.0, 1.0), query_qdrant=(0.0, 0.0))
    few = plan_capacity(1000, lines=lines)
    assert (few.cluster.codes, few.cluster.nodes, few.other.nodes) == ("float32", 3, 3)
    many = plan_capacity(100_000_000, lines=lines)
    assert many.cluster.codes == "int8"
    assert many.cluster.nodes < many.other.nodes
    assert [reason.name for reason in many.advice.reasons[:3]] == ["beyond", "cluster", "int8"]


def test_where_the_machine_in_front_ends_several_bases_are_advised() -> None:
    lines = with_lines(memory_serving=(0.0, 1000.0))
    most = int(USED * NODE.memory / 1000)
    assert plan_capacity(most, lines=lines).advice.store == "qdrant"
    plan = plan_capacity(3 * most + 1, lines=lines)
    assert (plan.advice.store, plan.advice.bases) == ("several", 4)


@given(st.integers(1, 10**12), st.integers(0, 10**12), st.sampled_from([64, 256, 1024]), st.integers(1, 4))
def test_more_passages_never_take_less(passages: int, more: int, dim: int, replicas: int) -> None:
    model = Model("m", dim, 0)
    small, large = (plan_capacity(n, model=model, replicas=replicas) for n in (passages, passages + more))
    # Lists stand beside the vectors from some size on, and come in powers of two (index/store/plan.py).
    assert small.embedded.disk[-1].value <= large.embedded.disk[-1].value
    assert small.build.seconds <= large.build.seconds
    assert small.cluster.nodes <= large.cluster.nodes
    assert small.front.disk[-1].value <= large.front.disk[-1].value
    assert small.embedded.question[0].value <= large.embedded.question[0].value
    assert small.advice.bases <= large.advice.bases


@given(st.floats(1e9, 1e13), st.floats(1, 1000))
def test_a_larger_machine_bears_more_and_takes_fewer_nodes(memory: float, times: float) -> None:
    small, large = (plan_capacity(10**7, node=Node(size, 1e15)) for size in (memory, memory * times))
    assert small.embedded.end.passages <= large.embedded.end.passages
    assert small.cluster.nodes >= large.cluster.nodes


@pytest.mark.parametrize("wrong", [{"passages": 0}, {"replicas": 0}, {"workers": 0}, {"passages_per_second": -1.0}])
def test_nothing_is_planned_with_nothing(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        plan_capacity(**{"passages": 10, **wrong})  # type: ignore[arg-type]


def test_a_base_tells_what_its_own_passages_take(sample_kb: KnowledgeBase) -> None:
    sizes = sizes_of(sample_kb.folder, sample_kb.build)
    passages = sample_kb.manifest["counts"]["passages"]
    assert sizes["count.pages"] == sample_kb.manifest["counts"]["pages"]
    held = (sample_kb.path / "records.sqlite").stat().st_size
    assert held <= sizes["disk.records"] < held + 8192
    assert (
        sizes["disk.keys"] < sizes["disk.terms.passages"] + sizes["disk.terms.context"] + sizes["disk.terms.articles"]
    )
    lines, model = lines_for(sample_kb.folder)
    assert model == BUNDLED
    assert lines["disk.records"].at(passages) == pytest.approx(sizes["disk.records"])
    assert lines["disk.records"].sizes == (passages,)
    assert lines["memory.serving"] == TABLE["memory.serving"], "what was not looked at stays"
    raw = sum((sample_kb.folder / "pages" / page["sha256"]).stat().st_blocks * 512
              for page in sample_kb.manifest["inputs"]["pages"])  # fmt: skip
    assert values(plan_capacity(passages, lines=lines).embedded.disk)["raw"] == pytest.approx(raw)


def test_the_vectors_of_the_plan_are_those_of_a_build(sample_kb: KnowledgeBase) -> None:
    file = sample_kb.path / "vectors.faiss"
    rows = len(Vectors.open(file))
    planned = values(plan_capacity(rows).embedded.disk)["vectors"]
    assert planned == pytest.approx(file.stat().st_size, rel=0.05)


class TestModel:
    def test_the_bundled_one_is_a_table(self) -> None:
        assert (BUNDLED.dim, BUNDLED.parameters) == (256, 0)

    def test_a_bare_length_says_nothing_of_time(self) -> None:
        assert read_model("1024") == Model("1024", 1024)

    def test_layers_count_and_the_vocabulary_does_not(self, tmp_path: Path) -> None:
        (tmp_path / "1_Pooling").mkdir()
        modules = [{"path": ""}, {"path": "1_Pooling"}, {"path": "2_Normalize"}]
        (tmp_path / "modules.json").write_text(json.dumps(modules))
        (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 24}))
        (tmp_path / "1_Pooling" / "config.json").write_text(json.dumps({"embedding_dimension": 24}))
        tensors = {"embeddings.word_embeddings.weight": (1000, 24), "encoder.layer.0.attention.query.weight": (24, 24)}
        save_file(
            {name: np.zeros(shape, np.float16) for name, shape in tensors.items()}, tmp_path / "model.safetensors"
        )
        assert read_model(str(tmp_path)) == Model(str(tmp_path), 24, 24 * 24)
        modules.append({"path": "3_Dense"})
        (tmp_path / "3_Dense").mkdir()
        (tmp_path / "3_Dense" / "config.json").write_text(json.dumps({"in_features": 24, "out_features": 8}))
        (tmp_path / "modules.json").write_text(json.dumps(modules))
        assert read_model(str(tmp_path)).dim == 8

    @pytest.mark.parametrize("name", ["0", "65537", "BAAI/bge-small-zh-v1.5"])
    def test_what_is_no_model_is_told(self, name: str) -> None:
        with pytest.raises(ModelError, match="expected"):
            read_model(name)

    def test_a_folder_without_a_model_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match=r"holds no model that can be read .*modules\.json"):
            read_model(str(tmp_path))


@pytest.fixture(scope="module")
def slopes() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_slope_lines", ROOT / "bench" / "slope_lines.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_slope_lines"] = module
    spec.loader.exec_module(module)
    return module


class TestFit:
    def test_a_line_is_found_again(self, slopes: ModuleType) -> None:
        sizes = np.array([2000.0, 10_000.0, 50_000.0])
        assert slopes.fitted(sizes, 300 + 7 * sizes) == pytest.approx((300, 7, 0), abs=1e-6)

    def test_errors_are_relative_and_told(self, slopes: ModuleType) -> None:
        sizes = np.array([1000.0, 2000.0, 3000.0])
        fixed, each, off = slopes.fitted(sizes, sizes * [1.0, 1.1, 1.0])
        assert off == pytest.approx(max(abs((fixed + each * sizes) / (sizes * [1.0, 1.1, 1.0]) - 1)))
        assert 0.02 < off < 0.08

    def test_nothing_begins_or_grows_below_zero(self, slopes: ModuleType) -> None:
        sizes = np.array([1000.0, 2000.0, 4000.0])
        steep = slopes.fitted(sizes, sizes**2)
        assert steep[0] == 0
        assert steep[1] > 0
        falling = slopes.fitted(sizes, np.array([5.0, 4.0, 3.0]))
        assert falling[:2] == (4.0, 0.0)
        assert slopes.fitted(np.array([1000.0]), np.array([500.0])) == (0.0, 0.5, 0.0)

    def test_points_of_all_sizes_make_one_table(self, slopes: ModuleType, tmp_path: Path) -> None:
        points = {
            "a": {"passages": 1000, "disk.raw": 2000.0, "cpu.clean": 3.0, "encode.transformer@500": 0.5},
            "b": {"passages": 3000, "disk.raw": 6000.0, "disk.near": 0},
        }
        (tmp_path / "capacity.tsv").write_text(slopes.table_of(points), "utf-8")
        lines = read_lines(tmp_path / "capacity.tsv")
        assert set(lines) == {"disk.raw", "cpu.clean", "encode.transformer"}
        assert (lines["disk.raw"].unit, lines["disk.raw"].each, lines["disk.raw"].sizes) == ("B", 2.0, (1000, 3000))
        assert (lines["cpu.clean"].unit, lines["cpu.clean"].each) == ("s", 0.003)
        assert (lines["encode.transformer"].each, lines["encode.transformer"].sizes) == (0.001, (500,))
