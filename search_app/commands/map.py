"""`policykb map`: the map of passages as a picture, its points as a table, or its groups in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import build_option, echo_json, filters_option, json_option, kb_option

if TYPE_CHECKING:
    from index.explore.area import Area
    from index.filters import Filters

PICTURES = ("svg", "png")
# The kinds of index.table, which is not imported to print a help text; a test holds the two together.
TABLES = ("csv", "jsonl", "parquet", "md", "html", "bibtex", "ris", "csl", "gbt7714")


def _read_area(ctx: click.Context, param: click.Parameter, value: str | None) -> Area | None:
    from index.explore.area import Area

    try:
        return Area.read(value) if value else None
    except ValueError as error:
        raise click.BadParameter(f"{error}.", ctx, param) from error


@click.command()
@kb_option
@build_option
@click.option("--cluster", type=click.IntRange(1), metavar="N", help="Only the points of this group.")
@click.option(
    "--area",
    callback=_read_area,
    metavar="X,Y,X,Y",
    help="Only the points in this box, or in a polygon of more corners; the map is 100 wide.",
)
@filters_option
@click.option(
    "--format",
    "kind",
    type=click.Choice(PICTURES + TABLES),
    help="A picture, the points with their passages as a table, or the references.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write into this file; its ending says the format where --format does not.",
)
@json_option
def command(
    kb: Path,
    build: str | None,
    cluster: int | None,
    area: Area | None,
    filters: Filters,
    kind: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Show the groups of like passages, or write the map as a picture or a table.

    Each point is a passage, near-identical ones are one point, like stands near like. Positions measure nothing. A
    picture has all points; those outside of the filters, group and area are grey. Of more than 50,000 texts a sample
    is drawn, always the same.

    \b
    Examples:
      policykb map
      policykb map --output map.svg
      policykb map --scheme 职工医保 --output employees.png
      policykb map --cluster 3 --format csv --output group3.csv
      policykb map --area 10,20,40,60 --json
    """
    from index.explore.map_table import map_table, sources_by_cluster
    from index.explore.passage_map import select
    from index.kb import open_kb
    from search_app.table_out import command_line, write_picture, write_table

    ending = output.suffix.lower().removeprefix(".") if output else ""
    is_picture = kind in PICTURES or (kind is None and ending in PICTURES)
    if is_picture and (ending or "svg") != (kind or ending):
        raise click.UsageError(f"--format {kind} wants --output with a name that ends in .{kind}.")
    base = open_kb(kb, build=build)
    whole = base.map()
    words = [*(("--cluster", str(cluster)) if cluster else ()), *(("--area", str(area)) if area else ())]
    if (kind or output) and not is_picture:
        line = command_line("map", base, filters, *words)
        write_table(base, map_table(base, command=line, where=filters, cluster=cluster, area=area), kind, output)
        return
    chosen = select(base, whole, filters, cluster, area)
    if is_picture:
        from index.explore.map_picture import map_svg
        from index.explore.subcorpus import name_of

        caveat = "positions are not measurements"
        title, desc = f"分布图 · {name_of(filters)}", f"{len(whole):,} passages, like near like; {caveat}"
        if words or filters:
            title += f" · {int(chosen.sum()):,} / {len(whole):,}"
            what = " ".join([*([name_of(filters)] if filters else []), *words])
            desc += f"; {what}: {int(chosen.sum()):,} of {len(whole):,} highlighted"
        write_picture(
            map_svg(whole, chosen, title, desc), output, note=f"policykb · {base.build} · 位置不是度量 · {desc}"
        )
        return
    groups = [(one, sources) for one, sources in sources_by_cluster(base, whole, chosen) if sources.passages]
    if as_json:
        told = {"build": base.build, "points": len(whole), "texts": whole.texts, "is_sample": whole.is_sample}
        told |= {"filters": filters.as_dict(), "cluster": cluster, "area": str(area) if area else None}
        clusters = [one.as_dict() | {"sources": sources.as_dict()} for one, sources in groups]
        echo_json(told | {"chosen": int(chosen.sum()), "clusters": clusters})
        return
    for one, sources in groups:
        click.echo(
            f"{one.number:>3}  {one.label}  {sources.texts} texts, {sources.articles} articles, {sources.sites} sites"
        )
    drawn = f", a sample of {whole.texts}" if whole.is_sample else ""
    click.secho(f"  {int(chosen.sum())} of {len(whole)} points{drawn}; positions are not measurements", dim=True)
    click.secho(f"  build {base.build}", dim=True)
