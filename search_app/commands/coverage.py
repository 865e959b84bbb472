"""`policykb coverage`: what the collection covers, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import echo_json, json_option, kb_option

if TYPE_CHECKING:
    from index.covered import Covered


@click.command()
@kb_option
@click.option("-n", "count", default=15, show_default=True, type=click.IntRange(1), help="How many of each to list.")
@json_option
def command(kb: Path, count: int, as_json: bool) -> None:
    """Say how many articles name each province, year and scheme and are of each site, and which provinces none names.

    With --json also the counts of every province by year. `-` stands for articles that name none.

    \b
    Examples:
      policykb coverage
      policykb coverage --kb /srv/kb --json
    """
    from index.covered import covered
    from index.kb import open_kb

    base = open_kb(kb)
    found = covered(base.build, base.catalogue)
    if as_json:
        echo_json(found.as_dict())
        return
    click.secho(f"{kb}: build {found.build}, {found.articles:,} articles", bold=True)
    parts = (("provinces", found.provinces), ("years", found.years), ("schemes", found.schemes), ("sites", found.sites))
    for name, counts in parts:
        _print(name, counts, count)
    _print_gaps(found)


def _print(name: str, counts: Mapping[str, int], most: int) -> None:
    from search_app.terminal import printable

    known = [(value, articles) for value, articles in counts.items() if articles]
    longest = max((articles for _, articles in known), default=0)
    click.secho(f"\n{name}", bold=True)
    for value, articles in known[:most]:
        # A Chinese character takes two columns.
        shown = printable(value)
        width = 26 - sum(ord(char) > 0x2E7F for char in shown)
        click.echo(f"  {shown:<{width}}{articles:>9,}  {'█' * max(1, round(30 * articles / longest))}")
    if len(known) > most:
        click.echo(f"  and {len(known) - most} more; -n {len(known)} lists all")


def _print_gaps(found: Covered) -> None:
    if found.gaps:
        click.secho(f"\nno article names {len(found.gaps)} provinces", fg="yellow", bold=True)
        click.echo(f"  {' '.join(found.gaps)}")
