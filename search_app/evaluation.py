"""The tables of `policykb evaluate`: figures by kind of question, verdicts, bands, differences and failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from search_app.terminal import printable

if TYPE_CHECKING:
    from index.outcomes import Report
    from index.significance import Difference

_NONE = "-"
_DIFFERENCE_HEAD = ("kind", "figure", "this", "other", "difference", "95 % interval", "p", "wins", "ties", "losses")


def gold_lines(report: Report) -> Iterator[str]:
    """Yield the figures of each kind of question, how verdicts fell, and what became of each band."""
    yield f"build {report.build}, search in mode {report.mode}"
    yield ""
    columns = {kind: report.figures(kind) for kind in report.kinds()}
    names = next(iter(columns.values()))
    yield from table([("", *columns), *((name, *(_cell(c.get(name)) for c in columns.values())) for name in names)])
    yield ""
    yield "verdicts given, by the verdict that is right"
    verdicts = report.verdicts()
    yield from table([("right", *verdicts), *((right, *map(str, row.values())) for right, row in verdicts.items())])
    bands = report.bands()
    if bands:
        yield ""
        yield "bands of confidence"
        head = next(iter(bands.values()))
        yield from table([("band", *head), *((band, *map(_cell, row.values())) for band, row in bands.items())])


def difference_lines(differences: Mapping[str, Mapping[str, Difference]], other: str) -> Iterator[str]:
    """Yield the differences by kind of question; a star marks an interval without zero."""
    yield ""
    yield f"against {printable(other)}: paired bootstrap over the questions, a star where the interval leaves out zero"
    rows = [_DIFFERENCE_HEAD]
    for kind, figures in differences.items():
        for name, d in figures.items():
            star = "*" if d.low > 0 or d.high < 0 else " "
            interval = f"{d.low:+.3f} to {d.high:+.3f}{star}"
            counts = (str(d.wins), str(d.ties), str(d.losses))
            rows.append(
                (kind, name, f"{d.this:.3f}", f"{d.other:.3f}", f"{d.difference:+.3f}", interval, f"{d.p:.4f}", *counts)
            )
    yield from table(rows, left=2)


def failure_lines(failures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what went wrong, question by question."""
    yield ""
    yield f"{len(failures)} questions went wrong"
    for failure in failures:
        yield ""
        yield printable(f"{failure['id']} ({failure['kind']}) {failure['question']}: {', '.join(failure['faults'])}")
        expected, said = failure["expected"], failure["said"]
        yield f"  expected {expected['verdict']}"
        for quote, rank in zip(expected["sentences"], failure["ranks"], strict=True):
            yield printable(f"    {'found at ' + str(rank) if rank else 'not found'}: {quote}")
        if said:
            yield f"  said {said['verdict']}" + (f", {said['band']}" if said["band"] else "")
            for sentence in said["sentences"]:
                yield printable(f"    {'marked' if sentence['marked'] else 'not marked'}: {sentence['text']}")


def table(rows: Sequence[Sequence[str]], *, left: int = 1) -> Iterator[str]:
    """Yield rows as aligned lines, the first `left` columns to the left and figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if number < left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _cell(value: float | None) -> str:
    if value is None:
        return _NONE
    return str(value) if isinstance(value, int) else f"{value:.3f}"
