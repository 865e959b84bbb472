"""`policykb conflicts`: where sources give different numbers for one matter."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import build_option, echo_json, filters_option, json_option, kb_option, table_options

if TYPE_CHECKING:
    from index.conflicts.groups import Group
    from index.filters import Filters

# As index.conflicts has them, which is imported when the command runs.
_KINDS = ("waiting", "term", "share", "money", "age", "years", "other")
_DIFFERENCES = ("open", "place", "year")
# Groups that a person reads at once; a table has all unless -n says otherwise.
_SHOWN = 20


@click.command()
@click.argument("matter", required=False)
@kb_option
@build_option
@click.option("--kind", "numbers", type=click.Choice(_KINDS), help="Only numbers of this kind.")
@click.option(
    "--difference",
    type=click.Choice(_DIFFERENCES),
    help="Only groups whose sides are for different places or years, or that neither tells apart (open).",
)
@click.option("-n", "limit", type=click.IntRange(1), help=f"How many groups.  [default: {_SHOWN}; all in a table]")
@filters_option
@table_options
@json_option
def command(
    matter: str | None,
    kb: Path,
    build: str | None,
    numbers: str | None,
    difference: str | None,
    limit: int | None,
    filters: Filters,
    kind: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """List where sources give different numbers for one matter: MATTER names it, or stands in a sentence.

    Found by rules, without a language model: that two statements are on one matter is a machine's reading, and which of
    them is right is not said. Matters named MATTER come first, then the surest; what different places or years explain
    comes after these and says so.

    \b
    Examples:
      policykb conflicts
      policykb conflicts 等待期 --kind waiting
      policykb conflicts --difference open -n 5 --region 北京
      policykb conflicts 缴费 --output conflicts.csv
      policykb conflicts 年限 --json
    """
    from index.kb import open_kb

    base = open_kb(kb, build=build)
    is_table = kind is not None or output is not None
    found = base.conflicts(filters, matter, kind=numbers, difference=difference)
    groups = found[: limit if limit or is_table else _SHOWN]
    if is_table:
        from index.table import Origin, table_of_frame
        from search_app.table_out import command_line, write_table

        words = [*(["--kind", numbers] if numbers else []), *(["--difference", difference] if difference else [])]
        words += [*(["-n", str(limit)] if limit else []), *(["--", matter] if matter else [])]
        origin = Origin(base.build, command_line("conflicts", base, filters, *words), filters)
        write_table(base, table_of_frame(found.to_frame(groups), "conflicts", origin, matter or ""), kind, output)
    elif as_json:
        shown = [asdict(group) for group in groups]
        counts: dict[str, int] = {str(name): count for name, count in found.counts.items()}
        echo_json({"build": base.build, "found": len(found), **counts, "groups": shown})
    else:
        click.secho(f"{len(found)} matters with different numbers", bold=True)
        for number, group in enumerate(groups, start=1):
            _show(group, number)
        if len(found) > len(groups):
            click.echo(f"and {len(found) - len(groups)} more; -n {len(found)} shows all")


def _show(group: Group, number: int) -> None:
    click.secho(f"{number}. {group.matter} ({group.difference})", bold=True, nl=False)
    click.echo(f"  {group.texts} distinct texts, {group.sources.sites} sites")
    for case in group.cases:
        per = f"/{case.per}" if case.per else ""
        bound = "" if case.bound == "exact" else f"{case.bound.replace('_', ' ')} "
        aside = "" if case.contradicts else "  (another condition)"
        click.secho(f"   {bound}{case.told} {case.unit}{per}", fg="yellow", nl=False)
        click.echo(f"  {case.texts} distinct texts{aside}")
        for one in case.statements[:2]:
            about = ", ".join(filter(None, (one.place, one.year, one.as_of)))
            click.echo(f"      {' '.join(one.quote.split())}")
            click.secho(f"      {one.path} [{one.start}, {one.end}){f'  {about}' if about else ''}", dim=True)
