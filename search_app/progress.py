"""Draws the progress of long work on standard error: bars on a terminal, a plain line a stage in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Update = Callable[[str, int, int], None]
# In a pipe a line this often shows that the work goes on.
PLAIN_EVERY_S = 10.0


@contextmanager
def progress(labels: dict[str, str]) -> Iterator[Update]:
    """Yield `update(stage, done, total)`. `labels` name the stages for people."""
    if sys.stderr.isatty():
        with _bars(labels) as update:
            yield update
    else:
        yield _lines(labels)


@contextmanager
def _bars(labels: dict[str, str]) -> Iterator[Update]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(labels.get(stage, stage), total=total or None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield update


def _lines(labels: dict[str, str]) -> Update:
    last: dict[str, float] = {}

    def update(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - last.setdefault(stage, now) >= PLAIN_EVERY_S:
            last[stage] = now
            click.echo(f"{labels.get(stage, stage)} {done}/{total}", err=True)

    return update
