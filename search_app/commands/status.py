"""`policykb status`: what is published and how healthy it is."""

from __future__ import annotations

from pathlib import Path

import click

from search_app.options import echo_json, json_option, kb_option


@click.command()
@kb_option
@json_option
@click.pass_context
def command(ctx: click.Context, kb: Path, as_json: bool) -> None:
    """Say which build is published, what it holds and whether its files are whole.

    Ends with status 0 when the published build is healthy, 1 when there is none or it is damaged.

    \b
    Examples:
      policykb status
      policykb status --kb /srv/kb --json
    """
    from index.build.manifest import damaged_files, read_manifest
    from index.build.publish import build_folder, read_current

    build = read_current(kb)
    folder = build_folder(kb, build)
    manifest = read_manifest(folder)
    problems = damaged_files(folder, manifest)
    removed = sum(manifest["removals"].values())
    status = {
        "kb": str(kb),
        "build": build,
        "healthy": not problems,
        "problems": problems,
        "made": manifest["made"]["at"],
        "model": manifest["model"],
        **manifest["counts"],
        "removals": manifest["removals"],
        "skipped": manifest["skipped"],
        "builds": sorted(f.parent.name for f in (kb / "builds").glob("*/manifest.json")),
        "bytes": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
    }
    if as_json:
        echo_json(status)
    else:
        counts = manifest["counts"]
        click.secho(f"{kb}: build {build}, {'healthy' if not problems else 'DAMAGED'}", bold=True)
        click.echo(f"  made {status['made']} with the model {manifest['model']['name']}")
        click.echo(f"  {counts['pages']} pages, {counts['articles']} articles, {counts['passages']} passages")
        click.echo(f"  {removed} removals, {len(manifest['skipped'])} pages skipped, {status['bytes']:,} bytes")
        for problem in problems:
            click.secho(f"  problem: {problem}; run `policykb rebuild --full`", fg="red", err=True)
    if problems:
        ctx.exit(1)
