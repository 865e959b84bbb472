"""Measures retrieval with baselines in the same run: `python bench/retrieval.py [COLLECTION…] [--json]`.

Reads every collection under `$POLICYKB_SHARED/bench/retrieval` (default `../shared`), or the folders named. The two
baselines are plain BM25 (Lucene's formula, k1 1.2, b 0.75) over the passages alone: words by jieba, where it is
installed, and character bigrams. The three modes are those of `policykb evaluate`, by the same code.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs from a checkout without installing

from index.evaluate import Collection, evaluate, measure, read_collection
from index.model import load_embedder
from index.ngrams import fold

_FIGURES = ("ndcg@10", "recall@10", "recall@100", "mrr@10", "ms_per_query")


def bigrams(text: str) -> list[str]:
    """Return the pairs of neighbouring letters and digits."""
    folded = fold(text)
    return [a + b for a, b in pairwise(folded) if a.isalnum() and b.isalnum()]


def jieba_words() -> Callable[[str], list[str]] | None:
    """Return jieba's search segmentation without punctuation, or None where jieba is not installed."""
    try:
        import jieba
    except ImportError:
        return None
    jieba.setLogLevel("ERROR")
    return lambda text: [word for word in jieba.cut_for_search(fold(text)) if any(c.isalnum() for c in word)]


def plain_bm25(collection: Collection, split: Callable[[str], list[str]], *, k1: float = 1.2, b: float = 0.75) -> dict:
    """Return the figures of BM25 over the passages' own words, each posting list an array."""
    documents = [Counter(split(text)) for text in collection.texts]
    lengths = np.array([sum(document.values()) for document in documents], dtype=float)
    norms = k1 * (1 - b + b * lengths / lengths.mean())
    lists: dict[str, list[tuple[int, int]]] = {}
    for row, document in enumerate(documents):
        for word, times in document.items():
            lists.setdefault(word, []).append((row, times))
    postings = {word: np.array(entries).T for word, entries in lists.items()}
    n, ranking, start = len(documents), {}, time.perf_counter()
    for query_id, text in zip(collection.query_ids, collection.queries, strict=True):
        scores = np.zeros(n)
        for word in split(text):
            if word in postings:
                rows, times = postings[word]
                idf = math.log(1 + (n - len(rows) + 0.5) / (len(rows) + 0.5))
                scores[rows] += idf * times * (k1 + 1) / (times + norms[rows])
        best = np.lexsort((np.arange(n), -scores))[:100]
        ranking[query_id] = [collection.passage_ids[row] for row in best if scores[row] > 0]
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
