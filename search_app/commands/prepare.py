"""`policykb prepare`: what the exploring pages read, made once for a build."""

from __future__ import annotations

from pathlib import Path

import click

from search_app.options import build_option, echo_json, json_option, kb_option
from search_app.progress import progress

STAGES = {
    "text": "reading passages",
    "words": "counting words",
    "statements": "reading numbers",
    "map": "drawing the map",
    "card": "counting for the card",
    "saved": "asking saved questions",
}


@click.command()
@kb_option
@build_option
@json_option
def command(kb: Path, build: str | None, as_json: bool) -> None:
    """Make what the exploring pages read: word counts, statements with numbers, the map. Rebuild does so by itself.

    Only what is missing is made. The build serves meanwhile.

    \b
    Examples:
      policykb prepare
      policykb prepare --kb /srv/kb --build previous
    """
    from index.explore.prepare import prepare
    from index.kb import open_kb

    base = open_kb(kb, build=build)
    with progress(STAGES) as update:
        made = prepare(base, update)
    if as_json:
        echo_json({"build": base.build, "made": made})
    else:
        click.echo(f"build {base.build}: " + (f"made {', '.join(made)}" if made else "all was there"))
