"""`policykb duplicates`: which articles or passages say nearly the same, and how two of them differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import build_option, echo_json, json_option, kb_option

if TYPE_CHECKING:
    from index.duplicates import CopyGroup, Part
    from index.explore.independent import Sources
    from index.store.records import Records


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID ID]")
@kb_option
@build_option
@click.option("--passages", is_flag=True, help="Groups of passages instead of articles.")
@click.option("-n", "limit", default=20, show_default=True, type=click.IntRange(1), help="How many groups to show.")
@json_option
def command(ids: tuple[str, ...], kb: Path, build: str | None, passages: bool, limit: int, as_json: bool) -> None:
    """List groups of near-duplicates, the largest first, or show how two articles or passages differ.

    The first of a group stands for it: the latest as-of date, then a government office, then the path. With two ids
    (as the list, `search --json` or a citation show them) their sentences are compared.

    \b
    Examples:
      policykb duplicates
      policykb duplicates --passages -n 5 --json
      policykb duplicates 3f2a90c41b77 8d01e5f2c6aa
    """
    from index.duplicates import compare, read_groups
    from index.explore.independent import sources_of_ids
    from index.kb import open_kb

    if len(ids) not in (0, 2):
        raise click.UsageError(f"found {len(ids)} ids, expected none or two")
    base = open_kb(kb, build=build)
    if ids:
        left, right = (_text(base.records, kb, member) for member in ids)
        _show_difference(base.build, ids, compare(left, right), as_json=as_json)
        return
    groups = read_groups(base.records, "passage" if passages else "article")
    if as_json:
        shown = [
            {**group.as_dict(), "sources": sources_of_ids(base, _ids(group)).as_dict()} for group in groups[:limit]
        ]
        echo_json(
            {"build": base.build, "kind": "passage" if passages else "article", "count": len(groups), "groups": shown}
        )
        return
    if not groups:
        click.echo("no near-duplicates")
    for group in groups[:limit]:
        _show_group(group, sources_of_ids(base, _ids(group)))
    if len(groups) > limit:
        click.echo(f"and {len(groups) - limit} more groups; -n {len(groups)} shows all")


def _text(records: Records, kb: Path, member: str) -> str:
    from index.duplicates import text_of
    from index.store import StoreError

    text = text_of(records, member)
    if text is None:
        raise StoreError(
            f"{kb}: found no article or passage {member}, expected an id as `policykb duplicates` lists it"
        )
    return text


def _ids(group: CopyGroup) -> list[str]:
    return [copy.id for copy in group.copies]


def _show_group(group: CopyGroup, sources: Sources) -> None:
    click.secho(f"{len(group.copies)} × {group.copies[0].title}", bold=True)
    texts = f"{sources.texts} distinct text{'' if sources.texts == 1 else 's'}"
    sites = f"{sources.sites} site{'' if sources.sites == 1 else 's'}"
    click.secho(f"  {sources.passages} passages, {texts}, {sites}, {sources.siteless} of unknown site", dim=True)
    for copy in group.copies:
        click.echo(f"  {copy.similarity:.2f}  {copy.id}  {copy.path}" + (f"  {copy.as_of}" if copy.as_of else ""))


def _show_difference(build: str, ids: tuple[str, ...], parts: tuple[Part, ...], *, as_json: bool) -> None:
    if as_json:
        plain = [{"side": part.side, "text": part.text} for part in parts]
        echo_json({"build": build, "left": ids[0], "right": ids[1], "parts": plain})
        return
    signs = {"both": ("  ", None), "left": ("- ", "red"), "right": ("+ ", "green")}
    for part in parts:
        sign, colour = signs[part.side]
        click.secho(sign + part.text, fg=colour)
    same = sum(part.side == "both" for part in parts)
    click.secho(f"{same} of {len(parts)} sentences in both; - only {ids[0]}, + only {ids[1]}", dim=True)
