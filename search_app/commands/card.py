"""`policykb card`: what a collection holds, lacks and how it was made, as a file for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ingest.problem import Problem
from search_app.options import build_option, filters_option, json_option, kb_option
from search_app.words import Lang

if TYPE_CHECKING:
    from index.filters import Filters
    from search_app.corpus_card_file import Kind

# The names in search_app.corpus_card_file, which is not imported to print a help text; a test holds the two together.
KINDS = ("md", "html", "json")
_ENDINGS = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".json": "json"}


class CardRefused(Problem):
    """A card that cannot be written where it shall go."""


@click.command()
@kb_option
@build_option
@filters_option
@click.option("--format", "kind", type=click.Choice(KINDS), help="What to write; else by the ending of FILE, else md.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write here.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the card.")
@click.option("--title", default="", help="What the collection is called, for title and citation.")
@click.option("--author", default="", help="Who collected it, for the citation.")
@json_option
def command(
    kb: Path,
    build: str | None,
    filters: Filters,
    kind: str | None,
    output: Path | None,
    lang: Lang,
    title: str,
    author: str,
    as_json: bool,
) -> None:
    """Write the corpus card: counts, noise removed, coverage, copies, model and figures, limits, how to cite.

    Markdown for the methods section of a paper, HTML that prints as PDF (A4, without scripts), or JSON with every
    figure. With filters it is the card of that part of the collection, and says so. --json is --format json.

    \b
    Examples:
      policykb card
      policykb card --output card.html --title 医保政策网页 --author 某某大学
      policykb card --lang en --format md --output card.md
      policykb card --region 湖南 --scheme 职工医保 --json
    """
    if as_json and kind not in (None, "json"):
        raise click.UsageError(f"found --json and --format {kind}, expected one of them.")
    chosen = "json" if as_json else kind or _ENDINGS.get(output.suffix.lower() if output else "", "md")
    from index.kb import open_kb
    from search_app.corpus_card_file import card_file
    from search_app.corpus_card_sections import Naming
    from search_app.words import Words

    base = open_kb(kb, build=build)
    card = base.card(filters or None)
    text = card_file(card, cast("Kind", chosen), Naming(title, author), Words(lang))
    if output is None:
        click.echo(text, nl=False)
        return
    _write(output, text)
    click.echo(f"{output}: card of build {card.build}, {card.articles:,} articles", err=True)


def _write(output: Path, text: str) -> None:
    from index.build.durable import write_in_one

    try:
        write_in_one(output, text)
    except OSError as error:
        raise CardRefused(
            f"{output}: cannot be written ({error.strerror}); name a file in a folder that exists and may be written"
        ) from error
