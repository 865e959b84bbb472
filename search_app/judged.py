"""What the quality gate found, for the terminal: the verdict, the measures, and the questions that got worse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from search_app.evaluation import table
from search_app.terminal import printable

if TYPE_CHECKING:
    from index.build.gate import Verdict


def verdict_lines(verdict: Verdict, *, limit: int | None = 10) -> Iterator[str]:
    """Yield the verdict and why; where a build was compared also the measures and the first `limit` worse questions."""
    word = "passed" if verdict.passed else "REFUSED"
    yield click.style(
        f"quality gate: {word}, {printable(verdict.reason)}", fg="green" if verdict.passed else "red", bold=True
    )
    if verdict.differences:
        rows = [(f"{verdict.questions} questions", "before", "now", "difference", "95 % interval", "")]
        for name, d in verdict.differences.items():
            interval = f"{d.low:+.3f} to {d.high:+.3f}"
            mark = "<- worse" if name in verdict.fell else ""
            rows.append((name, f"{d.other:.3f}", f"{d.this:.3f}", f"{d.difference:+.3f}", interval, mark))
        yield from (f"  {line}" for line in table(rows))
    if verdict.worse:
        yield f"  {len(verdict.worse)} questions got worse"
    for change in verdict.worse[:limit]:
        yield printable(f"    {change.id} {change.text}")
        yield click.style(f"      {change.happened()}", dim=True)
    if limit is not None and len(verdict.worse) > limit:
        yield f"    and {len(verdict.worse) - limit} more"
    for name, why in list((verdict.left_out or {}).items())[:limit]:
        yield click.style(printable(f"  not judged: {name}, {why}"), dim=True)
