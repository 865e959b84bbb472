"""`policykb rollback`: publish an earlier build again."""

from __future__ import annotations

from pathlib import Path

import click

from search_app.options import echo_json, json_option, kb_option, store_options


@click.command()
@click.argument("build", required=False)
@kb_option
@store_options
@json_option
def command(build: str | None, kb: Path, store: str | None, url: str | None, as_json: bool) -> None:
    """Publish BUILD again, without it the build that was published before the current one.

    BUILD is an id as `policykb builds` shows it, or its first letters. Every file of it is checked first, and the raw
    pages that it cites; a damaged build is refused. Readers see it at once. A rebuild of the same pages publishes the
    newer build again, so mend first what was wrong with it. Where the base is served from Qdrant, the aliases there
    switch to the build as well.

    \b
    Examples:
      policykb rollback
      policykb rollback 3f2a9c01d4e7 --kb /srv/kb --json
    """
    from index.build.builds import roll_back
    from index.build.names import resolve_build
    from index.build.served import place_of
    from index.build.serving import Serving

    done = roll_back(kb, resolve_build(kb, build) if build else None, Serving(place_of(kb, store, url)))
    if as_json:
        echo_json({"build": done.build, "previous": done.previous, "notes": done.notes})
        return
    click.echo(f"build {done.build} published in {kb}, in place of {done.previous or 'none'}")
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
