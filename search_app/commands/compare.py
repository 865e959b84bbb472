"""`policykb compare`: one question, asked of each place, year, scheme or site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import build_option, echo_json, filters_option, json_option, kb_option, table_options

if TYPE_CHECKING:
    from index.explore.cells import Cell
    from index.explore.compare import Comparison
    from index.filters import Filters

# The names in index.explore.compare, which is not imported to print a help text; a test holds the two together.
BY = ("region", "year", "scheme", "site")


@click.command()
@click.argument("question")
@kb_option
@build_option
@click.option("--by", default="region", show_default=True, type=click.Choice(BY), help="What the rows are.")
@click.option("--across", type=click.Choice(BY), help="What the columns are; none without it.")
@click.option("--value", "values", multiple=True, help="A row, instead of those that speak most of the matter.")
@filters_option
@table_options
@json_option
def command(
    question: str,
    kb: Path,
    build: str | None,
    by: str,
    across: str | None,
    values: tuple[str, ...],
    filters: Filters,
    kind: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Say what the articles of each place, year, scheme or site state to QUESTION, word for word, or that none does.

    Every cell is answered as `policykb ask` answers, from the articles that name its value and meet the filters; a
    sentence about another place (year, scheme) is never taken. Rows are the values with most articles on the matter
    unless --value names them; "-" stands for the articles that name none.

    \b
    Examples:
      policykb compare 医保断缴后等待期是多久
      policykb compare 居民医保一年交多少钱 --by year --region 湖南
      policykb compare 生育津贴怎么算 --by region --across year
      policykb compare 门诊报销比例是多少 --by scheme --format md --output matrix.md
      policykb compare 医保断缴后等待期是多久 --value 江苏 --value 湖北 --json
    """
    from index.kb import open_kb

    base = open_kb(kb, build=build)
    found = base.compare(question, by, where=filters, values=values or None, across=across)
    if as_json:
        echo_json(found.as_dict())
        return
    if kind or output:
        from index.explore.compare_table import comparison_table
        from index.table import Origin
        from search_app.table_out import command_line, write_table

        words = ("--by", by, *(("--across", across) if across else ()))
        words += tuple(word for value in values for word in ("--value", value))
        asked = ("--", question) if question.startswith("-") else (question,)
        origin = Origin(base.build, command_line("compare", base, filters, *words, *asked), filters)
        write_table(base, comparison_table(found, origin), kind, output)
        return
    _show(found)


def _show(found: Comparison) -> None:
    """Print a paragraph a cell, then the sources by number."""
    if found.suggestion:
        click.echo(f"did you mean: {found.suggestion}")
    if not found.cells:
        click.echo("nothing to compare; try other words or fewer filters")
    for cell in found.cells:
        if cell.state == "no_articles" and found.across:
            continue  # a matrix is mostly empty where the corpus is small
        name = " × ".join(_name(value) for value in (cell.value, cell.column) if value is not None)
        click.secho(f"{name}  ({cell.articles} article{'' if cell.articles == 1 else 's'})", bold=True)
        for line in _said(cell):
            click.echo(f"  {line}")
    if found.more:
        click.echo(f"{found.more} more {found.by}s have articles on this; --value names the rows you want")
    for one in found.citations:
        place = " › ".join((one.title, *one.heading_path))
        date = f", {one.as_of_kind} {one.as_of}" if one.as_of else ""
        click.secho(f"  [{one.number}] {place}, {one.path} [{one.start}, {one.end}){date}", dim=True)
    click.secho(f"  build {found.build}", dim=True)


def _said(cell: Cell) -> list[str]:
    if cell.state != "stated":
        near = f" (an answer is {cell.confidence:.0%} likely; nearest: {cell.nearest.title})" if cell.nearest else ""
        return [f"{'not stated' if cell.state == 'not_stated' else 'no articles'}{near}"]
    told = [f"{one.quote} [{one.number}]" for one in cell.citations]
    told += [f"also, with another figure: {one.quote} [{one.number}]" for one in cell.others]
    count = cell.sources.texts
    shared = "; the article names several values, the sentence none" if cell.is_shared else ""
    return [*told, f"{count} distinct text{'' if count == 1 else 's'}, confidence {cell.confidence:.2f}{shared}"]


def _name(value: str) -> str:
    return "(none named)" if value == "-" else value.replace("/", "")
