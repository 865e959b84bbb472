"""`policykb similar`: the passages nearest to a passage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import build_option, echo_json, filters_option, json_option, kb_option, table_options

if TYPE_CHECKING:
    from index.filters import Filters


@click.command()
@click.argument("passage_id")
@kb_option
@build_option
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="How many passages.")
@click.option("--same-article", is_flag=True, help="Also passages of the article itself.")
@filters_option
@table_options
@json_option
def command(
    passage_id: str,
    kb: Path,
    build: str | None,
    k: int,
    same_article: bool,
    filters: Filters,
    kind: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """List the passages nearest in meaning to the passage PASSAGE_ID, near-identical ones as one.

    Ids stand in `policykb search --json`, in every citation and in every export.

    \b
    Examples:
      policykb similar 4fa8038566b4.f4c7654a
      policykb similar 4fa8038566b4.f4c7654a -k 3 --region 湖北 --json
      policykb similar 4fa8038566b4.f4c7654a --format csv --output near.csv
    """
    from index.kb import open_kb

    base = open_kb(kb, build=build)
    found = base.similar(passage_id, k=k, where=filters, same_article=same_article)
    if as_json:
        echo_json(found.as_dict())
        return
    if kind or output:
        from index.table import Origin, table_of_frame
        from search_app.table_out import command_line, write_table

        words = ("-k", str(k), *(("--same-article",) if same_article else ()), passage_id)
        origin = Origin(base.build, command_line("similar", base, filters, *words), filters)
        write_table(base, table_of_frame(found.to_frame(), "similar", origin), kind, output)
        return
    click.secho(f"near to: {' › '.join((found.of.title, *found.of.heading_path))}", dim=True)
    if not found:
        click.echo("nothing near; try fewer filters")
    for one in found:
        click.secho(f"{one.rank}. {' › '.join((one.title, *one.heading_path))}", bold=True)
        click.echo(one.text)
        copies = f"  {one.copies} near-identical" if one.copies else ""
        click.secho(
            f"   cosine {one.cosine:.3f}  {one.passage_id}  {one.path} [{one.start}, {one.end}){copies}", dim=True
        )
    sources = found.sources
    click.secho(f"  {sources.passages} passages, {sources.texts} distinct texts, {sources.sites} sites", dim=True)
    click.secho(f"  build {found.build}", dim=True)
