#!/usr/bin/env python3
"""Measures what the shortcuts of large collections cost.

    python bench/shortcuts.py [COLLECTION…] [--questions N] [--json]

No collection of bench/retrieval.py has as many passages as the shortcuts are for (index/evidence.py, index/meaning.py),
so they are forced here: vectors have lists, a word counts once in the rough sum, half a posting is read for each text
and a quarter for the words that a question bank lends. Each question is ranked with lent words, as `search` does, once
without and once with them all; then once with those alone that begin where vectors have lists. Told is nDCG@10 without,
the difference, and the share of the first ten that stays.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs from a checkout without installing

from index import embedded, evidence
from index.bank.bank import Bank, lend, read_bank
from index.build.index_vectors import index_vectors
from index.collection import Collection, read_collection
from index.embedded import Embedded
from index.evaluate import engine_of, measure
from index.evidence import rough_scores
from index.model import load_embedder
from index.model.embedder import TableEmbedder
from index.ranking import rank
from index.store.vectors import FILE, Vectors

_Runs = dict[str, list[str]]


def with_lists(engine: Embedded, embedder: TableEmbedder, folder: Path) -> Embedded:
    """Return the engine with vectors that have lists, however few they are."""
    assert engine.read_vectors is not None  # made with an embedder
    vectors = engine.read_vectors()
    index_vectors([vectors.rows(np.arange(len(vectors)))], folder, embedder, exact=1)
    listed = Vectors.open(folder / FILE)
    return replace(engine, read_vectors=lambda: listed)


@contextmanager
def as_large(texts: int) -> Iterator[None]:
    """Rank as in a collection where so many texts are twice as many as postings are read."""
    rough = partial(rough_scores, postings=texts // 2)
    with (
        patch.object(evidence, "ONCE", 0),
        patch.object(embedded, "rough_scores", rough),
        patch.object(embedded, "LENT_POSTINGS", texts // 4),
    ):
        yield


def run(collection: Collection, engine: Embedded, embedder: TableEmbedder, bank: Bank, questions: int) -> _Runs:
    """Return the passages found for each question, best first."""
    found = {}
    for query, text in list(zip(collection.query_ids, collection.queries, strict=True))[:questions]:
        vector = embedder.encode_query([text])[0]
        hits = rank(text, vector, engine, k=100, lent=lend(bank.near(text)))
        found[query] = [collection.passage_ids[hit.row] for hit in hits]
    return found


def kept(this: _Runs, other: _Runs) -> float:
    """Return which share of the first ten of `this` is among those of `other`."""
    stay = sum(len(set(this[query][:10]) & set(other[query][:10])) for query in this)
    return stay / max(1, sum(len(found[:10]) for found in this.values()))


def main() -> None:
    """Print one table, or with --json one object."""
    shared = Path(os.environ.get("POLICYKB_SHARED", "../shared")) / "bench" / "retrieval"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", nargs="*", type=Path, help=f"folders (default: all under {shared})")
    parser.add_argument("--questions", type=int, default=1_000, help="at most so many of each collection (1000)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    embedder = load_embedder("bundled")
    assert isinstance(embedder, TableEmbedder)  # what "bundled" names is a table
    bank = Bank(read_bank(), embedder)
    figures: dict[str, dict[str, float]] = {}
    for folder in options.collections or sorted(path.parent for path in shared.glob("*/qrels.tsv")):
        collection = read_collection(folder)
        engine = engine_of(collection, embedder)
        with tempfile.TemporaryDirectory() as place:
            listed = with_lists(engine, embedder, Path(place))
            without = run(collection, engine, embedder, bank, options.questions)
            lists = run(collection, listed, embedder, bank, options.questions)
            with as_large(len(collection.passage_ids)):
                forced = run(collection, listed, embedder, bank, options.questions)
        qrels = {query: collection.qrels[query] for query in without if query in collection.qrels}
        plain, few, all_of_them = (measure(found, qrels)["ndcg@10"] for found in (without, lists, forced))
        figures[folder.name] = {
            "questions": len(without),
            "ndcg@10": plain,
            "lists": round(few - plain, 4),
            "lists_kept": round(kept(without, lists), 3),
            "all": round(all_of_them - plain, 4),
            "all_kept": round(kept(without, forced), 3),
        }
        print(f"measured {folder.name}", file=sys.stderr)
    if options.json:
        print(json.dumps(figures))
        return
    print("| collection | questions | nDCG@10 | lists | first ten kept | all | first ten kept |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, row in figures.items():
        changes = f"{row['lists']:+.4f} | {row['lists_kept']:.3f} | {row['all']:+.4f} | {row['all_kept']:.3f}"
        print(f"| {name} | {row['questions']:,} | {row['ndcg@10']:.4f} | {changes} |")


if __name__ == "__main__":
    main()
