"""`policykb search`: ranked passages with their reasons."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import echo_json, filter_options, json_option, kb_option

if TYPE_CHECKING:
    from index.search import Hit


@click.command()
@click.argument("query")
@kb_option
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="How many passages.")
@filter_options
@click.option(
    "--mode",
    default="hybrid",
    show_default=True,
    type=click.Choice(["hybrid", "dense", "lexical"]),
    help="Words and meaning together, meaning alone, or words alone.",
)
@click.option("--model", metavar="NAME_OR_DIR", help="The model of the build, where its folder has moved.")
@json_option
def command(
    query: str,
    kb: Path,
    k: int,
    region: tuple[str, ...],
    scheme: tuple[str, ...],
    since: datetime | None,
    mode: str,
    model: str | None,
    as_json: bool,
) -> None:
    """Rank the passages of the knowledge base for QUERY, best first, and say why each stands where it stands.

    \b
    Examples:
      policykb search 断缴三个月还能报销吗
      policykb search 生育津贴 -k 3 --scheme 生育保险 --since 2025
      policykb search 异地就医备案 --mode lexical --json
    """
    from index.kb import open_kb
    from index.search import Filters

    filters = Filters(region, scheme, since.date().isoformat() if since else None)
    base = open_kb(kb, model=model)
    hits = base.search(query, k=k, mode=mode, filters=filters)  # type: ignore[arg-type]  # click.Choice gives a plain string
    if as_json:
        echo_json(hits.as_dict())
        return
    if not hits:
        click.echo("nothing found; try other words, fewer filters or --mode dense")
    for hit in hits:
        _show(hit)


def _show(hit: Hit) -> None:
    date = f"  {hit.as_of_kind} {hit.as_of}" if hit.as_of else ""
    click.secho(f"{hit.rank}. {' › '.join((hit.title, *hit.heading_path))}", bold=True)
    click.echo(_marked(hit.text, hit.reasons.marks))
    legs = ", ".join(f"{name} {leg.share:.2f}" for name, leg in hit.reasons.legs.items() if leg.share)
    click.secho(f"   {hit.path} [{hit.start}, {hit.end}){date}   score {hit.score:.3f} = {legs}\n", dim=True)


def _marked(text: str, marks: tuple[tuple[int, int], ...]) -> str:
    """Return the text with the query's words in colour; without a terminal click strips the colour again."""
    parts, position = [], 0
    for start, end in marks:
        parts += [text[position:start], click.style(text[start:end], fg="yellow", bold=True)]
        position = end
    return "".join((*parts, text[position:]))
