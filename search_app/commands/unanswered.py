"""`policykb unanswered`: the questions that got a "no"."""

from __future__ import annotations

from pathlib import Path

import click

from search_app.options import echo_json, json_option, kb_option

_WORDS = {"not_stated": "not stated", "outside": "outside", "no_hits": "nothing found"}


@click.command()
@kb_option
@click.option("-n", "count", default=50, show_default=True, type=click.IntRange(1), help="How many to list.")
@click.option("--clear", is_flag=True, help="Delete the log.")
@json_option
def command(kb: Path, count: int, clear: bool, as_json: bool) -> None:
    """List the questions on the web page that got a "no", asked most often first: what the collection lacks.

    They are noted in the folder of the base, on this machine only, with numbers that could be a person's masked;
    `policykb serve --no-question-log` notes nothing.

    \b
    Examples:
      policykb unanswered
      policykb unanswered --json
      policykb unanswered --clear
    """
    from index.build.builds import check_base
    from index.unanswered import FILE, clear_unanswered, read_unanswered

    check_base(kb)
    try:
        if clear:
            cleared = clear_unanswered(kb)
            if as_json:
                echo_json({"kb": str(kb), "cleared": cleared})
            else:
                click.echo(f"{kb}: {cleared} entries deleted")
            return
        found = read_unanswered(kb)
    except OSError as error:
        raise click.ClickException(f"{kb / FILE}: cannot be used ({error}); check its owner and rights") from error
    asked = sum(one.count for one in found)
    if as_json:
        questions = [one.as_dict() for one in found[:count]]
        echo_json({"kb": str(kb), "asked": asked, "different": len(found), "questions": questions})
        return
    from search_app.terminal import printable

    if not found:
        click.echo(f"{kb}: no question without an answer is noted")
        return
    click.secho(f"{kb}: {len(found)} questions without an answer, asked {asked} times", bold=True)
    for one in found[:count]:
        click.echo(printable(f"  {one.count:>4}  {one.last[:10]}  {_WORDS[one.verdict]:<13}  {one.question}"))
        filters = " ".join(f"{name}={value}" for name, value in one.filters.items())
        nearest = f"nearest: {one.nearest}" if one.nearest else ""
        if more := "  ".join(part for part in (filters, nearest) if part):
            click.secho(printable(f"        {more}"), dim=True)
    if len(found) > count:
        click.echo(f"  and {len(found) - count} more; -n {len(found)} lists all")
