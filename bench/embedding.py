"""Measures the dense leg alone: nDCG and Recall of an embedder on every retrieval collection, and its speed.

    python bench/embedding.py                                   the bundled model on ../shared/bench/retrieval
    python bench/embedding.py models/mine BAAI/bge-small-zh-v1.5 --collections DIR

Ranks by inner product over all passages, exactly and without an index, so that nothing but the vectors is measured.
Fusion with words is measured by bench files of their own.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click
import numpy as np

from index.evaluate import Collection, measure, read_collection
from index.model import BUNDLED, Embedder, load_embedder

DEPTH = 100  # Recall@100 is the deepest figure


def rank_by_vectors(embedder: Embedder, collection: Collection) -> tuple[dict[str, list[str]], float]:
    """Return each question's first passages, and the passages encoded in a CPU second (of all threads together)."""
    passages = [
        f"{title}\n{text}" if title else text for title, text in zip(collection.titles, collection.texts, strict=True)
    ]
    embedder.encode_document(passages[:8])  # tables and caches that only the first text pays for
    begun = time.process_time()
    vectors = embedder.encode_document(passages)
    speed = len(passages) / (time.process_time() - begun)
    ranking = {}
    for query_id, question in zip(collection.query_ids, embedder.encode_query(collection.queries), strict=True):
        scores = vectors @ question
        ranking[query_id] = [collection.passage_ids[i] for i in np.argsort(-scores, kind="stable")[:DEPTH]]
    return ranking, speed


@click.command()
@click.argument("models", nargs=-1)
@click.option(
    "--collections",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=lambda: Path(os.environ.get("POLICYKB_SHARED", "../shared")) / "bench" / "retrieval",
    show_default="$POLICYKB_SHARED/bench/retrieval",
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a model.")
def main(models: tuple[str, ...], collections: Path, as_json: bool) -> None:
    """Print one table a model: collections in rows, figures in columns."""
    for name in models or (BUNDLED,):
        begun = time.perf_counter()
        embedder = load_embedder(name)
        load_ms = (time.perf_counter() - begun) * 1000
        figures = {}
        for folder in sorted(path.parent for path in collections.glob("*/qrels.tsv")):
            collection = read_collection(folder)
            ranking, speed = rank_by_vectors(embedder, collection)
            length = float(np.mean([len(text) for text in collection.texts]))
            figures[folder.name] = {
                **measure(ranking, collection.qrels),
                "passages_per_cpu_s": round(speed),
                "mean_chars": round(length),
            }
        if as_json:
            record = {"model": name, "fingerprint": embedder.fingerprint, "load_ms": round(load_ms, 1), "sets": figures}
            click.echo(json.dumps(record, ensure_ascii=False))
            continue
        click.echo(f"{name}  {embedder.fingerprint[:12]}  {embedder.dim} dimensions, loaded in {load_ms:.0f} ms")
        for collection_name, row in figures.items():
            cells = "  ".join(f"{key} {value:.4g}" for key, value in row.items())
            click.echo(f"  {collection_name:<28}{cells}")


if __name__ == "__main__":
    main()
