"""The date of a page in words: a capture date is never called anything else."""

from __future__ import annotations

from search_app.words import Words


def date_words(as_of: str | None, kind: str | None, say: Words) -> str:
    """Return the date of a page with what kind of date it is, or that it is unknown."""
    if not as_of or kind not in ("captured", "published"):
        return say("undated")
    return say(kind, date=as_of)
