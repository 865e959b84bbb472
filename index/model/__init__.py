"""The embedding models: one that comes with the package, and any sentence-transformers model by name or folder.

`load_embedder` decides which; what a model is stands in embedder.py, torch only in transformer.py and train.py.
"""

from __future__ import annotations

import json
from pathlib import Path

from index.model.embedder import CONFIG_FILE, FORMAT, Embedder, ModelError, TableEmbedder

__all__ = ["BUNDLED", "Embedder", "ModelError", "TableEmbedder", "is_table", "load_embedder"]

BUNDLED = "bundled"
WEIGHTS = Path(__file__).parent / "weights"


def is_table(folder: Path) -> bool:
    """Whether `folder` says of itself that it holds a table model of ours (it may still be damaged)."""
    try:
        config = json.loads((folder / CONFIG_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(config, dict) and config.get("format") == FORMAT


def load_embedder(name_or_folder: str = BUNDLED) -> Embedder:
    """Return the bundled model, the table model in a folder, or a sentence-transformers model by hub name or folder.

    Only the last imports torch. Raises ModelError where the model is missing, damaged or cannot be fetched.
    """
    if name_or_folder == BUNDLED:
        return TableEmbedder.load(WEIGHTS, name=BUNDLED)
    if is_table(Path(name_or_folder)):
        return TableEmbedder.load(name_or_folder, name=name_or_folder)
    from index.model.transformer import TransformerEmbedder  # imports torch: seconds and half a gigabyte

    return TransformerEmbedder.load(name_or_folder)
