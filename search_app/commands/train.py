"""`policykb train`: a table model from pairs, or the bundled one adapted to a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from search_app.options import echo_json, json_option
from search_app.progress import progress


@click.command()
@click.argument("pairs", nargs=-1, required=True, type=click.Path(path_type=Path))
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
@click.option("--seed", type=int, default=7, show_default=True, help="Same pairs, seed and machine: same model.")
@click.option(
    "--epochs",
    type=click.FloatRange(min=0, min_open=True),
    help="How often to go through the pairs: 4, more where they are few.",
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
    pairs: tuple[Path, ...],
    out: Path,
    base: str | None,
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
    a new one wants a hundred thousand.

    \b
    Examples:
      policykb train pairs/ --out models/mine
      policykb train our-questions.jsonl --base bundled --out models/ours
      policykb train pairs/ --minutes 3 --out models/quick --json
    """
    if epochs is not None and minutes is not None:
        raise click.UsageError("--epochs and --minutes exclude each other.")
    if base is not None and dim is not None:
        raise click.UsageError("--dim is decided by the --base model.")
    from index.model import BUNDLED, WEIGHTS
    from index.model.pairs import read_pairs

    read_pairs(pairs)  # a mistake in a file shows at once, before the seconds that torch takes to load
    from index.model.train import train

    settings: dict[str, Any] = {"epochs": epochs, "minutes": minutes, "dim": dim}
    settings["rows" if base is None else "new_rows"] = rows
    with progress({"train": "training"}) as update:
        record = train(
            pairs,
            out,
            base=None if base is None else WEIGHTS if base == BUNDLED else Path(base),
            seed=seed,
            progress=lambda step, total, loss: update("train", step, total),
            **{name: value for name, value in settings.items() if value is not None},
        )
    if as_json:
        echo_json(record)
        return
    click.echo(f"{record['rows']} rows of {record['dim']} in {out}, trained in {record['seconds']:.0f} s")
    click.echo(f"{record['steps']} steps, loss {record['loss']}, fingerprint {record['fingerprint'][:12]}")
    click.echo(f"use it: policykb rebuild --model {out}")
