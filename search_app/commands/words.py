"""`policykb words`: the keywords of a sub-corpus, its most frequent words, or the company that one word keeps."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from search_app.options import (
    build_option,
    echo_json,
    filters_option,
    json_option,
    kb_option,
    table_options,
)

if TYPE_CHECKING:
    import pandas as pd

    from index.filters import Filters
    from index.kb import KnowledgeBase

# As many as the page looks at where nothing is compared, and as a screen shows.
_FREQUENT, _SHOWN = 500, 30
# The orders of the three lists, by the names in index.explore, which is not imported to print a help text.
_ORDERS = ("keyness", "effect", "frequency", "texts", "even", "g2", "dice", "mi", "count")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A list: its name, the module of index.explore that knows its orders, and the columns that a terminal shows."""

    name: str
    columns: tuple[str, ...]

    def orders(self) -> tuple[str, ...]:
        orders: tuple[str, ...] = import_module(f"index.explore.{_MODULES[self.name]}").ORDERS
        return orders


_MODULES = {"keyness": "keyness", "frequencies": "dispersion", "collocates": "collocates"}
_TREND = _Shown("trend", ("period", "per_million", "low", "high", "count", "with_word", "articles", "is_small"))
_KEYNESS = _Shown("keyness", ("word", "log_ratio", "per_million", "rest_per_million", "g2", "p", "texts", "rest_texts"))
_FREQUENCIES = _Shown("frequencies", ("word", "count", "per_million", "articles", "texts", "dp_norm"))
_COLLOCATES = _Shown("collocates", ("word", "count", "left", "right", "g2", "dice", "mi", "texts"))


@click.command()
@click.argument("word", required=False)
@kb_option
@build_option
@filters_option
@click.option("--frequent", is_flag=True, help="The most frequent words, also where filters would compare.")
@click.option("--trend", "by", type=click.Choice(["captured", "year"]), help="WORD by date, or by year mentioned.")
@click.option(
    "--window", type=click.IntRange(1, 50), default=10, show_default=True, help="Characters between WORD and another."
)
@click.option("--order", type=click.Choice(_ORDERS), help="By which figure to sort; each list has its own.")
@click.option("-n", "limit", type=click.IntRange(1), help=f"How many words.  [default: {_SHOWN}; all in a table]")
@table_options
@json_option
def command(
    word: str | None,
    kb: Path,
    build: str | None,
    filters: Filters,
    frequent: bool,
    by: str | None,
    window: int,
    order: str | None,
    limit: int | None,
    kind: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Count words: those that a sub-corpus uses more or less than the rest, or all that is known of WORD.

    With filters, the keywords of the articles that meet them against all others (log-likelihood G2, log ratio). Without
    any, the most frequent words and how evenly they spread (Gries' DP). With WORD, the words that stand beside it, or
    with --trend its use over time. Nothing is segmented: 医保 counts inside 居民医保 as well.

    \b
    Examples:
      policykb words
      policykb words --region 湖南 --order effect -n 50
      policykb words 断缴 --window 5
      policykb words 断缴 --trend year --format csv --output trend.csv
    """
    from index.kb import open_kb

    if by and not word:
        raise click.UsageError("--trend needs a WORD: policykb words 断缴 --trend year")
    base = open_kb(kb, build=build)
    is_table = kind is not None or output is not None
    if word and by:
        trend = base.trend(word, by, filters)  # type: ignore[arg-type] # click checked it
        shown, found = _TREND, trend
    else:
        shown, found = _list(base, word, filters, frequent=frequent, window=window)
        if order and order not in (known := shown.orders()):
            raise click.UsageError(f"--order {order} is not of this list, expected {', '.join(known)}")
        found = replace(
            found, rows=found.ordered(order or shown.orders()[0])[: limit or (None if is_table else _SHOWN)]
        )
    frame = found.to_frame()
    if is_table:
        from index.table import Origin, table_of_frame
        from search_app.table_out import command_line, write_table

        said = [*(["--frequent"] if frequent else []), *(["--trend", by] if by else [])]
        said += ["--window", str(window)] if shown is _COLLOCATES else []
        said += [*(["--order", order] if order else []), *(["-n", str(limit)] if limit else [])]
        line = command_line("words", base, filters, *said, *(["--", word] if word else []))
        write_table(base, table_of_frame(frame, shown.name, Origin(base.build, line, filters)), kind, output)
    elif as_json:
        echo_json({**_plain(asdict(found)), "where": filters.as_dict()})
    else:
        _print(frame, shown, f"{kb}: build {base.build}, {base.subcorpus(filters).name}", found)


def _list(
    base: KnowledgeBase, word: str | None, filters: Filters, *, frequent: bool, window: int
) -> tuple[_Shown, Any]:
    if word:
        return _COLLOCATES, base.collocates(word, window=window, where=filters)
    if filters and not frequent:
        return _KEYNESS, base.keyness(filters)
    return _FREQUENCIES, base.frequencies(filters, most=_FREQUENT)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: what is no number is null."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _print(frame: pd.DataFrame, shown: _Shown, title: str, found: Any) -> None:
    from index.explore.trends import SMALL
    from search_app.terminal import printable

    click.secho(title, bold=True)
    if not len(frame):
        click.echo("no word meets this; take a filter away, or ask for another word")
        return
    frame = frame[list(shown.columns)]
    rows = [list(shown.columns), *([_told(value) for value in row] for row in frame.itertuples(index=False))]
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(_width(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        first = row[0] + " " * (widths[0] - _width(row[0]))
        click.echo("  ".join([first, *(cell.rjust(wide) for cell, wide in zip(row[1:], widths[1:], strict=True))]))
    few = getattr(found, "articles", None)
    if (few is not None and few < SMALL) or getattr(found, "is_small", False):
        click.secho(f"few articles (under {SMALL}): one or two of them decide these figures", fg="yellow", err=True)


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _width(text: str) -> int:
    """Return how many columns a text takes: a Chinese character takes two."""
    return len(text) + sum(ord(char) > 0x2E7F for char in text)
