"""`policykb status`: what is published and how healthy it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from search_app.options import echo_json, json_option, kb_option, store_options


@click.command()
@kb_option
@click.option("--quick", is_flag=True, help="Hash only files written to since the build: for frequent probes.")
@store_options
@json_option
@click.pass_context
def command(ctx: click.Context, kb: Path, quick: bool, store: str | None, url: str | None, as_json: bool) -> None:
    """Say which build is published, what it holds, whether its files are whole, and what needs a person.

    Ends with status 0 when the published build is healthy, 1 when there is none or it is damaged: a health check. A
    rebuild that failed, was refused or was killed leaves readers well served, so it is a warning and no failure. Where
    the base is served from Qdrant, its collections are looked at too.

    \b
    Examples:
      policykb status
      policykb status --kb /srv/kb --quick --json
    """
    from index.build.health import look_at
    from index.build.served import place_of
    from index.build.serving import served_problems

    place = place_of(kb, store, url)
    health = look_at(kb, quick=quick)
    health = replace(health, problems=(*health.problems, *(served_problems(kb, place) if health.build else ())))
    if as_json:
        echo_json({**health.as_dict(), "store": {"url": place.url, "prefix": place.prefix} if place else None})
    else:
        if health.manifest is not None:
            _tell(kb, health.as_dict())
            if place:
                click.echo(f"  served from {place.url}, collections {place.prefix}_{health.build}_*")
        for problem in health.problems:
            advice = "" if "policykb rebuild" in problem else "; run `policykb rebuild --full`"
            click.secho(f"problem: {problem}{advice}", fg="red", err=True)
        for warning in health.warnings:
            click.secho(f"warning: {warning}", fg="yellow", err=True)
    if not health.is_healthy:
        ctx.exit(1)


def _tell(kb: Path, status: dict[str, Any]) -> None:
    state = "healthy" if status["healthy"] else "DAMAGED"
    click.secho(f"{kb}: build {status['build']}, {state}", bold=True)
    since = f", published {status['published']}" if status["published"] else ""
    click.echo(f"  made {status['made']} with the model {status['model']['name']}{since}")
    click.echo(f"  {status['pages']} pages, {status['articles']} articles, {status['passages']} passages")
    removed = sum(status["removals"].values())
    click.echo(f"  {removed} removals, {len(status['skipped'])} pages skipped, {status['bytes']:,} bytes")
    if vectors := status["vectors"]:
        recall = vectors["recall"]
        found = f"{recall['found']:.3f} of the nearest {recall['at']} are found"
        click.echo(f"  vectors: {'every one is compared' if vectors['kind'] == 'flat' else vectors['kind']}, {found}")
    others = [build for build in status["builds"] if build != status["build"]]
    click.echo(f"  {len(others)} other builds kept, {status['free_bytes']:,} bytes free")
    if owner := status["rebuild"]["running"]:
        who = f"process {owner['pid']} on {owner['host']}"
        click.echo(f"  a {owner['command']} has been running since {owner['since']} ({who})")
    if last := status["rebuild"]["last"]:
        click.echo(f"  last rebuild: {last['event']} at {last['at']}")
    for name in status["leftovers"]:
        click.echo(f"  left by a killed process: {name}; the next rebuild or `policykb gc` clears it")
