"""Measures retrieval with baselines in the same run: `python bench/retrieval.py [COLLECTION…] [--json]`.

Reads every collection under `$POLICYKB_SHARED/bench/retrieval` (default `../shared`), or the folders named. The two
baselines are plain BM25 (Lucene's formula, k1 1.2, b 0.75) over the passages alone: words by jieba, where it is
installed, and character bigrams. The three modes are those of `policykb evaluate`, by the same code.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs from a checkout without installing

from baseline import Bm25, Split, bigrams, jieba_words  # lies beside this file

from index.evaluate import Collection, evaluate, measure, read_collection
from index.model import load_embedder

_FIGURES = ("ndcg@10", "recall@10", "recall@100", "mrr@10", "ms_per_query")


def plain_bm25(collection: Collection, split: Split) -> dict[str, float]:
    """Return the figures of BM25 over the passages' own words."""
    bm25 = Bm25(collection.texts, split)
    ranking, start = {}, time.perf_counter()
    for query_id, text in zip(collection.query_ids, collection.queries, strict=True):
        ranking[query_id] = [collection.passage_ids[row] for row in bm25.rank(text, 100)]
    seconds = time.perf_counter() - start
    return measure(ranking, collection.qrels) | {"ms_per_query": round(1000 * seconds / max(1, len(ranking)), 3)}


def main() -> None:
    """Print one table, or with --json one object."""
    shared = Path(os.environ.get("POLICYKB_SHARED", "../shared")) / "bench" / "retrieval"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", nargs="*", type=Path, help=f"folders (default: all under {shared})")
    parser.add_argument("--model", default="bundled", help="embedding model of the dense and hybrid rows")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    folders = arguments.collections or sorted(path.parent for path in shared.glob("*/qrels.tsv"))
    if not folders:
        sys.exit(f"found no collection under {shared}: set POLICYKB_SHARED or name folders with a qrels.tsv")
    embedder = load_embedder(arguments.model)
    words = jieba_words()
    if words is None:
        print("jieba is not installed: its rows are left out (pip install jieba)", file=sys.stderr)
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for folder in folders:
        collection = read_collection(folder)
        rows = {"BM25, words (jieba)": plain_bm25(collection, words)} if words else {}
        rows["BM25, character bigrams"] = plain_bm25(collection, bigrams)
        for mode in ("lexical", "dense", "hybrid"):
            rows[f"policykb {mode}"] = evaluate(collection, embedder, mode=mode)
        figures[folder.name] = rows
        print(f"measured {folder.name}", file=sys.stderr)
    if arguments.json:
        print(json.dumps({"model": embedder.name, "fingerprint": embedder.fingerprint, "collections": figures}))
        return
    print("| collection | method | nDCG@10 | R@10 | R@100 | MRR@10 | ms per query |\n|---|---|--:|--:|--:|--:|--:|")
    for name, rows in figures.items():
        for method, values in rows.items():
            shown = [f"{values[figure]:.3f}" for figure in _FIGURES[:-1]] + [f"{values['ms_per_query']:.1f}"]
            print(f"| {name} | {method} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
