"""`policykb watch`: rebuild whenever the corpus has changed and come to rest."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from search_app.commands.rebuild import STAGES
from search_app.options import echo_json, json_option, kb_option
from search_app.progress import progress

if TYPE_CHECKING:
    from index.build.build import Report

# A scraper that writes page after page pauses a second or two between them.
QUIET_FOR_S = 5.0
# What failed for a reason that lies elsewhere (another rebuild runs, the disk is full) is tried again after so long.
RETRY_AFTER_S = 60.0


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@kb_option
@click.option("--model", default="bundled", show_default=True, metavar="NAME_OR_DIR", help="As in `policykb rebuild`.")
@click.option("--workers", type=click.IntRange(min=1), help="As in `policykb rebuild`.")
@click.option("--gold", type=click.Path(path_type=Path, file_okay=False), help="As in `policykb rebuild`.")
@click.option("--keep", type=click.IntRange(0), metavar="N", help="As in `policykb rebuild`.")
@click.option(
    "--quiet-for",
    "quiet_for_s",
    default=QUIET_FOR_S,
    show_default=True,
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Rebuild when nothing has changed for so long, so that no page is read half written.",
)
@click.option("--once", is_flag=True, help="Wait for the first change, rebuild, and end.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    kb: Path,
    model: str,
    workers: int | None,
    gold: Path | None,
    keep: int | None,
    quiet_for_s: float,
    once: bool,
    as_json: bool,
) -> None:
    """Bring the base up to date, then rebuild whenever the pages under PATHS change; Ctrl+C ends it.

    Watched are the pages, overrules.tsv, sources.tsv, lexicon/ and gold/ beside them. A rebuild that fails or is
    refused is told, the published build stays, and the watch goes on. With --json, one line is printed a rebuild. With
    --once it waits for the first change, rebuilds and ends, with status 1 unless the build was published.

    \b
    Examples:
      policykb watch corpus/pages
      policykb watch /srv/pages --kb /srv/kb --quiet-for 30 --json >> watch.jsonl
      policykb watch /srv/pages --kb /srv/kb --once
    """
    from index.build.build import rebuild
    from index.build.watch import Watcher
    from index.model import BUNDLED, load_embedder
    from ingest.problem import Problem

    paths = paths or (Path("corpus/pages"),)
    is_folder = model != BUNDLED and Path(model).is_dir()
    options = (("workers", workers), ("gold", gold), ("keep", keep))
    given: dict[str, Any] = {name: value for name, value in options if value is not None}
    told = ""

    def attempt(changed: tuple[str, ...]) -> Report | None:
        """Rebuild and tell how it went; None where it failed. What fails again for the same reason is told once."""
        nonlocal told
        try:
            with progress(STAGES) as update:
                report = rebuild(paths, kb, embedder=embedder, progress=update, **given)
        except Problem as problem:
            said = " ".join(str(problem).split())
            if said != told:
                _tell({"error": said, "changed": len(changed)}, said, as_json, is_bad=True)
            told = said
            return None
        told = ""
        _tell({**report.as_dict(), "changed": len(changed)}, _line(report), as_json, is_bad=not report.published)
        return report

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # systemd and others end it so: as clean as Ctrl+C
    try:
        watcher = Watcher(paths, gold=gold, quiet_for_s=quiet_for_s)
        embedder = load_embedder(str(Path(model).resolve()) if is_folder else model)
        click.echo(f"watching {', '.join(map(str, paths))} (stop with Ctrl+C)", err=True)
        if once:
            report = attempt(watcher.wait())
            ctx.exit(0 if report and report.published else 1)
        report = attempt(())
        while True:
            report = attempt(watcher.wait(None if report else RETRY_AFTER_S))
    except KeyboardInterrupt:
        click.echo("watch ended", err=True)


def _line(report: Report) -> str:
    state = "stays, nothing new" if report.build == report.previous else "published"
    if not report.published:
        state = f"kept, but not published: see `policykb diff current {report.build}`"
    return f"build {report.build} {state} ({report.pages} pages, {report.passages} passages, {report.seconds:.1f} s)"


def _tell(line: dict[str, object], words: str, as_json: bool, *, is_bad: bool) -> None:
    if as_json:
        echo_json(line)
    if is_bad or not as_json:
        click.echo(words, err=is_bad)
