"""Options that several commands share, and how they print."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    from index.filters import Filters

Function = TypeVar("Function", bound=Callable[..., Any])
# The names in index.filters, which is not imported to print a help text; a test holds the two together.
_FILTERS = ("region", "scheme", "year", "site", "confidence", "since", "until")
_BANDS = ("sure", "doubtful")
# The same of index.table.
_TABLES = ("csv", "jsonl", "parquet", "md", "html", "bibtex", "ris", "csl", "gbt7714")


class _Date(click.ParamType[str]):
    name = "DATE"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from index.filters import is_date

        if not is_date(value):
            self.fail(f"found {value!r}, expected a date such as 2025, 2025-04 or 2025-04-13.", param, ctx)
        return value


def _read_years(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if value != "-" and not (len(value) == 4 and value.isascii() and value.isdigit()):
            raise click.BadParameter(f"found {value!r}, expected a year such as 2025.", ctx, param)
    return values


# Several values of one are given by naming the option again.
_REGION = click.option(
    "--region",
    multiple=True,
    help="Only articles on this place and all below it: 湖北, 长沙市, a path (湖南/长沙) or a six-digit code;"
    " - stands for those that name none, here and below.",
)
_SCHEME = click.option("--scheme", multiple=True, help="Only articles that name this scheme, such as 职工医保.")
_YEAR = click.option("--year", multiple=True, callback=_read_years, help="Only articles that name this year.")
_SITE = click.option("--site", multiple=True, help="Only pages of this site.")
_CONFIDENCE = click.option(
    "--confidence", multiple=True, type=click.Choice(_BANDS), help="Only articles whose cleaning is sure, or doubtful."
)
_SINCE = click.option("--since", type=_Date(), help="Only articles dated DATE (2025-04-13, 2025-04 or 2025) or later.")
_UNTIL = click.option("--until", type=_Date(), help="Only articles dated DATE or earlier, or within it.")


def kb_option(function: Function) -> Function:
    """Add `--kb`, the folder of the knowledge base."""
    return click.option(
        "--kb",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="POLICYKB_KB",
        default=Path("kb"),
        show_default="$POLICYKB_KB, else ./kb",
        help="Folder of the knowledge base.",
    )(function)


def order_options(function: Function) -> Function:
    """Add `--mode` and `--sort`: by what passages are ranked, and in which order they stand."""
    modes, sorts = click.Choice(["hybrid", "dense", "lexical"]), click.Choice(["relevance", "date"])
    ranked = "Words and meaning together, meaning alone, or words alone."
    stand = "By relevance, or the same passages from the newest to the oldest."
    function = click.option("--sort", default="relevance", show_default=True, type=sorts, help=stand)(function)
    return click.option("--mode", default="hybrid", show_default=True, type=modes, help=ranked)(function)


def build_option(function: Function) -> Function:
    """Add `--build`, an earlier build of the base instead of the published one."""
    return click.option(
        "--build",
        metavar="ID",
        help="Read this build (an id, its first letters, or previous) instead of the published one.",
    )(function)


def store_options(function: Function) -> Function:
    """Add `--store` and `--url`: where words and vectors are read from, and where a rebuild puts them."""
    function = click.option(
        "--url",
        envvar="POLICYKB_URL",
        metavar="URL",
        help="Qdrant server (http://HOST:6333), or a folder of shards (edge:DIR); else the one the base remembers.",
    )(function)
    return click.option(
        "--store",
        envvar="POLICYKB_STORE",
        type=click.Choice(["embedded", "qdrant"]),
        help="The files of the build, or a Qdrant server (docs/qdrant.md); else what the last rebuild used.",
    )(function)


def json_option(function: Function) -> Function:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print exactly one line of JSON.")(function)


def json_lines_option(function: Function) -> Function:
    """Add `--json` for a command that prints one object a page."""
    return click.option("--json", "as_json", is_flag=True, help="Print one line of JSON for each page.")(function)


def table_options(function: Function) -> Function:
    """Add `--format` and `--output`: the list as a file; the command gets `kind` and `output` (see `table_out`)."""
    function = click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write the list into this file; its ending says the format where --format does not.",
    )(function)
    return click.option(
        "--format",
        "kind",
        type=click.Choice(_TABLES),
        help="Give the list as a table (csv, jsonl, parquet), to read (md, html), or the references that it cites.",
    )(function)


def filters_option(function: Function) -> Function:
    """Add `--region` and the other filters; the command gets them as one parameter, `filters`."""

    @wraps(function)
    def command(*values: Any, **named: Any) -> Any:
        from index.filters import Filters

        try:
            filters = Filters.from_dict({name: named.pop(name) for name in _FILTERS})
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        return function(*values, filters=filters, **named)

    for option in (_UNTIL, _SINCE, _CONFIDENCE, _SITE, _YEAR, _SCHEME, _REGION):  # the help lists the last one first
        option(command)
    return cast(Function, command)


def filter_words(filters: Filters) -> list[str]:
    """Return the options of a command that give these filters: `["--region", "湖南", "--until", "2025"]`."""
    return [
        word
        for name, said in filters.as_dict().items()
        for value in ([said] if isinstance(said, str) else said)
        for word in (f"--{name}", value)
    ]


def overruled_line(counts: Mapping[str, int]) -> str:
    """Return how many lines of overrules.tsv were obeyed, by action; nothing where none was."""
    return (
        f"overruled by hand: {', '.join(f'{n} {action}' for action, n in counts.items())}"
        if any(counts.values())
        else ""
    )


def echo_json(value: object) -> None:
    """Print one line of JSON on standard output, Chinese as Chinese."""
    line = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    # JSON allows these in strings, but many readers end a line at them.
    for character in "\u0085\u2028\u2029":
        line = line.replace(character, f"\\u{ord(character):04x}")
    click.echo(line)
