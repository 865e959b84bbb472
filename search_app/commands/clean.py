"""`policykb clean`: what a page becomes, with the reason beside every removal."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import echo_json, json_lines_option
from search_app.progress import progress

if TYPE_CHECKING:
    from ingest.clean import Article
    from ingest.find import Found
    from ingest.page import Page
    from search_app.words import Lang


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--show", "whole", is_flag=True, help="Print the whole page, in colour, with the reason at each removal.")
@click.option("--full", is_flag=True, help="With --show: do not shorten long removals.")
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE_OR_DIR",
    help="Write the same as a web page: one file (.html), or a folder with a file a page and an index.",
)
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the --html page."
)
@json_lines_option
def command(paths: tuple[Path, ...], whole: bool, full: bool, html: Path | None, lang: Lang, as_json: bool) -> None:
    """Show what the pages under PATHS become: the article, and what was removed and why.

    Needs no knowledge base. Obeys overrules.tsv beside the folder of pages, as rebuild does. A page that cannot be
    read is named on standard error and the rest goes on; the exit status is 1 only when no page could be read.

    \b
    Examples:
      policykb clean page.html
      policykb clean --show corpus/pages/family-account.txt
      policykb clean corpus/pages --html report/
      policykb clean corpus/pages --json > cleaned.jsonl
    """
    if whole and as_json:
        raise click.UsageError("--show and --json exclude each other.")
    if full and not whole:
        raise click.UsageError("--full goes with --show.")
    from search_app.cleaned import as_dict
    from search_app.page_file import html_report
    from search_app.terminal import page_lines, wants_colour

    shown = 0
    with html_report(html, paths, lang=lang) as report:
        for page, article in cleaned_pages(paths):
            shown += 1
            if report is not None:
                report.add(page, article)
            if as_json:
                echo_json(as_dict(page, article))
            elif whole:
                for line in page_lines(page, article, full=full):
                    click.echo(line, color=wants_colour())
                click.echo()
            elif report is None:
                for line in _summary(page, article):
                    click.echo(line, color=wants_colour())
        if not shown:  # raised in here, so that no empty report is left
            raise click.ClickException("no page could be read; see the lines above")
    if report is not None:
        click.echo(f"{shown} pages written to {html}", err=True)


def cleaned_pages(paths: Sequence[Path]) -> Iterator[tuple[Page, Article]]:
    """Yield every page that can be read, cleaned; name the others, and the overrules that change nothing.

    Several pages teach one another, as in a rebuild: what repeats on their sites, and how their articles begin.
    """
    from ingest.clean import clean
    from ingest.corpus import find_corpus
    from ingest.learning.learn import learn
    from ingest.page import BadPage, read_page

    corpus = find_corpus(paths)
    found, overrules = corpus.found, corpus.overrules
    for item in found.skipped:
        click.echo(f"skipped {item.path}: {item.reason}", err=True)
    for missed in overrules.missed:
        click.echo(f"warning: {missed}", err=True)
    # On a terminal the pages themselves show how far the work is.
    is_drawn = len(found.pages) > 1 and not sys.stdout.isatty()
    with progress({"learn": "learning", "clean": "cleaning"}) as update:
        learned = None
        if len(found.pages) > 1:
            learned = learn(_readable(found, lambda done: update("learn", done, len(found.pages))))
        for number, file in enumerate(found.pages, start=1):
            try:
                page = read_page(file.file, path=file.path, sidecar=found.sidecar)
            except BadPage as error:
                click.echo(f"skipped {error}", err=True)
                continue
            article = clean(page, learned=learned, overrules=overrules.of(file.path), source_rules=corpus.source_rules)
            for note in article.notes:
                click.echo(f"warning {file.path}: {note}", err=True)
            yield page, article
            if is_drawn:
                update("clean", number, len(found.pages))


def _readable(found: Found, told: Callable[[int], None]) -> Iterator[Page]:
    from ingest.page import BadPage, read_page

    for number, file in enumerate(found.pages, start=1):
        with suppress(BadPage):  # named when it is its turn to be cleaned
            yield read_page(file.file, path=file.path, sidecar=found.sidecar)
        told(number)


def _summary(page: Page, article: Article) -> Iterator[str]:
    """Yield the article, then what was removed by rule."""
    from search_app.terminal import head_lines, printable

    yield from head_lines(page, article)
    yield printable(article.body_text) if article.body_text else "  (no article is left)"
    rules = Counter(removal.rule for removal in article.removals)
    for rule, count in sorted(rules.items(), key=lambda pair: (-pair[1], pair[0])):
        examples = [removal for removal in article.removals if removal.rule == rule]
        start = " ".join(page.text[examples[0].start : examples[0].end].split())[:40]
        yield click.style(
            f"- {count} {rule} {min(r.confidence for r in examples):.2f}: {printable(start)}…"
            f" ({printable(examples[0].evidence)})",
            fg="red",
        )
    yield ""
