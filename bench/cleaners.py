"""The cleaners that are compared: ours, four libraries, and a cut at the marker line. Each takes the bytes of a page.

The libraries read HTML. A text dump is given to them as a page with one paragraph a line, which is the best that can be
done for them. Chinese has no list of stop words in jusText, so it runs without one, as its documentation advises.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from ingest.clean import clean
from ingest.page import BadPage, page_from_bytes

_MARKER_LINE = re.compile(r"^\s*相关推荐\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The text a cleaner keeps, and how sure it is (None where it does not say)."""

    body: str
    confidence: float | None = None


Cleaner = Callable[[bytes, str], Cleaned]


def policykb(data: bytes, path: str) -> Cleaned:
    try:
        article = clean(page_from_bytes(data, path=path))
    except BadPage:
        return Cleaned("", 0.0)
    return Cleaned(article.body_text, article.confidence)


def marker_cut(data: bytes, path: str) -> Cleaned:
    text = page_from_bytes(data, path=path).text
    match = _MARKER_LINE.search(text)
    return Cleaned(text[: match.start()] if match else text)


def trafilatura_fast(data: bytes, path: str) -> Cleaned:
    import trafilatura

    return Cleaned(trafilatura.extract(_markup(data, path), fast=True, include_comments=False) or "")


def readability(data: bytes, path: str) -> Cleaned:
    from lxml import html as parser
    from readability import Document
    from readability.readability import Unparseable

    try:
        summary = Document(_markup(data, path)).summary()
        return Cleaned("\n".join(parser.fromstring(summary).itertext()))
    except (Unparseable, ValueError, parser.etree.ParserError):
        return Cleaned("")


def justext(data: bytes, path: str) -> Cleaned:
    from justext import justext as split
    from lxml.etree import ParserError

    try:
        paragraphs = split(_markup(data, path), frozenset(), stopwords_low=0, stopwords_high=0)
    except (ParserError, ValueError):
        return Cleaned("")
    return Cleaned("\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate))


def resiliparse(data: bytes, path: str) -> Cleaned:
    from resiliparse.extract.html2text import extract_plain_text

    return Cleaned(extract_plain_text(_markup(data, path), main_content=True))


CLEANERS: dict[str, Cleaner] = {
    "policykb": policykb,
    "trafilatura": trafilatura_fast,
    "readability-lxml": readability,
    "jusText": justext,
    "resiliparse": resiliparse,
    "cut at 相关推荐": marker_cut,
}


def _markup(data: bytes, path: str) -> str:
    """Return the page as markup, decoded by us: the comparison is of cleaning, not of guessing encodings."""
    from ingest.decoding.decode import declared_charset, decode
    from ingest.page import sniff_kind

    text = decode(data, declared=declared_charset(data)).text
    if sniff_kind(text, path) == "html":
        return re.sub(r"\A\s*<\?xml[^>]*>", "", text)
    lines = "".join(f"<p>{html.escape(line)}</p>\n" for line in text.splitlines() if line.strip())
    return f"<html><body>{lines}</body></html>"
