"""The page for the maintainer."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {}
