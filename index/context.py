"""What stands above a passage: the article's title and the headings, for ranking and embedding; never for citing."""

from __future__ import annotations

from collections.abc import Sequence


def context_of(title: str, heading_path: Sequence[str]) -> str:
    """Return the words that stand above a passage: the article's title and the headings."""
    return "\n".join((title, *heading_path))


def embedded_text(title: str, heading_path: Sequence[str], text: str) -> str:
    """Return what is embedded for a passage: title and headings in front, each once; what is cited never has them."""
    above = [part for part in (title, *heading_path) if not text.startswith(part)]
    return "\n".join((*above, text))
