"""A run of recommendation snippets: the items with their fields, how sure it is that they are none of the article."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """One recommendation item: its blocks `[first, last]` (indices) and its fields as they stand on the page."""

    first: int
    last: int
    title: str
    summary: str
    category: str
    date: str

    def fields(self) -> dict[str, str]:
        """Return the fields under the names of the command contract."""
        return {"title": self.title, "summary": self.summary, "category": self.category, "date": self.date}


@dataclass(frozen=True, slots=True)
class Run:
    """A run of snippets, the marker before it (block index, or None), how sure it is, and why in words."""

    snippets: tuple[Snippet, ...]
    marker: int | None
    confidence: float
    evidence: str
    has_cut_summaries: bool
