"""Says whether more pairs of our own would pay: trains with 0, 500, 1,000 … of them and asks for statements held out.

    python bench/pairs_curve.py [--own index/bank/pairs] [--others ../shared/train] [--epochs 2]

A tenth of the statements is held out with all its questions. They are looked for among all our statements and 3,000
positives of the largest other set, by the dense leg alone and beside the passages' words with half the weight each.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import click
import numpy as np

from index.evaluate import measure
from index.model.embedder import TableEmbedder
from index.model.pairs import PairSet, hold_out, read_pairs
from index.model.train import train_on
from index.store.terms import Terms, build_terms

_DISTRACTORS = 3000
_DEPTH = 10


def take(sets: list[PairSet], size: int) -> list[PairSet]:
    """Return `sets` with about `size` pairs, from every set its share, so that the curve is not one of subjects."""
    whole = sum(len(part.pairs) for part in sets)
    random = np.random.default_rng(11)
    taken = []
    for part in sets:
        places = random.permutation(len(part.pairs))[: round(len(part.pairs) * size / whole)]
        if len(places):
            pairs = tuple(part.pairs[place] for place in sorted(places.tolist()))
            taken.append(PairSet(part.name, pairs, part.weight, part.folder))
    return taken


def found(
    table: TableEmbedder, words: Terms, statements: list[str], asked: list[tuple[str, str]]
) -> tuple[float, float, float]:
    """Return nDCG@10 of words alone, vectors alone, and half of each."""
    place = {text: str(number) for number, text in enumerate(statements)}
    qrels: dict[str, dict[str, int]] = {}
    for query, positive in asked:
        qrels.setdefault(query, {})[place[positive]] = 1
    vectors = table.encode_document(statements)
    rankings: list[dict[str, list[str]]] = [{}, {}, {}]
    for query, vector in zip(qrels, table.encode_query(list(qrels)), strict=True):
        lexical = words.scores(query)
        lexical /= max(float(lexical.max()), 1e-9)
        cosine = np.maximum(vectors @ vector, 0)
        for ranking, scores in zip(rankings, (lexical, cosine, (lexical + cosine) / 2), strict=True):
            ranking[query] = [str(row) for row in np.argsort(-scores, kind="stable")[:_DEPTH].tolist()]
    lexical_figure, dense_figure, both = (measure(ranking, qrels)["ndcg@10"] for ranking in rankings)
    return lexical_figure, dense_figure, both


@click.command()
@click.option(
    "--own", type=click.Path(path_type=Path, exists=True), default=Path("index/bank/pairs"), show_default=True
)
@click.option(
    "--others",
    type=click.Path(path_type=Path, exists=True),
    default=lambda: Path(os.environ.get("POLICYKB_SHARED", "../shared")) / "train",
    show_default="$POLICYKB_SHARED/train",
)
@click.option("--sizes", default="0,500,1000,2000", show_default=True, help="Beside these, all there are.")
@click.option("--weight", default=3.0, show_default=True, help="How often an own pair counts.")
@click.option("--epochs", default=2.0, show_default=True)
def main(own: Path, others: Path, sizes: str, weight: float, epochs: float) -> None:
    """Print one line of JSON a size."""
    ours, other = read_pairs([own]), read_pairs([others])
    ours = [PairSet(part.name, part.pairs, weight, part.folder) for part in ours]
    kept, held = hold_out(ours, 0.1)
    asked = [pair for part in held for pair in part.pairs]
    largest = max(other, key=lambda part: len(part.pairs))
    random = np.random.default_rng(5)
    distractors = random.permutation(sorted({positive for _, positive in largest.pairs}))[:_DISTRACTORS]
    statements = list(
        dict.fromkeys([*(positive for part in ours for _, positive in part.pairs), *distractors.tolist()])
    )
    words = build_terms(statements)
    everything = sum(len(part.pairs) for part in kept)
    for size in [*(int(number) for number in sizes.split(",")), everything]:
        if size > everything:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            train_on([*other, *take(kept, size)], Path(scratch) / "model", epochs=epochs)
            table = TableEmbedder.load(Path(scratch) / "model")
        lexical, dense, both = found(table, words, statements, asked)
        figures = {"words": round(lexical, 4), "dense": round(dense, 4), "both": round(both, 4)}
        click.echo(json.dumps({"own pairs": size, "held questions": len(asked), "ndcg@10": figures}))


if __name__ == "__main__":
    main()
