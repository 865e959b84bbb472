"""`policykb diff`: what changed between two builds, and what readers now see first."""

from __future__ import annotations

from pathlib import Path

import click

from search_app.changed import diff_lines
from search_app.options import echo_json, json_option, kb_option
from search_app.progress import progress

_STAGES = {
    "gate": "asking the later",
    "gate_before": "asking the earlier",
    "searches": "searching the later",
    "searches_before": "searching the earlier",
}


@click.command()
@click.argument("before", metavar="[A]", required=False)
@click.argument("after", metavar="[B]", default="current")
@kb_option
@click.option(
    "--gold",
    type=click.Path(path_type=Path, exists=True),
    help="Folder of gold questions (default: gold/ beside the pages that B was built from).",
)
@click.option("--no-gold", is_flag=True, help="Ask no gold questions: pages, passages and saved searches only.")
@click.option(
    "--searches",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of saved searches (default: searches.jsonl beside the pages that B was built from, and in the base).",
)
@click.option("-n", "limit", default=5, show_default=True, type=click.IntRange(0), help="Examples of each kind.")
@click.option("--all", "show_all", is_flag=True, help="All examples.")
@json_option
def command(
    before: str | None,
    after: str,
    kb: Path,
    gold: Path | None,
    no_gold: bool,
    searches: Path | None,
    limit: int,
    show_all: bool,
    as_json: bool,
) -> None:
    """Say what changed from build A to build B: pages, passages, removals by rule, inputs, and first answers.

    A and B are ids as `policykb builds` shows them, their first letters, `current` or `previous`. Without B it is the
    current build, without A the one published before that. Gold questions are asked of both builds; so are saved
    searches whose answers a build has not kept. --json has those with another answer under `saved`.

    \b
    Examples:
      policykb diff
      policykb diff 3f2a --all
      policykb diff current 8d01e5f2c6aa     why was 8d01e5f2c6aa refused?
      policykb diff previous current --no-gold --json
    """
    from index.build.diff import diff
    from index.build.gate import gold_of
    from index.build.manifest import read_manifest
    from index.build.names import PREVIOUS, resolve_build
    from index.build.publish import build_folder
    from index.gold import read_gold
    from index.saved import find_searches, page_roots, read_searches

    old, new = resolve_build(kb, before or PREVIOUS), resolve_build(kb, after)
    folder = None if no_gold else gold or gold_of(kb, new)
    questions = read_gold(folder) if folder else ()
    roots = page_roots(read_manifest(build_folder(kb, new)))
    saved = read_searches(searches) if searches else find_searches(kb, roots)
    shown = None if show_all else limit
    with progress(_STAGES) as update:
        found = diff(kb, old, new, gold=questions, searches=saved, limit=shown, progress=update)
    if as_json:
        echo_json(found.as_dict())
        return
    for line in diff_lines(found, limit=shown):
        click.echo(line)
