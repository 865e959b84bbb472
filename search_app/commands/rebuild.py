"""`policykb rebuild`: pages in, a published build out."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.build.publish import KEEP
from ingest.problem import Problem
from search_app.changed import saved_line
from search_app.commands.prepare import STAGES as PREPARING
from search_app.judged import verdict_lines
from search_app.options import echo_json, json_option, kb_option, overruled_line, store_options
from search_app.progress import Update, progress

if TYPE_CHECKING:
    from index.build.build import Report
    from index.build.runner import Runner
    from index.explore.answer_changes import SavedAnswers
    from index.explore.prepared import Progress
    from index.model.embedder import Embedder
    from index.store.qdrant.points import Nearest

STAGES = PREPARING | {
    "read": "reading pages",
    "resume": "taking up shards",
    "learn": "learning sites",
    "clean": "cleaning",
    "group": "finding copies",
    "embed": "embedding",
    "index": "indexing",
    "check": "checking",
    "gate": "asking the gold",
    "load": "loading into Qdrant",
    "gate_before": "asking the old build",
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
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Processes that clean pages; else one below 300 pages, and from there the processors at hand.",
)
@click.option(
    "--runner",
    type=click.Choice(["processes", "ray"]),
    default="processes",
    show_default=True,
    help="Who works: processes of this machine, or a Ray cluster (docs/ray.md).",
)
@click.option(
    "--address", metavar="HOST:PORT", help="Head of the Ray cluster, or auto; else one is started here and ended."
)
@click.option(
    "--gold",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Questions of the quality gate; else gold/ beside the pages.",
)
@click.option("--force-publish", is_flag=True, help="Publish although the gate refuses; the log says so.")
@click.option(
    "--keep", default=KEEP, show_default=True, type=click.IntRange(0), help="Builds to keep besides the published one."
)
@click.option(
    "--no-prepare", is_flag=True, help="Do not make what the exploring pages read; `policykb prepare` does so later."
)
@store_options
@click.option("--prefix", help="What the names of this base's collections on the server begin with; else policykb.")
@click.option(
    "--nearest",
    type=click.Choice(["exact", "graph"]),
    help="Compare every vector there, or walk a graph (HNSW); else exact up to 50,000 passages.",
)
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    kb: Path,
    model: str,
    full: bool,
    strict: bool,
    workers: int | None,
    runner: str,
    address: str | None,
    gold: Path | None,
    force_publish: bool,
    keep: int,
    no_prepare: bool,
    store: str | None,
    url: str | None,
    prefix: str | None,
    nearest: Nearest | None,
    as_json: bool,
) -> None:
    """Clean the pages under PATHS, split them into passages, embed and index them, and publish the build.

    PATHS are files and folders with .txt and .html pages; without any, corpus/pages. Only what changed is made anew. A
    page that cannot be read is skipped, counted and named. The published build stays in place until the new one is
    complete and answers the gold questions no worse; a build that is refused is kept, and the status is 1. With --store
    qdrant it is loaded into collections of its own first; the base remembers the server.

    \b
    Examples:
      policykb rebuild corpus/pages
      policykb rebuild scraped/ more/page.html --kb /srv/kb --json
      policykb rebuild /srv/pages --gold /srv/gold --workers 4 --keep 10
      policykb rebuild /srv/pages --no-prepare          (seconds sooner done; nothing to explore yet)
      policykb rebuild corpus/pages --model BAAI/bge-small-zh-v1.5
      policykb rebuild /srv/pages --store qdrant --url http://localhost:6333
      policykb rebuild /srv/pages --runner ray --address 10.0.0.1:6379
    """
    from index.build.build import rebuild
    from index.build.served import place_of
    from index.build.serving import Serving
    from index.model import BUNDLED, load_embedder

    serving = Serving(place_of(kb, store, url, prefix), nearest)
    is_folder = model != BUNDLED and Path(model).is_dir()
    embedder = load_embedder(str(Path(model).resolve()) if is_folder else model)
    with _runner(runner, address, workers) as cluster, progress(STAGES) as update:
        report = rebuild(
            paths or (Path("corpus/pages"),),
            kb,
            embedder=embedder,
            full=full,
            strict=strict,
            workers=workers,
            runner=cluster,
            gold=gold,
            force_publish=force_publish,
            keep=keep,
            serving=serving,
            progress=update,
        )
        prepared = _prepare(kb, report, update) if report.published and not no_prepare else ()
        saved = _ask_saved(report, kb, embedder, update)
    if as_json:
        echo_json({**report.as_dict(), "prepared": prepared, "saved": saved.as_dict() if saved else None})
    else:
        _tell(report, kb)
        if saved:
            click.echo(saved_line(saved))
    if not report.published:
        reason = report.verdict.reason if report.verdict else "refused"
        click.echo(
            f"Error: build {report.build} was not published: {reason}; {report.previous} stays. See `policykb diff"
            f" current {report.build} --kb {kb}`, mend what it shows, or publish it all the same with --force-publish",
            err=True,
        )
        ctx.exit(1)


def _runner(name: str, address: str | None, workers: int | None) -> AbstractContextManager[Runner | None]:
    if name != "ray":
        if address:
            raise click.UsageError("--address belongs to --runner ray.")
        return nullcontext()
    if address and workers:
        raise click.UsageError("--workers is for a cluster that is started here; the one at --address has its own.")
    from index.build.runner import open_ray

    return open_ray(address=address, workers=workers)


def _prepare(kb: Path, report: Report, update: Update) -> tuple[str, ...]:
    """Make what the exploring pages read, and return what was made; the build serves already, whatever comes of it."""
    from index.explore.prepare import prepare
    from index.kb import open_kb

    try:
        return prepare(open_kb(kb, build=report.build, store="embedded"), update)
    except Problem as problem:  # the build is published all the same
        click.echo(f"  warning {problem}", err=True)
        return ()


def _ask_saved(report: Report, kb: Path, embedder: Embedder, update: Progress) -> SavedAnswers | None:
    """Return what the published build answers to the saved questions, None where there are none."""
    from index.explore.answer_changes import saved_answers
    from index.kb import KnowledgeBase

    if not report.published:
        return None
    base = KnowledgeBase(kb, report.build)
    base.embedder = embedder
    try:
        found = saved_answers(base, progress=update)
    except Problem as problem:  # the build is published all the same
        click.echo(f"  warning: saved questions were not asked: {problem}", err=True)
        return None
    finally:
        base.close()
    return found if found.items else None


def _tell(report: Report, kb: Path) -> None:
    state = "published" if report.published else "made, but not published,"
    click.echo(f"build {report.build} {state} in {kb}" + (" (nothing new)" if report.build == report.previous else ""))
    click.echo(
        f"{report.pages} pages ({report.cleaned} newly cleaned), {report.articles} articles, {report.passages} passages"
        f" ({report.embedded} newly embedded), {sum(report.removals.values())} removals, {report.seconds:.1f} s"
    )
    if report.sent:
        click.echo(f"  {report.sent} points sent to Qdrant")
    if report.anew:
        click.echo(f"  every page was cleaned anew: {report.anew}")
    for rule, count in sorted(report.removals.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"  removed {count:>5}  {rule}")
    if told := overruled_line(report.overruled):
        click.echo(f"  {told}")
    if report.verdict:
        for line in verdict_lines(report.verdict):
            click.echo(line)
    if report.forced:
        click.echo("published although the gate refuses it (--force-publish); the log says so")
    if report.pruned:
        click.echo(f"  old builds removed: {', '.join(report.pruned)}")
    for item in report.skipped:
        click.echo(f"  skipped {item['path']}: {item['reason']}", err=True)
    for item in report.warnings:
        click.echo(f"  warning {item['path']}: {item['warning']}", err=True)
