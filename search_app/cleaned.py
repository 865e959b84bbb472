"""A cleaned page as the faces need it: under the names of the command contract, and as kept and removed pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.clean import Article
from ingest.ledger import Removal
from ingest.page import Page
from ingest.traces import Trace


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch `[start, end)` of the page's text: kept where `removal` is None. All pieces together tile the text."""

    start: int
    end: int
    removal: Removal | None


def pieces(article: Article) -> Iterator[Piece]:
    """Yield the pieces of a page in order."""
    found = [Piece(start, end, None) for start, end in article.spans]
    found += [Piece(removal.start, removal.end, removal) for removal in article.removals]
    yield from sorted(found, key=lambda piece: piece.start)


def removed_share(page: Page, article: Article) -> float:
    """Return which part of the page's characters was removed, from 0 to 1."""
    return sum(removal.end - removal.start for removal in article.removals) / len(page.text)


def as_dict(page: Page, article: Article) -> dict[str, object]:
    """Return a cleaned page under the names of the command contract."""
    return {
        "path": page.path,
        "title": article.title,
        "short_answer": article.short_answer,
        "body": article.body_text,
        "confidence": article.confidence,
        "doubts": list(article.doubts),
        "as_of": article.as_of,
        "as_of_kind": article.as_of_kind,
        "sections": [
            {"heading": s.heading, "level": s.level, "path": list(s.path), "start": s.start, "end": s.end}
            for s in article.sections
        ],
        **_origin(article),
        "facts": [
            {"kind": f.kind, "value": f.value, "start": f.start, "end": f.end, "quote": f.quote} for f in article.facts
        ],
        "spans": [list(span) for span in article.spans],
        "removals": [removal_dict(page, removal) for removal in article.removals],
        "warnings": [*page.warnings, *article.notes],
    }


def _origin(article: Article) -> dict[str, object]:
    """Return the kind of source and the traces of a text generator."""
    return {
        "source": {"kind": article.source.kind, "evidence": article.source.evidence},
        "traces": [_trace_dict(trace) for trace in article.traces],
    }


def _trace_dict(trace: Trace) -> dict[str, object]:
    return {"kind": trace.kind, "start": trace.start, "end": trace.end, "quote": trace.quote}


def removal_dict(page: Page, removal: Removal) -> dict[str, object]:
    """Return one removal under the names of the command contract; `fields` and `related` on snippets only."""
    return {
        "start": removal.start,
        "end": removal.end,
        "rule": removal.rule,
        "evidence": removal.evidence,
        "confidence": removal.confidence,
        "text": page.text[removal.start : removal.end],
        **({"fields": dict(removal.fields)} if removal.fields else {}),
        **({"related": dict(removal.related.as_dict())} if removal.related else {}),
        **({"traces": [_trace_dict(trace) for trace in removal.traces]} if removal.traces else {}),
    }
