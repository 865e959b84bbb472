"""Options that several commands share, and how they print."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


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


def json_option(function: Function) -> Function:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print exactly one line of JSON.")(function)


def json_lines_option(function: Function) -> Function:
    """Add `--json` for a command that prints one object a page."""
    return click.option("--json", "as_json", is_flag=True, help="Print one line of JSON for each page.")(function)


def filter_options(function: Function) -> Function:
    """Add `--region`, `--scheme` and `--since`."""
    function = click.option(
        "--since",
        type=click.DateTime(formats=["%Y-%m-%d", "%Y-%m", "%Y"]),
        metavar="DATE",
        help="Only articles dated DATE (2025-04-13, 2025-04 or 2025) or later.",
    )(function)
    function = click.option("--scheme", multiple=True, help="Only articles that name this scheme, such as 职工医保.")(
        function
    )
    return click.option(
        "--region",
        multiple=True,
        help="Only articles on this place and all below it: 湖北, 长沙市, a path (湖南/长沙) or a six-digit code.",
    )(function)


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
