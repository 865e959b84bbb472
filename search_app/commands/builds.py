"""`policykb builds`: which builds are kept."""

from __future__ import annotations

from pathlib import Path

import click

from search_app.options import echo_json, json_option, kb_option


@click.command()
@kb_option
@json_option
def command(kb: Path, as_json: bool) -> None:
    """List the builds that are kept, newest first: when each was made and published, and what it holds.

    `*` marks the published one. A build that a reader holds open is in use and stays until she lets go of it.

    \b
    Examples:
      policykb builds
      policykb builds --kb /srv/kb --json
    """
    from index.build.builds import kept_builds

    builds = kept_builds(kb)
    if as_json:
        echo_json({"kb": str(kb), "builds": [build.as_dict() for build in builds]})
        return
    for build in builds:
        told = [f"made {build.made}"]
        told += [f"published {build.published}"] * (build.published is not None)
        claims = {"refused by the gate": build.is_refused, "not judged": build.is_unjudged, "in use": build.is_in_use}
        told += [claim for claim, holds in claims.items() if holds]
        if build.problem is None:
            told += [f"{build.counts['pages']} pages, {build.counts['passages']} passages", str(build.model["name"])]
        else:
            told.append(f"cannot be read: {build.problem}")
        click.echo(f"{'*' if build.is_current else ' '} {build.id}  {'; '.join(told)}; {build.size:,} bytes")
