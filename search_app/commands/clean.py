"""`policykb clean`: what a page becomes, with the reason beside every removal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import echo_json, json_option

if TYPE_CHECKING:
    from ingest.clean import Article
    from ingest.page import Page


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def command(paths: tuple[Path, ...], as_json: bool) -> None:
    """Show what the pages under PATHS become: the article, its facts, and what was removed and why.

    With --json one line a page. A page that cannot be read is named on standard error and the rest goes on; the exit
    status is 1 only when no page could be read.

    \b
    Examples:
      policykb clean page.html
      policykb clean corpus/pages --json > cleaned.jsonl
    """
    from ingest.clean import clean
    from ingest.find import find_pages
    from ingest.page import BadPage, read_page

    found = find_pages(paths)
    for item in found.skipped:
        click.echo(f"skipped {item.path}: {item.reason}", err=True)
    shown = 0
    for file in found.pages:
        try:
            page = read_page(file.file, path=file.path, sidecar=found.sidecar)
        except BadPage as error:
            click.echo(f"skipped {error}", err=True)
            continue
        article = clean(page)
        shown += 1
        if as_json:
            echo_json(as_dict(page, article))
        else:
            _show(page, article)
    if not shown:
        raise click.ClickException("no page could be read; see the lines above")


def as_dict(page: Page, article: Article) -> dict[str, object]:
    """Return a cleaned page under the names of the command contract."""
    return {
        "path": page.path,
        "title": article.title,
        "short_answer": article.short_answer,
        "body": article.body_text,
        "confidence": article.confidence,
        "doubts": list(article.doubts),
        "as_of": article.as_of,
        "as_of_kind": article.as_of_kind,
        "sections": [
            {"heading": s.heading, "level": s.level, "path": list(s.path), "start": s.start, "end": s.end}
            for s in article.sections
        ],
        "facts": [
            {"kind": f.kind, "value": f.value, "start": f.start, "end": f.end, "quote": f.quote} for f in article.facts
        ],
        "spans": [list(span) for span in article.spans],
        "removals": [
            {
                "start": removal.start,
                "end": removal.end,
                "rule": removal.rule,
                "evidence": removal.evidence,
                "confidence": removal.confidence,
                "text": page.text[removal.start : removal.end],
                **({"fields": dict(removal.fields)} if removal.fields else {}),
                **({"related": dict(removal.related.as_dict())} if removal.related else {}),
            }
            for removal in article.removals
        ],
        "warnings": list(page.warnings),
    }


def _show(page: Page, article: Article) -> None:
    kept = sum(end - start for start, end in article.spans)
    share = 100 * (1 - kept / len(page.text))
    click.secho(f"{page.path}: {article.title}", bold=True)
    click.secho(f"   confidence {article.confidence}, {share:.0f} % of {len(page.text)} characters removed", dim=True)
    for doubt in article.doubts:
        click.secho(f"   doubt: {doubt}", fg="yellow")
    click.echo(article.body_text or "   (no article is left)")
    for removal in article.removals:
        start = " ".join(page.text[removal.start : removal.end].split())[:40]
        click.secho(f"   - {removal.rule} {removal.confidence}: {start} … ({removal.evidence})", fg="red")
    click.echo()
