"""A cleaned page for the terminal: the whole page in order, what was removed in colour with its reason under it.

Signs say the same as the colours, so it reads without them: kept lines stand behind two spaces, removed ones behind a
minus, reasons behind an arrow. Nothing in a page can steer the terminal.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator

import click

from ingest.clean import Article
from ingest.doubtful import DOUBTFUL_BELOW
from ingest.ledger import Removal
from ingest.page import Page
from search_app.cleaned import pieces, removed_share
from search_app.rules import Kind, kind_of

# A longer removal is shortened: a line and a half of a terminal in Chinese, enough to recognise it.
SHORTENED_CHARS = 60
_COLOURS: dict[Kind, str] = {"snippet": "red", "line": "magenta", "site": "blue", "overruled": "cyan"}


def wants_colour() -> bool | None:
    """Return what the environment asks for (NO_COLOR, FORCE_COLOR), or None: let the terminal decide."""
    if os.environ.get("NO_COLOR"):  # no-color.org: present and not empty
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def printable(text: str) -> str:
    """Return `text` with every character that steers a terminal or turns the reading direction made visible."""
    return "".join(char if char in "\n\t" or not _steers(char) else f"\\u{ord(char):04x}" for char in text)


def _steers(char: str) -> bool:
    # Cc: escape sequences and bells; Cf: direction marks (zero-width characters are among them: a reader wants to see
    # them, rules stumble over them); Zl, Zp and Cs: what is no plain line of text.
    return unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")


def page_lines(page: Page, article: Article, *, full: bool = False) -> Iterator[str]:
    """Yield the lines of a page, styled. With `full` no removal is shortened."""
    yield from head_lines(page, article)
    headings = {article.body[index].start for index in article.heading_texts}
    above: Removal | None = None
    for piece in pieces(article):
        if piece.removal is None:
            above = None
            yield from _kept(page.text, piece.start, piece.end, article.title, headings)
        else:
            yield from _removed(page.text, piece.removal, above, full=full)
            above = piece.removal


def head_lines(page: Page, article: Article) -> Iterator[str]:
    """Yield what is known of a page: title, confidence, how much was removed, and every doubt."""
    yield click.style(f"{printable(page.path)}: {printable(article.title)}", bold=True)
    look = "  <- look at this page" if article.confidence < DOUBTFUL_BELOW else ""
    share, count = round(100 * removed_share(page, article)), len(article.removals)
    yield click.style(
        f"  confidence {article.confidence:.2f}{look}", fg="yellow" if look else "green", bold=bool(look)
    ) + click.style(f"  {share} % of {len(page.text)} characters removed, in {count} pieces", dim=True)
    where = [("url", page.url), ("site", page.site), ("publisher", page.publisher)]
    known = [f"{name} {printable(value)}" for name, value in where if value] or ["site unknown"]
    known.append(f"{article.as_of_kind} {article.as_of}" if article.as_of_kind else "date unknown")
    yield click.style(f"  {', '.join(known)}", dim=True)
    source = article.source
    yield click.style(f"  source: {source.kind.replace('_', ' ')} ({printable(source.evidence)})", dim=True)
    for trace in article.traces:
        yield click.style(f"  trace of a text generator: {printable(trace.quote)}", fg="yellow")
    for doubt in article.doubts:
        yield click.style(f"  doubt: {printable(doubt)}", fg="yellow")
    yield ""


def _kept(text: str, start: int, end: int, title: str, headings: set[int]) -> Iterator[str]:
    place = start
    for line in text[start:end].splitlines(keepends=True):
        words = line.strip()
        if words:
            begin = place + len(line) - len(line.lstrip())
            yield "  " + click.style(printable(words), bold=begin in headings or words == title)
        place += len(line)


def _removed(text: str, removal: Removal, above: Removal | None, *, full: bool) -> Iterator[str]:
    colour = _COLOURS[kind_of(removal.rule)]
    stretch = text[removal.start : removal.end]
    if full:
        shown = [line.strip() for line in stretch.splitlines() if line.strip()]
    else:
        words = " ".join(stretch.split())
        cut = f"{words[:SHORTENED_CHARS]}… ({len(stretch)} characters)" if len(words) > SHORTENED_CHARS else words
        shown = [cut]
    for line in shown:
        yield click.style(f"- {printable(line)}", fg=colour)
    yield click.style(f"  -> {reason(removal, above)}", fg=colour, dim=True)


def reason(removal: Removal, above: Removal | None = None) -> str:
    """Return rule, confidence, relation and evidence in one line; evidence equal to that of `above` is not repeated."""
    related = f", {removal.related.label.replace('_', ' ')}" if removal.related else ""
    same = above is not None and (above.rule, above.evidence) == (removal.rule, removal.evidence)
    return f"{removal.rule} {removal.confidence:.2f}{related}: {'as above' if same else printable(removal.evidence)}"
