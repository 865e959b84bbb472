"""The filters, their counts, and how to sort."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {}
