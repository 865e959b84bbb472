"""Measures what is found on the collections of `$POLICYKB_SHARED/bench/retrieval`, all methods in one table.

policykb and the two BM25 baselines are ranked by bench/retrieval.py, the words of txtai and LlamaIndex by
`words_worker.py` in their environment; all are measured by the same code. Words are those of the passages alone, except
that policykb uses the titles and articles which two of the collections have.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

from baseline import bigrams, jieba_words
from peers.measuring import Results, say
from retrieval import plain_bm25

from index.evaluate import Collection, evaluate, measure, read_collection
from index.model import load_embedder

METHODS = {
    "txtai, keyword index as it comes": "txtai",
    "LlamaIndex, BM25Retriever as it comes": "llama",
    "LlamaIndex, a token a Han character": "llama-characters",
}


def collections(shared: Path) -> list[Path]:
    """Return the folders of the collections, by name."""
    return sorted(path.parent for path in (shared / "bench" / "retrieval").glob("*/qrels.tsv"))


def measure_quality(folders: list[Path], python: Path, results: Results) -> None:
    """Keep the figures of each collection by method, those that are not kept yet; `python` is that of the peers."""
    embedder, words = load_embedder("bundled"), jieba_words()
    for folder in folders:
        if folder.name in results.kept.get("quality", {}):
            continue
        collection = read_collection(folder)
        rows = {f"policykb, {mode}": evaluate(collection, embedder, mode=mode) for mode in ("hybrid", "lexical")}
        rows["policykb, dense"] = evaluate(collection, embedder, mode="dense")
        if words is None:
            say("jieba is not installed: its row is left out (pip install jieba)")
        else:
            rows["BM25, words by jieba"] = plain_bm25(collection, words)
        rows["BM25, character bigrams"] = plain_bm25(collection, bigrams)
        for name, method in METHODS.items():
            try:
                rows[name] = _words_of(collection, method, python)
            except subprocess.CalledProcessError as error:
                say(f"  {name}: {error.stderr.strip().splitlines()[-1:]}")
        results.keep("quality", rows, folder.name)
        say(f"measured {folder.name}")


def _words_of(collection: Collection, method: str, python: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as scratch:
        given, run = Path(scratch) / "collection.json", Path(scratch) / "run.json"
        texts = {"ids": collection.passage_ids, "texts": collection.texts}
        asked = {"query_ids": collection.query_ids, "queries": collection.queries}
        given.write_text(json.dumps(texts | asked), "utf-8")
        worker = Path(__file__).with_name("words_worker.py")
        subprocess.run(
            [python, worker, method, given, run],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TQDM_DISABLE": "1"},
        )
        found = json.loads(run.read_text("utf-8"))
    figures: dict[str, float] = measure(found["run"], collection.qrels)
    return figures | {"ms_per_query": found["ms_per_query"]}
