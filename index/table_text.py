"""A table to read: Markdown, or a web page of its own, with what it cites as footnotes.

Nothing in a table becomes markup, and the page loads nothing. The columns with the ids of passages become the numbers
of the footnotes; a footnote is the reference by GB/T 7714 and the place in the collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from index.escaping import markdown_text, xml_text
from index.references import Reference, web_url

if TYPE_CHECKING:
    from index.table import Table

# A column with such a name holds the ids of what the row cites.
CITES = ("passage_id", "passage_ids")
_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1f1e1b, #e9e6df); --soft: light-dark(#5d594f, #aaa69c);
  --line: light-dark(#dfdbd0, #363a3e); --paper: light-dark(#fff, #1c1f22); --accent: light-dark(#0f5f6b, #84cbd5); }
body { margin: 0 auto; padding: 1.5rem; max-width: 70rem; color: var(--ink); background: var(--paper); font: 15px/1.7
  system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif; }
h1 { font-size: 1.4rem; } a { color: var(--accent); } .wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; min-width: 3em; }
th { white-space: nowrap; } td.n { text-align: right; } ol, footer { font-size: .85rem; color: var(--soft); }
ol li, code { overflow-wrap: anywhere; } :target { background: light-dark(#fdf0b4, #57480d); }
@media print {
  body { padding: 0; max-width: none; } tr { break-inside: avoid; } thead { display: table-header-group; }
}
"""


def _cells(
    table: Table,
    row: Sequence[Any],
    notes: Mapping[str, int],
    text: Callable[[object], str],
    note: Callable[[int], str],
) -> Iterator[str]:
    """Yield the cells of a row; the ids of what is cited become notes where the build has them."""
    for name, value in zip(table.columns, row, strict=True):
        if name.endswith(CITES):
            ids = [value] if isinstance(value, str) else value or []
            yield " ".join(note(notes[one]) if one in notes else text(one) for one in ids)
        else:
            yield text(_told(value))


def _heads(table: Table) -> list[str]:
    """Return what stands over the columns: footnotes are no ids any more."""
    return [name.replace("passage_id", "passage") if name.endswith(CITES) else name for name in table.columns]


def _told(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def write_markdown(table: Table, cited: Mapping[str, Reference], stream: BinaryIO) -> None:
    """Write a table of GitHub Flavored Markdown with footnotes; `cited` are the references by passage, in order."""
    notes = {passage: number for number, passage in enumerate(cited, start=1)}
    lines = [
        f"# {markdown_text(table.title or table.name)}",
        "",
        f"| {' | '.join(map(markdown_text, _heads(table)))} |",
        f"|{'---|' * len(table.columns)}",
    ]
    for row in table.plain_rows():
        cells = _cells(table, row, notes, markdown_text, lambda number: f"[^{number}]")
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", f"policykb build {table.origin.build}: {_code(table.origin.command)}", ""]
    for passage, reference in cited.items():
        # The id comes first: what a page says might begin a heading or a list there.
        lines.append(f"[^{notes[passage]}]: {passage} {markdown_text(f'{reference.gbt7714()} {reference.note}')}")
    stream.write("\n".join([*lines, ""]).encode())


def _code(command: str) -> str:
    """Return a command as a span of code, whatever signs it holds."""
    line = " ".join(command.split()).encode("utf-8", "replace").decode()
    fence = "`"
    while fence in line:
        fence += "`"
    return f"{fence} {line} {fence}"


def write_html(table: Table, cited: Mapping[str, Reference], stream: BinaryIO) -> None:
    """Write a web page of its own, in light and dark, on paper and in a word processor."""
    notes = {passage: number for number, passage in enumerate(cited, start=1)}
    title = xml_text(table.title or table.name)
    heads = "".join(f'<th scope="col">{xml_text(name)}</th>' for name in _heads(table))
    stream.write(
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport"'
        ' content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy"'
        f" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>{title} · policykb</title>"
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>\n"
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>\n'.encode()
    )
    for row in table.plain_rows():
        cells = _cells(
            table, row, notes, xml_text, lambda number: f'<sup><a href="#note-{number}">[{number}]</a></sup>'
        )
        made = "".join(f"<td{_right(value)}>{cell}</td>" for value, cell in zip(row, cells, strict=True))
        stream.write(f"<tr>{made}</tr>\n".encode())
    listed = "".join(_footnote(notes[passage], reference) for passage, reference in cited.items())
    stream.write(
        f"</tbody></table></div>\n{f'<ol>{listed}</ol>' if listed else ''}"
        f"<footer><p>policykb build {xml_text(table.origin.build)}: <code>{xml_text(table.origin.command)}</code></p>"
        "</footer></body></html>\n".encode()
    )


def _right(value: Any) -> str:
    return ' class="n"' if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _footnote(number: int, reference: Reference) -> str:
    url = web_url(reference.url)
    link = f' <a href="{xml_text(url)}" rel="noopener noreferrer">↗</a>' if url else ""
    return (
        f'<li id="note-{number}">{xml_text(reference.gbt7714())} <small>{xml_text(reference.note)}</small>{link}</li>\n'
    )
