"""`policykb train`: a table model from pairs, or the bundled one adapted to a corpus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from search_app.options import echo_json, json_option
from search_app.progress import progress


@click.command()
@click.argument("pairs", nargs=-1, metavar="[PAIRS[:WEIGHT]]...")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="New folder for the model.",
)
@click.option(
    "--base",
    metavar="DIR",
    help='Continue from the model in this folder instead of from nothing; "bundled" for the one that comes along.',
)
@click.option(
    "--corpus",
    type=click.Path(path_type=Path, exists=True),
    metavar="PATH",
    help="Adapt the base to these pages, or to the pages of this knowledge base; says what that gained on a fifth of "
    "them that it did not see.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Same pairs, seed and machine: same model.")
@click.option(
    "--epochs",
    type=click.FloatRange(min=0, min_open=True),
    help="How often to go through the pairs: 5, with a base 4, more where they are few.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    help="Train for this long instead; the clock decides, so no two runs are alike.",
)
@click.option("--dim", type=click.IntRange(8, 1024), help="Numbers in a vector; a base decides its own.")
@click.option("--rows", type=click.IntRange(64), help="Characters and bigrams to learn; with a base, to add.")
@json_option
def command(
    pairs: tuple[str, ...],
    out: Path,
    base: str | None,
    corpus: Path | None,
    seed: int,
    epochs: float | None,
    minutes: float | None,
    dim: int | None,
    rows: int | None,
    as_json: bool,
) -> None:
    """Train an embedding model on PAIRS and write it to a folder that `rebuild --model DIR` takes.

    PAIRS are .jsonl or .jsonl.gz files, or folders of them, with one {"query": ..., "positive": ...} a line: a question
    and a text that answers it, a title and its text, a sentence and its paraphrase. A few hundred pairs adapt a model,
    a new one wants a hundred thousand. PAIRS:3 lets each pair count three times. With --corpus the titles, headings and
    short answers of your own pages ask, and PAIRS may be left out.

    \b
    Examples:
      policykb train pairs/ our-questions.jsonl:3 --out models/mine
      policykb train --base bundled --corpus pages/ --out models/ours
      policykb train our-questions.jsonl --base bundled --out models/ours
      policykb train pairs/ --minutes 3 --out models/quick --json
    """
    if epochs is not None and minutes is not None:
        raise click.UsageError("--epochs and --minutes exclude each other.")
    if base is not None and dim is not None:
        raise click.UsageError("--dim is decided by the --base model.")
    if corpus is not None and base is None:
        raise click.UsageError("--corpus adapts a model: name one with --base, for example --base bundled.")
    if corpus is None and not pairs:
        raise click.UsageError("Name files or folders of PAIRS, or pages with --corpus.")
    from index.model import BUNDLED, WEIGHTS
    from index.model.pairs import parse_source, read_pairs

    # A mistake in a file shows at once, before the seconds that torch takes to load.
    sets = read_pairs([parse_source(text) for text in pairs]) if pairs else []
    begin = None if base is None else WEIGHTS if base == BUNDLED else Path(base)
    settings: dict[str, Any] = {"epochs": epochs, "minutes": minutes, "dim": dim}
    settings["rows" if base is None else "new_rows"] = rows
    given = {name: value for name, value in settings.items() if value is not None}
    with progress({"train": "training"}) as update:
        tell: Callable[[int, int, float], None] = lambda step, total, loss: update("train", step, total)  # noqa: E731
        if corpus is None or begin is None:
            from index.model.train import train_on

            record = train_on(sets, out, base=begin, seed=seed, progress=tell, **given)
        else:
            from index.model.adapt import adapt

            record = adapt(corpus, out, base=begin, pairs=sets, seed=seed, progress=tell, **given)
    if as_json:
        echo_json(record)
        return
    click.echo(f"{record['rows']} rows of {record['dim']} in {out}, trained in {record['seconds']:.0f} s")
    click.echo(f"{record['steps']} steps, loss {record['loss']}, fingerprint {record['fingerprint'][:12]}")
    if corpus is not None:
        told = record["corpus"]
        before, after = (told[when]["ndcg@10"] for when in ("before", "after"))
        click.echo(
            f"{told['questions']} titles and headings of {told['held_articles']} articles it did not see: "
            f"nDCG@10 {before:.3f} before, {after:.3f} after"
        )
        if after <= before:
            click.echo("that is no gain: more pages or pairs of your own would be needed, keep the base model")
    click.echo(f"use it: policykb rebuild --model {out}")
