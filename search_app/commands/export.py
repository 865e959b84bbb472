"""`policykb export`: results, or all passages of a base, as a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from search_app.options import build_option, echo_json, filters_option, json_option, kb_option, order_options
from search_app.progress import progress
from search_app.table_out import writing

if TYPE_CHECKING:
    from index.export import Row
    from index.filters import Filters
    from index.kb import KnowledgeBase

# The names in index.export, which is not imported to print a help text; a test holds the two together.
FORMATS = ("csv", "jsonl", "parquet", "bibtex", "ris", "csl", "gbt7714")
_OF_A_QUERY = {"k": "-k", "mode": "--mode", "sort": "--sort"}


@click.command()
@click.argument("query", required=False)
@kb_option
@build_option
@click.option("--format", "kind", required=True, type=click.Choice(FORMATS), help="What the file shall be.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write here instead of to the output.",
)
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="How many passages, with QUERY.")
@filters_option
@order_options
@click.option("--model", metavar="NAME_OR_DIR", help="The model of the build, where its folder has moved.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    query: str | None,
    kb: Path,
    build: str | None,
    kind: str,
    out: Path | None,
    k: int,
    filters: Filters,
    mode: str,
    sort: str,
    model: str | None,
    as_json: bool,
) -> None:
    """Write the passages found for QUERY, or all of the base that the filters allow, as a file.

    Tables (csv, jsonl, parquet) have a row for each passage with text, place, date, build and question. References
    (bibtex, ris, csl) have an entry for each passage, gbt7714 has a line for each article. In csv a cell that a
    spreadsheet would run as a formula begins with an apostrophe. With --json the file needs --out, and what was written
    is told.

    \b
    Examples:
      policykb export 断缴三个月还能报销吗 --format csv --out gap.csv
      policykb export 生育津贴 -k 50 --scheme 生育保险 --format ris --out allowance.ris
      policykb export 异地就医备案 --format gbt7714
      policykb export --format parquet --out all.parquet
      policykb export --region 湖南 --since 2025 --format jsonl --out hunan.jsonl --json
    """
    _expect_sound(context, query, kind, out, as_json)
    from index.export import FORMATS as WRITERS
    from index.export import Origin, passages_under, rows_of
    from index.kb import open_kb

    base = open_kb(kb, build=build, model=model)
    if query is None:
        origin = Origin(base.build, filters=filters)
        passages = passages_under(base, filters)
        rows, count = _counted(base, passages), len(passages)
    else:
        origin = Origin(base.build, query, mode, sort, filters)
        hits = base.search(query, k=k, mode=mode, filters=filters, sort=sort)  # type: ignore[arg-type]  # click.Choice gives plain strings
        rows, count = rows_of(base, hits), len(hits)
    if not count:
        click.echo("nothing found: the file has no passage; try other words or fewer filters", err=True)
    with writing(out) as stream:
        WRITERS[kind].write(rows, origin, stream)
        stream.flush()
    if out is not None and as_json:
        told = {"build": base.build, "query": query, "format": kind, "out": str(out), "passages": count}
        echo_json({**told, "bytes": out.stat().st_size})
    elif out is not None:
        click.echo(f"{out}: {count} passages of build {base.build}", err=True)


def _expect_sound(context: click.Context, query: str | None, kind: str, out: Path | None, as_json: bool) -> None:
    if query is None:
        for name, option in _OF_A_QUERY.items():
            if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
                raise click.UsageError(f"{option} is for the passages of a QUERY; name one, or leave {option} out.")
    if as_json and out is None:
        raise click.UsageError("--json tells of a file; name it with --out FILE.")
    if kind == "parquet" and out is None and sys.stdout.isatty():
        raise click.UsageError("parquet is not for a terminal; name a file with --out FILE.")


def _counted(kb: KnowledgeBase, passages: Sequence[int]) -> Iterator[Row]:
    """Yield the rows of a whole base and draw how far they are."""
    from index.export import rows_at
    from index.references import BATCH

    with progress({"export": "passages"}) as update:
        for done, row in enumerate(rows_at(kb, passages), start=1):
            if not done % BATCH or done == len(passages):
                update("export", done, len(passages))
            yield row
