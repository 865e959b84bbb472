"""Measures what the lexicon gains: every figure without it and with it.

    python bench/lexicon.py [COLLECTION…] [--skip-answers] [--json]

First the collections under `$POLICYKB_SHARED/bench/retrieval` (default `../shared`) or the folders named, most of them
not of this field: there the lexicon must do no harm. Then the questions of bench/answers.py, which are of it. Ranking,
expansions and answers are those of the product; only the lexicon is exchanged for an empty one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout without installing

from index.collection import Collection, read_collection
from index.engine import Engine
from index.evaluate import engine_of
from index.lexicon.lexicon import Lexicon, read_lexicon
from index.measures import measure
from index.model import load_embedder
from index.ranking import Mode, rank
from index.search import other_wordings

ROOT = Path(__file__).resolve().parents[1]
MODES: tuple[Mode, ...] = ("lexical", "hybrid")
LEXICONS = {"without": Lexicon(), "with": read_lexicon()}
SHARED = Path(os.environ.get("POLICYKB_SHARED", ROOT.parent / "shared"))


def collection_figures(
    collection: Collection, engine: Engine, vectors: np.ndarray, mode: Mode, lexicon: Lexicon
) -> dict[str, float]:
    """Return the figures of `measure` and how many of the questions have a word that the lexicon knows."""
    ranking, touched = {}, 0
    for query_id, text, vector in zip(collection.query_ids, collection.queries, vectors, strict=True):
        expansions = lexicon.expand(text)
        touched += bool(expansions)
        hits = rank(
            text,
            vector,
            engine,
            mode=mode,
            k=100,
            also=other_wordings(expansions),
        )
        ranking[query_id] = [collection.passage_ids[hit.row] for hit in hits]
    return measure(ranking, collection.qrels) | {"touched": touched}


def milliseconds(questions: Sequence[str], lexicon: Lexicon) -> float:
    """Return the mean time of an expansion, after the tables are made ready."""
    lexicon.expand("医保")
    begun = time.perf_counter()
    for question in questions:
        lexicon.expand(question)
    return 1000 * (time.perf_counter() - begun) / len(questions)


def answer_tables() -> dict[str, dict[str, Any]]:
    """Return the figures of bench/answers.py for each set of questions, without the lexicon and with it."""
    import answers  # lies beside this file

    tables: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, (pages, read)) in enumerate(answers.question_sets().items()):
            kb = answers.build_kb(pages, Path(scratch) / str(number))
            questions = read(kb)
            for which, lexicon in LEXICONS.items():
                kb.lexicon = lexicon
                searched = {mode: answers.search_figures(kb, questions, mode) for mode in MODES}
                tables.setdefault(name, {})[which] = searched | {"answers": answers.answer_figures(kb, questions)}
    return tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", nargs="*", type=Path, help="folders with corpus, queries and qrels")
    parser.add_argument("--model", default="bundled", help="embedding model of the hybrid rows")
    parser.add_argument("--skip-answers", action="store_true", help="measure the collections alone")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    embedder = load_embedder(options.model)
    folders = options.collections or sorted(file.parent for file in (SHARED / "bench/retrieval").glob("*/qrels.tsv"))
    found: dict[str, Any] = {"collections": {}, "ms": {}}
    for folder in folders:
        collection = read_collection(folder)
        engine = engine_of(collection, embedder)
        vectors = embedder.encode_query(list(collection.queries))
        found["ms"][folder.name] = round(milliseconds(collection.queries, LEXICONS["with"]), 4)
        for mode in MODES:
            found["collections"].setdefault(folder.name, {})[mode] = {
                which: collection_figures(collection, engine, vectors, mode, lexicon)
                for which, lexicon in LEXICONS.items()
            }
        print(f"measured {folder.name}", file=sys.stderr)
    found["answers"] = {} if options.skip_answers else answer_tables()
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print_tables(found)


def print_tables(found: dict[str, Any]) -> None:
    print("| collection | mode | questions touched | nDCG@10 without | with | gain | R@10 without | with | expand ms |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    for name, by_mode in found["collections"].items():
        for mode, pair in by_mode.items():
            left, right = pair["without"], pair["with"]
            gain = 100 * (right["ndcg@10"] - left["ndcg@10"])
            print(
                f"| {name} | {mode} | {right['touched']} of {right['queries']} | {left['ndcg@10']:.4f} |"
                f" {right['ndcg@10']:.4f} | {gain:+.2f} | {left['recall@10']:.4f} | {right['recall@10']:.4f} |"
                f" {found['ms'][name]:.3f} |"
            )
    for name, pair in found["answers"].items():
        for table in (*MODES, "answers"):
            print(f"\n| {name}: {table} | " + " | ".join(pair["with"][table]) + " |")
            print("|---|" + "--:|" * len(pair["with"][table]))
            for which in LEXICONS:
                print(f"| {which} | " + " | ".join(str(value) for value in pair[which][table].values()) + " |")


if __name__ == "__main__":
    main()
