"""Writes the model card of a trained table: what it was made from, how, and how to load it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def model_card(record: Mapping[str, Any]) -> str:
    """Return the first version of the card; licences of the data and measured figures are for a person to add.

    `record` is what `train` returns.
    """
    sets = "\n".join(f"| {entry['name']} | {entry['pairs']:,} | {entry['weight']:g} |" for entry in record["sets"])
    origin = f" from `{record['base']}`" if record["base"] else ""
    recipe = ", ".join(f"{key} {value}" for key, value in record["recipe"].items() if value is not None)
    return f"""---
library_name: sentence-transformers
language: zh
tags: [sentence-similarity, static-embeddings, character-bigrams]
---

# A table of characters and bigrams

Made by `policykb train`{origin}: {record["rows"]:,} rows of {record["dim"]} numbers in 8 bits.
A text's vector is the sum of the rows of its characters and bigrams, scaled to length one.

Load it with `policykb rebuild --model FOLDER`, `index.model.load_embedder(FOLDER)` or, as a sentence-transformers
model, `index.model.transformer.load(FOLDER)`: all run only code of policykb, none from the folder.

Trained in {record["steps"]:,} steps on:

| set | pairs | weight |
|---|---:|---:|
{sets}

Recipe: {recipe}.
Fingerprint: `{record["fingerprint"]}`.
"""
