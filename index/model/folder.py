"""Looks over a model folder before anything is loaded from it: someone else made it, and it shall run nothing here.

sentence-transformers refuses classes outside its package, but its configurations may still name any function below
`torch.` as an activation, which is called, and weights in pickles, with the check of what they contain switched off.
So weights are safetensors, and what a configuration names are layers. Loading is left to transformer.py.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.model.embedder import ModelError

_MAX_FILES = 10_000  # a model has some dozen; links are followed, as the libraries follow them, and may lead in circles
_MAX_CONFIG_BYTES = 5_000_000  # the largest, with thousands of labels, have some hundred thousand
_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib")
_LIBRARY = re.compile(r"(?:torch|sentence_transformers|transformers)\.")
_LAYER = re.compile(
    r"torch\.nn\.(?:modules\.[a-z_]+\.)?[A-Z]\w*"
    r"|torch\.[a-z]+\d+\w*"  # a type of numbers: torch.float16
    r"|sentence_transformers\.(?:\w+\.)?(?:models|modules)\.(?:\w+\.)?[A-Z]\w*"
)


def check_folder(folder: Path, *, way_out: str) -> None:
    """Raise ModelError where loading the model in `folder` could run code that comes with it or that it names."""
    weights: dict[str, set[str]] = {}
    for number, file in enumerate(_files(folder), start=1):
        if number > _MAX_FILES:
            raise ModelError(
                f"{folder}: found more than {_MAX_FILES} files, expected the folder of one model. {way_out}"
            )
        weights.setdefault(str(file.parent), set()).add(file.suffix)
        if file.suffix == ".json" and ("config" in file.name or file.name == "modules.json"):
            for name in _names(_parsed(file, way_out)):
                if _LIBRARY.match(name) and not _LAYER.fullmatch(name):
                    raise ModelError(
                        f"{file}: names {name[:80]}, expected layers only: the model brings its own code, which"
                        f" policykb does not run. {way_out}"
                    )
    for place, suffixes in weights.items():
        if ".safetensors" not in suffixes and (pickles := sorted(suffixes.intersection(_PICKLES))):
            raise ModelError(
                f"{place}: found weights as {', '.join(pickles)} alone, expected model.safetensors: a pickle may run"
                f" anything when it is read. Have its author save it with safe_serialization=True. {way_out}"
            )


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder, followlinks=True):
        yield from (Path(place, name) for name in names)


def _parsed(file: Path, way_out: str) -> Any:
    try:
        if not file.is_file() or file.stat().st_size > _MAX_CONFIG_BYTES:
            raise ValueError(f"no file of at most {_MAX_CONFIG_BYTES} bytes")
        return json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{file}: found no readable configuration ({error}). {way_out}") from error


def _names(value: Any) -> Iterator[str]:
    """Yield every text in a configuration. (A parsed file is not nested deeper than the parser can go.)"""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _names(inner)
