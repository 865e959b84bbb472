"""What the folder of a model says about its size, without loading it: the length of a vector and its parameters.

A transformer's work on a text grows with the parameters of its layers; the table of its vocabulary is looked up, not
multiplied, so it does not count. Read are the files that sentence-transformers and safetensors write.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from index.model import BUNDLED, WEIGHTS, is_table
from index.model.embedder import CONFIG_FILE, ModelError

_EXPECTED = "expected `bundled`, the length of a vector such as 512, or the folder of a model"
# The keys under which modules of sentence-transformers write the length of what they give, the last module counting.
_DIMENSIONS = ("out_features", "embedding_dimension", "word_embedding_dimension")
# A header of safetensors longer than this is none; theirs are some 100 kB.
_MOST_HEADER = 100_000_000


@dataclass(frozen=True, slots=True)
class Model:
    """`dim` numbers a vector; `parameters` of the layers of a transformer, 0 for a table, None where nobody said."""

    name: str
    dim: int
    parameters: int | None = None


def read_model(name: str = BUNDLED) -> Model:
    """Return what is known of `bundled`, of a model's folder, or of a bare length. Raises ModelError."""
    if name.isdecimal():
        if not 1 <= int(name) <= 65_536:  # the longest vector that Qdrant takes
            raise ModelError(f"{name}: no length of a vector, expected 1 to 65,536")
        return Model(name, int(name))
    folder = WEIGHTS if name == BUNDLED else Path(name)
    if not folder.is_dir():
        raise ModelError(f"{name}: found no such folder, {_EXPECTED}; a model of the hub is planned by its length")
    try:
        if is_table(folder):
            return Model(name, int(_read(folder / CONFIG_FILE)["dim"]), 0)
        return Model(name, _transformer_dim(folder), _layer_parameters(folder))
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ModelError(f"{name}: holds no model that can be read ({error}), {_EXPECTED}") from error


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def _transformer_dim(folder: Path) -> int:
    dim = int(_read(folder / "config.json").get("hidden_size", 0)) if (folder / "config.json").is_file() else 0
    for module in _read(folder / "modules.json"):
        config = folder / module["path"] / "config.json"
        found = _read(config) if module["path"] and config.is_file() else {}
        dim = next((int(found[key]) for key in _DIMENSIONS if key in found), dim)
    if not dim:
        raise ValueError("modules.json leads to no length of a vector")
    return dim


def _layer_parameters(folder: Path) -> int:
    """Return how many parameters there are beside those of embeddings."""
    count = 0
    for file in folder.rglob("*.safetensors"):
        with file.open("rb") as opened:
            (size,) = struct.unpack("<Q", opened.read(8))
            if size > _MOST_HEADER:
                raise ValueError(f"{file.name} is no safetensors file")
            header = json.loads(opened.read(size))
        tensors = {name: tensor for name, tensor in header.items() if name != "__metadata__"}
        count += sum(prod(tensor["shape"]) for name, tensor in tensors.items() if "embeddings." not in name)
    return count
