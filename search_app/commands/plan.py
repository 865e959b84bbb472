"""`policykb plan`: what a base of so many passages takes, and which store to choose for it."""

from __future__ import annotations

from pathlib import Path

import click

from search_app.amounts import Count, Size
from search_app.options import echo_json, json_option
from search_app.words import Lang


@click.command()
@click.option(
    "--passages",
    "sizes",
    type=Count(),
    multiple=True,
    help="How many passages: 1e6, 1,000,000 or 100万. Several give a table, by itself from 1e5 to 1e9.",
)
@click.option(
    "--model",
    metavar="NAME",
    help="bundled, the folder of a model, or the length of its vectors (1024); by itself bundled, or that of --kb.",
)
@click.option(
    "--kb",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Take the bytes of a passage from this base, whose pages may be longer or shorter than those measured.",
)
@click.option("--node-memory", type=Size(), default="64GB", show_default=True, help="Memory of a machine.")
@click.option("--node-disk", type=Size(), default="1TB", show_default=True, help="Disk of a machine.")
@click.option(
    "--replicas", type=click.IntRange(1, 100), default=2, show_default=True, help="Copies of each shard on Qdrant."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 100_000),
    default=8,
    show_default=True,
    help="Processes that learn and clean, on one machine or, with Ray, on many.",
)
@click.option(
    "--passages-per-second",
    type=click.FloatRange(min=0, min_open=True),
    metavar="R",
    help="What your GPUs embed with the model, all together; without it processors do.",
)
@click.option("--lines", "wants_lines", is_flag=True, help="Print the measured lines that every figure follows from.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the plan.")
@json_option
def command(
    sizes: tuple[int, ...],
    model: str | None,
    kb: Path | None,
    node_memory: float,
    node_disk: float,
    replicas: int,
    workers: int,
    passages_per_second: float | None,
    wants_lines: bool,
    lang: Lang,
    as_json: bool,
) -> None:
    """Say what N passages take on disk, in memory and in time, embedded and on Qdrant, and which to choose.

    Every figure is a straight line through measurements (`--lines`); those beyond the measured sizes bear a *. Needs no
    knowledge base. See docs/scale.md.

    \b
    Examples:
      policykb plan --passages 1e6
      policykb plan --passages 500万 --model 1024 --passages-per-second 4000 --node-memory 128GB
      policykb plan --passages 1e8 --kb /srv/kb --replicas 3 --workers 64 --json
      policykb plan                        (a table from 1e5 to 1e9)
      policykb plan --lines
    """
    from index.capacity import SIZES, Node, lines_for, plan_capacity, read_model
    from search_app.capacity_text import lines_table, plan_lines, sizes_table
    from search_app.words import Words

    lines, built = lines_for(kb)
    plans = [
        plan_capacity(
            passages,
            model=read_model(model) if model else built,
            lines=lines,
            node=Node(node_memory, node_disk),
            replicas=replicas,
            workers=workers,
            passages_per_second=passages_per_second,
        )
        for passages in sizes or SIZES
    ]
    say = Words(lang)
    if as_json:
        echo_json({"plans": [plan.as_dict() for plan in plans]})
    elif wants_lines:
        click.echo(lines_table(lines), nl=False)
    elif len(plans) > 1:
        click.echo(sizes_table(plans, say), nl=False)
    else:
        for line in plan_lines(plans[0], say):
            click.echo(line)
