"""`policykb evaluate`: retrieval measured on a folder of questions."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import click

from search_app.options import echo_json, json_option
from search_app.progress import progress


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--mode",
    default="hybrid",
    show_default=True,
    type=click.Choice(["hybrid", "dense", "lexical"]),
    help="Words and meaning together, meaning alone, or words and article evidence alone.",
)
@click.option("--model", default="bundled", show_default=True, metavar="NAME_OR_DIR", help="Embedding model.")
@click.option(
    "--run", "run_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the ranking as a TREC run."
)
@json_option
def command(folder: Path, mode: str, model: str, run_file: Path | None, as_json: bool) -> None:
    """Measure retrieval on FOLDER, which holds corpus.jsonl[.gz], queries.jsonl[.gz] and qrels.tsv.

    The passages of the file are ranked as they are: no splitting, no folding, no boosts.

    \b
    Examples:
      policykb evaluate bench/my-questions
      policykb evaluate bench/my-questions --mode lexical --run lexical.trec --json
    """
    from index.evaluate import evaluate, read_collection
    from index.model import load_embedder

    collection = read_collection(folder)
    embedder = None if mode == "lexical" else load_embedder(model)
    total, done = len(collection.queries), count(1)
    with progress({"rank": "ranking"}) as update:
        figures = evaluate(
            collection,
            embedder,
            mode=mode,  # type: ignore[arg-type]  # click.Choice gives a plain string
            run_file=run_file,
            progress=lambda _: update("rank", next(done), total),
        )
    if as_json:
        echo_json(figures)
        return
    for name, value in figures.items():
        click.echo(f"{name:<14} {value}")
