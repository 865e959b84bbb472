"""`policykb verify`: proves every passage against the raw pages."""

from __future__ import annotations

from pathlib import Path

import click

from search_app.options import echo_json, json_option, kb_option
from search_app.progress import progress


@click.command()
@kb_option
@click.option("--build", metavar="ID", help="A build other than the published one.")
@click.option("--deep", is_flag=True, help="Embed every passage anew and measure what search finds as well.")
@click.option("--model", metavar="NAME_OR_DIR", help="The model of the build, where its folder has moved.")
@click.option("--no-sources", is_flag=True, help="Only the base itself; do not compare the files it was built from.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, kb: Path, build: str | None, deep: bool, model: str | None, no_sources: bool, as_json: bool
) -> None:
    """Read the raw pages again and prove that every passage stands in them word for word, at its offsets.

    Checks the checksum of every file of the build, the raw pages kept in the base, and the files the pages came from
    where they still exist. With --deep the vectors are made again and compared, and the recall of the index is
    measured. Ends with status 1 when anything differs, and names the place.

    \b
    Examples:
      policykb verify
      policykb verify --kb /srv/kb --json
      policykb verify --build previous --deep
    """
    from index.build.names import CURRENT, resolve_build
    from index.kb import open_kb
    from index.verify import verify

    build = resolve_build(kb, build or CURRENT)
    embedder = open_kb(kb, build=build, model=model).embedder if deep else None
    with progress({"verify": "verifying", "embed": "embedding anew"}) as update:
        proof = verify(kb, build, sources=not no_sources, deep=embedder, progress=update)
    if as_json:
        echo_json(
            {
                "ok": proof.ok,
                "passages": proof.passages,
                "pages": proof.pages,
                "problems": list(proof.problems),
                "notes": list(proof.notes),
            }
        )
    else:
        for note in proof.notes:
            click.echo(f"note: {note}")
        for problem in proof.problems:
            click.secho(f"problem: {problem}", fg="red", err=True)
        word = "proved" if proof.ok else "NOT proved"
        click.echo(f"{word}: {proof.passages} passages of {proof.pages} pages, {len(proof.problems)} problems")
    if not proof.ok:
        ctx.exit(1)
