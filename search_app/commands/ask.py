"""`policykb ask`: the cited answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import build_option, echo_json, filters_option, json_option, kb_option, store_options

if TYPE_CHECKING:
    from index.answer import Answer, Citation, Sentence
    from index.answering.card import DeskCard
    from index.filters import Filters
    from index.kb import KnowledgeBase

VERDICTS = {
    "answered": "answered by the sources",
    "partly": "answered in part; read the passages",
    "not_stated": "on the subject, but no source says it; nearest passages below",
    "outside": "not what this collection is about",
}


@click.command()
@click.argument("question")
@kb_option
@build_option
@filters_option
@click.option(
    "--card", "as_card", is_flag=True, help="Print the desk card: conclusion, steps, documents, where, limits."
)
@click.option("--model", metavar="NAME_OR_DIR", help="The model of the build, where its folder has moved.")
@store_options
@json_option
def command(
    question: str,
    kb: Path,
    build: str | None,
    filters: Filters,
    as_card: bool,
    model: str | None,
    store: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Answer QUESTION with sentences of the source pages, word for word, each with its citation.

    Says so where no source answers: "not stated" on the subject, "outside" the collection. All four verdicts end
    with status 0. A quoted phrase must occur as it is; a word behind a minus must not (after -- if the question
    begins with it).

    \b
    Examples:
      policykb ask 医保断了里面的钱还能用吗
      policykb ask '“追溯享受” 断缴'
      policykb ask '等待期多久 -居民'
      policykb ask 门诊慢特病怎么申请认定 --card
      policykb ask 离职以后医保怎么办 --json
    """
    from index.answering.card import desk_card
    from index.explore.independent import sources_of_ids
    from index.kb import open_kb
    from search_app.unfound import unfound
    from search_app.words import Words

    base = open_kb(kb, build=build, model=model, store=store, url=url)
    answer = base.ask(question, filters=filters)
    card = desk_card(base, answer) if as_card or as_json else None
    if as_json:
        sources = [sources_of_ids(base, _cited_ids(answer, sentence)).as_dict() for sentence in answer.sentences]
        echo_json({**answer.as_dict(), "sources": sources, "card": card.as_dict() if card else None})
        return
    if card:
        _print_card(base, answer, card)
        return
    if answer.hits.suggestion:
        click.echo(f"did you mean: {answer.hits.suggestion}")
    if not answer.hits and (why := unfound(question, Words("en"))):
        click.secho(f"{why}{' (Filters apply as well.)' if filters else ''}", bold=True)
    else:
        click.secho(f"{answer.verdict}: {VERDICTS[answer.verdict]}{_band(answer)}", bold=True)
    for line in _sentences(base, answer):
        click.echo(line)
    for citation in answer.citations:
        place = " › ".join((citation.title, *citation.heading_path))
        date = f", {_date(citation)}" if citation.as_of else ""
        click.secho(
            f"  [{citation.number}] {place}, {citation.path} [{citation.start}, {citation.end}){date}", dim=True
        )
    if not answer.sentences:
        for hit in answer.hits[:3]:
            click.secho(f"  near: {' › '.join((hit.title, *hit.heading_path))}, {hit.path}", dim=True)
    click.secho(f"  build {answer.build}", dim=True)


def _cited_ids(answer: Answer, sentence: Sentence) -> list[str]:
    return [citation.passage_id for citation in answer.citations if citation.number in sentence.citations]


def _print_card(kb: KnowledgeBase, answer: Answer, card: DeskCard) -> None:
    """Print the card as the page copies it, in Chinese: it is handed on to somebody who reads what is quoted."""
    from search_app.card_text import card_text
    from search_app.differing import places_of
    from search_app.terminal import printable
    from search_app.words import Words

    click.echo(printable(card_text(card, Words("zh"), places_of(kb, answer))))


def _sentences(kb: KnowledgeBase, answer: Answer) -> list[str]:
    """Return the sentences; those whose figures differ stand together, each under place and date of its source."""
    from search_app.differing import places_of, side_by_side

    known = {citation.number: citation for citation in answer.citations}
    groups = side_by_side(answer.sentences)
    places = places_of(kb, answer)
    grouped = {place for group in groups.values() for place in group}
    told: list[str] = []
    for place, sentence in enumerate(answer.sentences):
        if place in groups:
            told.append("  the sources give different figures; mind place and date:")
            for member in [answer.sentences[one] for one in groups[place]]:
                first = known[member.citations[0]]
                about = places.get(first.article_id, "no place named")
                told += [f"  - {about}, {_date(first)}", f"    {_cited(member)}"]
        elif place not in grouped:
            told.append(f"  {_cited(sentence)}")
    return told


def _cited(sentence: Sentence) -> str:
    return f"{sentence.text} {_numbers(sentence.citations)}"


def _numbers(citations: Sequence[int]) -> str:
    return "".join(f"[{number}]" for number in citations)


def _date(citation: Citation) -> str:
    return f"{citation.as_of_kind} {citation.as_of}" if citation.as_of else "date unknown"


def _band(answer: Answer) -> str:
    """Return how often answers of this confidence were right when they were measured, or that nothing was measured."""
    if not answer.sentences:
        return ""
    if answer.band is None:
        return " (uncalibrated: `policykb calibrate` measures this model)"
    band = answer.band
    right = round(band.right * band.questions)
    return f" (confidence {band.name}: right on {right} of {band.questions} gold questions at this level)"
