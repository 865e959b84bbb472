"""Reads the article that a page keeps in its JSON-LD (schema.org `articleBody`) for machines.

It counts only where nothing else shows; `dom` decides that. Broken JSON-LD is common and gives nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

_MAX_NODES = 20_000  # a page's linked data has some tens


def article_body(scripts: Sequence[str]) -> str:
    """Return the longest `articleBody` in the JSON-LD `scripts`, or an empty text."""
    best = ""
    for script in scripts:
        try:
            stack: list[Any] = [json.loads(script, strict=False)]
        except (ValueError, RecursionError):
            continue
        seen = 0
        while stack and seen < _MAX_NODES:
            node = stack.pop()
            seen += 1
            if isinstance(node, dict):
                body = node.get("articleBody")
                if isinstance(body, str) and len(body) > len(best):
                    best = body
                stack.extend(node.values())
            elif isinstance(node, list):
                stack.extend(node)
    return best.strip()
