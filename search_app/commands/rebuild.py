"""`policykb rebuild`: pages in, a published build out."""

from __future__ import annotations

from pathlib import Path

import click

from search_app.options import echo_json, json_option, kb_option, overruled_line
from search_app.progress import progress

STAGES = {
    "read": "reading pages",
    "learn": "learning sites",
    "clean": "cleaning",
    "group": "finding copies",
    "embed": "embedding",
    "index": "indexing",
    "check": "checking",
}


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@kb_option
@click.option(
    "--model",
    default="bundled",
    show_default=True,
    metavar="NAME_OR_DIR",
    help="Embedding model: the bundled one, a folder, or any sentence-transformers model by name.",
)
@click.option("--full", is_flag=True, help="Make everything anew, also what has not changed.")
@click.option("--strict", is_flag=True, help="A page that cannot be read is an error.")
@json_option
def command(paths: tuple[Path, ...], kb: Path, model: str, full: bool, strict: bool, as_json: bool) -> None:
    """Clean the pages under PATHS, split them into passages, embed and index them, and publish the build.

    PATHS are files and folders with .txt and .html pages; without any, corpus/pages. A page that cannot be read is
    skipped, counted and named. The published build stays in place until the new one is complete.

    \b
    Examples:
      policykb rebuild corpus/pages
      policykb rebuild scraped/ more/page.html --kb /srv/kb --json
      policykb rebuild corpus/pages --model BAAI/bge-small-zh-v1.5
    """
    from index.build.build import rebuild
    from index.model import BUNDLED, load_embedder

    is_folder = model != BUNDLED and Path(model).is_dir()
    embedder = load_embedder(str(Path(model).resolve()) if is_folder else model)
    with progress(STAGES) as update:
        report = rebuild(
            paths or (Path("corpus/pages"),), kb, embedder=embedder, full=full, strict=strict, progress=update
        )
    if as_json:
        echo_json(report.as_dict())
        return
    removed = sum(report.removals.values())
    click.echo(
        f"build {report.build} published in {kb}" + (" (nothing new)" if report.build == report.previous else "")
    )
    click.echo(
        f"{report.pages} pages, {report.articles} articles, {report.passages} passages"
        f" ({report.embedded} newly embedded), {removed} removals, {report.seconds:.1f} s"
    )
    for rule, count in sorted(report.removals.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"  removed {count:>5}  {rule}")
    if told := overruled_line(report.overruled):
        click.echo(f"  {told}")
    for item in report.skipped:
        click.echo(f"  skipped {item['path']}: {item['reason']}", err=True)
    for item in report.warnings:
        click.echo(f"  warning {item['path']}: {item['warning']}", err=True)
