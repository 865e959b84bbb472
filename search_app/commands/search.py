"""`policykb search`: ranked passages with their reasons."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import echo_json, filter_options, json_option, kb_option
from search_app.words import Words

if TYPE_CHECKING:
    from index.reasons import Reasons
    from index.search import Hit

# More words of a passage than this say nothing new of why it was found.
_MOST_WORDS = 6


@click.command()
@click.argument("query")
@kb_option
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="How many passages.")
@filter_options
@click.option(
    "--mode",
    default="hybrid",
    show_default=True,
    type=click.Choice(["hybrid", "dense", "lexical"]),
    help="Words and meaning together, meaning alone, or words alone.",
)
@click.option("--diverse", is_flag=True, help="Passages that say something new before those that say the same again.")
@click.option(
    "--reranker",
    metavar="NAME_OR_DIR",
    help="A cross-encoder of sentence-transformers that orders the best passages anew; slow.",
)
@click.option("--model", metavar="NAME_OR_DIR", help="The model of the build, where its folder has moved.")
@json_option
def command(
    query: str,
    kb: Path,
    k: int,
    region: tuple[str, ...],
    scheme: tuple[str, ...],
    since: datetime | None,
    mode: str,
    diverse: bool,
    reranker: str | None,
    model: str | None,
    as_json: bool,
) -> None:
    """Rank the passages of the knowledge base for QUERY, best first, and say why each stands where it stands.

    A quoted phrase must occur as it is; a word behind a minus must not (after -- if the query begins with it).

    \b
    Examples:
      policykb search 断缴三个月还能报销吗
      policykb search '“追溯享受” 断缴'
      policykb search '等待期 -居民'
      policykb search 生育津贴 -k 3 --scheme 生育保险 --since 2025
      policykb search 居民医保缴费标准 --diverse
      policykb search 断缴补缴 --reranker BAAI/bge-reranker-base
      policykb search 异地就医备案 --mode lexical --json
    """
    from index.kb import open_kb
    from index.search import Filters
    from search_app.unfound import unfound

    filters = Filters(region, scheme, since.date().isoformat() if since else None)
    base = open_kb(kb, model=model)
    judge = None
    if reranker is not None:
        from index.model.transformer import Reranker

        judge = Reranker.load(reranker)
    hits = base.search(query, k=k, mode=mode, filters=filters, diverse=diverse, reranker=judge)  # type: ignore[arg-type]  # click.Choice gives a plain string
    if as_json:
        echo_json(hits.as_dict())
        return
    say = Words("en")
    if hits.suggestion:
        click.echo(f"did you mean: {hits.suggestion}")
    if not hits:
        why = unfound(query, say) or "nothing found; try other words, fewer filters or --mode dense"
        click.echo(f"{why}{' (Filters apply as well.)' if filters else ''}")
    for hit in hits:
        _show(hit, say)


def _show(hit: Hit, say: Words) -> None:
    date = f"  {hit.as_of_kind} {hit.as_of}" if hit.as_of else ""
    click.secho(f"{hit.rank}. {' › '.join((hit.title, *hit.heading_path))}", bold=True)
    click.echo(_marked(hit.text, hit.reasons.marks))
    click.secho(f"   {hit.path} [{hit.start}, {hit.end}){date}", dim=True)
    click.secho(f"   score {hit.score:.3f} = {_sum(hit.reasons)}", dim=True)
    if said := _words(hit.reasons, say):
        click.secho(f"   {said}", dim=True)
    click.echo()


def _sum(reasons: Reasons) -> str:
    """Return the legs that gave or took something, as a sum: `passage 0.31 + region 0.10 - year 0.05`."""
    legs = [(name, leg.share) for name, leg in reasons.legs.items() if round(abs(leg.share), 2)]
    parts = [f"{'-' if share < 0 else '+'} {name} {abs(share):.2f}" for name, share in legs]
    return " ".join(parts).removeprefix("+ ")


def _words(reasons: Reasons, say: Words) -> str:
    """Return in words what numbers do not tell: the words found, other wordings, and what a named place or year did."""
    found = [word for word, _ in reasons.words[:_MOST_WORDS]]
    said = [f"words {' '.join(found)}"] if found else []
    said += [f"{typed} = {official}" for typed, official in reasons.synonyms]
    moved = [name for name in ("bank", "region", "year", "scheme") if name in reasons.legs]
    said += [say.leg(name, takes_off=reasons.legs[name].share < 0).lower() for name in moved]
    return "; ".join(said)


def _marked(text: str, marks: tuple[tuple[int, int], ...]) -> str:
    """Return the text with the query's words in colour; without a terminal click strips the colour again."""
    parts, position = [], 0
    for start, end in marks:
        parts += [text[position:start], click.style(text[start:end], fg="yellow", bold=True)]
        position = end
    return "".join((*parts, text[position:]))
