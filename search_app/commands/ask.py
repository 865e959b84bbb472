"""`policykb ask`: the cited answer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from search_app.options import echo_json, filter_options, json_option, kb_option

VERDICTS = {
    "answered": "answered by the sources",
    "partly": "answered in part; read the passages",
    "not_stated": "on the subject, but no source says it; nearest passages below",
    "outside": "not what this collection is about",
}


@click.command()
@click.argument("question")
@kb_option
@filter_options
@click.option("--model", metavar="NAME_OR_DIR", help="The model of the build, where its folder has moved.")
@json_option
def command(
    question: str,
    kb: Path,
    region: tuple[str, ...],
    scheme: tuple[str, ...],
    since: datetime | None,
    model: str | None,
    as_json: bool,
) -> None:
    """Answer QUESTION with sentences of the source pages, word for word, each with its citation.

    Says so where no source answers: "not stated" on the subject, "outside" the collection. All four verdicts end
    with status 0.

    \b
    Examples:
      policykb ask 医保断了里面的钱还能用吗
      policykb ask 离职以后医保怎么办 --json
    """
    from index.kb import open_kb
    from index.search import Filters

    filters = Filters(region, scheme, since.date().isoformat() if since else None)
    answer = open_kb(kb, model=model).ask(question, filters=filters)
    if as_json:
        echo_json(answer.as_dict())
        return
    click.secho(
        f"{answer.verdict}: {VERDICTS[answer.verdict]} (evidence {answer.confidence:.2f}, uncalibrated)", bold=True
    )
    for sentence in answer.sentences:
        click.echo(f"  {sentence.text} {''.join(f'[{number}]' for number in sentence.citations)}")
    for citation in answer.citations:
        date = f", {citation.as_of_kind} {citation.as_of}" if citation.as_of else ""
        place = " › ".join((citation.title, *citation.heading_path))
        click.secho(
            f"  [{citation.number}] {place}, {citation.path} [{citation.start}, {citation.end}){date}", dim=True
        )
    if not answer.sentences:
        for hit in answer.hits[:3]:
            click.secho(f"  near: {' › '.join((hit.title, *hit.heading_path))}, {hit.path}", dim=True)
    click.secho(f"  build {answer.build}", dim=True)
