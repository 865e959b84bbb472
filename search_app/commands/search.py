"""`policykb search`: ranked passages with their reasons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.options import (
    build_option,
    echo_json,
    filters_option,
    json_option,
    kb_option,
    order_options,
    store_options,
)
from search_app.words import Words

if TYPE_CHECKING:
    from index.facets import Facets
    from index.filters import Filters
    from index.reasons import Reasons
    from index.search import Hit

# More words of a passage than this say nothing new of why it was found.
_MOST_WORDS = 6


@click.command()
@click.argument("query")
@kb_option
@build_option
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="How many passages.")
@filters_option
@order_options
@click.option(
    "--facets", is_flag=True, help="Also count the articles of each place, scheme, year, site and confidence."
)
@click.option("--diverse", is_flag=True, help="Passages that say something new before those that say the same again.")
@click.option(
    "--reranker",
    metavar="NAME_OR_DIR",
    help="A cross-encoder of sentence-transformers that orders the best passages anew; slow.",
)
@click.option("--model", metavar="NAME_OR_DIR", help="The model of the build, where its folder has moved.")
@store_options
@json_option
def command(
    query: str,
    kb: Path,
    build: str | None,
    k: int,
    filters: Filters,
    mode: str,
    sort: str,
    facets: bool,
    diverse: bool,
    reranker: str | None,
    model: str | None,
    store: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Rank the passages of the knowledge base for QUERY, best first, and say why each stands where it stands.

    A quoted phrase must occur as it is; a word behind a minus must not (after -- if the query begins with it).
    Filters may be given several times: any of the values of one, and all of the filters, must hold. --facets says what
    another value would add: its counts are of articles, under all filters but those of its own kind.

    \b
    Examples:
      policykb search 断缴三个月还能报销吗
      policykb search '“追溯享受” 断缴'
      policykb search '等待期 -居民'
      policykb search 生育津贴 -k 3 --scheme 生育保险 --since 2025
      policykb search 门诊报销比例 --region 湖南 --region 湖北 --year 2025 --confidence sure
      policykb search 缴费基数 --until 2024 --sort date
      policykb search 大病保险 --facets --json
      policykb search 居民医保缴费标准 --diverse
      policykb search 断缴补缴 --reranker BAAI/bge-reranker-base
      policykb search 异地就医备案 --mode lexical --json
      policykb search 断缴 --store qdrant --url http://localhost:6333
    """
    from index.explore.independent import sources_of
    from index.kb import open_kb
    from search_app.unfound import unfound

    base = open_kb(kb, build=build, model=model, store=store, url=url)
    judge = None
    if reranker is not None:
        from index.model.transformer import Reranker

        judge = Reranker.load(reranker)
    hits = base.search(query, k=k, mode=mode, filters=filters, diverse=diverse, reranker=judge, sort=sort)  # type: ignore[arg-type]  # click.Choice gives plain strings
    counted = base.facets(filters, hits) if facets else None
    if as_json:
        sources = sources_of(base, [hit.row for hit in hits], copies=True)
        found = {**hits.as_dict(), "sources": sources.as_dict()}
        echo_json({**found, **({"facets": counted.as_dict()} if counted else {})})
        return
    say = Words("en")
    if hits.suggestion:
        click.echo(f"did you mean: {hits.suggestion}")
    if not hits:
        why = unfound(query, say) or "nothing found; try other words, fewer filters or --mode dense"
        click.echo(f"{why}{' (Filters apply as well.)' if filters else ''}")
    for hit in hits:
        _show(hit, say)
    if counted:
        _count(counted)


def _count(facets: Facets) -> None:
    """Print the counts of each facet, what is chosen in colour."""
    click.secho(f"{facets.articles} articles, {facets.passages} passages under these filters", bold=True)
    for facet in facets:
        click.secho(facet.name, bold=True)
        for value in facet.values:
            told = f", {value.in_hits} of the passages above" if value.in_hits else ""
            name = "(none known)" if value.value == "-" else value.label
            line = f"{'x' if value.is_chosen else ' '} {'  ' * value.depth}{name}  {value.articles}{told}"
            click.secho(f"  {line}", fg="yellow" if value.is_chosen else None)
        if facet.more:
            click.echo(f"    and {facet.more} more")


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
