"""Model folders that someone else made: whatever they hold, nothing of it runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.model.embedder import ModelError
from index.model.folder import check_folder

WAY_OUT = "Give another."


def checked(folder: Path, name: str, content: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content), "utf-8")
    check_folder(folder.parent if folder.name.startswith("1_") else folder, way_out=WAY_OUT)


@pytest.mark.parametrize(
    "name",
    [
        "sentence_transformers.models.Pooling",
        "sentence_transformers.models.Transformer.Transformer",
        "sentence_transformers.base.modules.transformer.Transformer",
        "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
        "sentence_transformers.cross_encoder.modules.logit_score.LogitScore",
        "torch.nn.modules.activation.Tanh",
        "torch.nn.Identity",
        "torch.float16",
        "转换器 torch.x",
    ],
)
def test_layers_and_types_of_numbers_may_be_named(name: str, tmp_path: Path) -> None:
    checked(tmp_path / "m", "config.json", {"a": [{"b": name}]})


@pytest.mark.parametrize(
    "name",
    [
        "torch.distributed.run.main",
        "torch.hub.load",
        "torch.nn.modules.module.os.abort",
        "sentence_transformers.base.model.pickle",
        "sentence_transformers.util.misc.import_from_string",
        "transformers.pipelines.pipeline",
    ],
)
@pytest.mark.parametrize("file", ["config.json", "modules.json", "1_Dense/config.json", "router_config.json"])
def test_anything_else_below_these_libraries_is_refused(name: str, file: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"names {name}, expected layers only.*Give another\.$"):
        checked((tmp_path / "m" / file).parent, Path(file).name, {"a": [{"b": name}]})


def test_a_folder_behind_a_link_is_looked_over_too(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "config.json").write_text('{"activation_fn": "torch.hub.main"}')
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "1_Dense").symlink_to(tmp_path / "far")
    with pytest.raises(ModelError, match=r"torch\.hub\.main"):
        check_folder(tmp_path / "m", way_out=WAY_OUT)


@pytest.mark.parametrize("content", ["{", "[" * 100_000, "\ud800"])
def test_a_broken_configuration_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(ModelError, match=r"config\.json: found no readable configuration .*Give another\.$"):
        check_folder(tmp_path, way_out=WAY_OUT)


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).symlink_to(".")
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(ModelError, match="more than 10000 files"):
        check_folder(tmp_path, way_out=WAY_OUT)


def test_pickled_weights_are_refused_unless_others_stand_beside_them(tmp_path: Path) -> None:
    (tmp_path / "1_Dense").mkdir()
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "1_Dense" / "pytorch_model.bin").touch()
    with pytest.raises(ModelError, match=r"1_Dense: found weights as \.bin alone, expected model\.safetensors"):
        check_folder(tmp_path, way_out=WAY_OUT)
    (tmp_path / "1_Dense" / "model.safetensors").touch()
    check_folder(tmp_path, way_out=WAY_OUT)
