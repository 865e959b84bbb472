"""How to report a mistake of the cleaning."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {}
