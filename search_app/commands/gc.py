"""`policykb gc`: clear away what is not to be kept."""

from __future__ import annotations

from pathlib import Path

import click

from index.build.publish import KEEP
from search_app.options import echo_json, json_option, kb_option


@click.command()
@kb_option
@click.option("--keep", default=KEEP, show_default=True, type=click.IntRange(0), help="Builds beside the published.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@json_option
def command(kb: Path, keep: int, dry_run: bool, as_json: bool) -> None:
    """Remove builds beyond those to keep, raw pages that none of them cites, old caches, and what killed rebuilds left.

    The published build stays, and so does the one a rollback leads to (unless --keep 0) and any that a reader holds
    open. A rebuild does the same when it has published.

    \b
    Examples:
      policykb gc --dry-run
      policykb gc --keep 1 --kb /srv/kb --json
    """
    from dataclasses import asdict

    from index.build.prune import clear

    done = clear(kb, keep=keep, dry_run=dry_run)
    if as_json:
        echo_json({"kb": str(kb), "dry_run": dry_run, "keep": keep, **asdict(done)})
        return
    click.echo(
        f"{kb}: {len(done.builds)} builds, {len(done.raw_pages)} raw pages, {len(done.caches)} caches and"
        f" {len(done.leftovers)} leftovers {'would go' if dry_run else 'went'}: {done.freed:,} bytes"
    )
    for build in done.builds:
        click.echo(f"  build {build}")
    for name in (*done.caches, *done.leftovers):
        click.echo(f"  {name}")
    click.echo(f"  kept: {', '.join(done.kept) or 'none'}")
    for build in done.in_use:
        click.echo(f"  stays though beyond --keep {keep}: {build} is in use", err=True)
    for note in done.notes:
        click.echo(f"  note: {note}", err=True)
