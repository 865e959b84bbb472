"""Taking results home: formats, references, permalinks."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {}
