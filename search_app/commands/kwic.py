"""`policykb kwic`: every place of a phrase or a pattern, with what stands left and right of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

import click

from search_app.options import build_option, echo_json, filters_option, json_option, kb_option, table_options

if TYPE_CHECKING:
    from index.explore.concordance import Concordance, Order
    from index.filters import Filters

# What fits a screen, and what a table holds unless -n says otherwise: all.
_SHOWN = 50


@click.command()
@click.argument("pattern")
@kb_option
@build_option
@click.option("--regex", is_flag=True, help="PATTERN is a regular expression, as of Python's re; \\p{Han} works, too.")
@click.option("--width", default=20, show_default=True, type=click.IntRange(0, 1000), help="Characters on each side.")
@click.option(
    "--sort",
    default="page",
    show_default=True,
    type=click.Choice(["page", "left", "right"]),
    help="As in the build, or by what stands left or right of the match.",
)
@click.option("-n", "limit", type=click.IntRange(1), help=f"How many lines.  [default: {_SHOWN}; all in a table]")
@filters_option
@table_options
@json_option
def command(
    pattern: str,
    kb: Path,
    build: str | None,
    regex: bool,
    width: int,
    sort: Order,
    limit: int | None,
    filters: Filters,
    kind: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Show every place of PATTERN in the passages with what stands left and right of it, aligned.

    Width, case and traditional characters do not matter; a phrase is found exactly as it is otherwise. The counts and
    the neighbours are of all places, whatever -n says. A table (--format, --output) cites the passages.

    \b
    Examples:
      policykb kwic 断缴
      policykb kwic 断缴 --sort right -n 20 --region 湖北
      policykb kwic '断缴.{0,6}个月' --regex
      policykb kwic '[一二三四五六七八九十\\d]+个月' --regex --sort left --width 30
      policykb kwic 等待期 --output waiting.csv
      policykb kwic 等待期 --format gbt7714
      policykb kwic 补缴 --json
    """
    from index.kb import open_kb

    base = open_kb(kb, build=build)
    is_table = kind is not None or output is not None
    most = limit if limit or is_table else _SHOWN
    found = base.kwic(pattern, regex=regex, width=width, sort=sort, where=filters, limit=most)
    if is_table:
        from index.table import Origin, table_of_frame
        from search_app.table_out import command_line, write_table

        said = [*(["--regex"] if regex else []), "--sort", sort, "--width", str(width)]
        said += ["-n", str(limit)] if limit else []
        origin = Origin(base.build, command_line("kwic", base, filters, *said, "--", pattern), filters)
        write_table(base, table_of_frame(found.to_frame(), "kwic", origin, found.pattern), kind, output)
    elif as_json:
        echo_json(found.as_dict())
    else:
        _show(found, width)


def _show(found: Concordance, width: int) -> None:
    sources = found.sources
    click.secho(
        f"{found.matches} matches in {sources.passages} passages: {sources.texts} distinct texts,"
        f" {sources.articles} distinct articles, {sources.sites} sites",
        bold=True,
    )
    for name, neighbours in (("left", found.before), ("right", found.after)):
        if neighbours:
            click.secho(f"often {name}: {', '.join(f'{n.text} {n.count}' for n in neighbours)}", dim=True)
    for line in found:
        left, match, right = (re.sub(r"\s*\n\s*", " ↵ ", part) for part in (line.left, line.match, line.right))
        click.echo(f"{_padded(left, 2 * width)} {click.style(match, fg='yellow', bold=True)} {right}")
        click.secho(f"{'':>{2 * width}} {line.path} [{line.start}, {line.end})", dim=True)
    if found.matches > len(found):
        click.echo(f"and {found.matches - len(found)} more; -n {found.matches} shows all")


def _padded(text: str, columns: int) -> str:
    """Return `text` right-aligned in a terminal, where a Chinese character takes two columns."""
    return " " * (columns - sum(1 + (east_asian_width(character) in "WF") for character in text)) + text
