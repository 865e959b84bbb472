"""`policykb audit`: the pages and removals that most need a person's eye, worst first."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import echo_json, json_option, kb_option, overruled_line

if TYPE_CHECKING:
    from index.audit import Audit
    from index.store.records import Records
    from ingest.clean import Article
    from ingest.page import Page


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@kb_option
@click.option("-n", "count", default=10, show_default=True, type=click.IntRange(0), help="How many of each to list.")
@click.option("--site", metavar="NAME", help='Only pages of this site; "" are those whose site is unknown.')
@click.option("--rule", metavar="NAME", help="Only what this rule removed, also where it is sure.")
@click.option("--lines", is_flag=True, help="Print only the lines for overrules.tsv, each behind a #.")
@json_option
def command(
    paths: tuple[Path, ...], kb: Path, count: int, site: str | None, rule: str | None, lines: bool, as_json: bool
) -> None:
    """List the doubtful pages and removals of the published build, worst first, with totals by rule and site.

    With PATHS those pages are cleaned and audited on the spot, without a knowledge base. Each page comes with the
    command that shows it, each removal with the line that keeps it: put it into overrules.tsv beside the folder of
    pages and run rebuild again.

    \b
    Examples:
      policykb audit
      policykb audit corpus/pages -n 3
      policykb audit --rule sidebar --json
      policykb audit --lines >> corpus/overrules.tsv
    """
    if lines and as_json:
        raise click.UsageError("--lines and --json exclude each other.")
    from index.audit import audit

    with _records(paths, kb) as (records, build, skipped, files, overruled):
        found = audit(records, skipped=skipped, count=count, site=site, rule=rule)
    if as_json:
        pages = [{**page, "show": _show(page["path"], files)} for page in found.as_dict()["worst_pages"]]
        removals = [{**one, "show": _show(one["path"], files)} for one in found.as_dict()["worst_removals"]]
        echo_json(
            {
                "build": build,
                "overruled": overruled,
                **found.as_dict(),
                "worst_pages": pages,
                "worst_removals": removals,
            }
        )
    elif lines:
        _print_lines(found)
    else:
        _print(found, build, files, kb, overruled if site is None and rule is None else {})


@contextmanager
def _records(
    paths: Sequence[Path], kb: Path
) -> Iterator[tuple[Records, str | None, Mapping[str, str], Mapping[str, Path], Mapping[str, int]]]:
    """Yield records, their build, why pages have no article, where the pages lie, and the overrules by action."""
    if paths:
        from index.audit import records_of
        from ingest.find import find_pages
        from ingest.overrules import ACTIONS
        from search_app.commands.clean import cleaned_pages

        files = {page.path: page.file for page in find_pages(paths).pages}
        counts = dict.fromkeys(ACTIONS, 0)

        def counted() -> Iterator[tuple[Page, Article]]:
            for page, article in cleaned_pages(paths):
                for overrule in article.overruled:
                    counts[overrule.action] += 1
                yield page, article

        with records_of(counted()) as records:
            yield records, None, {}, files, counts
        return
    from index.kb import open_kb

    base = open_kb(kb)
    manifest = base.manifest
    skipped = {item["path"]: item["reason"] for item in manifest["skipped"]}
    files = {path: Path(name) for path, name in manifest["made"]["files"].items()}
    # A build of an older version did not count them.
    yield base.records, base.build, skipped, files, manifest.get("overruled", {})


def _show(path: str, files: Mapping[str, Path]) -> str | None:
    """Return the command that shows a page, or None where its file is gone."""
    file = files.get(path)
    if file is None or not file.is_file():
        return None
    here = Path.cwd()
    place = file.relative_to(here) if file.is_relative_to(here) else file
    return f"policykb clean --show {shlex.quote(str(place))}"


def _print(found: Audit, build: str | None, files: Mapping[str, Path], kb: Path, overruled: Mapping[str, int]) -> None:
    from index.audit import UNSURE_TO
    from ingest.doubtful import DOUBTFUL_BELOW
    from search_app.terminal import printable, wants_colour

    def say(line: str, **style: object) -> None:
        click.echo(click.style(printable(line), **style), color=wants_colour())  # type: ignore[arg-type]  # click's own

    where = f"{kb}: build {build}, " if build else ""
    flagged = f"{found.doubtful} with confidence under {DOUBTFUL_BELOW}"
    say(f"{where}{found.pages} pages, {flagged}, {found.removals} removals", bold=True)
    if told := overruled_line(overruled):
        say(told)
    if found.worst_pages:
        say("\nPages, worst first", bold=True)
    for page in found.worst_pages:
        say(
            f"  {page.confidence:.2f}  {page.path}  {page.title}",
            fg="yellow" if page.confidence < DOUBTFUL_BELOW else None,
        )
        for doubt in page.doubts:
            say(f"        {doubt}")
        say(f"        {_show(page.path, files) or 'its file is no longer where it was'}", dim=True)
    if found.worst_removals:
        say(f"\nRemovals, least sure first ({UNSURE_TO} and less, or of the rule named)", bold=True)
    for one in found.worst_removals:
        many = f"{one.removals} removals, " if one.removals > 1 else ""
        say(f"  {one.confidence:.2f}  {one.rule}  {one.path}  {many}{one.chars} characters: {one.text}", fg="red")
        say(f"        {one.evidence}")
        say(f"        {_show(one.path, files) or 'its file is no longer where it was'}", dim=True)
        for line in one.overrules:
            say(f"        {line}", dim=True)
        if one.undo:
            say(f"        to take it back, {one.undo}", dim=True)
    if not found.worst_pages and not found.worst_removals:
        say("nothing is in doubt", fg="green")
    _print_totals(found)


def _print_totals(found: Audit) -> None:
    from search_app.terminal import printable

    click.echo("\nBy rule               removals  characters  pages  least sure")
    for total in found.rules:
        name = printable(total.rule)
        click.echo(f"  {name:<20}{total.removals:>8}{total.chars:>12,}{total.pages:>7}{total.confidence:>12.2f}")
    click.echo("\nBy site                  pages  doubtful  removals  removed")
    for site in found.sites:
        name = printable(site.site) or "site unknown"
        # A Chinese character takes two columns.
        width = 22 - sum(ord(char) > 0x2E7F for char in name)
        click.echo(f"  {name:<{width}}{site.pages:>6}{site.doubtful:>10}{site.removals:>10}{site.share:>8.0%}")


def _print_lines(found: Audit) -> None:
    for one in found.worst_removals:
        click.echo(f"# {one.confidence:.2f} {one.rule}: {one.evidence}")
        for line in one.overrules:
            click.echo(f"#{line}")
        if one.undo:
            click.echo(f"# to take it back, {one.undo}")
